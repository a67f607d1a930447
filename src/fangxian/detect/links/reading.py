"""How a registered name reads: like those that were reported as fraud, or like common ones.

The model is trained by training.py and kept in weights.npz; at run time it needs NumPy alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .shapes import LONGEST, UNSEEN, piece_hash, piece_shape, pieces, shape, word_shape

LEAST, MOST = -3.0, 4.0  # a name alone never says more than this


@dataclass(frozen=True)
class Weights:
    """The trained model. `keys` (sorted) and `odds`: log-odds of pieces in sixteenths; `words`:
    hashes of English words; `endings`: public suffix -> log-odds and log count; the trees are
    oblivious, eight questions each, the last ones always answered no: `features` and `borders`
    (8 * trees), `leaves`, and where the leaves of each tree begin."""

    keys: NDArray[np.int32]
    odds: NDArray[np.int8]
    words: frozenset[int]
    endings: dict[str, tuple[float, float]]
    features: NDArray[np.intp]
    borders: NDArray[np.float32]
    leaves: NDArray[np.float32]
    first_leaf: NDArray[np.intp]
    slope: float
    shift: float


@cache
def weights() -> Weights:
    """The weights that are shipped, read when first asked for."""
    with np.load(Path(__file__).with_name("weights.npz"), allow_pickle=False) as raw:
        names = bytes(raw["ending_names"]).decode().split(" ")
        trees, depth = raw["features"].shape
        wide = ((0, 0), (0, 8 - depth))
        return Weights(
            keys=np.cumsum(raw["key_steps"].astype(np.int64)).astype(np.int32),
            odds=raw["odds"],
            words=frozenset(np.cumsum(raw["word_steps"].astype(np.int64)).tolist()),
            endings=dict(zip(names, map(tuple, raw["endings"].tolist()), strict=True)),
            features=np.pad(raw["features"].astype(np.intp), wide).ravel(),
            borders=np.pad(raw["borders"], wide, constant_values=np.inf).ravel(),
            leaves=raw["leaves"].astype(np.float32).ravel() * raw["leaf_unit"],
            first_leaf=np.arange(trees) * 2**depth,
            slope=float(raw["calibration"][0]),
            shift=float(raw["calibration"][1]),
        )


@lru_cache(maxsize=65_536)
def name_weight(name: str, suffix: str) -> float:
    """What the registered name `name` below `suffix` adds to the log-odds of fraud, LEAST to MOST.

    0 for names of other letters than a to z: those of the training set are too few.
    """
    name = name[:LONGEST]
    if not name.isascii():
        return 0.0
    known = weights()
    raw = score(known, name, suffix)
    return min(MOST, max(LEAST, known.slope * raw + known.shift))


def ending_weight(suffix: str) -> float:
    """What the public suffix alone adds to the log-odds, by the training split; 0 if too rare there
    or never measured (.cn, of which the common names we learned from held none)."""
    return weights().endings.get(suffix, (0.0, 0.0))[0]


def is_word(text: str) -> bool:
    """Whether `text` is one of the frequent English words, of three letters or more."""
    return piece_hash(text.lower()) in weights().words


def score(known: Weights, name: str, suffix: str) -> float:
    """The sum of the trees, before it is calibrated."""
    hashes = pieces(name)
    flat = np.array([h for row in hashes for h in row], np.int32)
    at = np.minimum(np.searchsorted(known.keys, flat), len(known.keys) - 1)
    odds = np.where(known.keys[at] == flat, known.odds[at], np.int8(UNSEEN)).tolist()
    cut, rows = 0, []
    for row in hashes:
        rows.append(odds[cut : cut + len(row)])
        cut += len(row)
    x = np.array(
        [
            *shape(name),
            *word_shape(name, known.words),
            *piece_shape(rows),
            *known.endings.get(suffix, (0.0, 0.0)),
        ],
        np.float32,
    )
    # Eight answers are one byte, which is the number of the leaf.
    leaf = np.packbits(x[known.features] > known.borders, bitorder="little")
    return float(known.leaves[known.first_leaf + leaf].sum())
