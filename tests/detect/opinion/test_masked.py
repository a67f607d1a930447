"""What would leave: the sense of a text without anything of a person in it."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fangxian.detect.corpus import read_corpus
from fangxian.detect.opinion import KINDS, masked, second_opinion

# Styles of writing digits: plain, wide, spelled, circled, bank's numerals, mathematical, radio.
STYLES = ["0123456789", "０１２３４５６７８９", "零一二三四五六七八九", "〇幺二三四五六七八九", "⓪①②③④⑤⑥⑦⑧⑨",
          "零壹贰叁肆伍陆柒捌玖", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗", "洞幺两三四五六拐八勾", "零壹貳叄肆伍陸柒捌玖"]  # fmt: skip
MARKS = [
    "",
    " ",
    "-",
    "－",
    "，",
    ".",
    "·",
    "　",
    "\u200b",
    "*",
    "/",
    "❤",
    " - ",
    "_",
    "。",
    "!",
    "；",
    "的",
    "A",
]
# Nobody has these: 120 is no mobile prefix, 0000 no issuer of cards, 00 no province.
MOBILES = st.from_regex(r"120[0-9]{8}", fullmatch=True)
CARDS = st.from_regex(r"0000[0-9]{12,15}", fullmatch=True)
IDS = st.from_regex(r"00[0-9]{4}(19|20)[0-9]{2}(0[1-9]|1[0-2])[012][0-9]{4}[0-9X]", fullmatch=True)
BEFORE = [
    "请打",
    "电话：",
    "卡号",
    "转到",
    "加我 ",
    "身份证号是",
    "call ",
    "",
    "一共3件，",
    "[重要]",
    "联系人 ",
]
BEHIND = [
    "。",
    "，谢谢",
    " 快",
    "转账800元",
    "）",
    "\n",
    "吧",
    " now",
    "找我",
    "，11月28日到期",
]


@st.composite
def written(draw: st.DrawFn, numbers: st.SearchStrategy[str]) -> tuple[str, str]:
    """A number, and one way of many to write it: in groups, each in its style, with marks between."""
    number = draw(numbers)
    size = draw(st.sampled_from([3, 4, 4, 6, 20]))
    groups = [number[i : i + size] for i in range(0, len(number), size)]
    style = draw(st.sampled_from(STYLES))
    styles = draw(st.lists(st.sampled_from([style, style, "0123456789"]), min_size=len(groups), max_size=len(groups)))  # fmt: skip
    mark = draw(st.sampled_from(MARKS))
    return number, mark.join(
        "".join(each[int(c)] if c.isdigit() else c for c in group)
        for each, group in zip(styles, groups, strict=True)
    )


DIGITS = {c: str(i) for style in STYLES for i, c in enumerate(style)}


def leaked(number: str, sent: str) -> int:
    """The longest piece of `number` that can be read in `sent`, whatever stands between."""
    left = re.sub("〔[^〕]*〕", "|", sent)
    read = "".join(DIGITS.get(c, "" if not c.isalnum() and c != "|" else c) for c in left)
    pieces = {number[i:j] for i in range(len(number)) for j in range(i + 1, len(number) + 1)}
    return max((len(piece) for piece in pieces if piece in read), default=0)


# Two digits at an end may be words by themselves (一二); three would begin to be a number.
MOST_LEFT = 3


@given(written(st.one_of(MOBILES, CARDS, IDS)), st.sampled_from(BEFORE), st.sampled_from(BEHIND))
@settings(max_examples=300, deadline=None)
def test_no_number_is_left_however_it_is_written(
    pair: tuple[str, str], before: str, behind: str
) -> None:
    number, shape = pair
    sent = masked(f"您好{before}{shape}{behind}").text
    assert leaked(number, sent) <= MOST_LEFT, sent


def test_groups_that_undo_has_joined_stay_with_the_number_before_them() -> None:
    sent = masked("卡号洞洞洞洞-洞幺幺幺-幺幺幺幺-洞洞洞洞-洞。").text
    assert leaked("00000111111100000", sent) <= MOST_LEFT, sent


def test_groups_that_undo_has_joined_go_as_a_whole() -> None:
    sent = masked("您好洞洞幺幺-0019-幺洞洞幺-0000-00。").text
    assert sent == "您好〔身份证号1〕。"


SECRETS = st.fixed_dictionaries(
    {
        "mobile": written(MOBILES),
        "card": written(CARDS),
        "id": written(IDS),
        "code": st.from_regex(r"[0-9]{6}", fullmatch=True),
        "wechat": st.from_regex(r"[b-y]{4}_000[0-9]{3}", fullmatch=True),
        "mail": st.from_regex(r"[b-y]{6}@[b-y]{5}\.example", fullmatch=True),
        "plate": st.from_regex(r"渝A00[0-9]{3}", fullmatch=True),
        "door": st.from_regex(r"[1-9]栋[1-9]单元[1-9]0[1-9]", fullmatch=True),
        "path": st.from_regex(r"[b-y]{9}", fullmatch=True),
    }
)


@given(SECRETS)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_nothing_personal_reaches_the_server(server, secrets) -> None:  # type: ignore[no-untyped-def]
    """The `server` serves all examples: each looks at the last thing it was asked."""
    text = (
        f"王建国先生您好，您的快件到了，电话{secrets['mobile'][1]}。\n身份证号{secrets['id'][1]}。\n"
        f"卡号{secrets['card'][1]}。\n验证码{secrets['code']}，加微信{secrets['wechat']}，"
        f"写信到{secrets['mail']}，车牌{secrets['plate']}，送到柳河镇海兰路5号{secrets['door']}，"
        f"打开https://gaj.example/{secrets['path']}?u=1。王建国收。"
    )
    opinion = second_opinion(text, endpoint=server.endpoint())
    sent = json.loads(json.loads(server.asked[-1])["messages"][1]["content"])["message"]
    assert sent == opinion.sent
    for number in ("mobile", "card", "id"):
        assert leaked(secrets[number][0], sent) <= MOST_LEFT, sent
    for name in ("code", "wechat", "mail", "plate", "door", "path"):
        assert secrets[name].lower() not in sent
    assert "王建国" not in sent
    assert "gaj.example" in sent


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("请加 120 0000 1234 联系", "请加 〔电话1〕 联系"),
        ("幺两洞洞洞洞洞幺两三四，速回", "〔电话1〕,速回"),
        ("vx:l2OOOOO1234", "vx:〔账号1〕"),
        ("回拨+852 6123 4567", "回拨〔境外电话1〕"),
        ("客服400-000-1234，10690000123456发来", "客服〔400电话1〕,〔短信端口1〕发来"),
        ("卡号0000 0755 3456 7890 123，户名王建国", "卡号〔卡号1〕,户名〔姓名1〕"),
        ("身份证000101199001011234、00010119900101123X", "身份证〔身份证号1〕、〔身份证号2〕"),
        ("您的验证码是482103，5分钟内有效", "您的验证码是〔验证码1〕,5分钟内有效"),
        ("482100（验证码）切勿告诉他人", "〔验证码1〕(验证码)切勿告诉他人"),
        ("验证码四八二一", "验证码〔验证码1〕"),
        ("尾号1234的卡支出5000.00元", "尾号〔尾号1〕的卡支出5000.00元"),
        ("QQ：１２３４５６ 或 zhang#qq.com", "qq:〔账号1〕 或 〔邮箱1〕"),
        ("浙A12345，京AD12345", "〔车牌1〕,〔车牌2〕"),
        ("我住在柳河镇海兰村3组12号", "我住在〔住址1〕"),
        ("送到3栋2单元501室", "送到〔住址1〕"),
        ("收货地址：海兰花园东门保安亭旁边的楼", "收货地址:〔住址1〕"),
        ("我叫王建国，王建国是您舅舅", "我叫〔姓名1〕,〔姓名1〕是您舅舅"),
        ("李警官和张晓明先生，还有欧阳女士", "〔姓名1〕警官和〔姓名2〕先生,还有〔姓名3〕女士"),
        ("我姓赵，是社区的小钱", "我姓〔姓名1〕,是社区的〔姓名2〕"),
        ("Dear Mr. Wang, my name is Li Na.", "dear mr. 〔姓名1〕, my name is 〔姓名2〕."),
        ("转到TQn9Y2khEsLJW1ChVWFMSMeRDow5KcbLSE，走TRC20", "转到〔钱包地址1〕,走trc20"),
        ("1990年1月1日出生", "〔出生日期1〕出生"),
        ("call one two zero zero zero zero zero one two", "call 〔号码1〕"),
        ("打120 0000 1234，再打一二零零零零零一二三四", "打〔电话1〕,再打〔电话1〕"),
        ("订单号20261234567890", "订单号〔号码1〕"),
        ("登录www。ｉｃｂｃ。com。cn/abc?id=5", "登录〔链接1 icbc.com.cn〕"),
        ("http://li-si.gaj.example/l?p=12000001234 看", "〔链接1 gaj.example〕 看"),
        ("打开12000001234.example/a", "打开〔链接1〕"),
        ("http://192.0.2.7:8080/a", "〔链接1〕"),
    ],
)
def test_what_is_personal_has_a_mark_that_says_what_it_was(text: str, sent: str) -> None:
    assert masked(text).text == sent


@pytest.mark.parametrize(
    "text",
    [
        "打九五五八八问,或拨打110、96110,12345热线",
        "10086不会向您索要验证码",
        "2026年11月28日 10:30支出5000.00元,余额12,345.67元",
        "2026-11-28 12:30,工作时间8:00-20:00,共3-5天",
        "一共5000,转20000过来,日赚300-500,刷3单返120%",
        "3000-5000元/月,前1200人送10000积分,价值18.8万",
        "请提供姓名、身份证号和银行卡密码",
        "第一,2026年;一二三季度",
        "女士们先生们,项目经理和客户经理",
        "收到验证码不要告诉任何人",
        "call 110 now",
        "@所有人,明天开会",
        "iphone15和web3.0",
        "",
    ],
)
def test_what_is_public_or_says_what_the_fraud_is_about_stays(text: str) -> None:
    assert masked(text).text == text


def test_what_was_masked_is_counted_by_kind() -> None:
    told = masked("打12000001234、12000001235、12000001234，加微信abc_123")
    assert told.counts == {"phone": 2, "account": 1}
    assert set(told.counts) <= set(KINDS)
    assert not told.shortened


def test_marks_that_stood_in_the_text_are_none() -> None:
    assert masked("〔电话1〕是120 0000 1234").text == "[电话1]是〔电话1〕"


def test_what_cannot_be_seen_does_not_leave() -> None:
    assert masked("转\u200b账\x00\u202e给\ue000我\ud800").text == "转账给 我\ufffd"


@pytest.mark.parametrize("place", [2_990, 2_995, 3_000, 3_300, 6_000, 8_999, 9_005, 9_010])
def test_a_long_text_is_cut_but_never_inside_a_number(place: int) -> None:
    number = "12000001234"
    told = masked("字" * place + number + "字" * (12_000 - place))
    assert told.shortened
    assert len(told.text) < 6_100
    assert leaked(number, told.text) == 0


def test_a_number_is_not_cut_in_two_where_the_end_begins() -> None:
    for behind in range(2_985, 3_005):
        told = masked("字" * 9_000 + "0000 0755 3456 7890 123" + "字" * behind)
        assert leaked("0000075534567890123", told.text) == 0


ODD = ["请打110", "电话", "+86", "元", " ", "-", "，", "a", "\ud800", "\x00", "号", "路", "王", "先生",
       "我叫", "验证码", "微信", "@", "http://", ".com", "〔", "12000001234", "\ue000", "3栋", "x"]  # fmt: skip


@given(st.lists(st.sampled_from([*STYLES, *ODD]), max_size=30).map("".join) | st.text(max_size=60))
@settings(deadline=None)
def test_any_text_at_all_may_come(text: str) -> None:
    told = masked(text)
    told.text.encode("utf-8")
    assert sum(told.counts.values()) <= told.text.count("〔")


@pytest.mark.parametrize(
    "piece",
    ["1 ", "12000001234 ", "一二", "路", "路1号", "a@", "a.", "王", "王先生", "@a", "微信", "验证码", "a1", "3栋",
     "\ud800\x00", "http://", "one ", "yi ", "0-", "姓名：", "1,", "ab/", "x", "#", "·", "我叫王", "市区"],
)  # fmt: skip
def test_a_million_characters_of_anything_end(piece: str) -> None:
    assert len(masked((piece * 1_000_000)[:1_000_000]).text) < 50_000


def test_no_number_of_the_corpus_is_left() -> None:
    """Its numbers nobody can have begin 1200 (telephones), 0000 (cards) and 000000 (identity)."""
    for sample in read_corpus(seed=7)[::3]:
        left = re.sub("〔[^〕]*〕", "", masked(sample.text).text)
        assert not re.search(r"1200\d{7}|0000\d{15}|000000(?:19|20)\d{10}", left), sample.text
