"""The board of the duty desk: every open task of an area, and the numbers above it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, Count, F, Max, Q, QuerySet, When
from django.utils import timezone

from fangxian.town.access import under
from fangxian.town.models import Staff
from fangxian.warn.models import Episode, Grade, Task

from .desk import IN_DANGER, Row, by_what_burns, version_of
from .visible import visible_episodes, visible_tasks

SOON = timedelta(hours=1)
GROUPS = ("burning", "soon", "held", "waiting", "routine")


@dataclass(frozen=True)
class Wanted:
    """What the board is narrowed to; empty means all. `village` is the digits of a place code."""

    village: str = ""
    grade: int | None = None
    kind: str = ""


@dataclass(frozen=True)
class Counts:
    """The numbers above the board. Episodes and tasks of the area (and of the village chosen)."""

    by_grade: dict[Grade, int]
    unreached: int
    reached_today: int
    late: int
    tasks: int

    @property
    def open(self) -> int:
        return sum(self.by_grade.values())


@dataclass(frozen=True)
class Board:
    """All open tasks of an area. `groups` are in order and may be empty.

    `alerts`: how many somebody must act on now, also of those that did not fit: residents in
    danger whose clock ran out, or whose grade is red or orange while nobody does anything.
    `newest`: when the latest of these began, in seconds since 1970: a screen that sees it grow
    beeps.
    """

    groups: list[tuple[str, list[Row]]]
    counts: Counts
    cut: int
    alerts: int
    newest: int

    @property
    def rows(self) -> Iterable[Row]:
        return (row for _, rows in self.groups for row in rows)

    @property
    def version(self) -> str:
        marks = [(key, r.mark) for key, rows in self.groups for r in rows]
        return version_of(marks, self.counts, self.alerts, self.newest)


def board(who: Staff, now: datetime, wanted: Wanted | None = None, most: int = 200) -> Board:
    """The board of the duty desk: what is late, due within the hour, in hand, and waiting; below
    these, follow-ups and reviews, which put nobody in danger.

    Planned follow-ups are not on it before their day. Five queries.
    """
    wanted = wanted or Wanted()
    tasks = visible_tasks(who).filter(state=Task.State.TODO).select_related("place__parent")
    # Thousands of follow-ups are planned. Naming all kinds lets the index (state, kind, starts_at)
    # lead to the few that are on it.
    shown = ~Q(kind=Task.Kind.FOLLOW_UP) | Q(starts_at__lte=now)
    tasks = tasks.filter(shown, kind__in=Task.Kind.values)
    tasks = _of_village(tasks, wanted.village)
    counts = _counts(who, now, wanted.village, tasks)
    if wanted.grade:
        tasks = tasks.filter(grade=wanted.grade)
    if wanted.kind:
        tasks = tasks.filter(kind=wanted.kind)
    rows = [Row(task, now) for task in by_what_burns(tasks, now)[: most + 1]]
    groups: dict[str, list[Row]] = {key: [] for key in GROUPS}
    for row in rows[:most]:
        groups[_group(row)].append(row)
    cut = tasks.count() - most if len(rows) > most else 0
    return Board(list(groups.items()), counts, cut, *_alerts(tasks, now))


def _alerts(tasks: QuerySet[Task], now: datetime) -> tuple[int, int]:
    """How many tasks are alerts, and when the newest of them began (`Board`)."""
    late = Q(due_at__lt=now)
    unheld = Q(grade__lte=Grade.ORANGE) & (Q(claimed_by=None) | Q(claimed_until__lte=now))
    alert = Q(kind__in=IN_DANGER, starts_at__lte=now) & (late | unheld)
    began = Case(When(late, then=F("due_at")), default=F("starts_at"))
    found = tasks.filter(alert).order_by().aggregate(n=Count("pk"), newest=Max(began))
    return found["n"], int(found["newest"].timestamp()) if found["newest"] else 0


def _group(row: Row) -> str:
    if not row.in_danger:
        return "routine"
    if row.late:
        return "burning"
    if row.holder:
        return "held"
    if not row.waiting and row.task.due_at <= row.now + SOON:
        return "soon"
    return "waiting"


def _of_village(tasks: QuerySet[Task], village: str) -> QuerySet[Task]:
    if not village:
        return tasks
    return tasks.filter(under([village]))


def _counts(who: Staff, now: datetime, village: str, tasks: QuerySet[Task]) -> Counts:
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    episodes = visible_episodes(who).order_by()
    if village:
        episodes = episodes.filter(under([village]))
    is_open = episodes.filter(state=Episode.State.OPEN).aggregate(
        **{grade.key: Count("pk", filter=Q(grade=grade)) for grade in Grade},
        unreached=Count("pk", filter=Q(reached_at=None)),
    )
    late = tasks.order_by().aggregate(
        late=Count("pk", filter=Q(due_at__lt=now, kind__in=IN_DANGER)), tasks=Count("pk")
    )
    return Counts(
        by_grade={grade: is_open[grade.key] for grade in Grade},
        unreached=is_open["unreached"],
        reached_today=episodes.filter(reached_at__gte=midnight).count(),
        late=late["late"],
        tasks=late["tasks"],
    )
