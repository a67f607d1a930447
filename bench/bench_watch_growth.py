"""How the watch grows: python -m bench watch_growth [millions ...] [sustained [seconds]]

Events a second, peak memory and state of the watch in memory and of the durable runner, for 1, 3 and 10
million simulated events: of ever more residents for three days, and once of the residents of the smallest
size for more days (the largest size but one; of two, the larger). A watch calls nobody new in its first week: three
days cost less than those after it, and the longer towns are there to show it. Each figure comes from a
process of its own, that nothing was simulated in. Then whether a replay in order says byte for byte what a
live run in another order said, and how fast.

`sustained`, only where asked for: 80,000 events a second, a nation's mean, given by the clock to the durable
runner for ten minutes, then it stops, however far it has come. So many events are made by some 770 million
people. Here they are made by as many as make them in SUSTAINED_DAYS, and event time goes faster than the
clock by what the figures say: windows turn that much more often, and there are that many fewer residents.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

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
from fangxian.watch.state import laid_down
from fangxian.watch.watching import Watch

SIZES = (1.0, 3.0, 10.0)
DAYS, A_DAY = 3, 9.1  # events a resident and day
# Longer than the watch learns, so that it has something to say while it is measured.
SUSTAINED_DAYS, SUSTAINED = 9, 600.0
RATE, STRETCH = 80_000, 20_000
PACE = Pace(seconds=10.0)
Figures = dict[str, float]


def town(folder: str, residents: str, days: str) -> Figures:
    """Write a town; who measures it is another process."""
    begin = time.perf_counter()
    made = simulate(Path(folder), residents=int(residents), days=int(days), seed=9, intensity=5)
    took = time.perf_counter() - begin
    return {"events": made.events, "simulator, events a second": made.events / took}


def tables(folder: Path, size: int = 100_000) -> Iterator[pa.Table]:
    for file in sorted((folder / "events").iterdir()):
        for batch in pq.ParquetFile(file).iter_batches(size):
            yield pa.Table.from_batches([batch])


def warm(folder: Path) -> None:
    """Compiled programs are there before the clock starts."""
    Watch().take(next(tables(folder, STRETCH)))


def memory(line: str) -> float:
    """MB of this process by the kernel: `VmHWM` at the peak, `VmRSS` now. getrusage would count the
    peak of whoever started it too."""
    lines = dict(one.split(":") for one in Path("/proc/self/status").read_text().splitlines())
    return int(lines[line].split()[0]) / 1024


def in_memory(folder: str, residents: str) -> Figures:
    """The watch alone."""
    warm(Path(folder))
    watch, events, told = Watch(), 0, set[str]()
    begin = time.perf_counter()
    for table in tables(Path(folder)):
        told |= {alert.id for alert in watch.take(table).alerts}
        events += len(table)
    took, peak, sight = time.perf_counter() - begin, memory("VmHWM"), watch.sight
    by_other = sight.others.octets + sight.met.octets
    return {
        "in memory, events a second": events / took,
        "in memory, peak memory, MB": peak,
        "warnings": len(told),
        "numbers, sites and apps seen": len(sight.others.since),
        "state by the other side, bytes a number": by_other / max(1, len(sight.others.since)),
        "state by resident, bytes": watch.residents.octets / int(residents),
        "state laid down, MB": sum(array.nbytes for array in laid_down(watch).values()) / 1e6,
    }


def durable(folder: str) -> Figures:
    """The runner with checkpoints."""
    events = sum(
        pq.ParquetFile(path).metadata.num_rows for path in Path(folder, "events").iterdir()
    )
    warm(Path(folder))
    source = Folder(
        Path(folder, "events"), lambda p, s: read_files(p, start=Place(*s) if s else None)
    )
    begin = time.perf_counter()
    run(Path(folder, "state"), source, [], pace=PACE, say=lambda _: None)
    took = time.perf_counter() - begin
    return {
        "durable runner, events a second": events / took,
        "durable runner, peak memory, MB": memory("VmHWM"),
    }


def replay() -> Figures:
    """Live: late, shuffled, some twice; then again from the archive, read as the command reads it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # Longer than the watch needs to learn, or it would have little to say.
        simulate(folder, residents=37_000, days=9, seed=9, intensity=20)
        parts = [pq.read_table(path) for path in sorted((folder / "events").iterdir())]
        events = pa.concat_tables(parts).unify_dictionaries().combine_chunks()
        live, watch = {}, Watch()
        other = shuffled(events, timedelta(microseconds=LATENESS), 2, 5)
        for at in range(0, len(other), 7_000):
            live |= {alert.id: alert for alert in watch.take(other.slice(at, 7_000)).alerts}
        live |= {alert.id: alert for alert in watch.finish()}
        read = [folder / "events"]
        # What reads many texts at once is there before the clock starts, too.
        for piece in islice(read_files(read), 3):
            Watch().take(piece.events)
        begin = time.perf_counter()
        again = replayed((piece.events for piece in read_files(read)), shipped_book()).warnings
        took = time.perf_counter() - begin
    same = {i: a.written() for i, a in live.items()} == {i: a.written() for i, a in again.items()}
    if not same or not live:
        raise AssertionError("the replay says something else than what was said live")
    return {
        "replay, events": len(events),
        "replay, events a second": len(events) / took,
        "replay, warnings alike": len(live),
    }


