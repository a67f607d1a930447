"""What the officer and the grid worker say: checked first, calm, and never asking what a fraud asks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import pytest

from fangxian.detect.kinds import KINDS, Stage
from fangxian.warn.script import (
    PLACEHOLDERS,
    STOP_PAYMENT_IDS,
    ScriptError,
    Step,
    call_script,
    fill,
    filled,
    find_person,
    follow_up_script,
    visit_script,
)

SPEAKER = {
    "code": "青山 47",
    "officer": "周明",
    "station": "金凤派出所",
    "station_phone": "023-01234567",
    "page": "防线的网页",
}
LANGUAGES = pytest.mark.parametrize("language", ["zh", "en"])


def strings(part: Any) -> Iterator[str]:
    """Every string of a script, as deep as it lies."""
    if type(part) is str:
        yield part
    elif isinstance(part, tuple):
        for each in part:
            yield from strings(each)
    elif is_dataclass(part):
        for field in fields(part):
            yield from strings(getattr(part, field.name))


def everything(language: str) -> list[Any]:
    return [
        *(call_script(key, language) for key in KINDS),
        *(visit_script(key, language) for key in KINDS),
        follow_up_script(3, language),
        follow_up_script(30, language),
        find_person(language),
    ]


def spoken(language: str) -> list[str]:
    """Only what is said aloud to a resident or at a door, without the hints."""
    call, visit = call_script("other", language), visit_script("other", language)
    said = [*call.verify.says, *call.closing.says]
    said += [sentence for mood in call.calm for sentence in mood.says]
    said += [sentence for step in (*visit.steps, *visit.doors) for sentence in step.says]
    for day in (3, 30):
        follow_up = follow_up_script(day, language)
        said += [*follow_up.opening, *follow_up.closing]
        said += [question.asks for question in follow_up.questions]
    for key in KINDS:
        said += [question.asks for question in call_script(key, language).questions]
    return said


# --- the first step: let them check you ------------------------------------------------------


@LANGUAGES
def test_the_call_begins_with_how_to_check_the_caller(language: str) -> None:
    verify = call_script("fake_police", language).verify
    said = " ".join(verify.says)
    assert "{code}" in said
    assert "{page}" in said
    assert ("别急着信我" if language == "zh" else "do not trust me yet") in said
    assert ("网格员" if language == "zh" else "grid worker") in said


@LANGUAGES
def test_the_first_step_is_the_same_for_every_kind_so_it_tells_a_wrong_listener_nothing(
    language: str,
) -> None:
    assert len({call_script(key, language).verify for key in KINDS}) == 1
    verify = call_script("romance", language).verify
    told = [word for word in KINDS["romance"].name if word in " ".join(verify.says)]
    assert told == []


@LANGUAGES
def test_the_caller_never_dictates_the_number_to_ring_back(language: str) -> None:
    """A swindler can dictate a number too; the one printed on the wall card is what counts."""
    for sentence in spoken(language):
        assert "{station_phone}" not in sentence
    assert "{station_phone}" in call_script("other", language).verify.hint


def test_the_caller_promises_not_to_ask_what_a_swindler_asks() -> None:
    promise = " ".join(call_script("other", "zh").verify.says)
    for secret in ("身份证号", "密码", "验证码", "多少钱", "点链接", "加好友", "转钱"):
        assert secret in promise


ASKING_ZH = [
    r"(告诉|报给|念给|发给)我.{0,6}(密码|验证码|身份证|卡号|余额)",
    r"(密码|验证码|身份证号|卡号|余额|存款)(是|有)?多少",
    r"请.{0,4}(点击|点开|扫码|加我|加好友|下载|转账|汇款|转到)",
]
ASKING_EN = [
    r"(tell|give|send) me (your|the) (password|code|identity|card|balance)",
    r"what is your (password|code|identity number|card number|balance)",
    r"please (click|scan|add me|download|transfer|send money)",
]


@pytest.mark.parametrize("pattern", ASKING_ZH)
def test_nothing_spoken_in_chinese_asks_for_a_secret_a_click_or_money(pattern: str) -> None:
    assert [said for said in spoken("zh") if re.search(pattern, said)] == []


@pytest.mark.parametrize("pattern", ASKING_EN)
def test_nothing_spoken_in_english_asks_for_a_secret_a_click_or_money(pattern: str) -> None:
    assert [said for said in spoken("en") if re.search(pattern, said.lower())] == []


@LANGUAGES
def test_follow_ups_and_the_door_also_begin_with_the_code(language: str) -> None:
    for day in (3, 30):
        assert "{code}" in follow_up_script(day, language).opening[0]
    at_door = next(step for step in visit_script("other", language).steps if step.key == "at_door")
    assert any("{code}" in sentence for sentence in at_door.says)


# --- calm, questions, stop payment -----------------------------------------------------------


def test_there_are_first_sentences_for_each_way_a_resident_may_sound() -> None:
    moods = [mood.key for mood in call_script("other", "zh").calm]
    assert moods == [
        "frightened",
        "disbelieves",
        "hard_of_hearing",
        "in_a_hurry",
        "suspicious",
        "ashamed",
    ]


def test_sentences_said_to_an_elder_are_short() -> None:
    for sentence in spoken("zh"):
        for breath in re.split(r"[。？！；：]", sentence):
            assert len(breath) <= 45, breath


@pytest.mark.parametrize("key", list(KINDS))
def test_an_open_line_and_moved_money_are_asked_before_all_else(key: str) -> None:
    questions = call_script(key, "zh").questions
    assert [question.key for question in questions[:2]] == ["line_open", "money_or_code"]
    assert [question.implies for question in questions[:2]] == [Stage.ISOLATED, Stage.PAID]
    own = [question.key for question in questions if question.own]
    assert own == [question.key for question in KINDS[key].questions]


@pytest.mark.parametrize("key", list(KINDS))
def test_no_two_questions_of_a_call_share_a_key(key: str) -> None:
    keys = [question.key for question in call_script(key, "zh").questions]
    assert len(keys) == len(set(keys))


@LANGUAGES
def test_the_stop_payment_list_has_its_stable_ids_minutes_and_reasons(language: str) -> None:
    items = call_script("task_rebate", language).stop_payment
    assert tuple(item.key for item in items) == STOP_PAYMENT_IDS
    assert all(1 <= item.minutes <= 60 and item.how and item.why for item in items)


def test_what_stops_the_money_takes_about_a_quarter_of_an_hour() -> None:
    first = {"stopped_contact", "rang_110", "rang_bank", "asked_stop"}
    items = call_script("other", "zh").stop_payment
    assert [item.key for item in items[:4]] == [key for key in STOP_PAYMENT_IDS if key in first]
    assert sum(item.minutes for item in items if item.key in first) <= 15


@LANGUAGES
def test_advice_lesson_and_myths_are_those_of_the_kind(language: str) -> None:
    script = call_script("screen_sharing", language)
    assert script.advice == tuple(each.of(language) for each in KINDS["screen_sharing"].advice)
    assert script.learn == KINDS["screen_sharing"].learn.of(language)
    assert script.myths[0][1] == KINDS["screen_sharing"].myths[0].truth.of(language)


def test_family_is_told_only_if_the_resident_agrees() -> None:
    said = " ".join(call_script("other", "zh").closing.says)
    assert "您不点头，我谁也不说" in said
    assert "Unless you agree" in " ".join(call_script("other", "en").closing.says)


# --- visits and follow-ups -------------------------------------------------------------------


@LANGUAGES
def test_a_visit_knows_its_three_doors(language: str) -> None:
    doors = [door.key for door in visit_script("other", language).doors]
    assert doors == ["not_home", "refuses", "talks"]


def test_the_phone_is_made_safe_from_the_open_call_outward() -> None:
    checks = [item.key for item in visit_script("other", "zh").phone_check]
    assert checks[:3] == ["left_call", "stopped_sharing", "removed_app"]


def test_what_is_said_when_nobody_is_home_names_no_police_and_no_fraud() -> None:
    not_home = visit_script("romance", "zh").doors[0]
    assert not re.search(r"警|派出所|诈骗|骗", " ".join(not_home.says))


@LANGUAGES
def test_each_follow_up_question_is_answered_by_a_tick(language: str) -> None:
    for day in (3, 30):
        for question in follow_up_script(day, language).questions:
            keys = [key for key, _ in question.options]
            assert len(keys) >= 2
            assert all(type(key) is str and re.fullmatch(r"[a-z_]+", key) for key in keys)


def test_after_a_month_the_resident_says_whether_the_warning_was_right() -> None:
    assert "was_right" in [question.key for question in follow_up_script(30, "zh").questions]


def test_there_is_no_follow_up_on_any_other_day() -> None:
    with pytest.raises(ValueError, match="第 7 天"):
        follow_up_script(7, "zh")


# --- placeholders ----------------------------------------------------------------------------


@LANGUAGES
def test_every_script_can_be_filled_and_no_brace_is_left(language: str) -> None:
    for script in everything(language):
        for string in strings(filled(script, SPEAKER)):
            assert "{" not in string
            assert "}" not in string


@LANGUAGES
def test_every_placeholder_of_every_script_is_a_known_one(language: str) -> None:
    used = {
        name
        for script in everything(language)
        for string in strings(script)
        for name in re.findall(r"\{(.*?)\}", string)
    }
    assert used == PLACEHOLDERS


def test_filling_keeps_the_stage_a_stage() -> None:
    script = filled(call_script("romance", "zh"), SPEAKER)
    assert all(isinstance(question.implies, Stage) for question in script.questions)
    assert script.stop_payment[0].minutes == 1


def test_an_unknown_placeholder_is_refused_by_name() -> None:
    with pytest.raises(ScriptError, match="victim"):
        fill("您好，{victim}", SPEAKER)


def test_a_placeholder_without_a_value_is_refused() -> None:
    with pytest.raises(ScriptError, match="code"):
        fill("口令是 {code}", {"officer": "周明"})
    with pytest.raises(ScriptError, match="code"):
        fill("口令是 {code}", SPEAKER | {"code": "  "})


@pytest.mark.parametrize("text", ["口令是 {code", "口令是 code}", "口令是 {{code}}"])
def test_a_stray_brace_is_refused(text: str) -> None:
    with pytest.raises(ScriptError):
        fill(text, SPEAKER)


def test_a_part_of_a_script_can_be_filled_alone() -> None:
    verify: Step = filled(call_script("other", "zh").verify, SPEAKER)
    assert "青山 47" in " ".join(verify.says)


# --- language --------------------------------------------------------------------------------


def test_an_english_script_is_in_english_throughout() -> None:
    for script in everything("en"):
        for string in strings(script):
            assert not re.search(r"[\u3000-\u9fff，。？！；]", string), string


def test_a_chinese_script_has_no_english_words_in_it() -> None:
    keys_and_marks = re.compile(r"\{\w+\}|^[a-z_0-9]+$|QQ|ETC|AI|[Aa]pp")
    for script in everything("zh"):
        for string in strings(script):
            assert not re.search(r"[a-zA-Z]", keys_and_marks.sub("", string)), string


def test_chinese_sentences_have_no_gap_where_two_lines_were_joined() -> None:
    for script in everything("zh"):
        for string in strings(script):
            assert not re.search(r"[\u4e00-\u9fff，。、；] [\u4e00-\u9fff]", string), string


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(KeyError, match="task_rebate"):
        call_script("no_such_kind", "zh")


@LANGUAGES
def test_without_a_station_phone_nobody_is_told_to_check_by_ringing_one(language: str) -> None:
    values = {**SPEAKER, "station_phone": ""}
    verify = filled(call_script("other", language, station_phone=False).verify, values)
    door = filled(visit_script("other", language, station_phone=False), values).steps[1]
    for step in (verify, door):
        said = " ".join([step.hint.replace("your card", ""), *step.says[1:]])
        assert not re.search("卡片|card on", said)
        assert SPEAKER["page"] in said
    with pytest.raises(ScriptError, match="station_phone"):
        filled(call_script("other", language).verify, values)
