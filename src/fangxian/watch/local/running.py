"""The one loop: source -> watch -> sinks, with a checkpoint every few seconds."""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fangxian.detect.kinds import Words

from ..alerts import Alert
from ..arrivals import Arrivals
from ..reading import OTHER_CONTENT
from ..sinks import Sink
from ..state import laid_down, taken_up
from ..watching import Watch
from .alone import alone_in
from .book import LiveBook
from .checkpoints import Checkpoint, Checkpoints
from .metrics import Measures
from .now import Now, Show
from .outbox import NumberedSink, boxes_of
from .output import ROOM, Output, drop_after
from .say import CannotRun, Say, to_stderr
from .shadow import Shadow
from .sources import Batch, Source
from .writer import Work, Writer

# Seconds that a stop waits for sinks that are away, and for a full disk.
PATIENCE = 5.0
# Warnings told last that are shown.
LAST = 10


@dataclass(frozen=True)
class Pace:
    """A checkpoint is made after `events` events, or after `seconds` where the last one is written and
    took no more than a hundredth of them to copy."""

    seconds: float = 10.0
    events: int = 2_000_000


def run(
    folder: Path,
    source: Source,
    sinks: Sequence[Sink | NumberedSink],
    book_path: Path | None = None,
    say: Say = to_stderr,
    pace: Pace = Pace(),
    stop: threading.Event | None = None,
    shadow_path: Path | None = None,
    show: Show | None = None,
) -> bool:
    """Watch until the source ends (True) or a stop is asked for by `stop`, SIGTERM or SIGINT (False).

    `folder` holds the state: checkpoints/, warnings/, aside/, metrics.prom. Started again on it, the
    watch goes on where it was. `book_path`: signals in addition to the shipped ones, read again when
    the file changes; `shadow_path`: such a file whose warnings go to shadow/ and nowhere else; `show` is told how the runner
    stands. Raises CannotRun where another runner works in the folder or its state is of
    another sort of source, ValueError for a first book that is wrong.
    """
    stop = stop or threading.Event()
    with alone_in(folder), _signals_ask(stop):
        books = (LiveBook(book_path, say), shadow_path)
        return _Runner(folder, source, sinks, books, say, pace, stop, show).run()


