"""The worker: one process that runs queued tasks and keeps every clock.

The main thread runs the queue (django-tasks-db's own worker). A second thread fires alarms that
are due, twice a second at least; writes this worker's beat; queues again the tasks of workers that
died; and starts the daily jobs. Whatever it does can be done twice.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import DatabaseError, connections, transaction
from django.utils import timezone
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from fangxian.town.models import WorkerBeat
from fangxian.warn import clock
from fangxian.web.daily import start_if_due

log = logging.getLogger("fangxian.worker")
LONGEST_SLEEP = 0.5
BEAT_EVERY = timedelta(seconds=5)
# A worker that has been silent this long is dead: its tasks are queued again.
SILENT_AFTER = timedelta(seconds=20)


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


class Clock(threading.Thread):
    """The second thread. Ends when `stop` is set; a database that is busy or away is tried again."""

    def __init__(self, worker_id: str) -> None:
        super().__init__(name="clock", daemon=True)
        self.worker_id = worker_id
        self.stop = threading.Event()
        self._beaten: datetime | None = None

    def run(self) -> None:
        while not self.stop.is_set():
            try:
                self.turn(timezone.now())
                self.stop.wait(self._pause())
            except DatabaseError:
                log.exception("the clock could not reach the database; trying again")
                connections.close_all()
                self.stop.wait(1)
        connections.close_all()

    def turn(self, now: datetime) -> None:
        """One round: alarms first, they are why we are here."""
        clock.fire_due(now)
        if self._beaten is None or now - self._beaten >= BEAT_EVERY:
            beat(self.worker_id, now)
            revive(now)
            start_if_due(now)
            self._beaten = now

    def _pause(self) -> float:
        """Until the next alarm, but no longer than half a second: new ones may come."""
        soonest = clock.next_alarm()
        if soonest is None:
            return LONGEST_SLEEP
        return min(LONGEST_SLEEP, max(0.0, (soonest - timezone.now()).total_seconds()))


def run() -> None:
    """Work until told to stop (SIGTERM, SIGINT)."""
    worker_id = new_worker_id()
    _first_beat(worker_id)
    thread = Clock(worker_id)
    thread.start()
    queue = Worker(
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
        queue.run()
    finally:
        thread.stop.set()
        thread.join(5)


def _first_beat(worker_id: str) -> None:
    """The beat comes before the first task, so that nobody takes this worker for dead."""
    for _ in range(30):
        try:
            beat(worker_id, timezone.now())
            return
        except DatabaseError:
            time.sleep(1)
    raise SystemExit("the database does not answer")