class Clocked:
    """A source that gives STRETCH events when the last of them is due at RATE, until `seconds` have
    passed on the clock or there are no more."""

    def __init__(self, folder: Path, seconds: float) -> None:
        self._folder, self._seconds = folder, seconds
        self.given, self.safe = 0, 0
        self.late: list[float] = []  # seconds from when a stretch was due until it was through
        self.held: list[float] = []  # MB then
        self.between = (0, 0)  # times of the first event and the last, microseconds

    def batches(self, start: Position) -> Iterator[Batch]:
        begin = time.perf_counter()
        for table in tables(self._folder, STRETCH):
            due = begin + (self.given + len(table)) / RATE
            if max(due, time.perf_counter()) - begin > self._seconds:
                return
            time.sleep(max(0.0, due - time.perf_counter()))
            times = table["time"].cast(pa.int64())
            self.between = (self.between[0] or times[0].as_py(), times[-1].as_py())
            self.given += len(table)
            yield Batch(table, (), self.given)
            # Asked for the next one: this one is through.
            self.late.append(time.perf_counter() - due)
            self.held.append(memory("VmRSS"))

    def done(self, position: Position) -> None:
        """A checkpoint is on the disk."""
        self.safe += 1

    def close(self) -> None:
        """Nothing is open."""


def sustained(folder: str, seconds: str) -> Figures:
    """The durable runner, given events by the clock."""
    warm(Path(folder))
    source = Clocked(Path(folder), float(seconds))
    begin = time.perf_counter()
    run(Path(folder, "state"), source, [], pace=PACE, say=lambda _: None)
    took = time.perf_counter() - begin
    late, (first, last) = np.array(source.late), source.between
    return {
        "sustained, seconds": took,
        "sustained, events a second": source.given / took,
        "sustained, event time for each second": (last - first) / 1e6 / took,
        "sustained, checkpoints": source.safe,
        "sustained, p50 behind, ms": float(np.percentile(late, 50)) * 1e3,
        "sustained, p99 behind, ms": float(np.percentile(late, 99)) * 1e3,
        "sustained, most behind, ms": float(late.max()) * 1e3,
        "sustained, behind at the end, ms": float(late[-1]) * 1e3,
        "sustained, memory halfway, MB": source.held[len(late) // 2],
        "sustained, memory at the end, MB": source.held[-1],
        "sustained, peak memory, MB": memory("VmHWM"),
    }


def alone(what: str, *words: object) -> Figures:
    """In a process of its own, whose peak memory is its own."""
    command = [sys.executable, "-m", "bench.bench_watch_growth", "alone", what, *map(str, words)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    figures: Figures = json.loads(done.stdout.splitlines()[-1])
    return figures


def of_town(residents: int, days: int) -> Figures:
    """A town, and both ways to watch it."""
    with tempfile.TemporaryDirectory() as folder:
        about: Figures = {"residents": residents, "days": days}
        made = alone("town", folder, residents, days)
        return about | made | alone("in_memory", folder, residents) | alone("durable", folder)


def growth(sizes: tuple[float, ...]) -> Figures:
    """More residents, then more days of the same ones."""
    residents = [round(size * 1e6 / DAYS / A_DAY) for size in sizes]
    towns = {f"{size:g} M": (who, DAYS) for size, who in zip(sizes, residents, strict=True)}
    # Not the largest of many: the whole must be over in five minutes.
    fewest, most = min(sizes), sorted(sizes)[-2 if len(sizes) > 2 else -1]
    if most > fewest:
        towns[f"{most:g} M by days"] = (min(residents), round(DAYS * most / fewest))
    return {
        f"{name}: {what}": value
        for name, (who, days) in towns.items()
        for what, value in of_town(who, days).items()
    }


def paced(seconds: float) -> Figures:
    """A town with events for so long, and a little more; then `sustained`."""
    with tempfile.TemporaryDirectory() as folder:
        residents = max(100, round(RATE * seconds * 1.1 / SUSTAINED_DAYS / A_DAY))
        alone("town", folder, residents, SUSTAINED_DAYS)
        return {"sustained, residents": residents} | alone("sustained", folder, seconds)


def main(*asked: Any) -> Figures:
    """A table, and its figures for the file. `asked`: millions of events; "sustained" and its seconds."""
    words = [str(word) for word in asked]
    at = words.index("sustained") if "sustained" in words else len(words)
    sizes = tuple(map(float, words[:at])) or (() if words else SIZES)
    figures: Figures = growth(sizes) | alone("replay") if sizes else {}
    if at < len(words):
        figures |= paced(float(words[at + 1]) if words[at + 1 :] else SUSTAINED)
    table = Table("the watch, growing", "")
    for name, value in figures.items():
        table.add_row(name, f"{value:,.0f}")
    Console().print(table)
    return figures


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["alone", what, *words]:
            print(json.dumps(globals()[what](*words)))
        case words:
            main(*words)
