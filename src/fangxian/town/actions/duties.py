"""Duties and the roster: given, ended, handed over, planned."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from .. import audit, events
from ..models import Department, Duty, Place, Shift, Staff
from .duty_rules import (
    Held,
    during,
    may_appoint,
    may_plan_for,
    refuse_more_for_oneself,
    refuse_unseparated,
    refuse_wrong_place,
)
from .errors import Refused


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
    may_appoint(by, role, place)
    start = starts_at or timezone.now()
    refuse_wrong_place(role, place, leads)
    if not staff.is_active:
        raise Refused(_("%(name)s的账号已停用。") % {"name": staff.name})
    if ends_at is not None and ends_at <= start:
        raise Refused(_("结束时间应晚于开始时间。"))
    refuse_more_for_oneself(by, staff, [(role, place)])
    # One writer at a time: two administrators must not each give half of a forbidden pair.
    audit.hold()
    refuse_unseparated(staff, Held(role, start, ends_at))
    same = Duty.objects.filter(staff=staff, role=role, place=place, leads=leads)
    if during(same, start, ends_at).exists():
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
    """End a duty at `at` (now); one that has not begun by then is dropped.

    Raises Refused for one that has ended, and for an end later than the present one: to prolong
    a duty is to give it anew, with all that is checked then.
    """
    may_appoint(by, duty.role, duty.place)
    _as_it_is(duty)
    moment = at or timezone.now()
    if duty.ends_at is not None and duty.ends_at <= timezone.now():
        raise Refused(_("这项职责已经结束。"))
    if duty.ends_at is not None and moment > duty.ends_at:
        raise Refused(
            _("这项职责到 %(at)s 为止，不能在这里延长。要延长，请从那天起重新安排职责。")
            % {"at": f"{timezone.localtime(duty.ends_at):%Y-%m-%d}"}
        )
    audit.record(by, "duty_ended", duty, staff=duty.staff_id, at=moment)
    if duty.starts_at >= moment:
        duty.delete()
        return
    duty.ends_at = moment
    duty.save(update_fields=["ends_at"])


@transaction.atomic
def hand_over(by: audit.Actor, duty: Duty, to: Staff, at: datetime | None = None) -> Duty:
    """`to` takes over a duty at `at` (now): no moment without anybody, none with two."""
    may_appoint(by, duty.role, duty.place)
    _as_it_is(duty)
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
def plan_shifts(by: audit.Actor, shifts: Sequence[tuple[Staff, datetime, datetime]]) -> list[Shift]:
    """Put people on the roster. Raises Refused, naming who, when a shift overlaps another."""
    audit.hold()
    planned: list[Shift] = []
    for staff, starts_at, ends_at in shifts:
        may_plan_for(by, staff, own=False)
        if ends_at <= starts_at:
            raise Refused(_("结束时间应晚于开始时间。"))
        if during(Shift.objects.filter(staff=staff), starts_at, ends_at).exists():
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
    may_plan_for(by, shift.staff, own=False)
    audit.record(by, "shift_dropped", shift, staff=shift.staff_id, starts=shift.starts_at)
    shift.delete()


def _as_it_is(duty: Duty) -> None:
    """Read the duty anew under the writers' lock: it may have been ended since the page was read."""
    audit.hold()
    try:
        duty.refresh_from_db(fields=["starts_at", "ends_at"])
    except Duty.DoesNotExist:
        raise Refused(_("这项职责已经结束。")) from None
