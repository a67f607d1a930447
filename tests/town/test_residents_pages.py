"""The doors of residents and households: found, revealed, changed, closed to others."""

from __future__ import annotations

import re

import pytest
from django.contrib.sessions.models import Session

from fangxian.town import actions, sought
from fangxian.town.models import AuditEntry, Household, Phone, Resident
from fangxian.town.queries import people
from fangxian.town.views import residents
from town.hailan import Hailan


def body(town: Hailan, who: str, address: str) -> str:
    answer = town.browser(who).get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def seek(town: Hailan, who: str, typed: str) -> str:
    """Type something into the search box and follow to the list."""
    answer = town.browser(who).post("/town/residents/", {"q": typed}, follow=True)
    assert answer.status_code == 200
    assert typed not in answer.request["QUERY_STRING"]
    return answer.content.decode()


@pytest.mark.parametrize("typed", ["12000001234", "120 0000 1234", "+86 120-0000-1234"])
def test_a_whole_number_in_any_form_finds_its_resident(
    town: Hailan, wang: Resident, typed: str
) -> None:
    assert "王*贵" in seek(town, "officer1", typed)


@pytest.mark.parametrize("typed", ["12000001235", "0000123", "1234"])
def test_part_of_a_number_or_another_one_finds_nobody(
    town: Hailan, wang: Resident, typed: str
) -> None:
    assert "王*贵" not in seek(town, "officer1", typed)


@pytest.mark.parametrize("typed", ["王福贵", "福贵", "王"])
def test_a_name_or_part_of_one_finds_its_resident(town: Hailan, wang: Resident, typed: str) -> None:
    assert "王*贵" in seek(town, "officer1", typed)


def test_names_are_not_opened_by_the_thousand(
    town: Hailan, wang: Resident, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "MOST_BY_NAME", 0)
    page = seek(town, "officer1", "王福贵")
    assert "请先选一个村社区" in page
    assert "王*贵" not in page


def test_a_search_stays_in_ones_own_area(town: Hailan, wang: Resident) -> None:
    for typed in ("12000001234", "王福贵"):
        assert "王*贵" not in seek(town, "village2", typed)


