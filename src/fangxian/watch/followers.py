"""Events that only go on with a signal ("… then a bank code"): of nearly nobody are they ever needed.

They are kept aside, in columns, until nothing that they could follow can come any more; who needs them
asks for those of a resident.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

import numpy as np
from numba import njit

from .keyed import ABSENT, Keyed
from .marked import Ints, Marked, nothing_marked


class Followers:
    """Events by resident, each with the place of that resident's one before."""

    def __init__(self) -> None:
        self._last = Keyed()
        self._parts: list[Marked] = []
        self._before: list[Ints] = []
        self._begins: list[int] = []  # the place of each part's first event
        self._next = 0

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    def add(self, events: Marked) -> None:
        """Put events aside."""
        if not len(events):
            return
        places = self._last.places(events.keys)
        self._before.append(_linked(self._last.values, places, self._next))
        self._parts.append(events)
        self._begins.append(self._next)
        self._next += len(events)

    def of(self, key: int, wanted: int) -> Marked:
        """Those of a resident that have a mark of `wanted`, the newest to come first."""
        place = int(self._last.get(np.array([key], np.uint64))[0])
        found = []
        while self._begins and place >= self._begins[0]:
            part = bisect_right(self._begins, place) - 1
            row = place - self._begins[part]
            if int(self._parts[part].marks[row]) & wanted:
                found.append(self._parts[part].among(np.array([row])))
            place = int(self._before[part][row])
        return Marked.joined(found) if found else nothing_marked()

    def forget(self, settled: int) -> None:
        """Drop what is older than `settled` (microseconds), as far as whole batches are."""
        old = 0
        while old < len(self._parts) and self._parts[old].times[-1] < settled:
            old += 1
        del self._parts[:old], self._before[:old], self._begins[:old]
        if len(self._last) > 4096 and 4 * len(self) < len(self._last):
            values = self._last.values
            self._last.keep((values != ABSENT) & (values >= self._next - len(self)))

    def everything(self) -> Marked:
        """All of them, in the order they came."""
        return Marked.joined(self._parts) if self._parts else nothing_marked()


@njit(cache=True)
def _linked(last: Any, places: Any, first: Any) -> Any:
    before = np.empty(len(places), np.int64)
    for i in range(len(places)):
        before[i] = last[places[i]]
        last[places[i]] = first + i
    return before
