"""A picture from a file's bytes, in bounded memory: too large a one is refused before it is
decoded, a large one is made smaller."""

from __future__ import annotations

import io
import threading
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

# A file this long, or with more pixels, is refused: 50 million are a screenshot of 46,000 lines,
# 200 MB once decoded.
MOST_BYTES = 40_000_000
MOST_PIXELS = 50_000_000
# Text is read at this many pixels across the shorter side: of a telephone's screen Chinese
# characters are then 40 to 60 pixels high, of an A4 page 20 to 30. Small pictures are made larger.
SHORT, SMALL, MOST_LARGER = 1280, 736, 3.0
# Screenshots of a whole conversation are narrow and long; nothing is so wide.
WIDEST, LONGEST = 2560, 50_000
KINDS = ("PNG", "JPEG", "WEBP", "BMP", "GIF")
# Pillow warns of large pictures and broken EXIF; warnings are silenced for all threads at once.
_opening = threading.Lock()


class UnreadablePicture(ValueError):
    """What was handed in is no picture that can be read; says why and what to do."""


class PicturesNotInstalled(ImportError):
    """The libraries that read pictures are not there; says how to get them."""


def missing(name: str | None) -> PicturesNotInstalled:
    return PicturesNotInstalled(
        f"看图需要 {name}：请在项目目录里运行 pip install '.[pictures]' "
        f"(pictures need {name}: pip install '.[pictures]' in the project's folder)"
    )


@dataclass(frozen=True)
class Picture:
    """`pixels`: RGB, upright, of a size to be read; `size` (width, height) of the picture as it is
    shown, and `scale`, how many of its pixels one of `pixels` stands for."""

    pixels: Image.Image
    size: tuple[int, int]
    scale: float


def open_picture(image: bytes | Path) -> Picture:
    """The picture in a file or in its bytes: PNG, JPEG, WebP, BMP or the first frame of a GIF.

    Turned as its EXIF says. Raises UnreadablePicture, TypeError for what is neither bytes nor a
    Path, PicturesNotInstalled.
    """
    data = _bytes_of(image)
    try:
        import PIL.Image  # noqa: F401
    except ImportError as absent:
        raise missing("Pillow") from absent
    with _opening, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _opened(data)


def _opened(data: bytes) -> Picture:
    from PIL import Image

    try:
        file = Image.open(io.BytesIO(data), formats=KINDS)
    except Image.DecompressionBombError:
        raise _too_large("") from None
    except Exception as wrong:  # decoders raise anything at all
        raise UnreadablePicture(
            "这不是能读的图片，请用 PNG、JPEG、WebP、BMP 或 GIF（手机截图就是）。"
            " (not a picture that can be read: send PNG, JPEG, WebP, BMP or GIF)"
        ) from wrong
    with file:
        wide, high = file.size
        if wide * high > MOST_PIXELS or max(wide, high) > LONGEST:
            raise _too_large(f"{wide}x{high}")
        try:
            return _decoded(file)
        except Exception as wrong:  # decoders raise anything at all
            raise UnreadablePicture(
                "图片文件不完整或已损坏，请重新截图或重新发送。"
                " (the picture's file is cut off or broken: take or send it again)"
            ) from wrong


def _bytes_of(image: bytes | Path) -> bytes:
    if isinstance(image, Path):
        if not image.is_file():
            raise UnreadablePicture(f"找不到图片文件 {image.name} (no such file)")
        if image.stat().st_size > MOST_BYTES:
            raise _too_large(f"{image.stat().st_size / 1e6:.0f} MB")
        return image.read_bytes()
    if not isinstance(image, bytes):
        raise TypeError(f"图片应为 bytes 或 Path，收到的是 {type(image).__name__}")
    if not image:
        raise UnreadablePicture("图片文件是空的 (the file is empty)")
    if len(image) > MOST_BYTES:
        raise _too_large(f"{len(image) / 1e6:.0f} MB")
    return image


def _too_large(size: str) -> UnreadablePicture:
    most = f"{MOST_PIXELS // 1_000_000}00 万像素、{MOST_BYTES // 1_000_000} MB"
    return UnreadablePicture(
        f"图片太大{size and f'（{size}）'}：最多 {most}，请分几张截图。"
        f" (too large: at most {MOST_PIXELS // 1_000_000} million pixels and "
        f"{MOST_BYTES // 1_000_000} MB; send it in parts)"
    )


def _decoded(file: Image.Image) -> Picture:
    from PIL import Image

    wide, high = file.size
    scale = _scale(wide, high)
    wanted = (max(1, round(wide * scale)), max(1, round(high * scale)))
    turn = _turn(file)
    # A JPEG can be decoded at about the size wanted; other kinds cannot.
    file.draft("RGB", wanted)
    file.seek(0)
    pixels = _coloured(file).resize(wanted, Image.Resampling.BICUBIC, reducing_gap=2.0)
    if turn is None:
        return Picture(pixels, (wide, high), 1 / scale)
    way = Image.Transpose
    upright = turn in (way.FLIP_LEFT_RIGHT, way.FLIP_TOP_BOTTOM, way.ROTATE_180)
    return Picture(pixels.transpose(turn), (wide, high) if upright else (high, wide), 1 / scale)


def _scale(wide: int, high: int) -> float:
    """By how much the picture is made larger or smaller to be read."""
    short, long = min(wide, high), max(wide, high)
    larger = min(MOST_LARGER, SMALL / short, WIDEST / long)
    return larger if larger > 1 else min(1.0, SHORT / short, WIDEST / wide)


def _turn(file: Image.Image) -> Image.Transpose | None:
    """How the picture is to be turned: the orientation of EXIF 2.32, table 4.6.4."""
    from PIL import Image

    way = Image.Transpose
    turns = {
        2: way.FLIP_LEFT_RIGHT, 3: way.ROTATE_180, 4: way.FLIP_TOP_BOTTOM, 5: way.TRANSPOSE,
        6: way.ROTATE_270, 7: way.TRANSVERSE, 8: way.ROTATE_90,
    }  # fmt: skip
    try:
        return turns.get(file.getexif().get(0x0112, 1))
    except Exception:  # a broken EXIF block does not spoil a picture
        return None


def _coloured(file: Image.Image) -> Image.Image:
    """RGB; what is transparent is white paper, 16-bit greys are made 8-bit."""
    from PIL import Image

    if file.mode.startswith("I") or file.mode == "F":
        return file.point(lambda grey: grey / 256).convert("L").convert("RGB")
    if file.mode in ("RGBA", "LA", "PA") or "transparency" in file.info:
        paper = Image.new("RGBA", file.size, "white")
        paper.alpha_composite(file.convert("RGBA"))
        return paper.convert("RGB")
    return file.convert("RGB")
