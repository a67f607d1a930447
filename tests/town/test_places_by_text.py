"""The place that a text of a list names."""

from __future__ import annotations

import pytest

from fangxian.town.models import Level, Place
from fangxian.town.queries import PlaceFinder, place_by_text
from town.hailan import Hailan


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("海兰村", "hailan"),
        ("海兰", "hailan"),
        (" 金峰镇 海兰村 ", "hailan"),
        ("海兰村2组", "hailan2"),
        ("海兰村第二网格", "hailan2"),
        ("海兰村２号网格", "hailan2"),
        ("示范县金峰镇海兰村1组15号", "hailan1"),
        ("海兰村7组", "hailan"),
        ("990101101201", "hailan"),
        ("990101101201002", "hailan2"),
        ("青石社区", "qingshi"),
        ("金峰镇", "town"),
    ],
)
def test_a_text_names_its_smallest_place(town: Hailan, text: str, key: str) -> None:
    assert place_by_text(text, Place.objects.all()) == town.places[key]


@pytest.mark.parametrize("text", ["", "白鹤村", "990101999999", "1号网格", "3组"])
def test_what_is_not_certain_is_nothing(town: Hailan, text: str) -> None:
    assert place_by_text(text, Place.objects.all()) is None


def test_two_villages_of_one_name_need_their_town(town: Hailan) -> None:
    other = Place.objects.create(
        code="990101102000", name="银峰镇", level=Level.TOWN, parent=town.places["county"]
    )
    twin = Place.objects.create(
        code="990101102201", name="海兰村", level=Level.VILLAGE, parent=other
    )
    finder = PlaceFinder(Place.objects.all())
    assert finder.find("海兰村") is None
    assert finder.find("银峰镇海兰村") == twin
    assert finder.find("金峰镇海兰村2组") == town.places["hailan2"]


def test_a_name_inside_a_longer_name_does_not_count(town: Hailan) -> None:
    Place.objects.create(
        code="990101101202", name="兰村", level=Level.VILLAGE, parent=town.places["town"]
    )
    assert place_by_text("海兰村3组", Place.objects.all()) == town.places["hailan"]


def test_a_village_named_like_its_town_is_not_guessed(town: Hailan) -> None:
    village = Place.objects.create(
        code="990101101203", name="金峰村", level=Level.VILLAGE, parent=town.places["town"]
    )
    finder = PlaceFinder(Place.objects.all())
    assert finder.find("金峰") == town.places["town"]
    assert finder.find("金峰镇金峰村") == village
