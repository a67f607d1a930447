"""Since when numbers, senders, hosts, apps and accounts are seen here, and how many residents had to do
with them: a gang's are new, and reach many.

Counted in cells like the windows, and known to an event up to the same edge (decision 19).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ..keyed import ABSENT, EMPTY, Keyed, Keys
from ..laid import Arrays, part, under
from .cells import CELLS_IN_DAY, CELLS_IN_HOUR, Steps
from .waiting import Waiting

# Whoever was not seen for so long is new again.
FORGOTTEN = 30 * CELLS_IN_DAY
# A watch that began less than so long ago has seen too little to call anybody new.
LEARNING = 7 * CELLS_IN_DAY
# Hours for whom it saw in that time: they may have been here for years.
KNOWN = FORGOTTEN / CELLS_IN_HOUR
# Residents fall into so many groups. A name with a row for each pair would take a hundred times the
# memory; that it has reached so many groups says that it has reached so many residents at least.
GROUPS = 8
# In one value: the first cell and the last (till 2129), the groups before the last cell and with it.
_FIRST, _LAST, _BEFORE = 39, 16, 8
_CELL, _GROUPS = np.int64((1 << 23) - 1), np.int64((1 << GROUPS) - 1)
_HOW_MANY = np.array([bin(groups).count("1") for groups in range(1 << GROUPS)], np.float64)
Floats = NDArray[np.float64]


class Since:
    """Names (hashed keys), one value each."""

    def __init__(self) -> None:
        self.began: int | None = None  # the first cell of all
        self._waiting, self._seen = Waiting(), Keyed()

    def __len__(self) -> int:
        return len(self._seen)

    @property
    def octets(self) -> int:
        """Bytes of memory, without what waits."""
        return self._seen.octets

    def wait(self, steps: Steps, keys: Keys, residents: Keys) -> None:
        """Names seen by residents, each in its cell, in order of cells; `EMPTY` for none."""
        self._waiting.add(steps, keys != EMPTY, (keys, group_of(residents)))

    def settle(self, edge: int) -> None:
        """Note what was seen in all cells before `edge`."""
        for step, (keys, groups) in self._waiting.settle(edge):
            places = self._seen.places(keys)
            _noted(self._seen.values, places, groups, step)
            self.began = step if self.began is None else min(self.began, step)

    def look_up(self, keys: Keys, edge: int) -> tuple[Floats, Floats]:
        """(hours, reach). How long before `edge` each was seen first, 0 for who never was, KNOWN for
        who was seen while the watch was LEARNING; nan as long as it is. How many groups of residents
        it reached. Both nan for `EMPTY`. `edge` is the one settled last or the one before."""
        values = self._seen.get(keys)
        first, last = values >> _FIRST, values >> _LAST & _CELL
        known = (values != ABSENT) & (first < edge) & (edge - last <= FORGOTTEN)
        groups = np.where(last < edge, values, values >> _BEFORE) & _GROUPS
        reach = np.where(known, _HOW_MANY[groups], 0.0)
        reach[keys == EMPTY] = np.nan
        if self.began is None or edge - self.began < LEARNING:
            return np.full(len(keys), np.nan), reach
        hours = np.where(known, (edge - first) / CELLS_IN_HOUR, 0.0)
        hours[known & (first - self.began < LEARNING)] = KNOWN
        hours[keys == EMPTY] = np.nan
        return hours, reach

    def forget(self) -> None:
        """Give back the memory of those who are new again."""
        if self._waiting.settled is not None:
            last = self._seen.values >> _LAST & _CELL
            self._seen.let_go(self._waiting.settled - 1 - last > FORGOTTEN)

    def laid_down(self) -> Arrays:
        """All there is: copies, or what never changes."""
        return {
            **under("seen_", self._seen.laid_down()),
            **under("waiting_", self._waiting.laid_down()),
            "began": np.array([] if self.began is None else [self.began], np.int64),
        }

    def take_up(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """In place of what is there."""
        self._seen.take_up(part(arrays, "seen_"))
        self._waiting.take_up(part(arrays, "waiting_"))
        self.began = next(iter(arrays["began"].tolist()), None)


def group_of(residents: Keys) -> NDArray[np.int64]:
    """A bit for each resident's group."""
    return np.int64(1) << (residents % np.uint64(GROUPS)).astype(np.int64)


@njit(cache=True, nogil=True)
def _noted(values: Any, places: Any, groups: Any, step: Any) -> None:
    for i in range(len(places)):
        value = values[places[i]]
        first, last = value >> _FIRST, value >> _LAST & _CELL
        before, now = value >> _BEFORE & _GROUPS, value & _GROUPS
        if value == ABSENT or step - last > FORGOTTEN:
            first, before, now = np.int64(step), np.int64(0), np.int64(0)
        elif last < step:
            before = now
        values[places[i]] = first << _FIRST | step << _LAST | before << _BEFORE | now | groups[i]
