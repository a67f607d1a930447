"""What region an address names: only what certainly is one."""

from __future__ import annotations

import pytest

from fangxian.exchange.regions import regions_of


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("四川省成都市武侯区玉林街道3号", ["四川省", "成都市", "武侯区", "玉林街道"]),
        ("成都市武侯区", ["成都市", "武侯区"]),
        ("四川成都市", ["四川", "成都市"]),
        ("重庆市璧山区大路街道", ["重庆市", "璧山区", "大路街道"]),
        ("广西壮族自治区南宁市", ["广西壮族自治区", "南宁市"]),
        ("外乡镇外村3组", ["外乡镇"]),
        ("示范县金峰镇海兰村3组", ["示范县", "金峰镇"]),
        ("忠县忠州街道", ["忠县", "忠州街道"]),
        ("四川省 成都市", ["四川省", "成都市"]),
    ],
)
def test_the_regions_an_address_begins_with_are_named(text: str, names: list[str]) -> None:
    assert [region.name for region in regions_of(text)[0]] == names


@pytest.mark.parametrize(
    "text",
    [
        "海兰村3组12号", "海南村2组", "重庆路12号", "河北社区", "阳光小区3栋", "海兰村超市旁", "大润发超市",
        "菜市场后面", "工业园区2号", "城市花园3栋", "老街5号", "3组12号", "集镇上", "海兰社区", "海兰", "",
        "农贸市场", "我县海兰村", "开发区海兰村",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_region_is_none(text: str) -> None:
    assert regions_of(text)[0] == []


def test_what_stands_behind_the_regions_is_kept() -> None:
    assert regions_of("示范县金峰镇海兰村3组")[1] == "海兰村3组"
