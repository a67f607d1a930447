"""What is done once a day: retention, and sweeping out sessions, used keys and finished tasks."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from fangxian.town import retention
from fangxian.town.models import Once

# Local hour: after the day's work, before the next.
HOUR = 3
ANSWERS_KEPT = timedelta(days=30)
TASKS_KEPT = timedelta(days=14)


def start_if_due(now: datetime) -> bool:
    """Queue today's sweep if it is time and nobody has. True when this call queued it."""
    local = timezone.localtime(now)
    key = f"daily:{local.date()}"
    if local.hour < HOUR or Once.objects.filter(who="system", key=key).exists():
        return False
    try:
        with transaction.atomic():
            # The unique key decides between two workers; the mark and the task are one change.
            Once.objects.create(who="system", key=key, digest="", status=0)
            sweep.enqueue()
    except IntegrityError:
        return False
    return True


@task()
def sweep() -> int:
    """Run the retention table and throw away what only machines needed. Returns rows ended."""
    done = retention.run()
    now = timezone.now()
    Once.objects.filter(at__lt=now - ANSWERS_KEPT).delete()
    DBTaskResult.objects.finished().filter(finished_at__lt=now - TASKS_KEPT).delete()
    call_command("clearsessions")
    return sum(d.how_many for d in done)
