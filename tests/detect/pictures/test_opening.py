"""What is refused before anything is read, in words a person can act on."""

from __future__ import annotations

import contextlib
import os
import random
import struct
import subprocess
import sys
import warnings
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

Image = pytest.importorskip("PIL.Image", reason="pillow is not installed")

from fangxian.detect.pictures import (  # noqa: E402
    PicturesNotInstalled,
    UnreadablePicture,
    check_picture,
)
from fangxian.detect.pictures.opening import MOST_BYTES, open_picture  # noqa: E402
from fangxian.detect.pictures.reading import _engine  # noqa: E402

KINDS = ("PNG", "JPEG", "WEBP", "BMP", "GIF")
CUT_OFF = "不完整|不是能读"


def png_header(wide: int, high: int, data: bytes = b"") -> bytes:
    """A PNG that says it is so large, whatever is in it."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    size = struct.pack(">IIBBBBB", wide, high, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_opened_upright_at_its_size(draw: type, kind: str) -> None:
    data = draw.file(Image.new("RGB", (1080, 2340), "red"), kind)
    opened = open_picture(data)
    assert opened.size == (1080, 2340)
    assert opened.pixels.mode == "RGB"
    red, green, blue = opened.pixels.getpixel((500, 500))
    assert red > 240
    assert max(green, blue) < 15


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.3, 0.6])
def test_a_file_that_was_cut_off_is_refused(draw: type, kind: str, share: float) -> None:
    noise = Image.frombytes("RGB", (200, 200), random.Random(1).randbytes(120_000))
    data = draw.file(noise, kind)
    with pytest.raises(UnreadablePicture, match=CUT_OFF):
        open_picture(data[: int(len(data) * share)])


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "空的"),
        (b"hello " * 100, "PNG"),
        (b"%PDF-1.7" + b"x" * 1000, "PNG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "PNG"),
        (b"\0" * 1_000_000, "PNG"),
        (b"\0" * (MOST_BYTES + 1), "太大"),
        (png_header(60_000, 60_000, zlib.compress(b"\0" * 10_000)), "太大"),
        (png_header(2**31 - 1, 2**31 - 1), "太大"),
        (png_header(9_000, 8_000), "太大"),
        (png_header(1, 900_000), "太大"),
    ],
    ids=["empty", "text", "PDF", "SVG", "zeros", "41 MB", "bomb", "bomb 2", "72 MP", "thread"],
)
def test_what_is_no_picture_or_too_large_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(UnreadablePicture, match=says):
        check_picture(data)


@pytest.mark.parametrize("wrong", [None, 5, "picture.png", ["a"], bytearray(b"x")])
def test_what_is_neither_bytes_nor_a_path_is_refused(wrong: object) -> None:
    with pytest.raises(TypeError, match="bytes 或 Path"):
        check_picture(wrong)  # type: ignore[arg-type]


def test_a_path_must_be_a_file(tmp_path: Path) -> None:
    with pytest.raises(UnreadablePicture, match=r"找不到图片文件 none\.png"):
        check_picture(tmp_path / "none.png")
    with pytest.raises(UnreadablePicture, match="找不到"):
        check_picture(tmp_path)
    with pytest.raises(UnreadablePicture, match="找不到"):
        check_picture(Path(os.devnull))


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "CMYK", "YCbCr"])
def test_colours_of_every_sort_become_rgb(draw: type, mode: str) -> None:
    kind = "JPEG" if mode in ("CMYK", "YCbCr") else "PNG"
    opened = open_picture(draw.file(Image.new("RGB", (800, 900), "white").convert(mode), kind))
    assert min(opened.pixels.getpixel((400, 400))) > 250


def test_sixteen_bits_are_not_cut_to_white(draw: type) -> None:
    grey = Image.new("I;16", (800, 900), 128 * 257)
    assert open_picture(draw.file(grey)).pixels.getpixel((9, 9)) == pytest.approx((128,) * 3, abs=2)


def test_what_is_transparent_is_white(draw: type) -> None:
    opened = open_picture(draw.file(Image.new("RGBA", (800, 900), (0, 0, 0, 0))))
    assert opened.pixels.getpixel((9, 9)) == (255, 255, 255)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_turns_the_picture_upright(draw: type, orientation: int) -> None:
    way = Image.Transpose
    stored = {
        1: None, 2: way.FLIP_LEFT_RIGHT, 3: way.ROTATE_180, 4: way.FLIP_TOP_BOTTOM,
        5: way.TRANSPOSE, 6: way.ROTATE_90, 7: way.TRANSVERSE, 8: way.ROTATE_270,
    }[orientation]  # fmt: skip
    upright = Image.new("RGB", (1000, 800), "white")
    upright.paste((0, 0, 0), (0, 0, 500, 400))
    turned = upright if stored is None else upright.transpose(stored)
    exif = Image.Exif()
    exif[0x0112] = orientation
    opened = open_picture(draw.file(turned, "JPEG", exif=exif))
    assert opened.size == (1000, 800)
    across, down = opened.pixels.size
    dark = [opened.pixels.getpixel((x, y))[0] < 99 for x in (9, across - 9) for y in (9, down - 9)]
    assert dark == [True, False, False, False]


def test_broken_exif_and_its_warnings_do_no_harm(draw: type) -> None:
    data = draw.file(Image.new("RGB", (800, 900)), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert open_picture(data).size == (800, 900)


def test_the_first_frame_of_an_animation_is_taken(draw: type) -> None:
    red, blue = (Image.new("RGB", (800, 900), colour) for colour in ("red", "blue"))
    data = draw.file(red, "GIF", save_all=True, append_images=[blue])
    assert open_picture(data).pixels.getpixel((9, 9)) == (255, 0, 0)


@pytest.mark.parametrize("size", [(6000, 4000), (1080, 40_000), (40_000, 300), (1, 1), (3, 2000)])
def test_whatever_the_size_what_is_read_is_bounded(draw: type, size: tuple[int, int]) -> None:
    opened = open_picture(draw.file(Image.new("L", size)))
    assert opened.size == size
    assert opened.pixels.width <= 2560
    assert min(opened.pixels.size) <= 1280


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_bytes_are_opened_or_refused(draw: type, data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(KINDS))
    good = bytearray(draw.file(Image.new("RGB", (64, 64), "red"), kind))
    for _ in range(data.draw(st.integers(0, 8))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(UnreadablePicture):
        open_picture(bytes(good) + data.draw(st.binary(max_size=20)))


@pytest.mark.parametrize(
    ("module", "named"),
    [("zxingcpp", "zxing-cpp|zxingcpp"), ("rapidocr", "rapidocr"), ("PIL", "Pillow")],
)
def test_without_the_libraries_it_is_said_how_to_get_them(
    draw: type, monkeypatch: pytest.MonkeyPatch, module: str, named: str
) -> None:
    data = draw.file(Image.new("RGB", (800, 900)))
    for absent in [module, "zxingcpp"] if module == "zxingcpp" else [module]:
        monkeypatch.setitem(sys.modules, absent, None)
    if module == "PIL":
        monkeypatch.setitem(sys.modules, "PIL.Image", None)
    if module == "rapidocr":
        pytest.importorskip("zxingcpp", reason="zxing-cpp is not installed")
    _engine.cache_clear()
    with pytest.raises(PicturesNotInstalled, match=r"pip install '\.\[pictures\]'") as refused:
        check_picture(data)
    assert any(name in str(refused.value) for name in named.split("|"))


def test_importing_the_room_opens_no_heavy_library() -> None:
    code = (
        "import sys, fangxian.detect.pictures;"
        "assert not any(m in sys.modules for m in ('PIL', 'cv2', 'rapidocr', 'zxingcpp', 'onnxruntime'))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
