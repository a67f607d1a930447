"""Logistic regression on hashed n-grams, one text at a time, each n-gram at its own pace (AdaGrad).

Of what was tried this carried over best to texts of other sources: L-BFGS on the same texts finds
a lower loss and much worse weights, for rare n-grams hardly move. Dropping n-grams at random keeps
the weight from resting on a few of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..tokens import batch, grams

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Pace:
    """How to learn: measured in decision 18."""

    epochs: int = 6
    rate: float = 0.1
    drop: float = 0.2
    shrink: float = 5e-3


@dataclass(frozen=True)
class Counted:
    """The n-grams of many texts: places without repetition, how often each, and where a text's
    begin."""

    offsets: NDArray[np.int64]
    places: NDArray[np.int64]
    counts: Floats

    def __len__(self) -> int:
        return len(self.offsets) - 1


def counted(texts: list[str], bits: int) -> Counted:
    """Read texts; the value of a place is how often it occurs by the root of all n-grams."""
    offsets, hashes = grams(batch(texts))
    places = hashes & np.uint32((1 << bits) - 1)
    text = np.repeat(np.arange(len(texts)), np.diff(offsets))
    keys, counts = np.unique(text.astype(np.int64) << bits | places, return_counts=True)
    whose = keys >> bits
    root = np.sqrt(np.maximum(np.diff(offsets), 1))
    return Counted(
        np.searchsorted(whose, np.arange(len(texts) + 1)),
        keys & (1 << bits) - 1,
        counts / root[whose],
    )


def learn(
    rows: Counted,
    labels: NDArray[np.int64],
    weights: Floats,
    classes: int,
    bits: int,
    pace: Pace,
    seed: int,
) -> tuple[Floats, Floats]:
    """(weights: places x classes, bias: classes) of a softmax over `classes`; `labels` are class
    numbers, `weights` how much each text counts (1 on average). The same seed gives the same."""
    rng = np.random.default_rng(seed)
    table = np.zeros((1 << bits, classes))
    moved = np.full_like(table, 1e-3)
    bias, bias_moved = np.zeros(classes), np.full(classes, 1e-3)
    wanted = np.eye(classes)[labels]
    lift = 1 / np.sqrt(1 - pace.drop)
    for epoch in range(pace.epochs):
        rate = pace.rate * (1 - 0.8 * epoch / pace.epochs)
        for row in rng.permutation(len(rows)):
            mine = slice(rows.offsets[row], rows.offsets[row + 1])
            places, values = rows.places[mine], rows.counts[mine] * lift
            if not len(places):
                continue
            own = table[places]
            kept = values * (rng.random(len(places)) >= pace.drop)
            z = kept @ own + bias
            z = np.exp(z - z.max())
            slope = weights[row] * (z / z.sum() - wanted[row])
            bias_moved += slope * slope
            bias -= 0.3 * rate * slope / np.sqrt(bias_moved)
            step = values[:, None] * slope + pace.shrink * weights[row] * own
            moved[places] += step * step
            table[places] = own - rate * step / np.sqrt(moved[places])
    return table, bias
