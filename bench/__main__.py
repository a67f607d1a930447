"""`make bench`: every benchmark of this folder, one after the other; names after it choose, and what
follows a name and is none is told to that benchmark."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
OUT = FOLDER.parent / "build" / "bench"

known = sorted(p.stem.removeprefix("bench_") for p in FOLDER.glob("bench_*.py"))
wanted: list[tuple[str, list[float | str]]] = []
for word in sys.argv[1:] or known:
    if word in known or not wanted:
        wanted.append((word, []))
    else:
        wanted[-1][1].append(float(word) if word.replace(".", "", 1).isdigit() else word)
OUT.mkdir(parents=True, exist_ok=True)
for name, words in wanted:
    sys.argv = [name]
    figures = importlib.import_module(f"bench.bench_{name}").main(*words)
    (OUT / f"{name}.json").write_text(json.dumps(figures, indent=1, default=str))
