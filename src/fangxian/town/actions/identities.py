"""Identity documents as they are typed: an ID card's number proves itself, others are short."""

from __future__ import annotations

import re

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from fangxian.exchange.people import parse_id_number
from fangxian.exchange.problems import Problem, language_of

from ..models import Document
from .errors import Refused

EARLIEST_BIRTH = 1900
# Passports and permits of the world have at most 20 signs; a little room for how they are written.
LONGEST = 30
_OTHER = re.compile(r"[0-9A-Za-z\u3400-\u9fff()（）/. -]{4,30}")


def identity(number: str, document: str, birth_year: int | None) -> tuple[str, int | None]:
    """The number and the year of birth to store.

    An ID card (GB 11643: 18 signs, or 15 of the first generation, which become 18) gives the year.
    Raises Refused for a number that cannot be, or a year that the number contradicts; the
    sentence never repeats the number.
    """
    birth_year = _plausible(birth_year)
    number = number.strip()
    if document not in Document.values:
        raise Refused(_("请选择证件种类。"))
    if not number:
        return "", birth_year
    if document != Document.ID_CARD:
        if not _OTHER.fullmatch(number):
            raise Refused(_("证件号码应是 4 至 %(most)d 个字母、数字或汉字。") % {"most": LONGEST})
        return number.upper(), birth_year
    parsed = parse_id_number(number, _("身份证号"), timezone.localdate())
    if isinstance(parsed, Problem):
        raise Refused(parsed.say(language_of(get_language() or "zh")))
    _refuse_contradiction(parsed.born.year, birth_year)
    return parsed.number, _plausible(parsed.born.year)


def agree(number: str, document: str, birth_year: int | None) -> int | None:
    """A year of birth corrected beside a number that stays. Raises Refused when they contradict;
    a number that came before numbers were checked says nothing."""
    if number and document == Document.ID_CARD:
        parsed = parse_id_number(number, "", timezone.localdate())
        if not isinstance(parsed, Problem):
            _refuse_contradiction(parsed.born.year, birth_year)
    return _plausible(birth_year)


def _refuse_contradiction(of_the_number: int, given: int | None) -> None:
    if given is not None and given != of_the_number:
        raise Refused(_("出生年份与身份证号不一致，请核对。"))


def _plausible(year: int | None) -> int | None:
    latest = timezone.localdate().year
    if year is not None and not EARLIEST_BIRTH <= year <= latest:
        raise Refused(_("出生年份应在 1900 至 %(latest)s 之间。") % {"latest": latest})
    return year
