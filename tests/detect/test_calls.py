"""A call, turn by turn: early verdicts, verdicts that calm down, reasons with their turn."""

from __future__ import annotations

import dataclasses
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fangxian.detect.calls import Call, check_turns
from fangxian.detect.calls.ears import FADES, Said, load_ears, write_ears
from fangxian.detect.calls.hearing import KEPT
from fangxian.detect.kinds import KINDS
from fangxian.detect.model import load_model
from fangxian.detect.training import call_rates, calls, sources
from fangxian.detect.training.calls import Dialogue
from fangxian.detect.verdict import Grade

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
POLICE = [
    ("caller", "您好，我是市公安局的，您名下的银行卡涉嫌洗钱，案件正在侦办。"),
    ("callee", "啊？我没有啊，怎么会这样？"),
    ("caller", "请您保密，不要告诉家人，把资金转到安全账户配合核查。"),
]
COURIER = [
    ("caller", "喂，您好，您有个快递，我在您小区门口。"),
    ("callee", "我在上班，帮我放驿站吧。"),
    ("caller", "行，给您放菜鸟驿站了，取件码发您手机上，记得来拿。"),
]


def test_a_fraud_is_flagged_within_two_turns_of_the_caller_with_its_kind() -> None:
    verdict = check_turns(POLICE)[-1]
    assert verdict.flagged
    assert verdict.grade in (Grade.RISK, Grade.DANGER)
    assert verdict.kind == "fake_police"
    assert verdict.advice == KINDS["fake_police"].advice


def test_a_fraud_is_flagged_where_only_the_caller_is_heard() -> None:
    assert check_turns([text for who, text in POLICE if who == "caller"])[-1].flagged


def test_a_courier_is_never_flagged() -> None:
    assert not any(verdict.flagged for verdict in check_turns(COURIER))


def test_what_turns_out_harmless_is_lowered_again() -> None:
    call = Call()
    before = call.heard("您好，您的包裹有问题，要给您理赔退款，麻烦您加一下我的微信。")
    after = [call.heard(text, who) for who, text in COURIER * 2][-1]
    assert before.grade is not Grade.CLEAR
    assert after.probability < before.probability
    assert after.grade is Grade.CLEAR


def test_an_alarm_is_taken_back_only_below_doubt() -> None:
    ears = load_ears()
    between = (ears.doubt + ears.threshold) / 2
    assert ears.alarmed(ears.threshold, before=False)
    assert ears.alarmed(between, before=True)
    assert not ears.alarmed(between, before=False)
    assert not ears.alarmed(ears.doubt - 0.01, before=True)


def test_a_polite_goodbye_does_not_take_an_alarm_back() -> None:
    verdicts = check_turns([*POLICE, ("callee", "好的，我知道了。"), ("caller", "好，再见。")])
    assert verdicts[2].flagged
    assert verdicts[-1].flagged


def test_reasons_stand_in_the_turn_they_name() -> None:
    reasons = check_turns(POLICE)[-1].reasons
    assert {reason.turn for reason in reasons} >= {0, 2}
    for reason in reasons:
        assert 0 <= reason.start <= reason.end <= len(POLICE[reason.turn][1])
        assert reason.says.zh
        assert reason.says.en
    secret = next(reason for reason in reasons if reason.key == "asks_secret")
    assert secret.turn == 2
    assert POLICE[2][1][secret.start : secret.end] in POLICE[2][1]


def test_the_verdict_after_a_turn_does_not_know_the_next() -> None:
    whole = check_turns(POLICE)
    for heard in range(1, len(POLICE) + 1):
        assert check_turns(POLICE[:heard])[-1] == whole[heard - 1]
        assert whole[heard - 1].turn == heard - 1
    first = Call()
    early = first.heard(POLICE[0][1])
    first.heard(POLICE[2][1])
    assert all(reason.turn == 0 for reason in early.reasons)


def test_a_callees_words_are_not_judged_as_a_callers() -> None:
    asks = "请您把资金转到安全账户，不要告诉家人。"
    assert Call().heard(asks).probability > Call().heard(asks, "callee").probability


@pytest.mark.parametrize("silence", ["", "   ", "……", "\u200b"])
def test_a_turn_without_a_word_changes_nothing(silence: str) -> None:
    call = Call()
    assert call.heard(silence).nothing
    said = call.heard(POLICE[0][1])
    assert call.heard(silence, "callee").probability == said.probability
    assert not said.nothing


def test_turns_may_be_texts_or_pairs() -> None:
    alone = [text for _, text in POLICE]
    assert check_turns(alone) == check_turns([("caller", text) for text in alone])
    assert check_turns([]) == []


