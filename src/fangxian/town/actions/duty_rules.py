"""What may not be: rules that giving a duty and noting an absence have in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from .. import audit
from ..access import ABILITIES, SEPARATED, Ability, access_of, check
from ..models import Absence, Department, Duty, Level, Place, Role, Staff
from .errors import Refused

# Whom a clerk may not appoint: the administrators and the leaders.
APPOINTED_BY_SECURITY = (*SEPARATED, Role.LEADER)
_LEVELS_OF: dict[str, tuple[str, ...]] = {
    Role.GRID: (Level.GRID, Level.VILLAGE),
    Role.VILLAGE: (Level.VILLAGE,),
}


@dataclass(frozen=True)
class Held:
    """A role held from `start` to `end` (exclusive; None: without end)."""

    role: str
    start: datetime
    end: datetime | None

    def within(self, start: datetime, end: datetime | None) -> Held | None:
        """The part inside [start, end), or None."""
        ends = [moment for moment in (self.end, end) if moment is not None]
        part = Held(self.role, max(self.start, start), min(ends) if ends else None)
        return part if part.end is None or part.start < part.end else None


def during(rows: QuerySet[Any], start: datetime, end: datetime | None) -> QuerySet[Any]:
    """Rows whose span [starts_at, ends_at) meets [start, end)."""
    rows = rows.filter(Q(ends_at=None) | Q(ends_at__gt=start))
    return rows.filter(starts_at__lt=end) if end is not None else rows


def may_appoint(by: audit.Actor, role: str, place: Place) -> None:
    """Raises PermissionDenied unless `by` appoints people to `role` at `place`."""
    check(by, appoints(role), place.code)


def appoints(role: str) -> Ability:
    """The ability that appointing to `role` needs."""
    return Ability.EDIT_STAFF if role in APPOINTED_BY_SECURITY else Ability.EDIT_DUTIES


def may_plan_for(by: audit.Actor, staff: Staff, own: bool = True) -> None:
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


def refuse_wrong_place(role: str, place: Place, leads: Department | None) -> None:
    """Raises Refused where nobody can hold `role`: a closed place, a wrong level."""
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


def refuse_unseparated(staff: Staff, duty: Held) -> None:
    """等保 2.0: an administrator holds no second role at any moment, not even as a stand-in.

    Asked before `staff` is given `duty`: of `staff`, and of everybody who stands in for them
    meanwhile, for the days they do. Raises Refused.
    """
    _refuse_beside(staff, [duty])
    stood_in_for = during(Absence.objects.filter(staff=staff), duty.start, duty.end)
    for absence in stood_in_for.exclude(stand_in=None).select_related("stand_in"):
        _refuse_beside(absence.stand_in, _parts([duty], absence.starts_at, absence.ends_at))


def refuse_unseparated_stand_in(
    stand_in: Staff, staff: Staff, start: datetime, end: datetime
) -> None:
    """The same before `stand_in` has the duties of `staff` from `start` to `end`."""
    _refuse_beside(stand_in, _held(Q(staff=staff), start, end))


def refuse_more_for_oneself(
    by: audit.Actor, staff: Staff, duties: Sequence[tuple[str, Place]]
) -> None:
    """Nobody gives themselves what they do not hold."""
    if not isinstance(by, Staff) or by.pk != staff.pk:
        return
    access = access_of(by)
    for role, place in duties:
        if not all(access.may(ability, place.code) for ability in ABILITIES[role]):
            raise Refused(_("不能给自己增加权限，请另一位管理人员来办。"))


def refuse_unfit(
    by: audit.Actor, stand_in: Staff, duties: Iterable[Duty], start: datetime, end: datetime
) -> None:
    """A stand-in does work of the same kind already, all the days from `start` to `end`;
    anybody else is chosen by whoever appoints people to the duty. Raises Refused.

    Of the same kind is what allows all of it (an officer, not an educator, for an officer), be it
    elsewhere: the grid worker of the next grid.
    """
    own = during(stand_in.duties.all(), start, end).filter(
        starts_at__lte=max(start, timezone.now())
    )
    roles = own.filter(Q(ends_at=None) | Q(ends_at__gte=end)).values_list("role", flat=True)
    kinds = [ABILITIES[role] for role in set(roles)]
    for duty in duties:
        if any(ABILITIES[duty.role] <= kind for kind in kinds) or by == audit.SYSTEM:
            continue
        if isinstance(by, str) or not access_of(by).may(appoints(duty.role), duty.place.code):
            raise Refused(
                _("%(name)s自己没有%(role)s一类的职责，要由有权安排这项职责的同事登记替班。")
                % {"name": stand_in.name, "role": Role(duty.role).label}
            )


def _refuse_beside(staff: Staff, more: Sequence[Held]) -> None:
    for new in more:
        stands_in = during(Absence.objects.filter(stand_in=staff), new.start, new.end)
        held = _held(Q(staff=staff), new.start, new.end)
        for absence in stands_in:
            held += _parts(
                _held(Q(staff=absence.staff_id), new.start, new.end),
                absence.starts_at,
                absence.ends_at,
            )
        # Everything in `held` meets the new role in time; what it holds one after the other is fine.
        beside = {other.role for other in held} - {new.role}
        if new.role not in SEPARATED:
            beside &= set(SEPARATED)
        if beside:
            together = {new.role, *beside}
            raise Refused(
                _("%(name)s不能同时担任：%(roles)s。系统、安全、审计管理员须由不同的人专任。")
                % {
                    "name": staff.name,
                    "roles": "、".join(str(Role(r).label) for r in sorted(together)),
                }
            )


def _held(holders: Q, start: datetime, end: datetime | None) -> list[Held]:
    """The roles of own duties of `holders` in [start, end), cut to it."""
    rows = during(Duty.objects.filter(holders), start, end)
    return _parts([Held(d.role, d.starts_at, d.ends_at) for d in rows], start, end)


def _parts(held: Iterable[Held], start: datetime, end: datetime | None) -> list[Held]:
    return [part for one in held if (part := one.within(start, end))]
