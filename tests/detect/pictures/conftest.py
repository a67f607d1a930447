"""Screenshots drawn by the tests themselves: no picture and no font is kept in the project."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Callable, Sequence

import pytest
from PIL import Image, ImageDraw, ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
Said = Sequence[tuple[str, str]]
PAGE, OWN, FACE = (237, 237, 237), (149, 236, 105), (90, 120, 200)


@pytest.fixture(scope="session")
def chinese() -> Callable[[int], Font]:
    """A font with Chinese characters of a size in pixels; the test is skipped where none is."""
    if not shutil.which("fc-list"):
        pytest.skip("fc-list is not installed, no Chinese font can be found")
    asked = ["fc-list", "-f", "%{file}\n", ":lang=zh-cn"]
    found = sorted(set(subprocess.run(asked, capture_output=True, text=True).stdout.split("\n")))
    sans = [file for file in found if "Sans" in file] or [file for file in found if file]
    if not sans:
        pytest.skip("no Chinese font is installed (fc-list :lang=zh-cn is empty)")
    return lambda size: ImageFont.truetype(sans[-1], size)


def latin(size: int) -> Font:
    return ImageFont.load_default(size)


def wrapped(text: str, font: Font, wide: float) -> list[str]:
    """Lines as an app breaks them: between Latin words and between Chinese characters."""
    lines, line = [], ""
    parts = text.split(" ") if text.isascii() else list(text)
    gap = " " if text.isascii() else ""
    for part in parts:
        longer = line + gap + part if line else part
        if line and font.getlength(longer) > wide:
            lines.append(line)
            line = part
        else:
            line = longer
    return [*lines, line]


def conversation(said: Said, font: Font, wide: int = 1080, high: int = 2340) -> Image.Image:
    """A chat: pairs of "left", "right" or "time" and what is said."""
    size = int(getattr(font, "size", 40))
    page = Image.new("RGB", (wide, high), PAGE)
    draw = ImageDraw.Draw(page)
    draw.text((40, 20), "9:41", font=latin(36), fill="black")
    draw.text((wide - 150, 20), "87%", font=latin(36), fill="black")
    y = 240
    for side, text in said:
        if side == "time":
            draw.text((wide // 2 - 60, y), text, font=latin(32), fill=(150, 150, 150))
            y += 80
            continue
        lines = wrapped(text, font, wide * 0.6)
        across = int(max(font.getlength(line) for line in lines)) + 56
        down = len(lines) * (size + 18) + 40
        x = 150 if side == "left" else wide - 150 - across
        paper = OWN if side == "right" else (255, 255, 255)
        draw.rounded_rectangle((x, y, x + across, y + down), 18, fill=paper)
        face = 30 if side == "left" else wide - 130
        draw.rounded_rectangle((face, y, face + 100, y + 100), 12, fill=FACE)
        for i, line in enumerate(lines):
            draw.text((x + 28, y + 16 + i * (size + 18)), line, font=font, fill=(20, 20, 20))
        y += down + 50
    return page


def letter(text: str, font: Font, wide: int = 1240, high: int = 1754) -> Image.Image:
    size = int(getattr(font, "size", 34))
    page = Image.new("RGB", (wide, high), (250, 248, 240))
    draw, y = ImageDraw.Draw(page), 150
    for paragraph in text.split("\n"):
        for line in wrapped(paragraph, font, wide - 300):
            draw.text((150, y), line, font=font, fill=(30, 30, 30))
            y += int(size * 1.6)
    return page


def file_of(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


@pytest.fixture(scope="session")
def draw() -> type:
    """The functions of this file, for tests that are imported by path."""

    class Draw:
        font = staticmethod(latin)
        chat = staticmethod(conversation)
        letter = staticmethod(letter)
        file = staticmethod(file_of)

    return Draw
