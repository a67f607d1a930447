"""check and check_many: what a message is, why, and what to do."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fangxian.detect import Grade, check, check_many
from fangxian.detect.checking import of_words
from fangxian.detect.corpus import read_corpus
from fangxian.detect.kinds import KINDS

FRAUD = {
    "points_exchange": "【工商银行】尊敬的用户，您的账户积分已满50000分可兑换现金5%，请登录手机网"
    " http://wap.icbcs.example/a 查询兑换，逾期失效。",
    "fake_acquaintance": "妈，我手机掉水里了，这是我新号，你先给我转5000块交学费，别告诉我爸。",
    "fake_police": "您好，这里是通信管理局，您名下的手机号涉嫌发送诈骗短信，将在两小时内强制停机，"
    "如有疑问请按1转公安局。",
}
HONEST = [
    "【重庆市公安局】凡是自称公检法要求转账到“安全账户”的，都是诈骗！请勿轻信，有疑问拨打96110。",
    "今晚一起去吃火锅不？六点半老地方，我订了位置。",
    "【中国移动】您本月话费账单为58.00元，余额102.30元，详询10086。",
    "各位家长，明天上午九点开家长会，请准时到校。",
]


@pytest.mark.parametrize(("kind", "text"), FRAUD.items())
def test_a_fraud_is_flagged_with_its_kind_and_what_to_do(kind: str, text: str) -> None:
    verdict = check(text)
    assert verdict.flagged
    assert verdict.grade in (Grade.RISK, Grade.DANGER)
    assert verdict.kind == kind
    assert verdict.advice == KINDS[kind].advice


@pytest.mark.parametrize("text", HONEST)
def test_an_honest_text_is_not_flagged_even_where_it_quotes_a_fraud(text: str) -> None:
    verdict = check(text)
    assert not verdict.flagged
    assert verdict.grade is Grade.CLEAR
    assert verdict.kind == ""


def test_reasons_point_at_the_words_and_say_them_in_both_languages() -> None:
    text = FRAUD["fake_acquaintance"]
    reasons = {r.key: r for r in check(text).reasons}
    changed = reasons["changed_number"]
    assert text[changed.start : changed.end] == "手机掉水里"
    assert changed.weight > 0
    secret = reasons["asks_secret"]
    assert "别告诉我爸" in text[secret.start : secret.end]
    assert all(r.says.zh and r.says.en for r in reasons.values())


def test_what_calms_counts_against_fraud() -> None:
    reasons = check(HONEST[0]).reasons
    assert any(r.key == "warns" and r.weight < 0 for r in reasons)


def test_the_converters_artefact_is_undone_and_its_span_is_in_the_original() -> None:
    text = "網(wǎng)絡(luò)兼職(zhí)，每天zhuan 300，加薇❤ abc123，日结"
    reasons = {r.key: r for r in check(text).reasons}
    add = reasons["asks_add"]
    assert text[add.start : add.end].startswith("加薇")
    assert any(key.startswith("disguise_") for key in reasons)


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\u200b\u200b", "，。！"])
def test_nothing_to_judge_says_so(text: str) -> None:
    verdict = check(text)
    assert verdict.grade is Grade.CLEAR
    assert not verdict.flagged
    assert verdict.reasons == ()


@pytest.mark.parametrize("wrong", [None, 5, b"abc", ["a"]])
def test_what_is_no_text_is_refused(wrong: object) -> None:
    with pytest.raises(TypeError, match="looks at a text"):
        check(wrong)  # type: ignore[arg-type]


def test_many_at_once_are_judged_as_one_by_one() -> None:
    texts = [e.text for e in read_corpus()[::40]]
    many = check_many(texts)
    one = [of_words(text) for text in texts]
    assert np.allclose(many.probability, [v.probability for v in one], atol=1e-6)
    assert many.flagged.tolist() == [v.flagged for v in one]
    assert many.grade.tolist() == [v.grade.value for v in one]
    # Only a link that is plainly wrong makes more of a text.
    more = [check(text).probability - v.probability for text, v in zip(texts, one, strict=True)]
    assert min(more) >= 0
    assert 0 < sum(extra > 0 for extra in more) < len(texts) / 20


def test_arrow_is_taken_and_a_null_is_an_empty_text() -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    found = check_many(pa.array([FRAUD["fake_police"], None, HONEST[1]]))
    assert found.flagged.tolist() == [True, False, False]


ARROWS = {
    "string": lambda pa, texts: pa.array(texts),
    "large": lambda pa, texts: pa.array(texts, pa.large_string()),
    "part of one": lambda pa, texts: pa.array(["x", *texts, "y"]).slice(1, len(texts)),
    "chunks": lambda pa, texts: pa.chunked_array([texts[:5], [], texts[5:]], pa.string()),
    "dictionary": lambda pa, texts: pa.array(texts).dictionary_encode(),
}


@pytest.mark.parametrize("made", ARROWS.values(), ids=ARROWS.keys())
def test_arrow_is_read_as_the_texts_in_it(made: Callable[[Any, list[str]], Any]) -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    texts = [*FRAUD.values(), *HONEST, "", "加薇❤\U0001f697", "\U0010ffff\0", "é", "好" * 25_000]
    texts = texts * 20
    assert np.array_equal(check_many(made(pa, texts)).probability, check_many(texts).probability)


@pytest.mark.parametrize(
    "wrong",
    [
        b"\xff\xfe",
        b"\xe4\xbd",
        b"\xf4\xbf\xbf\xbf",
        b"abc\xc3",
        b"\xc0\x80",
        b"\xe4a\xbd",
        b"\xed\xa0\x80",
    ],
)
def test_arrow_that_is_no_utf8_is_refused(wrong: bytes) -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    texts = pa.array(["转账".encode()] * 300 + [wrong], pa.binary()).view(pa.string())
    with pytest.raises(ValueError, match="utf-8"):
        check_many(texts)


def test_arrow_of_something_else_is_refused() -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    for wrong in (pa.array([5] * 300), pa.array([["转账"]] * 300), pa.array([b"a"] * 300)):
        with pytest.raises(TypeError):
            check_many(wrong)


@settings(max_examples=200)
@given(st.text(max_size=200))
def test_any_text_has_a_verdict_whose_reasons_stand_in_it(text: str) -> None:
    verdict = check(text)
    assert 0 <= verdict.probability <= 1
    for reason in verdict.reasons:
        assert 0 <= reason.start <= reason.end <= len(text)
    assert verdict.advice


@pytest.mark.parametrize(
    "text",
    ["转" * 1_000_000, "a\u0301" * 10_000, "\ud800" * 100, "网(wang)" * 50_000, "\0" * 1000],
    ids=["a million characters", "marks", "lone surrogates", "pinyin", "NUL"],
)
def test_monstrous_texts_are_judged(text: str) -> None:
    verdict = check(text)
    assert 0 <= verdict.probability <= 1
    assert all(r.end <= len(text) for r in verdict.reasons)


def test_a_fraud_behind_a_long_padding_is_still_seen() -> None:
    text = "好" * 30_000 + "\n" + FRAUD["fake_police"]
    padded, whole = check(text), check("好" * 9_000 + "\n" + FRAUD["fake_police"])
    assert padded.probability == pytest.approx(whole.probability, abs=0.2)


@pytest.mark.parametrize("where", ["{pad}{text}", "{text}{pad}"])
def test_reasons_point_at_their_words_at_both_ends_of_a_long_text(where: str) -> None:
    text = where.format(pad="。" * 30_000, text=FRAUD["fake_acquaintance"])
    both = ("手机掉水里", "这是我新号")  # the cue stands in two places; the heavier is told
    for reasons in (check(text).reasons, check(turns=["你好", text]).reasons):
        (changed,) = [reason for reason in reasons if reason.key == "changed_number"]
        assert text[changed.start : changed.end] in both


def test_the_kinds_can_be_had_without_the_model() -> None:
    """Pages list kinds and must not pay for reading texts."""
    code = (
        "import sys, fangxian.detect.kinds as k; k.kind_name('fake_police');"
        "assert not any(m in sys.modules for m in ('numpy', 'numba', 'fangxian.detect.checking'))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
