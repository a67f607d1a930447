"""How fast texts are masked for a second opinion, and what is left in them: python -m bench opinion"""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from pathlib import Path
from random import Random

from rich.console import Console
from rich.table import Table

from fangxian.detect.corpus import reading
from fangxian.detect.opinion import masked

OUT = Path(__file__).resolve().parents[1] / "build" / "bench"
MILLION = 1_000_000
_FILLED = re.compile(r"\{(\w+)\}")
_MARK = re.compile("〔[^〕]*〕")


def main() -> dict[str, float]:
    """Measure, print a table, write build/bench/opinion.json and return {figure: value}."""
    texts, inside = _filled(Random(0))  # noqa: S311
    masked(texts[0])
    start = time.perf_counter()
    sent = [masked(text).text for text in texts]
    figures: dict[str, float] = {
        "texts of the corpus": len(texts),
        "a text ms": round(1_000 * (time.perf_counter() - start) / len(texts), 3),
    }
    there: Counter[str] = Counter()
    left: Counter[str] = Counter()
    for out, values in zip(sent, inside, strict=True):
        rest = _MARK.sub("|", out)
        for kind, value in values:
            there[kind] += 1
            left[kind] += value.removeprefix("http://").removeprefix("https://").lower() in rest
    for kind, count in sorted(there.items()):
        figures[f"{kind}: there"], figures[f"{kind}: left"] = count, left[kind]
    for piece in ("1 ", "王", "路", "1。2。", "a."):
        start = time.perf_counter()
        masked((piece * MILLION)[:MILLION])
        figures[f"a million characters of {piece!r} s"] = round(time.perf_counter() - start, 3)
    grid = Table("figure", "value", title="masked for a second opinion")
    grid.columns[1].justify = "right"
    for name, value in figures.items():
        grid.add_row(name, f"{value:,}")
    Console().print(grid)
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "opinion.json").write_text(json.dumps(figures, indent=1, ensure_ascii=False))
    return figures


def _filled(rng: Random) -> tuple[list[str], list[list[tuple[str, str]]]]:
    """The corpus with its placeholders filled, and which values went into each text."""
    texts, inside = [], []
    for file in sorted(Path(reading.__file__).parent.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            values: list[tuple[str, str]] = []

            def fill(found: re.Match[str], into: list[tuple[str, str]] = values) -> str:
                into.append((found[1], reading.fill(found[0], rng)))
                return into[-1][1]

            turns = row.get("turns") or [["caller", row["text"]]]
            texts.append(_FILLED.sub(fill, "\n".join(said for _, said in turns)))
            inside.append(values)
    return texts, inside


if __name__ == "__main__":
    main()
