"""The watch on many machines: Spark brings the events, the watch's two halves are done by shares.

    source -> read and score -> (other side's share) see -> (resident's share) add up -> warnings

A batch is one job of Spark. What it leaves (states, notes, warnings) is written under its number, and
Spark gives the same events under the same number until it is done: so it may be killed at any moment.
"""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fangxian.detect.kinds import Words

from .. import on_disk
from ..alerts import Alert
from ..local.alone import alone_in
from ..local.outbox import NumberedSink
from ..local.say import Say, to_stderr
from ..sight import LATENESS
from ..signals import Book
from ..sinks import Sink, Unavailable
from . import tasks
from .ledger import Ledger, settled
from .parcels import ALERT, DDL, TALLY, of_rows
from .shares import Torn
from .sources import Source
from .tasks import Batch

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

# Seconds between tries at a sink that is away.
AGAIN = 5.0


def run(
    spark: SparkSession,
    folder: Path,
    source: Source,
    sinks: Sequence[Sink | NumberedSink],
    book: Book,
    *,
    shares: int,
    once: bool,
    say: Say = to_stderr,
    stop: threading.Event | None = None,
) -> bool:
    """Watch until `stop` (False); with `once`, until what the source has now is done, which is then
    the end of all events (True).

    `folder`: the state, on a disk that all machines see; started again on it, the watch goes on.
    `shares`: into how many numbers and residents are split; it stays as it was at the first start.
    Raises CannotRun where another runner works in the folder, or its state is not whole or was made
    with other shares; and what Spark raises.
    """
    with alone_in(folder):
        folder = folder.resolve()
        settled(folder, {"shares": shares, "lateness": LATENESS})
        runner = _Runner(
            spark, folder, source, sinks, Batch(folder, 0, shares, book, LATENESS), say
        )
        return runner.run(once, stop or threading.Event())


class _Runner:
    def __init__(
        self,
        spark: SparkSession,
        folder: Path,
        source: Source,
        sinks: Sequence[Sink | NumberedSink],
        every: Batch,
        say: Say,
    ) -> None:
        self.spark, self.folder, self.source, self.sinks = spark, folder, source, sinks
        self.every, self.say = every, say
        self.ledger = Ledger(folder)
        self.began = self.ledger.last

    def run(self, once: bool, stop: threading.Event) -> bool:
        if self.ledger.after(self.began).finished:
            self.say(Words("这里的事件已全部看完", "the end of these events was reached before"))
            return True
        writer = (
            self.source.stream(self.spark)
            .writeStream.foreachBatch(self._batch)
            .option("checkpointLocation", str(self.folder / "spark"))
        )
        query = (writer.trigger(availableNow=True) if once else writer).start()
        while not stop.is_set():
            if query.awaitTermination(1):
                break
        else:
            query.stop()
            return False
        self._finish()
        return True

    def _batch(self, rows: DataFrame, number: int) -> None:
        """All of one batch. May have been done before, whole or in part."""
        begin = time.monotonic()
        if self.ledger.last > number:
            raise Torn(self.folder / "spark", f"{number} < {self.ledger.last}")
        note = self.ledger.after(number - 1)
        shutil.rmtree(self.folder / "aside" / on_disk.named(number), ignore_errors=True)
        batch = replace(self.every, number=number, newest=note.newest, began=note.began)
        read = partial(tasks.read_and_score, batch, self.source.read)
        done = (
            rows.mapInArrow(read, DDL)
            .repartitionById(batch.shares, "share")
            .mapInArrow(partial(tasks.see, batch), DDL)
            .repartitionById(batch.shares, "share")
            .mapInArrow(partial(tasks.add_up, batch), DDL)
        )
        alerts = []
        for parcel in of_rows([done.toArrow()]):
            if parcel.what == TALLY:
                note.add(json.loads(parcel.content))
            elif parcel.what == ALERT:
                alerts.append(Alert.of_tuple(json.loads(parcel.content)))
        self._tell(number, alerts)
        note.alerts.update(alert.grade for alert in alerts)
        self.ledger.put(number, note)
        took, taken = time.monotonic() - begin, f"{note.events['taken']:,}"
        self.say(
            Words(
                f"第 {number} 批：{took:.1f} 秒，共 {taken} 条事件，本批 {len(alerts)} 条预警",
                f"batch {number}: {took:.1f} s, {taken} events so far, {len(alerts)} warnings in it",
            )
        )

    def _finish(self) -> None:
        last = self.ledger.last
        note = self.ledger.after(last)
        note.finished = True
        batch = replace(self.every, number=last + 1)
        rows = self.spark.range(0, batch.shares, 1, batch.shares)
        done = rows.mapInArrow(partial(tasks.finish, batch), DDL).toArrow()
        alerts = [Alert.of_tuple(json.loads(parcel.content)) for parcel in of_rows([done])]
        self._tell(last + 1, alerts)
        note.alerts.update(alert.grade for alert in alerts)
        self.ledger.put(last, note)

    def _tell(self, number: int, alerts: list[Alert]) -> None:
        """To every sink. One that is away holds up the batch, and so the source: nothing is lost."""
        alerts.sort(key=lambda alert: alert.id)
        for sink in self.sinks:
            where: Any = sink.numbered(number) if isinstance(sink, NumberedSink) else sink
            while True:
                try:
                    where.send(alerts)
                    break
                except Unavailable as away:
                    self.say(
                        Words(f"送不出预警，稍后再试：{away}", f"cannot send warnings yet: {away}")
                    )
                    time.sleep(AGAIN)
