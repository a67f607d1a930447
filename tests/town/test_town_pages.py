"""Every page of the town opens, in both languages, with few queries, for whom it is meant."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from fangxian.town import actions
from fangxian.town.models import Absence, Resident, Shift
from town.hailan import Hailan

MOST_QUERIES = 12


def pages(town: Hailan, wang: Resident) -> list[tuple[str, str]]:
    """(who, address) of every page that is read with GET."""
    place, duty = town.places["hailan"].pk, town.duties["grid1"].pk
    member = town.staff["grid1"].pk
    assert wang.household
    return [
        ("grid1", "/town/me/"),
        ("grid1", "/town/me/password/"),
        ("grid1", "/town/me/second-factor/"),
        ("officer1", "/town/residents/"),
        ("officer1", f"/town/residents/?village={town.places['hailan'].code}"),
        ("officer1", "/town/residents/?sought=1"),
        ("officer1", "/town/residents/?tag=lives_alone"),
        ("officer1", "/town/residents/new/"),
        ("officer1", f"/town/residents/new/?household={wang.household.pk}"),
        ("officer1", f"/town/residents/{wang.pk}/"),
        ("officer1", f"/town/residents/{wang.pk}/edit/"),
        ("officer1", f"/town/residents/{wang.pk}/reveal/?field=name"),
        ("officer1", "/town/residents/lists/"),
        ("officer1", "/town/households/"),
        ("officer1", f"/town/households/?grid={town.places['hailan1'].code}"),
        ("officer1", "/town/households/new/"),
        ("officer1", f"/town/households/{wang.household.pk}/"),
        ("officer1", f"/town/households/{wang.household.pk}/edit/"),
        ("clerk2", "/town/places/"),
        ("clerk2", "/town/places/?closed=1"),
        ("clerk2", f"/town/places/{place}/"),
        ("head", "/town/duties/"),
        ("head", "/town/duties/?on=2027-03-01"),
        ("head", "/town/duties/list/"),
        ("head", "/town/duties/list/?role=grid&ended=1"),
        ("head", "/town/duties/new/"),
        ("security1", "/town/duties/new/"),
        ("head", f"/town/duties/{duty}/"),
        ("grid1", "/town/absences/"),
        ("clerk2", "/town/absences/"),
        ("clerk2", "/town/shifts/"),
        ("grid1", "/town/shifts/?on=2027-03-01"),
        ("security1", "/town/staff/"),
        ("security1", "/town/staff/?left=1"),
        ("security1", "/town/staff/new/"),
        ("security1", f"/town/staff/{member}/"),
        ("security1", "/town/sessions/"),
        ("security1", "/town/tokens/"),
        ("auditor1", "/town/audit/"),
        ("auditor1", f"/town/audit/?actor=staff:{member}&verb=reveal&thing=resident:1"),
        ("auditor1", "/town/audit/?since=2026-01-01&until=2027-01-01"),
        ("auditor1", "/town/retention/"),
        ("head", "/town/retention/"),
    ]


@pytest.fixture
def busy(town: Hailan, wang: Resident) -> Hailan:
    """A town in which every list has rows, and enough of them to notice a query a row."""
    now = timezone.now()
    for n in range(30):
        actions.add_resident(
            town.again("officer1"),
            town.places["hailan2"],
            f"李{n}",
            phones=[f"+8612000{n:06d}"],
            tags=["lives_alone"],
        )
    for username in ("officer1", "officer2", "grid1"):
        staff = town.staff[username]
        Shift.objects.create(staff=staff, starts_at=now, ends_at=now + timedelta(hours=8))
        Absence.objects.create(staff=staff, starts_at=now, ends_at=now + timedelta(days=1))
    actions.issue_token(town.again("security1"), "县平台", town.places["town"], ["places:see"], 30)
    actions.reveal(town.again("officer1"), wang, "name", "call")
    return town


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_opens_with_few_queries(busy: Hailan, wang: Resident, language: str) -> None:
    for who, address in pages(busy, wang):
        client = busy.browser(who)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            answer = client.get(address, headers={"accept-language": language})
        assert answer.status_code == 200, (who, address)
        assert len(seen) <= MOST_QUERIES, (address, [q["sql"][:120] for q in seen])
        assert "{%" not in answer.content.decode()


def test_no_page_shows_what_is_masked(busy: Hailan, wang: Resident) -> None:
    for who, address in pages(busy, wang):
        body = busy.browser(who).get(address).content.decode().replace("王福贵&amp;", "")
        for canary in ("福贵", "12000001234", "3组12号", "0500101"):
            if canary == "福贵" and "q=" in address:
                continue  # what was typed into the search box stands in it
            assert canary not in body, address


def test_a_page_of_staff_is_not_kept_by_the_browser(busy: Hailan) -> None:
    answer = busy.browser("officer1").get("/town/residents/")
    assert answer["Cache-Control"] == "no-store, private"


def test_a_fragment_sends_the_whole_page_to_sign_in(client: Any, wang: Resident) -> None:
    answer = client.get(
        f"/town/residents/{wang.pk}/reveal/?field=name",
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/town/residents/1/"},
    )
    assert answer["HX-Redirect"] == "/town/sign-in/?next=/town/residents/1/"
