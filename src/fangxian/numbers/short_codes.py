"""Service numbers of China: real numbers that belong to an institution, never to a resident.

`phonenumbers` calls all of them invalid, hence this list. The classes (three- and five-digit 1xx,
95 and 96 with five to eight digits, 106 message ports, 400/800) follow 电信网编号计划 (MIIT, 2017
edition); the names, with their sources and days, are those of holders.py. The list of names is not
complete and need not be: a number without a name is still caught by its class.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from .holders import AS_OF, LISTS, Named, Source

__all__ = [
    "AS_OF",
    "PLAN",
    "SHORT_CODES",
    "Named",
    "Source",
    "short_code_name",
    "short_code_of",
    "source_of",
]

SHORT_CODES: Mapping[str, Named] = {
    code: name for listed in LISTS for code, name in listed.codes.items()
}

# Where the classes come from.
PLAN = Source(
    "电信网编号计划（工业和信息化部，2017 年版）",
    "Telecommunications Network Numbering Plan (MIIT, 2017 edition)",
    AS_OF,
)

# Classes of the numbering plan: any number of the form is of the class, whoever holds it.
_CLASSES: tuple[tuple[re.Pattern[str], Named], ...] = (
    (re.compile(r"(?:11[02469]|12[0-2]|999)"), Named("紧急号码", "emergency number")),
    (re.compile(r"106\d{5,17}"), Named("短信端口号", "bulk message port")),
    (re.compile(r"100\d{2}"), Named("电信客服", "carrier service line")),
    (re.compile(r"11[1-8]\d{2,3}|12[1-9]\d{2}"), Named("公共服务号码", "public service line")),
    (re.compile(r"95\d{3,6}"), Named("企业客服", "company service line")),
    (re.compile(r"96\d{3,6}"), Named("地方服务号码", "local service line")),
    (re.compile(r"[48]00\d{7}"), Named("企业热线", "toll-free company line")),
)


def short_code_of(digits: str) -> Named | None:
    """Who answers at `digits` (no +86, no spaces), or None for a number of another kind.

    Eight-digit 95/96 numbers count only as far as the plan gives them out; local subscriber
    numbers never begin with 95 or 96.
    """
    if digits in SHORT_CODES:
        return SHORT_CODES[digits]
    for form, name in _CLASSES:
        if form.fullmatch(digits):
            return name
    return None


def source_of(digits: str) -> Source | None:
    """Where what `short_code_of` says of `digits` comes from and of what day it is; None where it
    says nothing."""
    for listed in LISTS:
        if digits in listed.codes:
            return listed.source
    return PLAN if short_code_of(digits) else None


def short_code_name(digits: str, language: Literal["zh", "en"]) -> str:
    """The holder's name in one language, "" for a number that is no service number."""
    named = short_code_of(digits)
    if named is None:
        return ""
    return named.zh if language == "zh" else named.en
