"""Finding the place that a text names."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

from ..models import Level, Place

_NUMERALS = {c: i for i, c in enumerate("零一二三四五六七八九")}
_UNITS = "组|社|网格|格|队|小组"
_NUMBERED = re.compile(rf"第?([零一二三四五六七八九十百]+|\d+)号?(?={_UNITS})")
_NUMBER = re.compile(rf"(\d+)(?:{_UNITS})")
_KIND_OF_PLACE = re.compile(
    "(村民委员会|居民委员会|村委会|居委会|社区|村|街道办事处|街道|镇|乡|区|县|市|省)$"
)


def place_by_text(text: str, within: Iterable[Place]) -> Place | None:
    """The smallest place of `within` that `text` certainly names, or None.

    `text`: a code of 12 or 15 digits, a name with or without 村, 社区, 镇, or an address that
    begins with one: 海兰村3组, 金凤镇海兰村第三网格. Two places with equal right give None.
    """
    return PlaceFinder(within).find(text)


class PlaceFinder:
    """`place_by_text` for many texts: the places are read once (imports)."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._by_code: dict[str, Place] = {}
        self._names: dict[str, list[Place]] = defaultdict(list)
        # Grids by the code of their village, each with its folded name: folding takes its time.
        self._grids: dict[str, list[tuple[Place, str]]] = defaultdict(list)
        self._kept: dict[str, Place | None] = {}
        for place in places:
            self._by_code[place.code] = place
            if place.level == Level.GRID:
                self._grids[place.code[:12]].append((place, folded(place.name)))
            else:
                for name in {folded(place.name), short_name(place.name)}:
                    self._names[name].append(place)

    def find(self, text: str) -> Place | None:
        """See `place_by_text`."""
        if text not in self._kept:
            self._kept[text] = self._find(folded(text))
        return self._kept[text]

    def _find(self, text: str) -> Place | None:
        if text.isdigit():
            return self._by_code.get(text)
        found = self._named(text)
        villages = [p for p in found if p.level == Level.VILLAGE]
        if len(villages) > 1:
            # Two villages of one name: the town named beside it decides.
            towns = [p.prefix for p in found if p.level != Level.VILLAGE]
            villages = [p for p in villages if any(p.code.startswith(t) for t in towns)]
            return self._grid(villages[0], text) if len(villages) == 1 else None
        if villages:
            return self._grid(villages[0], text)
        grids = [g for gs in self._grids.values() for g, name in gs if name == text]
        if grids:
            return grids[0] if len(grids) == 1 else None
        longest = max((len(p.prefix) for p in found), default=0)
        nearest = [p for p in found if len(p.prefix) == longest]
        return nearest[0] if len(nearest) == 1 else None

    def _named(self, text: str) -> list[Place]:
        """Places whose name stands in the text, without names that are part of a longer one."""
        names = [name for name in self._names if len(name) > 1 and name in text]
        names = [n for n in names if not any(n != other and n in other for other in names)]
        return [place for name in names for place in _widest(self._names[name])]

    def _grid(self, village: Place, text: str) -> Place:
        grids = self._grids.get(village.code, [])
        whole = [g for g, name in grids if name in text]
        if len(whole) == 1:
            return whole[0]
        if number := _NUMBER.search(text):
            same = [g for g, name in grids if _number_of(name) == int(number[1])]
            if len(same) == 1:
                return same[0]
        return village


def folded(text: str) -> str:
    """One writing for one name: half width, no spaces, 第三网格 -> 3网格."""
    text = re.sub(r"[\s,，、·\-]+", "", unicodedata.normalize("NFKC", text))
    return _NUMBERED.sub(lambda m: str(_arabic(m[1])), text)


def _widest(places: list[Place]) -> list[Place]:
    """金凤 may be the town or its village of the same name: certain is only the town."""
    shortest = min(len(p.prefix) for p in places)
    return [p for p in places if len(p.prefix) == shortest]


def short_name(name: str) -> str:
    """海兰村 -> 海兰, 金峰镇 -> 金峰; a name of one character stays whole."""
    short = _KIND_OF_PLACE.sub("", folded(name))
    return short if len(short) > 1 else folded(name)


def _number_of(name: str) -> int | None:
    """The number in a grid's folded name, or none: names like 东湖苑 have no number."""
    number = _NUMBER.search(name)
    return int(number[1]) if number else None


def _arabic(numeral: str) -> int:
    """三 -> 3, 十二 -> 12, 二十 -> 20, 一百零五 -> 105."""
    if numeral.isdigit():
        return int(numeral)
    total, digit = 0, 0
    for char in numeral:
        if char in "十百":
            total += (digit or 1) * {"十": 10, "百": 100}[char]
            digit = 0
        else:
            digit = _NUMERALS[char]
    return total + digit
