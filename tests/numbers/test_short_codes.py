"""Service numbers: each has a holder, a source with a day, and a class of the numbering plan."""

from __future__ import annotations

from datetime import date

import pytest

from fangxian.numbers import short_codes
from fangxian.numbers.holders import LISTS
from fangxian.numbers.short_codes import PLAN, SHORT_CODES, short_code_of, source_of


@pytest.mark.parametrize("listed", LISTS, ids=lambda listed: listed.source.en)
def test_every_list_says_where_it_comes_from_and_of_what_day_it_is(listed: object) -> None:
    source = listed.source  # type: ignore[attr-defined]
    assert source.zh
    assert source.en
    assert date(2026, 1, 1) <= source.as_of <= date.today()  # noqa: DTZ011


def test_no_number_stands_in_two_lists() -> None:
    assert len(SHORT_CODES) == sum(len(listed.codes) for listed in LISTS)


@pytest.mark.parametrize("code", SHORT_CODES)
def test_a_named_number_has_a_form_that_the_plan_knows(code: str) -> None:
    assert any(form.fullmatch(code) for form, _ in short_codes._CLASSES)


def test_what_is_said_of_a_number_has_a_source() -> None:
    assert source_of("95588") is not None
    assert "银行" in source_of("95588").zh  # type: ignore[union-attr]
    assert short_code_of("95999") is not None
    assert source_of("95999") is PLAN
    assert source_of("12000001234") is None
