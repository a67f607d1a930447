"""Who answers for a place, and whom to tell next."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from fangxian.town.models import Absence, Duty, Role, Shift
from fangxian.town.queries import absent, chain_of, duty_of, on_shift
from town.hailan import Hailan


def names(duties: list[Duty]) -> list[str]:
    return [d.staff.username for d in duties]


def away(town: Hailan, who: str, stand_in: str = "") -> None:
    now = timezone.now()
    Absence.objects.create(
        staff=town.staff[who],
        stand_in=town.staff[stand_in] if stand_in else None,
        starts_at=now - timedelta(hours=1),
        ends_at=now + timedelta(hours=1),
    )


def end(town: Hailan, *who: str) -> None:
    Duty.objects.filter(pk__in=[town.duties[w].pk for w in who]).update(
        ends_at=timezone.now() - timedelta(hours=1)
    )


def test_a_grid_climbs_to_village_clerk_the_clerks_leader_and_the_head(town: Hailan) -> None:
    chain = chain_of(town.places["hailan1"], Role.GRID)
    assert names(chain) == ["grid1", "village1", "clerk1", "leader1", "head"]


def test_officers_climb_to_the_leader_of_the_station_and_the_head(town: Hailan) -> None:
    assert names(chain_of(town.places["hailan1"], Role.OFFICER)) == ["officer1", "leader2", "head"]


def test_a_village_without_its_own_officer_is_the_town_officers(town: Hailan) -> None:
    assert names(duty_of(town.places["qingshi1"], Role.OFFICER)) == ["officer2"]
    assert names(duty_of(town.places["qingshi1"], Role.CLERK)) == ["clerk2"]


def test_a_village_that_no_clerk_took_climbs_to_its_officers(town: Hailan) -> None:
    end(town, "clerk1", "clerk2")
    chain = chain_of(town.places["hailan1"], Role.GRID)
    assert names(chain) == ["grid1", "village1", "officer1", "leader2", "head"]


def test_a_stand_in_takes_the_place_of_someone_away(town: Hailan) -> None:
    away(town, "grid1", "grid2")
    first, *_ = chain_of(town.places["hailan1"], Role.GRID)
    assert first.staff == town.staff["grid2"]
    assert first.held_for == town.staff["grid1"]


def test_a_stand_in_climbs_to_the_leader_of_the_absent_clerks_department(town: Hailan) -> None:
    away(town, "clerk1", "officer1")
    assert names(chain_of(town.places["hailan1"], Role.CLERK)) == ["officer1", "leader1", "head"]


def test_someone_away_without_stand_in_leaves_the_work_to_the_next_place_up(town: Hailan) -> None:
    away(town, "officer1")
    assert names(duty_of(town.places["hailan1"], Role.OFFICER)) == ["officer2"]


def test_a_stand_in_who_is_away_too_is_no_stand_in(town: Hailan) -> None:
    away(town, "grid1", "grid2")
    away(town, "grid2")
    assert absent(timezone.now())[town.staff["grid1"].pk] is None
    assert names(chain_of(town.places["hailan1"], Role.GRID))[0] == "village1"


def test_nobody_stands_in_the_chain_twice(town: Hailan) -> None:
    away(town, "leader1", "head")
    assert names(chain_of(town.places["hailan1"], Role.CLERK)) == ["clerk1", "head"]


def test_a_closed_account_answers_for_nothing(town: Hailan) -> None:
    town.staff["grid1"].is_active = False
    town.staff["grid1"].save()
    assert duty_of(town.places["hailan1"], Role.GRID) == []


def test_duties_end_at_the_moment_they_end(town: Hailan) -> None:
    duty = town.duties["grid1"]
    duty.ends_at = timezone.now() + timedelta(days=2)
    duty.save()
    place = town.places["hailan1"]
    assert names(duty_of(place, Role.GRID, duty.ends_at - timedelta(seconds=1))) == ["grid1"]
    assert duty_of(place, Role.GRID, duty.ends_at) == []


@pytest.mark.django_db
def test_a_town_without_anybody_has_an_empty_chain(town: Hailan) -> None:
    Duty.objects.all().delete()
    assert chain_of(town.places["hailan1"], Role.GRID) == []


def test_a_chain_costs_two_queries(town: Hailan, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(2):  # type: ignore[operator]
        chain_of(town.places["hailan1"], Role.GRID)


def test_the_roster_says_who_is_here(town: Hailan) -> None:
    now = timezone.now()
    one, other = town.staff["officer1"], town.staff["officer2"]
    Shift.objects.create(staff=one, starts_at=now, ends_at=now + timedelta(hours=8))
    assert on_shift([one.pk, other.pk], now) == {one.pk}
    assert on_shift([one.pk, other.pk], now + timedelta(hours=8)) == set()
