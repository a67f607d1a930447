"""Tokens and n-grams: what counts as one, and that both ways of reading agree."""

from __future__ import annotations

import hashlib
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fangxian.detect.corpus import read_corpus
from fangxian.detect.model import load_model
from fangxian.detect.tokens import (
    arrays,
    batch,
    bulk,
    grams_of_one,
    read_one,
    rules,
    single,
)
from fangxian.detect.tokens.bulk import are_odd
from fangxian.detect.tokens.reading import looked_up
from fangxian.detect.undo import odd_pairs, odd_spellings, undo

PIECES = st.sampled_from(
    [*"ab1中转，。 .-/:@*\n", "http", "https", "://", "www.", ".com", "cn", "5555555", "digit", "url",
     "name", "cellphone", ".xyz", "DIGIT", "₅", "é", "\u200b", "🚗", "ﬀ"]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=16).map("".join)


def words_of(text: str) -> list[str]:
    reading = read_one(text)
    plain = reading.undone.text
    return [plain[a:b] for a, b in zip(reading.starts, reading.ends, strict=True)]


def test_a_chinese_character_a_word_a_number_and_a_link_are_tokens() -> None:
    assert words_of("请登录 www.abc.com/x 余额10,000元 See you") == [
        "请", "登", "录", "www.abc.com/x", "余", "额", "10,000", "元", "see", "you",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("转账给我", "转 账，给～我"),
        ("拨打 12000000000", "拨打 120 0000 0000"),
        ("点 http://a.example/b 领取", "点 www.zz.com 领取"),
        ("余额 35 元", "余额 DIGIT 元"),
        ("余额 35 元", "余额 1,200 元"),
        ("联系 NAME 经理 CELLPHONE", "联系经理 12000000000"),
        ("網絡兼職", "网络兼职"),
    ],
)
def test_what_reads_the_same_has_the_same_tokens(one: str, other: str) -> None:
    assert read_one(one).ids.tolist() == read_one(other).ids.tolist()


def test_a_short_and_a_long_number_are_told_apart() -> None:
    assert read_one("123456").ids.tolist() == [rules.SHORT_NUMBER]
    assert read_one("1234567").ids.tolist() == [rules.LONG_NUMBER]


def test_numbers_of_two_texts_are_not_joined() -> None:
    tokens = arrays.read(*batch(["余额1234", "5678元"]))
    assert tokens.ids.tolist().count(rules.SHORT_NUMBER) == 2


def reading_compiled(texts: list[str]) -> list[tuple[list[int], list[int], list[int]]]:
    kernel = pytest.importorskip("fangxian.detect.tokens.kernel", reason="numba is not installed")
    values, offsets = batch(texts)
    ids = np.zeros(len(values) + 1, np.uint32)
    starts, ends = np.zeros(len(ids), np.int64), np.zeros(len(ids), np.int64)
    found = []
    for begin, end in pairwise(offsets):
        n = kernel.read(values, begin, end, ids, starts, ends, 0)
        kernel.stirred(ids, 0, n)
        found.append((ids[:n].tolist(), starts[:n].tolist(), ends[:n].tolist()))
    return found


def reading_one_by_one(texts: list[str]) -> list[tuple[list[int], list[int], list[int]]]:
    read = [single.read(undo(text).text) for text in texts]
    return [(t.ids.tolist(), t.starts.tolist(), t.ends.tolist()) for t in read]


def reading_by_arrays(texts: list[str]) -> list[tuple[list[int], list[int], list[int]]]:
    tokens = arrays.read(*batch(texts))
    pairs = zip(tokens.offsets[:-1], tokens.offsets[1:], strict=True)
    return [
        (tokens.ids[a:b].tolist(), tokens.starts[a:b].tolist(), tokens.ends[a:b].tolist())
        for a, b in pairs
    ]


@settings(max_examples=400)
@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_compiled_and_not_compiled_read_the_same(texts: list[str]) -> None:
    assert reading_compiled(texts) == reading_by_arrays(texts)


@settings(max_examples=400)
@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_one_by_one_is_read_the_same_as_many(texts: list[str]) -> None:
    # Undone, for a text without a hint may lose a space on one way and not on the other.
    plain = [undo(text).text for text in texts]
    assert reading_one_by_one(texts) == [reading_by_arrays([text])[0] for text in plain]


def test_compiled_and_not_compiled_find_the_same_n_grams_in_the_corpus() -> None:
    kernel = pytest.importorskip("fangxian.detect.tokens.kernel", reason="numba is not installed")
    read = batch([e.text for e in read_corpus()[::7]])
    offsets, places = kernel.grams(*read)
    same, others = arrays.grams(arrays.read(*read))
    assert offsets.tolist() == same.tolist()
    for begin, end in pairwise(offsets):
        assert np.sort(places[begin:end]).tolist() == np.sort(others[begin:end]).tolist()


