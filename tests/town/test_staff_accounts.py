"""Accounts: made, retired, reset; by the security administrator only."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from fangxian.town import actions, audit
from fangxian.town.access import Ability, access_of
from fangxian.town.actions import Refused
from fangxian.town.models import AuditEntry, Duty, Level, Place, Role, SignIn, Staff
from fangxian.town.queries import visible_staff
from town.hailan import PASSWORD, Hailan


def test_a_new_account_has_a_first_password_and_no_rights(town: Hailan) -> None:
    made, word = actions.add_staff(
        town.again("security1"), " New.Person ", "新来", work_phone="+8612000000001"
    )
    assert made.username == "new.person"
    assert made.check_password(word)
    assert made.must_change_password
    assert str(made.work_phone) == "120****0001"
    assert not any(access_of(made).may(a) for a in Ability)
    assert word not in str([e.detail for e in AuditEntry.objects.all()])


@pytest.mark.parametrize(
    ("username", "name", "sentence"),
    [
        ("officer1", "新来", "已有人使用"),
        ("a", "新来", "2-40 位"),
        ("有名字", "新来", "2-40 位"),
        ("new1", " ", "姓名不能空着"),
    ],
)
def test_an_account_that_cannot_be_is_refused(
    town: Hailan, username: str, name: str, sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        actions.add_staff(town.again("security1"), username, name)


@pytest.mark.parametrize("who", ["head", "clerk2", "officer1", "system1", "auditor1"])
def test_nobody_else_touches_accounts(town: Hailan, who: str) -> None:
    by, person = town.again(who), town.staff["grid1"]
    for act in (
        lambda: actions.add_staff(by, "new1", "新来"),
        lambda: actions.edit_staff(by, person, name="x"),
        lambda: actions.reset_password(by, person),
        lambda: actions.unlock(by, person),
        lambda: actions.retire_staff(by, person),
        lambda: actions.reset_second_factor(by, person),
        lambda: actions.sign_out_everywhere(by, person),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_the_administrator_of_one_town_does_not_reach_the_staff_of_another(town: Hailan) -> None:
    other = Place.objects.create(
        code="990101102000", name="银峰镇", level=Level.TOWN, parent=town.places["county"]
    )
    stranger = Staff.objects.create_user("stranger1", PASSWORD, name="外人")
    Duty.objects.create(staff=stranger, role=Role.CLERK, place=other)
    with pytest.raises(PermissionDenied):
        actions.reset_password(town.again("security1"), stranger)
    assert stranger not in visible_staff(town.again("security1"), Ability.EDIT_STAFF)
    assert town.browser("security1").get(f"/town/staff/{stranger.pk}/").status_code == 404


def test_a_retired_account_is_signed_out_and_its_duties_end(town: Hailan) -> None:
    client = town.browser("grid1")
    actions.retire_staff(town.again("security1"), town.staff["grid1"])
    assert client.get("/town/me/").status_code == 302
    assert not SignIn.objects.filter(staff=town.staff["grid1"]).exists()
    assert not any(access_of(town.again("grid1")).may(a) for a in Ability)
    actions.readmit_staff(town.again("security1"), town.again("grid1"))
    assert not any(access_of(town.again("grid1")).may(a) for a in Ability)


def test_each_duty_that_ends_with_an_account_is_audited_those_to_come_as_well(
    town: Hailan,
) -> None:
    to_come = Duty.objects.create(
        staff=town.staff["grid1"],
        role=Role.GRID,
        place=town.places["hailan2"],
        starts_at=timezone.now() + timedelta(days=3),
    )
    actions.retire_staff(town.again("security1"), town.staff["grid1"])
    ended = AuditEntry.objects.filter(verb="duty_ended", thing="duty")
    assert set(ended.values_list("thing_id", flat=True)) == {
        str(to_come.pk),
        str(town.duties["grid1"].pk),
    }
    assert not Duty.objects.filter(pk=to_come.pk).exists()
    assert audit.verify()[1] == []


def test_nobody_closes_their_own_account(town: Hailan) -> None:
    security = town.again("security1")
    with pytest.raises(Refused, match="不能停用自己"):
        actions.retire_staff(security, security)


def test_first_passwords_are_long_and_never_the_same() -> None:
    words = {actions.staff.first_password() for _n in range(200)}
    assert len(words) == 200
    assert all(len(word) == 19 for word in words)
    assert not set("".join(words)) & set("01ilo")


def test_the_pages_of_accounts_do_what_they_say(town: Hailan) -> None:
    security, person = town.browser("security1"), town.staff["grid1"]
    made = security.post("/town/staff/new/", {"username": "new1", "name": "新来"})
    assert "首次登录时必须更换" in made.content.decode()
    security.post("/town/staff/", {"name": "综治中心", "kind": "town_hall"})
    assert "综治中心" in security.get("/town/staff/new/").content.decode()
    security.post(f"/town/staff/{person.pk}/", {"name": "改名", "badge": "G1"})
    assert town.again("grid1").name == "改名"
    reset = security.post(f"/town/staff/{person.pk}/reset-password/")
    assert "改名的初始密码" in reset.content.decode()
    assert not town.again("grid1").check_password(PASSWORD)
    security.post(f"/town/staff/{person.pk}/retire/")
    assert not town.again("grid1").is_active
