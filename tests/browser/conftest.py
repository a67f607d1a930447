"""What the walks in a browser share: a town that the shipped sample speaks of, pictures, words."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import translation

from town_of_tests import SmallTown

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "samples" / "county-list-2026-11.xlsx"
PICTURES = ROOT / "build" / "journeys"


@pytest.fixture
def county_town(live_town: SmallTown) -> SmallTown:
    """The small town with the people of the shipped lists: those of 海兰村 live in its first grid,
    where our grid worker is; the other villages of the list are added, with one grid each."""
    from fangxian.town.models import Household, Level, Phone, Place, Resident
    from fangxian.town.sealed import blind_index

    grids = {live_town.villages[0].name: live_town.grids[0]}
    for n, person in enumerate(json.loads((ROOT / "samples/people.json").read_text("utf-8"))):
        name = person["village"]
        if name not in grids:
            code = f"{live_town.town.code[:9]}{210 + len(grids)}"
            village = Place.objects.create(
                code=code, name=name, level=Level.VILLAGE, parent=live_town.town
            )
            grids[name] = Place.objects.create(
                code=f"{code}001", name=f"{name}1号网格", level=Level.GRID, parent=village
            )
        home = Household.objects.create(grid=grids[name], address=person["address"])
        resident = Resident.objects.create(
            name=person["name"], place=grids[name], household=home, birth_year=1950 + n % 50
        )
        Phone.objects.create(
            resident=resident, number=person["phone"], index=blind_index(person["phone"])
        )
    return live_town


@pytest.fixture
def say() -> Callable[..., str]:
    """`say("en-US", "我的工作")` is that text as the page says it in the browser's language; a third
    argument is its context."""

    def words(language: str, text: str, context: str = "") -> str:
        with translation.override("en" if language.startswith("en") else "zh-hans"):
            return translation.pgettext(context, text) if context else translation.gettext(text)

    return words


@pytest.fixture
def picture() -> Callable[[Any, str], None]:
    """`picture(page, "call")` keeps what the page looks like under build/journeys/."""
    PICTURES.mkdir(parents=True, exist_ok=True)

    def take(page: Any, name: str) -> None:
        # On PostgreSQL it would be the same picture again.
        if connection.vendor != "sqlite":
            return
        width = page.viewport_size["width"]
        language = page.evaluate("document.documentElement.lang").split("-")[0]
        page.screenshot(path=PICTURES / f"{name}-{language}-{width}.png", full_page=True)

    return take
