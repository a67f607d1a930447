"""A phone cell, however it was typed, gives the numbers that were meant, or says what is wrong."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangxian.exchange.phones import display, mask, parse_number, parse_phones

WANG, SON = "+8612000001234", "+8612000005678"
HOME = "+862300001234"


def numbers(cell: object, area: str = "") -> list[str]:
    return [phone.e164 for phone in parse_phones(cell, area).phones]  # type: ignore[arg-type]


def complaint(cell: object, area: str = "") -> str:
    """The one problem of a cell, in Chinese."""
    parsed = parse_phones(cell, area, "电话")  # type: ignore[arg-type]
    assert len(parsed.problems) == 1
    return parsed.problems[0].say("zh", row=17)


@pytest.mark.parametrize(
    "cell",
    [
        "12000001234",
        " 120 0000 1234 ",
        "120-0000-1234",
        "120.0000.1234",
        "+8612000001234",
        "+86 120 0000 1234",
        "(+86)120-0000-1234",
        "86-12000001234",
        "008612000001234",
        "012000001234",
        "１２０００００１２３４",
        "＋８６　１２０　００００　１２３４",
        "120—0000—1234",
        "\u200b12000001234\u202c",
        "'12000001234",
        "12OOOOO1234",
        "l2000001234",
        "12,000,001,234",
        "手机：12000001234",
        "tel:+8612000001234",
        "12000001234.0",
        12000001234.0,
        12000001234,
        "1.2000001234E+10",
        "12000001234、12000001234",
    ],
)
def test_one_mobile_number_is_found_however_it_is_typed(cell: object) -> None:
    assert numbers(cell) == [WANG]


@pytest.mark.parametrize(
    "cell",
    [
        "12000001234、12000005678",
        "12000001234/12000005678",
        "12000001234；12000005678",
        "12000001234 12000005678",
        "12000001234\n12000005678",
        "12000001234或12000005678",
        "12000001234 or 12000005678",
        "1200000123412000005678",
        "120 0000 1234  120 0000 5678",
        "120-0000-1234, +86 120 0000 5678",
        "1.12000001234 2.12000005678",
        "电话1：12000001234，电话2：12000005678",
    ],
)
def test_two_numbers_in_one_cell_are_two_numbers(cell: str) -> None:
    assert numbers(cell) == [WANG, SON]


@pytest.mark.parametrize(
    "cell", ["本人12000001234 儿子12000005678", "12000001234(本人)、12000005678（儿子）"]
)
def test_whose_number_it_is_stays_with_the_number(cell: str) -> None:
    labels = [(phone.e164, phone.label) for phone in parse_phones(cell).phones]
    assert labels == [(WANG, "本人"), (SON, "儿子")]


@pytest.mark.parametrize(
    "cell",
    [
        "023-00001234",
        "02300001234",
        "（023）00001234",
        "023 0000 1234",
        "+86 23 00001234",
        "+86-023-00001234",
    ],
)
def test_a_landline_with_its_area_code_is_found(cell: str) -> None:
    found = parse_phones(cell).phones
    assert [(phone.e164, phone.kind, phone.national) for phone in found] == [
        (HOME, "landline", "02300001234")
    ]


def test_a_landline_beside_a_mobile_number_is_not_run_together_with_it() -> None:
    assert numbers("12000001234 023-00001234") == [WANG, HOME]
    assert numbers("023-00001234 12000005678") == [HOME, SON]


@pytest.mark.parametrize(
    "cell", ["023-00001234转801", "023-00001234-801", "02300001234 ext. 801", "(023)00001234#801"]
)
def test_an_extension_is_kept_apart_from_the_number(cell: str) -> None:
    found = parse_phones(cell).phones
    assert [(phone.e164, phone.extension) for phone in found] == [(HOME, "801")]


# Subscriber numbers that begin with 9 are given to nobody: 95 and 96 are service numbers.
def test_a_landline_without_area_code_takes_the_town_s_own() -> None:
    assert numbers("90001234", area="023") == ["+862390001234"]


def test_a_landline_without_any_area_code_is_a_problem_that_says_so() -> None:
    assert complaint("90001234") == "第 17 行“电话”：90001234 是没有区号的座机，请补上区号，如 023"


def test_a_landline_that_lost_its_zero_in_a_number_cell_gets_it_back() -> None:
    assert numbers(2300001234.0, area="023") == [HOME]


def test_a_short_number_is_counted_and_the_right_form_is_named() -> None:
    assert complaint("138001") == (
        "第 17 行“电话”：138001 只有 6 位，应为 11 位手机号或带区号的座机"
    )
    assert parse_phones("138001", column_label="Phone").problems[0].say("en", row=17) == (
        "Row 17, “Phone”: 138001 has only 6 digits; expected a mobile number of 11 digits or a "
        "landline with its area code"
    )


def test_a_bad_number_beside_a_good_one_does_not_hide_it() -> None:
    parsed = parse_phones("12000001234/138001")
    assert [phone.e164 for phone in parsed.phones] == [WANG]
    assert [problem.code for problem in parsed.problems] == ["phone_length"]


def test_a_house_number_beside_a_phone_is_no_problem() -> None:
    parsed = parse_phones("海兰村3组 12000001234")
    assert [phone.e164 for phone in parsed.phones] == [WANG]
    assert parsed.problems == ()


@pytest.mark.parametrize(
    ("cell", "holder"),
    [
        ("96110", "反诈预警劝阻专线"),
        ("95588", "工商银行"),
        ("400-000-0000", "企业热线"),
        ("110", "报警"),
    ],
)
def test_a_service_number_is_nobody_s_phone(cell: str, holder: str) -> None:
    assert numbers(cell) == []
    assert f"是服务号码（{holder}），不是居民的电话" in complaint(cell)


def test_a_message_port_of_eleven_digits_is_not_taken_for_a_mobile_number() -> None:
    assert numbers("10690001234") == []
    assert parse_number("10690001234").kind == "short_code"  # type: ignore[union-attr]


def test_digits_lost_to_scientific_notation_are_not_guessed() -> None:
    assert numbers("1.2E+10") == []
    assert "科学计数" in complaint("1.2E+10")


@pytest.mark.parametrize("cell", ["120****1234", "120xxxx1234"])
def test_a_masked_number_cannot_be_called(cell: str) -> None:
    assert "被遮去几位" in complaint(cell)


def test_an_id_number_in_the_phone_column_is_named_but_not_repeated() -> None:
    said = complaint("990101199003071234")
    assert "身份证号" in said
    assert "990101" not in said


def test_a_long_number_is_never_repeated_in_a_message() -> None:
    said = complaint("6200000000000000123")
    assert "6200000" not in said


@pytest.mark.parametrize("cell", ["", "  ", "无", "暂无", "-", "—", "/", "N/A", "不详", "空号"])
def test_words_for_no_phone_are_no_problem(cell: str) -> None:
    parsed = parse_phones(cell)
    assert (parsed.phones, parsed.problems) == ((), ())


def test_a_number_from_abroad_is_kept_with_its_country() -> None:
    assert [phone.kind for phone in parse_phones("00852 2123 4567").phones] == ["overseas"]
    assert numbers("+852 2123 4567") == ["+85221234567"]


def test_one_number_of_any_kind_can_be_looked_up() -> None:
    assert parse_number("96110").e164 == "96110"  # type: ignore[union-attr]
    assert parse_number("+86 120-0000-1234").e164 == WANG  # type: ignore[union-attr]
    assert parse_number("王芳") is None


def test_a_mask_hides_the_middle_of_mobile_and_landline() -> None:
    assert mask("+8612000001234") == "120****1234"
    assert mask("+862300001234") == "023-****1234"
    assert mask("96110") == "96110"
    assert mask("anything else") == "****"


def test_a_number_is_shown_in_groups() -> None:
    assert display("+8612000001234") == "120 0000 1234"
    assert display("+862300001234") == "023-00001234"
    assert display("+85221234567") == "+852 2123 4567"
    assert display("96110") == "96110"


# --- properties ---------------------------------------------------------------------------------

MOBILES = st.from_regex(r"1(2|[3-9])[0-9]{9}", fullmatch=True)
# 0400 and 0800 are no area codes: 400 and 800 are companies' lines.
LANDLINES = st.from_regex(
    r"0(10|2[0-9])[2-9][0-9]{7}|0(?!400|800)[3-9][0-9]{2}[2-9][0-9]{6,7}", fullmatch=True
)


def written(draw: st.DrawFn, number: str) -> str:
    """One of the ways people write a national number."""
    area = re.fullmatch(r"(010|02\d|0[3-9]\d\d)(\d+)", number)
    groups = list(area.groups()) if area else [number[:3], number[3:7], number[7:]]
    glue = draw(st.sampled_from(["", " ", "-", ".", "—", "－", "　"]))
    text = glue.join(groups)
    if area and draw(st.booleans()):
        text = f"（{groups[0]}）{groups[1]}"
    prefix = draw(st.sampled_from(["", "+86", "+86 ", "0086", "86-", "(+86)", "＋８６－"]))
    if draw(st.booleans()):
        text = "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in text)
    return prefix + text


@st.composite
def formatted(draw: st.DrawFn) -> tuple[str, str]:
    """(what a sender typed, E.164)."""
    number = draw(st.one_of(MOBILES, LANDLINES))
    e164 = "+86" + (number[1:] if number.startswith("0") else number)
    return written(draw, number), e164


@given(formatted())
def test_any_formatting_of_a_valid_number_gives_the_number_back(case: tuple[str, str]) -> None:
    typed, e164 = case
    parsed = parse_phones(typed)
    assert [phone.e164 for phone in parsed.phones] == [e164]
    assert parsed.problems == ()


@given(formatted(), formatted(), st.sampled_from(["、", "/", "；", " / ", "\n", "，", "或"]))
def test_any_two_numbers_with_a_separator_give_both(
    first: tuple[str, str], second: tuple[str, str], between: str
) -> None:
    expected = list(dict.fromkeys([first[1], second[1]]))
    assert numbers(first[0] + between + second[0]) == expected


@given(st.one_of(st.text(max_size=80), st.floats(), st.integers(), st.booleans(), st.datetimes()))
def test_no_cell_makes_the_parser_fail_or_speak_no_language(cell: object) -> None:
    parsed = parse_phones(cell, "023", "电话")  # type: ignore[arg-type]
    assert all(p.say("zh") and p.say("en") for p in parsed.problems)
    assert all(re.fullmatch(r"\+\d{7,15}", phone.e164) for phone in parsed.phones)


@given(formatted())
def test_what_is_displayed_can_be_read_again(case: tuple[str, str]) -> None:
    assert numbers(display(case[1])) == [case[1]]


@given(formatted())
def test_a_mask_never_shows_the_whole_number(case: tuple[str, str]) -> None:
    hidden = mask(case[1])
    assert "****" in hidden
    assert case[1][3:] not in re.sub(r"\D", "", hidden)
