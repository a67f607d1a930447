"""check_picture: what stands on a screenshot, who says it, where the reasons are."""

from __future__ import annotations

import gc
import io
import re
import socket
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import segno
from PIL import Image, ImageDraw, ImageFilter

for needed in ("rapidocr", "onnxruntime", "zxingcpp"):
    pytest.importorskip(needed, reason="reading pictures needs: pip install 'fangxian[pictures]'")

from fangxian.detect import Grade, check  # noqa: E402
from fangxian.detect.pictures import (  # noqa: E402
    Box,
    check_picture,
    reading,
)

PARCEL = (
    "Your parcel could not be delivered because the address is incomplete. Please pay the fee of"
    " 1.99 dollars at http://parcel-again.example.top/pay within 24 hours."
)
FRAUD = [
    ("left", "您好，我是京东客服，您之前开通了百万保障服务，如果不取消每个月会自动扣费800元"),
    ("right", "我没有开通过啊，怎么回事"),
    ("left", "您不用着急，现在下载会议软件打开屏幕共享，我教您取消，不要告诉家里人"),
    ("right", "好的，怎么弄"),
    ("left", "请输入银行卡号和验证码，把钱转到安全账户"),
]
NOTICE = (
    "尊敬的居民：\n　　定于2026年12月1日上午9时至11时在社区活动室开展反诈宣传讲座，请互相转告。\n"
    "　　凡是自称公检法要求转账到“安全账户”的，都是诈骗！有疑问拨打96110。\n"
    "海兰村村民委员会\n2026年11月28日"
)
LINK = "http://jd-refund.example.top/a?id=12345678"


def code(content: str, size: int = 400, error: str = "m") -> Image.Image:
    out = io.BytesIO()
    segno.make(content, error=error, micro=False).save(out, kind="png", scale=6, border=4)
    return Image.open(out).convert("RGB").resize((size, size), Image.Resampling.LANCZOS)


def page(
    *pasted: tuple[Image.Image, tuple[int, int]], size: tuple[int, int] = (1080, 2340)
) -> Image.Image:
    paper = Image.new("RGB", size, (237, 237, 237))
    for picture, at in pasted:
        paper.paste(picture, at, picture if picture.mode == "RGBA" else None)
    return paper


def overlap(one: Box, other: Box) -> float:
    """The part of the first box that lies in the second."""
    wide = min(one.right, other.right) - max(one.left, other.left)
    high = min(one.bottom, other.bottom) - max(one.top, other.top)
    return max(wide, 0) * max(high, 0) / (one.width * one.height)


# In Latin letters: no font needs to be installed.


def test_a_letter_is_read_as_it_is_written_and_judged_as_its_text_is(draw: type) -> None:
    picture = draw.letter(f"Dear resident,\n{PARCEL}\nThe parcel team", draw.font(38))
    seen = check_picture(draw.file(picture))
    assert seen.text.split("\n") == ["Dear resident,", PARCEL, "The parcel team"]
    assert seen.verdict == check(seen.text)
    assert seen.whole
    assert seen.codes == ()
    assert {line.side for line in seen.lines} == {""}


def test_lines_stand_in_the_text_and_in_the_picture(draw: type) -> None:
    seen = check_picture(draw.file(draw.letter(PARCEL, draw.font(38))))
    for line in seen.lines:
        assert seen.text[line.start : line.end] == line.text
        assert 0 <= line.box.left < line.box.right <= seen.size[0]
        assert 0 <= line.box.top < line.box.bottom <= seen.size[1]
    assert 140 <= min(line.box.left for line in seen.lines) <= 160


def test_a_reason_has_a_box_around_its_words(draw: type) -> None:
    """Everything but the box is painted over: the words are still there to be read."""
    picture = draw.letter(PARCEL, draw.font(38))
    seen = check_picture(draw.file(picture))
    hurry = next(each for each in seen.reasons if each.reason.key == "asks_hurry")
    assert hurry.quoted == "within 24 hours"
    left = Image.new("RGB", picture.size, (250, 248, 240))
    for box in hurry.boxes:
        wider = (box.left - 12, box.top, box.right + 12, box.bottom)
        left.paste(picture.crop(wider), wider[:2])
    assert "within24hours" in re.sub(r"\s", "", check_picture(draw.file(left)).text)