def test_what_is_sought_stands_in_no_address_and_lies_sealed_while_pages_are_turned(
    town: Hailan, wang: Resident, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(residents, "RESIDENTS_A_PAGE", 1)
    Resident.objects.create(name="王福兰", place=wang.place)
    Resident.objects.create(name="赵一", place=wang.place)
    client = town.browser("officer1")
    sent = client.post("/town/residents/", {"q": "王福", "village": town.places["hailan"].code})
    assert sent["Location"] == f"/town/residents/?village={town.places['hailan'].code}&sought=1"
    seen = []
    for page in (1, 2):
        answer = client.get(f"{sent['Location']}&page={page}")
        seen += [r.name.clear for r in answer.context["page"]]
        links = re.findall(r'(?:href|action)="([^"]*)"', answer.content.decode())
        assert not any("王" in link or "%E7%8E%8B" in link for link in links)
    assert seen == ["王福贵", "王福兰"]
    stored = str(Session.objects.get(pk=client.session.session_key).get_decoded())
    assert "王福" not in stored
    assert client.get("/town/residents/").context["sought"] == ""
    assert client.get("/town/residents/?q=王福贵").context["sought"] == ""


def test_what_was_sought_is_forgotten_after_a_while(
    town: Hailan, wang: Resident, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = town.browser("officer1")
    address = client.post("/town/residents/", {"q": "王福贵"})["Location"]
    assert client.get(address).context["sought"] == "王福贵"
    monkeypatch.setattr(sought, "SECONDS", -1)
    assert client.get(address).context["sought"] == ""


def test_residents_are_filtered_by_village_and_tag(town: Hailan, wang: Resident) -> None:
    actions.edit_resident(town.again("officer1"), wang, tags=["lives_alone", "was_victim"])
    hailan, qingshi = town.places["hailan"].code, town.places["qingshi"].code
    assert "王*贵" in body(town, "officer2", f"/town/residents/?village={hailan}&tag=lives_alone")
    assert "王*贵" in body(town, "officer2", "/town/residents/?tag=was_victim")
    assert "王*贵" not in body(town, "officer2", "/town/residents/?tag=student")
    assert "王*贵" not in body(town, "officer2", f"/town/residents/?village={qingshi}")


@pytest.mark.parametrize("who", ["village2", "grid2"])
def test_a_resident_outside_ones_area_does_not_exist(
    town: Hailan, wang: Resident, who: str
) -> None:
    assert wang.household
    client = town.browser(who)
    assert client.get(f"/town/residents/{wang.pk}/").status_code == 404
    assert client.get(f"/town/residents/{wang.pk}/reveal/").status_code == 404
    assert client.get(f"/town/households/{wang.household.pk}/").status_code == 404
    assert client.post(f"/town/residents/{wang.pk}/reveal/", {}).status_code == 404


@pytest.mark.parametrize("who", ["educator1", "system1", "security1", "auditor1"])
def test_those_who_see_no_residents_are_told_so(town: Hailan, wang: Resident, who: str) -> None:
    client = town.browser(who)
    for address in ("/town/residents/", f"/town/residents/{wang.pk}/", "/town/households/"):
        assert client.get(address).status_code == 403


def test_a_reveal_asks_why_then_shows_one_value_and_leaves_a_trace(
    town: Hailan, wang: Resident
) -> None:
    client, phone = town.browser("grid1"), wang.phones.get()
    address = f"/town/residents/{wang.pk}/reveal/"
    asked = client.get(f"{address}?field=phone&phone={phone.pk}", headers={"HX-Request": "true"})
    assert "为什么要看" in asked.content.decode()
    assert "<html" not in asked.content.decode()
    refused = client.post(address, {"field": "phone", "phone": phone.pk})
    assert "请先选择查看的理由" in refused.content.decode()
    shown = client.post(address, {"field": "phone", "phone": phone.pk, "reason": "visit"})
    assert "+8612000001234" in shown.content.decode()
    assert "王福贵" not in shown.content.decode()
    entry = AuditEntry.objects.get(verb="reveal")
    assert entry.detail["reason"] == "visit"


def test_the_head_of_town_sees_masks_and_no_way_to_reveal(town: Hailan, wang: Resident) -> None:
    page = body(town, "head", f"/town/residents/{wang.pk}/")
    assert "王*贵" in page
    assert "reveal" not in page
    assert town.browser("head").get(f"/town/residents/{wang.pk}/reveal/").status_code == 403


def test_a_field_that_does_not_exist_is_not_revealed(town: Hailan, wang: Resident) -> None:
    client = town.browser("officer1")
    answer = client.post(
        f"/town/residents/{wang.pk}/reveal/", {"field": "totp_secret", "reason": "call"}
    )
    assert answer.status_code == 200
    assert not AuditEntry.objects.filter(verb="reveal").exists()


def test_registering_a_household_and_the_people_in_it(town: Hailan) -> None:
    client = town.browser("village1")
    made = client.post(
        "/town/households/new/", {"grid": town.places["hailan1"].pk, "address": "海兰村9组1号"}
    )
    home = Household.objects.get()
    assert made["Location"] == f"/town/households/{home.pk}/"
    client.post(
        f"/town/residents/new/?household={home.pk}",
        {"name": "陈秀英", "phones": "12000000001，023-00000001", "tags": ["lives_alone"]},
    )
    resident = home.residents.get()
    assert [p.number.clear for p in resident.phones.all()] == ["+8612000000001", "+862300000001"]
    assert "陈*英" in body(town, "village1", f"/town/households/{home.pk}/")


def test_a_number_that_cannot_be_is_explained_and_nothing_is_registered(town: Hailan) -> None:
    answer = town.browser("village1").post(
        "/town/residents/new/",
        {"name": "陈秀英", "phones": "138001", "place": town.places["hailan1"].pk},
    )
    assert "只有 6 位，应为 11 位手机号或带区号的座机" in answer.content.decode()
    assert not Resident.objects.exists()


def test_masked_values_left_empty_stay_as_they_are(town: Hailan, wang: Resident) -> None:
    town.browser("officer1").post(
        f"/town/residents/{wang.pk}/edit/",
        {"name": "", "id_number": "", "birth_year": "1951", "place": wang.place_id},
    )
    wang.refresh_from_db()
    assert wang.name.clear == "王福贵"
    assert wang.id_number.clear == "99010119500101001X"
    assert (wang.birth_year, wang.household is not None) == (1951, True)


def test_a_place_out_of_reach_is_no_choice(town: Hailan, wang: Resident) -> None:
    answer = town.browser("village1").post(
        f"/town/residents/{wang.pk}/edit/", {"place": town.places["qingshi1"].pk}
    )
    assert answer.status_code == 200
    wang.refresh_from_db()
    assert wang.place == town.places["hailan1"]


def test_phones_are_added_and_removed_on_the_page(town: Hailan, wang: Resident) -> None:
    client = town.browser("officer1")
    client.post(f"/town/residents/{wang.pk}/phones/", {"phone": "12000009999", "note": "女儿"})
    new = wang.phones.get(note="女儿")
    client.post(f"/town/residents/{wang.pk}/phones/{new.pk}/remove/")
    assert wang.phones.count() == 1
    answer = client.post(f"/town/residents/{wang.pk}/phones/", {"phone": ""}, follow=True)
    assert "请输入电话号码" in answer.content.decode()


def test_a_resident_is_forgotten_on_the_page(town: Hailan, wang: Resident) -> None:
    client = town.browser("officer1")
    client.post(f"/town/residents/{wang.pk}/erase/")
    assert client.get(f"/town/residents/{wang.pk}/").status_code == 404
    wang.refresh_from_db()
    assert wang.erased_at


def test_what_changes_something_is_not_done_by_a_link(town: Hailan, wang: Resident) -> None:
    client = town.browser("officer1")
    for verb in ("erase", "phones", f"phones/{wang.phones.get().pk}/remove"):
        assert client.get(f"/town/residents/{wang.pk}/{verb}/").status_code == 405


def test_another_persons_number_does_not_turn_into_this_persons_first_one(
    town: Hailan, wang: Resident
) -> None:
    other = Resident.objects.create(name="李四", place=wang.place)
    theirs = Phone.objects.create(resident=other, number="+8612000005678", index="x")
    answer = town.browser("officer1").post(
        f"/town/residents/{wang.pk}/reveal/",
        {"field": "phone", "phone": theirs.pk, "reason": "call"},
    )
    assert answer.status_code == 404
    assert not AuditEntry.objects.filter(verb="reveal").exists()
