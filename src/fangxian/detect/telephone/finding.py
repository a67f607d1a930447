"""The telephone numbers in a text, with their places, however they are spelled.

`undo` takes the disguise off the characters; then the digits stand in groups (120 0000 1234), and
a number is a group, or neighbouring groups that are used up by numbers without a rest. Short codes
count only where they are listed, and those of three digits, 10000 and 12345 only beside words of
calling: 110 is a police number, a price and a weight.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from fangxian.numbers.forms import classify
from fangxian.numbers.short_codes import SHORT_CODES

from ..undo import Undone, undo
from ..undo.folds import FOLDS
from . import context
from .number import NUMERALS, look_at_number
from .spelled import MARKS, with_digits
from .view import NumberView

_GROUP = re.compile(r"\d+", re.ASCII)
_GAP = re.compile(rf"[{MARKS}]{{1,3}}\+?[(]?")
_TWO_MOBILES = re.compile(r"1[2-9]\d{9}1[2-9]\d{9}", re.ASCII)
_MOBILE = re.compile(r"(?:0|(?:00)?86)?1[2-9]\d{9}", re.ASCII)
_LANDLINE = re.compile(r"(?:(?:00)?86|0)(?:(?:10|2\d)\d{8}|[3-9]\d{9,10})", re.ASCII)
_LOCAL = re.compile(r"(?!(?:19|20)\d\d(?:0\d|1[0-2])[0-3]\d|[48]00)[2-8]\d{6,7}", re.ASCII)
_PREFIX = re.compile(r"0(?:10|2\d|[3-9]\d\d)|(?:00)?86(?:10)?", re.ASCII)
# A run of more groups than this is a table of figures.
_MOST_GROUPS = 40
_LONGEST = 20
_NEED_WORDS = frozenset(("10000", "12345"))


class _Group(NamedTuple):
    """Digits that stand together, at `start` to `end` of the plain text; `gap` is what stands
    between them and the next group, None where that is more than marks."""

    digits: str
    start: int
    end: int
    plus: bool
    gap: str | None


Found = tuple[int, int, NumberView]
_Piece = tuple[int, int, str]


def numbers_in(text: str) -> list[Found]:
    """The telephone numbers in `text`, in order: where each begins and ends in it, in characters,
    and what it is. Its reasons carry the same place. Time is linear in the length of the text.
    Raises TypeError for what is no text."""
    if not isinstance(text, str):
        raise TypeError(f"文本应为文字（str），实际是 {type(text).__name__}")
    undone = undo(text)
    plain = with_digits(undone.text)
    found: list[Found] = []
    looked: dict[str, NumberView] = {}
    for start, end, number in _pieces(plain):
        view = looked.get(number) or look_at_number(number, caller=False)
        looked[number] = view
        for begin, stop, half in _in_original(undone, start, end, number, view):
            reasons = tuple(replace(r, start=begin, end=stop) for r in half.reasons)
            found.append((begin, stop, replace(half, reasons=reasons)))
    return found


def _pieces(plain: str) -> Iterator[_Piece]:
    """Every number in the plain text: where it stands and its digits, + in front if it has one."""
    last = -1
    for run in _runs(plain):
        for start, end, number in sorted(_in_run(plain, run)):
            near = 0 <= start - last <= 3
            if _stands(plain, start, end, number, near):
                yield start, end, number
                last = end


def _runs(plain: str) -> Iterator[list[_Group]]:
    run: list[_Group] = []
    for found, following in _pairs(_GROUP.finditer(plain)):
        start, end = found.span()
        gap = plain[end : following.start()] if following and following.start() - end <= 5 else None
        if gap is not None and not _GAP.fullmatch(gap):
            gap = None
        plus = plain[start - 1 : start] == "+" or plain[max(0, start - 2) : start] in ("+(", "+ ")
        run.append(_Group(found[0], start, end, plus, gap))
        if gap is None:
            yield run
            run = []


def _pairs(found: Iterator[re.Match[str]]) -> Iterator[tuple[re.Match[str], re.Match[str] | None]]:
    before = next(found, None)
    while before is not None:
        after = next(found, None)
        yield before, after
        before = after


def _in_run(plain: str, run: list[_Group]) -> Iterator[_Piece]:
    """The numbers of one run: whole groups first, then what is left between them."""
    rest: list[_Group] = []
    for index, group in enumerate(run):
        before = run[index - 1] if index else None
        if _whole(group) and not (before and before.plus and before.digits != "86"):
            if rest and rest[-1].digits in ("86", "0086"):
                first = rest.pop()
                yield first.start - first.plus, group.end, "+86" + group.digits
            else:
                yield group.start - group.plus, group.end, "+" * group.plus + group.digits
            yield from _in_rest(plain, rest)
            rest = []
        else:
            rest.append(group)
    yield from _in_rest(plain, rest)


def _whole(group: _Group) -> bool:
    digits = group.digits
    if group.plus or digits.startswith("00"):
        if digits.removeprefix("00").removeprefix("86") in SHORT_CODES:
            return True
        return len(digits) > 9 and classify("+" * group.plus + digits, "") is not None
    return bool(_MOBILE.fullmatch(digits) or _LANDLINE.fullmatch(digits) or _is_two(digits))


def _is_two(digits: str) -> bool:
    """Two mobile numbers whose separator `undo` took for one inside a number."""
    return bool(_TWO_MOBILES.fullmatch(digits))


def _in_rest(plain: str, groups: list[_Group]) -> Iterator[_Piece]:
    """Groups that are used up by numbers; else those between blanks, those between dashes, each."""
    if not groups or len(groups) > _MOST_GROUPS:
        return
    for parts in (
        [groups],
        _split(groups, " \n,;"),
        _split(groups, "-./:_·、。"),
        [[g] for g in groups],
    ):
        covers = [_covered(plain, part) for part in parts]
        if any(covers):
            for part, cover in zip(parts, covers, strict=True):
                if cover:
                    yield from cover
                elif len(part) > 1 and len(part) < len(groups):
                    yield from _in_rest(plain, part)
            return


def _split(groups: list[_Group], marks: str) -> list[list[_Group]]:
    parts: list[list[_Group]] = [[]]
    for group in groups:
        parts[-1].append(group)
        if group.gap is not None and any(c in marks for c in group.gap):
            parts.append([])
    return [part for part in parts if part]


def _covered(plain: str, groups: list[_Group]) -> list[_Piece]:
    """`groups` as numbers without a rest, as few as can be; empty where that cannot be."""
    best: list[list[_Piece] | None] = [None] * (len(groups) + 1)
    best[0] = []
    for start in range(len(groups)):
        so_far = best[start]
        if so_far is None:
            continue
        for end in range(start + 1, len(groups) + 1):
            number = _joined(plain, groups[start:end])
            if number is None:
                break
            kept = best[end]
            if number and (kept is None or len(so_far) + 1 < len(kept)):
                at = groups[start].start - groups[start].plus
                best[end] = [*so_far, (at, groups[end - 1].end, number)]
    return best[-1] or []


def _joined(plain: str, groups: list[_Group]) -> str | None:
    """The number that groups make together, "" if they make none, None if no longer ones can."""
    digits = "".join(g.digits for g in groups)
    if len(digits) > _LONGEST or any(g.plus for g in groups[1:]):
        return None
    number = "+" * groups[0].plus + digits
    if len(groups) == 1:
        return number if _one(plain, groups[0], number) else ""
    if _is_figures(groups):
        return ""
    lengths = [len(g.digits) for g in groups]
    if _PREFIX.fullmatch(groups[0].digits) and "".join(g.digits for g in groups[1:]) in SHORT_CODES:
        return number
    if all(length == 1 for length in lengths) and digits in SHORT_CODES:
        return number if context.is_called(plain, groups[0].start, groups[-1].end) else ""
    if number.startswith(("+", "00")):
        return number if len(digits) > 7 and classify(number, "") else ""
    if _MOBILE.fullmatch(digits) or (digits.startswith(("400", "800")) and len(digits) == 10):
        return number
    if _LANDLINE.fullmatch(digits) and lengths[0] <= 4 and lengths[-1] >= 3:
        return number
    if lengths in ([4, 4], [3, 4]) and _LOCAL.fullmatch(digits):
        return number if context.is_telephone(plain, groups[0].start) else ""
    return ""


def _one(plain: str, group: _Group, number: str) -> bool:
    """Whether a group is a number by itself, of those that `_whole` does not know."""
    digits = group.digits
    if digits in SHORT_CODES or number.removeprefix("+").removeprefix("00") in SHORT_CODES:
        return True
    if group.plus or digits.startswith("00"):
        return len(digits) > 7 and classify(number, "") is not None
    prefix = _PREFIX.match(digits)
    if prefix and digits[prefix.end() :] in SHORT_CODES:
        return True
    if len(digits) == 10 and digits.startswith(("400", "800")):
        return True
    if digits.startswith("106") and 8 <= len(digits) <= _LONGEST:
        return True
    return bool(_LOCAL.fullmatch(digits)) and context.is_telephone(plain, group.start)


def _is_figures(groups: list[_Group]) -> bool:
    """1,200,000,000, 192.168.100.123, 12.123456789, 1 2 3 4 5 6 7 8 9 10: no telephone number."""
    gaps = {g.gap for g in groups[:-1]}
    lengths = [len(g.digits) for g in groups]
    if gaps == {","} and all(n == 3 for n in lengths[1:]):
        return True
    if gaps == {"."} and (
        (len(groups) == 4 and max(lengths) <= 3) or (len(groups) == 2 and lengths[0] < 3)
    ):
        return True
    values = [int(g.digits) for g in groups]
    return len(groups) > 4 and all(b - a == 1 for a, b in pairwise(values))


def _stands(plain: str, start: int, end: int, number: str, near: bool) -> bool:
    """Whether what stands around lets these digits be a telephone number. `near`: another one
    ended just before, so that 或110 needs no words of its own."""
    if context.is_counted(plain, start, end):
        return False
    digits = number.lstrip("+")
    if len(digits) > 9:
        return True
    if context.is_typed_in(plain, start, end):
        return False
    if len(number) == 3 or number in _NEED_WORDS:
        return near or context.is_called(plain, start, end)
    return True


def _in_original(
    undone: Undone, start: int, end: int, number: str, view: NumberView
) -> Iterator[Found]:
    """Where a number stands in the text handed in, and the two numbers of one that is two."""
    first, last = undone.span(start, end)
    if not _is_two(number):
        yield first, last, view
        return
    middle = first
    left = 11
    while left and middle < last:
        piece = FOLDS[ord(undone.original[middle])].translate(NUMERALS)
        left -= sum(c.isdigit() for c in piece)
        middle += 1
    yield first, middle, look_at_number(number[:11], caller=False)
    while middle < last and not any(
        c.isdigit() for c in FOLDS[ord(undone.original[middle])].translate(NUMERALS)
    ):
        middle += 1
    yield middle, last, look_at_number(number[11:], caller=False)
