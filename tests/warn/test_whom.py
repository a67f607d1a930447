"""Whom a warning is about: by phone, ID number, name and birth year or address; else to be found."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from fangxian.town.models import Household, Phone, Resident
from fangxian.town.sealed import blind_index
from fangxian.warn.actions.register import same_name
from fangxian.warn.actions.signals import NewSignal, take_in
from fangxian.warn.models import Signal
from town_of_tests import SmallTown, phone_of
from warn.call_town import arrive, minutes_until, now, open_kinds, todo


@pytest.mark.parametrize(
    ("given", "known", "same"),
    [("王秀英", "王秀英", True), ("王*英", "王秀英", True), ("王××", "王秀英", True),
     ("王某某", "王秀英", True), ("王*", "王秀英", False), ("李*英", "王秀英", False),
     ("", "王秀英", False), ("王秀英", "", False)],
)  # fmt: skip
def test_a_name_masked_by_its_sender_fits_the_name_it_masks(given, known, same) -> None:
    assert same_name(given, known) is same


def family(town: SmallTown) -> tuple[Resident, Resident]:
    """Two who share a landline: Wang Xiuying and her husband."""
    line = "+862300000001"
    husband = Resident.objects.create(
        name="赵大海", place=town.grids[0], household=Household.objects.get(grid=town.grids[0])
    )
    for resident in (town.residents[0], husband):
        Phone.objects.create(resident=resident, number=line, index=blind_index(line))
    return town.residents[0], husband


def test_of_a_family_at_one_landline_the_one_who_is_named(small_town: SmallTown) -> None:
    wife, husband = family(small_town)
    line = ("+862300000001",)
    assert arrive(small_town, phones=line, name="赵*海").resident == husband
    assert arrive(small_town, phones=line, name="王秀英").resident == wife


def test_a_family_and_no_name_is_the_one_who_had_the_number_first(small_town: SmallTown) -> None:
    wife, _ = family(small_town)
    assert arrive(small_town, phones=("+862300000001",)).resident == wife
    assert not Signal.objects.get().name_differs


def test_an_erased_person_is_nobody_and_has_to_be_found(small_town: SmallTown) -> None:
    Resident.objects.filter(pk=small_town.residents[0].pk).update(erased_at=timezone.now())
    episode = arrive(small_town)
    assert episode.resident != small_town.residents[0]
    assert not episode.resident.found


def test_a_person_known_by_the_second_phone_is_known(small_town: SmallTown) -> None:
    episode = arrive(small_town, phones=(phone_of(70), phone_of(2)))
    assert episode.resident == small_town.residents[1]


def test_a_warning_without_a_phone_is_somebody_to_find(small_town: SmallTown) -> None:
    episode = arrive(small_town, phones=(), name="钱多多", address="海兰村5组")
    assert not episode.resident.found
    assert episode.resident.last_known_area.clear == "海兰村5组"
    assert todo(episode, "find")


def test_without_a_phone_somebody_goes_and_nobody_is_to_ring(small_town: SmallTown) -> None:
    """A call that nobody can make would only be late."""
    episode = arrive(small_town, phones=(), name="钱多多", address="海兰村5组")
    assert open_kinds(episode) == {"find"}
    assert now(episode).first_call_due_at is None
    assert minutes_until(todo(episode, "find").due_at) <= 60


def test_a_resident_we_know_but_cannot_ring_is_visited(small_town: SmallTown) -> None:
    known = small_town.residents[0]
    known.phones.all().delete()
    Resident.objects.filter(pk=known.pk).update(id_number=b"")
    known.id_number = "990101195801010022"
    known.save()
    episode = arrive(small_town, phones=(), name="王秀英", id_number="990101195801010022")
    assert episode.resident == known
    assert open_kinds(episode) == {"visit"}


def test_a_number_that_comes_later_is_rung(small_town: SmallTown) -> None:
    facts = {"name": "钱多多", "address": "海兰村5组", "id_number": "99010119700101001X"}
    episode = arrive(small_town, phones=(), **facts)
    again = arrive(small_town, phones=(phone_of(75),), **facts)
    assert again == episode
    assert [p.number.clear for p in episode.resident.phones.all()] == [phone_of(75)]
    assert minutes_until(todo(episode, "call").due_at) <= 5


@pytest.mark.parametrize("at_once", [True, False])
def test_two_warnings_about_one_person_without_a_phone_are_one_episode(
    small_town: SmallTown, at_once: bool
) -> None:
    rows = [
        NewSignal(
            place=small_town.villages[0], name="钱多多", address=address, reference=str(n), row=n
        )
        for n, address in enumerate(("海兰村5组", "5组", "海兰村 5组"))
    ]
    lists = [rows] if at_once else [[row] for row in rows]
    taken = [t for part in lists for t in take_in("system", small_town.sender, "file", part)]
    assert [t.became for t in taken] == ["new", "merged", "merged"]
    assert Resident.objects.filter(found=False).count() == 1


def test_a_name_finds_a_resident_by_birth_year_or_address_where_that_is_plain(small_town) -> None:
    known = small_town.residents[0]
    village = small_town.villages[0]
    facts: dict[str, Any] = {"phones": (), "name": "王秀英", "place": village}
    assert arrive(small_town, birth_year=1958, **facts).resident == known
    assert arrive(small_town, address="海兰村1组1号", **facts).resident == known
    assert arrive(small_town, birth_year=1957, address="9组", **facts).resident != known
    assert (
        arrive(small_town, birth_year=1958, **{**facts, "place": small_town.villages[1]}).resident
        != known
    )


def test_two_of_one_name_and_year_are_not_told_apart_by_guessing(small_town: SmallTown) -> None:
    known = small_town.residents[0]
    twin = Resident.objects.create(name="王秀英", place=small_town.grids[1], birth_year=1958)
    facts: dict[str, Any] = {"name": "王秀英", "birth_year": 1958, "place": small_town.villages[0]}
    assert arrive(small_town, phones=(), **facts).resident not in (known, twin)


def test_a_name_beside_an_unknown_number_says_too_little(small_town: SmallTown) -> None:
    facts: dict[str, Any] = {"name": "王秀英", "birth_year": 1958, "place": small_town.villages[0]}
    assert arrive(small_town, phones=(phone_of(76),), **facts).resident != small_town.residents[0]
