"""What is this number? Its kind, place and holder, and what about it speaks for or against fraud.

The facts are those of the number plan (fangxian.numbers) and of domain.md §7: 170/171/162/165/167
are virtual operators, 400 and 800 numbers and 106 ports cannot ring, and a service number shown
with +, 00 or 86 in front comes from abroad or is forged. A prefix says nothing of the carrier, for
numbers are portable.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import NamedTuple

from fangxian.numbers.forms import LOCAL, MOBILE, VIRTUAL, classify
from fangxian.numbers.short_codes import SHORT_CODES, short_code_of, source_of

from ..kinds.words import Words
from ..undo.folds import FOLDS
from .view import CROSS_BORDER, NumberKind, NumberView, reason

# Longest thing that is looked at: a number with its separators, its label and an extension.
_LONGEST = 80
NUMERALS = str.maketrans(
    "零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖两洞拐勾", "0012345678911234567892079"
)
_LABEL = re.compile(r"^(?:tel|phone|电话|手机|号码)[:.]?\s*|\s*(?:转|分机|ext\.?|x|#)\s*\d{1,6}$")
_WRITTEN = re.compile(r"[(\[]?(\+?)[\d\s().\[\]·_/,、。-]+")
_LANDLINE = re.compile(r"10\d{8}|2\d{9}|(?!400|800)[3-9]\d{9,10}", re.ASCII)
_AREA = re.compile(r"0?(?:10|2\d|[3-9]\d\d)", re.ASCII)
_UNASSIGNED = re.compile(r"1[012]")
_EMERGENCY = ("110", "119", "120", "122")


class _Seen(NamedTuple):
    """What was made out: the kind, the canonical number, keys of reasons, the code it is like."""

    kind: NumberKind
    e164: str
    keys: tuple[str, ...]
    code: str = ""


def look_at_number(number: str, *, caller: bool = True) -> NumberView:
    """What one number is.

    `number` is as a display, a person or a text writes it: with spaces, brackets, full width or
    Chinese numerals, +86 or an extension. `caller` says that it rang; False, that it stands in a
    text or sent one: a 400 line may be rung, and cannot ring. Whatever cannot be read as a number
    has the kind "not_a_number". Raises TypeError for what is no text.
    """
    if not isinstance(number, str):
        raise TypeError(f"号码应为文字（str），实际是 {type(number).__name__}")
    shown = read_digits(number)
    if not shown:
        return NumberView("", "", "not_a_number")
    seen = _seen(shown)
    named = short_code_of(seen.code) if seen.code else None
    holder = Words(*named) if named else None
    view = NumberView(
        shown,
        seen.e164,
        seen.kind,
        holder=holder if seen.code in SHORT_CODES else None,
        source=source_of(seen.code) if seen.code else None,
        official="official" in seen.keys,
    )
    reasons = (reason(key, caller, view, seen.code, holder) for key in seen.keys)
    return replace(view, reasons=tuple(r for r in reasons if r is not None))


def read_digits(number: str) -> str:
    """The digits of a written number, with the + in front if there is one; "" if it is no number."""
    if len(number) > _LONGEST:
        return ""
    plain = _LABEL.sub("", number.translate(FOLDS).strip()).translate(NUMERALS)
    written = _WRITTEN.fullmatch(plain)
    if written is None:
        return ""
    digits = "".join(c for c in plain if c.isdigit())
    return written[1] + digits if digits.isascii() and digits else ""


def _seen(shown: str) -> _Seen:
    digits = shown.removeprefix("+")
    from_abroad = shown.startswith(("+", "00"))
    if not shown.startswith("+"):
        digits = digits.removeprefix("00")
    if from_abroad and digits in SHORT_CODES:
        return _Seen("unknown", "", ("dressed_code",), digits)
    if digits.startswith("86"):
        after = digits[2:]
        if from_abroad or len(digits) > 11 or after in SHORT_CODES:
            return _after_86(after, shown)
    if from_abroad:
        return _abroad("+" + digits)
    return _national(shown)


def _after_86(after: str, shown: str) -> _Seen:
    """What follows +86, 0086 or a bare 86: there the trunk 0 is left out."""
    if _LANDLINE.fullmatch(after):
        return _Seen("landline", "+86" + after, ("landline_with_86",))
    if not MOBILE.fullmatch(after):
        area = _AREA.match(after)
        if area and after[area.end() :] in SHORT_CODES:
            return _Seen("unknown", "", ("dressed_for_abroad",), after[area.end() :])
        if short_code_of(after) and len(after) < 10:
            return _Seen("unknown", "", ("dressed_with_86",), after)
    return _national(after)


def _abroad(number: str) -> _Seen:
    phone = classify(number, "")
    if phone is None:
        return _Seen("unknown", "", ("no_country",))
    code = int(number[1:4])
    return _Seen("overseas", phone.e164, ("cross_border" if code in CROSS_BORDER else "overseas",))


def _national(digits: str) -> _Seen:
    if digits in SHORT_CODES:
        keys = ("official", "only_texts") if digits == "12381" else ("official",)
        return _Seen("short_code", digits, keys, digits)
    if like := _like_a_code(digits):
        return like
    phone = classify(digits, "")
    if phone is None:
        return _formless(digits)
    if phone.kind == "short_code":
        return _of_a_class(digits)
    if phone.kind == "landline":
        return _Seen("landline", phone.e164, ())
    mobile = phone.e164[3:]
    if VIRTUAL.match(mobile):
        return _Seen("virtual", phone.e164, ("virtual",))
    return _Seen("mobile", phone.e164, ("unassigned",) if _UNASSIGNED.match(mobile) else ())


def _of_a_class(digits: str) -> _Seen:
    if digits.startswith(("400", "800")):
        return _Seen("toll_free", digits, ("toll_free_rings",), digits)
    if digits.startswith("106"):
        return _Seen("port", digits, ("port_rings",), digits)
    return _Seen("short_code", digits, ("unlisted_code",), digits)


def _like_a_code(digits: str) -> _Seen | None:
    """A published number with something before or behind it.

    An area code before it and an extension behind it are both used by honest holders (02195511,
    9555801, 121233100), so they count for little; never so with emergency numbers.
    """
    area = _AREA.match(digits) if digits.startswith("0") else None
    if area and (code := digits[area.end() :]) in SHORT_CODES:
        emergency = code in _EMERGENCY
        key = "area_before_emergency" if emergency else "area_before_code"
        return _Seen("unknown" if emergency else "short_code", "", (key,), code)
    if 6 <= len(digits) <= 9 and (code := digits[:5]) in SHORT_CODES:
        return _Seen("short_code", digits, ("digits_after_code",), code)
    if len(digits) > 9 or LOCAL.fullmatch(digits) or short_code_of(digits):
        return None
    for code in (digits[-6:], digits[-5:], "110" if digits.endswith("110") else ""):
        if code in SHORT_CODES and code != digits:
            return _Seen("unknown", "", ("digits_before_code",), code)
    if digits[:3] in _EMERGENCY:
        return _Seen("unknown", "", ("digits_after_emergency",), digits[:3])
    return None


def _formless(digits: str) -> _Seen:
    if LOCAL.fullmatch(digits):
        # A landline of the same town, without area code.
        return _Seen("landline", "", ())
    if len(digits) < 7:
        return _Seen("unknown", "", ("too_short",))
    return _Seen("unknown", "", ("too_long" if len(digits) > 12 else "no_form",))