class _Runner:
    def __init__(
        self,
        folder: Path,
        source: Source,
        sinks: Sequence[Sink | NumberedSink],
        books: tuple[LiveBook, Path | None],
        say: Say,
        pace: Pace,
        stop: threading.Event,
        show: Show | None,
    ) -> None:
        self.folder, self.source = folder, source
        self.book, shadow_path = books
        book = self.book
        self.say, self.pace, self.stop, self.show = say, pace, stop, show
        self.last: deque[Alert] = deque(maxlen=LAST)
        checkpoints = Checkpoints(folder / "checkpoints")
        last = checkpoints.newest(say)
        number = last.number if last else 0
        checkpoints.forget_after(number)
        drop_after(folder, number)
        about: dict[str, Any] = last.about if last else {"position": None, "finished": False}
        self.kind = _kind_of(source, about.get("source"))
        self.watch = taken_up(last.state, book.now) if last else Watch(book.now)
        self.position, self.finished = about["position"], about["finished"]
        # The checkpoints between which a shadow ran. Kept where this run has none: what it told stays
        # there to be compared with what was told live in that time.
        self.shadow_since: int | None = about.get("shadow_since")
        self.shadow_until: int | None = about.get("shadow_until")
        self.shadow: Shadow | None = None
        if shadow_path:
            self.shadow = Shadow(
                shadow_path,
                self.watch,
                last.state if last else {},
                number + 1,
                self.shadow_since,
                say,
            )
            self.shadow_since = self.shadow.since
        # The last checkpoint but one may have to serve, so the source forgets what is before that.
        self.before = self.forgotten = self.position
        self.measures = Measures(folder, Counter(about.get("wrong")), Counter(about.get("alerts")))
        self.measures.state = _octets(last.state) if last else 0
        self.output = Output(number + 1)
        self.began, self.taken = time.monotonic(), 0
        self.boxes = boxes_of(sinks, about.get("unsent", {}), say)
        numbered = [sink for sink in sinks if isinstance(sink, NumberedSink)]
        self.writer = Writer(folder, number + 1, source, numbered, say)

    def run(self) -> bool:
        try:
            if self.finished:
                self.say(
                    Words(
                        "这个文件夹里的状态已经读到结尾，不再读事件；要重新开始，请换一个文件夹",
                        "the state in this folder came to the end of its events; nothing more is read. To begin anew take another folder",
                    )
                )
            else:
                self._watch_all()
            while self.finished and any(box.waiting() for box in self.boxes):
                if self.stop.wait(0.05):
                    break
            return self._end()
        finally:
            self.writer.give_up()
            self.source.close()
            for box in self.boxes:
                box.close(0)

    def _watch_all(self) -> None:
        for batch in self.source.batches(self.position):
            self._take(batch)
            if self.book.changed():
                self.watch = taken_up(laid_down(self.watch), self.book.now)
            self._wait_for_room()
            if self.stop.is_set():
                return
            self._checkpoint_if_due()
            self.measures.write(self.watch, self.writer.seconds)
            if self.show:
                self.show(self._now())
        self._tell(self.watch.finish())
        if self.shadow:
            self.output.add_shadow(self.shadow.finish())
        self.finished = True

    def _take(self, batch: Batch) -> None:
        arrived = Arrivals.of(batch.events)
        answer = self.watch.take_in(arrived)
        self._tell(answer.alerts)
        if self.shadow:
            self.output.add_shadow(self.shadow.take(arrived))
        if len(answer.others):
            self.output.add_events(OTHER_CONTENT, answer.others, self.measures.wrong)
        self.output.add_late(answer.late)
        self.output.add_wrong(batch.wrong, self.measures.wrong)
        self.taken += len(batch.events) + len(batch.wrong)
        self.position = batch.position

    def _tell(self, alerts: list[Alert]) -> None:
        if not alerts:
            return
        for box in self.boxes:
            box.put(alerts)
        self.output.add_alerts(alerts)
        self.last.extend(alerts)
        self.measures.alerts.update(alert.grade for alert in alerts)

    def _now(self) -> Now:
        watch, made = self.watch, self.writer.made
        counts = watch.counts
        return Now(
            taken=counts.taken, repeated=counts.repeated, late=counts.late,
            wrong=sum(self.measures.wrong.values()),
            lag=max(0.0, time.time() - watch.newest / 1e6) if watch.newest else None,
            callers=len(watch.sight.others.callers), residents=len(watch.residents), state=self.measures.state,
            age=None if made is None else time.monotonic() - made,
            unsent=self._unsent(),
            alerts=self.measures.alerts, last=list(self.last),
        )  # fmt: skip

    def _unsent(self) -> int:
        """Warnings that sinks have not taken yet."""
        return sum(len(box.waiting()) for box in self.boxes)

    def _wait_for_room(self) -> None:
        """Back-pressure: where sinks or the disk do not keep up, nothing is read."""
        while any(box.full for box in self.boxes) and not self.stop.wait(0.02):
            pass
        full = self.taken >= self.pace.events or self.output.octets >= ROOM
        while full and self.writer.busy and not self.stop.is_set():
            self.writer.wait(0.05)

    def _checkpoint_if_due(self) -> None:
        full = self.taken >= self.pace.events or self.output.octets >= ROOM
        news = self.taken or self.before != self.forgotten
        # Where much is to be copied, more seldom: a hundredth of the time is spent standing still.
        wait = max(self.pace.seconds, 100 * self.measures.pause)
        old = news and time.monotonic() - self.began >= wait
        if (full or old) and not self.writer.busy:
            self._checkpoint()

    def _checkpoint(self) -> None:
        began = time.monotonic()
        about = {
            "source": self.kind,
            "position": self.position,
            "finished": self.finished,
            # Copies: they are written in another thread, and counted on in this one.
            "wrong": dict(self.measures.wrong),
            "alerts": dict(self.measures.alerts),
            "shadow_since": self.shadow_since,
            "shadow_until": self.output.number if self.shadow else self.shadow_until,
            "unsent": {box.name: [a.as_tuple() for a in box.waiting()] for box in self.boxes},
        }
        shadow = self.shadow.laid_down() if self.shadow else {}
        state = laid_down(self.watch) | shadow
        checkpoint = Checkpoint(self.output.number, state, about)
        done = self.position if self.finished else self.before
        self.measures.state = _octets(checkpoint.state)
        self.writer.write(Work(checkpoint, self.output, done))
        self.forgotten, self.before = done, self.position
        self.output = Output(self.output.number + 1)
        self.began, self.taken = time.monotonic(), 0
        self.measures.pause = self.began - began

    def _end(self) -> bool:
        """The last checkpoint."""
        for box in self.boxes:
            box.close(PATIENCE if self.finished else 1.0)
        if self._wait_for_writer():
            self._checkpoint()
            self._wait_for_writer()
        self.measures.write(self.watch, self.writer.seconds, now=True)
        self.say(self.measures.told(self.watch, self._unsent()))
        return bool(self.finished)

    def _wait_for_writer(self) -> bool:
        """As long as nobody asks to stop; then a little."""
        while self.writer.busy and not self.stop.wait(0.02):
            pass
        return self.writer.wait(PATIENCE)


def _octets(state: Mapping[str, Any]) -> int:
    return sum(array.nbytes for array in state.values())


def _kind_of(source: Source, before: str | None) -> str:
    """The sort of source. Raises CannotRun where the state was begun with another: its position
    means nothing there."""
    kind = type(source).__name__
    if before not in (None, kind):
        raise CannotRun(
            Words(
                f"这个文件夹里的状态来自另一种来源（{before}，现在是 {kind}），请换一个文件夹",
                f"the state in this folder came from another sort of source ({before}, now {kind}); take another folder",
            )
        )
    return kind


@contextmanager
def _signals_ask(stop: threading.Event) -> Iterator[None]:
    """SIGTERM and SIGINT ask to stop; only the main thread may hear them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    asked = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(one, lambda *_: stop.set()) for one in asked]
    try:
        yield
    finally:
        for one, handler in zip(asked, before, strict=True):
            signal.signal(one, handler)
