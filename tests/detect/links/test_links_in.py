"""Links in a text: found in whatever way they are written, and where they stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangxian.detect.corpus import read_corpus
from fangxian.detect.links import links_in

WRITTEN = (
    "请 登录 www 。 . ａ icbc com cn .com http:// hxxp:// [.] 点 ( ) / @ : 8080 3.5 1.2.3.4 abcd.top "
    "t.cn/x \u200b \n \ud800 \x00 e.g. w_w - — ， 三w dot \u202e а ١"
)
WORDS = st.sampled_from([*WRITTEN.split(" "), " "])
TEXTS = st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=30).map("".join))


def hosts(text: str) -> list[str]:
    return [view.host for _, _, view in links_in(text)]


@pytest.mark.parametrize(
    ("text", "written", "host"),
    [
        ("登录www.icbc.com.cn查询", "www.icbc.com.cn", "www.icbc.com.cn"),
        ("请打开icbc。com。cn。谢谢", "icbc。com。cn", "icbc.com.cn"),
        ("看hxxp://abcd[.]top/a ", "hxxp://abcd[.]top/a", "abcd.top"),
        ("w w w . a b c d . c o m", "w w w . a b c d . c o m", "www.abcd.com"),
        ("上三w点abcd点com看", "三w点abcd点com", "www.abcd.com"),
        ("ａｂｃｄ．ｔｏｐ领取", "ａｂｃｄ．ｔｏｐ", "abcd.top"),
        ("abcd(dot)com", "abcd(dot)com", "abcd.com"),
        ("（http://abcd.top/x）", "http://abcd.top/x", "abcd.top"),
        ("http://abcd.top/x(1).", "http://abcd.top/x(1)", "abcd.top"),
        ("点http://a\u200bbcd.top", "http://a\u200bbcd.top", "abcd.top"),
        ("t.cn/A6xyz，速看", "t.cn/A6xyz", "t.cn"),
        ("http://中国银行.中国/a", "http://中国银行.中国/a", "中国银行.中国"),
        ("http://192.0.2.7:8080/a", "http://192.0.2.7:8080/a", "192.0.2.7"),
        ("192.0.2.7:8080/a", "192.0.2.7:8080/a", "192.0.2.7"),
        ("see abcd.shop.Thanks", "abcd.shop", "abcd.shop"),
        ("http://h@abcd.top", "http://h@abcd.top", "abcd.top"),
    ],
)
def test_a_link_is_found_as_it_stands(text: str, written: str, host: str) -> None:
    [(start, end, view)] = links_in(text)
    assert text[start:end] == written
    assert view.host == host
    assert all((each.start, each.end) == (start, end) for each in view.reasons)


@pytest.mark.parametrize(
    "text",
    [
        "工资3.5元，下午3点30分到", "e.g. this, i.e. that", "版本 1.2.3.4 和 10.0", "see readme.md and main.py",
        "写信到 zhang.san@icbc.com.cn", "It was done.In the end", "ok.so what", "a.m. p.m. U.S.A.",
        "下午3点to", "see you tomorrow.call me", "thanks.love you", "等等...好的", "http://", "v2.0.1-beta", "2026.11.28", "价格:12.50", "ab.notasuffix",
    ],
)  # fmt: skip
def test_what_only_has_a_dot_is_no_link(text: str) -> None:
    assert hosts(text) == []


def test_several_links_come_in_the_order_they_stand() -> None:
    assert hosts("jd.com、taobao.com;http://abcd.top/a http://abcd.xyz") == [
        "jd.com", "taobao.com", "abcd.top", "abcd.xyz",
    ]  # fmt: skip


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(TypeError, match="应为文字"):
        links_in(b"abcd.top")  # type: ignore[arg-type]


@given(TEXTS)
def test_spans_point_at_the_link_in_the_original(text: str) -> None:
    last = 0
    for start, end, view in links_in(text):
        assert last <= start < end <= len(text)
        last = end
        assert view.host
        assert not text[start].isspace()
        assert not text[end - 1].isspace()


@given(TEXTS, TEXTS)
def test_a_line_before_and_after_changes_nothing(before: str, after: str) -> None:
    found = [view.host for _, _, view in links_in(f"{before}\n\nhttp://abcd.top/x\n\n{after}")]
    assert "abcd.top" in found


@pytest.mark.parametrize(
    "long", ["a" * 1_000_000, "a." * 500_000, "w w . " * 160_000, "点" * 1_000_000, "http://" * 140_000, ". " * 500_000, "a点" * 500_000, "abcd.top " * 10_000]
)  # fmt: skip
def test_a_million_characters_take_no_long_time(long: str) -> None:
    links_in(long)


def test_texts_of_our_corpus_hold_the_links_they_were_given() -> None:
    for example in read_corpus():
        if "http" in example.text:
            assert hosts(example.text), example.text
