"""Learns how names of reported fraud read (measuring.py is the command).

Needs catboost, which nothing at run time does. The same rows give the same model. Rows: `text` a
domain, `is_fraud` 0 or 1, `split` "train" or "dev"; the shipped weights have seen only "train".
"""

from __future__ import annotations

import json
import lzma
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .address import read_address
from .clusters import clusters_of, folds_of
from .shapes import SIZES, UNSEEN, piece_shape, pieces, shape, word_shape

SEED = 20261128
WORDS = 30_000  # the most frequent English words, of three letters or more
INNER = 4  # parts in which the features of training rows are made without those rows
TREES, DEPTH = 900, 6
LEAST_CLUSTERS = {
    3: 1,
    4: 1,
    5: 2,
    6: 2,
    0: 2,
}  # in how many clusters a piece must stand to be kept
# Nobody's domains under these stand among the common ones, by how that list was made; what they
# say of a name would be an artefact.
UNMEASURED = ("cn",)
LEAST_ENDING = -0.5

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass
class Rows:
    """The names of a set: one row each. `at` and `hashes` are those of all pieces, by size."""

    names: list[str]
    suffixes: list[str]
    fraud: Ints
    train: NDArray[np.bool_]
    clusters: Ints
    fixed: Floats  # shape and words
    at: dict[int, Ints]
    hashes: dict[int, Ints]


def read_rows(path: Path, words: frozenset[int]) -> Rows:
    """The rows of `path` (JSON lines, xz) whose host somebody can register."""
    names, suffixes, fraud, train = [], [], [], []
    with lzma.open(path, "rt", encoding="utf-8") as file:
        for row in map(json.loads, file):
            address = read_address(row["text"])
            if address is None or address.parts is None or not address.parts.name.isascii():
                continue
            names.append(address.parts.name)
            suffixes.append(address.parts.suffix)
            fraud.append(row["is_fraud"])
            train.append(row["split"] == "train")
    cut = [pieces(name) for name in names]
    return Rows(
        names,
        suffixes,
        np.array(fraud, np.int64),
        np.array(train),
        clusters_of(names),
        np.array([[*shape(name), *word_shape(name, words)] for name in names], np.float32),
        {k: np.repeat(np.arange(len(cut)), [len(c[s]) for c in cut]) for s, k in enumerate(SIZES)},
        {k: np.array([h for c in cut for h in c[s]], np.int64) for s, k in enumerate(SIZES)},
    )


