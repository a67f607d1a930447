"""Identity documents typed by hand: what cannot be is refused in a sentence, never repeated."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps

from fangxian.exchange.people import check_character
from fangxian.town import actions
from fangxian.town.actions import Refused
from fangxian.town.models import Document, Resident
from town.hailan import Hailan


def card(born: str = "19500101") -> str:
    """An ID number of a region that does not exist (99), its check character right."""
    first = f"990101{born}001"
    return first + check_character(first)


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        ("abcdefg", "身份证号"),
        ("9" * 5000, "身份证号"),
        (card()[:-1] + ("1" if card()[-1] != "1" else "2"), "身份证号"),
        ("990101195013010011", "身份证号"),
    ],
)
def test_a_number_that_is_no_id_card_is_refused(
    town: Hailan, wang: Resident, number: str, sentence: str
) -> None:
    officer = town.again("officer1")
    with pytest.raises(Refused, match=sentence) as refused:
        actions.edit_resident(officer, wang, id_number=number)
    assert number not in str(refused.value)
    with pytest.raises(Refused, match=sentence):
        actions.add_resident(officer, wang.place, "李秀英", id_number=number)
    assert Resident.objects.get().id_number.clear == "99010119500101001X"


def test_an_id_card_gives_the_year_of_birth(town: Hailan, wang: Resident) -> None:
    officer = town.again("officer1")
    made = actions.add_resident(officer, wang.place, "李秀英", id_number=f" {card().lower()} ")
    assert (made.id_number.clear, made.birth_year) == (card(), 1950)
    actions.edit_resident(officer, made, id_number=card("19481231"), birth_year=None)
    made.refresh_from_db()
    assert made.birth_year == 1948


def test_a_card_of_the_first_generation_is_kept_in_todays_form(
    town: Hailan, wang: Resident
) -> None:
    made = actions.add_resident(
        town.again("officer1"), wang.place, "李秀英", id_number="990101500101001"
    )
    assert (made.id_number.clear, made.birth_year) == (card(), 1950)


def test_a_year_that_the_number_contradicts_is_refused(town: Hailan, wang: Resident) -> None:
    officer = town.again("officer1")
    with pytest.raises(Refused, match="不一致"):
        actions.add_resident(officer, wang.place, "李秀英", id_number=card(), birth_year=1951)
    actions.edit_resident(officer, wang, id_number=card())
    with pytest.raises(Refused, match="不一致"):
        actions.edit_resident(officer, wang, birth_year=1951)


def test_another_document_is_an_explicit_choice_of_at_most_thirty_signs(
    town: Hailan, wang: Resident
) -> None:
    officer = town.again("officer1")
    actions.edit_resident(officer, wang, id_number="h1234567", document=Document.PERMIT)
    wang.refresh_from_db()
    assert (wang.id_number.clear, wang.document) == ("H1234567", Document.PERMIT)
    with pytest.raises(Refused, match="4 至 30"):
        actions.edit_resident(officer, wang, id_number="x" * 31)
    with pytest.raises(Refused, match="身份证号"):
        actions.edit_resident(officer, wang, document=Document.ID_CARD)


def test_the_form_asks_which_document_it_is(town: Hailan, wang: Resident) -> None:
    client = town.browser("officer1")
    form = {"name": "陈秀英", "place": wang.place_id, "id_number": "E12345678"}
    refused = client.post("/town/residents/new/", form)
    assert "身份证号" in refused.content.decode()
    client.post("/town/residents/new/", {**form, "document": "passport"})
    made = Resident.objects.exclude(pk=wang.pk).get()
    assert (made.document, made.id_number.clear) == ("passport", "E12345678")


@pytest.mark.parametrize("household", ["abc", "-1", "9" * 40, "٣"])
def test_a_household_that_cannot_be_gives_the_form_without_one(
    town: Hailan, household: str
) -> None:
    page = town.browser("officer1").get(f"/town/residents/new/?household={household}")
    assert page.status_code == 200
    assert page.context["household"] is None


def test_the_index_of_a_number_is_kept_in_step_by_every_writer(
    town: Hailan, wang: Resident
) -> None:
    index = Resident._meta.get_field("id_index").index_of  # type: ignore[union-attr]
    assert wang.id_index == index("99010119500101001X")
    actions.edit_resident(town.again("officer1"), wang, id_number=card())
    assert Resident.objects.get(pk=wang.pk).id_index == index(card())
    made = Resident.objects.bulk_create([Resident(name="赵一", place=wang.place, id_number="1")])
    assert Resident.objects.get(pk=made[0].pk).id_index == index("1")
    actions.erase_resident(town.again("clerk1"), wang)
    assert Resident.objects.get(pk=wang.pk).id_index == ""


def test_numbers_registered_before_there_was_an_index_get_one(wang: Resident) -> None:
    Resident.objects.update(id_index="")
    import_module("fangxian.town.migrations.0004_identity_indexes").fill(apps, None)
    before = wang.id_index
    wang.refresh_from_db()
    assert wang.id_index == before != ""
