"""Our own corpus: enough on each side, every kind there, nobody's number, no text twice."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from fangxian.detect.corpus import Example, read_corpus
from fangxian.detect.kinds import KINDS

EXAMPLES = read_corpus()
STAGES = {"contact", "trust", "isolate", "pay", "fee"}


def test_each_side_has_fifteen_hundred_texts_and_more() -> None:
    sides = Counter(e.side for e in EXAMPLES)
    assert sides["fraud"] >= 1_500
    assert sides["benign"] >= 1_500


def test_every_kind_of_fraud_is_there() -> None:
    kinds = Counter(e.what for e in EXAMPLES if e.is_fraud)
    assert kinds.keys() == set(KINDS)
    assert min(n for kind, n in kinds.items() if kind != "other") >= 50
    assert {e.stage for e in EXAMPLES if e.is_fraud} == STAGES


def test_no_text_stands_twice() -> None:
    texts = Counter(re.sub(r"\W", "", e.text) for e in EXAMPLES)
    assert [text for text, n in texts.items() if n > 1] == []


def test_no_two_texts_are_alike() -> None:
    """Shared three-grams over all three-grams: of characters, of words where a text is English."""
    seen: dict[tuple[str, ...], list[int]] = {}
    grams: list[set[tuple[str, ...]]] = []
    alike = []
    for number, example in enumerate(EXAMPLES):
        plain = re.findall(r"[\u3400-\u9fff]", example.text)
        if len(plain) < len(example.text) / 10:
            plain = re.findall(r"[a-z]+", example.text.lower())
        mine = {tuple(plain[i : i + 3]) for i in range(len(plain) - 2)}
        met = Counter(other for gram in mine for other in seen.get(gram, ())[-200:])
        for other, shared in met.most_common(3):
            if shared / len(mine | grams[other]) > 0.6:
                alike.append((example.text, EXAMPLES[other].text))
        for gram in mine:
            seen.setdefault(gram, []).append(number)
        grams.append(mine)
    assert alike == []


def test_numbers_are_filled_in_that_nobody_has() -> None:
    mobiles = [n for e in EXAMPLES for n in re.findall(r"(?<!\d)1\d{10}(?!\d)", e.text)]
    assert len(mobiles) > 30
    assert [n for n in mobiles if not n.startswith("1200")] == []
    hosts = [h for e in EXAMPLES for h in re.findall(r"https?://([^\s/:，。]+)", e.text)]
    assert len(hosts) > 50
    reserved = re.compile(
        r"(?:\.(?:example|test|invalid|example\.com|example\.net)|192\.0\.2\.\d+)$"
    )
    assert [h for h in hosts if not reserved.search(h)] == []


@pytest.mark.parametrize("seed", [0, 7])
def test_the_same_seed_fills_in_the_same(seed: int) -> None:
    assert read_corpus(seed) == read_corpus(seed)


def test_turns_stand_in_order_and_are_not_empty() -> None:
    talks: list[Example] = [e for e in EXAMPLES if len(e.turns) > 1]
    assert len(talks) > 400
    assert all(said.strip() for e in EXAMPLES for _, said in e.turns)
