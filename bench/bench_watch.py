"""Events a second of the watch: python -m bench watch

In one run: the windows of numbers alone, the same in a loop over dicts, the watch in memory with all
signals, and the durable runner with checkpoints on the same simulated events. The machine's other work
shows in all of them, so ratios say more than figures.
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import psutil
from rich.console import Console
from rich.table import Table

from fangxian.watch.callers import BUSY, Callers, Done
from fangxian.watch.local import Pace, run
from fangxian.watch.local.sources.folder import Folder
from fangxian.watch.reading import Place, read_files
from fangxian.watch.simulate import simulate
from fangxian.watch.watching import Watch

NUMBERS, CELLS, IN_CELL = 1_000_000, 6, 1_000_000
PLAIN = 100_000
Figures = dict[str, float]


def some_done(rng: np.random.Generator, count: int) -> Done:
    """Calls by a million numbers, of which a few ring much more than others."""
    often = np.minimum(rng.pareto(1.1, count) * 300, NUMBERS - 1)
    number = np.where(rng.random(count) < 0.5, often, rng.integers(0, NUMBERS, count))
    return Done(
        (number.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15),
        rng.integers(1, 1 << 60, count).astype(np.uint64),
        np.ones(count, bool),
        (rng.integers(0, 300, count) * (rng.random(count) < 0.5)).astype(np.int32),
        rng.integers(0, 20, count).astype(np.int32),
        np.zeros(count, bool),
    )


def windows() -> Figures:
    """Exact windows, settled cell by cell, and every event's look at its caller."""
    rng = np.random.default_rng(1)
    cells = [some_done(rng, IN_CELL) for _ in range(CELLS)]
    for warm in (True, False):
        callers = Callers()
        begin = time.perf_counter()
        for step, done in enumerate(cells[: 1 if warm else CELLS], 1000):
            callers.wait(np.full(len(done.call), step), done)
            callers.settle(step + 1)
            callers.look_up(done.number, step + 1)
        took = time.perf_counter() - begin
    met = len(np.unique(np.concatenate([done.number for done in cells])))
    return {
        "windows, events a second": CELLS * IN_CELL / took,
        "windows, numbers": met,
        "windows, busy numbers": len(callers),
        "windows, bytes an active number": callers.octets / met,
        "dicts, events a second": plainly([done.among(slice(0, PLAIN)) for done in cells]),
    }


def plainly(cells: list[Done]) -> float:
    """The same counts of an hour, one event at a time. Events a second."""
    begin = time.perf_counter()
    held: dict[int, dict[int, list[tuple[int, int, int]]]] = defaultdict(dict)
    for step, done in enumerate(cells, 1000):
        rows = list(zip(done.number.tolist(), done.resident.tolist(), done.seconds.tolist(), done.rings.tolist(), strict=True))  # fmt: skip
        busy = Counter(row[0] for row in rows)
        for number, *what in rows:
            if busy[number] >= BUSY:
                held[number].setdefault(step, []).append(tuple(what))
        known: dict[int, tuple[int, ...]] = {}
        for number, *_ in rows:
            if number not in known and number in held:
                hour = [e for s, own in held[number].items() if s > step - 6 for e in own]
                talked = [e for e in hour if e[1] > 0]
                known[number] = (
                    len(hour), len({e[0] for e in hour}), len(talked), sum(e[1] < 20 for e in talked),
                    sum(e[1] == 0 and e[2] <= 3 for e in hour),
                )  # fmt: skip
    return len(cells) * PLAIN / (time.perf_counter() - begin)


def runs(folder: Path) -> Figures:
    """A simulated town of a million events or so."""
    begin = time.perf_counter()
    made = simulate(folder, residents=40_000, days=3, seed=7, intensity=10)
    figures: Figures = {
        "events": made.events,
        "simulator, events a second": made.events / (time.perf_counter() - begin),
    }
    # As the runner is given them: words are numbered.
    tables = [read.events for read in read_files([folder / "events"])]
    for warm in (True, False):
        watch = Watch()
        begin = time.perf_counter()
        for table in tables[: 1 if warm else None]:
            watch.take(table)
        took = time.perf_counter() - begin
    figures["watch in memory, events a second"] = made.events / took
    since = watch.sight.others.since
    figures["bytes a number seen"] = since.octets / max(1, len(since))
    source = Folder(folder / "events", lambda p, s: read_files(p, start=Place(*s) if s else None))
    begin = time.perf_counter()
    run(folder / "state", source, [], pace=Pace(seconds=2.0), say=lambda _: None)
    figures["durable runner, events a second"] = made.events / (time.perf_counter() - begin)
    figures["memory at the end, MB"] = psutil.Process().memory_info().rss / 1e6
    return figures


def main() -> Figures:
    """A table, and its figures for the file."""
    with tempfile.TemporaryDirectory() as folder:
        figures = windows() | runs(Path(folder) / "town")
    table = Table("the watch", "")
    for name, value in figures.items():
        table.add_row(name, f"{value:,.0f}")
    Console().print(table)
    return figures


if __name__ == "__main__":
    main()
