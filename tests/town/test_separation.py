"""Nobody comes by more than was decided: prolonged duties, stand-ins, roles kept apart."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from fangxian.town import actions, audit
from fangxian.town.access import Ability, access_of
from fangxian.town.actions import Refused
from fangxian.town.models import Absence, Duty, Role, Staff
from town.hailan import Hailan

DAY = timedelta(days=1)


@pytest.fixture
def newcomer(town: Hailan) -> Staff:
    return Staff.objects.create_user("new1", "x", name="新来")


def away(staff: Staff, stand_in: Staff, first: int, last: int) -> Absence:
    """An absence from `first` to `last` days from now, as it stands in the database."""
    now = timezone.now()
    return Absence.objects.create(
        staff=staff, stand_in=stand_in, starts_at=now + first * DAY, ends_at=now + last * DAY
    )


def test_a_duty_is_not_prolonged_by_ending_it_later(town: Hailan) -> None:
    duty, ends = town.duties["clerk1"], timezone.now() + 3 * DAY
    Duty.objects.filter(pk=duty.pk).update(ends_at=ends)
    with pytest.raises(Refused, match="不能在这里延长"):
        # The instance in hand still says that it goes on for ever.
        actions.end_duty(town.again("clerk2"), duty, ends + 9000 * DAY)
    assert Duty.objects.get(pk=duty.pk).ends_at == ends
    actions.end_duty(town.again("clerk2"), duty, ends - DAY)
    assert Duty.objects.get(pk=duty.pk).ends_at == ends - DAY


def test_nor_on_the_page(town: Hailan) -> None:
    ends = timezone.now() + 3 * DAY
    Duty.objects.filter(pk=town.duties["clerk2"].pk).update(ends_at=ends)
    page = town.browser("clerk2").post(
        f"/town/duties/{town.duties['clerk2'].pk}/", {"to": "", "on": "2099-01-01"}
    )
    assert "不能在这里延长" in page.content.decode()
    assert Duty.objects.get(pk=town.duties["clerk2"].pk).ends_at == ends


def test_a_duty_that_is_gone_is_not_ended_twice(town: Hailan, newcomer: Staff) -> None:
    by, place = town.again("clerk1"), town.places["hailan1"]
    duty = actions.give_duty(by, newcomer, Role.GRID, place, starts_at=timezone.now() + DAY)
    Duty.objects.filter(pk=duty.pk).delete()
    with pytest.raises(Refused, match="已经结束"):
        actions.end_duty(by, duty)


@pytest.mark.parametrize("role", [Role.SYSTEM, Role.SECURITY, Role.CLERK])
def test_whoever_an_auditor_stands_in_for_gets_no_other_role_meanwhile(
    town: Hailan, newcomer: Staff, role: str
) -> None:
    away(newcomer, town.staff["auditor1"], 5, 8)
    place = town.places["town"]
    with pytest.raises(Refused, match="员auditor1不能同时担任"):
        actions.give_duty(audit.SYSTEM, newcomer, role, place)
    assert not access_of(town.again("auditor1"), timezone.now() + 6 * DAY).may(Ability.CONFIGURE)


def test_before_and_after_the_absence_they_do(town: Hailan, newcomer: Staff) -> None:
    now, place = timezone.now(), town.places["town"]
    away(newcomer, town.staff["auditor1"], 5, 8)
    actions.give_duty(audit.SYSTEM, newcomer, Role.SYSTEM, place, ends_at=now + 4 * DAY)
    actions.give_duty(audit.SYSTEM, newcomer, Role.SYSTEM, place, starts_at=now + 9 * DAY)


def test_the_auditors_own_stand_in_from_another_auditor_is_fine(
    town: Hailan, newcomer: Staff
) -> None:
    actions.give_duty(audit.SYSTEM, newcomer, Role.AUDITOR, town.places["town"])
    auditor, now = town.again("auditor1"), timezone.now()
    actions.note_absence(auditor, auditor, now, now + DAY, stand_in=newcomer)


@pytest.mark.parametrize(("first", "last"), [(-300, -298), (40, 42)])
def test_having_stood_in_at_another_time_does_not_block_a_new_role(
    town: Hailan, newcomer: Staff, first: int, last: int
) -> None:
    away(town.staff["clerk1"], newcomer, first, last)
    actions.give_duty(
        town.again("security1"),
        newcomer,
        Role.AUDITOR,
        town.places["town"],
        ends_at=timezone.now() + 30 * DAY,
    )


# --- who may stand in --------------------------------------------------------------------------


def test_an_officer_alone_does_not_make_an_educator_an_officer(town: Hailan) -> None:
    officer, now = town.again("officer1"), timezone.now()
    with pytest.raises(Refused, match="没有民警一类的职责"):
        actions.note_absence(officer, officer, now, now + DAY, stand_in=town.staff["educator1"])
    assert not access_of(town.again("educator1")).may(Ability.REVEAL)


def test_whoever_appoints_officers_may_choose_anybody(town: Hailan) -> None:
    now, code = timezone.now(), town.places["hailan"].code
    actions.note_absence(
        town.again("clerk1"),
        town.staff["officer1"],
        now,
        now + DAY,
        stand_in=town.staff["educator1"],
    )
    assert access_of(town.again("educator1")).may(Ability.CALL, code)


def test_a_clerk_does_not_choose_who_stands_in_for_a_leader(town: Hailan) -> None:
    now = timezone.now()
    with pytest.raises(Refused, match="没有领导一类的职责"):
        actions.note_absence(
            town.again("clerk2"), town.staff["head"], now, now + DAY, stand_in=town.staff["grid1"]
        )


def test_a_duty_that_ends_before_the_absence_does_not_make_a_stand_in(town: Hailan) -> None:
    officer, now = town.again("officer1"), timezone.now()
    Duty.objects.filter(pk=town.duties["officer2"].pk).update(ends_at=now + 2 * DAY)
    with pytest.raises(Refused, match="没有民警一类的职责"):
        actions.note_absence(officer, officer, now, now + 5 * DAY, stand_in=town.staff["officer2"])
    actions.note_absence(officer, officer, now, now + DAY, stand_in=town.staff["officer2"])


def test_ones_own_absences_are_sixty_days_at_most_in_one_piece_or_many(town: Hailan) -> None:
    officer, now = town.again("officer1"), timezone.now()
    with pytest.raises(Refused, match="最多 60 天"):
        actions.note_absence(officer, officer, now, now + 61 * DAY)
    actions.note_absence(officer, officer, now, now + 40 * DAY)
    with pytest.raises(Refused, match="最多 60 天"):
        actions.note_absence(officer, officer, now + 40 * DAY, now + 65 * DAY)
    actions.note_absence(town.again("clerk1"), officer, now + 40 * DAY, now + 200 * DAY)


def test_the_security_administrator_notes_the_absence_of_an_administrator_on_the_page(
    town: Hailan,
) -> None:
    today = timezone.localdate().isoformat()
    facts = {"staff": town.staff["auditor1"].pk, "first": today, "last": today}
    town.browser("security1").post("/town/absences/", facts)
    assert Absence.objects.get().staff == town.staff["auditor1"]
