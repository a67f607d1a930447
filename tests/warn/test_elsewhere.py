"""A warning about somebody who lives outside the area of who takes it in."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from fangxian.town.models import Phone
from fangxian.town.sealed import blind_index
from fangxian.warn.actions.signals import NewSignal, take_in
from fangxian.warn.models import Episode, Grade, Signal, Task
from town_of_tests import SmallTown, phone_of
from warn.call_town import open_kinds, todo


def about_the_stranger(town: SmallTown, **more: Any) -> NewSignal:
    facts: dict[str, Any] = {"reference": "A9", **more}
    return NewSignal(place=town.villages[0], phones=(phone_of(99),), grade=Grade.RED, **facts)


def their_episode(town: SmallTown) -> Episode:
    """What the stranger's own town has on the stranger."""
    new = NewSignal(place=town.foreign_grid, phones=(phone_of(99),), grade=Grade.BLUE)
    return take_in(town.staff["foreign_clerk"], town.sender, "form", [new])[0].signal.episode


def as_it_is(episode: Episode) -> tuple[Any, ...]:
    rows = Task.objects.filter(episode=episode).order_by("pk").values_list()
    return (Episode.objects.filter(pk=episode.pk).values_list().get(), list(rows))


@pytest.mark.parametrize("state", ["open", "review", "closed", "none"])
def test_a_warning_about_somebody_elsewhere_reaches_those_there_and_touches_nothing_of_theirs(
    small_town: SmallTown, state: str
) -> None:
    theirs = their_episode(small_town) if state != "none" else None
    if theirs is not None:
        closed_at = timezone.now() if state == "closed" else None
        Episode.objects.filter(pk=theirs.pk).update(state=state, closed_at=closed_at)
        before = as_it_is(theirs)
    officer = small_town.staff["officer"]
    (taken,) = take_in(officer, small_town.sender, "form", [about_the_stranger(small_town)])
    assert (taken.became, taken.forwarded) == ("new", True)
    episode = taken.signal.episode
    assert episode.place == small_town.foreign_grid
    assert episode.grade == Grade.RED
    assert {"find", "call"} == open_kinds(episode)
    assert todo(episode, "call").assigned_to == small_town.foreign
    if theirs is not None:
        assert as_it_is(theirs) == before
        assert episode != theirs


def test_what_is_forwarded_twice_is_one_search_and_the_answer_is_always_the_same(
    small_town: SmallTown,
) -> None:
    their_episode(small_town)
    officer, answers, episodes = small_town.staff["officer"], set(), set()
    for reference in ("A", "B", "B"):
        new = about_the_stranger(small_town, reference=reference)
        (taken,) = take_in(officer, small_town.sender, "form", [new])
        answers.add((taken.became, taken.forwarded))
        episodes.add(taken.signal.episode_id)
    assert answers == {("new", True)}
    assert len(episodes) == 1
    assert Signal.objects.filter(forwarded=True).count() == 2


def test_what_another_town_was_told_is_not_told_by_the_answer_that_it_is_known(small_town) -> None:
    new = NewSignal(place=small_town.foreign_grid, phones=(phone_of(99),), reference="A1")
    take_in(small_town.staff["foreign_clerk"], small_town.sender, "form", [new])
    again = about_the_stranger(small_town, reference="A1")
    (taken,) = take_in(small_town.staff["officer"], small_town.sender, "form", [again])
    assert (taken.became, taken.forwarded) == ("new", True)


def test_of_a_number_shared_with_somebody_elsewhere_ours_is_meant(small_town: SmallTown) -> None:
    number = phone_of(99)
    Phone.objects.create(resident=small_town.residents[1], number=number, index=blind_index(number))
    officer = small_town.staff["officer"]
    (taken,) = take_in(officer, small_town.sender, "form", [about_the_stranger(small_town)])
    assert taken.signal.episode.resident == small_town.residents[1]
    assert not taken.forwarded
