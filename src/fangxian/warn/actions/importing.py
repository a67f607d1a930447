"""A confirmed list lands, chunk by chunk (decision 6).

Meanwhile officers claim calls and alarms fall due, and there is one writer at a time. So whatever
needs no lock is done before it is taken; a chunk is as large as fits into HOLD; and after each, the
others have their turn.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from fangxian.exchange.warning_lists import WarningRow
from fangxian.town import audit
from fangxian.warn.models import Batch, RefusedRow, RowDone, Signal
from fangxian.warn.queries.intake import Reading, as_text, table_of

from .signals import NewSignal, Ready, Taken, take_in

# Seconds a chunk should hold the writers' lock: an officer who taps meanwhile hardly notices, and an
# alarm stays within its second. Shorter ones land fewer rows an hour: each chunk has its own costs.
HOLD = 0.25
# Seconds between two chunks, at the least: SQLite's waiting writers look again every tenth.
BREATH = 0.12
# Seconds after which an import lets other tasks (messages, webhooks) have the worker; also how long
# a worker that is told to stop needs at the most.
TURN = 8.0
# Seconds for which a list that was read is kept for the next turn.
KEPT = 60


@dataclass
class Pace:
    """How many rows fit into HOLD, learnt from the chunks before. One row always does."""

    rows: int = 20
    smallest: int = 1
    largest: int = 400

    def learn(self, rows: int, seconds: float) -> None:
        """A chunk of `rows` held the lock for `seconds`."""
        fitting = int(rows * HOLD / max(seconds, 0.001))
        # Grown by doubling at the most: one lucky chunk says little about the next.
        self.rows = max(self.smallest, min(fitting, 2 * self.rows, self.largest))


@dataclass
class Chunk:
    """Rows judged and ready to land, from the row with index `start` on."""

    start: int
    rows: Sequence[WarningRow]
    usable: list[NewSignal] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)

    @classmethod
    def of(cls, batch: Batch, reading: Reading, size: int) -> Chunk:
        """The next `size` rows, judged against the town as it is now."""
        chunk = cls(batch.next_row, reading.rows[batch.next_row : batch.next_row + size])
        for row in reading.judged(chunk.rows):
            if row.problems:
                text = as_text([p.as_json() for p in row.problems])
                chunk.refused.append(RefusedRow(batch=batch, row=row.number, problems=text))
            else:
                chunk.usable.append(row.signal())
        return chunk


@task()
def import_batch(batch_id: int) -> int:
    """Import a confirmed list; started again, it goes on after the last whole chunk.

    After TURN seconds it queues itself behind the tasks that wait. Returns how many rows landed in
    all so far.
    """
    batch = Batch.objects.select_related("sender", "place", "by").get(pk=batch_id)
    if batch.state not in (Batch.State.QUEUED, Batch.State.RUNNING):
        return batch.next_row
    reading = _reading(batch_id, batch.confirmed_at, int(time.monotonic() // KEPT))
    ready, pace = Ready(), Pace()
    end = time.monotonic() + TURN
    while batch.state != Batch.State.DONE:
        chunk = Chunk.of(batch, reading, pace.rows)
        ready = ready.ready_for(chunk.usable)
        held = land(batch, chunk, ready)
        pace.learn(len(chunk.rows), held)
        if batch.state != Batch.State.DONE and time.monotonic() > end:
            import_batch.enqueue(batch_id)
            return batch.next_row
        time.sleep(max(BREATH, held / 2))
    _reading.cache_clear()
    return batch.next_row


@lru_cache(maxsize=1)
def _reading(batch_id: int, _confirmed_at: datetime | None, _minute: int) -> Reading:
    """The list as it was confirmed, read once a minute at the most: 20,000 rows take seconds."""
    batch = Batch.objects.select_related("sender", "place", "by").get(pk=batch_id)
    return Reading.of(batch, table_of(batch))


def land(batch: Batch, chunk: Chunk, ready: Ready) -> float:
    """Take in one chunk and move the batch's counter with it, in one transaction.

    Where another worker was first (a revived import beside a living one), nothing is written and
    `batch` says how far the list is. Returns the seconds for which the writers' lock was held.
    """
    with transaction.atomic():
        audit.hold()
        begin = time.perf_counter()
        batch.refresh_from_db(
            fields=["state", "next_row", "made", "merged", "known_before", "refused"]
        )
        if batch.next_row == chunk.start and batch.state != Batch.State.DONE:
            _write(batch, chunk, ready)
    return time.perf_counter() - begin


def _write(batch: Batch, chunk: Chunk, ready: Ready) -> None:
    taken = take_in(batch.by, batch.sender, Signal.Source.FILE, chunk.usable, batch, ready)
    RefusedRow.objects.bulk_create(chunk.refused, ignore_conflicts=True)
    RowDone.objects.bulk_create(
        [
            RowDone(batch=batch, row=new.row or 0, signal=t.signal)
            for new, t in zip(chunk.usable, taken, strict=True)
        ],
        ignore_conflicts=True,
    )
    _count(batch, taken, len(chunk.refused))
    batch.next_row = chunk.start + len(chunk.rows)
    batch.state = Batch.State.RUNNING
    if batch.next_row >= batch.total:
        batch.state, batch.finished_at = Batch.State.DONE, timezone.now()
        batch.preview = ""
        audit.record(batch.by, "imported", batch, rows=batch.total, refused=batch.refused)
    # Not the content: a megabyte of sealed list that no chunk changes.
    batch.save(
        update_fields=["state", "next_row", "made", "merged", "known_before", "refused",
                       "finished_at", *(["preview"] if batch.state == Batch.State.DONE else [])]
    )  # fmt: skip


def _count(batch: Batch, taken: list[Taken], refused: int) -> None:
    batch.made += sum(t.became == "new" for t in taken)
    batch.merged += sum(t.became in ("merged", "reopened") for t in taken)
    batch.known_before += sum(t.became == "known_before" for t in taken)
    batch.refused += refused
