"""What is remembered of residents, and the warnings it adds up to.

All marked events of the last days are kept in columns (lately.py). Only whose events could add up to a
warning (hopes.py) is looked at, and only who was warned of, or may be, is known by name.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from .alerts import (
    BASE,
    DAY,
    GRADES,
    MEMORY,
    Alert,
    Moment,
    alert_of,
    day_of,
    moments,
    runs,
    start_of,
)
from .hopes import MEMORY_DAYS, Hopes
from .keyed import hashed_one
from .lately import Lately
from .marked import Marked
from .signals import Book, Firing, Seen, firings

# Most events that are kept of a resident whose warning goes on, the newest.
MOST_KEPT = 1000
_ENOUGH = GRADES[0][1] - BASE
if MEMORY_DAYS * DAY < MEMORY:
    raise AssertionError("what could hold is forgotten before it stops to count")


@dataclass
class Kept:
    """A resident who is warned of, or may be when time has passed. `seen`: the events that matter, in
    order; `since`: what was told of the time before it is over, and is not told again;
    `said`: the warnings as they were last told, by id; `due`: when to look again, or None."""

    seen: list[Seen] = field(default_factory=list)
    since: int = 0
    said: dict[str, Alert] = field(default_factory=dict)
    due: int | None = None


class Residents:
    """Events in, warnings out. All times in microseconds; what is `settled` is the time before which
    nothing can come any more."""

    def __init__(self, book: Book) -> None:
        self.book = book
        # Nothing that happened so long ago is part of what happens now.
        self._reach = MEMORY + book.span + DAY
        self.lately, self._hopes = Lately(), Hopes(book)
        self._known: dict[str, Kept] = {}
        self._due: list[tuple[int, str]] = []
        self.settled = 0  # when events were last taken
        self.crowded = 0  # events left out when last taken, of residents with too many

    def __len__(self) -> int:
        return len(self._known)

    @property
    def octets(self) -> int:
        """Bytes of memory for what could become a warning."""
        return self._hopes.octets + self.lately.octets

    def take(self, new: Marked, settled: int) -> list[Alert]:
        """Warnings that are new or say something else than before, in the order of their ids."""
        kept, hopeful = self._hopes.add(new, _ENOUGH)
        self.crowded = len(new) - int(kept.sum())
        self.lately.add(new.among(kept))
        touched = new.residents(hopeful)
        while self._due and self._due[0][0] < settled:
            due, name = heapq.heappop(self._due)
            if name in self._known and self._known[name].due == due:
                touched[name] = hashed_one(name)
        changed = [a for name, key in touched.items() for a in self._look(name, key, settled)]
        self.lately.forget(settled - self._reach)
        self._hopes.forget(settled)
        self.settled = settled
        return sorted(changed, key=lambda alert: alert.id)

    def laid_down(self) -> Iterator[tuple[str, Kept]]:
        """Everybody who is known by name."""
        return iter(self._known.items())

    def take_up(
        self, events: Iterable[Marked], known: Iterable[tuple[str, Kept]], settled: int
    ) -> None:
        """In place of nobody and nothing. `events`: all that were kept of everybody, as `lately` had
        them."""
        self.settled = settled
        for part in events:
            self.lately.add(part)
            self._hopes.add(part, _ENOUGH)
        self._known = dict(known)
        self._due = [(kept.due, name) for name, kept in self._known.items() if kept.due is not None]
        heapq.heapify(self._due)

    def _look(self, name: str, key: int, settled: int) -> Iterator[Alert]:
        own = self._known.get(name) or Kept(since=self.settled - self._reach)
        lately = self.lately.of(name, key)
        first = lately[0] if lately else None
        own.seen = [e for e in own.seen if first is None or e < first] + lately
        del own.seen[:-MOST_KEPT]
        found = list(firings(self.book, own.seen, settled))
        told = runs([moment for moment in moments(found) if moment.time >= own.since])
        for run in told:
            # An event of the day before could still come and make the run begin earlier.
            if settled < start_of(day_of(run[0].time)):
                continue
            alert = alert_of(name, found, run)
            if own.said.get(alert.id) != alert:
                own.said[alert.id] = alert
                yield alert
        self._remember(name, own, found, told, settled)

    def _remember(
        self, name: str, own: Kept, found: list[Firing], told: list[list[Moment]], settled: int
    ) -> None:
        """Keep what an answer may still depend on, and say when to look again."""
        going_on = [run for run in told if run[-1].time >= settled - self._reach]
        changes = [e for e in self._absences(own) if e >= settled]
        begins = [start_of(day_of(run[0].time)) for run in going_on]
        changes += [begin - 1 for begin in begins if begin > settled]
        if going_on:
            changes.append(going_on[-1][-1].time + self._reach)
        if not changes:
            self._known.pop(name, None)
            return
        # No run that ended before that day can reach into this one.
        begun = day_of(going_on[0][0].time) - 1 if going_on else None
        own.since = settled - self._reach if begun is None else start_of(begun)
        own.seen = [e for e in own.seen if e.time >= own.since - MEMORY - self.book.span]
        days = {day_of(run[0].time) for run in going_on}
        own.said = {id_: alert for id_, alert in own.said.items() if alert.day in days}
        own.due = min(changes)
        self._known[name] = own
        heapq.heappush(self._due, (own.due, name))

    def _absences(self, own: Kept) -> Iterator[int]:
        """When the time of each absence that some signal asks for is up."""
        for signal in self.book.signals:
            if signal.unless:
                bit, within = 1 << signal.steps[-1].event, signal.unless.within
                yield from (e.time + within for e in own.seen if e.marks & bit)
