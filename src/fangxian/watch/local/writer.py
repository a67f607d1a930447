"""Makes checkpoints in a thread, so that the watch goes on meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fangxian.detect.kinds import Words

from .checkpoints import Checkpoint, Checkpoints
from .outbox import NumberedSink
from .output import Output
from .say import Say
from .sources import Position, Source

# Seconds between tries while it cannot be written.
AGAIN = 1.0


@dataclass(frozen=True)
class Work:
    """A checkpoint to be made, and what was put out before it. `done`: the position that the source
    may then forget."""

    checkpoint: Checkpoint
    output: Output
    done: Position


class Writer:
    """One checkpoint at a time, in order. One that cannot be written (a full disk) is tried until it
    can. The `first` number may have been put out before, by a runner that was killed."""

    def __init__(
        self, folder: Path, first: int, source: Source, sinks: Sequence[NumberedSink], say: Say
    ) -> None:
        self.seconds = 0.0  # that the last one took
        self.made: float | None = None  # when, by time.monotonic
        self._folder, self._first = folder, first
        self._source, self._sinks, self._say = source, sinks, say
        self._checkpoints = Checkpoints(folder / "checkpoints")
        self._idle = threading.Event()
        self._idle.set()
        self._given_up = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def busy(self) -> bool:
        """The last one is not made yet."""
        return not self._idle.is_set()

    def write(self, work: Work) -> None:
        """Returns at once. Only when it is not busy."""
        self._idle.clear()
        self._thread = threading.Thread(
            target=self._until_made, args=(work,), name="checkpoint", daemon=True
        )
        self._thread.start()

    def wait(self, seconds: float | None = None) -> bool:
        """Until it is made; False where it still is not after `seconds`."""
        return self._idle.wait(seconds)

    def give_up(self) -> None:
        """Try no more: what is not in a checkpoint comes again at the next start."""
        self._given_up.set()
        if self._thread:
            self._thread.join()

    def _until_made(self, work: Work) -> None:
        began = time.monotonic()
        tries = 0
        while not self._given_up.is_set():
            try:
                self._make(work)
            # A sink may raise what it will; a checkpoint without it would lose its warnings.
            except Exception as wrong:
                if not tries:
                    self._say_wrong(work.checkpoint.number, wrong)
                tries += 1
                self._given_up.wait(AGAIN)
                continue
            if tries:
                name = f"{work.checkpoint.number:06d}"
                self._say(Words(f"检查点 {name} 已写好", f"checkpoint {name} is written"))
            self.made = time.monotonic()
            self.seconds = self.made - began
            self._source.done(work.done)
            self._idle.set()
            return

    def _make(self, work: Work) -> None:
        work.output.write(self._folder)
        number, alerts = work.checkpoint.number, work.output.alerts
        for sink in self._sinks if alerts or number == self._first else ():
            sink.numbered(number).send(alerts)
        self._checkpoints.write(work.checkpoint)

    def _say_wrong(self, number: int, wrong: Exception) -> None:
        self._say(
            Words(
                f"检查点 {number:06d} 写不下去（{wrong}），每秒再试；写好之前不会丢掉任何事件",
                f"checkpoint {number:06d} cannot be written ({wrong}); trying every second, no event is lost",
            )
        )
