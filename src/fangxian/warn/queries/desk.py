"""What burns, and one's own list of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

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
# A list longer than this is not read; what is below burns least.
MOST_ROWS = 60


def by_what_burns(tasks: QuerySet[Task], now: datetime, *within: str) -> QuerySet[Task]:
    """Red residents nobody reached first; then clocks that ran out, by grade; then by due time.

    `within`: names of annotations that come before all that (the sections of a list).
    """
    in_danger = Q(kind__in=IN_DANGER)
    heat = Case(
        When(in_danger & (Q(grade=Grade.RED) | Q(due_at__lt=now)), then=F("grade")),
        default=Value(9),
        output_field=SmallIntegerField(),
    )
    return tasks.annotate(heat=heat).order_by(*within, "heat", "due_at", "id")


def _held(now: datetime) -> Q:
    """Tasks somebody is doing now; a claim that ran out holds nothing."""
    return Q(claimed_by__isnull=False, claimed_until__gt=now)


@dataclass(frozen=True)
class Row:
    """One task as a line of a list. `now` decides what is late and what is held."""

    task: Task
    now: datetime
    alarm: Escalation | None = None
    # Whether the reader has the ability for it (my work); on the board nobody asks.
    doable: bool = False

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


# In the order in which they stand on the page.
SECTIONS = ("claimed", "climbed", "mine", "free")


@dataclass(frozen=True)
class Work:
    """One person's list. `sections` are in order and not empty; `counts` count all, also cut."""

    sections: list[tuple[str, list[Row]]]
    counts: dict[str, int]
    upcoming: list[Row]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def late(self) -> int:
        """How many residents in danger on the list wait longer than they should."""
        return sum(row.in_danger and row.late for _, rows in self.sections for row in rows)

    @property
    def cut(self) -> int:
        """How many tasks stand below the last line shown."""
        return self.total - sum(len(rows) for _, rows in self.sections)

    @property
    def version(self) -> str:
        marks = [(key, row.mark) for key, rows in self.sections for row in rows]
        return version_of(marks, [row.mark for row in self.upcoming], sorted(self.counts.items()))


def my_work(who: Staff, now: datetime, mine_only: bool = False) -> Work:
    """What `who` is doing, what climbed to them, what is theirs, and what they could take.

    `mine_only` leaves out what they could take. Four queries, however long the list.
    """
    alarms = {
        alarm.task_id: alarm
        for alarm in Escalation.objects.filter(
            told=who, seen_at=None, task__state=Task.State.TODO
        ).order_by("level")
    }
    doable = _without_own_reviews(doable_tasks(who), who)
    section = Case(
        When(Q(claimed_by=who, claimed_until__gt=now), then=Value(0)),
        When(pk__in=list(alarms), then=Value(1)),
        When(assigned_to=who, then=Value(2)),
        default=Value(3),
        output_field=SmallIntegerField(),
    )
    tasks = (
        visible_tasks(who)
        .filter(state=Task.State.TODO)
        .filter(Q(pk__in=doable.values("pk")) | Q(pk__in=list(alarms)) | Q(claimed_by=who))
        .exclude(_held(now) & ~Q(claimed_by=who) & ~Q(pk__in=list(alarms)))
        .annotate(section=section)
    )
    if mine_only:
        tasks = tasks.filter(section__lt=3)
    counts = {
        SECTIONS[row["section"]]: row["n"]
        for row in tasks.order_by().values("section").annotate(n=Count("pk"))
    }
    rows: dict[str, list[Row]] = {}
    access = access_of(who)
    for task in by_what_burns(tasks, now, "section")[:MOST_ROWS]:
        key = SECTIONS[task.section]  # type: ignore[attr-defined]
        may = access.may(NEEDS[task.kind], task.place.code)
        rows.setdefault(key, []).append(Row(task, now, alarms.get(task.pk), doable=may))
    return Work(list(rows.items()), counts, _upcoming(who, now))


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
