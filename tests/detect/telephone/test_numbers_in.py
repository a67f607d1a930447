"""Numbers in a text: found with their places however they are spelled, and only numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangxian.detect.corpus import read_corpus
from fangxian.detect.telephone import look_at_number, numbers_in

MARKS = st.sampled_from(["", "", " ", "-", "－", "，", ",", ".", "·", "　", "\u200b", "*"])
STYLES = ["0123456789", "０１２３４５６７８９", "零一二三四五六七八九", "〇幺二三四五六七八九", "⓪①②③④⑤⑥⑦⑧⑨",
          "零壹贰叁肆伍陆柒捌玖", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗", "洞幺两三四五六拐八勾"]  # fmt: skip


def found(text: str) -> list[tuple[str, str]]:
    return [(text[start:end], view.e164) for start, end, view in numbers_in(text)]


@pytest.mark.parametrize(
    ("text", "written", "e164"),
    [
        ("请加 120 0000 1234 联系", "120 0000 1234", "+8612000001234"),
        ("一二零，零零零零，一二三四", "一二零，零零零零，一二三四", "+8612000001234"),
        ("幺两洞洞洞洞洞幺两三四，速回", "幺两洞洞洞洞洞幺两三四", "+8612000001234"),
        ("幺二零0000一二三四", "幺二零0000一二三四", "+8612000001234"),
        ("加１ ２ ０－００００ １２３４吧", "１ ２ ０－００００ １２３４", "+8612000001234"),
        ("①②⓪⓪⓪⓪⓪1234", "①②⓪⓪⓪⓪⓪1234", "+8612000001234"),
        ("1️⃣2️⃣0️⃣0️⃣0️⃣0️⃣0️⃣1️⃣2️⃣3️⃣4️⃣", "1️⃣2️⃣0️⃣0️⃣0️⃣0️⃣0️⃣1️⃣2️⃣3️⃣4", "+8612000001234"),
        ("vx:l2OOOOO1234", "l2OOOOO1234", "+8612000001234"),
        ("tel12000001234", "12000001234", "+8612000001234"),
        ("微信12000001234同号", "12000001234", "+8612000001234"),
        ("+86 120 0000 1234", "+86 120 0000 1234", "+8612000001234"),
        ("86-12000001234", "86-12000001234", "+8612000001234"),
        ("座机(023)0000 1234", "023)0000 1234", "+862300001234"),
        ("座机023-00001234转8", "023-00001234", "+862300001234"),
        ("电话：60001234", "60001234", ""),
        ("回拨+852 6123 4567", "+852 6123 4567", "+85261234567"),
        ("回拨00852 61234567", "00852 61234567", "+85261234567"),
        ("客服400-000-1234", "400-000-1234", "4000001234"),
        ("发到10690000123456", "10690000123456", "10690000123456"),
        ("认准96110", "96110", "96110"),
        ("打九五五八八问", "九五五八八", "95588"),
        ("速打幺幺零", "幺幺零", "110"),
        ("110报警", "110", "110"),
        ("Call 110 now", "110", "110"),
        ("来电显示+110", "+110", ""),
        ("来电显示0086-110", "0086-110", ""),
        ("咨询010-95588", "010-95588", ""),
        ("拨打10000号", "10000", "10000"),
    ],
)
def test_a_number_is_found_where_it_stands(text: str, written: str, e164: str) -> None:
    assert found(text) == [(written, e164)]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("拨打110或96110，报警110、119", ["110", "96110", "110", "119"]),
        ("120 0000 1234 120 0000 1235", ["120 0000 1234", "120 0000 1235"]),
        ("12000001234 12000001235", ["12000001234", "12000001235"]),
        ("一二零零零零零一二三四 一二零零零零零一二三五", ["一二零零零零零一二三四", "一二零零零零零一二三五"]),
        ("1.12000001234 2.12000001235", ["12000001234", "12000001235"]),
        ("2026-11-28 120-0000-1234", ["120-0000-1234"]),
    ],
)  # fmt: skip
def test_several_numbers_are_kept_apart(text: str, numbers: list[str]) -> None:
    assert [written for written, _ in found(text)] == numbers


@pytest.mark.parametrize(
    "text",
    [
        "转账110元", "体重120斤", "第12345名", "获得10000积分", "共119人", "￥95588", "95588元到账",
        "验证码95588，请勿泄露", "您的校验码是10086", "密码12345", "余额 10010", "股票代码95588",
        "订单号12000001234", "快递单号：12000001234", "身份证500101199001011234", "身份证号码是四十一零六零一九九零零三一六零零三二",
        "卡号6222 0755 3456 7890 123", "6222 0755 3456 7890", "尾号1234", "工号 12000001234",
        "2026-11-28 10:00", "20261128", "2026年11月28日", "12,345,678,901", "192.168.100.123",
        "1 2 3 4 5 6 7 8 9 10", "一二三四五六七八九十", "一二三四五，上山打老虎", "http://a.test/12000001234",
        "https://a.example/?id=12000001234", "YJ12000001234", "12000001234abc", "3.1415926", "没有号码", "", "\ud800\x00",
    ],
)  # fmt: skip
def test_what_is_no_telephone_number_is_left_alone(text: str) -> None:
    assert numbers_in(text) == []


@given(st.from_regex(r"1[2-9][0-9]{9}", fullmatch=True), st.data())
def test_a_spelled_out_mobile_number_is_found_with_its_place(
    digits: str, data: st.DataObject
) -> None:
    style = data.draw(st.sampled_from(STYLES))
    parts = [digits[:3], digits[3:7], digits[7:]]
    mark = data.draw(st.sampled_from(["", " ", "-", "－", "，"]))
    written = mark.join("".join(style[int(d)] for d in part) for part in parts)
    text = f"请加{written}。谢谢"
    assert found(text) == [(written, "+86" + digits)]


def test_a_radio_numeral_behind_digits_belongs_to_them_and_another_may_be_a_word() -> None:
    [(written, number)] = found("请加幺三幺幺幺幺幺幺幺洞洞。谢谢")
    assert (written, number) == ("幺三幺幺幺幺幺幺幺洞洞", "+8613111111100")
    assert found("请打12000001234两次") == found("请打12000001234，两次")


ODD = ["请打110", "电话", "+86", "元", " ", "-", "，", "a", "\ud800", "\x00", "转", "号"]


@given(st.lists(st.sampled_from([*STYLES, *ODD]), max_size=30).map("".join))
def test_places_are_in_order_and_hold_what_is_said_of_them(text: str) -> None:
    last = 0
    for start, end, view in numbers_in(text):
        assert last <= start < end <= len(text)
        assert view.shown
        assert all((r.start, r.end) == (start, end) for r in view.reasons)
        last = end


@given(st.from_regex(r"1[2-9][0-9]{9}", fullmatch=True))
def test_a_number_in_a_text_is_the_number_alone(digits: str) -> None:
    ((_, _, view),) = numbers_in(f"打{digits}，")
    alone = look_at_number(digits, caller=False)
    assert (view.kind, view.e164, view.weight) == (alone.kind, alone.e164, alone.weight)


@pytest.mark.parametrize(
    "piece", ["1 ", "12000001234 ", "一二", "1-2 3,", "+852 ", "0", "\ud800\x00", "拨打110，", "9,"]
)
def test_a_hundred_thousand_characters_of_anything_end(piece: str) -> None:
    numbers_in((piece * 100_000)[:100_000])


@pytest.mark.parametrize("wrong", [None, 110, b"110"])
def test_what_is_no_text_is_refused_with_a_sentence(wrong: object) -> None:
    with pytest.raises(TypeError, match="文本应为文字"):
        numbers_in(wrong)  # type: ignore[arg-type]


def test_the_honest_texts_of_the_corpus_hold_no_number_that_speaks_for_fraud() -> None:
    for sample in read_corpus():
        if sample.side == "benign":
            for start, end, view in numbers_in(sample.text):
                assert view.weight <= 0.3, sample.text[start:end]
