"""The book of kinds: whole, plain, in two languages, and loadable without Django."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from fangxian.detect.kinds import (
    KINDS,
    OTHER,
    Kind,
    Moment,
    Stage,
    Words,
    kind,
    kind_choices,
    kind_name,
)

EVERY_KIND = pytest.mark.parametrize("fraud", KINDS.values(), ids=list(KINDS))


def sayings(fraud: Kind) -> Iterator[Words]:
    """Everything a kind says to a resident or an officer."""
    yield from (fraud.name, fraud.summary, fraud.learn)
    yield from fraud.moments.values()
    for several in (fraud.red_flags, fraud.targets, fraud.channels, fraud.advice, fraud.evidence):
        yield from several
    for question in fraud.questions:
        yield from (question.asks, question.why)
    for myth in fraud.myths:
        yield from (myth.belief, myth.truth)


def test_the_book_holds_the_twenty_kinds_of_the_ministry_and_other_last() -> None:
    assert len(KINDS) == 21
    assert list(KINDS)[-1] == OTHER
    assert kind("task_rebate").name.zh == "刷单返利"
    assert kind("fake_police").name.zh == "冒充公检法及政府机关"


@EVERY_KIND
def test_every_kind_tells_its_whole_story(fraud: Kind) -> None:
    assert list(fraud.moments) == list(Moment)
    assert 4 <= len(fraud.red_flags) <= 7
    assert 3 <= len(fraud.advice) <= 6
    assert 4 <= len(fraud.questions) <= 7
    assert fraud.targets
    assert fraud.channels
    assert len(fraud.evidence) >= 3
    assert len(fraud.myths) >= 2


@EVERY_KIND
def test_the_questions_of_a_kind_can_find_each_of_the_four_stages(fraud: Kind) -> None:
    assert {question.implies for question in fraud.questions} == {
        Stage.CONTACTED,
        Stage.TRUSTING,
        Stage.ISOLATED,
        Stage.PAID,
    }


@EVERY_KIND
def test_questions_go_from_shallow_to_deep_and_their_keys_are_unique(fraud: Kind) -> None:
    depths = [list(Stage).index(question.implies) for question in fraud.questions]
    assert depths == sorted(depths)
    assert len({question.key for question in fraud.questions}) == len(fraud.questions)


@EVERY_KIND
def test_a_question_is_asked_as_a_question(fraud: Kind) -> None:
    for question in fraud.questions:
        assert question.asks.zh.endswith("？") or "？" in question.asks.zh
        assert "?" in question.asks.en


@EVERY_KIND
def test_chinese_is_chinese_and_english_is_english(fraud: Kind) -> None:
    latin_words_people_say = re.compile(r"QQ|ETC|AI|[Aa]pp")
    for saying in sayings(fraud):
        assert not re.search(r"[a-zA-Z]", latin_words_people_say.sub("", saying.zh)), saying.zh
        assert not re.search(r"[\u3000-\u9fff，。？！：；]", saying.en), saying.en


@EVERY_KIND
def test_every_sentence_read_aloud_can_be_said_in_one_breath(fraud: Kind) -> None:
    aloud = [fraud.learn, *fraud.advice, *(question.asks for question in fraud.questions)]
    aloud += [myth.truth for myth in fraud.myths]
    for saying in aloud:
        for sentence in re.split(r"[。？！；]", saying.zh):
            assert len(sentence) <= 45, sentence


@EVERY_KIND
def test_the_lesson_is_one_sentence(fraud: Kind) -> None:
    assert fraud.learn.zh.count("。") == 1
    assert fraud.learn.zh.endswith("。")


@EVERY_KIND
def test_nothing_said_is_said_twice(fraud: Kind) -> None:
    said = [saying.zh for saying in sayings(fraud)]
    assert len(said) == len(set(said))


@EVERY_KIND
def test_no_question_asks_for_a_secret_itself(fraud: Kind) -> None:
    """Whether a code was given may be asked; what it was, never."""
    for question in fraud.questions:
        assert not re.search(
            r"(密码|验证码|身份证号|余额).{0,4}(是多少|多少|报给我|告诉我)", question.asks.zh
        )


def test_the_three_moments_of_payment_are_one_stage_for_the_officer() -> None:
    assert Stage.PAID.moments == (
        Moment.FIRST_PAYMENT,
        Moment.LARGER_PAYMENTS,
        Moment.WITHDRAW_FEE,
    )
    assert Stage.ISOLATED.moments == (Moment.ISOLATE,)
    assert Stage.NONE.moments == ()
    assert len(kind("romance").at(Stage.PAID)) == 3


def test_every_moment_belongs_to_exactly_one_stage() -> None:
    assert [moment for stage in Stage for moment in stage.moments] == list(Moment)


def test_the_stage_written_down_is_the_deepest_one_found() -> None:
    assert Stage.deepest([Stage.TRUSTING, Stage.PAID, Stage.CONTACTED]) is Stage.PAID
    assert Stage.deepest([Stage.NONE, Stage.CONTACTED]) is Stage.CONTACTED


def test_with_no_answer_the_stage_is_not_known() -> None:
    assert Stage.deepest([]) is Stage.UNKNOWN


def test_an_unknown_kind_is_answered_with_the_known_ones() -> None:
    with pytest.raises(KeyError, match="task_rebate"):
        kind("no_such_kind")
    with pytest.raises(KeyError, match="task_rebate"):
        kind_name("no_such_kind")


def test_choices_for_a_form_are_in_the_language_of_the_page() -> None:
    assert kind_choices("zh-hans")[0] == ("task_rebate", "刷单返利")
    assert kind_choices("en")[0] == ("task_rebate", "Task-and-rebate fraud")
    assert len(kind_choices("en")) == len(KINDS)


def test_the_book_is_read_without_django() -> None:
    program = (
        "import sys\n"
        "from fangxian.detect.kinds import KINDS\n"
        "from fangxian.warn.messages import render\n"
        "from fangxian.warn.script import call_script\n"
        "call_script('romance', 'zh'); render('warned', 'romance', 'en'); len(KINDS)\n"
        "assert not any(name.split('.')[0] == 'django' for name in sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
