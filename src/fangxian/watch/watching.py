"""The watch itself: batches of events in, warnings out. In memory; who reads the events, keeps the
state safe and sends the warnings is in local/, and in spark/ where it is more than one machine's."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import pyarrow as pa

from .alerts import Alert
from .arrivals import Arrivals
from .marked import nothing_marked
from .residents import Residents
from .sight import LATENESS, Counts, Sight
from .signals import Book, shipped_book

# Nothing comes after this: the year 9000.
END = 221_845_392_000 * 1_000_000


class Answer(NamedTuple):
    """`alerts`: new or changed. Events kept aside: `late`, that came too late; `others`, with the id of
    one before and another content."""

    alerts: list[Alert]
    late: pa.Table
    others: pa.Table


@dataclass
class Watch:
    """Takes events in any order within `lateness` (microseconds, a cell of the callers' windows at
    most). Both halves in one process: what is seen of an event, and what it adds up to."""

    book: Book = field(default_factory=shipped_book)
    lateness: int = LATENESS

    def __post_init__(self) -> None:
        self.sight = Sight(self.book, self.lateness)
        self.residents = Residents(self.book)

    @property
    def newest(self) -> int:
        """The time (microseconds) of the newest event, END after the last."""
        return self.sight.newest

    @property
    def settled(self) -> int:
        """Before this time (microseconds) no event is taken any more."""
        return self.sight.settled

    @property
    def counts(self) -> Counts:
        """Of all events so far."""
        return self.sight.counts

    def take(self, events: pa.Table) -> Answer:
        """A batch of events, in columns of events.SCHEMA. Deterministic but for what is told early."""
        return self.take_in(Arrivals.of(events))

    def take_in(self, arrived: Arrivals) -> Answer:
        """The same of events that were made ready before."""
        seen = self.sight.take(arrived)
        alerts = self.residents.take(seen.marked, self.settled)
        self.counts.crowded += self.residents.crowded
        return Answer(alerts, seen.late, seen.others)

    def finish(self) -> list[Alert]:
        """The end of all events: what waited for time to pass."""
        self.sight.newest = END
        return self.residents.take(nothing_marked(), END)
