"""Who answers for a place at a moment, and whom to tell when they do not act."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from ..access import Ability, access_of
from ..models import DIGITS, Absence, Duty, Place, Role, Shift, Staff, prefix_of

# How long an absence that ended stays on the page.
RECENT = timedelta(days=30)
# How a chain begins; it ends with the leaders of these people's departments and the town's head.
# In each step the first role that has anybody is asked: a village that no clerk has taken
# climbs to its officers.
_STEPS: dict[str, tuple[tuple[str, ...], ...]] = {
    Role.GRID: ((Role.GRID,), (Role.VILLAGE,), (Role.CLERK, Role.OFFICER)),
    Role.VILLAGE: ((Role.VILLAGE,), (Role.CLERK, Role.OFFICER)),
    Role.EDUCATOR: ((Role.EDUCATOR,), (Role.CLERK,)),
    Role.CLERK: ((Role.CLERK,),),
    Role.OFFICER: ((Role.OFFICER,),),
    Role.LEADER: (),
}


def absent(at: datetime) -> dict[int, Staff | None]:
    """Who is away at `at` (aware): id of staff -> who stands in, or None.

    A stand-in who is away, too, or has left, is no stand-in.
    """
    rows = list(
        Absence.objects.filter(starts_at__lte=at, ends_at__gt=at).select_related(
            "stand_in__department"
        )
    )
    away: dict[int, Staff | None] = dict.fromkeys(row.staff_id for row in rows)
    for row in rows:
        stand_in = row.stand_in
        if stand_in is not None and stand_in.is_active and stand_in.pk not in away:
            away[row.staff_id] = stand_in
    return away


def on_shift(staff_ids: Iterable[int], at: datetime) -> set[int]:
    """Which of `staff_ids` are on the roster at `at` (aware)."""
    rows = Shift.objects.filter(staff__in=list(staff_ids), starts_at__lte=at, ends_at__gt=at)
    return set(rows.values_list("staff", flat=True))


def duty_of(place: Place, role: str, at: datetime | None = None) -> list[Duty]:
    """Who answers for `place` in `role` now: duties of the nearest place upward with somebody.

    Grid, then village, then town and above. `duty.staff` is who acts: the stand-in of someone
    away, who is then `duty.held_for`. Those away without a stand-in do not count, so that a task
    goes to the village rather than wait. Never save a duty from here.
    """
    moment = at or timezone.now()
    return _nearest(acting_duties(codes_above(place.code), moment), role)


def chain_of(place: Place, role: str, at: datetime | None = None) -> list[Duty]:
    """The chain to climb for `place`, beginning with those who answer for it in `role`.

    Grid worker, village staff, the clerks who took the village (its officers where no clerk
    did), the leaders of those people's department, the head of the town. For officers: officers,
    the leader of the police station, the head. Each person stands in the chain once; people away
    are replaced by their stand-in (`duty.staff`) or left out.
    """
    moment = at or timezone.now()
    duties = acting_duties(codes_above(place.code), moment)
    chain: list[Duty] = []
    last: list[Duty] = []
    for roles in _STEPS.get(role, ()):
        found = next((d for r in roles if (d := _nearest(duties, r))), [])
        last = found or last
        chain += found
    bodies = {(duty.held_for or duty.staff).department_id for duty in last}
    leaders = [d for d in duties if d.role == Role.LEADER]
    chain += [d for d in leaders if d.leads_id and d.leads_id in bodies]
    chain += _nearest([d for d in leaders if d.leads_id is None], Role.LEADER)
    first: dict[int, Duty] = {}
    for duty in chain:
        first.setdefault(duty.staff_id, duty)
    return list(first.values())


def visible_duties(who: Staff, ended: bool = False) -> QuerySet[Duty]:
    """Duties in the area where `who` sees duties, by place; without those that ended."""
    rows = access_of(who).within(
        Duty.objects.select_related("staff__department", "place__parent", "leads"),
        Ability.SEE_DUTIES,
    )
    if not ended:
        rows = rows.filter(Q(ends_at=None) | Q(ends_at__gt=timezone.now()))
    return rows


def visible_absences(who: Staff) -> QuerySet[Absence]:
    """Absences not long past: one's own, and of people with duties where `who` sees duties."""
    since = timezone.now() - RECENT
    inside = access_of(who).within(Duty.objects.all(), Ability.SEE_DUTIES)
    rows = Absence.objects.filter(ends_at__gte=since)
    return rows.filter(Q(staff=who) | Q(staff__in=inside.values("staff"))).select_related(
        "staff", "stand_in"
    )


def visible_shifts(
    who: Staff, start: datetime | None = None, end: datetime | None = None
) -> QuerySet[Shift]:
    """Shifts of people with duties where `who` sees duties; those beginning in [start, end)."""
    inside = access_of(who).within(Duty.objects.all(), Ability.SEE_DUTIES)
    rows = Shift.objects.filter(staff__in=inside.values("staff"))
    if start is not None:
        rows = rows.filter(starts_at__gte=start)
    if end is not None:
        rows = rows.filter(starts_at__lt=end)
    return rows.select_related("staff__department").order_by(
        "staff__department", "staff", "starts_at"
    )


def colleagues(who: Staff) -> QuerySet[Staff]:
    """Active people of the same town (or of no place yet): who may stand in or take over."""
    held = who.duties.values_list("place__code", "place__level")
    towns = Q(duties=None)
    for prefix in {prefix_of(code, level)[: DIGITS["town"]] for code, level in held}:
        towns |= Q(duties__place__code__startswith=prefix)
    active = Staff.objects.filter(is_active=True).filter(towns)
    return active.select_related("department").order_by("department", "id").distinct()


def codes_above(code: str) -> list[str]:
    """The codes of a place and all above it, nearest first."""
    digits = sorted((d for d in DIGITS.values() if d <= len(code)), reverse=True)
    codes = [code[:d].ljust(12, "0") for d in digits]
    return list(dict.fromkeys(codes))


def acting_duties(codes: Iterable[str], at: datetime) -> list[Duty]:
    """Duties for the places with these codes, each with the person who acts in it at `at`."""
    rows = (
        Duty.objects.at(at)
        .filter(place__code__in=list(codes))
        .select_related("staff__department", "place", "leads")
        .order_by("id")
    )
    away = absent(at)
    acting: list[Duty] = []
    for row in rows:
        if row.staff_id in away:
            stand_in = away[row.staff_id]
            if stand_in is None:
                continue
            row.held_for, row.staff = row.staff, stand_in
        if row.staff.is_active:
            acting.append(row)
    return acting


def _nearest(duties: list[Duty], role: str) -> list[Duty]:
    own = [d for d in duties if d.role == role]
    if not own:
        return []
    nearest = max(len(d.place.prefix) for d in own)
    return [d for d in own if len(d.place.prefix) == nearest]
