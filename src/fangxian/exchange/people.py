"""Names, ID numbers and grade words as they stand in lists."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

from .cells import Cell, cell_text
from .characters import one_line
from .problems import Problem

GradeKey = Literal["red", "orange", "yellow", "blue"]

_HAN = r"[\u3400-\u4dbf\u4e00-\u9fff]"
_SPACE_BETWEEN_HAN = re.compile(rf"(?<={_HAN})\s+(?={_HAN})")
_BRACKETS = re.compile(r"\s*[(\[【<《](?P<note>[^)\]】>》]*)[)\]】>》]?\s*")
_TITLE = re.compile(r"(?:先生|女士|小姐|同志|老师|大爷|大妈|大娘|阿姨|叔叔|婆婆|爷爷|奶奶)$")
_DOTS = re.compile(r"[•‧・･∙⋅]|(?<=\w)\.(?=\w)")
_NO_NAME = re.compile(
    r"(?:无|没有|未知|不详|不明|机主|本人|匿名|未登记|n/?a|unknown|none|null|[-*/?]+)?", re.I
)
_MASK = re.compile(rf"[*×某○]|(?<={_HAN})[xX]{{1,3}}")

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_OLDEST = 130


@dataclass(frozen=True)
class CleanName:
    """A name fit for comparing. `note` is what stood in brackets or behind it (户主);
    `masked` says that the sender hid part of it (王*芳) or gave a surname only (王先生)."""

    name: str
    note: str = ""
    masked: bool = False


@dataclass(frozen=True)
class IdNumber:
    """A resident ID number whose check character is right, and the birth date it contains."""

    number: str
    born: date


def clean_name(text: str) -> CleanName:
    """`王 芳（户主）` -> 王芳, note 户主. Words for "no name" (不详, 机主) give an empty name.

    Titles are cut where a whole name is left: 王秀英女士 -> 王秀英, but 王先生 stays, as masked.
    """
    name = one_line(text)
    notes = [match["note"].strip() for match in _BRACKETS.finditer(name)]
    name = _BRACKETS.sub(" ", name).strip(" ,，、;；:：。'\"")
    name = _SPACE_BETWEEN_HAN.sub("", _DOTS.sub("·", name))
    if _NO_NAME.fullmatch(name):
        return CleanName("", "；".join(filter(None, notes)))
    surname_only = False
    if title := _TITLE.search(name):
        rest = name[: title.start()].strip()
        surname_only = len(rest) < 2
        if not surname_only:
            name = rest
            notes.append(title.group())
    masked = surname_only or bool(_MASK.search(name))
    return CleanName(name, "；".join(filter(None, notes)), masked)


def parse_id_number(
    value: Cell, column_label: str = "", today: date | None = None
) -> IdNumber | Problem:
    """Check an ID number (GB 11643-1999): 17 digits with a birth date, and a check character.

    `today` bounds the birth date. The problem never repeats the number.
    """
    text = cell_text(value)
    number = re.sub(r"[\s\-']", "", one_line(text)).upper()
    if (isinstance(value, float) and value >= 1e15) or re.fullmatch(r"\d(?:\.\d+)?E\+?\d+", number):
        # A spreadsheet keeps 15 digits; the last three of the number are gone.
        return Problem("id_rounded", column_label)
    if "*" in number:
        return Problem("id_masked", column_label)
    if re.fullmatch(r"\d{15}", number):
        number = _widened(number)
    if len(number) != 18:
        return Problem("id_length", column_label, params={"digits": len(number)})
    if not re.fullmatch(r"\d{17}[\dX]", number) or not number.isascii():
        return Problem("id_form", column_label)
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return Problem("id_birth", column_label)
    if born.year < 1880 or (today and (born > today or today.year - born.year > _OLDEST)):
        return Problem("id_birth", column_label)
    if check_character(number[:17]) != number[17]:
        return Problem("id_check", column_label)
    return IdNumber(number, born)


def check_character(first_17: str) -> str:
    """The 18th character of an ID number (GB 11643-1999, ISO 7064 MOD 11-2)."""
    return _CHECK[sum(w * int(d) for w, d in zip(_WEIGHTS, first_17, strict=True)) % 11]


def _widened(number: str) -> str:
    """A number of the first generation (15 digits, born 19yy) in today's form."""
    first_17 = number[:6] + "19" + number[6:]
    return first_17 + check_character(first_17)


# Three-step lists map high/medium/low to red/yellow/blue: "high risk = phone within five minutes"
# is the red clock (domain.md §2). Four-step lists say 红橙黄蓝, 一至四级, or the four words of
# national emergency plans (特别重大, 重大, 较大, 一般).
_GRADES: dict[GradeKey, str] = {
    "red": "红 高 极高 特高 超高 一 1 i ⅰ 特急 十万火急 特别紧急 特别重大 特大 red high critical veryhigh immediate",
    "orange": "橙 较高 中高 次高 二 2 ii ⅱ 紧急 加急 急 重大 orange urgent elevated",
    "yellow": "黄 中 中等 三 3 iii ⅲ 较大 较急 yellow medium moderate mid",
    "blue": "蓝 低 较低 四 4 iv ⅳ 一般 普通 平 平急 常规 blue low normal routine minor",
}
_GRADE_OF: dict[str, GradeKey] = {w: key for key, words in _GRADES.items() for w in words.split()}
_GRADE_NOISE = re.compile(
    r"风险|预警|危险|等级|级别|程度|级|色|危|度|[\s:：()（）\-_]|risk|level|grade|alert"
)
_BARE_DIGIT = re.compile(r"\d+")


@lru_cache(maxsize=256)
def parse_grade(text: str) -> GradeKey | None:
    """The grade a sender's word means: 高危, 红色预警, 一级, 特急, high. None for anything else.

    A bare digit is None: some senders count down to danger, some up.
    """
    word = one_line(text).lower()
    if _BARE_DIGIT.fullmatch(word):
        return None
    if word in _GRADE_OF:
        return _GRADE_OF[word]
    return _GRADE_OF.get(_GRADE_NOISE.sub("", word))
