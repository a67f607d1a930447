"""The tree of places: added, renamed, closed, merged, with its history."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from fangxian.town import actions, audit, events
from fangxian.town.access import Ability, visible_places
from fangxian.town.actions import Refused
from fangxian.town.models import Household, Level, Place, Resident, Role
from fangxian.town.queries import duty_of
from town.hailan import Hailan


@pytest.fixture(autouse=True)
def long_ago(town: Hailan) -> None:
    Place.objects.update(valid_from=timezone.localdate() - timedelta(days=900))
    for key in town.places:
        town.places[key].refresh_from_db()


def test_a_new_grid_takes_the_next_free_number(town: Hailan) -> None:
    grid = actions.add_place(town.again("clerk1"), town.places["hailan"], "3号网格")
    assert (grid.code, grid.level) == (town.places["hailan"].code + "003", Level.GRID)
    assert grid in visible_places(town.again("village1"))


def test_the_number_of_a_closed_grid_is_not_given_out_again(town: Hailan) -> None:
    clerk = town.again("clerk1")
    actions.close_place(clerk, town.places["hailan2"])
    grid = actions.add_place(clerk, town.places["hailan"], "新网格")
    assert grid.code.endswith("003")


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("990101101202001", "12 位数字"),
        ("99010110120", "12 位数字"),
        ("990101102202", "以上级的 990101101 开头"),
        ("990101101201", "已被使用"),
    ],
)
def test_a_code_that_cannot_be_is_refused_with_what_was_expected(
    town: Hailan, code: str, sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        actions.add_place(town.again("clerk2"), town.places["town"], "新村", code)


def test_a_village_with_its_national_code(town: Hailan) -> None:
    village = actions.add_place(town.again("clerk2"), town.places["town"], "新村", "990101101202")
    assert (village.level, village.parent) == (Level.VILLAGE, town.places["town"])


def test_below_a_grid_there_is_nothing(town: Hailan) -> None:
    with pytest.raises(Refused, match="网格下面"):
        actions.add_place(town.again("clerk1"), town.places["hailan1"], "更小")


def test_a_clerk_of_one_village_changes_no_other(town: Hailan) -> None:
    for change in (
        lambda by: actions.add_place(by, town.places["qingshi"], "x"),
        lambda by: actions.rename_place(by, town.places["qingshi1"], "x"),
        lambda by: actions.close_place(by, town.places["qingshi1"]),
        lambda by: actions.merge_place(by, town.places["hailan1"], town.places["qingshi1"]),
    ):
        with pytest.raises(PermissionDenied):
            change(town.again("clerk1"))


def test_only_the_machine_itself_plants_a_tree(town: Hailan) -> None:
    with pytest.raises(PermissionDenied):
        actions.add_place(town.again("clerk2"), None, "新省", "980000000000")
    assert actions.add_place(audit.SYSTEM, None, "新省", "980000000000").level == Level.PROVINCE


def test_a_place_with_people_in_it_is_not_closed(town: Hailan, wang: Resident) -> None:
    with pytest.raises(Refused, match="还有居民或住户"):
        actions.close_place(town.again("clerk1"), town.places["hailan1"])
    with pytest.raises(Refused, match="下面还有地区"):
        actions.close_place(town.again("clerk1"), town.places["hailan"])


def test_closing_ends_the_duties_there_and_keeps_the_place_for_old_reports(town: Hailan) -> None:
    actions.close_place(town.again("clerk1"), town.places["hailan2"])
    place = Place.objects.get(pk=town.places["hailan2"].pk)
    assert place.valid_to == timezone.localdate()
    assert duty_of(place, Role.GRID) == []
    assert place not in visible_places(town.again("head"))


def test_a_place_is_not_closed_in_the_future_or_before_it_began(town: Hailan) -> None:
    for day in (timezone.localdate() + timedelta(days=1), town.places["hailan2"].valid_from):
        with pytest.raises(Refused, match="停用日期"):
            actions.close_place(town.again("clerk1"), town.places["hailan2"], day)


def test_a_closed_places_code_may_serve_again_with_its_own_dates(town: Hailan) -> None:
    clerk, old = town.again("clerk1"), town.places["hailan2"]
    actions.close_place(clerk, old)
    again = actions.add_place(clerk, town.places["hailan"], "二号网格", old.code)
    assert Place.objects.filter(code=old.code).count() == 2
    assert visible_places(clerk).get(code=old.code) == again


def test_merging_a_grid_moves_people_and_households(town: Hailan, wang: Resident) -> None:
    told: list[tuple[Place, Place]] = []

    def hear(old: Place, into: Place, **_: object) -> None:
        told.append((old, into))

    events.place_merged.connect(hear)
    try:
        actions.merge_place(town.again("clerk1"), town.places["hailan1"], town.places["hailan2"])
    finally:
        events.place_merged.disconnect(hear)
    wang.refresh_from_db()
    assert wang.place == wang.household.grid == town.places["hailan2"]  # type: ignore[union-attr]
    assert told == [(town.places["hailan1"], town.places["hailan2"])]
    assert not visible_places(town.again("head")).filter(pk=town.places["hailan1"].pk).exists()


def test_merging_a_village_moves_its_grids_with_their_workers(town: Hailan) -> None:
    home = Household.objects.create(grid=town.places["qingshi1"], address="青石1号")
    resident = Resident.objects.create(name="赵一", place=town.places["qingshi1"], household=home)
    actions.merge_place(town.again("clerk2"), town.places["qingshi"], town.places["hailan"])
    resident.refresh_from_db()
    assert resident.place.code == town.places["hailan"].code + "003"
    assert resident.place.parent == town.places["hailan"]
    assert [d.staff for d in duty_of(resident.place, Role.GRID)] == [town.staff["grid3"]]
    assert [d.staff for d in duty_of(resident.place, Role.VILLAGE)] == [town.staff["village1"]]
    assert resident.place in visible_places(town.again("village1"), Ability.SEE_RESIDENTS)


def test_unlike_places_are_not_merged(town: Hailan) -> None:
    for into in ("hailan", "hailan1"):
        with pytest.raises(Refused, match="同级"):
            actions.merge_place(town.again("clerk2"), town.places["hailan1"], town.places[into])
