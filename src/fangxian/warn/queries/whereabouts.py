"""Where a text of a list says that somebody lives: with us, elsewhere, or in a village misspelt."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from fangxian.exchange.problems import shown
from fangxian.exchange.regions import PROVINCES, Region, is_place_code, regions_of
from fangxian.town.models import Level, Place
from fangxian.town.queries import PlaceFinder
from fangxian.town.queries.places import folded, short_name

_VILLAGE = re.compile(r"(?P<name>[^\d\W]{1,8}?)(?:村民委员会|村委会|居委会|村|社区)")


@dataclass(frozen=True)
class Whereabouts:
    """What a text says. `place`: the smallest place of ours it names. `elsewhere`: the province,
    city, county or town it names that is not ours. `village`: a village or region it names that
    nobody knows, and `likely` the only one of ours that differs in one character."""

    place: Place | None = None
    elsewhere: str = ""
    village: str = ""
    likely: str = ""


@dataclass
class Surroundings:
    """Our places and what we know of those around, to judge many texts by."""

    finder: PlaceFinder
    towns: set[str]
    villages: list[str]
    larger: dict[str, set[str]]
    provinces: set[str]
    other_towns: set[str]
    _seen: dict[str, Whereabouts] = field(default_factory=dict)

    @classmethod
    def of(cls, ours: Iterable[Place]) -> Surroundings:
        """`ours`: the places at which the reader may take in. The others are read from the database."""
        ours = list(ours)
        codes = {place.code for place in ours}
        large = Place.objects.exclude(level__in=(Level.VILLAGE, Level.GRID))
        around = [(p.code, p.prefix, p.level, short_name(p.name)) for p in large]
        above = [
            (level, name)
            for _, prefix, level, name in around
            if any(code.startswith(prefix) for code in codes)
        ]
        towns = {name for level, name in above if level == Level.TOWN}
        return cls(
            finder=PlaceFinder(ours),
            towns=towns,
            villages=[p.name for p in ours if p.level == Level.VILLAGE],
            larger={
                tier: {name for level, name in above if level == tier}
                for tier in ("city", "county")
            },
            provinces={code[:2] for code in codes},
            other_towns={n for _, _, level, n in around if level == Level.TOWN} - towns,
        )

    def look(self, text: str) -> Whereabouts:
        """Judge one text: a village, an address, or a place code."""
        if text not in self._seen:
            self._seen[text] = self._look(text)
        return self._seen[text]

    def _look(self, text: str) -> Whereabouts:
        if not text:
            return Whereabouts()
        place = self.finder.find(text)
        if is_place_code(text):
            return Whereabouts(place, "" if place else shown(text))
        regions, rest = regions_of(text)
        for region in regions:
            if self._is_elsewhere(region, certain=place is None):
                return Whereabouts(elsewhere=_named(regions))
        if place:
            return Whereabouts(place)
        match = _VILLAGE.match(rest)
        village = match.group() if match else ""
        return Whereabouts(village=village or _named(regions), likely=self._likely(village or rest))

    def _is_elsewhere(self, region: Region, certain: bool) -> bool:
        """Whether a region is not ours. `certain`: nothing else in the text is ours.

        Where the tree of places ends at the town, nobody can say which county is ours; and an old
        township, merged long ago, still stands before its villages in many lists. So what we do
        not know counts only where the text names nothing of ours.
        """
        if region.tier == "province":
            # Made-up codes, as of a demonstration, belong to no province.
            known = self.provinces & PROVINCES.keys()
            return region.province_code not in known if known else certain
        if region.tier == "town":
            short = short_name(region.name)
            return short not in self.towns and (certain or short in self.other_towns)
        ours = self.larger[region.tier]
        # 示范县 alone may well be ours; a city is named only by those who write from outside.
        unknown = certain and region.tier == "city"
        return short_name(region.name) not in ours if ours else unknown

    def _likely(self, text: str) -> str:
        """The one village of ours whose name differs in one character, or ""."""
        short = short_name(text)
        near = {name for name in self.villages if _one_off(short, short_name(name))}
        return near.pop() if len(near) == 1 else ""


def _one_off(one: str, other: str) -> bool:
    return len(one) == len(other) > 1 and sum(a != b for a, b in zip(one, other, strict=True)) == 1


def _named(regions: list[Region]) -> str:
    return folded("".join(region.name for region in regions))
