"""The province, city, county and town with which a Chinese address begins.

Read only from the front and only by their last character, so that 超市, 小区 or 街道边 inside an
address are not taken for a city, a district or a town.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from .characters import plain

Tier = Literal["province", "city", "county", "town"]

# GB/T 2260: the first two digits of a place code.
PROVINCES: Mapping[str, str] = {
    "11": "北京", "12": "天津", "13": "河北", "14": "山西", "15": "内蒙古", "21": "辽宁", "22": "吉林",
    "23": "黑龙江", "31": "上海", "32": "江苏", "33": "浙江", "34": "安徽", "35": "福建", "36": "江西",
    "37": "山东", "41": "河南", "42": "湖北", "43": "湖南", "44": "广东", "45": "广西", "46": "海南",
    "50": "重庆", "51": "四川", "52": "贵州", "53": "云南", "54": "西藏", "61": "陕西", "62": "甘肃",
    "63": "青海", "64": "宁夏", "65": "新疆", "71": "台湾", "81": "香港", "82": "澳门",
}  # fmt: skip
_CODE_OF = {name: code for code, name in PROVINCES.items()}
_PROVINCE = re.compile(
    f"(?P<name>{'|'.join(PROVINCES.values())})"
    "(?P<suffix>省|市|(?:壮族|回族|维吾尔)?自治区|特别行政区)?"
)
# Characters that no name of a region holds: the name has ended before them.
_NAME = r"[^\d\W村组社号路街巷栋楼店站厂校院镇乡]"
_CITY = re.compile(rf"(?P<name>{_NAME}{{2,7}}?)(?P<suffix>自治州|地区|市(?!场|政)|盟)")
_COUNTY = re.compile(rf"(?P<name>{_NAME}{{1,7}}?)(?P<suffix>自治县|县(?!城)|区|市(?!场|政)|旗)")
_TOWN = re.compile(r"(?P<name>[^\d\W村组社号巷栋楼店站]{2,6}?)(?P<suffix>镇|乡|街道办事处|街道)")
_NOT_A_CITY = re.compile(r"[超城门夜菜集商农]$")
_NOT_A_COUNTY = re.compile(
    r"(?:[小园片库景辖老矿牧本我全该外同]|^城|老城|开发|工业|高新|住宅|生活|居民|家属|服务|超|门|夜|菜)$"
)
_NOT_A_TOWN = re.compile(r"[城集场古老本我全该]$")
_CODE = re.compile(r"\d{9}|\d{12}|\d{15}")


@dataclass(frozen=True)
class Region:
    """One step of an address: `name` as written (成都市), `short` without its last word (成都)."""

    tier: Tier
    name: str
    short: str
    province_code: str = ""


def regions_of(text: str) -> tuple[list[Region], str]:
    """The regions an address begins with, from large to small, and what stands behind them."""
    rest = re.sub(r"\s+", "", plain(text))
    found: list[Region] = []
    if (province := _PROVINCE.match(rest)) and _is_province(province, rest):
        name = province["name"]
        found.append(Region("province", province.group(), name, _CODE_OF[name]))
        rest = rest[province.end() :]
    steps: tuple[tuple[Tier, re.Pattern[str], re.Pattern[str]], ...] = (
        ("city", _CITY, _NOT_A_CITY),
        ("county", _COUNTY, _NOT_A_COUNTY),
        ("town", _TOWN, _NOT_A_TOWN),
    )
    for tier, form, wrong in steps:
        match = form.match(rest)
        if match and not wrong.search(match["name"]):
            found.append(Region(tier, match.group(), match["name"]))
            rest = rest[match.end() :]
    return found, rest


def _is_province(match: re.Match[str], text: str) -> bool:
    """海南村 and 重庆路 are no provinces: without 省 or 市, a city or county must follow."""
    behind = text[match.end() :]
    return bool(match["suffix"] or _CITY.match(behind) or _COUNTY.match(behind))


def is_place_code(text: str) -> bool:
    """Whether a text is a code of a town (9 digits), village (12) or grid (15)."""
    return bool(_CODE.fullmatch(plain(text).strip()))
