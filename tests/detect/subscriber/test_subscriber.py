"""A score with its reasons, the same for the same seed, and never a decision."""

from __future__ import annotations

import builtins
import lzma
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fangxian.detect.subscriber import (
    NO_DECISION,
    Evaluation,
    ExtraMissing,
    Model,
    Subscribers,
    TableError,
    aspects,
    columns,
    evaluate,
    read_table,
    score,
    train,
)
from fangxian.detect.subscriber.evaluation import macro_f1
from fangxian.detect.subscriber.features import GROUPS, features

SICHUAN = Path(__file__).parents[3].parent / "shared" / "data" / "sichuan_cdr.csv.xz"
KEYS = [column.key for column in columns()]
FAST = ("logistic", "distances")


def made_up(rows: int, seed: int = 0) -> Subscribers:
    """Subscribers by chance; one in three calls many numbers once and changes handsets."""
    rng = np.random.default_rng(seed)
    is_fraud = rng.random(rows) < 1 / 3
    values = rng.gamma(2, 20, (rows, len(KEYS)))
    for at, column in enumerate(columns()):
        if np.isfinite(column.most):
            values[:, at] = column.least + rng.random(rows) * (column.most - column.least)
    at = KEYS.index
    values[is_fraud, at("opposite_unique")] *= 4
    values[is_fraud, at("phone2opposite_mean")] = 1 + rng.random(int(is_fraud.sum()))
    values[is_fraud, at("imeis")] *= 3
    values[rng.random(values.shape) < 0.05] = np.nan
    return Subscribers(values, is_fraud)


@pytest.fixture(scope="module")
def model() -> Model:
    pytest.importorskip("sklearn", reason="scikit-learn (fangxian[subscriber]) is not installed")
    return train(made_up(500), learners=FAST)


def test_frauds_are_told_from_others_they_have_not_seen(model: Model) -> None:
    table = made_up(300, seed=1)
    called = np.array([s.likely for s in score(model, table)])
    assert table.is_fraud is not None
    assert macro_f1(table.is_fraud, called) > 0.85


def test_a_score_says_why_beside_others_in_both_languages(model: Model) -> None:
    values = made_up(300, seed=1).rows(np.arange(1)).values
    values[0] = np.nanmedian(model.ordinary, axis=0)
    values[0, KEYS.index("imeis")] = 400
    values[0, KEYS.index("phone2opposite_mean")] = 1
    (given,) = score(model, Subscribers(values))
    assert given.probability > 0.5
    said = {reason.key: reason for reason in given.reasons}
    assert set(said) <= set(aspects())
    assert said["devices"].weight > 0
    assert said["devices"].says.zh.startswith(
        "用过多少部手机：手机串号数 400，高于 99.9% 的未涉诈用户（中位数 "
    )
    assert said["devices"].says.en.startswith(
        "how many handsets: handsets (IMEI) 400, above 99.9% of subscribers not involved in fraud"
    )
    assert "每个号码平均通话次数 1，低于" in said["contacts"].says.zh
    weights = [abs(reason.weight) for reason in given.reasons]
    assert weights == sorted(weights, reverse=True)
    assert score(model, Subscribers(values), most_reasons=1)[0].reasons == given.reasons[:1]


def test_no_reason_is_made_of_a_day_or_an_hour(model: Model) -> None:
    table = made_up(60, seed=3)
    said = [r.says.zh for s in score(model, table, most_reasons=10) for r in s.reasons]
    assert any("集中在哪些时候" in words for words in said)
    assert not any("最多的日子" in words or "最多的钟点" in words for words in said)


def test_every_score_carries_that_it_is_no_decision(model: Model) -> None:
    assert {s.notice for s in score(model, made_up(3))} == {NO_DECISION}
    assert "不是对任何人的认定" in NO_DECISION.zh
    assert "申诉" in NO_DECISION.zh
    assert "appeal" in NO_DECISION.en


def test_a_row_with_nothing_in_it_has_a_score_and_says_that_nothing_is_there(model: Model) -> None:
    (given,) = score(model, Subscribers(np.full((1, len(KEYS)), np.nan)), most_reasons=10)
    assert 0 <= given.probability <= 1
    assert all("没有" in reason.says.zh for reason in given.reasons)
    assert score(model, Subscribers(np.empty((0, len(KEYS))))) == []


@settings(max_examples=20, deadline=None)
@given(arrays(np.float64, (2, 55), elements=st.floats(-1e15, 1e15) | st.just(np.nan)))
def test_any_row_has_a_score(model: Model, values: Any) -> None:
    assert all(0 <= s.probability <= 1 for s in score(model, Subscribers(values)))


