"""Measures the shipped model and keeps what was measured in docs/figures.json.

    python tools/figures.py ../shared/data     # how well: a quarter of an hour
    python -m bench detect; python tools/figures.py     # how fast, from build/bench/detect.json

The pages that show figures are filled from the file by tools/reference.py; a test holds the file
against the shipped model, so that no page shows the figures of another.
"""

from __future__ import annotations

import json
import math
import sys
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FIGURES = ROOT / "docs" / "figures.json"
MODEL = ROOT / "src" / "fangxian" / "detect" / "model" / "text.model"


def main() -> None:
    if sys.argv[1:]:
        measured = quality(Path(sys.argv[1])) | {"speed": kept().get("speed", {})}
    else:
        bench = ROOT / "build" / "bench" / "detect.json"
        measured = kept() | {"speed": json.loads(bench.read_text("utf-8"))}
    FIGURES.write_text(json.dumps(measured, ensure_ascii=False, indent=1) + "\n", "utf-8")


def kept() -> dict[str, Any]:
    """What was measured before."""
    found: dict[str, Any] = json.loads(FIGURES.read_text("utf-8"))
    return found


def quality(folder: Path) -> dict[str, Any]:
    """How well: on every set in `folder`, and by models that never met one."""
    from fangxian.detect.model import load_model
    from fangxian.detect.training import call_rates, disguise_loss, evaluating

    model = load_model()
    return {
        "model": sha256(MODEL.read_bytes()).hexdigest(),
        "learned": model.about["texts"],
        "evaluate": [plain(row) for row in evaluating.evaluate(model, folder)],
        "left_out": [plain(row) for row in evaluating.left_out(folder, say=print)],
        "disguise": [plain(row) for row in disguise_loss.disguised_sets(model, folder)],
        "calls": [plain(row) for row in call_rates.measure(folder, say=print)],
    }


def plain(row: Any) -> dict[str, Any]:
    """A row without what cannot be said, rounded to what can be known."""
    return {key: value for key, value in map(rounded, asdict(row).items()) if value is not None}


def rounded(item: tuple[str, Any]) -> tuple[str, Any]:
    key, value = item
    if isinstance(value, float):
        return key, None if math.isnan(value) else round(value, 4)
    if isinstance(value, tuple):
        return key, [rounded(("", each))[1] for each in value]
    return key, value


if __name__ == "__main__":
    main()
