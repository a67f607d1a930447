"""The tree of places: added, renamed, closed, merged, with its history."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from fangxian.town import actions, audit, events
from fangxian.town.access import Ability, visible_places
from fangxian.town.actions import Refused
from fangxian.town.actions.places import midnight
from fangxian.town.models import AuditEntry, Duty, Household, Level, Place, Resident, Role
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


def test_a_place_is_not_closed_before_it_began_or_merged_in_the_future(town: Hailan) -> None:
    clerk, (grid, other) = town.again("clerk1"), (town.places["hailan2"], town.places["hailan1"])
    with pytest.raises(Refused, match="停用日期"):
        actions.close_place(clerk, grid, grid.valid_from)
    with pytest.raises(Refused, match="停用日期只能是今天或以前"):
        actions.merge_place(clerk, grid, other, timezone.localdate() + timedelta(days=1))


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


# --- dates ------------------------------------------------------------------------------------
TODAY = timezone.localdate()


def test_a_closing_is_planned_until_then_the_place_exists_but_takes_in_nobody(
    town: Hailan,
) -> None:
    clerk, grid = town.again("clerk1"), town.places["hailan2"]
    day = TODAY + timedelta(days=10)
    actions.close_place(clerk, grid, day)
    assert visible_places(town.again("head")).filter(pk=grid.pk).exists()
    assert [d.staff for d in duty_of(grid, Role.GRID)] == [town.staff["grid2"]]
    assert duty_of(grid, Role.GRID, midnight(day)) == duty_of(grid, Role.VILLAGE, midnight(day))[:0]
    with pytest.raises(Refused, match="停用"):
        actions.add_resident(clerk, grid, "李秀英")
    with pytest.raises(Refused, match="停用"):
        actions.add_household(clerk, grid, "海兰村1号")


def test_a_planned_closing_is_taken_back_and_moved(town: Hailan) -> None:
    clerk, grid = town.again("clerk1"), town.places["hailan2"]
    actions.close_place(clerk, grid, TODAY + timedelta(days=10))
    actions.redate_place(clerk, grid, grid.valid_from, TODAY + timedelta(days=20))
    grid.refresh_from_db()
    assert grid.valid_to == TODAY + timedelta(days=20)
    actions.redate_place(clerk, grid, grid.valid_from)
    assert Place.objects.get(pk=grid.pk).valid_to is None
    assert AuditEntry.objects.filter(verb="place_redated").count() == 2


def test_a_place_that_begins_in_2030_is_not_usable_today(town: Hailan) -> None:
    clerk = town.again("clerk1")
    grid = actions.add_place(clerk, town.places["hailan"], "未来网格", valid_from=date(2030, 1, 1))
    assert not visible_places(clerk).filter(pk=grid.pk).exists()
    with pytest.raises(Refused, match="从 2030-01-01 起才启用"):
        actions.add_resident(clerk, grid, "李秀英")
    with pytest.raises(Refused, match="从 2030-01-01 起才启用"):
        actions.merge_place(clerk, town.places["hailan1"], grid)
    actions.redate_place(clerk, grid, TODAY)
    assert actions.add_resident(clerk, grid, "李秀英").place == grid


def test_a_place_with_people_does_not_begin_later_than_today(town: Hailan, wang: Resident) -> None:
    with pytest.raises(Refused, match="启用日期不能在以后"):
        actions.redate_place(
            town.again("clerk1"), town.places["hailan1"], TODAY + timedelta(days=1)
        )


def test_on_no_day_does_a_code_mean_two_places(town: Hailan) -> None:
    clerk, old = town.again("clerk1"), town.places["hailan2"]
    village, code = town.places["hailan"], old.code
    actions.close_place(clerk, old, TODAY - timedelta(days=5))
    with pytest.raises(Refused, match="已被使用"):
        actions.add_place(clerk, village, "重叠", code, valid_from=TODAY - timedelta(days=6))
    again = actions.add_place(clerk, village, "接着", code, valid_from=TODAY - timedelta(days=5))
    with pytest.raises(Refused, match="已被使用"):
        actions.redate_place(clerk, again, TODAY - timedelta(days=6))


def test_a_child_does_not_begin_before_its_parent(town: Hailan) -> None:
    with pytest.raises(Refused, match="早于上级"):
        actions.add_place(
            town.again("clerk1"),
            town.places["hailan"],
            "太早",
            valid_from=town.places["hailan"].valid_from - timedelta(days=1),
        )


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_slip_in_the_year_is_said_in_a_sentence(town: Hailan, day: str) -> None:
    client, grid = town.browser("clerk1"), town.places["hailan2"]
    for door, form in (
        (f"/town/places/{town.places['hailan'].pk}/add/", {"name": "x", "valid_from": day}),
        (f"/town/places/{grid.pk}/close/", {"on": day, "into": ""}),
        (f"/town/places/{grid.pk}/close/", {"on": day, "into": town.places["hailan1"].pk}),
        (f"/town/places/{grid.pk}/dates/", {"valid_from": day}),
        (f"/town/places/{grid.pk}/dates/", {"valid_from": f"{TODAY}", "valid_to": day}),
    ):
        page = client.post(door, form, follow=True)
        assert page.status_code == 200, door
        assert "日期应在 1949-10-01 至 2100-01-01 之间" in page.content.decode(), door


# --- duties in a merger -----------------------------------------------------------------------


def test_a_merger_keeps_the_end_of_a_duty_and_its_successor(town: Hailan) -> None:
    """A duty that ended in three days became endless, and who was to follow was lost."""
    now = timezone.now()
    ends = now + timedelta(days=3)
    Duty.objects.filter(pk=town.duties["grid3"].pk).update(ends_at=ends)
    grid, next_one = town.places["qingshi1"], town.staff["grid2"]
    follows = Duty.objects.create(
        staff=next_one, role=Role.GRID, place=grid, starts_at=ends, ends_at=ends + timedelta(days=9)
    )
    actions.merge_place(town.again("clerk2"), town.places["qingshi"], town.places["hailan"])
    moved = Place.objects.get(code=town.places["hailan"].code + "003")
    kept = [(d.staff, d.starts_at >= now, d.ends_at) for d in moved.duties.order_by("starts_at")]
    assert [(d, e) for d, _s, e in kept] == [
        (town.staff["grid3"], ends),
        (next_one, follows.ends_at),
    ]
    entries = AuditEntry.objects.filter(thing_id=str(follows.pk), verb="duty_ended")
    assert entries.get().detail["dropped"] is True
    assert AuditEntry.objects.filter(verb="duty_given").count() == 2


def test_a_future_duty_for_what_closes_is_dropped_only_with_an_entry(town: Hailan) -> None:
    later = Duty.objects.create(
        staff=town.staff["grid1"],
        role=Role.GRID,
        place=town.places["hailan2"],
        starts_at=timezone.now() + timedelta(days=5),
    )
    actions.merge_place(town.again("clerk1"), town.places["hailan2"], town.places["hailan1"])
    assert not Duty.objects.filter(pk=later.pk).exists()
    entry = AuditEntry.objects.get(verb="duty_ended", thing_id=str(later.pk))
    assert (entry.detail["staff"], entry.detail["dropped"]) == (town.staff["grid1"].pk, True)


# --- splitting --------------------------------------------------------------------------------


def test_a_grid_is_split_and_a_household_moves_with_all_in_it(town: Hailan, wang: Resident) -> None:
    told: list[dict[str, Any]] = []

    def hear(**said: Any) -> None:
        told.append(said)

    stays = Resident.objects.create(name="赵一", place=town.places["hailan1"])
    events.residents_moved.connect(hear)
    try:
        made = actions.split_place(
            town.again("clerk1"), town.places["hailan1"], "3号网格", [wang.household]
        )
    finally:
        events.residents_moved.disconnect(hear)
    wang.refresh_from_db()
    stays.refresh_from_db()
    assert wang.place == wang.household.grid == made  # type: ignore[union-attr]
    assert (made.code, stays.place) == (
        town.places["hailan"].code + "003",
        town.places["hailan1"],
    )
    assert [(t["residents"], t["old"], t["into"]) for t in told] == [
        ([wang.pk], town.places["hailan1"], made)
    ]


def test_who_lives_elsewhere_is_not_split_off(town: Hailan, wang: Resident) -> None:
    with pytest.raises(Refused, match="已不在"):
        actions.split_place(
            town.again("clerk1"), town.places["hailan2"], "3号网格", [wang.household]
        )
    with pytest.raises(Refused, match="请选择"):
        actions.split_place(town.again("clerk1"), town.places["hailan2"], "3号网格")


def test_a_grid_is_split_on_its_page(town: Hailan, wang: Resident) -> None:
    client, grid = town.browser("clerk1"), town.places["hailan1"]
    page = client.get(f"/town/places/{grid.pk}/split/").content.decode()
    assert "王*贵" in page
    assert "12号" not in page
    made = client.post(
        f"/town/places/{grid.pk}/split/", {"name": "3号网格", "households": [wang.household_id]}
    )
    assert made.status_code == 302
    wang.refresh_from_db()
    assert wang.place.name == "3号网格"
    assert town.browser("officer1").get(f"/town/places/{grid.pk}/split/").status_code == 403