@pytest.mark.parametrize(
    ("compiled", "others"),
    [
        ("hashing", ["rules"]),
        ("looking", ["rules", "seen"]),
        ("kernel", ["rules", "hashing", "looking"]),
    ],
)
def test_what_is_compiled_is_compiled_again_after_a_change(
    compiled: str, others: list[str]
) -> None:
    """Else people who have the last release go on with its rules."""
    folder = Path(rules.__file__).parent
    content = b"".join((folder / f"{name}.py").read_bytes() for name in others)
    wanted = hashlib.sha256(content).hexdigest()[:16]
    assert f'MADE_WITH = "{wanted}"' in (folder / f"{compiled}.py").read_text(encoding="utf-8")


ODD = st.sampled_from(
    [
        *sorted(odd_spellings()),
        *sorted(odd_pairs()),
        *"のxo❤*.-·…() 我的加v账+一三八1",
        "转账",
        "wang",
        "(wang)",
        "qq",
        "q.q",
    ]
)


@settings(max_examples=600)
@given(st.lists(st.one_of(ODD, PIECES), min_size=1, max_size=8).map("".join))
def test_what_has_no_hint_reads_the_same_undone_or_not(text: str) -> None:
    kernel = pytest.importorskip("fangxian.detect.tokens.kernel", reason="numba is not installed")
    if are_odd([text])[0]:
        return
    raw = looked_up([text])
    undone = looked_up([undo(text).text])
    assert kernel.grams(*raw)[1].tolist() == kernel.grams(*undone)[1].tolist()


@settings(max_examples=600)
@given(st.lists(st.lists(st.one_of(ODD, PIECES), max_size=8).map("".join), max_size=5))
def test_the_fast_path_says_of_each_text_what_reading_it_says(texts: list[str]) -> None:
    pytest.importorskip("fangxian.detect.tokens.kernel", reason="numba is not installed")
    model = load_model()
    fast = bulk.log_odds(texts, model.weights, model.scale, model.bias)
    assert fast.tolist() == [float(model.log_odds(grams_of_one(text))[0]) for text in texts]


def test_the_fast_path_says_of_the_corpus_what_reading_it_says() -> None:
    pytest.importorskip("fangxian.detect.tokens.kernel", reason="numba is not installed")
    model, texts = load_model(), [e.text for e in read_corpus()]
    fast = bulk.log_odds(texts, model.weights, model.scale, model.bias)
    assert fast.tolist() == [float(model.log_odds(grams_of_one(text))[0]) for text in texts]


@pytest.mark.parametrize(
    "text", ["请转*账给我", "微*信", "u.s.d.t", "q*q", "加❤信", "➕我", "㎡", "加微 信", "验证➕码"]
)
def test_what_a_disguise_hides_is_seen_on_the_fast_path(text: str) -> None:
    pytest.importorskip("fangxian.detect.tokens.kernel", reason="numba is not installed")
    model = load_model()
    fast = bulk.log_odds([text], model.weights, model.scale, model.bias)
    assert fast.tolist() == model.log_odds(grams_of_one(text)).tolist()


def test_of_honest_texts_few_have_a_hint() -> None:
    """Else the fast path would be slow; swindlers' disguises are what costs."""
    pytest.importorskip("fangxian.detect.tokens.kernel", reason="numba is not installed")
    texts = [e.text for e in read_corpus() if not e.is_fraud]
    assert are_odd(texts).mean() < 0.03


@given(TEXTS)
def test_n_grams_are_those_of_the_rules(text: str) -> None:
    ids = read_one(text).ids.tolist()
    wanted = []
    for size in range(1, rules.MOST_GRAMS + 1):
        for at in range(len(ids) - size + 1):
            run = ids[at : at + size]
            value = run[0] if size > 1 else rules.mix(run[0])
            for token in run[1:]:
                value = rules.gram(value, token)
            wanted.append(value)
    _, places = arrays.grams(arrays.read(*batch([text])))
    assert sorted(places.tolist()) == sorted(wanted)


@given(st.text(max_size=80))
def test_any_text_has_tokens_that_stand_in_what_it_says(text: str) -> None:
    reading = read_one(text)
    assert reading.undone == undo(text)
    assert all(
        0 <= a < b <= len(reading.undone.text)
        for a, b in zip(reading.starts, reading.ends, strict=True)
    )
    assert reading.starts.tolist() == sorted(reading.starts.tolist())
