"""How alike two texts are, from 128 bytes each: MinHash over runs of three characters.

The share of places in which two sketches agree estimates the share of runs that the texts have in
common (Jaccard). Source: Broder, On the resemblance and containment of documents, 1997; one byte
a place: Li and König, b-Bit minwise hashing, 2010.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

RUN = 3
PLACES = 128
BANDS, ROWS = 32, 4
# Two wordings are alike from this share of common runs on. With 0.5 the bank points of one bank and
# of another are one campaign; with 0.7 a third of a campaign's pairs are lost (bench_campaigns).
ALIKE = 0.6
# Places that agree then: those that must, and one in 256 of the others by chance.
ENOUGH = round(PLACES * (ALIKE + (1 - ALIKE) / 256))


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Every bit of the result hangs on every bit of the value (the finisher of splitmix64)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


# Fixed for good, unlike what a generator of NumPy gives from one version to the next: sketches are saved.
_CHOSEN = _mixed(np.arange(1, 2 * PLACES + RUN + ROWS + 1, dtype=np.uint64)) | np.uint64(1)
_TIMES, _PLUS = _CHOSEN[:PLACES, None], _CHOSEN[PLACES : 2 * PLACES, None]
_STEPS, _BAND_STEPS = _CHOSEN[-ROWS - RUN : -ROWS], _CHOSEN[-ROWS:]
_BAND = np.arange(BANDS, dtype=np.uint64) << np.uint64(32)
# Runs worked on at once: 128 places of 8 bytes each for every one of them.
_AT_ONCE = 8_192


def sketches(texts: Sequence[str]) -> tuple[NDArray[np.uint8], NDArray[np.uint64]]:
    """Of each text its sketch (n, 128), and the keys of its bands (n, 32).

    A key holds its band in the upper half. Each text has at least three characters.
    """
    marks = np.empty((len(texts), PLACES), np.uint8)
    keys = np.empty((len(texts), BANDS), np.uint64)
    start = 0
    while start < len(texts):
        stop, runs = start + 1, len(texts[start])
        while stop < len(texts) and runs + len(texts[stop]) <= _AT_ONCE:
            runs += len(texts[stop])
            stop += 1
        least = _least(texts[start:stop])
        marks[start:stop] = least & 0xFF
        rows = least.reshape(-1, BANDS, ROWS).astype(np.uint64)
        keys[start:stop] = _BAND | (_mixed(rows @ _BAND_STEPS) >> np.uint64(32))
        start = stop
    return marks, keys


def _least(texts: Sequence[str]) -> NDArray[Any]:
    """The least hash of every text's runs in each of the 128 places: (n, 128), 32 bits."""
    points = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    wide = points.astype(np.uint64)
    run = np.zeros(len(wide) - RUN + 1, np.uint64)
    for place in range(RUN):
        run += wide[place : place + len(run)] * _STEPS[place]
    lengths = np.array([len(text) for text in texts])
    ends = np.cumsum(lengths)
    # Runs that reach over the end of a text are none of its own.
    own = np.ones(len(run), bool)
    for back in range(1, RUN):
        own[ends[:-1] - back] = False
    starts = np.concatenate(([0], np.cumsum(lengths[:-1] - RUN + 1)))
    hashed = _mixed(run[own]) * _TIMES + _PLUS
    return np.minimum.reduceat((hashed >> np.uint64(32)).astype(np.uint32), starts, axis=1).T
