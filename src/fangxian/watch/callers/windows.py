"""The windows of numbers: events wait until their cell is settled, then are counted.

Exact, in event time (decision 19). Only a number's busy cells count, in which it rang or wrote to
residents BUSY times or more: whoever does so less often is nobody's concern and takes no memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..keyed import ABSENT, EMPTY, Keyed, Keys, numbered, stirred
from ..laid import Arrays, part, under
from .cells import CELLS_IN_DAY, Steps
from .kernel import (
    FORGOTTEN,
    IS_ANSWERED,
    IS_BAD,
    IS_CALL,
    IS_DROPPED,
    IS_SHORT,
    Rows,
    busy,
    empty_rows,
    profiles,
    settle,
)  # fmt: skip
from .profile import COUNTED, Counted
from .waiting import Waiting

BUSY = 3
NEW = -2  # a number that has no row yet
SHORT_TALK, SHORT_RING = 20, 3  # seconds

Ints = NDArray[np.int64]


class Done(NamedTuple):
    """What numbers did to residents: events x 1. `call`: else a text; `seconds` talked and `rings`
    (-1: not known) of calls, `bad`: a text that reads like fraud."""

    number: Keys
    resident: Keys
    call: NDArray[np.bool_]
    seconds: NDArray[np.int32]
    rings: NDArray[np.int32]
    bad: NDArray[np.bool_]

    def among(self, which: NDArray[np.bool_] | Ints | slice) -> Done:
        """Those of some events."""
        return Done._make(column[which] for column in self)


class Callers:
    """All numbers that were busy lately, and the events of cells that are not settled yet."""

    def __init__(self) -> None:
        self._waiting = Waiting()
        self._numbers, self._pairs = Keyed(), Keyed()
        self._rows, self._used = empty_rows(1 << 10), 0

    def __len__(self) -> int:
        return self._used

    @property
    def settled(self) -> int | None:
        """Cells before this one are."""
        return self._waiting.settled

    @property
    def octets(self) -> int:
        """Bytes of memory, without what waits."""
        tables = self._numbers.octets + self._pairs.octets
        return tables + sum(array.nbytes for array in self._rows)

    def wait(self, steps: Steps, done: Done) -> None:
        """Take events in, each in its cell, in order of cells; to be counted when that is settled.
        Those of a null number are left out, and so are those of cells that are settled."""
        self._waiting.add(steps, done.number != EMPTY, done)

    def settle(self, edge: int) -> None:
        """Count all cells before `edge`."""
        for step, columns in self._waiting.settle(edge):
            self._count(step, Done(*columns))

    def look_up(self, numbers: Keys, edge: int) -> tuple[Ints, Counted]:
        """What numbers did before `edge`, the one settled last or the one before: where in the
        profiles, as they are counted, that of each number is. The first is that of numbers that are
        not busy."""
        rows = self._numbers.get(numbers)
        rows[numbers == EMPTY] = ABSENT
        asked = np.zeros(self._used + 1, bool)
        asked[rows] = True  # ABSENT is the last
        known = np.flatnonzero(asked[:-1])
        places = np.append(np.cumsum(asked[:-1]), 0)[rows]
        counted = np.zeros((len(known) + 1, COUNTED), np.int32)
        counted[1:] = profiles(self._rows, known, edge)
        return places, counted

    def forget(self) -> None:
        """Give back the memory of numbers and pairs that no answer depends on any more."""
        if self.settled is None:
            return
        met = self._pairs.values
        self._pairs.let_go(met < self.settled - 1 - CELLS_IN_DAY)
        stale = self.settled - self._rows.last[: self._used] > FORGOTTEN + 1
        if 4 * stale.sum() <= self._used:
            return
        self._numbers.keep_rows(~stale)
        rows = Rows._make(array[: self._used][~stale] for array in self._rows)
        self._rows, self._used = rows, len(rows.last)

    def laid_down(self) -> Arrays:
        """All there is: copies, or what never changes."""
        rows = {n: a[: self._used].copy() for n, a in self._rows._asdict().items()}
        return {
            **under("rows_", rows),
            **under("numbers_", self._numbers.laid_down()),
            **under("pairs_", self._pairs.laid_down()),
            **under("waiting_", self._waiting.laid_down()),
        }

    def take_up(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """In place of what is there."""
        self._rows = Rows(**{name: array.copy() for name, array in part(arrays, "rows_").items()})
        self._used = len(self._rows.last)
        self._numbers.take_up(part(arrays, "numbers_"))
        self._pairs.take_up(part(arrays, "pairs_"))
        self._waiting.take_up(part(arrays, "waiting_"))

    def _count(self, step: int, done: Done) -> None:
        numbers, names = numbered(done.number)
        mine = busy(numbers, len(names), BUSY)
        if not len(mine):
            return
        done = done.among(mine)
        rows = self._rows_of(done.number)
        pairs = self._pairs.places(stirred(done.number, done.resident))
        talked = done.call & (done.seconds > 0)
        dropped = done.call & ~talked & (done.rings >= 0) & (done.rings <= SHORT_RING)
        did = (
            IS_CALL * done.call.astype(np.uint8)
            + IS_ANSWERED * talked
            + IS_SHORT * (talked & (done.seconds < SHORT_TALK))
            + IS_DROPPED * dropped
            + IS_BAD * done.bad
        )
        settle(self._rows, step, rows, self._pairs.values, pairs, did)

    def _rows_of(self, numbers: Keys) -> Ints:
        places = self._numbers.places(numbers)
        values = self._numbers.values
        values[places[values[places] == ABSENT]] = NEW
        new = np.flatnonzero(values == NEW)
        if self._used + len(new) > len(self._rows.last):
            more = empty_rows(max(len(self._rows.last), len(new)))
            self._rows = Rows._make(map(_joined, self._rows, more))
        values[new] = np.arange(self._used, self._used + len(new))
        self._used += len(new)
        return values[places]


def _joined(one: Any, other: Any) -> Any:
    return np.concatenate([one, other])
