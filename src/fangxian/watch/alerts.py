"""Warnings: what one run of days of one resident says, and how it is written down.

`Alert` because `Warning` is Python's own. The same events give the same alert, byte for byte
(decision 19).
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, NamedTuple

from .facts import Known, readable_facts
from .signals import Firing
from .signals.book import STAGES

SECOND = 1_000_000
DAY = 86_400 * SECOND
# Days are those of Beijing, cut at four in the morning, when fewest are rung.
CUT = 4 * 3600 * SECOND
BEIJING = timezone(timedelta(hours=8))
_TO_BEIJING = 8 * 3600 * SECOND

# For so long a signal counts: what is further apart is hardly of one attempt.
MEMORY = DAY
# Log-odds that a resident is in earnest contact with a gang when nothing was seen, and the sums at
# which a warning is of a grade: a half, a fifth and a twentieth of a warning a day and 1,000 residents
# (tools/watch_weights.py).
BASE = -7.1
GRADES = (("yellow", -1.9), ("orange", -0.1), ("red", 3.9))


class Told(NamedTuple):
    """A signal as it first held in this warning, or in the days of MEMORY before it."""

    name: str
    version: int
    at: int
    events: tuple[str, ...]


class Event(NamedTuple):
    """An event behind a signal, with what was known of it when it came."""

    at: int
    id: str
    source: str
    type: str
    other: str
    facts: tuple[tuple[str, Known], ...]


@dataclass(frozen=True)
class Alert:
    """A resident in danger. Times in microseconds since 1970. `day`: the first of its run of days;
    `grade`: yellow, orange or red; `score`: log-odds; `stage`: how far it went; `kind` of fraud, or
    "other"; `events`: those behind the signals, in order; `raised`: each grade and when it was
    reached."""

    id: str
    resident: str
    day: int
    grade: str
    score: float
    stage: str
    kind: str
    signals: tuple[Told, ...]
    events: tuple[Event, ...]
    raised: tuple[tuple[str, int], ...]

    @property
    def at(self) -> int:
        """When it was raised last."""
        return self.raised[-1][1]

    def written(self) -> str:
        """As one line of JSON: the same alert is the same line."""
        return json.dumps(self.as_dict(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def as_tuple(self) -> tuple[Any, ...]:
        """Its fields in order."""
        return tuple(getattr(self, field.name) for field in fields(self))

    @classmethod
    def of_tuple(cls, row: Sequence[Any]) -> Alert:
        """The reverse of `as_tuple`, after JSON made lists of all tuples."""
        *plain, signals, events, raised = row
        told = tuple(Told(name, version, at, tuple(ids)) for name, version, at, ids in signals)
        behind = tuple(_event(event) for event in events)
        fields: list[Any] = [*plain, told, behind, tuple((grade, at) for grade, at in raised)]
        return cls(*fields)

    def as_dict(self) -> dict[str, Any]:
        """For JSON: times in ISO 8601, UTC."""
        return {
            "id": self.id,
            "resident": self.resident,
            "day": (date(1970, 1, 1) + timedelta(days=self.day)).isoformat(),
            "grade": self.grade,
            "score": self.score,
            "probability": round(1 / (1 + math.exp(-self.score)), 4),
            "stage": self.stage,
            "kind": self.kind,
            "signals": [
                {"name": s.name, "version": s.version, "at": moment(s.at), "events": list(s.events)}
                for s in self.signals
            ],
            "events": [
                {**e._asdict(), "at": moment(e.at), "facts": dict(e.facts)} for e in self.events
            ],
            "raised": [{"grade": grade, "at": moment(at)} for grade, at in self.raised],
        }


def _event(row: Sequence[Any]) -> Event:
    *plain, facts = row
    fields: list[Any] = [*plain, tuple((name, known) for name, known in facts)]
    return Event(*fields)


def moment(time: int) -> str:
    """Microseconds as ISO 8601 in UTC."""
    whole, rest = divmod(time, SECOND)
    return datetime.fromtimestamp(whole, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{rest:06d}Z"


def day_of(time: int) -> int:
    """The day of Beijing, cut at four, in days since 1970."""
    return (time + _TO_BEIJING - CUT) // DAY


def start_of(day: int) -> int:
    """When a day begins, in microseconds."""
    return day * DAY + CUT - _TO_BEIJING


def alert_id(resident: str, day: int) -> str:
    """The same for the same resident and first day, on any machine."""
    return "w-" + hashlib.sha256(f"{day}\n{resident}".encode()).hexdigest()[:24]


class Moment(NamedTuple):
    """When signals held whose sum is a grade, and that sum."""

    time: int
    score: float


def moments(found: Iterable[Firing]) -> list[Moment]:
    """All such moments of one resident's firings, in order: at each the signals count that held in
    the MEMORY before it, each once."""
    held = sorted(found, key=_order)
    last: dict[str, int] = {}
    weights: dict[str, float] = {}
    told = []
    for at, firing in enumerate(held):
        last[firing.signal.name], weights[firing.signal.name] = firing.time, firing.signal.weight
        if at + 1 < len(held) and held[at + 1].time == firing.time:
            continue
        since = firing.time - MEMORY
        # In one order, for a sum of floats depends on it.
        score = BASE + math.fsum(weights[n] for n, time in last.items() if time > since)
        if score >= GRADES[0][1]:
            told.append(Moment(firing.time, score))
    return told


def runs(told: Sequence[Moment]) -> list[list[Moment]]:
    """Moments in order, cut where a day passed without any."""
    found: list[list[Moment]] = []
    for moment in told:
        if not found or day_of(moment.time) > day_of(found[-1][-1].time) + 1:
            found.append([])
        found[-1].append(moment)
    return found


def alert_of(resident: str, found: Iterable[Firing], run: Sequence[Moment]) -> Alert:
    """The warning of a run of days, of whose moments these are all."""
    begin, end = run[0].time - MEMORY, run[-1].time
    first: dict[str, Firing] = {}
    for firing in sorted(found, key=_order):
        if begin < firing.time <= end:
            first.setdefault(firing.signal.name, firing)
    raised = raised_in(run)
    kinds = [f.signal for f in first.values() if f.signal.kind]
    day = day_of(run[0].time)
    return Alert(
        id=alert_id(resident, day),
        resident=resident,
        day=day,
        grade=raised[-1][0],
        score=round(max(moment.score for moment in run), 4),
        stage=max((f.signal.stage for f in first.values()), key=STAGES.index),
        kind=max(kinds, key=lambda s: (s.weight, s.name)).kind if kinds else "other",
        signals=tuple(
            Told(name, f.signal.version, f.time, tuple(e.id for e in f.events))
            for name, f in first.items()
        ),
        events=tuple(
            Event(e.time, e.id, e.source, e.type, e.other, readable_facts(e.type, e.facts))
            for e in sorted({e for firing in first.values() for e in firing.events})
        ),
        raised=raised,
    )


def raised_in(run: Sequence[Moment]) -> tuple[tuple[str, int], ...]:
    """Each grade that a run of days reached, and when."""
    raised: list[tuple[str, int]] = []
    for moment in run:
        reached = [name for name, least in GRADES if moment.score >= least]
        raised += [(name, moment.time) for name in reached[len(raised) :]]
    return tuple(raised)


def _order(firing: Firing) -> tuple[Any, ...]:
    return firing.time, firing.signal.name, firing.events
