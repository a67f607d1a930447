"""`check` with a number, a link, the turns of a call, a picture, and several that belong together."""

from __future__ import annotations

import io
from typing import Any

import pytest

from fangxian.detect import Grade, Verdict, check

POLICE = [
    "喂，我是市公安局的，你名下有张银行卡涉嫌洗钱。",
    ("callee", "啊？我没有啊。"),
    "这个案子要保密，不要告诉任何人，马上把钱转到安全账户。",
]
IMITATES = "【中国移动】您的积分余额已更新，详情登录 http://10086.cn-jf.top 查询"
HARMLESS = "妈，我今晚不回来吃饭了，你们先吃。"


def parts(verdict: Verdict) -> set[str]:
    return {reason.part for reason in verdict.reasons}


def test_a_dressed_police_number_is_flagged_and_says_why() -> None:
    verdict = check(number="00110")
    assert verdict.flagged
    assert verdict.grade in (Grade.RISK, Grade.DANGER)
    assert [reason.key for reason in verdict.reasons] == ["number_dressed_code"]
    assert parts(verdict) == {"number"}
    assert verdict.advice


def test_a_number_of_which_nothing_is_known_is_not_called_clear() -> None:
    verdict = check(number="12000001234")
    assert verdict.grade is Grade.UNSURE
    assert not verdict.flagged
    assert not verdict.nothing


def test_the_owner_of_a_link_speaks_for_it() -> None:
    verdict = check(url="https://www.10086.cn/bill")
    assert verdict.grade is Grade.CLEAR
    assert verdict.probability < 0.1
    assert parts(verdict) == {"url"}


def test_a_program_at_a_bare_address_is_danger() -> None:
    verdict = check(url="http://192.0.2.4/a.apk")
    assert verdict.grade is Grade.DANGER
    assert {"link_ip", "link_package"} <= {reason.key for reason in verdict.reasons}


@pytest.mark.parametrize("what", [{"number": "abc"}, {"url": "!!"}, {"number": "", "url": ""}, {}])
def test_what_is_neither_number_nor_link_is_nothing_to_judge(what: dict[str, str]) -> None:
    verdict = check(**what)  # type: ignore[arg-type]
    assert verdict.nothing
    assert not verdict.flagged


def test_a_call_is_judged_by_all_its_turns() -> None:
    verdict = check(turns=POLICE)  # type: ignore[arg-type]
    assert verdict.flagged
    assert verdict.kind == "fake_police"
    assert parts(verdict) == {"turns"}


def test_what_belongs_together_adds_up() -> None:
    alone, with_number = check(HARMLESS), check(HARMLESS, number="+110")
    assert with_number.probability > alone.probability
    both = check(turns=POLICE, number="00110")  # type: ignore[arg-type]
    assert both.flagged
    assert parts(both) == {"turns", "number"}
    assert both.kind == "fake_police"


def test_an_official_number_takes_nothing_away_from_a_fraud() -> None:
    text = "你名下银行卡涉嫌洗钱，立即把资金转入安全账户，不得告诉家人"
    assert check(text, number="96110").probability == pytest.approx(check(text).probability)
    assert check(text, url="https://www.10086.cn").probability == pytest.approx(
        check(text).probability
    )
    for reason in check(text, number="96110").reasons:
        assert reason.weight >= 0


def test_the_worst_of_several_words_counts() -> None:
    assert check(HARMLESS, turns=POLICE).kind == "fake_police"  # type: ignore[arg-type]


def test_a_link_in_a_text_that_imitates_another_counts_where_it_stands() -> None:
    verdict = check(IMITATES)
    (like,) = [reason for reason in verdict.reasons if reason.key == "link_lookalike"]
    assert IMITATES[like.start : like.end] == "http://10086.cn-jf.top"
    assert like.part == "text"
    own = check(IMITATES.replace("10086.cn-jf.top", "10086.cn"))
    assert verdict.probability > own.probability
    assert not [reason for reason in own.reasons if reason.key.startswith("link_l")]


def test_a_picture_is_read_and_its_words_are_judged() -> None:
    for needed in ("rapidocr", "onnxruntime", "zxingcpp"):
        pytest.importorskip(needed, reason="reading pictures needs: fangxian[pictures]")
    segno = pytest.importorskip("segno")
    file = io.BytesIO()
    segno.make("http://192.0.2.4/a.apk").save(file, kind="png", scale=8, border=6)
    verdict = check(image=file.getvalue())
    assert verdict.grade is Grade.DANGER
    assert verdict.picture is not None
    assert verdict.picture.codes[0].content == "http://192.0.2.4/a.apk"
    assert parts(verdict) == {"image"}
    assert check(HARMLESS, image=file.getvalue()).flagged


@pytest.mark.parametrize("what", ["number", "url"])
def test_wrong_types_are_refused(what: str) -> None:
    wrong: Any = {what: 5}
    with pytest.raises(TypeError):
        check(**wrong)


@pytest.mark.parametrize("where", ["{pad}{text}", "{text}{pad}"])
def test_a_wrong_link_is_seen_at_both_ends_of_a_long_text(where: str) -> None:
    text = where.format(pad=HARMLESS * 2_000, text=f" {IMITATES} ")
    found = [reason for reason in check(text).reasons if reason.key == "link_lookalike"]
    assert [text[reason.start : reason.end] for reason in found] == ["http://10086.cn-jf.top"]
