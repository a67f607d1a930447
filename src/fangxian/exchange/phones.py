"""Phone numbers as people write them, into E.164.

A cell of a list may hold one number, several, a label for each, or a wreck left by a spreadsheet.
`parse_phones` reads a resident's cell; `parse_number` reads one number of any kind, such as the
number a resident was called from. The number plan is China's; other countries need + or 00.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

from fangxian.numbers.forms import (
    LOCAL,
    MOBILE,
    Phone,
    classify,
    display,
    mask,
    national,
    without_86,
)
from fangxian.numbers.short_codes import short_code_of

from .cells import Cell, cell_text
from .characters import one_line
from .problems import Problem, shown

__all__ = ["Phone", "PhoneParse", "display", "mask", "national", "parse_number", "parse_phones"]

_MOST_TEXT = 300
_DIGITS = re.compile("[0-9]+")

_SCIENTIFIC = re.compile(r"(\d(?:\.\d+)?)[eE]\+?(\d{1,2})")
_NOTHING = re.compile(
    r"(?:无|没有|暂无|未知|不详|不明|空号|停机|空|null|none|n/?a|nil|[-—/\\.*×xX]*)", re.I
)
_MASKED = re.compile(r"1\d{2}[*＊×xX]{3,}\d{2,4}|\d{3,4}-?[*＊×xX]{3,}\d{0,4}")
_ID_NUMBER = re.compile(r"(?<!\d)[1-9]\d{5}(?:18|19|20)\d{2}[01]\d[0-3]\d\d{3}[\dXx](?!\d)")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3}){3}")
_BETWEEN = re.compile(r"[、，,;；/／\\|｜\n\r\t&]|或者?|以及|和|及|\bor\b|\band\b")
_EXTENSION = re.compile(
    r"(?<=[\d)])\s*(?:转|分机|内线|#|ext\.?|x)\s*[:：]?\s*(\d{1,6})(?!\d)", re.I
)
_NUMBER_RUN = re.compile(r"\+?[(\[]?\+?\d(?:[\d\s().\-\[\]+_·]*\d)?", re.ASCII)
# "1.12000001234 2.12000005678": the count in front of a number is none of its digits.
_COUNT = re.compile(r"(?<![\d.])\d[.)]\s*(?=(?:1\d{10}|0\d{9,11})(?!\d))")
_FLOAT_TAIL = re.compile(r"(?<=\d{7})\.0+(?![\d.])")
# Letters typed for digits count only inside something that otherwise is a number.
_LETTERED = re.compile(r"(?<![A-Za-z])[\dOoIl][\dOoIl\s-]{5,}[\dOoIl](?![A-Za-z])")
_LETTER = re.compile("[OoIl]")
_AS_DIGITS = str.maketrans("OoIl", "0011")
_LABEL_NOISE = re.compile(
    r"电话|手机|号码|联系方式|号|tel|phone|mobile|[::()（）\[\]【】.,，。\-\s\d]", re.I
)
_LONGEST_LABEL = 10


@dataclass(frozen=True)
class PhoneParse:
    """What a cell holds: usable numbers in the order written, and what could not be read."""

    phones: tuple[Phone, ...] = ()
    problems: tuple[Problem, ...] = ()


def parse_phones(value: Cell, default_area_code: str = "", column_label: str = "") -> PhoneParse:
    """Read a resident's phone cell.

    `default_area_code` ("023") completes landlines written without one; without it they are
    problems. Service numbers (96110, 95588, 400…) are problems: nobody lives there. An empty cell
    and words such as 无 give neither numbers nor problems.
    """
    text = _repaired(value)
    if _NOTHING.fullmatch(text):
        return PhoneParse()
    plain_mobile = MOBILE.fullmatch(text)
    if plain_mobile:
        return PhoneParse((Phone("+86" + text, "mobile"),))
    phones: dict[str, Phone] = {}
    problems: list[Problem] = []
    short_of: list[Problem] = []
    for found in _numbers_in(text, default_area_code):
        if isinstance(found, Problem):
            problem = replace(found, column_label=column_label)
            (short_of if problem.code == "phone_fragment" else problems).append(problem)
        elif found.kind == "short_code":
            problems.append(_not_a_residents(found, column_label))
        else:
            phones.setdefault(found.e164, found)
    if not phones and not problems:
        # A few stray digits beside a good number are part of its label; alone, they are all we have.
        problems = [replace(p, code="phone_length") for p in short_of[:1]] or [
            Problem("phone_none", column_label, shown(text))
        ]
    return PhoneParse(tuple(phones.values()), tuple(problems))


def parse_number(value: Cell, default_area_code: str = "") -> Phone | None:
    """Read one number of any kind, service numbers included; None where there is none."""
    text = _repaired(value)
    if MOBILE.fullmatch(text):
        return Phone("+86" + text, "mobile")
    for found in _numbers_in(text, default_area_code):
        if isinstance(found, Phone):
            return found
    return None


def _repaired(value: Cell) -> str:
    """The cell's text in plain characters, with what spreadsheets and typists do undone."""
    text = cell_text(value)[:_MOST_TEXT]
    if text.isascii() and text.isdigit():
        return text
    text = "\n".join(one_line(line) for line in text.splitlines()).strip("' \n")
    if _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    text = _FLOAT_TAIL.sub("", text)
    text = _SCIENTIFIC.sub(_written_out, text)
    text = _COUNT.sub(" ", text)
    return _LETTERED.sub(_letters_as_digits, text) if _LETTER.search(text) else text