@pytest.mark.slow
def test_training_twice_with_one_seed_gives_the_same_predictions() -> None:
    pytest.importorskip("sklearn", reason="scikit-learn (fangxian[subscriber]) is not installed")
    # Few rows: all parts of the model are trained three times.
    table, other = made_up(260), made_up(200, seed=5)
    one, two = train(table, 7), train(table, 7)
    assert np.array_equal(one.log_odds(other.values), two.log_odds(other.values))
    kept = pickle.loads(pickle.dumps(one))  # noqa: S301
    assert np.array_equal(one.log_odds(other.values), kept.log_odds(other.values))
    assert not np.array_equal(one.log_odds(other.values), train(table, 8).log_odds(other.values))


def test_a_score_does_not_hang_on_the_rows_beside_it(model: Model) -> None:
    table = made_up(300, seed=2)
    alone = [score(model, table.rows(np.array([at])))[0].probability for at in (0, 255, 256, 299)]
    scores = score(model, table)
    together = [scores[at].probability for at in (0, 255, 256, 299)]
    assert alone == pytest.approx(together, abs=1e-9)


def test_evaluation_learns_on_the_rest_only() -> None:
    pytest.importorskip("sklearn", reason="scikit-learn (fangxian[subscriber]) is not installed")
    table = made_up(400)
    sizes = []

    def learn(given: Subscribers, seed: int) -> Model:
        sizes.append(len(given))
        return train(given, seed, learners=("logistic",))

    found = evaluate(table, repeats=2, count=4, learn=learn)
    assert sizes == [300] * 8
    assert len(found.macro_f1) == 8
    assert found.right_frauds + found.missed + found.false_alarms + found.right_others == 400
    low, high = found.interval
    assert low < found.mean < high
    # Labels drawn by lot cannot be learned: what is seen of them is chance.
    rng = np.random.default_rng(1)
    lot = Subscribers(table.values, rng.random(400) < 0.5)
    assert evaluate(lot, repeats=1, count=4, learn=learn).mean < 0.6


def test_few_frauds_among_many_make_most_alarms_false() -> None:
    found = Evaluation((0.9,) * 25, 80, 20, 2, 98, 0.2)
    assert (found.recall, found.false_alarms_in_1000) == (0.8, 20)
    assert found.precision_where(0.5) == pytest.approx(0.8 / 0.82)
    assert found.precision_where(0.001) == pytest.approx(0.0385, abs=0.0005)


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (Subscribers(np.ones((200, 55))), "训练需要“label”列"),
        (
            Subscribers(np.ones((200, 55)), np.arange(200) < 20),
            "各应不少于 50 行，实际 20 行和 180 行",
        ),
        (Subscribers(np.ones((200, 9)), np.arange(200) < 100), "应有 55 列"),
    ],
)
def test_what_cannot_be_learned_from_is_refused(table: Subscribers, says: str) -> None:
    pytest.importorskip("sklearn", reason="scikit-learn (fangxian[subscriber]) is not installed")
    with pytest.raises(TableError, match=says):
        train(table)


def test_without_the_extra_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    there = builtins.__import__

    def gone(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.split(".")[0] in ("sklearn", "threadpoolctl"):
            raise ImportError(name)
        return there(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", gone)
    with pytest.raises(ExtraMissing, match=r"pip install '\.\[subscriber\]'"):
        train(made_up(300))
    with pytest.raises(ExtraMissing):
        evaluate(made_up(300))


def test_features_have_names_and_no_infinity() -> None:
    with np.errstate(all="raise", under="ignore"):
        names, table = features(np.array([[0.0] * 55, [1e15] * 55, [np.nan] * 55]))
    assert len(names) == len(set(names)) == table.shape[1]
    assert not np.isinf(table).any()
    fewer, _ = features(np.zeros((1, 55)), without=["pace"])
    assert set(names) - set(fewer) == {name for name in names if name.startswith("pace.")}
    assert {name.split(".")[0] for name in names} == set(GROUPS)


@pytest.mark.slow
def test_the_competitions_table_is_read_and_learned() -> None:
    """A part alone; the whole model is measured by bench/bench_subscriber.py."""
    pytest.importorskip("sklearn", reason="scikit-learn (fangxian[subscriber]) is not installed")
    if not SICHUAN.exists():
        pytest.skip("../shared/data/sichuan_cdr.csv.xz is not here")
    table = read_table(lzma.decompress(SICHUAN.read_bytes()), labelled=True)
    found = evaluate(table, repeats=1, learn=lambda t, s: train(t, s, learners=("boosted",)))
    assert found.mean > 0.905
