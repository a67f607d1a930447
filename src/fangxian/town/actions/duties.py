"""Duties, absences and the roster: given, ended, handed over, planned."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from .. import audit, events
from ..access import ABILITIES, SEPARATED, Ability, access_of, check
from ..models import Absence, Department, Duty, Level, Place, Role, Shift, Staff
from .errors import Refused

# Whom a clerk may not appoint: the administrators and the leaders.
APPOINTED_BY_SECURITY = (*SEPARATED, Role.LEADER)
_LEVELS_OF: dict[str, tuple[str, ...]] = {
    Role.GRID: (Level.GRID, Level.VILLAGE),
    Role.VILLAGE: (Level.VILLAGE,),
}


@transaction.atomic
def give_duty(
    by: audit.Actor,
    staff: Staff,
    role: str,
    place: Place,
    leads: Department | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> Duty:
    """`staff` answers for `place` in `role` from `starts_at` (now) to `ends_at` (exclusive).

    Leaders and administrators are appointed by the security administrator, all others by whoever
    edits duties at the place; nobody gives themselves what they do not hold. Raises Refused when
    an administrator would hold a second role at the same time (等保 2.0), or for a duty that
    exists already.
    """
    _may_appoint(by, role, place)
    start = starts_at or timezone.now()
    _refuse_wrong_place(role, place, leads)
    if not staff.is_active:
        raise Refused(_("%(name)s的账号已停用。") % {"name": staff.name})
    if ends_at is not None and ends_at <= start:
        raise Refused(_("结束时间应晚于开始时间。"))
    _refuse_more_for_oneself(by, staff, [(role, place)])
    # One writer at a time: two administrators must not each give half of a forbidden pair.
    audit.hold()
    _refuse_unseparated(staff, {role}, start, ends_at)
    same = Duty.objects.filter(staff=staff, role=role, place=place, leads=leads)
    if _during(same, start, ends_at).exists():
        raise Refused(_("%(name)s在这段时间已有这项职责。") % {"name": staff.name})
    duty = Duty.objects.create(
        staff=staff, role=role, place=place, leads=leads, starts_at=start, ends_at=ends_at
    )
    audit.record(
        by, "duty_given", duty, staff=staff.pk, role=role, place=place.code, to=duty.ends_at
    )
    return duty


@transaction.atomic
def end_duty(by: audit.Actor, duty: Duty, at: datetime | None = None) -> None:
    """End a duty at `at` (now); one that has not begun by then is dropped."""
    _may_appoint(by, duty.role, duty.place)
    moment = at or timezone.now()
    if duty.ends_at is not None and duty.ends_at <= timezone.now():
        raise Refused(_("这项职责已经结束。"))
    audit.record(by, "duty_ended", duty, staff=duty.staff_id, at=moment)
    if duty.starts_at >= moment:
        duty.delete()
        return
    duty.ends_at = moment
    duty.save(update_fields=["ends_at"])


@transaction.atomic
def hand_over(by: audit.Actor, duty: Duty, to: Staff, at: datetime | None = None) -> Duty:
    """`to` takes over a duty at `at` (now): no moment without anybody, none with two."""
    moment = max(at or timezone.now(), duty.starts_at)
    if to.pk == duty.staff_id:
        raise Refused(_("请选择另一位同事接手。"))
    if duty.ends_at is not None and duty.ends_at <= moment:
        raise Refused(_("这项职责在 %(at)s 之前已经结束。") % {"at": f"{moment:%Y-%m-%d}"})
    last = duty.ends_at
    end_duty(by, duty, moment)
    taken = give_duty(by, to, duty.role, duty.place, duty.leads, moment, last)
    events.duty_handed_over.send(Duty, duty=duty, to=to, by=by)
    return taken


@transaction.atomic
def note_absence(
    by: audit.Actor,
    staff: Staff,
    starts_at: datetime,
    ends_at: datetime,
    stand_in: Staff | None = None,
    reason: str = "",
) -> Absence:
    """`staff` is away; `stand_in` has the same duties meanwhile. Everybody may note their own."""
    _may_plan_for(by, staff)
    if ends_at <= starts_at:
        raise Refused(_("结束时间应晚于开始时间。"))
    audit.hold()
    if _during(Absence.objects.filter(staff=staff), starts_at, ends_at).exists():
        raise Refused(_("%(name)s在这段时间已登记请假。") % {"name": staff.name})
    if stand_in is not None:
        if stand_in.pk == staff.pk or not stand_in.is_active:
            raise Refused(_("请选择另一位在岗的同事替班。"))
        if _during(Absence.objects.filter(staff=stand_in), starts_at, ends_at).exists():
            raise Refused(_("%(name)s在这段时间也请假了，不能替班。") % {"name": stand_in.name})
        held = list(_during(staff.duties.select_related("place"), starts_at, ends_at))
        if by != staff:
            _refuse_more_for_oneself(by, stand_in, [(d.role, d.place) for d in held])
        _refuse_unseparated(stand_in, {d.role for d in held}, starts_at, ends_at)
    absence = Absence.objects.create(
        staff=staff,
        stand_in=stand_in,
        starts_at=starts_at,
        ends_at=ends_at,
        reason=reason.strip()[:60],
    )
    audit.record(
        by,
        "absence_noted",
        absence,
        staff=staff.pk,
        stand_in=stand_in.pk if stand_in else None,
        starts=starts_at,
        ends=ends_at,
    )
    return absence


@transaction.atomic
def end_absence(by: audit.Actor, absence: Absence, at: datetime | None = None) -> None:
    """Back early: the absence ends at `at` (now); one that has not begun is dropped."""
    _may_plan_for(by, absence.staff)
    moment = at or timezone.now()
    if absence.ends_at <= moment:
        raise Refused(_("这次请假已经结束。"))
    audit.record(by, "absence_ended", absence, staff=absence.staff_id, at=moment)
    if absence.starts_at >= moment:
        absence.delete()
        return
    absence.ends_at = moment
    absence.save(update_fields=["ends_at"])


@transaction.atomic
def plan_shifts(by: audit.Actor, shifts: Sequence[tuple[Staff, datetime, datetime]]) -> list[Shift]:
    """Put people on the roster. Raises Refused, naming who, when a shift overlaps another."""
    audit.hold()
    planned: list[Shift] = []
    for staff, starts_at, ends_at in shifts:
        _may_plan_for(by, staff, own=False)
        if ends_at <= starts_at:
            raise Refused(_("结束时间应晚于开始时间。"))
        if _during(Shift.objects.filter(staff=staff), starts_at, ends_at).exists():
            raise Refused(
                _("%(name)s在 %(day)s 已有班次。")
                % {"name": staff.name, "day": timezone.localtime(starts_at).date().isoformat()}
            )
        planned.append(Shift.objects.create(staff=staff, starts_at=starts_at, ends_at=ends_at))
    audit.record_all(
        by,
        [
            audit.Entry("shift_planned", s, {"staff": s.staff_id, "starts": s.starts_at})
            for s in planned
        ],
    )
    return planned


@transaction.atomic
def drop_shift(by: audit.Actor, shift: Shift) -> None:
    """Take a shift off the roster."""
    _may_plan_for(by, shift.staff, own=False)
    audit.record(by, "shift_dropped", shift, staff=shift.staff_id, starts=shift.starts_at)
    shift.delete()


def _may_appoint(by: audit.Actor, role: str, place: Place) -> None:
    needed = Ability.EDIT_STAFF if role in APPOINTED_BY_SECURITY else Ability.EDIT_DUTIES
    check(by, needed, place.code)


def _may_plan_for(by: audit.Actor, staff: Staff, own: bool = True) -> None:
    """Own absence; else duties (or, for administrators and leaders, staff) of all their places."""
    if by == audit.SYSTEM or (own and by == staff):
        return
    duties = list(staff.duties.filter(Q(ends_at=None) | Q(ends_at__gt=timezone.now())))
    if not duties or isinstance(by, str):
        raise PermissionDenied(Ability.EDIT_DUTIES)
    access = access_of(by)
    for duty in duties:
        if not access.may(Ability.EDIT_DUTIES, duty.place.code) or duty.role in SEPARATED:
            access.check(Ability.EDIT_STAFF, duty.place.code)


def _refuse_wrong_place(role: str, place: Place, leads: Department | None) -> None:
    if role not in Role.values:
        raise Refused(_("没有“%(role)s”这个角色。") % {"role": role})
    if place.valid_to:
        raise Refused(_("“%(place)s”已经停用。") % {"place": place.name})
    levels = _LEVELS_OF.get(role)
    if levels and place.level not in levels:
        raise Refused(
            _("%(role)s要负责%(levels)s，不是%(level)s。")
            % {
                "role": Role(role).label,
                "levels": "/".join(str(Level(level).label) for level in levels),
                "level": Level(place.level).label,
            }
        )
    if leads is not None and role != Role.LEADER:
        raise Refused(_("只有领导可以分管科室。"))


def _refuse_unseparated(
    staff: Staff, roles: set[str], start: datetime, end: datetime | None
) -> None:
    """等保 2.0: an administrator holds no second role, not even as a stand-in."""
    covered = Absence.objects.filter(stand_in=staff).values("staff")
    holders = Q(staff=staff) | Q(staff__in=covered)
    held = set(_during(Duty.objects.filter(holders), start, end).values_list("role", flat=True))
    together = held | roles
    separated = together & set(SEPARATED)
    if separated and len(together) > 1:
        raise Refused(
            _("%(name)s不能同时担任：%(roles)s。系统、安全、审计管理员须由不同的人专任。")
            % {
                "name": staff.name,
                "roles": "、".join(str(Role(r).label) for r in sorted(together)),
            }
        )


def _refuse_more_for_oneself(
    by: audit.Actor, staff: Staff, duties: Sequence[tuple[str, Place]]
) -> None:
    """Nobody gives themselves what they do not hold."""
    if not isinstance(by, Staff) or by.pk != staff.pk:
        return
    access = access_of(by)
    for role, place in duties:
        if not all(access.may(ability, place.code) for ability in ABILITIES[role]):
            raise Refused(_("不能给自己增加权限，请另一位管理人员来办。"))


def _during(rows: QuerySet[Any], start: datetime, end: datetime | None) -> QuerySet[Any]:
    """Rows whose span [starts_at, ends_at) meets [start, end)."""
    rows = rows.filter(Q(ends_at=None) | Q(ends_at__gt=start))
    return rows.filter(starts_at__lt=end) if end is not None else rows