def piece_table(rows: Rows, chosen: NDArray[np.bool_]) -> tuple[Ints, NDArray[np.int8]]:
    """Log-odds of each piece in the chosen rows, in sixteenths, sorted by hash. A cluster counts
    once: a gang that registered a hundred names tells of itself, not of a hundred."""
    fraud_share = len(set(rows.clusters[chosen & (rows.fraud == 1)].tolist()))
    other_share = len(set(rows.clusters[chosen & (rows.fraud == 0)].tolist()))
    keys, odds = [], []
    for size in SIZES:
        use = chosen[rows.at[size]]
        at, hashes = rows.at[size][use], rows.hashes[size][use]
        seen = np.unique((hashes * len(rows.names) + rows.clusters[at]) * 2 + rows.fraud[at])
        key, place = np.unique(seen // 2 // len(rows.names), return_inverse=True)
        bad = np.bincount(place, seen % 2, len(key))
        good = np.bincount(place, 1 - seen % 2, len(key))
        kept = bad + good >= LEAST_CLUSTERS[size]
        value = np.log((bad * other_share / fraud_share + 0.5) / (good + 0.5))
        keys.append(key[kept])
        odds.append(np.clip(np.round(value[kept] * 16), -127, 127).astype(np.int8))
    key, first = np.unique(np.concatenate(keys), return_index=True)
    return key, np.concatenate(odds)[first]


def piece_features(rows: Rows, table: tuple[Ints, NDArray[np.int8]], of: Ints) -> Floats:
    keys, odds = table
    found: list[list[list[int]]] = [[] for _ in range(len(of))]
    for size in SIZES:
        place = np.minimum(np.searchsorted(keys, rows.hashes[size]), len(keys) - 1)
        value = np.where(keys[place] == rows.hashes[size], odds[place], np.int8(UNSEEN)).tolist()
        bounds = np.searchsorted(rows.at[size], [of, of + 1])
        for i, (a, b) in enumerate(bounds.T.tolist()):
            found[i].append(value[a:b])
    return np.array([piece_shape(each) for each in found], np.float32)


def ending_table(rows: Rows, chosen: NDArray[np.bool_]) -> dict[str, tuple[float, float]]:
    """For each public suffix of three rows or more its log-odds, clusters counting once, and the
    logarithm of how many there were. None speaks much for a name: of some (.beer) the list of common
    ones holds hundreds that one party's machine made, and the next swindler may choose it."""
    told = zip(rows.suffixes, rows.clusters.tolist(), rows.fraud.tolist(), strict=True)
    pairs = {
        (s, c, f)
        for (s, c, f), use in zip(told, chosen.tolist(), strict=True)
        if use and s.rpartition(".")[2] not in UNMEASURED
    }
    bad = Counter(s for s, _, f in pairs if f)
    good = Counter(s for s, _, f in pairs if not f)
    scale = good.total() / bad.total()
    return {
        s: (
            max(LEAST_ENDING, float(np.log((bad[s] * scale + 1) / (good[s] + 1)))),
            float(np.log1p(bad[s] + good[s])),
        )
        for s in sorted(bad | good)
        if bad[s] + good[s] >= 3
    }


def features(rows: Rows, seen: NDArray[np.bool_], of: Ints) -> Floats:
    """The features of rows `of` as a model sees them that was made from the rows `seen`."""
    endings = ending_table(rows, seen)
    told = np.array([endings.get(rows.suffixes[i], (0.0, 0.0)) for i in of], np.float32)
    return np.hstack([rows.fixed[of], piece_features(rows, piece_table(rows, seen), of), told])


def crossed(rows: Rows, chosen: NDArray[np.bool_]) -> Floats:
    """Features of the chosen rows, each made without its own part of them."""
    part = folds_of(rows.clusters, INNER, SEED + 1)
    x = np.zeros((len(rows.names), 0), np.float32)
    for p in range(INNER):
        of = np.flatnonzero(chosen & (part == p))
        made = features(rows, chosen & (part != p), of)
        if not x.size:
            x = np.zeros((len(rows.names), made.shape[1]), np.float32)
        x[of] = made
    return x[chosen]


def grow(x: Floats, y: Ints) -> dict[str, Any]:
    """Oblivious trees by CatBoost, as the JSON it writes."""
    from catboost import CatBoostClassifier

    model = CatBoostClassifier(
        iterations=TREES,
        depth=DEPTH,
        learning_rate=0.06,
        l2_leaf_reg=6,
        random_seed=SEED,
        thread_count=1,
        bootstrap_type="Bernoulli",
        subsample=0.8,
        rsm=0.5,
        border_count=64,
        verbose=False,
        allow_writing_files=False,
    ).fit(x, y)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        model.save_model(str(path), format="json")
        found: dict[str, Any] = json.loads(path.read_text())
        return found


def trees_of(grown: dict[str, Any]) -> tuple[NDArray[np.uint8], Floats, NDArray[np.int16], float]:
    """Features, borders, leaves and the unit of the leaves; the bias is spread over the trees."""
    column = {f["flat_feature_index"]: f["feature_index"] for f in grown["features_info"]["float_features"]}  # fmt: skip
    index, borders, leaves = [], [], []
    for tree in grown["oblivious_trees"]:
        splits = tree["splits"]
        lacking = DEPTH - len(splits)
        index.append([column.get(s["float_feature_index"], 0) for s in splits] + [0] * lacking)
        borders.append([s["border"] for s in splits] + [np.inf] * lacking)
        leaves.append(tree["leaf_values"] + [0.0] * (2**DEPTH - len(tree["leaf_values"])))
    unit = float(np.abs(leaves).max()) / 32_000
    return (
        np.array(index, np.uint8),
        np.array(borders, np.float32),
        np.round(np.array(leaves) / unit).astype(np.int16),
        unit,
    )


def predict(grown: dict[str, Any], x: Floats) -> Floats:
    index, borders, leaves, unit = trees_of(grown)
    total = np.zeros(len(x), np.float32)
    for f, border, leaf in zip(index, borders, leaves, strict=True):
        total += leaf[(x[:, f] > border) @ (2 ** np.arange(DEPTH))] * np.float32(unit)
    return total
