"""Writing messages in disguise: what each way does, and what disguise costs the detector."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangxian.detect.corpus import read_corpus
from fangxian.detect.model import load_model
from fangxian.detect.tokens import batch, grams, read_one
from fangxian.detect.training.disguise_loss import disguised_loss
from fangxian.detect.training.disguising import MEASURED, TRAINING, WAYS, disguise, pick
from fangxian.detect.training.sources import own_texts
from fangxian.detect.undo import said, undo

MESSAGE = (
    "您的银行账户涉嫌洗钱，请点击登录，加我微信 abc，转账50000元到安全账户，验证码发我，电话12000000001。"
    "Your account won a prize"
)
HELD = [row for row in own_texts() if row.source == "held"]


@pytest.mark.parametrize("way", WAYS)
def test_every_way_changes_the_message_and_says_so(way: str) -> None:
    made = disguise(MESSAGE, Random(3), [way])
    assert made.ways == (way,)
    assert made.text != MESSAGE


@pytest.mark.parametrize("way", ["unseen", "wide", "converter", "traditional", "struck"])
def test_what_a_way_of_characters_did_is_wholly_undone(way: str) -> None:
    for seed in range(5):
        made = disguise(MESSAGE, Random(seed), [way])
        assert read_one(made.text).ids.tolist() == read_one(MESSAGE).ids.tolist()


def test_the_same_seed_gives_the_same_disguise() -> None:
    assert disguise(MESSAGE, Random(5)) == disguise(MESSAGE, Random(5))


def test_a_message_with_nothing_to_hide_stays_as_it_is() -> None:
    made = disguise("。", Random(0), list(WAYS))
    assert (made.text, made.ways) == ("。", ())


def test_an_unknown_way_is_refused() -> None:
    with pytest.raises(KeyError):
        disguise(MESSAGE, Random(0), ["whispering"])


def test_ways_for_measuring_are_never_picked_for_training() -> None:
    picked = {way for seed in range(300) for way in pick(Random(seed))}
    assert picked == set(TRAINING)
    assert len(MEASURED) >= 5
    assert not picked & set(MEASURED)


@given(st.text(max_size=80), st.integers(0, 1000))
def test_any_text_can_be_disguised_and_undone(text: str, seed: int) -> None:
    rng = Random(seed)
    made = disguise(text, rng, pick(rng, tuple(WAYS)))
    done = undo(made.text)
    assert said(made.text) == done.text
    assert undo(done.text).text == done.text


def test_disguised_messages_read_the_same_on_the_fast_path_and_one_by_one() -> None:
    pytest.importorskip("fangxian.detect.tokens.kernel", reason="numba is not installed")
    texts = []
    for i, example in enumerate(read_corpus()[::9]):
        rng = Random(i)
        texts.append(disguise(example.text, rng, pick(rng, tuple(WAYS))).text)
    model = load_model()
    fast = model.log_odds(grams(batch(texts)))
    slow = model.log_odds(grams(batch([said(text) for text in texts])))
    assert fast.tolist() == slow.tolist()


def test_disguise_costs_little_and_makes_no_honest_message_a_fraud() -> None:
    """The aim: at most 0.02 of recall and one point of false alarms (all ways, authors held back).
    Half as much again for chance: 240 frauds."""
    losses = {loss.way: loss for loss in disguised_loss(load_model(), HELD, (0,))}
    for mix in ("any", "may train"):
        before, after = losses[mix].recall
        assert before - after <= 0.03
    for loss in losses.values():
        before, after = loss.alarms
        assert not after - before > 0.01
