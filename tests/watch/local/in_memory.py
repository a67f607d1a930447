"""A source in memory, and a run of it in a thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from plain_reading import Told, Wrong

from fangxian.detect.kinds import Words
from fangxian.watch.local import Batch, Pace, run
from fangxian.watch.local.sources.bodies import NONE


class Table:
    """A table in pieces of `size`; `lives`: it does not end."""

    def __init__(
        self, table: pa.Table, size: int, lives: bool = False, wrong: Sequence[Wrong] = ()
    ) -> None:
        self.table, self.size, self.lives, self.wrong = table, size, lives, wrong
        self.read, self.done_to = 0, 0
        self.limit = len(table)

    def batches(self, start: Any) -> Iterator[Batch]:
        at = start or 0
        while at < len(self.table) or self.lives:
            if at >= self.limit or at >= len(self.table):
                time.sleep(0.005)
                yield Batch(NONE, (), at)
                continue
            piece = self.table.slice(at, min(self.size, self.limit - at))
            at += len(piece)
            self.read = at
            yield Batch(piece, self.wrong, at)

    def done(self, position: Any) -> None:
        self.done_to = position or 0

    def close(self) -> None:
        pass


class Running:
    """`run` in a thread until it ends or is left."""

    def __init__(self, folder: Path, source: Any, sinks: Sequence[Any] = (), **more: Any) -> None:
        self.said: list[Words] = []
        self.ended: bool | None = None
        self.folder, self.source, self.told = folder, source, Told()
        self._more = {"pace": Pace(seconds=0.05)} | more
        self._sinks = [self.told, *sinks]
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._run)

    def __enter__(self) -> Running:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.thread.join(60)

    def to_its_end(self) -> Running:
        self.thread.start()
        self.thread.join(120)
        assert self.ended is not None
        return self

    def heard(self, words: str) -> bool:
        return any(words in said.en for said in self.said)

    def _run(self) -> None:
        self.ended = run(
            self.folder,
            self.source,
            self._sinks,
            say=self.said.append,
            stop=self.stop,
            **self._more,
        )


def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    """Waits."""
    begun = time.monotonic()
    while not holds():
        assert time.monotonic() - begun < seconds
        time.sleep(0.02)