def test_the_two_sides_of_a_conversation_are_told_apart(draw: type) -> None:
    said = [
        ("left", "Good morning, this is the service desk of your bank"),
        ("right", "What is it about?"),
        ("time", "13:05"),
        ("left", "Open the screen sharing and read me the code we have sent to you"),
        ("right", "No, I will ring the bank"),
    ]
    seen = check_picture(draw.file(draw.chat(said, draw.font(44))))
    assert seen.text.split("\n") == [text for side, text in said if side != "time"]
    for side in ("left", "right"):
        mine = " ".join(line.text for line in seen.lines if line.side == side)
        assert mine == " ".join(text for who, text in said if who == side)


def test_a_document_has_no_sides(draw: type) -> None:
    columns = page()
    pen = ImageDraw.Draw(columns)
    for i, (name, sum_) in enumerate([("Water", "12.00"), ("Power", "80.50"), ("Waste", "9.00")]):
        pen.text((100, 300 + 90 * i), name, font=draw.font(44), fill="black")
        pen.text((850, 300 + 90 * i), sum_, font=draw.font(44), fill="black")
    seen = check_picture(draw.file(columns))
    assert seen.text.split("\n") == ["Water", "12.00", "Power", "80.50", "Waste", "9.00"]
    assert {line.side for line in seen.lines} == {""}


def test_boxes_are_places_in_the_picture_as_it_is_shown(draw: type) -> None:
    upright = draw.letter("Send the gift card today", draw.font(90), 2480, 3508)
    exif = Image.Exif()
    exif[0x0112] = 6
    lying = upright.transpose(Image.Transpose.ROTATE_90)
    seen = check_picture(draw.file(lying, "JPEG", exif=exif))
    assert seen.size == (2480, 3508)
    assert seen.text == "Send the gift card today"
    box = seen.lines[0].box
    # Lines are found with a margin of a third of their height.
    assert 110 <= box.left <= 165
    assert 110 <= box.top <= 190


def test_a_slanted_photograph_is_read_in_order(draw: type) -> None:
    straight = draw.letter(PARCEL, draw.font(60), 2000, 2400)
    photograph = straight.rotate(4, expand=True, fillcolor=(90, 70, 50), resample=Image.BICUBIC)
    seen = check_picture(draw.file(photograph.filter(ImageFilter.GaussianBlur(1)), "JPEG"))
    assert seen.text == PARCEL


@pytest.mark.parametrize("colour", ["black", "white", (200, 30, 30)])
def test_an_empty_picture_has_nothing_to_judge(draw: type, colour: object) -> None:
    seen = check_picture(draw.file(Image.new("RGB", (1080, 2340), colour)))
    assert (seen.text, seen.lines, seen.codes, seen.reasons) == ("", (), (), ())
    assert seen.verdict.nothing
    assert seen.verdict.grade is Grade.CLEAR


@pytest.mark.parametrize("size", [(1, 1), (3, 900), (900, 3), (16, 16), (9000, 20), (20, 9000)])
def test_pictures_of_odd_shapes_are_looked_at(draw: type, size: tuple[int, int]) -> None:
    assert check_picture(draw.file(Image.new("RGB", size))).verdict.nothing


def test_noise_is_no_text(draw: type) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (900, 900, 3), dtype=np.uint8)
    assert not check_picture(draw.file(Image.fromarray(noise))).verdict.flagged


def test_a_long_screenshot_is_read_across_its_cuts(draw: type) -> None:
    said = [("left", f"Message number {i} of many") for i in range(1, 42)]
    seen = check_picture(draw.file(draw.chat(said, draw.font(44), 1080, 7000)))
    assert [text for text in seen.text.split("\n") if "Message" in text] == [
        text for _, text in said
    ]
    assert seen.whole


