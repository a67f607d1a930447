"""Events from a journal, as they are written into it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from ..journal import Reader, drop_before
from ..say import Say
from .bodies import NONE, Reading, read_bodies
from .source import Batch, Position

# Seconds in which what comes is gathered, and after which an empty batch says that nothing did.
GATHER = 0.05
# Seconds between looks.
LOOK = 0.005


def journalled(
    folder: Path, start: Position, reading: Reading, ended: Callable[[], bool], say: Say
) -> Iterator[Batch]:
    """Batches of what has come in 50 ms, until it `ended` and all is read."""
    reader = Reader(folder, (start[0], start[1]) if start else None, say)
    due = time.monotonic()
    while True:
        over = ended()
        if time.monotonic() < due and not over:
            time.sleep(LOOK)
            continue
        records = reader.read()
        position = list(reader.place)
        if records:
            due = time.monotonic() + GATHER
            where = f"journal {records[0].place[0]:06d}:{records[0].place[1]}"
            bodies = ((record.kind, record.body) for record in records)
            events, wrong = read_bodies(bodies, where, reading)
            yield Batch(events, wrong, position)
        elif over:
            return
        else:
            due = time.monotonic() + LOOK
            yield Batch(NONE, (), position)


def forget(folder: Path, position: Position) -> None:
    """What is in a checkpoint, whole files of it."""
    if position:
        drop_before(folder, (position[0], position[1]))
