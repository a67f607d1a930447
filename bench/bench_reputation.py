"""A reputation table of ten million numbers: python -m bench reputation

How long it takes to make and in how much memory, and how long a look-up takes, one or many.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from random import Random
from statistics import median, quantiles

import numpy as np
from rich.console import Console
from rich.table import Table

from fangxian.detect.reputation import Columns, Reputation, build, clear, merge

NUMBERS = 10_000_000
FRESH = 1_000_000
SINGLE = 200_000
BULK = 1_000_000
KEY = b"the secret of the benchmark alone"
TODAY = date(2026, 11, 28)
OUT = Path(__file__).resolve().parents[1] / "build" / "bench"


def reports(first: int, count: int) -> Iterator[Columns]:
    """One report a number, of the last 90 days, numbers of a prefix that no operator has."""
    rng = np.random.default_rng(first)
    for start in range(first, first + count, 500_000):
        numbers = [f"+86120{n:08d}" for n in range(start, min(start + 500_000, first + count))]
        ages = rng.integers(0, 90, len(numbers))
        yield Columns(numbers, np.datetime64(TODAY) - ages.astype("timedelta64[D]"))


def make(path: str) -> None:
    """In a process of its own, for the memory: build, then merge a million reports, half of them of
    numbers that are known."""
    figures: dict[str, float] = {}
    before = _peak()
    figures["build s"] = _seconds(lambda: build(path, reports(0, NUMBERS), KEY, TODAY))
    figures["build peak MiB"] = _peak()
    figures["build peak above start MiB"] = _peak() - before
    half = FRESH // 2
    figures["merge of 1 M reports s"] = _seconds(
        lambda: merge(path, reports(NUMBERS - half, FRESH), KEY, TODAY)
    )
    figures["merge peak MiB"] = _peak()
    print(json.dumps(figures))


def look_up(path: Path) -> dict[str, float]:
    figures: dict[str, float] = {"file MiB": round(path.stat().st_size / 2**20, 1)}
    start = time.perf_counter()
    with Reputation(path, KEY) as table:
        figures["open ms"] = round(1000 * (time.perf_counter() - start), 2)
        figures["entries"] = len(table)
        rng = Random(1)  # noqa: S311
        wanted = [f"+86120{rng.randrange(2 * NUMBERS):08d}" for _ in range(SINGLE)]
        figures |= _single("first look-ups", table, wanted)
        figures |= _single("look-ups", table, wanted)
        many = [f"+86120{rng.randrange(2 * NUMBERS):08d}" for _ in range(BULK)]
        keys = table.keys_of(many)
        table.scores_of_keys(keys, TODAY)
        figures["hash 1 M numbers s"] = _seconds(lambda: table.keys_of(many))
        seconds = _seconds(lambda: table.scores_of_keys(keys, TODAY))
        figures["bulk keys per s"] = round(BULK / seconds)
        figures["bulk numbers per s"] = round(BULK / _seconds(lambda: table.scores(many, TODAY)))
        figures["clear ms"] = round(
            median(1000 * _seconds(lambda n=n: clear(path, n, KEY, TODAY)) for n in wanted[:200]), 3
        )
        figures |= _single("look-ups after 200 clearings", table, wanted)
    return figures


def _single(name: str, table: Reputation, wanted: list[str]) -> dict[str, float]:
    taken = []
    for number in wanted:
        start = time.perf_counter_ns()
        table.of(number, TODAY)
        taken.append(time.perf_counter_ns() - start)
    cuts = quantiles(taken, n=1000)
    return {
        f"{name} p50 µs": round(cuts[499] / 1000, 2),
        f"{name} p99 µs": round(cuts[989] / 1000, 2),
    }


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return round(time.perf_counter() - start, 4)


def _peak() -> float:
    """The most memory this process ever had, in MiB."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


def main() -> dict[str, float]:
    """Measure, print a table, write build/bench/reputation.json and return {figure: value}."""
    figures: dict[str, float] = {"numbers": NUMBERS}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "numbers.rep"
        program = f"from bench.bench_reputation import make; make({str(path)!r})"
        made = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True
        )
        figures |= json.loads(made.stdout)
        figures |= look_up(path)
    grid = Table("figure", "value", title="reputation of numbers")
    grid.columns[1].justify = "right"
    for name, value in figures.items():
        grid.add_row(name, f"{value:,}")
    Console().print(grid)
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "reputation.json").write_text(json.dumps(figures, indent=1))
    return figures


if __name__ == "__main__":
    main()
