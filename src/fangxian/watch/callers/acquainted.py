"""Since when two numbers talk with each other: a swindler is a stranger, however he calls himself.

Counted in cells like the windows, and known to an event up to the same edge (decision 19).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ..keyed import ABSENT, EMPTY, Keyed, Keys
from .cells import CELLS_IN_DAY, CELLS_IN_HOUR, Steps

# Who has not talked for so long is a stranger again.
FORGOTTEN = 14 * CELLS_IN_DAY
_LOW = np.int64((1 << 32) - 1)


class Acquaintances:
    """Pairs of numbers (stirred keys) that talked: the first cell and the last, in one value."""

    def __init__(self) -> None:
        self.settled: int | None = None
        self.waiting: dict[int, list[Keys]] = {}
        self._pairs = Keyed()

    def __len__(self) -> int:
        return len(self._pairs)

    @property
    def octets(self) -> int:
        """Bytes of memory, without what waits."""
        return self._pairs.octets

    def wait(self, steps: Steps, pairs: Keys) -> None:
        """Talks, each in its cell; `EMPTY` for what is none."""
        kept = pairs != EMPTY
        if self.settled is not None:
            kept &= steps >= self.settled
        for step in np.unique(steps[kept]).tolist():
            self.waiting.setdefault(step, []).append(pairs[kept & (steps == step)])

    def settle(self, edge: int) -> None:
        """Note the talks of all cells before `edge`."""
        for step in sorted(step for step in self.waiting if step < edge):
            pairs = np.concatenate(self.waiting.pop(step))
            places = self._pairs.places(pairs)
            _talked(self._pairs.values, places, step)
        self.settled = max(edge, self.settled or edge)

    def hours(self, pairs: Keys, edge: int) -> NDArray[np.float64]:
        """How long before `edge` each pair talked first, 0 for strangers. `edge` is the one settled
        last or the one before."""
        values = self._pairs.get(pairs)
        first, last = values >> 32, values & _LOW
        known = (values != ABSENT) & (first < edge) & (edge - last <= FORGOTTEN)
        return np.where(known, (edge - first) / CELLS_IN_HOUR, 0.0)

    def forget(self) -> None:
        """Give back the memory of those who are strangers again."""
        if self.settled is not None:
            values = self._pairs.values
            self._pairs.keep((values != ABSENT) & (self.settled - 1 - (values & _LOW) <= FORGOTTEN))

    def laid_down(self) -> dict[str, NDArray[Any]]:
        """Copies of all there is."""
        parts = [(step, pairs) for step, own in self.waiting.items() for pairs in own]
        return {
            **{f"pairs_{name}": array for name, array in self._pairs.laid_down().items()},
            "waiting": np.concatenate([p for _, p in parts] or [np.zeros(0, np.uint64)]),
            "steps": np.repeat([s for s, _ in parts], [len(p) for _, p in parts]).astype(np.int64),
            "settled": np.array([] if self.settled is None else [self.settled], np.int64),
        }

    def take_up(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """In place of what is there."""
        self._pairs.take_up({name: arrays[f"pairs_{name}"] for name in ("keys", "values")})
        self.settled, self.waiting = None, {}
        self.wait(arrays["steps"], arrays["waiting"])
        self.settled = next(iter(arrays["settled"].tolist()), None)


@njit(cache=True)
def _talked(values: Any, places: Any, step: Any) -> None:
    for i in range(len(places)):
        value = values[places[i]]
        first = value >> 32
        if value == ABSENT or step - (value & _LOW) > FORGOTTEN:
            first = step
        values[places[i]] = first << 32 | step
