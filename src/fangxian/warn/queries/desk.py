"""What burns, and one's own list of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    SmallIntegerField,
    Value,
    When,
)
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from fangxian.detect.kinds import kind_name
from fangxian.town.access import access_of
from fangxian.town.models import Resident, Staff
from fangxian.warn.actions.tasks import NEEDS
from fangxian.warn.grading import Reason
from fangxian.warn.models import Call, Escalation, FollowUp, Grade, Task, Visit

from .visible import doable_tasks, visible_tasks

# Tasks in which nobody has spoken to the resident yet. Only for these does a clock mean danger;
# a follow-up or a review that is late is late, nothing more.
IN_DANGER = (Task.Kind.CALL, Task.Kind.VISIT, Task.Kind.FIND)
UPCOMING = timedelta(days=7)
# How much of what does not burn stands on one page; what burns is never cut.
MOST_ROWS = 60
COLD = 9


def by_what_burns(tasks: QuerySet[Task], now: datetime) -> QuerySet[Any]:
    """Red residents nobody reached first, the latest of them on top; then clocks that ran out, by
    grade; then by due time. What does not burn has the annotation `heat` = COLD."""
    in_danger = Q(kind__in=IN_DANGER)
    heat = Case(
        When(in_danger & (Q(grade=Grade.RED) | Q(due_at__lt=now)), then=F("grade")),
        default=Value(COLD),
        output_field=SmallIntegerField(),
    )
    return tasks.annotate(heat=heat).order_by("heat", "due_at", "id")


def _held(now: datetime) -> Q:
    """Tasks somebody is doing now; a claim that ran out holds nothing."""
    return Q(claimed_by__isnull=False, claimed_until__gt=now)


@dataclass(frozen=True)
class Row:
    """One task as a line of a list. `now` decides what is late and what is held."""

    task: Task
    now: datetime
    alarm: Escalation | None = None
    # Whether the reader has the ability for it, and what it is to them (my work); on the board
    # nobody asks.
    doable: bool = False
    section: str = ""

    @property
    def holder(self) -> Staff | None:
        """Who is doing it now, or None."""
        until = self.task.claimed_until
        return self.task.claimed_by if until and until > self.now else None

    @property
    def late(self) -> bool:
        return self.task.due_at < self.now

    @property
    def waiting(self) -> bool:
        """Its time has not come: a next try, a follow-up."""
        return self.task.starts_at > self.now

    @property
    def in_danger(self) -> bool:
        return self.task.kind in IN_DANGER

    @property
    def person(self) -> str:
        """The resident, masked; a warning may give no name."""
        return person(self.task.episode.resident)

    @property
    def fraud(self) -> str:
        """The name of the kind of fraud, in the reader's language."""
        return kind_name(self.task.episode.kind).of(get_language() or "zh")

    @property
    def why(self) -> str:
        """Why it matters: the first reason beyond what the sender said, else what they said."""
        reasons = self.task.episode.reasons
        own = [r for r in reasons if r["code"] != "sender"] or reasons
        return Reason.say(own[0]) if own else ""

    @cached_property
    def mark(self) -> tuple[object, ...]:
        """All that a screen shows of this row; two equal marks look the same."""
        task, episode = self.task, self.task.episode
        return (
            task.pk,
            task.grade,
            task.due_at,
            task.assigned_to_id,
            self.holder and self.holder.pk,
            self.late,
            self.waiting,
            self.alarm and self.alarm.pk,
            episode.kind,
            episode.stage,
            len(episode.reasons),
            episode.resident_id,
            task.place_id,
        )


def person(resident: Resident) -> str:
    """The masked name, or that none is known: a bare number would pass for an episode's."""
    return str(resident.name) or _("姓名不详")


def version_of(*facts: object) -> str:
    """A short name for what a screen shows: the same facts give the same version."""
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


# What a task is to the reader, in the order in which the parts stand below what burns.
SECTIONS = ("claimed", "climbed", "mine", "free")


