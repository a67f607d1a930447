"""`make bench`: every benchmark of this folder, one after the other; names after it choose."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
OUT = FOLDER.parent / "build" / "bench"

wanted = sys.argv[1:] or sorted(p.stem.removeprefix("bench_") for p in FOLDER.glob("bench_*.py"))
OUT.mkdir(parents=True, exist_ok=True)
for name in wanted:
    sys.argv = [name]
    figures = importlib.import_module(f"bench.bench_{name}").main()
    (OUT / f"{name}.json").write_text(json.dumps(figures, indent=1, default=str))
