"""The forms a phone number may have in China, and how each is written down and shown.

Any eleven digits that begin with 1 have the form of a mobile number here, whether or not an
operator was given the prefix: prefixes are opened faster than lists of them are published. 106 is
the exception, for message ports have it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import phonenumbers

from .short_codes import short_code_of

Kind = Literal["mobile", "landline", "short_code", "overseas"]

MOBILE = re.compile(r"1(?!06)\d{10}", re.ASCII)
# Trunk 0, area code (10, 2x, or three digits 3-9), then 7 or 8 digits of the subscriber.
_LANDLINE = re.compile(r"0(10|2\d)(\d{8})|0((?!400|800)[3-9]\d{2})(\d{7,8})", re.ASCII)
# How the mobile numbers of virtual operators begin (MIIT: 170, 171, 162, 165, 167).
VIRTUAL = re.compile(r"1(?:7[01]|6[257])", re.ASCII)
LOCAL = re.compile(r"[2-9]\d{6,7}", re.ASCII)
_COUNTRIES = frozenset(map(str, phonenumbers.COUNTRY_CODE_TO_REGION_CODE))
_PREFIX_86 = re.compile(r"^(?:\+|00)?86(?=\d)")


@dataclass(frozen=True)
class Phone:
    """One number.

    `e164` is "+86…" for numbers of the national plan; a service number is its bare digits
    ("96110"), for it has no E.164 form. `label` says whose it is, where the cell says so (儿子).
    """

    e164: str
    kind: Kind
    label: str = ""
    extension: str = ""

    @property
    def national(self) -> str:
        """The number as one dials it in China: 12000001234, 02300001234, 96110, +852…"""
        return national(self.e164)


def classify(number: str, area: str) -> Phone | None:
    """One candidate without separators, perhaps with a leading +, or None if it is no number."""
    if number.startswith(("+", "00")) and not _PREFIX_86.match(number):
        return _overseas(number)
    digits = without_86(number)
    had_86 = digits != number
    # After +86 the trunk 0 is not dialled: +86 10 6000 0000 is in Beijing, 1060000000 a port.
    if had_86 and _LANDLINE.fullmatch("0" + digits):
        return Phone("+86" + digits, "landline")
    if short_code_of(digits):
        return Phone(digits, "short_code")
    if MOBILE.fullmatch(digits):
        return Phone("+86" + digits, "mobile")
    if len(digits) == 12 and digits.startswith("01") and MOBILE.fullmatch(digits[1:]):
        return Phone("+86" + digits[1:], "mobile")
    if _LANDLINE.fullmatch(digits):
        return Phone("+86" + digits[1:], "landline")
    # A spreadsheet drops the trunk 0 from a number cell.
    if area and digits.startswith(area[1:]) and _LANDLINE.fullmatch("0" + digits):
        return Phone("+86" + digits, "landline")
    if area and LOCAL.fullmatch(digits) and _LANDLINE.fullmatch(area + digits):
        return Phone("+86" + area[1:] + digits, "landline")
    return None


def without_86(number: str) -> str:
    """Local numbers may begin with 86 themselves: a bare 86 counts only before a long number."""
    if len(number) > 11 or number.startswith(("+", "00")):
        return _PREFIX_86.sub("", number, count=1)
    return number


def _overseas(number: str) -> Phone | None:
    digits = number.removeprefix("+") if number.startswith("+") else number.removeprefix("00")
    # Numbers of no country are common on suspects' displays, and parsing them is slow.
    if not 7 <= len(digits) <= 15 or _COUNTRIES.isdisjoint((digits[:1], digits[:2], digits[:3])):
        return None
    try:
        parsed = phonenumbers.parse("+" + digits, None)
    except phonenumbers.NumberParseException:
        return None
    if parsed.country_code == 86 or not phonenumbers.is_possible_number(parsed):
        return None
    return Phone(
        phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164), "overseas"
    )


def national(e164: str) -> str:
    """+8612000001234 -> 12000001234, +862300001234 -> 02300001234; others as they are."""
    if not e164.startswith("+86"):
        return e164
    digits = e164[3:]
    return digits if MOBILE.fullmatch(digits) else "0" + digits


def display(e164: str) -> str:
    """For reading aloud and dialling: 120 0000 1234, 023-00001234, +852 0000 0000."""
    number = national(e164)
    if MOBILE.fullmatch(number):
        return f"{number[:3]} {number[3:7]} {number[7:]}"
    if match := _LANDLINE.fullmatch(number):
        area, subscriber = match.group(1) or match.group(3), match.group(2) or match.group(4)
        return f"0{area}-{subscriber}"
    if number.startswith("+"):
        try:
            parsed = phonenumbers.parse(number, None)
        except phonenumbers.NumberParseException:
            return number
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return number


def mask(e164: str) -> str:
    """What may stand on a screen: 120****1234, 023-****1234, +852****5678; service numbers whole."""
    number = national(e164)
    if MOBILE.fullmatch(number):
        return f"{number[:3]}****{number[-4:]}"
    if match := _LANDLINE.fullmatch(number):
        return f"0{match.group(1) or match.group(3)}-****{number[-4:]}"
    if number.startswith("+"):
        return f"{number[:4]}****{number[-4:]}" if len(number) > 9 else "****"
    return number if short_code_of(number) else "****"
