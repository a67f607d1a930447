"""Lines of text in a picture: found and read by RapidOCR (PP-OCRv6 models, in its package)."""

from __future__ import annotations

import threading
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .box import Strip
from .opening import missing

if TYPE_CHECKING:
    from PIL import Image

Pixels = NDArray[np.uint8]
# A long picture is read in pieces of at most this height and this many times their width, cut
# where there is no text; of more pieces than these the first and last are read.
PIECE, TALLEST, PIECES = 2400, 3, 10
# Longest side of a piece when lines are looked for: on a screen of 1920 x 1080, text of 16 pixels is
# still found whole, in two thirds of the time and memory of 1600.
LOOKED = 1280
# What one picture may cost: lines of a piece, and characters of all, by the length of lines; the
# shortest line costs as much as one of 7 characters, for the reader's pictures are 48 x 320 or more.
LINES, CHARACTERS, CHEAPEST = 300, 4000, 7.0
# Less sure readings are noise of photographs; smaller lines nobody can read.
SURE, LOWEST = 0.6, 7
THIN = 16  # nor can a picture so narrow hold a line
# One engine, one picture at a time: it uses every core by itself.
_reading = threading.Lock()


class Found(NamedTuple):
    """One line: its text, where it stands, and the colour (RGB) of the paper behind it."""

    text: str
    place: Strip
    paper: tuple[int, int, int]


def lines_in(picture: Image.Image) -> tuple[list[Found], bool]:
    """The lines of an RGB picture, in no order, and whether all of it was read."""
    pixels = np.asarray(picture)
    tops = _cuts(pixels)
    kept = list(range(len(tops) - 1))
    whole = len(kept) <= PIECES
    if not whole:
        kept = kept[: PIECES // 2] + kept[-PIECES // 2 :]
    found: list[Found] = []
    left = float(CHARACTERS)
    with _reading:
        for at in kept:
            lines, left = _piece(pixels[tops[at] : tops[at + 1]], tops[at], left)
            found += lines
    return found, whole and left > 0


def _cuts(pixels: Pixels) -> list[int]:
    """Rows at which the pieces begin, and the last row: in the emptiest row near each end."""
    high, wide = pixels.shape[:2]
    most = min(PIECE, TALLEST * wide)
    tops = [0]
    while high - tops[-1] > most:
        begin, end = tops[-1] + most * 3 // 4, tops[-1] + most
        rows = pixels[begin:end, :, 1].astype(np.int16)
        ink = np.abs(np.diff(rows, axis=1)).sum(axis=1)
        # The middle of the emptiest stretch: rows that touch letters above or below are not it.
        calm = np.convolve(ink, np.ones(9), "same")
        tops.append(begin + int(calm.argmin()))
    return [*tops, high]


def _piece(pixels: Pixels, top: int, left: float) -> tuple[list[Found], float]:
    """The lines of one piece, and how much may still be read."""
    if min(pixels.shape[:2]) < THIN:
        return [], left
    engine = _engine()
    # RapidOCR takes arrays in the order of OpenCV: blue first.
    colours = np.ascontiguousarray(pixels[:, :, ::-1])
    corners = engine(colours, use_det=True, use_cls=False, use_rec=False).boxes
    lines = []
    for quad in [] if corners is None else np.asarray(corners, np.float32):
        high, wide = np.linalg.norm(quad[3] - quad[0]), np.linalg.norm(quad[1] - quad[0])
        if min(wide, high) < LOWEST:
            continue
        left -= max(CHEAPEST, float(max(wide / high, high / wide)))
        if left < 0:
            break
        strip = engine.crop_text_regions(colours, [quad])[0]
        read = engine(strip, use_det=False, use_cls=False, use_rec=True)
        text = (read.txts or ("",))[0].strip()
        if text and read.scores[0] >= SURE:
            b, g, r = (int(shade) for shade in np.median(strip, axis=(0, 1)))
            corner = [(float(x), float(y) + top) for x, y in quad]
            place = Strip((corner[0], corner[1], corner[2], corner[3]))
            lines.append(Found(text, place, (r, g, b)))
    return lines, left


@cache
def _engine() -> Any:
    """RapidOCR with the models of its own package: with no path it would fetch what it misses."""
    try:
        import onnxruntime  # noqa: F401
        import rapidocr
    except ImportError as absent:
        raise missing(absent.name) from absent
    models = Path(rapidocr.__file__).parent / "models"
    finder, reader = (sorted(models.glob(f"PP-OCR*_{part}_*.onnx")) for part in ("det", "rec"))
    if not finder or not reader:
        raise missing("rapidocr>=3.10")
    return rapidocr.RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.use_cls": False,
            # Pieces have the right size already.
            "Global.use_preprocess_img": False,
            "Det.limit_type": "max",
            "Det.limit_side_len": LOOKED,
            "Det.max_candidates": LINES,
            "Det.model_path": str(finder[0]),
            "Rec.model_path": str(reader[0]),
        }
    )