def test_of_an_endless_screenshot_the_beginning_and_the_end_are_read(
    draw: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PIECES", 2)
    said = [("left", f"Message number {i} of many") for i in range(1, 62)]
    seen = check_picture(draw.file(draw.chat(said, draw.font(44), 1080, 10_000)))
    assert not seen.whole
    assert "number 1 of" in seen.text
    assert "number 61 of" in seen.text
    assert "number 30 of" not in seen.text
    last = next(line for line in seen.lines if "number 61 of" in line.text)
    assert last.box.top > 8000


def test_of_a_picture_full_of_text_so_much_is_read_and_no_more(
    draw: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "CHARACTERS", 40)
    seen = check_picture(draw.file(draw.letter("\n".join([PARCEL] * 3), draw.font(38))))
    assert not seen.whole
    assert 0 < len(seen.text) < 200


def test_a_path_is_read_and_nothing_is_written_or_fetched(
    draw: type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "seen.png"
    file.write_bytes(draw.file(page((code(LINK), (300, 900)))))
    assert check_picture(file).codes[0].content == LINK
    assert [each.name for each in tmp_path.iterdir()] == ["seen.png"]


def test_a_verdict_keeps_no_picture(draw: type) -> None:
    seen = check_picture(draw.file(draw.letter(PARCEL, draw.font(38))))
    gc.collect()
    held = [seen]
    for _ in range(6):
        held = [*held, *(each for each in gc.get_referents(*held) if not callable(each))]
    assert not any(isinstance(each, (Image.Image, np.ndarray, bytes)) for each in held)


# QR codes


def slanted(picture: Image.Image, angle: float) -> Image.Image:
    return picture.convert("RGBA").rotate(angle, expand=True, resample=Image.Resampling.BICUBIC)


def with_logo(picture: Image.Image) -> Image.Image:
    middle = picture.width // 2
    ImageDraw.Draw(picture).rectangle((middle - 40, middle - 40, middle + 40, middle + 40), "green")
    return picture


@pytest.mark.parametrize(
    "picture",
    [
        page((code(LINK), (300, 900))),
        page((slanted(code(LINK), 20), (300, 900))),
        page((slanted(code(LINK), 45), (300, 900))),
        page((slanted(code(LINK), 180), (300, 900))),
        page((code(LINK, 80), (300, 900))),
        page((with_logo(code(LINK, error="h")), (300, 900))),
        Image.eval(page((code(LINK), (300, 900))), lambda shade: 255 - shade),
        page((code(LINK), (300, 900))).filter(ImageFilter.GaussianBlur(3)),
        page((code(LINK, 300), (1800, 2500)), size=(3000, 4000)),
    ],
    ids=[
        "plain",
        "20",
        "45",
        "head down",
        "small",
        "logo",
        "white on black",
        "blurred",
        "photograph",
    ],
)
def test_a_code_is_read_and_its_link_looked_at(draw: type, picture: Image.Image) -> None:
    seen = check_picture(draw.file(picture))
    assert [each.content for each in seen.codes] == [LINK]
    found = seen.codes[0]
    assert found.opens == "link"
    assert found.link is not None
    assert found.link.host == "jd-refund.example.top"
    reason = seen.reasons[0]
    assert reason.reason.key == "link_ending_fraud"
    assert reason.boxes == (found.box,)
    assert reason.quoted == LINK


def test_two_codes_of_one_picture_are_both_read_in_order(draw: type) -> None:
    both = page((slanted(code("wxp://f2f0example", 300), 8), (500, 1200)), (code(LINK), (60, 300)))
    first, second = check_picture(draw.file(both)).codes
    assert (first.content, second.content) == (LINK, "wxp://f2f0example")
    assert overlap(first.box, Box(60, 300, 460, 700)) > 0.95
    assert overlap(second.box, Box(500, 1200, 860, 1560)) > 0.95


def test_a_fraudulent_code_raises_the_verdict_of_a_harmless_text(draw: type) -> None:
    words = draw.letter("Free tea for all", draw.font(60), 1080, 1400)
    bad = page((words, (0, 0)), (code("http://icbcc.example.top/bank.apk"), (300, 700)))
    alone, together = (check_picture(draw.file(each)).verdict for each in (words, bad))
    assert together.probability > alone.probability
    assert together.advice


def test_a_banks_own_code_takes_nothing_from_the_verdict_of_a_fraud(draw: type) -> None:
    words = draw.letter(PARCEL, draw.font(38), 1080, 1400)
    both = page((words, (0, 0)), (code("https://www.icbc.com.cn/"), (300, 900)))
    alone, together = (check_picture(draw.file(each)).verdict for each in (words, both))
    assert together.probability == pytest.approx(alone.probability, abs=0.03)


@pytest.mark.parametrize(
    ("content", "opens"),
    [
        ("wxp://f2f0example", "pay"),
        ("HTTPS://QR.ALIPAY.COM/FKX0EXAMPLE", "pay"),
        ("https://u.wechat.com/example", "friend"),
        ("https://weixin.qq.com/g/example", "group"),
    ],
)
def test_a_code_anybody_can_have_made_is_not_called_the_apps_own(
    draw: type, content: str, opens: str
) -> None:
    seen = check_picture(draw.file(page((code(content), (300, 900)))))
    found = seen.codes[0]
    assert found.opens == opens
    assert found.link is None
    (reason,) = seen.reasons
    assert reason.reason.key == f"code_{opens}"
    assert reason.reason.says.zh
    assert reason.reason.says.en
    assert not seen.verdict.nothing


@pytest.mark.parametrize("content", ["A113-2026", "取件码 3-2-1107", "\x01\x02binary", "9" * 500])
def test_a_code_without_a_link_is_text(draw: type, content: str) -> None:
    seen = check_picture(draw.file(page((code(content, 700), (100, 900)))))
    assert seen.codes[0].opens == "text"
    assert seen.codes[0].reasons == ()
    assert not seen.verdict.flagged


# In Chinese


def test_a_fraud_in_a_chat_is_flagged_with_its_kind_and_places(
    draw: type, chinese: Callable[[int], object]
) -> None:
    seen = check_picture(draw.file(draw.chat(FRAUD, chinese(44))))
    assert seen.text.split("\n") == [text for _, text in FRAUD]
    assert [line.side for line in seen.lines if "怎么" in line.text] == ["right", "right"]
    assert {line.side for line in seen.lines if "客服" in line.text} == {"left"}
    assert seen.verdict.flagged
    assert seen.verdict.kind == "fake_customer_service"
    secret = next(each for each in seen.reasons if each.reason.key == "asks_secret")
    assert secret.quoted == "不要告诉家里人"
    assert len(secret.boxes) == 2  # the words go on in the next line
    assert secret.boxes[0].right > 700
    assert secret.boxes[1].left < 250
    assert secret.boxes[0].bottom <= secret.boxes[1].top + 8


def test_a_notice_that_quotes_a_fraud_is_read_by_paragraphs_and_not_flagged(
    draw: type, chinese: Callable[[int], object]
) -> None:
    seen = check_picture(draw.file(draw.letter(NOTICE, chinese(34)), "JPEG", quality=70))
    assert seen.text.split("\n") == [line.strip("　") for line in NOTICE.split("\n")]
    assert not seen.verdict.flagged
    assert {line.side for line in seen.lines} == {""}


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "GIF"])
def test_a_small_compressed_screenshot_is_still_flagged(
    draw: type, chinese: Callable[[int], object], kind: str
) -> None:
    small = draw.chat(FRAUD, chinese(44)).resize((360, 780), Image.Resampling.LANCZOS)
    seen = check_picture(draw.file(small, kind))
    assert seen.verdict.flagged
    assert max(line.box.right for line in seen.lines) <= 360


def test_a_dark_chat_has_its_sides_too(draw: type, chinese: Callable[[int], object]) -> None:
    dark = Image.eval(draw.chat(FRAUD, chinese(44)), lambda shade: 255 - shade)
    seen = check_picture(draw.file(dark))
    assert {line.side for line in seen.lines} == {"left", "right"}
    assert seen.verdict.flagged