@dataclass(frozen=True)
class Work:
    """One person's list: what burns, whole, whoever should do it; then one `page` of the rest.

    `sections` are the parts of that page, in order and not empty; `counts` count all pages.
    """

    burning: list[Row]
    sections: list[tuple[str, list[Row]]]
    counts: dict[str, int]
    upcoming: list[Row]
    page: Page[Any]

    @property
    def total(self) -> int:
        return len(self.burning) + sum(self.counts.values())

    @property
    def late(self) -> int:
        """How many residents in danger on the list wait longer than they should."""
        return sum(row.late for row in self.burning)

    @property
    def version(self) -> str:
        marks = [(key, row.mark) for key, rows in self.sections for row in rows]
        burning = [(row.section, row.mark) for row in self.burning]
        coming = [row.mark for row in self.upcoming]
        return version_of(burning, marks, coming, sorted(self.counts.items()), self.page.number)


def my_work(who: Staff, now: datetime, mine_only: bool = False, page: str = "") -> Work:
    """What burns for `who`; then what they do, what climbed to them, what is theirs or free.

    `mine_only` leaves out what they could take; `page` is of what does not burn (nonsense is the
    first page). Six queries, however long the list.
    """
    alarms = {
        alarm.task_id: alarm
        for alarm in Escalation.objects.filter(
            told=who, seen_at=None, task__state=Task.State.TODO, round=F("task__round")
        ).order_by("level")
    }
    tasks = _listed(who, now, list(alarms))
    if mine_only:
        tasks = tasks.filter(section__lt=SECTIONS.index("free"))
    tasks, access = by_what_burns(tasks, now), access_of(who)
    cold = tasks.filter(heat=COLD)
    counts = {
        SECTIONS[row["section"]]: row["n"]
        for row in cold.order_by().values("section").annotate(n=Count("pk"))
    }

    def row_of(task: Any) -> Row:
        may = access.may(NEEDS[task.kind], task.place.code)
        return Row(task, now, alarms.get(task.pk), may, SECTIONS[task.section])

    shown = Paginator(cold.order_by("section", "due_at", "id"), MOST_ROWS).get_page(page)
    sections: dict[str, list[Row]] = {}
    for row in map(row_of, shown):
        sections.setdefault(row.section, []).append(row)
    burning = [row_of(task) for task in tasks.filter(heat__lt=COLD)]
    return Work(burning, list(sections.items()), counts, _upcoming(who, now), shown)


def _listed(who: Staff, now: datetime, climbed: list[int]) -> QuerySet[Any]:
    """The open tasks of the list, each with its `section`; `climbed` are ids of tasks."""
    doable = _without_own_reviews(doable_tasks(who), who)
    section = Case(
        When(Q(claimed_by=who, claimed_until__gt=now), then=Value(0)),
        When(pk__in=climbed, then=Value(1)),
        When(assigned_to=who, then=Value(2)),
        default=Value(3),
        output_field=SmallIntegerField(),
    )
    return (
        visible_tasks(who)
        .filter(
            Q(pk__in=doable.values("pk"))
            | Q(pk__in=climbed)
            | Q(claimed_by=who, state=Task.State.TODO)
        )
        .exclude(_held(now) & ~Q(claimed_by=who) & ~Q(pk__in=climbed))
        .annotate(section=section)
    )


def _without_own_reviews(tasks: QuerySet[Task], who: Staff) -> QuerySet[Task]:
    """Without reviews of what `who` did: four eyes (actions.after.acted_on says the same)."""
    acted = Q(kind=Task.Kind.REVIEW) & (
        Exists(Call.objects.filter(episode=OuterRef("episode"), by=who))
        | Exists(Visit.objects.filter(episode=OuterRef("episode"), by=who))
        | Exists(FollowUp.objects.filter(episode=OuterRef("episode"), by=who))
    )
    return tasks.exclude(acted)


def _upcoming(who: Staff, now: datetime) -> list[Row]:
    """What becomes due for `who` within a week: next tries and follow-ups."""
    tasks = visible_tasks(who).filter(
        state=Task.State.TODO,
        assigned_to=who,
        starts_at__gt=now,
        starts_at__lte=now + UPCOMING,
    )
    return [Row(task, now) for task in tasks.order_by("starts_at", "id")[:MOST_ROWS]]
