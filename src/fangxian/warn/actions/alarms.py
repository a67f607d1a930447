"""Alarms: whoever was told says so."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from fangxian.town import audit
from fangxian.town.models import Staff
from fangxian.warn.models import Escalation, Task

from .errors import Refused


@transaction.atomic
def see_alarm(task: Task, by: Staff) -> None:
    """Note that `by` has seen every alarm about `task` that climbed to them. Idempotent.

    The task stays late and its clock goes on climbing: seen is not settled.
    Raises Refused where no alarm of the task climbed to `by`.
    """
    audit.hold()
    mine = Escalation.objects.filter(task=task, told=by)
    if mine.filter(seen_at=None).update(seen_at=timezone.now()):
        audit.record(by, "alarm_seen", task)
    elif not mine.exists():
        raise Refused(_("这条告警不是通知您的。"))
