"""The marked events of the last days, in columns: of nearly nobody are they ever looked at.

Each has the place of its resident's one before, so that those of one resident are found at once.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

import numpy as np
from numba import njit

from .keyed import ABSENT, Keyed
from .marked import Ints, Marked
from .signals import Seen

# Batches are put together up to so many events: few parts to look through, and what is old goes soon.
_PART = 1 << 16


class Lately:
    """Events by resident, added in any order."""

    def __init__(self) -> None:
        self._last = Keyed()
        self._parts: list[tuple[Marked, Ints]] = []  # events, the place of each one's one before
        self._begins: list[int] = []  # the place of each part's first event
        self._next = 0

    def __len__(self) -> int:
        return self._next - self._begins[0] if self._begins else 0

    @property
    def octets(self) -> int:
        """Bytes of memory."""
        return self._last.octets + sum(e.octets + before.nbytes for e, before in self._parts)

    def add(self, events: Marked) -> None:
        """Put events with the others."""
        if not len(events):
            return
        places = self._last.places(events.keys)
        before = _linked(self._last.values, places, self._next)
        self._parts.append((events, before))
        self._begins.append(self._next)
        self._next += len(events)
        # Each part at least twice as long as the next: an event is copied a few times in its life.
        while len(self._parts) > 1 and self._short():
            (one, its), (other, others) = self._parts[-2:]
            self._parts[-2:] = [(Marked.joined([one, other]), np.concatenate([its, others]))]
            del self._begins[-1]

    def _short(self) -> bool:
        one, other = len(self._parts[-2][0]), len(self._parts[-1][0])
        return one < 2 * other and one + other <= _PART

    def of(self, resident: str, key: int) -> list[Seen]:
        """Those of a resident (and the hash of its name), in order."""
        place = int(self._last.get(np.array([key], np.uint64))[0])
        found = []
        while self._begins and place >= self._begins[0]:
            at = bisect_right(self._begins, place) - 1
            events, before = self._parts[at]
            name, event = events.one(place - self._begins[at])
            if name == resident:
                found.append(event)
            place = int(before[place - self._begins[at]])
        return sorted(found)

    def forget(self, before: int) -> None:
        """Drop what is older (microseconds), as far as whole parts are."""
        old = 0
        while old < len(self._parts) and self._parts[old][0].times.max() < before:
            old += 1
        del self._parts[:old], self._begins[:old]
        if len(self._last) > 4096 + 4 * len(self):
            values = self._last.values
            self._last.keep((values != ABSENT) & (values >= self._next - len(self)))

    def parts(self) -> list[Marked]:
        """All of them, in the order they came. Added again in these parts they are as they were."""
        return [events for events, _ in self._parts]


@njit(cache=True, nogil=True)
def _linked(last: Any, places: Any, first: Any) -> Any:
    before = np.empty(len(places), np.int64)
    for i in range(len(places)):
        before[i] = last[places[i]]
        last[places[i]] = first + i
    return before
