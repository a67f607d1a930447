"""Since when numbers, senders, hosts, apps and accounts are seen here: a gang's are new.

Counted in cells like the windows, and known to an event up to the same edge (decision 19).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ..keyed import ABSENT, EMPTY, Keyed, Keys
from .cells import CELLS_IN_DAY, CELLS_IN_HOUR, Steps, cells

# Whoever was not seen for so long is new again.
FORGOTTEN = 30 * CELLS_IN_DAY
# A watch that began less than so long ago has seen too little to call anybody new.
LEARNING = 7 * CELLS_IN_DAY
# Hours for whom it saw in that time: they may have been here for years.
KNOWN = FORGOTTEN / CELLS_IN_HOUR
_LOW = np.int64((1 << 32) - 1)


class Since:
    """Names (hashed keys): the first cell and the last in which each was seen, in one value."""

    def __init__(self) -> None:
        self.settled: int | None = None
        self.began: int | None = None  # the first cell of all
        self.waiting: dict[int, list[Keys]] = {}
        self._seen = Keyed()

    def __len__(self) -> int:
        return len(self._seen)

    @property
    def octets(self) -> int:
        """Bytes of memory, without what waits."""
        return self._seen.octets

    def wait(self, steps: Steps, keys: Keys) -> None:
        """Names seen, each in its cell, in order of cells; `EMPTY` for none."""
        kept = keys != EMPTY
        if self.settled is not None:
            kept &= steps >= self.settled
        keys = keys[kept]
        for step, own in cells(steps[kept]):
            self.waiting.setdefault(step, []).append(keys[own])

    def settle(self, edge: int) -> None:
        """Note what was seen in all cells before `edge`."""
        for step in sorted(step for step in self.waiting if step < edge):
            keys = np.concatenate(self.waiting.pop(step))
            places = self._seen.places(keys)
            _noted(self._seen.values, places, step)
            self.began = step if self.began is None else min(self.began, step)
        self.settled = max(edge, self.settled or edge)

    def hours(self, keys: Keys, edge: int) -> NDArray[np.float64]:
        """How long before `edge` each was seen first, 0 for who never was, KNOWN for who was seen
        while the watch was LEARNING; nan as long as it is, and for `EMPTY`. `edge` is the one settled
        last or the one before."""
        if self.began is None or edge - self.began < LEARNING:
            return np.full(len(keys), np.nan)
        values = self._seen.get(keys)
        first, last = values >> 32, values & _LOW
        known = (values != ABSENT) & (first < edge) & (edge - last <= FORGOTTEN)
        hours = np.where(known, (edge - first) / CELLS_IN_HOUR, 0.0)
        hours[known & (first - self.began < LEARNING)] = KNOWN
        return np.where(keys == EMPTY, np.nan, hours)

    def forget(self) -> None:
        """Give back the memory of those who are new again."""
        if self.settled is not None:
            values = self._seen.values
            self._seen.let_go(self.settled - 1 - (values & _LOW) > FORGOTTEN)

    def laid_down(self) -> dict[str, NDArray[Any]]:
        """Copies of all there is."""
        parts = [(step, keys) for step, own in sorted(self.waiting.items()) for keys in own]
        at = [-1 if moment is None else moment for moment in (self.settled, self.began)]
        return {
            **{f"seen_{name}": array for name, array in self._seen.laid_down().items()},
            "waiting": np.concatenate([p for _, p in parts] or [np.zeros(0, np.uint64)]),
            "steps": np.repeat([s for s, _ in parts], [len(p) for _, p in parts]).astype(np.int64),
            "at": np.array(at, np.int64),
        }

    def take_up(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """In place of what is there."""
        self._seen.take_up({name: arrays[f"seen_{name}"] for name in ("keys", "values")})
        self.settled, self.waiting = None, {}
        self.wait(arrays["steps"], arrays["waiting"])
        self.settled, self.began = (None if at < 0 else at for at in arrays["at"].tolist())


@njit(cache=True, nogil=True)
def _noted(values: Any, places: Any, step: Any) -> None:
    for i in range(len(places)):
        value = values[places[i]]
        first = value >> 32
        if value == ABSENT or step - (value & _LOW) > FORGOTTEN:
            first = step
        values[places[i]] = first << 32 | step