def _letters_as_digits(match: re.Match[str]) -> str:
    text = match.group()
    return text.translate(_AS_DIGITS) if sum(c.isdigit() for c in text) > 4 else text


def _written_out(match: re.Match[str]) -> str:
    """1.2000001234E+10 -> 12000001234; left alone where the last digits are lost."""
    digits = len(match.group(1).replace(".", ""))
    exponent = int(match.group(2))
    if digits <= exponent:
        return match.group()
    try:
        return format(Decimal(match.group()).quantize(Decimal(1)), "f")
    except InvalidOperation:
        return match.group()


def _numbers_in(text: str, area: str) -> Iterator[Phone | Problem]:
    if _SCIENTIFIC.search(text):
        yield Problem("phone_scientific", value=shown(text))
        return
    if _ID_NUMBER.search(text):
        yield Problem("phone_is_id")
        text = _ID_NUMBER.sub(" ", text)
    for part in _BETWEEN.split(text):
        if part and part.strip():
            yield from _numbers_of_part(part, area)


def _numbers_of_part(part: str, area: str) -> Iterator[Phone | Problem]:
    """The numbers between two separators: usually one, with its label and extension."""
    if _MASKED.search(part):
        yield Problem("phone_masked", value=shown(part))
        return
    extension = ""
    if match := _EXTENSION.search(part):
        extension = match.group(1)
        part = part[: match.start()] + " " + part[match.end() :]
    runs = list(_NUMBER_RUN.finditer(part))
    for position, run in enumerate(runs):
        before = part[runs[position - 1].end() if position else 0 : run.start()]
        after = part[run.end() : runs[position + 1].start() if position + 1 < len(runs) else None]
        label = _label(before) or (_label(after) if after.lstrip().startswith(("(", "（")) else "")
        for found in _split_run(run.group(), area):
            if isinstance(found, Phone):
                yield replace(found, label=label, extension=extension or found.extension)
            else:
                yield found


def _label(text: str) -> str:
    return _LABEL_NOISE.sub("", text)[:_LONGEST_LABEL]


def _split_run(run: str, area: str) -> Iterator[Phone | Problem]:
    """One run of digits and soft separators: a number, several numbers, or none.

    Spaces and dashes may group one number or part two: the reading with the fewest numbers in
    which every group is used wins.
    """
    plus = "+" if run.lstrip("([ ").startswith("+") else ""
    groups = _DIGITS.findall(run)
    whole = plus + "".join(groups)
    if phone := classify(whole, area):
        yield phone
        return
    if found := _partition(plus, tuple(groups), run, area):
        yield from found
        return
    digits = whole.lstrip("+")
    if len(digits) == 22 and all(MOBILE.fullmatch(half) for half in (digits[:11], digits[11:])):
        yield from (Phone("+86" + digits[:11], "mobile"), Phone("+86" + digits[11:], "mobile"))
        return
    yield _why_not(whole, area)


def _partition(plus: str, groups: tuple[str, ...], run: str, area: str) -> list[Phone]:
    """Groups read as the fewest whole numbers; a short last group after a dash is an extension."""
    if not 2 <= len(groups) <= 16:
        return []
    best: list[list[Phone] | None] = [[]] + [None] * len(groups)
    for end in range(1, len(groups) + 1):
        for start in range(end):
            so_far = best[start]
            if so_far is None:
                continue
            phone = classify((plus if not start else "") + "".join(groups[start:end]), area)
            kept = best[end]
            if phone and (kept is None or len(so_far) + 1 < len(kept)):
                best[end] = [*so_far, phone]
    if (read := best[-1]) is not None:
        # Four digits and three are two fragments, not two service numbers.
        return read if any(p.kind != "short_code" for p in read) else []
    before = best[-2]
    if len(groups[-1]) <= 5 and before and before[-1].kind == "landline" and "-" in run:
        return [*before[:-1], replace(before[-1], extension=groups[-1])]
    return []


def _not_a_residents(found: Phone, column_label: str) -> Problem:
    named = short_code_of(found.e164)
    params = {"name_zh": named.zh, "name_en": named.en} if named else {}
    return Problem("phone_service", column_label, shown(found.e164), params)


def _why_not(number: str, area: str) -> Problem:
    """Why `classify` gave None. `phone_fragment` is too short to have been meant as a number."""
    digits = without_86(number).lstrip("+")
    if not area and LOCAL.fullmatch(digits):
        return Problem("phone_area_code", value=shown(digits))
    code = "phone_fragment" if len(digits) <= 4 else "phone_length"
    if len(digits) == 11:
        code = "phone_form"
    elif len(digits) > 11:
        code = "phone_too_long"
    return Problem(code, value=shown(digits), params={"digits": len(digits)})
