"""The worker: one process that runs queued tasks and keeps every clock.

The main thread runs the queue (django-tasks-db's own worker). A second thread fires alarms that
are due, twice a second at least; writes this worker's beat; queues again the tasks of workers that
died; and starts the daily jobs. Whatever it does can be done twice.
"""

from __future__ import annotations

import logging
import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from types import FrameType
from uuid import uuid4

from django.db import DatabaseError, InterfaceError, connections, transaction
from django.utils import timezone
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from fangxian.town.models import WorkerBeat
from fangxian.warn import clock
from fangxian.web.daily import start_if_due
from fangxian.web.turns import short_turns

log = logging.getLogger("fangxian.worker")
LONGEST_SLEEP = 0.5
BEAT_EVERY = timedelta(seconds=5)
# A worker that has been silent this long is dead: its tasks are queued again.
SILENT_AFTER = timedelta(seconds=20)
# A task that failed because the database was busy or away is run again for so long after it was
# queued. By time, not by tries: a list is taken up by a worker after each that was killed, and those
# are no failures.
KEEP_TRYING = timedelta(days=1)
BUSY = "django.db.utils.OperationalError"


def new_worker_id() -> str:
    """Unique per process start: a restarted worker is another worker."""
    return f"{socket.gethostname()[:20]}-{os.getpid()}-{uuid4().hex[:8]}"


def beat(worker_id: str, now: datetime) -> None:
    """Say that this worker lives."""
    WorkerBeat.objects.update_or_create(worker_id=worker_id, defaults={"beat_at": now})


def revive(now: datetime) -> int:
    """Queue again the running tasks whose worker is silent. Returns how many."""
    with transaction.atomic():
        WorkerBeat.objects.filter(beat_at__lt=now - SILENT_AFTER).delete()
        alive = set(WorkerBeat.objects.values_list("worker_id", flat=True))
        revived = 0
        for task in DBTaskResult.objects.filter(status="RUNNING").only("id", "worker_ids"):
            if not task.worker_ids or task.worker_ids[-1] not in alive:
                revived += DBTaskResult.objects.filter(id=task.id, status="RUNNING").update(
                    status="READY"
                )
    if revived:
        log.warning("queued %d task(s) of a dead worker again", revived)
    return revived


def try_again(now: datetime) -> int:
    """Queue again the tasks that failed for the database, not for themselves. Returns how many."""
    return DBTaskResult.objects.filter(
        status="FAILED",
        exception_class_path=BUSY,
        finished_at__lt=now - BEAT_EVERY,
        enqueued_at__gt=now - KEEP_TRYING,
    ).update(status="READY")


def put_back(worker_id: str) -> None:
    """Queue again what this very worker left running when its loop broke off."""
    for task in DBTaskResult.objects.filter(status="RUNNING").only("id", "worker_ids"):
        if task.worker_ids[-1:] == [worker_id]:
            DBTaskResult.objects.filter(id=task.id, status="RUNNING").update(status="READY")


class Clock(threading.Thread):
    """The second thread. Ends when `stop` is set; whatever goes wrong is logged and tried again."""

    def __init__(self, worker_id: str) -> None:
        super().__init__(name="clock", daemon=True)
        self.worker_id = worker_id
        self.stop = threading.Event()
        self._beaten: datetime | None = None

    def run(self) -> None:
        while not self.stop.is_set():
            self.stop.wait(self._pause() if self.turn() else 1)
        connections.close_all()

    def turn(self) -> bool:
        """One round; whether all went well. Alarms first, they are why we are here.

        Each half is tried though the other failed: an alarm that cannot be fired must not make
        this worker look dead.
        """
        return all([self._tried(self.fire), self._tried(self.keep_house)])

    def fire(self, now: datetime) -> None:
        """Fire what fell due."""
        clock.fire_due(now)

    def keep_house(self, now: datetime) -> None:
        """Every five seconds: beat, look after other workers' tasks, start the daily job."""
        if self._beaten is not None and now - self._beaten < BEAT_EVERY:
            return
        beat(self.worker_id, now)
        revive(now)
        try_again(now)
        start_if_due(now)
        self._beaten = now

    def _tried(self, act: Callable[[datetime], None]) -> bool:
        try:
            act(timezone.now())
        except Exception:
            log.exception("the clock will try again")
            # A lost connection is not found again; a fresh one is.
            connections.close_all()
            return False
        return True

    def _pause(self) -> float:
        """Until the next alarm, but no longer than half a second: new ones may come."""
        try:
            soonest = clock.next_alarm()
        except (DatabaseError, InterfaceError):
            return LONGEST_SLEEP
        if soonest is None:
            return LONGEST_SLEEP
        return min(LONGEST_SLEEP, max(0.01, (soonest - timezone.now()).total_seconds()))


class Queue(Worker):
    """django-tasks-db's worker, told to stop in our way: an interrupted task is not a failed one."""

    def shutdown(self, signum: int, frame: FrameType | None) -> None:
        """Told once, finish the task in hand; told twice, leave it to the worker who comes next."""
        if not self.running:
            # Not sys.exit: the library would catch it and mark the task as failed, for good.
            os._exit(1)
        self.running = False
        if not self.running_task:
            sys.exit(0)


def run() -> None:
    """Work until told to stop (SIGTERM, SIGINT)."""
    short_turns()
    worker_id = new_worker_id()
    _first_beat(worker_id)
    thread = Clock(worker_id)
    thread.start()
    queue = Queue(
        queue_names=["default"],
        interval=LONGEST_SLEEP,
        batch=False,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=worker_id,
        excluded_queue_names=[],
    )
    queue.configure_signals()
    try:
        work(queue)
    finally:
        thread.stop.set()
        thread.join(5)


def work(queue: Worker) -> None:
    """Run the queue until it is told to stop, through a database that is busy or away."""
    while queue.running:
        try:
            put_back(queue.worker_id)
            queue.run()
        except (DatabaseError, InterfaceError):
            log.exception("the queue could not reach the database; trying again")
            connections.close_all()
            time.sleep(1)


def _first_beat(worker_id: str) -> None:
    """The beat comes before the first task, so that nobody takes this worker for dead."""
    for _ in range(30):
        try:
            beat(worker_id, timezone.now())
            return
        except DatabaseError:
            time.sleep(1)
    raise SystemExit("the database does not answer")
