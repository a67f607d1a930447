"""Every sentence exists in both languages, asks for the same facts, and repeats no secrets."""

from __future__ import annotations

import string

import pytest

from fangxian.exchange.problems import Problem, language_of, shown
from fangxian.exchange.sentences import SENTENCES
from fangxian.numbers.short_codes import SHORT_CODES, short_code_name

EVERY_CODE = pytest.mark.parametrize("code", SENTENCES)


def asked(text: str) -> set[str]:
    """The facts a sentence asks for; a name in one language stands for both."""
    names = {name for _, name, _, _ in string.Formatter().parse(text) if name}
    return {name.removesuffix("_zh").removesuffix("_en") for name in names}


@EVERY_CODE
def test_both_languages_say_the_same_thing(code: str) -> None:
    zh, en = SENTENCES[code]["zh"], SENTENCES[code]["en"]
    extra = {"word", "field", "header", "value", "digits"}
    assert asked(zh) - extra == asked(en) - extra
    assert zh != en or code == "refused"


@EVERY_CODE
def test_sentences_are_written_as_the_house_writes_them(code: str) -> None:
    zh, en = SENTENCES[code]["zh"], SENTENCES[code]["en"]
    assert not zh.endswith(("。", "！"))
    assert not en.endswith("!")
    assert ", " not in zh.replace("{others}", "")


def test_a_problem_survives_storing_without_its_value() -> None:
    problem = Problem("phone_length", "电话", "138001", {"digits": 6})
    data = problem.as_json()
    assert "138001" not in str(data)
    back = Problem.from_json(data)
    assert back.say("zh", 17) == "第 17 行“电话”：此处 只有 6 位，应为 11 位手机号或带区号的座机"
    assert Problem.from_json(problem.as_json(with_value=True)) == problem


def test_a_code_that_is_no_longer_known_is_refused_when_read() -> None:
    with pytest.raises(KeyError):
        Problem.from_json({"code": "no_such_code"})


def test_the_intake_can_say_that_a_village_is_not_ours() -> None:
    problem = Problem("outside_area", "所属村", "石桥镇双塘村", {"town": "金峰镇"})
    assert problem.say("zh", 21) == "第 21 行“所属村”：石桥镇双塘村 不在金峰镇范围内"
    assert problem.say("en", 21) == "Row 21, “所属村”: 石桥镇双塘村 is not in 金峰镇"


def test_long_numbers_are_shown_by_their_last_character_only() -> None:
    assert shown("99010119580307123X") == "…X"
    assert shown("卡号 6200 0000 0000 0000 123 尾号") == "卡号 …3 尾号"
    assert shown("12000000001") == "12000000001"


def test_long_texts_are_cut() -> None:
    assert len(shown("字" * 100)) == 24


def test_languages_are_told_by_their_code() -> None:
    assert [language_of(code) for code in ("en", "en-gb", "EN", "zh-hans", "fr")] == [
        "en",
        "en",
        "en",
        "zh",
        "zh",
    ]


@pytest.mark.parametrize("number", SHORT_CODES)
def test_every_service_number_has_a_name_in_both_languages(number: str) -> None:
    assert short_code_name(number, "zh") != short_code_name(number, "en")
