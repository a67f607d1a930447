"""How names read: bounded for whatever comes, and as good on names held back as is written down."""

from __future__ import annotations

import json
import lzma
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fangxian.detect.links as links
from fangxian.detect.links import look_at_link
from fangxian.detect.links.clusters import clusters_of, folds_of
from fangxian.detect.links.reading import LEAST, MOST, name_weight, score, weights
from fangxian.detect.links.suffix import parts_of

# Beside the project, never in it: see shared/data/README.md there.
DOMAINS = Path(__file__).parents[4] / "shared" / "data" / "domains_165_vs_cn.jsonl.xz"
NAMES = st.one_of(
    st.text(min_size=1, max_size=80), st.from_regex(r"[a-z0-9-]{1,63}", fullmatch=True)
)


@given(NAMES, st.sampled_from(["com", "top", "cn", "com.cn", "nowhere", ""]))
def test_a_name_says_no_more_than_the_limits(name: str, suffix: str) -> None:
    assert LEAST <= name_weight(name, suffix) <= MOST


def test_the_weights_are_small() -> None:
    assert (Path(links.__file__).with_name("weights.npz")).stat().st_size <= 600_000


def test_a_name_that_says_much_is_a_reason_and_the_reasons_add_up() -> None:
    view = look_at_link("http://coinextradevip.com/")
    [reason] = [each for each in view.reasons if each.key == "link_name_fraud"]
    assert reason.weight > 1
    assert view.name_probability == pytest.approx(view.probability)
    assert view.weight == pytest.approx(sum(each.weight for each in view.reasons))


@pytest.mark.parametrize("url", ["https://www.icbc.com.cn", "t.cn/x", "abcd.example", "http://192.0.2.7/", "中国银行.中国/a"])  # fmt: skip
def test_names_that_were_not_learned_are_not_judged(url: str) -> None:
    view = look_at_link(url)
    assert view.name_probability is None or view.name_probability == pytest.approx(links.BASE_RATE)
    assert not [each for each in view.reasons if each.key.startswith("link_name")]


def test_one_name_told_again_is_one_cluster() -> None:
    names = ["abcoin88", "ab-coin99", "otherone", "wholesalemall", "wholesalemalls", "xyz", "xyw"]  # fmt: skip
    assert clusters_of(names).tolist() == [0, 0, 2, 3, 3, 5, 6]


def test_a_cluster_is_never_on_both_sides() -> None:
    clusters = np.array([0, 0, 2, 3, 3, 3, 6, 7, 8, 9])
    folds = folds_of(clusters, 3, seed=1)
    for cluster in set(clusters.tolist()):
        assert len(set(folds[clusters == cluster].tolist())) == 1
    assert sorted(np.bincount(folds).tolist()) == [3, 3, 4]


@pytest.mark.skipif(
    not DOMAINS.exists(), reason="../shared/data/domains_165_vs_cn.jsonl.xz is not here"
)
def test_names_of_the_given_split_are_told_apart_as_written_down() -> None:
    """docs/detect/links.md gives the figures; the weights have not seen these rows."""
    known, scores = weights(), ([], [])  # type: ignore[var-annotated]
    with lzma.open(DOMAINS, "rt", encoding="utf-8") as file:
        for row in map(json.loads, file):
            parts = parts_of(row["text"]) if row["split"] == "dev" else None
            if parts and parts.name.isascii() and parts.name:
                scores[row["is_fraud"]].append(score(known, parts.name, parts.suffix))
    others, fraud = np.sort(scores[0])[::-1], np.array(scores[1])
    recall = (fraud > others[len(others) // 100]).mean()
    print(f"\ndev: recall {recall:.3f} at 1 % false alarms, {len(fraud)} names")
    assert recall > 0.6
