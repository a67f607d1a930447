"""Undoing disguise: what it says, where it stood, and that honest texts stay as they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangxian.detect.corpus import read_corpus
from fangxian.detect.undo import undo

# What swindlers put texts together from, and what breaks programs.
WRITTEN = (
    "薇 信 亻 言 加 v V ❤ 转 账 帐 號 １ ② 一 三 八 零 ( ) wǎng luò 網 絡 . * - _ 。 , \u200b \ufe0f "
    "\u0301 a Ａ а ﷺ … \n 刷 単 返 li 银 行 k 🐧 号 \ud800 \x00 \U0001d41a \u3000"
)
PIECES = st.sampled_from([*WRITTEN.split(" "), " "])
TEXTS = st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=40).map("".join))


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("網(wǎng)絡(luò)投資(zī)", "网络投资"),
        ("網（wǎng）絡（luò）", "网络"),
        ("请加我薇亻言 abc", "请加我微信 abc"),
        ("转*账到安全賬戶", "转账到安全账户"),
        ("您 好 这 里 是 公 安", "您好这里是公安"),
        ("一三八零零一三八零零零", "13800138000"),
        ("１３８ 零零一三八零零零", "13800138000"),
        ("刷単返li", "刷单返利"),
        ("zhuan账" * 9, "转账" * 9),
        ("加薇领取", "加微信领取"),
        ("t\u200be\u200bst", "test"),
        ("Тest аnd ｈｔｔｐ：//ａｂ.ｅxample", "test and http://ab.example"),
        ("①⑩❶", "1101"),
        ("车专贝长给我", "转账给我"),
        ("角刀牛冻", "解冻"),
        ("把验zheng码发来", "把验证码发来"),
        ("我要zhuan zhang", "我要转账"),
        ("jia微芯，转丈", "jia微信,转账"),
        ("扫吗登录，输验证马", "扫码登录,输验证码"),
        ("转の账，银丶行", "转账,银行"),
        ("転銭，噔录", "转钱,登录"),
        ("🅰🅲🅲ᴏᴜɴᴛ 账", "account 账"),
        ("⻓⻋", "长车"),
    ],
)
def test_a_disguised_text_says_what_a_reader_reads(written: str, says: str) -> None:
    assert undo(written).text == says


@pytest.mark.parametrize(
    "honest",
    [
        "请勿转。账户已清", "苹果(apple)好吃", "明天下午三点一起吃饭", "加薇薇的妈妈也来", "二〇二六年",
        "see you at 5", "徵信", "门口的石马很好看", "有一女子在街上", "威信很高，克服困难", "加油站首款",
        "see weixin.example", "zhao@weixin.example 是我的邮箱",
    ],
)  # fmt: skip
def test_an_honest_text_is_no_disguise(honest: str) -> None:
    assert undo(honest).disguises == ()


def test_each_disguise_names_the_place_in_what_was_written() -> None:
    written = "老师說加薇亻言，一三八零零一三八零零零"
    found = [(d.kind, written[d.start : d.end], d.plain) for d in undo(written).disguises]
    assert found == [
        ("word", "薇亻言", "微信"),
        ("number", "一三八零零一三八零零零", "13800138000"),
    ]


@given(TEXTS)
def test_undone_twice_is_undone_once(text: str) -> None:
    once = undo(text).text
    assert undo(once).text == once


@given(TEXTS)
def test_every_character_of_the_plain_text_knows_where_it_stood(text: str) -> None:
    done = undo(text)
    assert len(done.starts) == len(done.ends) == len(done.text)
    for i in range(len(done.text)):
        start, end = done.span(i, i + 1)
        assert 0 <= start < end <= len(text)
    assert list(done.starts) == sorted(done.starts)
    for disguise in done.disguises:
        assert 0 <= disguise.start < disguise.end <= len(text)


@given(st.text(alphabet=st.characters(codec="ascii", exclude_characters="\x7f"), max_size=60))
def test_ascii_keeps_its_length_but_for_what_is_not_seen(text: str) -> None:
    seen = "".join(c for c in text if c >= " " or c in "\n\t\r")
    assert len(undo(seen).text) <= len(seen)


def test_a_million_characters_and_ten_thousand_marks_take_no_long_time() -> None:
    assert undo("a" + "\u0301" * 10_000).text == "a"
    assert len(undo("转账" * 500_000).text) == 1_000_000
    assert undo("网" + "(wang)" * 20_000).text == "网"


def test_honest_texts_of_our_corpus_are_hardly_ever_called_disguised() -> None:
    honest = [e for e in read_corpus() if not e.is_fraud]
    fraud = [e for e in read_corpus() if e.is_fraud]
    odd = [e.text for e in honest if any(d.kind == "word" for d in undo(e.text).disguises)]
    seen = [e for e in fraud if undo(e.text).disguises]
    print(f"\nodd spellings: honest {len(odd)} of {len(honest)}; disguised fraud {len(seen)}")
    assert len(odd) <= len(honest) * 0.01, odd
    assert len(seen) > len(fraud) * 0.05


@pytest.mark.parametrize("honest", ["这条连衣裙很好看", "长裙短裙半身裙", "沿着河堤走一走", "大堤"])
def test_a_common_character_is_not_read_as_another(honest: str) -> None:
    """峮 and 旳 are listed as disguises of 群 and 的; what sounds like them is none."""
    assert undo(honest).text == honest
    assert undo("加峮").text == "加群"
    assert undo("我旳").text == "我的"
