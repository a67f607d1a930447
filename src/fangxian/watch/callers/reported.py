"""How many residents reported a number, sender, host or account: a gang rings the next one with it.

Counted in cells like the windows, and known to an event up to the same edge (decision 19).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ..keyed import ABSENT, EMPTY, Keyed, Keys, stirred
from ..laid import Arrays, part, under
from .cells import CELLS_IN_DAY, Steps
from .waiting import Waiting

# Of whom nobody reported anything for so long nothing is known any more: numbers get other owners.
FORGOTTEN = 14 * CELLS_IN_DAY
# In one value: the last cell, how many before it, and how many with it.
_LAST, _BEFORE = 32, 16
_COUNT, _CELL = np.int64((1 << 16) - 1), np.int64((1 << 31) - 1)


class Reported:
    """Names (hashed keys), and who (keys, too) reported each: a resident counts once in that time."""

    def __init__(self) -> None:
        self._waiting, self._names, self._pairs = Waiting(), Keyed(), Keyed()

    def wait(self, steps: Steps, keys: Keys, residents: Keys) -> None:
        """Reports of names, each in its cell, in order of cells; `EMPTY` for none."""
        self._waiting.add(steps, keys != EMPTY, (keys, residents))

    def settle(self, edge: int) -> None:
        """Count those of all cells before `edge`."""
        for step, (keys, residents) in self._waiting.settle(edge):
            pairs, places = self._pairs.places(stirred(keys, residents)), self._names.places(keys)
            _counted(self._names.values, places, self._pairs.values, pairs, step)

    def look_up(self, keys: Keys, edge: int) -> NDArray[np.float64]:
        """How many reported each before `edge`, the one settled last or the one before; nan for
        `EMPTY`."""
        if not len(self._names):
            return np.where(keys == EMPTY, np.nan, 0.0)
        values = self._names.get(keys)
        last = values >> _LAST & _CELL
        counts = np.where(last < edge, values, values >> _BEFORE) & _COUNT
        known = (values != ABSENT) & (edge - last <= FORGOTTEN)
        return np.where(keys == EMPTY, np.nan, np.where(known, counts, 0).astype(np.float64))

    def forget(self) -> None:
        """Give back the memory of what counts no more."""
        settled = self._waiting.settled
        if settled is not None:
            self._names.let_go(settled - 1 - (self._names.values >> _LAST & _CELL) > FORGOTTEN)
            self._pairs.let_go(settled - 1 - self._pairs.values > FORGOTTEN)

    def laid_down(self) -> Arrays:
        """All there is: copies, or what never changes."""
        return {
            **under("names_", self._names.laid_down()),
            **under("pairs_", self._pairs.laid_down()),
            **under("waiting_", self._waiting.laid_down()),
        }

    def take_up(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """In place of what is there."""
        self._names.take_up(part(arrays, "names_"))
        self._pairs.take_up(part(arrays, "pairs_"))
        self._waiting.take_up(part(arrays, "waiting_"))


@njit(cache=True, nogil=True)
def _counted(values: Any, places: Any, pairs: Any, of_pair: Any, step: Any) -> None:
    for i in range(len(places)):
        met = pairs[of_pair[i]]
        if met != ABSENT and step - met <= FORGOTTEN:
            continue
        pairs[of_pair[i]] = step
        value = values[places[i]]
        last, before, now = value >> _LAST & _CELL, value >> _BEFORE & _COUNT, value & _COUNT
        if value == ABSENT or step - last > FORGOTTEN:
            before, now = np.int64(0), np.int64(0)
        elif last < step:
            before = now
        values[places[i]] = np.int64(step) << _LAST | before << _BEFORE | min(now + 1, _COUNT)
