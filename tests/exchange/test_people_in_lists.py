"""Names, ID numbers and grade words as senders write them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangxian.exchange.people import (
    CleanName,
    IdNumber,
    check_character,
    clean_name,
    parse_grade,
    parse_id_number,
)
from fangxian.exchange.problems import Problem

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("written", "name", "note"),
    [
        ("王 芳", "王芳", ""),
        ("王　芳", "王芳", ""),
        (" 王芳 ", "王芳", ""),
        ("王芳（户主）", "王芳", "户主"),
        ("王芳(女)", "王芳", "女"),
        ("王芳女士", "王芳", "女士"),
        ("王秀英大妈（独居", "王秀英", "独居；大妈"),
        ("阿依古丽•买买提", "阿依古丽·买买提", ""),
        ("Anna  Li", "Anna Li", ""),
        ("Max", "Max", ""),
        ("不详", "", ""),
        ("机主", "", ""),
        ("", "", ""),
    ],
)
def test_a_name_is_cleaned_for_comparing_and_nothing_is_lost(
    written: str, name: str, note: str
) -> None:
    assert clean_name(written) == CleanName(name, note)


@pytest.mark.parametrize("written", ["王*芳", "王＊＊", "王某某", "王xx", "王先生"])
def test_a_name_the_sender_hid_is_kept_and_flagged(written: str) -> None:
    cleaned = clean_name(written)
    assert cleaned.masked
    assert cleaned.name.startswith("王")


def test_an_id_number_gives_its_birth_date() -> None:
    number = "99010119580307123"
    number += check_character(number)
    assert parse_id_number(f" {number[:6]} {number[6:]} ", today=TODAY) == IdNumber(
        number, date(1958, 3, 7)
    )


def test_the_check_character_is_that_of_the_standard() -> None:
    # The example of GB 11643-1999, annex.
    assert check_character("11010519491231002") == "X"
    assert isinstance(parse_id_number("11010519491231002x", today=TODAY), IdNumber)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("110105194912310021", "id_check"),
        ("11010519491331002X", "id_birth"),
        ("11010520991231002X", "id_birth"),
        ("1101051949123100", "id_length"),
        ("11010519491231A02X", "id_form"),
        ("110105********002X", "id_masked"),
        ("1.10105E+17", "id_rounded"),
        (1.1010519491231e17, "id_rounded"),
    ],
)
def test_a_wrong_id_number_is_refused_for_its_own_reason_and_never_repeated(
    written: str | float, code: str
) -> None:
    problem = parse_id_number(written, "身份证号", TODAY)
    assert isinstance(problem, Problem)
    assert problem.code == code
    assert "110105" not in problem.say("zh") + problem.say("en")


def test_a_number_of_the_first_generation_is_widened() -> None:
    assert parse_id_number("110105491231002") == IdNumber("11010519491231002X", date(1949, 12, 31))


@given(st.from_regex(r"[1-9][0-9]{16}", fullmatch=True))
def test_any_single_wrong_digit_is_noticed(first_17: str) -> None:
    right = check_character(first_17)
    for position in (0, 5, 16):
        digit = str((int(first_17[position]) + 1) % 10)
        assert check_character(first_17[:position] + digit + first_17[position + 1 :]) != right


@given(st.one_of(st.text(max_size=40), st.floats(), st.integers()))
def test_no_cell_makes_the_id_parser_fail(cell: str | float) -> None:
    assert isinstance(parse_id_number(cell, today=TODAY), (IdNumber, Problem))


@given(st.text(max_size=40))
def test_no_text_makes_the_name_cleaner_or_the_grade_reader_fail(text: str) -> None:
    cleaned = clean_name(text)
    assert cleaned.name == clean_name(cleaned.name).name or cleaned.masked
    assert parse_grade(text) in ("red", "orange", "yellow", "blue", None)


@pytest.mark.parametrize(
    ("grade", "words"),
    [
        ("red", "红 红色 红色预警 高 高危 高风险 极高 一级 Ⅰ级 特急 1级 High high-risk 特别重大"),
        ("orange", "橙 橙色预警 二级 紧急 加急 较高 重大 II级 orange"),
        ("yellow", "黄 黄色 中 中危 中风险 三级 较大 medium Moderate"),
        ("blue", "蓝 蓝色预警 低 低风险 四级 一般 low"),
    ],
)
def test_a_grade_word_means_its_colour(grade: str, words: str) -> None:
    assert {word: parse_grade(word) for word in words.split()} == dict.fromkeys(
        words.split(), grade
    )


@pytest.mark.parametrize("word", ["", "待定", "1", "85", "高中", "未评级"])
def test_other_words_have_no_grade(word: str) -> None:
    assert parse_grade(word) is None
