"""What a town sets for itself: the clocks of each grade, working hours, days off.

Clocks that run already keep their time; a new rule holds for what comes in from now on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, time
from itertools import pairwise

from django.db import transaction
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from fangxian.town import audit
from fangxian.town.access import Ability, access_of
from fangxian.town.models import Staff
from fangxian.warn.clock import CLIMB
from fangxian.warn.models import ClockRule, DayOff, Grade, WorkingHours

from .errors import Refused

# A red warning that may wait longer than this is not red (towns report 5 minutes, domain.md §2).
SLOWEST_RED_CALL = 30
LONGEST = 14 * 24 * 60


@dataclass(frozen=True)
class ClockTimes:
    """The clock of one grade, in minutes from the warning to the call and to the door.

    `climb_minutes`: between two steps of an alarm nobody answers; `retry_minutes`: from a call
    nobody answered to the next. None: what the house comes with (clock.CLIMB, clock.RETRY).
    """

    call_minutes: int
    door_minutes: int
    working_hours_only: bool
    climb_minutes: int | None = None
    retry_minutes: int | None = None

    def as_rule(self, grade: Grade) -> ClockRule:
        """The rule these times mean, not saved."""
        return ClockRule(grade=grade, **asdict(self))


def problems_of_clocks(clocks: Mapping[Grade, ClockTimes]) -> list[str]:
    """What is wrong with a set of clocks, as sentences; empty when they make sense."""
    said = []
    for grade, times in sorted(clocks.items()):
        if not 1 <= times.call_minutes <= times.door_minutes <= LONGEST:
            said.append(
                _("%(grade)s：电话至少 1 分钟，上门不早于电话，都不超过 14 天。")
                % {"grade": grade.label}
            )
        said += [
            _("%(grade)s：%(what)s至少 1 分钟，不超过 14 天。")
            % {"grade": grade.label, "what": what}
            for what, minutes in (
                (_("升级间隔"), times.climb_minutes),
                (_("再打间隔"), times.retry_minutes),
            )
            if minutes is not None and not 1 <= minutes <= LONGEST
        ]
    red = clocks[Grade.RED]
    if red.call_minutes > SLOWEST_RED_CALL:
        said.append(_("红色：电话不能超过 %(n)s 分钟。") % {"n": SLOWEST_RED_CALL})
    if red.working_hours_only:
        said.append(_("红色：夜里也要计时，不能只计工作时间。"))
    if (red.climb_minutes or CLIMB[Grade.RED]) > SLOWEST_RED_CALL:
        said.append(_("红色：升级间隔不能超过 %(n)s 分钟。") % {"n": SLOWEST_RED_CALL})
    for (above, near), (below, far) in pairwise(sorted(clocks.items())):
        if near.call_minutes > far.call_minutes or near.door_minutes > far.door_minutes:
            said.append(
                _("%(above)s不能比%(below)s慢。") % {"above": above.label, "below": below.label}
            )
    return said


@transaction.atomic
def set_clocks(by: Staff, clocks: Mapping[Grade, ClockTimes]) -> None:
    """Set the clocks of all four grades at once. Raises Refused where they make no sense."""
    access_of(by).check(Ability.CONFIGURE)
    if said := problems_of_clocks(clocks):
        raise Refused("\n".join(said))
    audit.hold()
    before = {rule.grade: rule for rule in ClockRule.objects.all()}
    for grade, times in clocks.items():
        rule = before.get(grade)
        was, new = _times_of(rule), tuple(asdict(times).values())
        if was == new:
            continue
        rule, _made = ClockRule.objects.update_or_create(grade=grade, defaults=asdict(times))
        audit.record(by, "set_clock", rule, grade=int(grade), was=was, now=new)


def _times_of(rule: ClockRule | None) -> tuple[object, ...] | None:
    """What a rule says, in the order of `ClockTimes`; None where the town set none."""
    return tuple(getattr(rule, f.name) for f in fields(ClockTimes)) if rule else None


def problems_of_hours(hours: Mapping[int, tuple[time, time]]) -> list[str]:
    """What is wrong with a week of working hours, as sentences; empty when they make sense."""
    said = []
    if not hours:
        said.append(_("一周至少要有一天上班，否则黄色、蓝色的时限永远走不完。"))
    said += [
        _("%(day)s：结束时间要晚于开始时间。") % {"day": WEEKDAYS[day]}
        for day, (opens, closes) in sorted(hours.items())
        if closes <= opens
    ]
    return said


@transaction.atomic
def set_hours(by: Staff, hours: Mapping[int, tuple[time, time]]) -> None:
    """Set the working hours of the week: weekday (0 Monday) -> opening and closing, local time.

    A weekday that is missing is not worked. Raises Refused where they make no sense.
    """
    access_of(by).check(Ability.CONFIGURE)
    if said := problems_of_hours(hours):
        raise Refused("\n".join(said))
    audit.hold()
    was = {w.weekday: (w.opens, w.closes) for w in WorkingHours.objects.all()}
    if was == dict(hours):
        return
    WorkingHours.objects.all().delete()
    WorkingHours.objects.bulk_create(
        WorkingHours(weekday=day, opens=opens, closes=closes)
        for day, (opens, closes) in sorted(hours.items())
    )
    audit.record(by, "set_hours", None, was=_as_text(was), now=_as_text(hours))


def _as_text(hours: Mapping[int, tuple[time, time]]) -> dict[str, str]:
    return {str(day): f"{o:%H:%M}-{c:%H:%M}" for day, (o, c) in sorted(hours.items())}


@transaction.atomic
def add_days_off(by: Staff, days: Iterable[tuple[date, str]]) -> int:
    """Add days on which working hours do not count, each with a name. Returns how many are new."""
    access_of(by).check(Ability.CONFIGURE)
    audit.hold()
    known = set(DayOff.objects.values_list("day", flat=True))
    new = {day: name for day, name in days if day not in known}
    DayOff.objects.bulk_create(DayOff(day=day, name=name) for day, name in sorted(new.items()))
    if new:
        audit.record(by, "days_off_added", None, days=sorted(new))
    return len(new)


@transaction.atomic
def drop_day_off(by: Staff, day: date) -> None:
    """Make a day count again. Dropping it twice is dropping it once."""
    access_of(by).check(Ability.CONFIGURE)
    audit.hold()
    if DayOff.objects.filter(day=day).delete()[0]:
        audit.record(by, "day_off_dropped", None, day=day)
