"""The worker: takes up what a dead one left, beats, and does the daily work once."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError
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
    assert worker.Clock("w").turn()
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


def test_an_alarm_that_cannot_be_fired_does_not_make_the_worker_look_dead(
    live_town: SmallTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_now: datetime) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(worker.clock, "fire_due", broken)
    assert worker.Clock("w").turn() is False
    assert WorkerBeat.objects.filter(worker_id="w").exists()


@pytest.mark.django_db
def test_a_task_that_found_the_database_busy_is_tried_again_but_not_for_ever() -> None:
    now, minute_ago = timezone.now(), timezone.now() - timedelta(minutes=1)
    busy, broken, old = (running_task("w") for _ in range(3))
    # Killed again and again before: that is no failure of the task.
    busy.worker_ids = ["w"] * 30
    busy.save()
    busy.set_failed(OperationalError("database is locked"))
    broken.set_failed(ValueError("its own fault"))
    old.set_failed(OperationalError("database is locked"))
    DBTaskResult.objects.filter(id=old.id).update(enqueued_at=now - worker.KEEP_TRYING)
    assert worker.try_again(now) == 0, "at once would be too soon"
    DBTaskResult.objects.update(finished_at=minute_ago)
    assert worker.try_again(now) == 1
    assert DBTaskResult.objects.get(status="READY").id == busy.id


@pytest.mark.django_db(transaction=True)
def test_the_queue_survives_a_locked_database_and_takes_its_task_up_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    task = daily.sweep.enqueue()
    queue = worker.Queue(
        queue_names=["default"], interval=0, batch=True, backend_name="default",
        startup_delay=False, max_tasks=1, worker_id="w", excluded_queue_names=[],
    )  # fmt: skip
    original, broke = queue.run_task, []

    def run_task(row: DBTaskResult) -> None:
        if not broke:
            broke.append(row.id)
            raise OperationalError("database is locked")
        original(row)
        queue.running = False

    monkeypatch.setattr(queue, "run_task", run_task)
    monkeypatch.setattr(worker.time, "sleep", lambda _seconds: None)
    worker.work(queue)
    done = DBTaskResult.objects.get(id=task.id)
    assert (done.status, done.worker_ids) == ("SUCCESSFUL", ["w", "w"])


INTERRUPTED = """
import os, signal, django
django.setup()
from fangxian.web.worker import Queue
queue = Queue(queue_names=["default"], interval=0, batch=True, backend_name="default",
              startup_delay=False, max_tasks=None, worker_id="w", excluded_queue_names=[])
queue.configure_signals()
try:
    queue.running_task = True
    os.kill(os.getpid(), signal.SIGTERM)
    print("told once: finishing", flush=True)
    os.kill(os.getpid(), signal.SIGTERM)
    print("told twice: still here", flush=True)
except BaseException:
    print("told twice: raised into the task, which the library marks as failed", flush=True)
"""


def test_a_worker_told_twice_leaves_its_task_to_the_next_instead_of_failing_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, check=False,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "settings_for_tests",
             "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert done.stdout.splitlines() == ["told once: finishing"]
    assert done.returncode == 1
