"""How well names are told apart, on clusters that training did not see; and the training command.

python -m fangxian.detect.links.measuring domains.jsonl.xz [--folds 5] [--write]
"""

from __future__ import annotations

import argparse
import gzip
import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .clusters import folds_of
from .shapes import piece_hash
from .training import (  # fmt: skip
    SEED,
    WORDS,
    Floats,
    Ints,
    Rows,
    crossed,
    ending_table,
    features,
    grow,
    piece_table,
    predict,
    read_rows,
    trees_of,
)

OF_ENDING = 2  # the last columns of the features, which tell of the public suffix


def recall_at(scores: Floats, fraud: Ints, false_alarms: float) -> float:
    """The share of fraud above the threshold that `false_alarms` of the others are above."""
    others = np.sort(scores[fraud == 0])[::-1]
    return float((scores[fraud == 1] > others[int(false_alarms * len(others))]).mean())


def calibrate(scores: Floats, fraud: Ints) -> tuple[float, float]:
    """Slope and shift that make of a score the log of how many times likelier it is among fraud
    (Platt's logistic fit by Newton's method, both sides counting the same)."""
    weight = np.where(fraud == 1, 0.5 / (fraud == 1).mean(), 0.5 / (fraud == 0).mean())
    x, ab = np.column_stack([scores, np.ones(len(scores))]).astype(float), np.zeros(2)
    for _step in range(30):
        p = 1 / (1 + np.exp(-(x @ ab)))
        gradient = x.T @ (weight * (fraud - p))
        ab = ab + np.linalg.solve((x * (weight * p * (1 - p))[:, None]).T @ x, gradient)
    return float(ab[0]), float(ab[1])


def held_back(rows: Rows, chosen: NDArray[np.bool_], folds: int, endings: bool = True) -> Floats:
    """For each chosen row the score of a model that saw no name of its fold (nan for others)."""
    fold = folds_of(rows.clusters, folds, SEED)
    scores = np.full(len(rows.names), np.nan, np.float32)
    for k in range(folds):
        of, seen = np.flatnonzero(chosen & (fold == k)), chosen & (fold != k)
        x, x_of = crossed(rows, seen), features(rows, seen, of)
        if not endings:
            x, x_of = x[:, :-OF_ENDING], x_of[:, :-OF_ENDING]
        scores[of] = predict(grow(x, rows.fraud[seen]), x_of)
        told = [f"{recall_at(scores[of], rows.fraud[of], at):.3f}" for at in (0.001, 0.01, 0.03)]
        print(f"fold {k}: recall at 0.1, 1, 3 % false alarms: {' '.join(told)}", flush=True)
    return scores


def english_words() -> frozenset[int]:
    """Hashes of the most frequent English words of wordninja's list (MIT; from Wikipedia)."""
    import wordninja

    folder = Path(wordninja.__file__).parent
    [path] = folder.rglob("wordninja_words.txt.gz")
    words = gzip.decompress(path.read_bytes()).decode().split()
    return frozenset(piece_hash(w) for w in [w for w in words if len(w) >= 3][:WORDS])


def steps(keys: Ints) -> NDArray[np.uint32]:
    """The differences of sorted keys: small numbers, which pack well."""
    return np.diff(keys, prepend=0).astype(np.uint32)


def packed(
    rows: Rows,
    chosen: NDArray[np.bool_],
    grown: dict[str, Any],
    words: frozenset[int],
    fit: tuple[float, float],
) -> bytes:
    """weights.npz as reading.py opens it; the same arrays give the same bytes."""
    keys, odds = piece_table(rows, chosen)
    index, borders, leaves, unit = trees_of(grown)
    endings = ending_table(rows, chosen)
    arrays = {
        "key_steps": _narrow(steps(keys)),
        "odds": odds,
        "word_steps": _narrow(steps(np.array(sorted(words)))),
        "ending_names": np.frombuffer(" ".join(endings).encode(), np.uint8),
        "endings": np.array(list(endings.values()), np.float32),
        "features": index,
        "borders": borders,
        "leaves": leaves,
        "leaf_unit": np.float32(unit),
        "calibration": np.array(fit),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, array in arrays.items():
            one = io.BytesIO()
            np.lib.format.write_array(one, np.asarray(array), allow_pickle=False)
            # A fixed date: the time of training is no part of what was learned.
            entry = zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_LZMA
            file.writestr(entry, one.getvalue())
    return out.getvalue()


def _narrow(values: NDArray[np.uint32]) -> NDArray[Any]:
    return values.astype(np.min_scalar_type(int(values.max())))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("domains", type=Path)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--no-endings", action="store_true", help="measure without public suffix")
    parser.add_argument(
        "--write", action="store_true", help="train on split train and write weights.npz"
    )
    told = parser.parse_args()
    words = english_words()
    rows = read_rows(told.domains, words)
    print(f"{len(rows.names):,} names in {len(np.unique(rows.clusters)):,} clusters")
    everything = np.ones(len(rows.names), bool)
    scores = held_back(rows, everything, told.folds, not told.no_endings)
    for at in (0.001, 0.01, 0.03):
        print(
            f"all folds: recall at {at:.1%} false alarms: {recall_at(scores, rows.fraud, at):.3f}"
        )
    if not told.write:
        return
    fit = calibrate(scores, rows.fraud)
    grown = grow(crossed(rows, rows.train), rows.fraud[rows.train])
    dev = np.flatnonzero(~rows.train)
    on_dev = predict(grown, features(rows, rows.train, dev))
    print(f"given split, dev: {recall_at(on_dev, rows.fraud[dev], 0.01):.3f} at 1 % false alarms")
    data = packed(rows, rows.train, grown, words, fit)
    Path(__file__).with_name("weights.npz").write_bytes(data)
    print(f"weights.npz: {len(data):,} bytes; slope {fit[0]:.3f}, shift {fit[1]:.3f}")


if __name__ == "__main__":
    main()
