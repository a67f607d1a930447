"""Clocks: when something is due, and the loop that fires what is due, once and in order.

Every running clock is a column of the database (`Task.alarm_at`), so nothing is lost when a
worker stops: whichever worker comes next fires what fell due meanwhile, oldest first.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, Min
from django.utils import timezone

from fangxian.town import audit
from fangxian.town.models import Duty
from fangxian.town.queries import chain_of

from .models import ClockRule, DayOff, Escalation, Grade, Task, WorkingHours

log = logging.getLogger("fangxian.clock")

# Towns report: high risk = phone within 5 minutes, at the door within 1 hour (domain.md §2).
# Yellow and blue count only hours in which the rota works: nobody is rung at 3 a.m. for those.
DEFAULTS: dict[Grade, tuple[int, int, bool]] = {
    Grade.RED: (5, 60, False),
    Grade.ORANGE: (30, 4 * 60, False),
    Grade.YELLOW: (4 * 60, 24 * 60, True),
    Grade.BLUE: (24 * 60, 72 * 60, True),
}
OPENS, CLOSES = time(8), time(20)
# How often an unanswered alarm climbs one step further, and after an unreachable call when to try
# again (minutes, where the town set none). Both wait for the rota where the grade's clock does.
CLIMB = {Grade.RED: 5, Grade.ORANGE: 30, Grade.YELLOW: 120, Grade.BLUE: 480}
RETRY = {Grade.RED: 10, Grade.ORANGE: 60, Grade.YELLOW: 4 * 60, Grade.BLUE: 24 * 60}
HIGHEST_LEVEL = 5
FOLLOW_UP_DAYS = (3, 30)


@dataclass(frozen=True)
class Rota:
    """When working hours count: opening and closing by weekday (local time), and days off."""

    hours: dict[int, tuple[time, time]]
    days_off: frozenset[date]

    @classmethod
    def of_town(cls) -> Rota:
        """The rota as set; every day 8-20 where nothing is set."""
        rows = {w.weekday: (w.opens, w.closes) for w in WorkingHours.objects.all()}
        hours = rows or dict.fromkeys(range(7), (OPENS, CLOSES))
        return cls(hours, frozenset(DayOff.objects.values_list("day", flat=True)))

    def window(self, day: date) -> tuple[datetime, datetime] | None:
        """Opening and closing on one local day, or None where nobody works."""
        if day in self.days_off or day.weekday() not in self.hours:
            return None
        opens, closes = self.hours[day.weekday()]
        zone = timezone.get_default_timezone()
        return (
            datetime.combine(day, opens, tzinfo=zone),
            datetime.combine(day, closes, tzinfo=zone),
        )

    def after(self, start: datetime, length: timedelta) -> datetime:
        """The moment at which `length` of working time has passed since `start`.

        A rota without any working hour in the next 400 days counts all time, rather than never.
        """
        left, day = length, timezone.localtime(start).date()
        for _ in range(400):
            if window := self.window(day):
                begin, end = max(window[0], start), window[1]
                if begin < end:
                    if left <= end - begin:
                        return begin + left
                    left -= end - begin
            day += timedelta(days=1)
        return start + length


def rules() -> dict[Grade, ClockRule]:
    """The clock of each grade: as set by the town, else `DEFAULTS`."""
    found = {
        grade: ClockRule(
            grade=grade, call_minutes=call, door_minutes=door, working_hours_only=working
        )
        for grade, (call, door, working) in DEFAULTS.items()
    }
    found.update({Grade(rule.grade): rule for rule in ClockRule.objects.all()})
    return found


@dataclass(frozen=True)
class Clocks:
    """All clock arithmetic of one moment: rules and rota read once, used for many tasks."""

    rules: dict[Grade, ClockRule]
    rota: Rota

    @classmethod
    def now(cls) -> Clocks:
        return cls(rules(), Rota.of_town())

    def call_due(self, grade: Grade, start: datetime) -> datetime:
        return self._after(grade, start, self.rules[grade].call_minutes)

    def door_due(self, grade: Grade, start: datetime) -> datetime:
        return self._after(grade, start, self.rules[grade].door_minutes)

    def retry_at(self, grade: Grade, start: datetime) -> datetime:
        return self._after(grade, start, self.rules[grade].retry_minutes or RETRY[grade])

    def climb_at(self, grade: Grade, start: datetime) -> datetime:
        """When an alarm that fired at `start` climbs one step further."""
        return self._after(grade, start, self.rules[grade].climb_minutes or CLIMB[grade])

    def _after(self, grade: Grade, start: datetime, minutes: int) -> datetime:
        length = timedelta(minutes=minutes)
        if self.rules[grade].working_hours_only:
            return self.rota.after(start, length)
        return start + length


def merge_window(grade: Grade) -> timedelta:
    """How long a new signal still belongs to a resident's closed episode and reopens it.

    Red 72 h, others 24 h: a resident who was dissuaded today and is called again by the
    same gang tomorrow must not become a second, unrelated case. Source: design.md, habits.
    """
    return timedelta(hours=72 if grade is Grade.RED else 24)


def next_alarm() -> datetime | None:
    """When the next clock runs out, or None while no clock runs."""
    running = Task.objects.filter(state=Task.State.TODO, alarm_at__isnull=False)
    soonest: datetime | None = running.aggregate(at=Min("alarm_at"))["at"]
    return soonest


def fire_due(now: datetime | None = None) -> int:
    """Fire every alarm due at `now`, in the order in which they fell due. Returns how many.

    A task whose alarm was missed several times over climbs one level for each, in order. One that
    cannot be fired is logged and left for the next round; it does not keep the others from firing.
    """
    moment, fired, clocks = now or timezone.now(), 0, None
    stuck: set[int] = set()
    while True:
        due = (
            Task.objects.filter(state=Task.State.TODO, alarm_at__lte=moment)
            .exclude(pk__in=stuck)
            .order_by("alarm_at", "id")
            .first()
        )
        if due is None:
            return fired
        clocks = clocks or Clocks.now()
        try:
            fired += fire(due, moment, clocks)
        except (OperationalError, InterfaceError):
            raise  # the database is busy or away, and will be for the next alarm, too
        except Exception:
            log.exception("the alarm of task %d cannot be fired", due.pk)
            stuck.add(due.pk)


@transaction.atomic
def fire(task: Task, now: datetime, clocks: Clocks | None = None) -> bool:
    """Fire one alarm: tell the next person up the chain.

    False if another worker was first, or somebody is ringing: then it waits until the claim ends.
    """
    audit.hold()
    level = task.level + 1
    again = (
        (clocks or Clocks.now()).climb_at(Grade(task.grade), task.alarm_at)
        if task.alarm_at and level < HIGHEST_LEVEL
        else None
    )
    as_seen = Task.objects.filter(
        pk=task.pk, alarm_at=task.alarm_at, level=task.level, state=Task.State.TODO
    )
    # A claim alone keeps no clock: a page left open prolongs it. A number that was shown does.
    if as_seen.filter(began_at__isnull=False, claimed_until__gt=now).update(
        alarm_at=F("claimed_until")
    ):
        return False
    # Whoever moves the alarm on has fired it; a second worker finds nothing to update.
    if not as_seen.update(alarm_at=again, level=level):
        return False
    climbed = climb(task, level)
    if climbed is None and level > 1:
        # The end of the chain was told already: nobody is left to tell.
        Task.objects.filter(pk=task.pk).update(alarm_at=None, level=task.level)
        return True
    Escalation.objects.create(
        task=task,
        round=task.round,
        level=level,
        told=climbed.staff if climbed else None,
        due_at=task.due_at,
        fired_at=now,
    )
    audit.record(
        audit.SYSTEM,
        "clock_ran_out",
        task,
        level=level,
        due=task.due_at,
        told=climbed.staff_id if climbed else None,
    )
    return True


def resumed(task: Task, now: datetime) -> datetime | None:
    """When the alarm fires next, once whoever was ringing gave the task back without a result."""
    if task.alarm_at is None or task.began_at is None:
        return task.alarm_at
    grade = Grade(task.grade)
    kept = max(task.due_at, now) if task.level == 0 else Clocks.now().climb_at(grade, now)
    return min(task.alarm_at, kept)


def climb(task: Task, level: int) -> Duty | None:
    """Who is told at `level`: the first told is the next above those who should have acted."""
    role = "grid" if task.kind in (Task.Kind.VISIT, Task.Kind.FIND) else "officer"
    chain = chain_of(task.place, role)
    own = [d for d in chain if d.role == role]
    above = [d for d in chain if d not in own]
    return above[level - 1] if level <= len(above) else None
