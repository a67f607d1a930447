"""Events a second of the watch on Spark, beside the watch alone: python -m bench watch_spark

Case (c): the simulated events of bench_watch, by Spark on the two cores of this machine, with all
signals and a state that is safe after each batch; and what that state takes. `make spark` first.
"""

from __future__ import annotations

import os
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from fangxian.detect.kinds import Words
from fangxian.watch.local import Pace
from fangxian.watch.local import run as run_locally
from fangxian.watch.local.sources.folder import Folder
from fangxian.watch.reading import Place, read_files
from fangxian.watch.signals import shipped_book
from fangxian.watch.simulate import simulate
from fangxian.watch.spark import Files, LinesFolder, run, session
from fangxian.watch.spark.shares import size_of
from fangxian.watch.watching import Watch

RESIDENTS, IN_FILE, AT_ONCE, SHARES = 40_000, 100_000, 3, 4
Figures = dict[str, float]


def some_events(folder: Path) -> pa.Table:
    """A million or so, in files of 100,000 as a collector would put them there."""
    simulate(folder / "town", residents=RESIDENTS, days=3, seed=7, intensity=10)
    parts = [pq.read_table(path) for path in sorted((folder / "town" / "events").iterdir())]
    events = pa.concat_tables(parts).unify_dictionaries()
    (folder / "events").mkdir()
    for number, at in enumerate(range(0, len(events), IN_FILE)):
        path = folder / "events" / f"{number:03d}.parquet"
        pq.write_table(events.slice(at, IN_FILE), path)
        os.utime(path, (1_700_000_000 + number,) * 2)
    return events


def in_memory(events: pa.Table) -> float:
    """Events a second of the two halves in one process; nothing is safe."""
    for warm in (True, False):
        watch = Watch()
        begin = time.perf_counter()
        for at in range(0, IN_FILE if warm else len(events), IN_FILE):
            watch.take(events.slice(at, IN_FILE))
    return len(events) / (time.perf_counter() - begin)


def durable(folder: Path, events: int) -> float:
    """Events a second of the local runner."""
    source = Folder(folder / "events", lambda p, s: read_files(p, start=Place(*s) if s else None))
    begin = time.perf_counter()
    run_locally(folder / "local", source, [], pace=Pace(seconds=2.0), say=lambda _: None)
    return events / (time.perf_counter() - begin)


def on_spark(folder: Path, events: int) -> Figures:
    """The first batch waits for Java and Python to come up; the others are what goes on for days."""
    begin = time.perf_counter()
    spark = session("local[2]")
    up = time.perf_counter()
    ends: list[float] = []

    def say(_: Words) -> None:
        ends.append(time.perf_counter())

    source, sinks = Files(folder / "events", AT_ONCE), [LinesFolder(folder / "out")]
    run(spark, folder / "spark", source, sinks, shipped_book(), shares=SHARES, once=True, say=say)
    spark.stop()
    states = size_of(folder / "spark", len(ends) - 1)
    return {
        "Spark, seconds until it is up": up - begin,
        "Spark, seconds of the first batch": ends[0] - up,
        "Spark, seconds of a further batch": float(np.median(np.diff(ends))),
        "Spark, events a second, all": events / (ends[-1] - up),
        "Spark, events a second, after the first batch": (events - AT_ONCE * IN_FILE)
        / (ends[-1] - ends[0]),
        **{f"Spark, bytes of state, {half}": size for half, size in states.items()},
        "Spark, bytes of state a resident": sum(states.values()) / RESIDENTS,
    }


def main() -> Figures:
    """A table, and its figures for the file."""
    if find_spec("pyspark") is None:
        print("bench watch_spark: make spark")
        return {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        events = some_events(folder)
        figures: Figures = {
            "events": len(events),
            "watch in memory, events a second": in_memory(events),
            "durable runner, events a second": durable(folder, len(events)),
            **on_spark(folder, len(events)),
        }
    table = Table("the watch on Spark", "")
    for label, value in figures.items():
        table.add_row(label, f"{value:,.1f}" if value < 100 else f"{value:,.0f}")
    Console().print(table)
    return figures


if __name__ == "__main__":
    main()
