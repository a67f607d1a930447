"""The doors of the auditor and of the security administrator; places changed on their pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from fangxian.town import actions
from fangxian.town.models import ApiToken, AuditEntry, Place, Resident
from fangxian.town.views import trust
from town.hailan import Hailan


@pytest.mark.parametrize(
    "who", ["head", "clerk2", "officer1", "village1", "grid1", "educator1", "system1", "security1"]
)
def test_the_audit_log_is_for_the_auditor_alone(town: Hailan, who: str) -> None:
    client = town.browser(who)
    assert client.get("/town/audit/").status_code == 403
    assert client.post("/town/audit/verify/").status_code == 403


def test_the_auditor_finds_entries_by_person_verb_thing_and_day(
    town: Hailan, wang: Resident
) -> None:
    officer = town.again("officer1")
    actions.reveal(officer, wang, "name", "call")
    actions.edit_resident(town.again("clerk2"), wang, birth_year=1951)
    client = town.browser("auditor1")

    def rows(query: str) -> list[str]:
        page = client.get(f"/town/audit/{query}")
        return [entry.verb for entry, *_rest in page.context["entries"]]

    assert rows(f"?actor=staff:{officer.pk}") == ["reveal"]
    assert rows("?verb=resident_edited") == ["resident_edited"]
    assert rows(f"?thing=resident:{wang.pk}") == ["resident_edited", "reveal"]
    today = timezone.localdate()
    assert "reveal" in rows(f"?since={today}&until={today}")
    assert rows(f"?until={today - timedelta(days=1)}") == []


def test_pages_of_the_log_follow_the_sequence(
    town: Hailan, wang: Resident, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trust, "ENTRIES_A_PAGE", 3)
    for _n in range(7):
        actions.reveal(town.again("officer1"), wang, "name", "call")
    client = town.browser("auditor1")
    seen: list[int] = []
    address: str | None = "/town/audit/?verb=reveal"
    while address:
        page = client.get(address)
        seen += [entry.seq for entry, *_rest in page.context["entries"]]
        following = page.context["next"]
        address = f"/town/audit/?verb=reveal&before={following}" if following else None
    assert (
        seen == sorted(AuditEntry.objects.filter(verb="reveal").values_list("seq", flat=True))[::-1]
    )


def test_the_log_says_people_and_verbs_in_the_readers_words(town: Hailan, wang: Resident) -> None:
    actions.reveal(town.again("officer1"), wang, "name", "call")
    client = town.browser("auditor1")
    page = client.get("/town/audit/").content.decode()
    assert "查看脱敏信息" in page
    assert "员officer1" in page
    english = client.get("/town/audit/", headers={"accept-language": "en"}).content.decode()
    assert "Revealed" in english


@pytest.mark.parametrize(
    "query", ["?since=0001-01-01", "?until=9999-12-31", f"?before={10**30}", "?since=x"]
)
def test_a_filter_that_cannot_be_is_said_and_filters_nothing(town: Hailan, query: str) -> None:
    page = town.browser("auditor1").get(f"/town/audit/{query}")
    assert page.status_code == 200
    assert page.context["form"].errors


def test_the_auditor_sees_how_often_each_person_looked(town: Hailan, wang: Resident) -> None:
    for _n in range(3):
        actions.reveal(town.again("officer1"), wang, "name", "call")
    page = town.browser("auditor1").get("/town/audit/")
    assert [(r.staff.username, r.hour, r.day, r.refused) for r in page.context["looks"]] == [
        ("officer1", 3, 3, 0)
    ]
    assert "每人每小时 60 次，每天 150 次" in page.content.decode()


def test_verifying_says_whole_or_where_it_was_touched(town: Hailan, wang: Resident) -> None:
    actions.reveal(town.again("officer1"), wang, "name", "call")
    client = town.browser("auditor1")
    assert "没有改动、缺失或换序" in client.post("/town/audit/verify/").content.decode()
    AuditEntry.objects.filter(verb="reveal").update(actor="staff:999")
    fragment = client.post("/town/audit/verify/", headers={"HX-Request": "true"})
    assert "内容被改动过" in fragment.content.decode()
    assert "<html" not in fragment.content.decode()


def test_a_key_is_shown_once_and_revoked_on_the_page(town: Hailan) -> None:
    client = town.browser("security1")
    made = client.post(
        "/town/tokens/",
        {
            "name": "县平台",
            "place": town.places["town"].pk,
            "scopes": ["warnings:take_in"],
            "days": "30",
        },
    ).content.decode()
    assert "fx_" in made
    page = client.get("/town/tokens/").content.decode()
    assert "fx_" not in page
    assert "提交预警" in page
    token = ApiToken.objects.get()
    client.post(f"/town/tokens/{token.pk}/revoke/")
    token.refresh_from_db()
    assert token.revoked_at


def test_places_are_added_renamed_closed_and_merged_on_the_page(town: Hailan) -> None:
    Place.objects.update(valid_from=timezone.localdate() - timedelta(days=10))
    client, village = town.browser("clerk1"), town.places["hailan"]
    client.post(f"/town/places/{village.pk}/add/", {"name": "3号网格"})
    grid = Place.objects.get(name="3号网格")
    client.post(f"/town/places/{grid.pk}/rename/", {"name": "三号网格"})
    grid.refresh_from_db()
    assert grid.name == "三号网格"
    Place.objects.filter(pk=grid.pk).update(valid_from=timezone.localdate() - timedelta(days=10))
    today = timezone.localdate().isoformat()
    client.post(f"/town/places/{grid.pk}/close/", {"on": today, "into": ""})
    client.post(
        f"/town/places/{town.places['hailan1'].pk}/close/",
        {"on": today, "into": town.places["hailan2"].pk},
    )
    current = Place.objects.filter(parent=village, valid_to=None)
    assert [p.pk for p in current] == [town.places["hailan2"].pk]
    closed = client.get("/town/places/?closed=1").content.decode()
    assert "三号网格" in closed
    assert "三号网格" not in client.get("/town/places/").content.decode()


def test_a_refusal_on_a_place_is_said_and_changes_nothing(town: Hailan, wang: Resident) -> None:
    Place.objects.update(valid_from=timezone.localdate() - timedelta(days=10))
    grid = town.places["hailan1"]
    answer = town.browser("clerk1").post(
        f"/town/places/{grid.pk}/close/",
        {"on": timezone.localdate().isoformat(), "into": ""},
        follow=True,
    )
    assert "还有居民或住户" in answer.content.decode()
    grid.refresh_from_db()
    assert grid.valid_to is None


@pytest.mark.parametrize("who", ["head", "officer1", "village1", "grid1", "security1", "auditor1"])
def test_those_who_do_not_edit_places_see_no_form_and_post_nothing(town: Hailan, who: str) -> None:
    client, place = town.browser(who), town.places["hailan1"]
    page = client.get(f"/town/places/{place.pk}/").content.decode()
    assert "rename" not in page
    assert client.post(f"/town/places/{place.pk}/rename/", {"name": "x"}).status_code == 403
