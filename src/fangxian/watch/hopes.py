"""Whose events could add up to a warning at all: an upper bound, so that nearly nobody need be looked
at one by one.

For each resident it is remembered when each sort of event that a signal asks for came last, and on
which of the last days which signal could have held. A signal could hold where all its events came near
enough to one another; whether they did, in order and by the same number, is not asked. So the bound is
never below what the signals add up to, in whatever order events come.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .keyed import ABSENT, Keyed
from .marked import Marked
from .signals import Book

# A person has few events that a signal asks for. Whoever has more in a day is a switchboard, or an
# attack on the watch's memory: what comes beyond is counted and left out.
MOST = 300
MEMORY_DAYS = 1
# Days that can matter together: those of the memory, the one they are counted from, the one to which
# an absence reaches.
RING = MEMORY_DAYS + 2
MINUTE = 60_000_000
DAY = 1440 * MINUTE
_NEVER = np.int32(-(1 << 30))
Flags = NDArray[np.bool_]


class _Asked(NamedTuple):
    """Of each signal: the marks of all its steps; the bits of each, from `begins` on, and whether an
    event of it must have come before; within how many minutes; its weight; whether it may hold the
    day after."""

    needs: NDArray[np.uint64]
    begins: NDArray[np.int64]
    bits: NDArray[np.int64]
    twice: NDArray[np.bool_]
    minutes: NDArray[np.int32]
    weights: NDArray[np.float64]
    later: NDArray[np.bool_]


class _Rows(NamedTuple):
    """A row a resident. `last`: the minute in which each sort of event came last; `could`: a ring of
    days, which signals could have held (bit s of word s // 64); `day`: the newest day of events, and
    how many came on it."""

    last: NDArray[np.int32]
    could: NDArray[np.uint64]
    day: NDArray[np.int32]
    today: NDArray[np.int32]

    def among(self, which: slice | Flags) -> _Rows:
        """Some rows."""
        return _Rows(self.last[which], self.could[which], self.day[which], self.today[which])


class Hopes:
    """Bounds of residents, in log-odds above BASE."""

    def __init__(self, book: Book) -> None:
        self._asked = _asked(book)
        self._bits, self._words = len(book.events), (len(book.signals) + 63) // 64
        self._reach = RING + book.span // DAY + 1  # days after which no row matters
        self._slots = Keyed()
        self._rows, self._used = self._empty(1 << 10), 0

    def __len__(self) -> int:
        return self._used

    @property
    def octets(self) -> int:
        """Bytes of memory."""
        return self._slots.octets + sum(array.nbytes for array in self._rows)

    def add(self, events: Marked, enough: float) -> tuple[Flags, Flags]:
        """(kept, hopeful): of each event whether it is not one of too many, and whether what its
        resident had with it could add up to `enough`."""
        slots = self._slots_of(events)
        kept, hopeful = _added(self._asked, self._rows, slots, events.times, events.marks, enough)
        return kept, hopeful

    def forget(self, settled: int) -> None:
        """Give back the memory of residents of whom nothing was seen for days."""
        stale = self._rows.day[: self._used] < settled // DAY - self._reach
        if 4 * int(stale.sum()) <= self._used + 4096:
            return
        self._slots.keep_rows(~stale)
        self._rows = self._rows.among(slice(self._used)).among(~stale)
        self._used = len(self._rows.day)

    def _empty(self, room: int) -> _Rows:
        return _Rows(
            np.full((room, self._bits), _NEVER),
            np.zeros((room, RING, self._words), np.uint64),
            np.full(room, _NEVER),
            np.zeros(room, np.int32),
        )

    def _slots_of(self, events: Marked) -> NDArray[np.int64]:
        places = self._slots.places(events.keys)
        values = self._slots.values
        new = np.unique(places[values[places] == ABSENT])
        if self._used + len(new) > len(self._rows.day):
            more = self._empty(self._used + 2 * len(new))
            self._rows = _Rows(*map(_joined, self._rows, more))
        values[new] = np.arange(self._used, self._used + len(new))
        self._used += len(new)
        found: NDArray[np.int64] = values[places]
        return found


def _joined(one: Any, other: Any) -> Any:
    return np.concatenate([one, other])


def _asked(book: Book) -> _Asked:
    signals = book.signals
    counts = [len(signal.steps) for signal in signals]
    return _Asked(
        needs=np.array([signal.needs for signal in signals], np.uint64),
        begins=np.cumsum([0, *counts]).astype(np.int64),
        bits=np.array([step.event for signal in signals for step in signal.steps], np.int64),
        twice=np.array([step.times > 1 for signal in signals for step in signal.steps], bool),
        minutes=np.array([signal.span // MINUTE + 1 for signal in signals], np.int32),
        weights=np.array([signal.weight for signal in signals], np.float64),
        later=np.array(
            [signal.unless is not None or len(signal.steps) > 1 for signal in signals], bool
        ),
    )


@njit(cache=True, nogil=True)
def _added(asked: Any, rows: Any, slots: Any, times: Any, marks: Any, enough: Any) -> Any:
    last, could, days, counts = rows
    kept = np.ones(len(slots), np.bool_)
    hopeful = np.zeros(len(slots), np.bool_)
    ring, bits = could.shape[1], last.shape[1]
    for i in range(len(slots)):
        slot, own = slots[i], marks[i]
        day, minute = times[i] // DAY, times[i] // MINUTE
        if day > days[slot]:
            # The day after this one may hold something already.
            for d in range(max(days[slot] + 2, day + 2 - ring), day + 2):
                could[slot, d % ring] = 0
            days[slot], counts[slot] = day, 0
        counts[slot] += 1
        if counts[slot] > MOST:
            kept[i] = False
            continue
        held = False
        for s in range(len(asked.needs)):
            if not asked.needs[s] & own or not _holds(asked, s, own, last[slot], minute):
                continue
            which = np.uint64(1) << np.uint64(s % 64)
            could[slot, day % ring, s // 64] |= which
            if asked.later[s]:
                could[slot, (day + 1) % ring, s // 64] |= which
            held = True
        for b in range(bits):
            if own & (np.uint64(1) << np.uint64(b)) and minute > last[slot, b]:
                last[slot, b] = minute
        # What makes no signal hold makes no warning.
        hopeful[i] = held and _bound(asked, could[slot]) >= enough
    return kept, hopeful


@njit(cache=True, nogil=True)
def _holds(asked: Any, s: Any, own: Any, last: Any, minute: Any) -> Any:
    since = minute - asked.minutes[s]
    for j in range(asked.begins[s], asked.begins[s + 1]):
        b = asked.bits[j]
        here = own & (np.uint64(1) << np.uint64(b)) != 0
        if (asked.twice[j] or not here) and last[b] < since:
            return False
    return True


@njit(cache=True, nogil=True)
def _bound(asked: Any, could: Any) -> Any:
    bound = 0.0
    for s in range(len(asked.needs)):
        which = np.uint64(1) << np.uint64(s % 64)
        for d in range(could.shape[0]):
            if could[d, s // 64] & which:
                bound += asked.weights[s]
                break
    return bound
