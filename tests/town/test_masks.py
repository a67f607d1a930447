"""Masks: what stands on a screen does not lead to a door or a telephone."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangxian.town.masks import mask_address, names_a_number, without_identities


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("解放路12巷3户", "解放路*巷*户"),
        ("南京东路18弄5号602室", "南京东路*弄*号*室"),
        ("海兰村五组六号", "海兰村*组*号"),
        ("五组张家村6号", "*组张家村*号"),
        ("三里村3组", "三里村*组"),
        ("五四路２２号", "五四路*号"),
        ("八一社区B2-1201", "八一社区*-*"),
        ("海兰村甲栋", "海兰村*栋"),
    ],
)
def test_the_place_stays_and_the_way_to_the_door_goes(address: str, shown: str) -> None:
    assert mask_address(address) == shown


HOUSE = st.lists(
    st.tuples(
        st.one_of(
            st.integers(1, 9999).map(str), st.sampled_from(["三", "十二", "B", "甲", "２２"])
        ),
        st.sampled_from("组号栋幢室楼座巷弄户院队排" + "#"),
    ),
    min_size=1,
    max_size=5,
)


@given(st.sampled_from(["海兰村", "解放路", "青石社区", ""]), HOUSE)
def test_no_digit_of_an_address_is_left(place: str, house: list[tuple[str, str]]) -> None:
    shown = mask_address(place + "".join(number + word for number, word in house))
    assert shown == place + "".join("*" + word for _number, word in house)


@given(st.text())
def test_no_digit_of_any_text_is_left(text: str) -> None:
    assert not re.search("[0-9０-９A-Za-z]", mask_address(text))


@given(
    st.text(alphabet="约王上门 的", max_size=8),
    st.lists(st.sampled_from("0123456789"), min_size=7, max_size=18),
    st.sampled_from(["", " ", "-", " - ", "·"]),
)
def test_a_long_number_never_stays_in_a_free_text(
    before: str, digits: list[str], between: str
) -> None:
    digits[0] = "3"  # a year of 19 or 20 begins a date
    text = f"{before}{between.join(digits)}。"
    if len(between) < 3:
        assert names_a_number(text)
        assert not re.search(r"\d", without_identities(text))


@pytest.mark.parametrize("text", ["约 2026-11-24 10:30 上门", "2026年11月24日", "3组12号", "110"])
def test_dates_and_short_numbers_stay(text: str) -> None:
    assert without_identities(text) == text
    assert not names_a_number(text)


def test_a_number_said_in_chinese_digits_goes_too() -> None:
    assert without_identities("打幺二零零零零零零零零一核对") == "打***核对"
