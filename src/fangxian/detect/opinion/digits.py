"""Numbers of people: whatever has four digits or more and is not known to be harmless.

Which numbers are personal cannot be listed, so it is asked the other way round: kept are official
short numbers, sums, counts, days, times and round figures; all other digits go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from fangxian.numbers.short_codes import SHORT_CODES

from ..telephone import NumberView, numbers_in
from .personal import BLANK, Found

_NUMERAL = "零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖两〡〢〣〤〥〦〧〨〩"
# Numerals only where many stand together: of the radio, and such as are words by themselves.
_RADIO = _NUMERAL + "洞拐勾叄参弍弎"
_TO_DIGITS = str.maketrans(_RADIO, "00123456789112345678921234567890793323")
# What may stand between the digits of one number: no word, no end of a sentence.
_GAP = rf"(?:[^\w\s。！？!?;；…%‰¥$€£{BLANK}]|[_ \n杠横])"
_RUN = re.compile(rf"\d(?:{_GAP}{{0,3}}\d)*")
_GROUP = re.compile(r"\d+")
_SPELLED = re.compile(rf"[{_RADIO}\d](?:{_GAP}{{0,3}}[{_RADIO}\d]){{6,}}")
_SPELLED_SHORT = re.compile(
    rf"(?<![{_RADIO}\d十百千万亿])(?:[{_NUMERAL}]{{4}}|[{_RADIO}]{{5,6}})(?![{_RADIO}\d十百千万亿])"
)
_FEWEST_SPELLED, _LONG_RUN = 3, 11
_TOUCHING = re.compile(rf"(?<=\d)[{_RADIO}]+|[{_RADIO}]+(?=\d)")
_LETTERED = re.compile(
    r"(?<![a-z0-9])(?=[oil]*\d)[0-9oil]{2,}(?![a-z0-9])|(?<=\d[ -])[oil]{2,4}(?=[ -]?\d)"
)
_LETTERS = str.maketrans("oil", "011")
_WORDS = "zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple"
_SOUNDS = "ling|dong|yi|yao|er|liang|san|si|wu|liu|qi|guai|ba|jiu|gou"
_SPOKEN = re.compile(
    rf"\b(?:(?:{_WORDS})(?:[ ,-]+(?:{_WORDS})){{3,}}|(?:{_SOUNDS})(?:[ ,-]+(?:{_SOUNDS})){{4,}})\b"
)

_YEAR = r"(?:19[5-9]\d|20[0-4]\d)"
_DAY = rf"{_YEAR}[-/.](?:0?[1-9]|1[0-2])(?:[-/.](?:0?[1-9]|[12]\d|3[01]))?"
_TIME = r"[0-2]?\d:[0-5]\d(?::[0-5]\d)?"
_WHEN = re.compile(
    rf"(?:{_DAY}(?:[-~/ ]{{1,2}}(?={_YEAR}){_DAY})?)?(?:(?<=\d)[ ,]{{1,2}}(?=\d))?(?:{_TIME}(?:[-~ ]{{1,3}}{_TIME})?)?"
)
_FIGURE = r"(?:\d{1,3}(?:,\d{3}){1,3}|\d{1,8})(?:\.\d{1,4})?"
_SUM = re.compile(rf"{_FIGURE}(?: ?[-~/、至到,] ?{_FIGURE}){{0,3}}")
_MONEY_BEFORE = re.compile(
    r"[¥$€£] ?$|(?:rmb|usdt?|cny|金额|转账|转|余额|本金|押金|额度)(?:为|:|了|我)?\s?$"
)
_MONEY_BEHIND = re.compile(
    r" ?(?:多|余|来)?(?:元|块|万|亿|千|百|%|‰|刀|美元|美金|港币|人民币|rmb|usdt?|cny|yuan|dollar|w\b|k\b)"
)
_COUNT_BEHIND = re.compile(
    r" ?(?:多|余)?(?:人|名|个|次|件|米|公里|分|秒|小时|天|年|届|级|积分|点|斤|克|吨|度|平|亩|家|位|步|票|页|字|条|台|部|辆|瓶|包|箱|袋|倍|期|单|份|股|币|钻|金币"
    r"|people|points|steps|times|days|hours|minutes|members|shares|coins|orders)"
)
# A sum has no more digits than this, all figures together: eleven are a telephone number.
_MOST_OF_SUM, _MOST_OF_COUNT, _FEWEST = 9, 6, 4
_PART, _LONG = 3, 15
# A card's number has 19 digits at most (ISO/IEC 7812); a word so near before belongs to a number.
_CARD, _NEAR = 19, 14
_NOT_CARD = re.compile(r"(?:订单|单号|运单|快递|编号|流水|工号|学号|合同|order|tracking)\D{0,6}$")
_ID = re.compile(r"\d{6}(?:(?:18|19|20)\d\d)(?:0[1-9]|1[0-2]|00)(?:[0-2]\d|3[01])\d{3}[\dx]|\d{15}")
_PHONES = {"overseas": "overseas", "toll_free": "hotline", "port": "port", "short_code": "service"}


def numbers(line: str) -> Iterator[Found]:
    """The numbers in `line` that are not harmless."""
    found: list[Found] = [Found(*m.span(), "number", m[0]) for m in _SPOKEN.finditer(line)]
    phones = [each for each in numbers_in(line) if BLANK not in line[each[0] : each[1]]]
    digits = with_digits(line)
    for run in _RUN.finditer(digits):
        found += _in_run(digits, *run.span(), phones)
    # Telephone numbers whose groups are further apart than those of a run.
    for start, end, view in phones:
        if not is_public(view):
            found.append(_phone(start, end, view))
    taken = -1
    for each in sorted(found, key=lambda f: (f.start, -f.end)):
        if each.end > taken:
            yield each._replace(start=max(each.start, taken))
            taken = each.end


def interrupted(line: str) -> Iterator[Found]:
    """120。0000。1234, 120a0000a1234: any one character, as long as it is always the same."""
    digits = line.translate(_TO_DIGITS)
    for run in _SAME.finditer(digits):
        if sum(c.isdigit() for c in run[0]) >= _LONG_RUN:
            start, end = run.span()
            # Groups that undo has joined are longer than one of these: the rest of them goes as well.
            while start and digits[start - 1].isdigit():
                start -= 1
            while digits[end : end + 1].isdigit():
                end += 1
            yield _number(digits, start, end)


# Of eleven digits each group would be a telephone number by itself.
_SAME = re.compile(
    rf"\d{{1,8}}([^\d\s元块万亿年月日号时分秒点个人次折斤{BLANK}])\d{{1,10}}(?:\1\d{{1,10}})+"
)


def with_digits(line: str) -> str:
    """`line` with numerals and letters that stand for digits as digits, character for character."""

    def many(found: re.Match[str]) -> str:
        run = found[0]
        if sum(not c.isascii() and c in _RADIO for c in run) >= _FEWEST_SPELLED:
            return run.translate(_TO_DIGITS)
        if sum(c in _RADIO or c.isdigit() for c in run) >= _LONG_RUN:
            # Fewer belong to a long number only where they touch its digits: not 星期一 2026-….
            return _TOUCHING.sub(lambda m: m[0].translate(_TO_DIGITS), run)
        return run

    line = _SPELLED.sub(many, line)
    line = _SPELLED_SHORT.sub(lambda m: m[0].translate(_TO_DIGITS), line)
    return _LETTERED.sub(lambda m: m[0].translate(_LETTERS), line)


def is_public(view: NumberView) -> bool:
    """A number that a holder published, or such a one with a prefix that makes it look foreign."""
    bare = view.shown.removeprefix("+").removeprefix("00").removeprefix("86")
    return view.official or bare in SHORT_CODES or view.shown in SHORT_CODES


def _in_run(
    line: str, start: int, end: int, phones: list[tuple[int, int, NumberView]]
) -> Iterator[Found]:
    """Digits with nothing but marks between them: telephone numbers, harmless, or one number."""
    inside = [each for each in phones if each[0] < end and each[1] > start]
    parts: list[tuple[int, int]] = []
    at = start
    for first, last, _ in inside:
        parts.append((at, first))
        at = max(at, last)
    parts.append((at, end))
    if not all(_is_harmless(line, *part, alone=not inside) for part in parts):
        # A piece of a longer number may look like a telephone number: the whole goes.
        yield from _whole(line, start, end)


def _is_harmless(line: str, start: int, end: int, *, alone: bool) -> bool:
    """Whether the digits at `start` to `end` tell nothing of anybody. `alone`: they are all there
    is, not what stands around a telephone number."""
    groups = list(_GROUP.finditer(line, start, end))
    if not groups:
        return True
    first, last = groups[0].start(), groups[-1].end()
    text, count = line[first:last], sum(len(g[0]) for g in groups)
    if _WHEN.fullmatch(text):
        return True
    if count <= _MOST_OF_SUM and _SUM.fullmatch(text) and _is_sum(line, first, last):
        return True
    if not alone:
        return count < _PART
    if len(groups) > 1:
        return _is_short_list(line, first, last, count, groups)
    if count <= _PART:
        return True
    if count <= _MOST_OF_COUNT:
        is_round = text.endswith("00") and text[0] != "0" and not _is_half(line, first, last)
        return is_round or bool(_COUNT_BEHIND.match(line, last) or re.fullmatch(_YEAR, text))
    return False


def _is_half(line: str, start: int, end: int) -> bool:
    """Whether a digit stands one character away: 120000!00000."""
    return line[end + 1 : end + 2].isdigit() or line[max(0, start - 2) : start - 1].isdigit()


def _is_short_list(
    line: str, start: int, end: int, count: int, groups: list[re.Match[str]]
) -> bool:
    """3-5, 9.5, 1200,9 (月): a few digits, or what is harmless piece by piece."""
    if count <= 2 * _PART and all(len(g[0]) <= _PART for g in groups):
        return True
    if _DECIMAL.fullmatch(line[start:end]):
        return True
    parts = [start, *(m.end() for m in _LISTED.finditer(line, start, end)), end]
    return (
        count <= _MOST_OF_SUM
        and len(parts) > 2
        and all(_is_harmless(line, a, b, alone=True) for a, b in pairwise(parts))
    )


_DECIMAL = re.compile(r"\d{1,3}\.\d{1,4}")


def _is_sum(line: str, start: int, end: int) -> bool:
    return bool(
        _MONEY_BEHIND.match(line, end) or _MONEY_BEFORE.search(line[max(0, start - 6) : start])
    )


def _whole(line: str, start: int, end: int) -> Iterator[Found]:
    """One number, or a list of long ones; short ones may be groups of one, so they stay together."""
    parts = [start, *(m.end() for m in _LISTED.finditer(line, start, end)), end]
    each = [(a, b) for a, b in pairwise(parts)]
    if all(sum(map(len, _GROUP.findall(line, a, b))) >= _LONG for a, b in each):
        for a, b in each:
            yield _number(line, a, b - len(line[a:b]) + len(line[a:b].rstrip(" ,、/\n")))
    else:
        yield _number(line, start, end)


_LISTED = re.compile(r" ?[,、/\n] ?(?=\d)")


def _number(line: str, start: int, end: int) -> Found:
    """What number it is, as far as its form tells."""
    digits = "".join(_GROUP.findall(line, start, end))
    if check := _CHECK.match(line, end):
        end = check.end()
        digits += "x"
    kind = "number"
    before = line[max(0, start - _NEAR) : start]
    if _ID.fullmatch(digits) or "身份证" in before:
        kind = "id"
    elif _LONG <= len(digits) <= _CARD and not _NOT_CARD.search(before):
        kind = "card"
    return Found(start, end, kind, digits)


_CHECK = re.compile(r"[ -]?x(?![a-z0-9])")


def _phone(start: int, end: int, view: NumberView) -> Found:
    return Found(start, end, _PHONES.get(view.kind, "phone"), view.e164 or view.shown)
