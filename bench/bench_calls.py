"""How fast a turn of a call is judged: python -m bench calls"""

from __future__ import annotations

import json
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from fangxian.detect.calls import Call, check_turns
from fangxian.detect.corpus import read_corpus

OUT = Path(__file__).resolve().parents[1] / "build" / "bench"


def main() -> dict[str, float]:
    """Measure, print a table, write build/bench/calls.json and return {figure: value}."""
    calls = [e.turns for e in read_corpus() if e.channel == "call" and len(e.turns) > 1]
    turns = sum(map(len, calls))
    start = time.perf_counter()
    check_turns(calls[0])
    figures: dict[str, float] = {"the first call, opening everything s": _since(start)}
    start = time.perf_counter()
    verdicts = [check_turns(call)[-1] for call in calls]
    figures["a turn µs"] = round(_since(start) * 1e6 / turns, 1)
    start = time.perf_counter()
    figures["reasons of a call"] = sum(len(v.reasons) for v in verdicts) / len(calls)
    figures["the reasons of a call µs"] = round(_since(start) * 1e6 / len(calls), 1)
    long = Call()
    for _ in range(100):
        long.heard("请您把资金转到安全账户" * 5)
    start = time.perf_counter()
    for _ in range(100):
        long.heard("请您把资金转到安全账户" * 5)
    figures["a turn after 100 others µs"] = round(_since(start) * 1e4, 1)
    start = time.perf_counter()
    Call().heard("转账" * 500_000)
    figures["a turn of a million characters s"] = _since(start)
    grid = Table("figure", "value", title="calls, turn by turn")
    grid.columns[1].justify = "right"
    for name, value in figures.items():
        grid.add_row(name, f"{value:,.3f}")
    Console().print(grid)
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "calls.json").write_text(json.dumps(figures, indent=1, ensure_ascii=False))
    return figures


def _since(start: float) -> float:
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
