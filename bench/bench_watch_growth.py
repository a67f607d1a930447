"""How the watch grows: python -m bench watch_growth, or python -m bench.bench_watch_growth 1 3 10 30

Events a second, memory and state of the durable runner for 1, 3 and 10 million simulated events of three
days (30 where asked for), each in a process of its own; whether a replay in order says byte for byte what
a live run in another order said, and how fast; and 80,000 events a second, a nation's mean, held for a
minute (ten where asked for: `sustained 600`) from the clock, with checkpoints on.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from fangxian.watch.backtest import replayed
from fangxian.watch.local import Pace, run
from fangxian.watch.local.sources.folder import Folder
from fangxian.watch.local.sources.source import Batch, Position
from fangxian.watch.reading import Place, read_files
from fangxian.watch.sight import LATENESS
from fangxian.watch.signals import shipped_book
from fangxian.watch.simulate import shuffled, simulate
from fangxian.watch.watching import Watch

DAYS, A_DAY = 3, 9.1  # events a resident and day
RATE, STRETCH = 80_000, 20_000
Figures = dict[str, float]


def town(folder: Path, millions: float) -> int:
    """So many events or so, of more residents the more they are."""
    residents = int(millions * 1e6 / DAYS / A_DAY)
    return simulate(folder, residents=residents, days=DAYS, seed=9, intensity=5).events


def tables(folder: Path, size: int = 100_000) -> Iterator[pa.Table]:
    for file in sorted((folder / "events").iterdir()):
        for batch in pq.ParquetFile(file).iter_batches(size):
            yield pa.Table.from_batches([batch])


def of_size(millions: float) -> Figures:
    """The durable runner, in this process."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        events = town(folder, millions)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        source = Folder(
            folder / "events", lambda p, s: read_files(p, start=Place(*s) if s else None)
        )
        begin = time.perf_counter()
        run(folder / "state", source, [], pace=Pace(seconds=10.0), say=lambda _: None)
        took = time.perf_counter() - begin
        watch = Watch()
        for table in tables(folder):
            watch.take(table)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sight, residents = watch.sight, watch.residents
    state = sight.callers.octets + sight.since.octets + sight.met.octets
    return {
        "events": events,
        "events a second": events / took,
        "peak memory, MB": max(before, peak) / 1024,
        "state by the other side, bytes a number": state / max(1, len(sight.since)),
        "state by resident, bytes": residents.octets / (events / DAYS / A_DAY),
    }


def replay() -> Figures:
    """Live: late, shuffled, some twice; then again from the archive."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # Longer than the watch needs to learn, or it would have little to say.
        simulate(folder, residents=12_000, days=9, seed=9, intensity=60)
        parts = [pq.read_table(path) for path in sorted((folder / "events").iterdir())]
        events = pa.concat_tables(parts).unify_dictionaries().combine_chunks()
        live, watch = {}, Watch()
        other = shuffled(events, timedelta(microseconds=LATENESS), 2, 5)
        for at in range(0, len(other), 7_000):
            live |= {alert.id: alert for alert in watch.take(other.slice(at, 7_000)).alerts}
        live |= {alert.id: alert for alert in watch.finish()}
        begin = time.perf_counter()
        again = replayed((events.slice(at, 200_000) for at in range(0, len(events), 200_000)), shipped_book())  # fmt: skip
        took = time.perf_counter() - begin
    same = {i: a.written() for i, a in live.items()} == {i: a.written() for i, a in again.items()}
    if not same or not live:
        raise AssertionError("the replay says something else than what was said live")
    return {"replay, events a second": len(events) / took, "replay, warnings alike": len(live)}


class Clocked:
    """A source that gives STRETCH events whenever they are due at RATE, for so many seconds."""

    def __init__(self, folder: Path, seconds: float) -> None:
        self._folder, self._seconds = folder, seconds
        self.late: list[float] = []

    def batches(self, start: Position) -> Iterator[Batch]:
        begin, given = time.perf_counter(), 0
        for table in tables(self._folder, STRETCH):
            due = begin + given / RATE
            if due - begin > self._seconds:
                return
            time.sleep(max(0.0, due - time.perf_counter()))
            yield Batch(table, (), None)
            # Asked for the next one: this one is through.
            self.late.append(time.perf_counter() - due)
            given += len(table)

    def done(self, position: Position) -> None:
        """Nothing is kept."""

    def close(self) -> None:
        """Nothing is open."""


def sustained(seconds: float) -> Figures:
    """Event time goes faster than the clock: a nation's events at this rate would be those of 760
    million people, and here they are those of as many as make them in three days."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        town(folder, RATE * seconds / 1e6 * 1.05)
        source = Clocked(folder, seconds)
        begin = time.perf_counter()
        run(folder / "state", source, [], pace=Pace(seconds=10.0), say=lambda _: None)
        took = time.perf_counter() - begin
    late = np.array(source.late)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "sustained, seconds": took,
        "sustained, events a second": len(late) * STRETCH / took,
        "sustained, p50 behind, ms": float(np.percentile(late, 50)) * 1e3,
        "sustained, p99 behind, ms": float(np.percentile(late, 99)) * 1e3,
        "sustained, behind at the end, ms": float(late[-1]) * 1e3,
        "sustained, peak memory, MB": peak / 1024,
    }


def alone(*words: str) -> Figures:
    """In a process of its own, whose peak memory is its own."""
    command = [sys.executable, "-m", "bench.bench_watch_growth", "alone", *words]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: Figures = json.loads(done.stdout.splitlines()[-1])
    return figures


def main(sizes: tuple[float, ...] = (1, 3, 10), seconds: float = 60) -> Figures:
    """A table, and its figures for the file."""
    figures: Figures = {}
    for size in sizes:
        figures |= {f"{size:g} M: {name}": value for name, value in alone(f"{size:g}").items()}
    figures |= alone("replay") | alone("sustained", f"{seconds:g}")
    table = Table("the watch, growing", "")
    for name, value in figures.items():
        table.add_row(name, f"{value:,.0f}")
    Console().print(table)
    return figures


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["alone", "replay"]:
            print(json.dumps(replay()))
        case ["alone", "sustained", seconds]:
            print(json.dumps(sustained(float(seconds))))
        case ["alone", size]:
            print(json.dumps(of_size(float(size))))
        case ["sustained", seconds]:
            print(alone("sustained", seconds))
        case sizes:
            main(tuple(map(float, sizes)) or (1, 3, 10))
