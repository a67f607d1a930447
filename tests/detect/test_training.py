"""Training: what may be learned from, that twice is the same, and that a town can add its own."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from fangxian.detect.model import load_model, read_model, write_model
from fangxian.detect.tokens import batch, grams
from fangxian.detect.training import evaluating, fitting, sources
from fangxian.detect.training.sources import Labelled, MayNotTrain, training_examples

OWN = [row for row in sources.own_texts() if row.source == "own"]
FEW = OWN[::25]


@pytest.mark.parametrize("source", sorted(sources.MEASURE_ONLY))
def test_what_is_for_measuring_never_trains(source: str) -> None:
    row = Labelled("积分兑换", True, source, "1")
    with pytest.raises(MayNotTrain):
        training_examples([FEW, [row]])
    with pytest.raises(MayNotTrain):
        fitting.fit({"own": FEW, source: [row]})


def test_every_set_of_the_readers_is_either_shared_out_or_for_measuring() -> None:
    known = set(sources.SHARE) | set(sources.MEASURE_ONLY)
    assert set(sources._READERS) <= known


def test_authors_held_back_never_train() -> None:
    held = [row for row in sources.own_texts() if row.source == "held"]
    assert len([r for r in held if r.fraud]) >= 200
    assert len([r for r in held if not r.fraud]) >= 400
    with pytest.raises(MayNotTrain):
        training_examples([held])


def test_dev_parts_set_the_threshold_and_do_not_train() -> None:
    rows = [dataclasses.replace(row, part="dev") for row in FEW[:5]]
    assert training_examples([rows, FEW[5:9]]) == FEW[5:9]


def test_the_shipped_model_has_learned_nothing_that_is_for_measuring() -> None:
    assert set(load_model().about["texts"]) <= {"own", *sources.SHARE}


def test_training_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    made = []
    for name in ("a", "b"):
        write_model(fitting.fit({"own": FEW}), tmp_path / name)
        made.append((tmp_path / name).read_bytes())
    assert made[0] == made[1]
    model = read_model(tmp_path / "a")
    assert model.doubt <= model.threshold <= model.danger


def test_a_towns_own_reports_change_what_is_said_of_them(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    line = "蓝鲸驿站的会员请到站长处登记领取蓝鲸券"
    path.write_text("text,fraud,kind\n" + f"{line},1,other\n" * 40, encoding="utf-8")
    without = fitting.fit({"own": FEW})
    with_it = fitting.fit({"own": FEW, "mine": sources.added_texts(path)})
    read = grams(batch([line]))
    assert with_it.log_odds(read)[0] > without.log_odds(read)[0] + 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("message,fraud\nx,1\n", "no column text"),
        ("text,fraud\nx,yes\n", "line 2, fraud: 'yes', expected 1 or 0"),
        ("text,fraud,kind\nx,1,scam\n", "line 2, kind: 'scam', expected one of"),
    ],
)
def test_a_wrong_file_of_reports_is_told_where_and_what(
    tmp_path: Path, content: str, said: str
) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=said):
        sources.added_texts(path)


@pytest.mark.parametrize("content", [b"", b"no model", b"\xfd7zXZ\x00\x00"])
def test_a_foreign_file_is_no_model(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.model"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="is no model of ours"):
        read_model(path)


def test_the_shipped_model_is_small() -> None:
    path = Path(fitting.__file__).parents[1] / "model" / "text.model"
    assert path.stat().st_size < 8_000_000


def test_on_authors_held_back_the_shipped_model_keeps_its_promises() -> None:
    """The least that may land; docs/detect/method.md has the figures."""
    rows = evaluating.evaluate(load_model(), Path("nowhere"))
    whole = {(row.source, row.genre): row for row in rows}
    assert whole["held", ""].auc > 0.95  # type: ignore[operator]
    assert whole["held", "honest"].rate <= 0.01
    assert whole["held", "fraud"].rate >= 0.6


def test_auc_and_recall_against_a_count_by_hand() -> None:
    import numpy as np

    odds = np.array([0.1, 0.4, 0.35, 0.8])
    fraud = np.array([False, False, True, True])
    assert evaluating._auc(odds, fraud) == pytest.approx(0.75)
    assert evaluating._recall_at(odds, fraud, 0.01) == pytest.approx(0.5)
