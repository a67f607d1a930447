"""Seconds and memory of a screenshot, by what is on it: python bench/bench_pictures.py

Every picture is looked at in a process of its own: the first look pays for the libraries.
"""

from __future__ import annotations

import argparse
import io
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import segno
from PIL import Image, ImageDraw, ImageFont
from rich.console import Console
from rich.table import Table

from fangxian.detect.pictures import check_picture

OUT = Path(__file__).parent.parent / "build" / "bench"
AGAIN = 3
WORDS = "Please pay the fee of 1.99 dollars at parcel.example.top within 24 hours or call us. "


def screen(lines: int, size: tuple[int, int], letters: int) -> Image.Image:
    """A screen of so many lines of text, letters of so many pixels."""
    page = Image.new("RGB", size, (237, 237, 237))
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(letters)
    fits = int((size[0] - 100) / (letters * 0.5))
    text = WORDS * (lines * fits // len(WORDS) + 2)
    for i in range(lines):
        y = 60 + i * int((size[1] - 120) / lines)
        draw.text((50, y), text[i * fits : (i + 1) * fits], font=font, fill=(20, 20, 20))
    return page


def with_code() -> Image.Image:
    out = io.BytesIO()
    segno.make("http://parcel.example.top/pay", micro=False).save(out, kind="png", scale=12)
    page = screen(5, (1080, 2340), 44)
    page.paste(Image.open(out).convert("RGB"), (300, 700))
    return page


PICTURES: dict[str, Callable[[], Image.Image]] = {
    "empty screen": lambda: Image.new("RGB", (1080, 2340), "white"),
    "chat of 16 lines": lambda: screen(16, (1080, 2340), 44),
    "poster with a QR code": with_code,
    "page of 60 lines": lambda: screen(60, (1240, 1754), 22),
    "long screenshot, 6 screens": lambda: screen(96, (1080, 14_000), 44),
    "photograph, 48 megapixels": lambda: screen(16, (6000, 8000), 200),
    "full of small text, 46,000 rows": lambda: screen(1500, (1080, 46_000), 14),
}


def one(name: str) -> dict[str, float]:
    """Seconds of the first look and of a later one, MB at most."""
    file = io.BytesIO()
    PICTURES[name]().save(file, "PNG")
    seconds = []
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    for _ in range(1 if "full" in name else 1 + AGAIN):
        start = time.perf_counter()
        verdict = check_picture(file.getvalue())
        seconds.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "first, s": seconds[0],
        "later, s": min(seconds[1:] or seconds),
        "MB before": before,
        "MB at most": peak,
        "lines read": len(verdict.lines),
        "characters": len(verdict.text),
    }


def main() -> dict[str, dict[str, float]]:
    """Measure, print a table, write build/bench/pictures.json and return {picture: {figure: n}}."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--one", choices=PICTURES, help="only this picture, in this process")
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(one(asked.one)))
        return {}
    figures: dict[str, dict[str, float]] = {}
    for name in PICTURES:
        command = [sys.executable, __file__, "--one", name]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        figures[name] = json.loads(done.stdout)
    table = Table("picture", *next(iter(figures.values())))
    for name, row in figures.items():
        table.add_row(
            name, *(f"{value:,.{2 if ', s' in key else 0}f}" for key, value in row.items())
        )
    Console().print(table)
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "pictures.json").write_text(json.dumps(figures, indent=1))
    return figures


if __name__ == "__main__":
    main()