@pytest.mark.parametrize("wrong", [None, 5, b"abc", ["a"]])
def test_what_is_no_text_is_refused(wrong: object) -> None:
    with pytest.raises(TypeError, match="a turn as a text"):
        Call().heard(wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("turns", ["喂", [None], [("caller",)], [3]])
def test_what_are_no_turns_is_refused(turns: object) -> None:
    with pytest.raises(TypeError, match="turn"):
        check_turns(turns)  # type: ignore[arg-type]


def test_a_third_side_is_refused() -> None:
    with pytest.raises(ValueError, match="got 'bank'"):
        Call().heard("喂", "bank")  # type: ignore[arg-type]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["caller", "callee"]), st.text(max_size=60)), max_size=8))
def test_any_turns_have_verdicts_whose_reasons_stand_in_them(
    turns: list[tuple[calls.Who, str]],
) -> None:
    for number, verdict in enumerate(check_turns(turns)):
        assert verdict.turn == number
        assert 0 <= verdict.probability <= 1
        assert verdict.advice
        for reason in verdict.reasons:
            assert reason.turn <= number
            assert 0 <= reason.start <= reason.end <= len(turns[reason.turn][1])


@pytest.mark.parametrize(
    "turn",
    ["转" * 1_000_000, "\ud800" * 100, "网(wang)" * 50_000, "\0" * 1000],
    ids=["a million characters", "lone surrogates", "pinyin", "NUL"],
)
def test_monstrous_turns_are_judged(turn: str) -> None:
    verdict = Call().heard(turn)
    assert 0 <= verdict.probability <= 1
    assert all(reason.end <= len(turn) for reason in verdict.reasons)


def test_a_call_that_never_ends_takes_no_more_room() -> None:
    call = Call()
    tracemalloc.start()
    for _ in range(KEPT + 5):
        call.heard("转账" * 500)
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(200):
        call.heard("转账" * 500)
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 100_000


@given(st.lists(st.tuples(st.floats(-9, 9), st.integers(1, 50)), max_size=10))
def test_what_was_said_fades_with_every_turn(turns: list[tuple[float, int]]) -> None:
    said = Said()
    for weights, count in turns:
        said = said.then(weights, count)
    ages = range(len(turns) - 1, -1, -1)
    assert said.count == pytest.approx(
        sum(n * FADES**a for (_, n), a in zip(turns, ages, strict=True))
    )
    assert said.weights == pytest.approx(
        sum(w * FADES**a for (w, _), a in zip(turns, ages, strict=True))
    )


def test_training_counts_as_a_call_is_heard() -> None:
    own = calls.own_calls()[::60]
    found = calls.odds_after_turns(own, load_model(), load_ears())
    for one, odds in zip(own, found, strict=True):
        heard = [verdict.probability for verdict in check_turns(one.turns)]
        assert heard == pytest.approx([load_ears().probability(o) for o in odds], abs=1e-6)


def test_authors_held_back_never_make_ears() -> None:
    with pytest.raises(sources.MayNotTrain):
        calls.learn_ears(calls.own_calls(held=True)[:3])


def test_the_same_ears_give_the_same_bytes(tmp_path: Path) -> None:
    few = calls.own_calls()[::20]
    for name in ("a", "b"):
        write_ears(calls.learn_ears(few), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_the_rates_of_calls_counted_by_hand() -> None:
    def dialogue(fraud: bool) -> Dialogue:
        turns = (("caller", "一"), ("callee", "二"), ("caller", "三"))
        return Dialogue(turns, fraud, "", "")  # type: ignore[arg-type]

    some = [dialogue(True), dialogue(True), dialogue(False), dialogue(False)]
    odds = [np.array(o, float) for o in ([0, 0, 2], [2, 2, 0], [0, 2, 0], [0, 0, 0])]
    ears = dataclasses.replace(load_ears(), threshold=1.0, doubt=0.5)
    found = call_rates.rates("x", some, odds, ears)
    assert found.calls == (2, 2)
    assert (found.ever_honest, found.ever_fraud) == (0.5, 1.0)
    assert (found.lowered_honest, found.lowered_fraud) == (1.0, 0.5)
    assert found.first == 1.5
    # After one turn of the caller and its answer: 0, 2 against 2, 0; then 2, 0 against 0, 0.
    assert found.at_one == (0.0, 0.5, 0.5, 0.5)


def test_on_calls_of_authors_held_back_the_ears_keep_their_promises() -> None:
    """The least that may land; the figures stand in docs."""
    held = calls.own_calls(held=True)
    odds = calls.odds_after_turns(held, load_model(), load_ears())
    found = call_rates.rates("held", held, odds, load_ears())
    assert found.ever_honest <= 0.04
    assert found.ever_fraud >= 0.6


def test_public_dialogues_are_read_turn_by_turn() -> None:
    some = call_rates.public_dialogues(DATA)
    if not some:
        pytest.skip("the public dialogues are not in ../shared/data")
    assert len(some) > 9000
    assert some[0].turns[0][0] == "caller"
    assert all(text.strip() for one in some[:100] for _, text in one.turns)
