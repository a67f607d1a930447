"""Who may do what: every role in its own area and outside it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from fangxian.town import actions
from fangxian.town.access import ABILITIES, SEPARATED, Ability, access_of, check, visible_places
from fangxian.town.models import Absence, ApiToken, Duty, Resident, Role
from fangxian.town.queries import visible_residents
from town.hailan import Hailan

A = Ability
# What each role may do, written out a second time: a change of the table is a decision.
EXPECTED = {
    "head": {A.ASSIGN, A.REVIEW, A.SEE_CASES, A.SEE_BOARD, A.EDIT_DUTIES, A.EXPORT,
             A.SEE_RETENTION, A.SEE_PLACES, A.SEE_DUTIES, A.SEE_RESIDENTS, A.SEE_EPISODES},
    "clerk2": {A.TAKE_IN, A.ASSIGN, A.EXPORT, A.REVEAL, A.EDIT_RESIDENTS, A.EDIT_PLACES,
               A.SEE_CASES, A.EDIT_CASES, A.SEE_BOARD, A.EDIT_DUTIES, A.REVIEW, A.SEE_RETENTION,
               A.SEE_PLACES, A.SEE_DUTIES, A.SEE_RESIDENTS, A.SEE_EPISODES},
    "officer2": {A.TAKE_IN, A.CALL, A.VISIT, A.REVEAL, A.EDIT_RESIDENTS, A.SEE_CASES,
                 A.EDIT_CASES, A.SEE_BOARD, A.SEE_PLACES, A.SEE_DUTIES, A.SEE_RESIDENTS,
                 A.SEE_EPISODES},
    "village1": {A.VISIT, A.REVEAL, A.EDIT_RESIDENTS, A.SEE_BOARD, A.SEE_PLACES, A.SEE_DUTIES,
                 A.SEE_RESIDENTS, A.SEE_EPISODES},
    "grid1": {A.VISIT, A.REVEAL, A.SEE_PLACES, A.SEE_DUTIES, A.SEE_RESIDENTS, A.SEE_EPISODES},
    "educator1": {A.SEE_PLACES, A.SEE_BOARD},
    "system1": {A.SEE_PLACES, A.CONFIGURE},
    "security1": {A.SEE_PLACES, A.SEE_DUTIES, A.EDIT_STAFF, A.TOKENS},
    "auditor1": {A.SEE_PLACES, A.AUDIT, A.SEE_RETENTION},
}  # fmt: skip
OWN = {"village1": "hailan", "grid1": "hailan1"}
FOREIGN = {"village1": "qingshi", "grid1": "hailan2"}


@pytest.mark.parametrize("who", EXPECTED)
def test_each_role_may_do_its_own_in_its_own_area_and_nothing_else(town: Hailan, who: str) -> None:
    access = access_of(town.again(who))
    own = town.places[OWN.get(who, "town")].code
    assert {a for a in Ability if access.may(a, own)} == EXPECTED[who]
    assert {a for a in Ability if access.may(a)} == EXPECTED[who]


@pytest.mark.parametrize("who", EXPECTED)
def test_no_role_may_do_anything_in_a_foreign_area(town: Hailan, who: str) -> None:
    access = access_of(town.again(who))
    foreign = town.places[FOREIGN[who]].code if who in FOREIGN else "990101102000"
    assert not any(access.may(ability, foreign) for ability in Ability)
    assert not any(access.may(ability, town.places["county"].code) for ability in Ability)


def test_the_administrators_see_no_resident_and_no_episode() -> None:
    for role in SEPARATED:
        assert not ABILITIES[role] & {A.SEE_RESIDENTS, A.SEE_EPISODES, A.REVEAL, A.SEE_CASES}


def test_no_ability_is_held_by_two_administrators() -> None:
    for one in SEPARATED:
        for other in SEPARATED:
            if one != other:
                assert ABILITIES[one] & ABILITIES[other] <= {A.SEE_PLACES}


def test_a_person_without_duty_may_do_nothing(town: Hailan) -> None:
    Duty.objects.filter(staff=town.staff["clerk2"]).delete()
    access = access_of(town.again("clerk2"))
    assert not any(access.may(a) for a in Ability)
    assert not visible_places(town.again("clerk2")).exists()


def test_a_duty_holds_from_its_first_moment_to_before_its_last(town: Hailan) -> None:
    duty = town.duties["grid1"]
    duty.ends_at = timezone.now() + timedelta(days=1)
    duty.save()
    staff = town.again("grid1")
    assert access_of(staff, duty.starts_at).may(A.VISIT)
    assert not access_of(town.again("grid1"), duty.starts_at - timedelta(seconds=1)).may(A.VISIT)
    assert access_of(staff, duty.ends_at - timedelta(seconds=1)).may(A.VISIT)
    assert not access_of(town.again("grid1"), duty.ends_at).may(A.VISIT)


def test_two_places_are_two_areas_not_all_between(town: Hailan) -> None:
    Duty.objects.create(
        staff=town.staff["grid1"], role=Role.GRID, place=town.places["qingshi1"],
        starts_at=timezone.now() - timedelta(days=1),
    )  # fmt: skip
    access = access_of(town.again("grid1"))
    assert access.may(A.VISIT, town.places["hailan1"].code)
    assert access.may(A.VISIT, town.places["qingshi1"].code)
    assert not access.may(A.VISIT, town.places["hailan2"].code)
    assert {p.name for p in visible_places(town.again("grid1"))} == {"1号网格"}
    assert visible_places(town.again("grid1")).count() == 2


def test_a_stand_in_may_only_while_the_other_is_away(town: Hailan) -> None:
    now = timezone.now()
    Absence.objects.create(
        staff=town.staff["officer1"], stand_in=town.staff["grid3"],
        starts_at=now, ends_at=now + timedelta(days=1),
    )  # fmt: skip
    code = town.places["hailan"].code
    assert access_of(town.again("grid3"), now).may(A.CALL, code)
    assert not access_of(town.again("grid3"), now - timedelta(seconds=1)).may(A.CALL, code)
    assert not access_of(town.again("grid3"), now + timedelta(days=1)).may(A.CALL, code)


def test_a_closed_account_may_do_nothing(town: Hailan) -> None:
    staff = town.again("clerk2")
    staff.is_active = False
    assert not any(access_of(staff).may(a) for a in Ability)


@pytest.mark.parametrize("who", list(EXPECTED))
def test_lists_hold_what_may_be_seen_and_nothing_more(
    town: Hailan, wang: Resident, who: str
) -> None:
    stranger = Resident.objects.create(name="赵一", place=town.places["qingshi1"])
    seen = set(visible_residents(town.again(who)))
    sees_all = {wang, stranger} if A.SEE_RESIDENTS in EXPECTED[who] else set()
    assert seen == ({wang} if who in OWN else sees_all)


def test_check_lets_the_machine_act_and_no_other_word(town: Hailan) -> None:
    check("system", A.EDIT_STAFF)
    with pytest.raises(PermissionDenied):
        check("staff:1", A.EDIT_STAFF)


# --- tokens -----------------------------------------------------------------------------------


def test_a_token_may_do_its_scopes_in_its_area_until_it_ends(town: Hailan) -> None:
    security = town.again("security1")
    token, clear = actions.issue_token(
        security, "县平台", town.places["hailan"], [A.TAKE_IN, A.SEE_PLACES], 30
    )
    assert clear.startswith("fx_")
    assert clear not in str(vars(ApiToken.objects.get()))
    access = access_of(ApiToken.objects.get())
    assert access.may(A.TAKE_IN, town.places["hailan1"].code)
    assert not access.may(A.TAKE_IN, town.places["qingshi"].code)
    assert not access.may(A.SEE_EPISODES)
    assert not access_of(ApiToken.objects.get(), token.expires_at).may(A.TAKE_IN)
    actions.revoke_token(security, token)
    assert not access_of(ApiToken.objects.get()).may(A.TAKE_IN)
    with pytest.raises(actions.Refused, match="已经作废"):
        actions.revoke_token(security, ApiToken.objects.get())


@pytest.mark.parametrize(
    ("name", "scopes", "days", "sentence"),
    [
        ("", [A.TAKE_IN], 30, "哪个系统"),
        ("县平台", [], 30, "至少选择一项"),
        ("县平台", [A.REVEAL], 30, "至少选择一项"),
        ("县平台", [A.EDIT_STAFF], 30, "至少选择一项"),
        ("县平台", [A.TAKE_IN], 0, "1 至 366 天"),
        ("县平台", [A.TAKE_IN], 367, "1 至 366 天"),
    ],
)
def test_a_token_is_named_narrow_and_ends(
    town: Hailan, name: str, scopes: list[Ability], days: int, sentence: str
) -> None:
    with pytest.raises(actions.Refused, match=sentence):
        actions.issue_token(town.again("security1"), name, town.places["town"], scopes, days)


@pytest.mark.parametrize("who", ["head", "clerk2", "officer2", "system1", "auditor1"])
def test_only_the_security_administrator_issues_tokens(town: Hailan, who: str) -> None:
    with pytest.raises(PermissionDenied):
        actions.issue_token(town.again(who), "x", town.places["town"], [A.TAKE_IN], 30)
