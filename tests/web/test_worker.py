"""The worker: takes up what a dead one left, beats, and does the daily work once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from fangxian.town.models import Once, WorkerBeat
from fangxian.warn.models import Escalation, Task
from fangxian.web import daily, worker
from town_of_tests import SmallTown, red_call


def running_task(worker_id: str) -> DBTaskResult:
    task = daily.sweep.enqueue()
    row = DBTaskResult.objects.get(id=task.id)
    row.claim(worker_id)
    return row


@pytest.mark.django_db
def test_a_dead_workers_task_is_queued_again_and_a_living_ones_is_not() -> None:
    now = timezone.now()
    worker.beat("living", now)
    worker.beat("dead", now - timedelta(seconds=21))
    left, running, orphan = running_task("dead"), running_task("living"), running_task("unknown")
    assert worker.revive(now) == 2
    for row in (left, running, orphan):
        row.refresh_from_db()
    assert (left.status, running.status, orphan.status) == ("READY", "RUNNING", "READY")
    assert list(WorkerBeat.objects.values_list("worker_id", flat=True)) == ["living"]


def test_a_turn_of_the_clock_fires_what_is_due(small_town: SmallTown) -> None:
    task = red_call(small_town)
    Task.objects.filter(pk=task.pk).update(alarm_at=timezone.now() - timedelta(seconds=1))
    worker.Clock("w").turn(timezone.now())
    assert Escalation.objects.filter(task=task).count() == 1
    assert WorkerBeat.objects.filter(worker_id="w").exists()


def test_the_clock_wakes_for_the_next_alarm(small_town: SmallTown) -> None:
    task, clock = red_call(small_town), worker.Clock("w")
    soon = timezone.now() + timedelta(milliseconds=120)
    Task.objects.filter(pk=task.pk).update(alarm_at=soon)
    assert clock._pause() < 0.2
    Task.objects.filter(pk=task.pk).update(alarm_at=soon + timedelta(hours=1))
    assert clock._pause() == worker.LONGEST_SLEEP


@pytest.mark.django_db
def test_the_daily_sweep_is_queued_once_a_day_after_three() -> None:
    night = datetime(2026, 11, 24, 18, 30, tzinfo=UTC)  # 02:30 in the town
    assert not daily.start_if_due(night)
    morning = night + timedelta(hours=1)
    assert [daily.start_if_due(morning) for _ in range(3)] == [True, False, False]
    assert DBTaskResult.objects.count() == 1
    assert daily.start_if_due(morning + timedelta(days=1))


@pytest.mark.django_db
def test_the_sweep_forgets_used_keys_after_a_month() -> None:
    old = timezone.now() - timedelta(days=31)
    Once.objects.create(who="token:1", key="old", digest="", status=201, at=old)
    Once.objects.create(who="token:1", key="new", digest="", status=201)
    daily.sweep.func()
    assert list(Once.objects.values_list("key", flat=True)) == ["new"]
