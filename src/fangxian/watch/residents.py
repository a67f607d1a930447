"""What is remembered of residents: few events of few people, and the warnings they add up to."""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from .alerts import Alert, alert_of, day_of, runs, start_of
from .followers import Followers
from .keyed import ABSENT, Keyed, hashed_one
from .marked import Marked
from .signals import Book, Firing, Seen, all_marks, firings

# A person has few events that a signal asks for. Whoever has more at a time is a switchboard, or an
# attack on the watch's memory: what comes beyond is counted and left out.
MOST = 1000


@dataclass
class Kept:
    """What is kept of a resident. `seen`: events in order, with `marks` in all; `wanted`: marks of
    those that go on with them. `held`: of firings before `settled`, which nothing can change any
    more, the first of each signal and day. `said`: the warnings as they were last told, by id.
    `due`: when to look again, or None."""

    seen: list[Seen] = field(default_factory=list)
    marks: int = 0
    wanted: int = 0
    settled: int = 0
    held: list[Firing] = field(default_factory=list)
    said: dict[str, Alert] = field(default_factory=dict)
    due: int | None = None


class Residents:
    """Events in, warnings out. All times in microseconds; what is `settled` is the time before which
    nothing can come any more."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.followers = Followers()
        self._known: dict[str, Kept] = {}
        self._waiting = Keyed()  # residents who want more than first events
        self._due: list[tuple[int, str]] = []
        self.crowded = 0  # events left out for MOST when last taken

    def __len__(self) -> int:
        return len(self._known)

    def take(self, new: Marked, settled: int) -> list[Alert]:
        """Warnings that are new or say something else than before, in the order of their ids."""
        touched: set[str] = set()
        self.crowded = 0
        first = new.marks & np.uint64(self.book.first) != 0
        rest = new.among(~first)
        self.followers.add(rest)
        waited_for = rest.among(self._waiting.get(rest.keys) != ABSENT)
        for name, event in (*new.among(first).one_by_one(), *waited_for.one_by_one()):
            if event.marks & self.book.first:
                self._known.setdefault(name, Kept())
            own = self._known.get(name)
            if own and event.marks & (self.book.first | own.wanted):
                self._put(name, own, event)
                touched.add(name)
        self.followers.forget(settled)
        if len(self._waiting) > 4096 + 4 * len(self._known):
            self._waiting.keep(self._waiting.values != ABSENT)
        while self._due and self._due[0][0] < settled:
            due, name = heapq.heappop(self._due)
            if name in self._known and self._known[name].due == due:
                touched.add(name)
        changed = [alert for name in touched for alert in self._look(name, settled)]
        return sorted(changed, key=lambda alert: alert.id)

    def _put(self, name: str, own: Kept, event: Seen) -> None:
        """Remember an event, and those put aside that go on with it."""
        at = bisect_left(own.seen, event)
        if at < len(own.seen) and own.seen[at] == event:
            return
        if len(own.seen) >= MOST:
            self.crowded += 1
            return
        own.seen.insert(at, event)
        own.marks |= event.marks
        wanted = self.book.wanted(own.marks)
        if wanted == own.wanted:
            return
        self._want(name, own)
        for _, further in self.followers.of(hashed_one(name), wanted).one_by_one():
            self._put(name, own, further)

    def _want(self, name: str, own: Kept) -> None:
        """Note what a resident's signals wait for."""
        waited, own.wanted = own.wanted, self.book.wanted(own.marks)
        if bool(waited) == bool(own.wanted):
            return
        places = self._waiting.places(np.array([hashed_one(name)], np.uint64))
        self._waiting.values[places] = 1 if own.wanted else ABSENT

    def laid_down(self) -> Iterator[tuple[str, Kept]]:
        """Everybody there is."""
        return iter(self._known.items())

    def take_up(self, known: Iterable[tuple[str, Kept]]) -> None:
        """In place of nobody."""
        self._known = dict(known)
        for name, kept in self._known.items():
            kept.marks = all_marks(kept.seen)
            self._want(name, kept)
        self._due = [(kept.due, name) for name, kept in self._known.items() if kept.due is not None]
        heapq.heapify(self._due)

    def _look(self, name: str, settled: int) -> Iterator[Alert]:
        own = self._known[name]
        # Events before those that could matter were dropped, so older firings are not found again
        # as they were.
        new = [f for f in firings(self.book, own.seen, settled) if f.time >= own.settled]
        found = own.held + new
        days = list(runs(day_of(firing.time) for firing in found))
        for first, last in days:
            # An event of the day before could still come and make the run begin earlier.
            if settled < start_of(first):
                continue
            alert = alert_of(name, first, [f for f in found if first <= day_of(f.time) <= last])
            if alert and own.said.get(alert.id) != alert:
                own.said[alert.id] = alert
                yield alert
        self._forget(name, own, found, days, settled)

    def _forget(
        self,
        name: str,
        own: Kept,
        found: list[Firing],
        days: list[tuple[int, int]],
        settled: int,
    ) -> None:
        """Drop what no answer can depend on, and say when to look again."""
        own.settled = settled
        oldest = settled - self.book.span
        if own.seen and own.seen[0].time < oldest:
            own.seen = [event for event in own.seen if event.time >= oldest]
            own.marks = all_marks(own.seen)
            self._want(name, own)
        going_on = [(a, b) for a, b in days if b >= day_of(settled) - 1]
        if not going_on:
            own.held, own.said = [], {}
            if not own.seen:
                del self._known[name]
                return
        else:
            begun = going_on[0][0]
            own.held = _first_of_each(
                f for f in found if f.time < settled and day_of(f.time) >= begun
            )
            own.said = {k: alert for k, alert in own.said.items() if alert.day >= begun}
        own.due = min(self._changes(own, found, going_on, settled), default=None)
        if own.due is not None:
            heapq.heappush(self._due, (own.due, name))

    def _changes(
        self, own: Kept, found: list[Firing], going_on: list[tuple[int, int]], settled: int
    ) -> Iterator[int]:
        """When, once it is settled, something of a resident changes: a firing that nothing can undo,
        the end of an absence, a run that may be told, what may be forgotten."""
        yield from (firing.time for firing in found if firing.time >= settled)
        for signal in self.book.signals:
            if signal.unless:
                bit, within = 1 << signal.steps[-1].event, signal.unless.within
                ends = (e.time + within for e in own.seen if e.marks & bit)
                yield from (end for end in ends if end >= settled)
        for first, last in going_on:
            yield from (s - 1 for s in (start_of(first), start_of(last + 2)) if s > settled)
        if own.seen:
            yield own.seen[0].time + self.book.span


def _first_of_each(settled: Iterable[Firing]) -> list[Firing]:
    """Of each signal and day."""
    first: dict[tuple[str, int], Firing] = {}
    for firing in sorted(settled, key=lambda f: (f.time, f.events)):
        first.setdefault((firing.signal.name, day_of(firing.time)), firing)
    return list(first.values())
