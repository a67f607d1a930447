"""One number: what it is, whose it is, and what about it speaks for or against fraud."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangxian.detect.telephone import NumberView, look_at_number
from fangxian.numbers.short_codes import SHORT_CODES


def keys(view: NumberView) -> list[str]:
    return [reason.key.removeprefix("number_") for reason in view.reasons]


@pytest.mark.parametrize(
    ("written", "kind", "e164"),
    [
        ("120 0000 1234", "mobile", "+8612000001234"),
        ("+86 120-0000-1234", "mobile", "+8612000001234"),
        ("012000001234", "mobile", "+8612000001234"),
        ("１２０００００１２３４", "mobile", "+8612000001234"),
        ("幺二零零零零零一二三四", "mobile", "+8612000001234"),
        ("①②⓪00001234", "mobile", "+8612000001234"),
        ("170 0000 1234", "virtual", "+8617000001234"),
        ("16500001234", "virtual", "+8616500001234"),
        ("023-00001234", "landline", "+862300001234"),
        ("（023）0000 1234 转 801", "landline", "+862300001234"),
        ("tel: 023-00001234", "landline", "+862300001234"),
        ("60001234", "landline", ""),
        ("+852 6123 4567", "overseas", "+85261234567"),
        ("00852 6123 4567", "overseas", "+85261234567"),
        ("106900001234", "port", "106900001234"),
        ("400-000-1234", "toll_free", "4000001234"),
        ("96110", "short_code", "96110"),
        ("95999", "short_code", "95999"),
        ("123", "unknown", ""),
        ("+999 1234 5678", "unknown", ""),
        ("12345678901234567890", "unknown", ""),
        ("120****1234", "not_a_number", ""),
        ("王芳", "not_a_number", ""),
        ("", "not_a_number", ""),
        ("+", "not_a_number", ""),
        ("\ud800", "not_a_number", ""),
        ("1\x002", "unknown", ""),
        ("1" * 1_000_000, "not_a_number", ""),
    ],
)
def test_a_number_is_known_however_it_is_written(written: str, kind: str, e164: str) -> None:
    view = look_at_number(written)
    assert (view.kind, view.e164) == (kind, e164)


@pytest.mark.parametrize(
    "shown",
    ["+110", "00110", "0086-110", "+86110", "86110", "+8696110", "8696110", "+95588", "0086 95588"],
)
def test_a_service_number_with_something_of_abroad_in_front_is_forged(shown: str) -> None:
    view = look_at_number(shown)
    assert not view.official
    assert view.weight >= 2
    assert "境外" in view.reasons[0].says.zh
    assert view.holder is not None


def test_the_published_number_calms_and_says_that_it_can_be_forged() -> None:
    view = look_at_number("95588")
    assert view.official
    assert view.holder is not None
    assert view.holder.zh == "工商银行"
    assert view.source is not None
    assert view.source.as_of.year >= 2026
    assert view.weight < 0
    assert "伪造" in view.reasons[0].says.zh
    assert "forged" in view.reasons[0].says.en


@pytest.mark.parametrize("code", SHORT_CODES)
def test_every_published_number_is_official_as_it_is_and_not_with_86(code: str) -> None:
    assert look_at_number(code).official
    assert not look_at_number("+86" + code).official
    assert look_at_number("+86" + code).weight > 1


def test_a_number_that_only_sends_texts_is_no_caller() -> None:
    assert look_at_number("12381").weight > 0
    assert look_at_number("12381", caller=False).weight < 0


def test_an_area_code_or_an_extension_at_a_banks_number_counts_for_little() -> None:
    """Honest holders are shown so: 02195511, 9555801."""
    for shown, key in [("02195588", "area_before_code"), ("955880", "digits_after_code")]:
        view = look_at_number(shown)
        assert keys(view) == [key]
        assert 0 < view.weight <= 0.5
        assert "95588" in view.reasons[0].says.zh
    assert look_at_number("02195588", caller=False).weight == 0


def test_at_an_emergency_number_they_count_for_much() -> None:
    assert look_at_number("023110").weight >= 2
    assert look_at_number("11012").weight >= 2
    assert look_at_number("0110").weight > 1
    assert look_at_number("023110", caller=False).weight == 0


def test_dialled_from_abroad_it_is_no_lure_and_as_a_caller_it_is_doubtful() -> None:
    assert look_at_number("+86-10-12308", caller=False).weight == 0
    assert look_at_number("+86 10086", caller=False).weight == 0
    assert look_at_number("+86-10-12308").weight > 0


def test_what_cannot_ring_is_forged_when_it_rings_and_plain_in_a_text() -> None:
    for number in ("400-000-1234", "8000001234", "106900001234"):
        assert look_at_number(number).weight >= 1.5
        assert look_at_number(number, caller=False).reasons == ()


def test_a_number_of_hong_kong_crosses_a_border_and_is_not_abroad() -> None:
    hong_kong = look_at_number("+852 6123 4567")
    assert keys(hong_kong) == ["cross_border"]
    assert hong_kong.region is not None
    assert hong_kong.region.zh == "中国香港"
    abroad = look_at_number("+1 202 555 0123")
    assert keys(abroad) == ["overseas"]
    assert "美国" in abroad.reasons[0].says.zh
    assert "United States" in abroad.reasons[0].says.en
    assert keys(look_at_number("001 202 555 0123")) == ["overseas"]


def test_the_place_of_a_landline_is_told_and_of_an_unassigned_mobile_is_not() -> None:
    region = look_at_number("023-00001234").region
    assert region is not None
    assert (region.zh, region.en) == ("重庆市", "Chongqing")
    assert look_at_number("12000001234").region is None
    assert look_at_number("96110").region is None


def test_a_police_station_whose_number_ends_in_110_is_no_forgery() -> None:
    assert look_at_number("023-00000110").weight == 0
    assert look_at_number("60000110").weight == 0


@pytest.mark.parametrize("wrong", [None, 110, 12000001234.0, b"110", ["110"]])
def test_what_is_no_text_is_refused_with_a_sentence(wrong: object) -> None:
    with pytest.raises(TypeError, match="号码应为文字"):
        look_at_number(wrong)  # type: ignore[arg-type]


@given(st.text(max_size=100), st.booleans())
def test_any_text_at_all_has_an_answer(text: str, caller: bool) -> None:
    view = look_at_number(text, caller=caller)
    assert (view.kind == "not_a_number") == (view.shown == "")
    assert view.kind_words.zh
    assert all(r.says.zh and r.says.en and r.weight for r in view.reasons)


@given(st.from_regex(r"(\+|00)?(86)?[0-9]{1,20}", fullmatch=True), st.booleans())
def test_every_run_of_digits_has_an_answer_and_no_braces_stay_in_the_words(
    digits: str, caller: bool
) -> None:
    view = look_at_number(digits, caller=caller)
    assert view.kind != "not_a_number"
    assert not any("{" in r.says.zh + r.says.en for r in view.reasons)
    assert view.official == (digits in SHORT_CODES)


@given(
    st.from_regex(r"1[2-9][0-9]{9}", fullmatch=True), st.sampled_from([" ", "-", ".", "　", "－"])
)
def test_separators_change_nothing(digits: str, mark: str) -> None:
    spaced = mark.join((digits[:3], digits[3:7], digits[7:]))
    assert look_at_number(spaced) == look_at_number(digits)


def test_the_tables_of_places_are_not_opened_at_import() -> None:
    program = (
        "import sys; from fangxian.detect.telephone import look_at_number\n"
        "look_at_number('12000001234'); look_at_number('96110')\n"
        "print('phonenumbers.geodata.locale' in sys.modules, 'numpy' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "False"]
