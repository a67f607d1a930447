"""Absences: noted, with a stand-in or without, and ended."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from .. import audit
from ..models import Absence, Staff
from .duty_rules import (
    during,
    may_plan_for,
    refuse_more_for_oneself,
    refuse_unfit,
    refuse_unseparated_stand_in,
)
from .errors import Refused

# What one may enter for oneself, all absences not yet over together. Longer ones (a birth, a
# secondment) are entered by whoever plans the duties: somebody should decide then who takes over.
LONGEST_OWN = timedelta(days=60)


@transaction.atomic
def note_absence(
    by: audit.Actor,
    staff: Staff,
    starts_at: datetime,
    ends_at: datetime,
    stand_in: Staff | None = None,
    reason: str = "",
) -> Absence:
    """`staff` is away; `stand_in` has the same duties meanwhile. Everybody may note their own,
    60 days in all. Raises Refused, also for a stand-in who does no such work unless `by` is who
    appoints people to it."""
    may_plan_for(by, staff)
    if ends_at <= starts_at:
        raise Refused(_("结束时间应晚于开始时间。"))
    audit.hold()
    if during(Absence.objects.filter(staff=staff), starts_at, ends_at).exists():
        raise Refused(_("%(name)s在这段时间已登记请假。") % {"name": staff.name})
    if by == staff:
        _refuse_too_long(staff, ends_at - starts_at)
    if stand_in is not None:
        _refuse_stand_in(by, staff, stand_in, starts_at, ends_at)
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
    may_plan_for(by, absence.staff)
    audit.hold()
    try:
        absence.refresh_from_db(fields=["starts_at", "ends_at"])
    except Absence.DoesNotExist:
        raise Refused(_("这次请假已经结束。")) from None
    moment = at or timezone.now()
    if absence.ends_at <= moment:
        raise Refused(_("这次请假已经结束。"))
    audit.record(by, "absence_ended", absence, staff=absence.staff_id, at=moment)
    if absence.starts_at >= moment:
        absence.delete()
        return
    absence.ends_at = moment
    absence.save(update_fields=["ends_at"])


def _refuse_too_long(staff: Staff, more: timedelta) -> None:
    rows = Absence.objects.filter(staff=staff, ends_at__gt=timezone.now())
    noted = sum((row.ends_at - row.starts_at for row in rows), timedelta())
    if noted + more > LONGEST_OWN:
        raise Refused(
            _("自己登记的请假合计最多 %(days)d 天；更长的请让安排职责的同事登记。")
            % {"days": LONGEST_OWN.days}
        )


def _refuse_stand_in(
    by: audit.Actor, staff: Staff, stand_in: Staff, start: datetime, end: datetime
) -> None:
    if stand_in.pk == staff.pk or not stand_in.is_active:
        raise Refused(_("请选择另一位在岗的同事替班。"))
    if during(Absence.objects.filter(staff=stand_in), start, end).exists():
        raise Refused(_("%(name)s在这段时间也请假了，不能替班。") % {"name": stand_in.name})
    held = list(during(staff.duties.select_related("place"), start, end))
    if by != staff:
        refuse_more_for_oneself(by, stand_in, [(d.role, d.place) for d in held])
    refuse_unseparated_stand_in(stand_in, staff, start, end)
    refuse_unfit(by, stand_in, held, start, end)
