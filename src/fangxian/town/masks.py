"""What of a personal value may stand on a screen, and what of a free text may be kept for long."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from fangxian.exchange.phones import mask as mask_phone

Mask = Literal["name", "phone", "address", "id", "secret", "none"]

_NUMERAL = "0-9０-９A-Za-zＡ-Ｚａ-ｚ〇零一二三四五六七八九十百千两"
# What may follow a place's name inside an address: the part that leads to a door.
_DOOR = re.compile(rf"[{_NUMERAL}甲乙丙丁]+")
# Numerals that are part of a place's name, not of a door: 三里村, 八一社区, 五四路, 二七区.
_NAME_OF_PLACE = re.compile(
    r"[一二三四五六七八九十百千两]+[^\W\d组社队号栋幢单室楼弄巷户座]{0,3}?(?:省|市|区|县|镇|乡|村|社区|街道|路|街|大道)"
)
_DATE = re.compile(r"(?:19|20)\d\d([-/.年])\d{1,2}[-/.月]\d{1,2}(?!\d)日?")
_CHINESE_DIGIT = "〇零一二三四五六七八九幺两"
# Seven digits or more, however spaced: a phone, a landline, an identity or account number.
_LONG_NUMBER = re.compile(
    rf"(?:[\d{_CHINESE_DIGIT}][\s\-–—_.·,，、()（）]{{0,2}}){{6,}}[\d{_CHINESE_DIGIT}][Xx]?"
)


def mask_name(name: str) -> str:
    """王芳 -> 王*, 欧阳娜 -> 欧*娜, Anna Li -> A***."""
    if len(name) < 2:
        return "*" * len(name)
    if name.isascii():
        return name[0] + "***"
    return name[0] + "*" if len(name) == 2 else name[0] + "*" * (len(name) - 2) + name[-1]


def mask_address(address: str) -> str:
    """海兰村3组12号 -> 海兰村*组*号: the place stays, no number of the way to the door does.

    Every run of digits, letters and Chinese numerals goes, whatever word follows it (巷, 弄, 户,
    栋 …), but for numerals in the name of a place (三里村, 五四路).
    """
    kept = [m.span() for m in _NAME_OF_PLACE.finditer(address)]

    def hide(found: re.Match[str]) -> str:
        inside = any(start <= found.start() and found.end() <= end for start, end in kept)
        return found.group() if inside else "*"

    return _DOOR.sub(hide, address)


def mask_id(number: str) -> str:
    """ID numbers show nothing but their last two characters."""
    return "*" * max(len(number) - 2, 0) + number[-2:] if len(number) > 4 else "****"


def names_a_number(text: str) -> bool:
    """Whether seven digits or more stand in a free text, Chinese ones and spaced ones too."""
    return bool(_LONG_NUMBER.search(_DATE.sub("", text)))


def without_identities(text: str, *names: str) -> str:
    """A free text fit for a log that is kept a year and cannot be changed: 王秀英 12000000001 ->
    王*英 ***.

    Numbers of seven digits or more go (dates stay), and `names`, the people whom the text is
    likely to name: the resident it is about, those under the same roof. A stranger's name cannot
    be told from any other word; forms say that names do not belong there.
    """
    dates: list[str] = []

    def put_aside(found: re.Match[str]) -> str:
        dates.append(found.group())
        return "\x00"

    text = _LONG_NUMBER.sub("***", _DATE.sub(put_aside, text.replace("\x00", "")))
    for name in sorted(filter(None, names), key=len, reverse=True):
        if len(name) > 1:
            text = text.replace(name, mask_name(name))
    for date in dates:
        text = text.replace("\x00", date, 1)
    return text


MASKS: dict[Mask, Callable[[str], str]] = {
    "name": mask_name,
    "phone": mask_phone,
    "address": mask_address,
    "id": mask_id,
    "secret": lambda _text: "****",
    # Long texts (notes, stories) that a page shows whole to whoever may open it.
    "none": lambda text: text,
}
