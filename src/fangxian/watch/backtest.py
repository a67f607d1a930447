"""How a book of signals would have done: on history, and where the truth is known.

A history is the events of some days. `replayed` gives the warnings of a book; `compared` says what
another book would have told more and less; `judged` holds warnings against what really happened, which
only a simulator or a case register knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, NamedTuple

import pyarrow as pa

from .ahead import ahead
from .alerts import DAY, GRADES, Alert
from .arrivals import Arrivals
from .sight import LATENESS
from .signals import Book
from .simulate.attempts import more_often
from .simulate.swindles import SWINDLES
from .watching import Watch

_GRADES = [name for name, _ in GRADES]
# So long after an attempt a warning is still about it.
ABOUT = 3 * DAY
Warnings = dict[str, Alert]


class Outcome(NamedTuple):
    """Of a history: its `warnings`, as they stand at the end, and how many events were left out: `late`
    behind others; `others` with the id of an event before and another content; `crowded` of a resident who
    has too many in a day."""

    warnings: Warnings
    late: int
    others: int
    crowded: int


def replayed(
    batches: Iterable[pa.Table], book: Book, lateness: int = LATENESS, ends: bool = True
) -> Outcome:
    """What comes of events. The same events give the same. `ends`: nothing comes after them, so what
    waited for time to pass is told."""
    watch = Watch(book, lateness)
    told: Warnings = {}
    others = 0
    for arrived in ahead(map(Arrivals.of, batches)):
        answer = watch.take_in(arrived)
        told |= {alert.id: alert for alert in answer.alerts}
        others += len(answer.others)
    told |= {alert.id: alert for alert in (watch.finish() if ends else ())}
    return Outcome(told, watch.counts.late, others, watch.counts.crowded)


def reached(alert: Alert, grade: str) -> int | None:
    """When a warning became of `grade` or more, in microseconds; None if it never did."""
    at = [when for name, when in alert.raised if _GRADES.index(name) >= _GRADES.index(grade)]
    return at[0] if at else None


@dataclass(frozen=True)
class Compared:
    """Of two books: warnings that only one tells, and of those that both tell how much earlier the
    new one does, in seconds (negative: later). `load`: warnings a day and officer of each."""

    gained: tuple[str, ...]
    lost: tuple[str, ...]
    raised: int
    lowered: int
    earlier: float
    load: tuple[float, float]


def compared(old: Warnings, new: Warnings, days: float, officers: int) -> Compared:
    """`days` of history, shared by so many `officers`."""
    both = sorted(old.keys() & new.keys())
    steps = [_GRADES.index(new[id_].grade) - _GRADES.index(old[id_].grade) for id_ in both]
    earlier = [(old[id_].raised[0][1] - new[id_].raised[0][1]) / 1e6 for id_ in both]
    return Compared(
        gained=tuple(sorted(new.keys() - old.keys())),
        lost=tuple(sorted(old.keys() - new.keys())),
        raised=sum(step > 0 for step in steps),
        lowered=sum(step < 0 for step in steps),
        earlier=median(earlier) if earlier else 0.0,
        load=(len(old) / days / officers, len(new) / days / officers),
    )


@dataclass(frozen=True)
class Attempt:
    """What really happened to a resident: when the first word came, and when the first payment was
    made (None: never). Microseconds. `visible`: some event told of it before; `often`: how many
    times as often as in life there are such, in a simulation made of many."""

    resident: str
    contact: int
    paid: int | None
    visible: bool
    often: float = 1.0
    kind: str = ""


@dataclass(frozen=True)
class Judged:
    """`victims` of whom those `warned` heard of it before their first payment, and `visible` could
    have; `lead`: by how many minutes, in the middle; `false`: warnings about nobody's attempt;
    `load`: warnings as there would be in life, those about attempts as often as such are."""

    victims: tuple[Attempt, ...]
    warned: tuple[Attempt, ...]
    lead: float | None
    warnings: int
    load: float
    false: int
    resident_days: float

    @property
    def visible(self) -> int:
        """How many victims any watch could have seen in danger."""
        return sum(attempt.visible for attempt in self.victims)

    @property
    def a_day(self) -> float:
        """Warnings a day and 1,000 residents, in life."""
        return 1000 * self.load / self.resident_days


def judged(
    told: Warnings,
    attempts: Sequence[Attempt],
    resident_days: float,
    grade: str = "yellow",
    begin: int = 0,
) -> Judged:
    """Warnings of `grade` and more, from `begin` (microseconds) on, against the truth."""
    warned: dict[str, list[int]] = {}
    for alert in told.values():
        if (at := reached(alert, grade)) is not None and at >= begin:
            warned.setdefault(alert.resident, []).append(at)
    of: dict[str, list[Attempt]] = {}
    for attempt in attempts:
        of.setdefault(attempt.resident, []).append(attempt)
    victims = [a for a in attempts if a.paid is not None]
    found = [(a, _lead(a, warned.get(a.resident, []))) for a in victims]
    leads = [lead for _, lead in found if lead is not None]
    every = [(resident, at) for resident, times in warned.items() for at in times]
    about = [[a for a in of.get(resident, []) if _is_about(a, at)] for resident, at in every]
    return Judged(
        victims=tuple(victims),
        warned=tuple(attempt for attempt, lead in found if lead is not None),
        lead=median(leads) if leads else None,
        warnings=len(every),
        # In life some of the attempts that it is about would not have been made.
        load=sum(min(1.0, sum(1 / a.often for a in own)) if own else 1.0 for own in about),
        false=sum(not own for own in about),
        resident_days=resident_days,
    )


def _lead(attempt: Attempt, warned: list[int]) -> float | None:
    """Minutes from the first warning about it to the payment."""
    if attempt.paid is None:
        return None
    before = [at for at in warned if attempt.contact - DAY <= at < attempt.paid]
    return (attempt.paid - min(before)) / 60e6 if before else None


def _is_about(attempt: Attempt, at: int) -> bool:
    # A gang's number is known for one before it reaches the next: its first ring may be the warning.
    return attempt.contact - LATENESS <= at <= (attempt.paid or attempt.contact) + ABOUT


def attempts_of(truth: pa.Table, begin: int, intensity: float) -> Iterator[Attempt]:
    """The attempts of a simulated town (its truth.parquet) that reached their resident, without those
    who had paid when it began (microseconds). `intensity`: that of the simulation."""
    more = {swindle.kind: more_often(swindle, intensity)[0] for swindle in SWINDLES}
    for row in _plain(truth):
        if row["ended"] != "unanswered" and (row["first_payment"] or begin) >= begin:
            yield Attempt(
                resident=row["resident"],
                contact=row["contact"],
                paid=row["first_payment"],
                visible=row["signs"] != "none",
                often=more[row["kind"]] if row["trust"] is None else intensity,
                kind=row["kind"],
            )


def _plain(truth: pa.Table) -> list[dict[str, Any]]:
    """Rows, with times in microseconds."""
    for name in ("contact", "first_payment"):
        at = truth.column_names.index(name)
        truth = truth.set_column(at, name, truth[name].cast(pa.int64()))
    rows: list[dict[str, Any]] = truth.to_pylist()
    return rows
