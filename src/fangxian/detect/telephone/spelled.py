"""Numbers that a text spells out, put into digits: 一二零零…, 幺两洞…, l2OO…

`undo` does this only where nothing but blanks and dashes stands between the numerals; here commas
may, the numerals of the radio are known, and so are letters that look like digits.
"""

from __future__ import annotations

import re

from fangxian.numbers.short_codes import SHORT_CODES

from . import context
from .number import NUMERALS

# What may stand between the digits of one number.
MARKS = r" \n().,;:、。·_/-"
_NUMERAL = "零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖两洞拐勾"
_RADIO = frozenset("洞拐勾")
_SPELLED = re.compile(rf"[{_NUMERAL}\d](?:[{MARKS}]{{0,3}}[{_NUMERAL}\d]){{10,}}")
_SPELLED_CODE = re.compile(
    rf"(?<![{_NUMERAL}\d百千万十])[{_NUMERAL}]{{3,6}}(?![{_NUMERAL}\d百千万十])"
)
_LETTERED = re.compile(r"(?<![a-z0-9])[1il][0-9oli](?:[ -]?[0-9oli]){9}(?![a-z0-9])")
_LETTERS = str.maketrans("oli", "011")
_SPELLED_OUT = 3
_SOME_DIGITS = 5


def with_digits(plain: str) -> str:
    """The text with spelled-out numbers in digits, character for character."""

    def code(found: re.Match[str]) -> str:
        digits = found[0].translate(NUMERALS)
        called = digits in SHORT_CODES and context.is_called(plain, *found.span())
        return digits if called else found[0]

    plain = _SPELLED.sub(_numerals, plain)
    plain = _SPELLED_CODE.sub(code, plain)
    return _LETTERED.sub(_letters, plain)


def _numerals(found: re.Match[str]) -> str:
    # One numeral behind a number may be a word (…两个人), and one of the radio is not: `undo` has put
    # what comes before it into digits.
    spelled = sum(c in _NUMERAL for c in found[0])
    radio = any(c in _RADIO for c in found[0])
    return found[0].translate(NUMERALS) if spelled >= _SPELLED_OUT or radio else found[0]


def _letters(found: re.Match[str]) -> str:
    """Letters count as digits in what is digits for the better part of a number."""
    digits = sum(c.isdigit() for c in found[0])
    return found[0].translate(_LETTERS) if digits >= _SOME_DIGITS else found[0]
