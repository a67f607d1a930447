"""What the board counts, by month and place, for what a member of staff may see.

Every figure is drawn from what was tapped or typed while working; nobody enters it again. Months
are calendar months of the town's own time zone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, NamedTuple

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Substr
from django.utils import timezone

from fangxian.town.access import Ability, access_of, under
from fangxian.town.models import DIGITS, ApiToken, Level, Place, Resident, Staff
from fangxian.warn.models import Episode, Visit
from fangxian.warn.queries.cases import told_before
from fangxian.warn.queries.visible import visible_cases

Who = Staff | ApiToken


class CaseRow(NamedTuple):
    """What is counted of a case."""

    happened_on: date
    kind: str
    loss_fen: int
    code: str
    # Reached about a warning before the money went: "was warned, paid anyway".
    told_before: bool


def between(cases: Sequence[CaseRow], start: date, end: date) -> list[CaseRow]:
    """Cases from `start` to before `end`."""
    return [c for c in cases if start <= c.happened_on < end]


@dataclass(frozen=True)
class Scope:
    """Who looks at what: one person's area, narrowed to one place, between two local dates
    (`start` inclusive, `end` exclusive)."""

    who: Who
    place: Place | None
    start: date
    end: date

    def moments(self) -> tuple[datetime, datetime]:
        """The two dates as midnights of the town's zone."""
        return midnight(self.start), midnight(self.end)

    def of(self, rows: QuerySet, path: str = "place") -> QuerySet:  # type: ignore[type-arg]
        """`rows` narrowed to the person's area and the chosen place."""
        rows = access_of(self.who).within(rows, Ability.SEE_BOARD, path)
        if self.place is not None:
            rows = rows.filter(under([self.place.prefix], path))
        return rows

    def cases(self) -> list[CaseRow]:
        """The cases, lean: a county has some hundred a year, so they are read once and counted
        here in every way the board asks for."""
        rows = visible_cases(self.who, Ability.SEE_BOARD).filter(
            withdrawn_at=None, happened_on__gte=self.start, happened_on__lt=self.end
        )
        columns = ("happened_on", "kind", "loss_fen", "place__code", "told_before")
        rows = told_before(self.of(rows))
        return [CaseRow(*row) for row in rows.order_by().values_list(*columns)]

    def episodes(self) -> QuerySet[Episode]:
        start, end = self.moments()
        return self.of(Episode.objects.filter(opened_at__gte=start, opened_at__lt=end))


@dataclass(frozen=True)
class Month:
    """The counts of one month. Money in fen.

    Of the first calls that were due, `called_in_time` were dialled within the clock of the grade,
    and in `reached_in_time` the resident was spoken to within it; `reached` counts whenever.
    """

    first: date
    cases: int = 0
    loss_fen: int = 0
    warnings: int = 0
    called_in_time: int = 0
    calls_due: int = 0
    reached_in_time: int = 0
    reached: int = 0
    visits: int = 0


def by_month(scope: Scope, cases: Sequence[CaseRow], months: Sequence[date]) -> list[Month]:
    """Counts of each month of `months` (first days, rising), in that order. Two queries."""
    late = Q(first_call_at__gt=F("first_call_due_at"))
    due = Q(first_call_at__isnull=False) | Q(first_call_due_at__lte=timezone.now())
    counted: Any = _monthly(
        scope.episodes(),
        "opened_at",
        months,
        n=Count("id"),
        due=Count("id", filter=due & Q(first_call_due_at__isnull=False)),
        in_time=Count("id", filter=Q(first_call_at__isnull=False) & ~late),
        reached_in_time=Count("id", filter=Q(reached_at__lte=F("first_call_due_at"))),
        reached=Count("id", filter=Q(reached_at__isnull=False)),
    )
    start, end = scope.moments()
    visits = scope.of(Visit.objects.filter(at__gte=start, at__lt=end), "episode__place")
    visited: Any = _monthly(visits, "at", months, n=Count("id"))
    made = []
    for index, first in enumerate(months):
        same = (first.year, first.month)
        own = [c for c in cases if (c.happened_on.year, c.happened_on.month) == same]
        row = counted.get(index, {})
        made.append(
            Month(
                first=first,
                cases=len(own),
                loss_fen=sum(c.loss_fen for c in own),
                warnings=row.get("n", 0),
                called_in_time=row.get("in_time", 0),
                calls_due=row.get("due", 0),
                reached_in_time=row.get("reached_in_time", 0),
                reached=row.get("reached", 0),
                visits=visited.get(index, {}).get("n", 0),
            )
        )
    return made


def since_records_began(months: Sequence[Month]) -> list[Month]:
    """`months` (rising) from the first in which anything was recorded.

    Months before the town used the system are not months without cases: counted as zeros they would
    make every sum rise and every first case an alarm. Where nothing was ever recorded: all of them.
    """
    for index, month in enumerate(months):
        if month != Month(month.first):
            return list(months[index:])
    return list(months)


def _monthly(
    rows: QuerySet,  # type: ignore[type-arg]
    moment: str,
    months: Sequence[date],
    **counts: Count,
) -> dict[int, dict[str, int]]:
    """Counts by the index of the month that `moment` lies in."""
    found = rows.annotate(which=which_of(moment, months)).order_by().values("which")
    return {row.pop("which"): row for row in found.annotate(**counts)}


def which_of(moment: str, firsts: Sequence[date]) -> Case:
    """The index of the period that `moment` lies in, among those that begin on `firsts` (rising);
    -1 before all.

    Compared as moments in the database's own code: Django's TruncMonth calls Python for every row
    on SQLite, which takes a second for 200,000.
    """
    return Case(
        *(
            When(**{f"{moment}__gte": midnight(first)}, then=Value(index))
            for index, first in reversed(list(enumerate(firsts)))
        ),
        default=Value(-1),
        output_field=IntegerField(),
    )


def midnight(day: date) -> datetime:
    """When a local day begins, in the town's zone."""
    return datetime.combine(day, time(), tzinfo=timezone.get_default_timezone())


def by_kind(scope: Scope, cases: Sequence[CaseRow]) -> list[tuple[str, int, int]]:
    """(kind, warnings, cases), most warnings first."""
    warnings = dict(scope.episodes().order_by().values_list("kind").annotate(n=Count("id")))
    counted = Counter(c.kind for c in cases)
    rows = [(k, warnings.get(k, 0), counted[k]) for k in set(warnings) | set(counted)]
    return sorted(rows, key=lambda r: (-r[1], -r[2], r[0]))


@dataclass(frozen=True)
class Village:
    """A village's people and cases, for the funnel."""

    name: str
    residents: int
    cases: int


def by_village(scope: Scope, places: Sequence[Place], cases: Sequence[CaseRow]) -> list[Village]:
    """Every village of the area in the order of its code: never sorted by its cases."""
    digits = DIGITS[Level.VILLAGE]
    rows = scope.of(Resident.objects.filter(erased_at=None, found=True))
    people = dict(
        rows.annotate(village=Substr("place__code", 1, digits))
        .order_by()
        .values_list("village")
        .annotate(n=Count("id"))
    )
    counted = Counter(c.code[:digits] for c in cases)
    prefix = scope.place.prefix if scope.place else ""
    return [
        Village(p.name, people.get(p.code[:digits], 0), counted[p.code[:digits]])
        for p in places
        if p.level == Level.VILLAGE and p.code.startswith(prefix)
    ]
