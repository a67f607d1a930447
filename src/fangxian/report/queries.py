"""What the board counts, by month and place, for what a member of staff may see.

Every figure is drawn from what was tapped or typed while working; nobody enters it again. Months
are calendar months of the town's own time zone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Substr, TruncMonth
from django.utils import timezone

from fangxian.town.access import Ability, access_of, visible_places
from fangxian.town.models import DIGITS, ApiToken, Level, Place, Resident, Staff
from fangxian.warn.models import Case, Episode, Visit
from fangxian.warn.queries.visible import visible_cases

Who = Staff | ApiToken


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
        zone = timezone.get_default_timezone()
        return (
            datetime.combine(self.start, time(), tzinfo=zone),
            datetime.combine(self.end, time(), tzinfo=zone),
        )

    def of(self, rows: QuerySet, path: str = "place__code") -> QuerySet:  # type: ignore[type-arg]
        """`rows` narrowed to the person's area and the chosen place."""
        rows = access_of(self.who).within(rows, Ability.SEE_BOARD, path)
        if self.place is not None:
            prefix = self.place.prefix
            rows = rows.filter(**{f"{path}__gte": prefix, f"{path}__lt": prefix + ":"})
        return rows

    def cases(self) -> QuerySet[Case]:
        rows = visible_cases(self.who, Ability.SEE_BOARD).filter(
            withdrawn_at=None, happened_on__gte=self.start, happened_on__lt=self.end
        )
        return self.of(rows)

    def episodes(self) -> QuerySet[Episode]:
        start, end = self.moments()
        return self.of(Episode.objects.filter(opened_at__gte=start, opened_at__lt=end))


@dataclass(frozen=True)
class Month:
    """The counts of one month. Money in fen."""

    first: date
    cases: int = 0
    loss_fen: int = 0
    warnings: int = 0
    called_in_time: int = 0
    calls_due: int = 0
    reached: int = 0
    visits: int = 0


def by_month(scope: Scope, months: Sequence[date]) -> list[Month]:
    """Counts of each month of `months` (first days), in that order. Three queries."""
    cases = {
        row["month"]: row
        for row in scope.cases()
        .annotate(month=TruncMonth("happened_on"))
        .order_by()
        .values("month")
        .annotate(n=Count("id"), loss=Sum("loss_fen"))
    }
    late = Q(first_call_at__gt=F("first_call_due_at"))
    now = timezone.now()
    due = Q(first_call_at__isnull=False) | Q(first_call_due_at__lte=now)
    episodes = {
        _day(row["month"]): row
        for row in scope.episodes()
        .annotate(month=TruncMonth("opened_at"))
        .order_by()
        .values("month")
        .annotate(
            n=Count("id"),
            due=Count("id", filter=due & Q(first_call_due_at__isnull=False)),
            in_time=Count("id", filter=Q(first_call_at__isnull=False) & ~late),
            reached=Count("id", filter=Q(reached_at__isnull=False)),
        )
    }
    start, end = scope.moments()
    visits = {
        _day(row["month"]): row["n"]
        for row in scope.of(Visit.objects.filter(at__gte=start, at__lt=end), "episode__place__code")
        .annotate(month=TruncMonth("at"))
        .order_by()
        .values("month")
        .annotate(n=Count("id"))
    }
    made = []
    for first in months:
        case, episode = cases.get(first, {}), episodes.get(first, {})
        made.append(
            Month(
                first=first,
                cases=case.get("n", 0),
                loss_fen=case.get("loss") or 0,
                warnings=episode.get("n", 0),
                called_in_time=episode.get("in_time", 0),
                calls_due=episode.get("due", 0),
                reached=episode.get("reached", 0),
                visits=visits.get(first, 0),
            )
        )
    return made


def _day(moment: datetime) -> date:
    return timezone.localtime(moment).date() if isinstance(moment, datetime) else moment


def by_kind(scope: Scope) -> list[tuple[str, int, int]]:
    """(kind, warnings, cases), most warnings first."""
    warnings = dict(scope.episodes().order_by().values_list("kind").annotate(n=Count("id")))
    cases = dict(scope.cases().order_by().values_list("kind").annotate(n=Count("id")))
    kinds = set(warnings) | set(cases)
    rows = [(k, warnings.get(k, 0), cases.get(k, 0)) for k in kinds]
    return sorted(rows, key=lambda r: (-r[1], -r[2], r[0]))


@dataclass(frozen=True)
class Village:
    """A village's people and cases, for the funnel."""

    name: str
    residents: int
    cases: int


def by_village(scope: Scope) -> list[Village]:
    """Every village of the area in the order of its code: never sorted by its cases."""
    digits = DIGITS[Level.VILLAGE]
    villages = scope.of(
        visible_places(scope.who, Ability.SEE_BOARD).filter(level=Level.VILLAGE), "code"
    ).order_by("code")
    people = _per_village(scope.of(Resident.objects.filter(erased_at=None, found=True)), digits)
    cases = _per_village(scope.cases(), digits)
    return [
        Village(v.name, people.get(v.code[:digits], 0), cases.get(v.code[:digits], 0))
        for v in villages
    ]


def _per_village(rows: QuerySet, digits: int) -> dict[str, int]:  # type: ignore[type-arg]
    counted = (
        rows.annotate(village=Substr("place__code", 1, digits))
        .order_by()
        .values_list("village")
        .annotate(n=Count("id"))
    )
    return dict(counted)


def warned_and_paid(scope: Scope) -> int:
    """Cases whose resident had been warned before."""
    return scope.cases().filter(episode__isnull=False).count()
