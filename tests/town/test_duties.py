"""Duties given, handed over, stood in for; administrators kept apart."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from fangxian.town import actions, audit, events
from fangxian.town.access import Ability, access_of
from fangxian.town.actions import Refused
from fangxian.town.models import Absence, Duty, Role, Shift, Staff
from fangxian.town.queries import duty_of
from town.hailan import Hailan


@pytest.fixture
def newcomer(town: Hailan) -> Staff:
    return Staff.objects.create_user(
        "new1", "x", name="新来", department=town.departments["committee"]
    )


@pytest.mark.parametrize("role", [Role.CLERK, Role.OFFICER, Role.VILLAGE, Role.EDUCATOR])
def test_a_clerk_gives_a_duty_in_their_village(town: Hailan, newcomer: Staff, role: str) -> None:
    duty = actions.give_duty(town.again("clerk1"), newcomer, role, town.places["hailan"])
    assert duty in duty_of(town.places["hailan"], role)


def test_not_in_another_village(town: Hailan, newcomer: Staff) -> None:
    with pytest.raises(PermissionDenied):
        actions.give_duty(town.again("clerk1"), newcomer, Role.VILLAGE, town.places["qingshi"])


@pytest.mark.parametrize(
    "who", ["officer1", "village1", "grid1", "system1", "security1", "auditor1"]
)
def test_those_who_do_not_edit_duties_give_none(town: Hailan, newcomer: Staff, who: str) -> None:
    with pytest.raises(PermissionDenied):
        actions.give_duty(town.again(who), newcomer, Role.GRID, town.places["hailan1"])


@pytest.mark.parametrize("role", [Role.LEADER, Role.SYSTEM, Role.SECURITY, Role.AUDITOR])
def test_leaders_and_administrators_are_appointed_by_the_security_administrator(
    town: Hailan, newcomer: Staff, role: str
) -> None:
    for who in ("head", "clerk2"):
        with pytest.raises(PermissionDenied):
            actions.give_duty(town.again(who), newcomer, role, town.places["town"])
    actions.give_duty(town.again("security1"), newcomer, role, town.places["town"])


def test_nobody_gives_themselves_what_they_do_not_hold(town: Hailan) -> None:
    clerk, security = town.again("clerk2"), town.again("security1")
    with pytest.raises(Refused, match="不能给自己增加权限"):
        actions.give_duty(clerk, clerk, Role.OFFICER, town.places["town"])
    with pytest.raises(Refused, match="不能给自己增加权限"):
        actions.give_duty(security, security, Role.LEADER, town.places["town"])


@pytest.mark.parametrize("first", [Role.SYSTEM, Role.SECURITY, Role.AUDITOR])
@pytest.mark.parametrize("second", list(Role))
def test_an_administrator_holds_no_second_role(
    town: Hailan, newcomer: Staff, first: str, second: str
) -> None:
    place = town.places["town"]
    actions.give_duty(audit.SYSTEM, newcomer, first, place)
    if second == first:
        return
    where = {Role.GRID: town.places["hailan1"], Role.VILLAGE: town.places["hailan"]}
    with pytest.raises(Refused, match="专任"):
        actions.give_duty(audit.SYSTEM, newcomer, second, where.get(second, place))


def test_nor_does_anybody_become_administrator_beside_their_work(town: Hailan) -> None:
    with pytest.raises(Refused, match="专任"):
        actions.give_duty(
            town.again("security1"), town.staff["officer1"], Role.AUDITOR, town.places["town"]
        )


def test_one_role_after_the_other_is_allowed(town: Hailan, newcomer: Staff) -> None:
    soon = timezone.now() + timedelta(days=10)
    place = town.places["town"]
    actions.give_duty(audit.SYSTEM, newcomer, Role.SYSTEM, place, ends_at=soon)
    actions.give_duty(audit.SYSTEM, newcomer, Role.CLERK, place, starts_at=soon)
    with pytest.raises(Refused, match="专任"):
        actions.give_duty(
            audit.SYSTEM, newcomer, Role.AUDITOR, place, starts_at=soon + timedelta(days=1)
        )


def test_a_stand_in_does_not_join_what_is_kept_apart(town: Hailan) -> None:
    now = timezone.now()
    with pytest.raises(Refused, match="专任"):
        actions.note_absence(
            town.again("auditor1"),
            town.staff["auditor1"],
            now,
            now + timedelta(days=2),
            stand_in=town.staff["clerk1"],
        )


def test_a_duty_given_to_a_stand_in_does_not_either(town: Hailan, newcomer: Staff) -> None:
    now = timezone.now()
    actions.note_absence(
        town.again("clerk1"), town.staff["clerk1"], now, now + timedelta(days=5), stand_in=newcomer
    )
    with pytest.raises(Refused, match="专任"):
        actions.give_duty(town.again("security1"), newcomer, Role.AUDITOR, town.places["town"])


def test_a_grid_worker_answers_for_a_grid_and_only_leaders_lead(
    town: Hailan, newcomer: Staff
) -> None:
    with pytest.raises(Refused, match="网格员要负责网格"):
        actions.give_duty(town.again("clerk2"), newcomer, Role.GRID, town.places["town"])
    with pytest.raises(Refused, match="只有领导可以分管"):
        actions.give_duty(
            town.again("clerk2"),
            newcomer,
            Role.CLERK,
            town.places["town"],
            leads=town.departments["peace"],
        )


def test_the_same_duty_is_not_given_twice(town: Hailan) -> None:
    with pytest.raises(Refused, match="已有这项职责"):
        actions.give_duty(
            town.again("clerk1"), town.staff["grid1"], Role.GRID, town.places["hailan1"]
        )


def test_a_hand_over_leaves_no_moment_without_anybody_and_none_with_two(
    town: Hailan, newcomer: Staff
) -> None:
    told: list[Duty] = []

    def hear(duty: Duty, **_: object) -> None:
        told.append(duty)

    at = timezone.now() + timedelta(days=3)
    events.duty_handed_over.connect(hear)
    try:
        taken = actions.hand_over(town.again("clerk1"), town.duties["grid1"], newcomer, at)
    finally:
        events.duty_handed_over.disconnect(hear)
    place = town.places["hailan1"]
    before = duty_of(place, Role.GRID, at - timedelta(microseconds=1))
    assert [d.staff for d in before] == [town.staff["grid1"]]
    assert [d.staff for d in duty_of(place, Role.GRID, at)] == [newcomer]
    assert taken.ends_at is None
    assert told == [town.duties["grid1"]]


def test_an_ended_duty_opens_nothing(town: Hailan) -> None:
    actions.end_duty(town.again("clerk1"), town.duties["grid1"])
    assert not access_of(town.again("grid1")).may(Ability.VISIT)
    with pytest.raises(Refused, match="已经结束"):
        actions.end_duty(town.again("clerk1"), Duty.objects.get(pk=town.duties["grid1"].pk))


def test_a_duty_that_has_not_begun_is_dropped(town: Hailan, newcomer: Staff) -> None:
    later = timezone.now() + timedelta(days=3)
    duty = actions.give_duty(
        town.again("clerk1"), newcomer, Role.GRID, town.places["hailan1"], starts_at=later
    )
    actions.end_duty(town.again("clerk1"), duty)
    assert not newcomer.duties.exists()


# --- absence ----------------------------------------------------------------------------------


def test_everybody_notes_their_own_absence_and_the_stand_in_has_the_same_duties(
    town: Hailan,
) -> None:
    now = timezone.now()
    grid1 = town.again("grid1")
    actions.note_absence(grid1, grid1, now, now + timedelta(days=1), stand_in=town.staff["grid3"])
    assert access_of(town.again("grid3")).may(Ability.VISIT, town.places["hailan1"].code)


def test_a_colleague_may_not_note_it_but_their_clerk_may(town: Hailan) -> None:
    now, grid1 = timezone.now(), town.staff["grid1"]
    with pytest.raises(PermissionDenied):
        actions.note_absence(town.again("grid2"), grid1, now, now + timedelta(days=1))
    actions.note_absence(town.again("clerk1"), grid1, now, now + timedelta(days=1))


def test_a_clerk_does_not_become_an_officer_by_standing_in_at_their_own_word(
    town: Hailan,
) -> None:
    now, clerk = timezone.now(), town.again("clerk1")
    with pytest.raises(Refused, match="不能给自己增加权限"):
        actions.note_absence(
            clerk, town.staff["officer1"], now, now + timedelta(days=1), stand_in=clerk
        )


def test_somebody_away_does_not_stand_in(town: Hailan) -> None:
    now = timezone.now()
    Absence.objects.create(
        staff=town.staff["grid2"], starts_at=now, ends_at=now + timedelta(hours=3)
    )
    with pytest.raises(Refused, match="也请假了"):
        actions.note_absence(
            town.again("grid1"),
            town.staff["grid1"],
            now,
            now + timedelta(days=1),
            stand_in=town.staff["grid2"],
        )


def test_two_absences_of_one_person_do_not_overlap(town: Hailan) -> None:
    now, grid1 = timezone.now(), town.again("grid1")
    actions.note_absence(grid1, grid1, now, now + timedelta(days=2))
    with pytest.raises(Refused, match="已登记请假"):
        actions.note_absence(grid1, grid1, now + timedelta(days=1), now + timedelta(days=3))


def test_back_early_ends_the_absence_now(town: Hailan) -> None:
    now, grid1 = timezone.now(), town.again("grid1")
    absence = actions.note_absence(grid1, grid1, now - timedelta(days=1), now + timedelta(days=2))
    actions.end_absence(grid1, absence)
    assert [d.staff for d in duty_of(town.places["hailan1"], Role.GRID)] == [grid1]


# --- roster -----------------------------------------------------------------------------------


def test_a_clerk_plans_shifts_and_an_overlap_is_refused_by_name(town: Hailan) -> None:
    start = timezone.now() + timedelta(days=1)
    officer = town.staff["officer1"]
    actions.plan_shifts(town.again("clerk2"), [(officer, start, start + timedelta(hours=8))])
    with pytest.raises(Refused, match="员officer1在"):
        actions.plan_shifts(
            town.again("clerk2"),
            [
                (town.staff["officer2"], start, start + timedelta(hours=8)),
                (officer, start + timedelta(hours=7), start + timedelta(hours=15)),
            ],
        )
    assert Shift.objects.count() == 1


def test_nobody_plans_their_own_shift_without_the_ability(town: Hailan) -> None:
    start = timezone.now()
    with pytest.raises(PermissionDenied):
        actions.plan_shifts(
            town.again("officer1"), [(town.staff["officer1"], start, start + timedelta(hours=8))]
        )
