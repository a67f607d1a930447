"""Who gets a task: the duty tree says who may, then roster, load and distance choose."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from fangxian.town.models import Absence, Department, Duty, Place, Role, Shift, Staff
from fangxian.warn.assignment import Assigner, Map, distance_km, minutes
from fangxian.warn.models import Task
from town_of_tests import SmallTown
from warn.call_town import arrive, ring, todo


def choose(town: SmallTown, kind: str, place: Any, besides: tuple[int, ...] = ()) -> Staff | None:
    return Assigner(timezone.now()).choose(kind, place, besides)


def away(town: SmallTown, who: str, stand_in: Staff | None = None) -> None:
    now = timezone.now()
    Absence.objects.create(
        staff=town.staff[who], stand_in=stand_in,
        starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=1),
    )  # fmt: skip


# --- the duty tree says who may ------------------------------------------------------------------


def test_a_call_is_an_officers_and_a_visit_the_grid_workers(small_town: SmallTown) -> None:
    grid = small_town.grids[0]
    assert choose(small_town, Task.Kind.CALL, grid) == small_town.staff["officer"]
    assert choose(small_town, Task.Kind.VISIT, grid) == small_town.staff["grid"]


def test_a_grid_without_a_worker_is_the_villages_and_one_without_staff_an_officers(
    small_town: SmallTown,
) -> None:
    assert choose(small_town, Task.Kind.VISIT, small_town.grids[1]) == small_town.staff["village"]
    assert choose(small_town, Task.Kind.VISIT, small_town.grids[3]) == small_town.staff["officer"]


def test_who_is_away_gets_nothing_and_the_stand_in_does(small_town: SmallTown) -> None:
    away(small_town, "officer")
    assert choose(small_town, Task.Kind.CALL, small_town.town) == small_town.staff["officer2"]
    away(small_town, "grid", stand_in=small_town.staff["village"])
    assert choose(small_town, Task.Kind.VISIT, small_town.grids[0]) == small_town.staff["village"]


def test_where_nobody_answers_nobody_is_chosen(small_town: SmallTown) -> None:
    for who in ("officer", "officer2"):
        away(small_town, who)
    assert choose(small_town, Task.Kind.CALL, small_town.town) is None
    episode = arrive(small_town)
    assert todo(episode, "call").assigned_to is None


def test_nobody_of_another_town_is_chosen(small_town: SmallTown) -> None:
    assert choose(small_town, Task.Kind.CALL, small_town.foreign_grid) == small_town.foreign


def test_reviews_wait_for_whoever_did_not_act(small_town: SmallTown) -> None:
    assert choose(small_town, Task.Kind.REVIEW, small_town.town) is None


def test_who_must_not_get_it_does_not(small_town: SmallTown) -> None:
    first = small_town.staff["officer"].pk
    assert (
        choose(small_town, Task.Kind.CALL, small_town.town, (first,))
        == (small_town.staff["officer2"])
    )


# --- then roster, load, distance ------------------------------------------------------------------


def test_who_is_on_the_roster_comes_before_who_has_less_to_do(small_town: SmallTown) -> None:
    now = timezone.now()
    Shift.objects.create(
        staff=small_town.staff["officer2"],
        starts_at=now - timedelta(hours=1),
        ends_at=now + timedelta(hours=1),
    )
    arrive(small_town, 1)
    assert choose(small_town, Task.Kind.CALL, small_town.town) == small_town.staff["officer2"]


def test_work_is_shared_out_evenly_also_within_one_list(small_town: SmallTown) -> None:
    assigner = Assigner(timezone.now())
    chosen = [assigner.choose(Task.Kind.CALL, small_town.town) for _ in range(6)]
    officers = [small_town.staff["officer"], small_town.staff["officer2"]]
    assert [chosen.count(officer) for officer in officers] == [3, 3]


def test_follow_ups_planned_for_next_month_are_nobodys_work_today(small_town: SmallTown) -> None:
    episode = arrive(small_town)
    ring(small_town, episode, "dissuaded")
    planned = Task.objects.filter(kind="follow_up", assigned_to=small_town.staff["officer"])
    assert planned.count() == 2
    assert choose(small_town, Task.Kind.CALL, small_town.town) == small_town.staff["officer"]


def test_of_two_with_the_same_load_the_nearer_goes(small_town: SmallTown) -> None:
    village = small_town.villages[0]
    near = Staff.objects.create_user(
        "near", None, name="近", department=Department.objects.get(name="海兰村委会"),
        lat=village.lat, lon=village.lon,
    )  # fmt: skip
    Duty.objects.create(
        staff=near, role=Role.VILLAGE, place=village, starts_at=timezone.now() - timedelta(days=1)
    )
    Staff.objects.filter(pk=small_town.staff["village"].pk).update(lat=30.5, lon=106.3)
    assert choose(small_town, Task.Kind.FIND, village) == near


def test_a_degree_of_latitude_is_111_km_and_of_longitude_less_by_the_cosine() -> None:
    assert distance_km((30.0, 106.0), (31.0, 106.0)) == pytest.approx(111.2)
    assert distance_km((30.0, 106.0), (30.0, 107.0)) == pytest.approx(96.3, abs=0.05)


@pytest.mark.parametrize(
    ("kind", "nearer", "farther"),
    [
        # (tasks in hand, km to the door); a task weighs as much as ten kilometres
        (Task.Kind.VISIT, (1, 0.0), (0, 140.0)),
        (Task.Kind.VISIT, (0, 9.0), (1, 0.0)),
        (Task.Kind.VISIT, (1, 0.0), (0, 11.0)),
        (Task.Kind.FIND, (2, 1.0), (2, 2.0)),
        # nobody knows where: as far as a town is wide
        (Task.Kind.VISIT, (0, 3.0), (0, None)),
        (Task.Kind.VISIT, (0, None), (0, 30.0)),
        # a call is as near from anywhere
        (Task.Kind.CALL, (0, 140.0), (1, 0.0)),
    ],
)
def test_load_and_distance_are_weighed_in_minutes(
    kind: str, nearer: tuple[int, float | None], farther: tuple[int, float | None]
) -> None:
    assert minutes(kind, *nearer) < minutes(kind, *farther)


def on_roster(staff: Staff, hours: float = 0) -> None:
    """On the roster for an hour, `hours` from now."""
    start = timezone.now() + timedelta(hours=hours) - timedelta(minutes=30)
    Shift.objects.create(staff=staff, starts_at=start, ends_at=start + timedelta(hours=1))


@pytest.mark.parametrize(
    ("here", "later", "chosen"),
    [
        ((), (), "grid"),  # no roster is kept: who knows the door goes
        (("village",), (), "village"),  # the grid worker's own department says: not there
        (("village",), ("grid",), "village"),
        (("grid", "village"), (), "grid"),
        (("officer",), (), "grid"),  # the police keep a roster, the village committee none
        (("officer",), ("grid",), "officer"),
        ((), ("grid", "village", "officer"), "grid"),  # nobody is there: still somebody's
    ],
)
def test_who_is_off_by_the_roster_gets_a_visit_only_where_nobody_is_on(
    small_town: SmallTown, here: tuple[str, ...], later: tuple[str, ...], chosen: str
) -> None:
    for who in here:
        on_roster(small_town.staff[who])
    for who in later:
        on_roster(small_town.staff[who], hours=10)
    found = choose(small_town, Task.Kind.VISIT, small_town.grids[0])
    # Both officers are the same to a visit.
    assert found is not None
    assert found.username.rstrip("2") == chosen


def test_who_is_nowhere_on_the_map_is_where_the_duty_is(small_town: SmallTown) -> None:
    grid, village = small_town.grids[0], small_town.villages[0]
    duty = Duty.objects.select_related("staff", "place").get(staff=small_town.staff["grid"])
    assert (duty.staff.lat, grid.lat) == (None, None)
    # A grid without a centre is where its village is; so is the worker.
    assert Map().km(duty, grid) == 0.0
    away = Place(lat=village.lat + 1, lon=village.lon)
    assert Map().km(duty, away) == pytest.approx(111.2)
    Place.objects.update(lat=None, lon=None)
    assert Map().km(duty, Place.objects.get(pk=grid.pk)) is None


def test_choosing_for_a_whole_list_asks_the_database_once_a_place(
    small_town: SmallTown, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(8):
        assigner = Assigner(timezone.now())
        for _ in range(30):
            assigner.choose(Task.Kind.FIND, small_town.grids[0])
