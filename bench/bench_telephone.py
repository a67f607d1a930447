"""How fast telephone numbers are looked at and found in texts: python -m bench telephone"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

from rich.console import Console
from rich.table import Table

from fangxian.detect.corpus import read_corpus
from fangxian.detect.telephone import look_at_number, numbers_in

OUT = Path(__file__).resolve().parents[1] / "build" / "bench"
MILLION = 1_000_000


def main() -> dict[str, float]:
    """Measure, print a table, write build/bench/telephone.json and return {figure: value}."""
    rng = Random(1)  # noqa: S311
    numbers = [f"120{rng.randrange(10**8):08d}" for _ in range(20_000)]
    shown = [
        "+8696110",
        "95588",
        "02195588",
        "4000001234",
        "+852 6123 4567",
        "106900001234",
    ] * 3_000
    texts = [example.text for example in read_corpus()]
    figures: dict[str, float] = {
        "look at a mobile number µs": _each(numbers, look_at_number),
        "look at a service number µs": _each(shown, look_at_number),
        "characters of a text of the corpus": round(sum(map(len, texts)) / len(texts)),
        "numbers in a text of the corpus µs": _each(texts, numbers_in),
    }
    for piece in ("1 ", "一二", "12000001234 ", "请拨打110，", "+852 "):
        text = (piece * MILLION)[:MILLION]
        figures[f"a million characters of {piece!r} s"] = _each([text], numbers_in) / MILLION
    grid = Table("figure", "value", title="telephone numbers")
    grid.columns[1].justify = "right"
    for name, value in figures.items():
        grid.add_row(name, f"{value:,.2f}")
    Console().print(grid)
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "telephone.json").write_text(json.dumps(figures, indent=1, ensure_ascii=False))
    return figures


def _each(items: list[str], work: Callable[[str], object]) -> float:
    """Microseconds an item, after a first one that opens what is opened once."""
    work(items[0][:100])
    start = time.perf_counter()
    for item in items:
        work(item)
    return round(1_000_000 * (time.perf_counter() - start) / len(items), 2)


if __name__ == "__main__":
    main()
