"""What is seen of events when they come: the half of the watch that goes by the other side.

Events in, marked events out: met before or not, late or not, their facts, what the other side did, and
which conditions of the book they meet. All that one number does must come to the same `Sight`; several
of them, each with its share of the numbers, see the same as one. What it adds up to for a resident is
the other half (residents.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from .arrivals import Arrivals
from .callers import STEP
from .facts import Columns
from .marked import Marked, nothing_marked
from .met import AGAIN, NEW, OTHER, Met
from .others import Others, Sides
from .signals import Book, shipped_book

LATENESS = STEP  # microseconds an event may come behind the newest one
Ints = NDArray[np.int64]


@dataclass
class Counts:
    """Events so far: taken, met before, too late, of a resident who has too many."""

    taken: int = 0
    repeated: int = 0
    late: int = 0
    crowded: int = 0


class Seeing(NamedTuple):
    """`marked`: events that some signal asks for. Kept aside: `late`, what came too late; `others`, what
    has the id of an event before it and another content."""

    marked: Marked
    late: pa.Table
    others: pa.Table


@dataclass
class Sight:
    """Takes events in any order within `lateness` (microseconds, a cell of the callers' windows at
    most)."""

    book: Book = field(default_factory=shipped_book)
    lateness: int = LATENESS

    def __post_init__(self) -> None:
        if not 0 < self.lateness <= STEP:
            raise ValueError(f"lateness is at most {STEP} microseconds, got {self.lateness}")
        self.counts = Counts()
        self.newest = 0
        self.others, self.met = Others(self.lateness), Met()

    @property
    def settled(self) -> int:
        """Before this time (microseconds) no event is taken any more."""
        return self.newest - self.lateness

    def take(self, arrived: Arrivals) -> Seeing:
        """A batch of events."""
        times = arrived.sides.times
        met = self.met.meet(arrived.ids, arrived.says, times // STEP, self.newest // STEP)
        late = self._late(times, met)
        self.counts.late += int(late.sum())
        self.counts.repeated += int(((met == AGAIN) & ~late).sum())
        aside = _only(arrived.events, late), _only(arrived.events, met == OTHER)
        kept = np.flatnonzero((met == NEW) & ~late)
        if not len(kept):
            return Seeing(nothing_marked(), *aside)
        in_order = bool((np.diff(times[kept]) >= 0).all())
        if len(kept) < len(times) or not in_order:
            arrived = arrived.among(kept[np.argsort(times[kept], kind="stable")])
        facts = Columns(arrived.facts)
        self.others.tell(arrived.sides, facts)
        self.counts.taken += len(kept)
        self.newest = max(self.newest, int(arrived.sides.times[-1]))
        return Seeing(Marked.of(self.book, arrived, facts), *aside)

    def hear(self, events: pa.Table) -> None:
        """Texts and reports of campaigns that came to any share, in columns SIDES. To be called before
        `take` of the same batch; its own may be among them."""
        sides = Sides.of(events)
        rows = np.argsort(sides.times, kind="stable")
        self.others.hear(sides.among(rows[sides.times[rows] >= self.settled]))

    def _late(self, times: Ints, met: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """Which events came too late, and are no other content."""
        # By those before it, also in this batch: however events are batched, the same ones are late.
        clock = np.where(met == OTHER, 0, times)
        newest = np.maximum.accumulate(np.concatenate([[self.newest], clock[:-1]]))
        late: NDArray[np.bool_] = (times < newest - self.lateness) & (met != OTHER)
        return late


def _only(events: pa.Table, which: NDArray[np.bool_]) -> pa.Table:
    return events.filter(pa.array(which)) if which.any() else events.slice(0, 0)
