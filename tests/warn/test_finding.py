"""Finding who a warning means, and what becomes of episodes that turn out to be one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from fangxian.town.models import Resident
from fangxian.warn.actions import calls, visits
from fangxian.warn.models import (
    CallOutcome,
    Case,
    Contact,
    Episode,
    Grade,
    Stage,
    StopPayment,
    Task,
    VisitOutcome,
)
from town_of_tests import SmallTown, phone_of
from warn.call_town import (
    arrive,
    arrive_unknown,
    minutes_until,
    now,
    open_kinds,
    ring,
    todo,
    visit,
)


def found(town: SmallTown, episode: Episode, resident: Resident | None) -> Episode:
    return visits.found_person(todo(episode, "find"), town.staff["officer"], resident)


# --- nobody here ---------------------------------------------------------------------------------


def test_nobody_here_closes_the_episode_and_calls_off_the_call(small_town: SmallTown) -> None:
    episode = arrive_unknown(small_town, grade=Grade.ORANGE)
    found(small_town, episode, None)
    assert now(episode).outcome == Episode.Outcome.NOT_FOUND
    assert "call" not in open_kinds(episode)


def test_somebody_who_answered_but_lives_nowhere_here_is_rung_again(small_town) -> None:
    episode = arrive(small_town)
    ring(small_town, episode, CallOutcome.REFUSED)
    visit(small_town, episode, VisitOutcome.MOVED)
    assert open_kinds(episode) == {"find"}
    found(small_town, episode, None)
    assert now(episode).state == Episode.State.OPEN
    assert open_kinds(episode) == {"call"}


# --- it is this person ----------------------------------------------------------------------------


def test_after_a_wrong_person_answered_whoever_is_found_is_rung(small_town: SmallTown) -> None:
    episode = arrive(small_town)
    ring(small_town, episode, CallOutcome.WRONG_PERSON)
    assert open_kinds(episode) == {"find"}
    found(small_town, episode, small_town.residents[2])
    assert now(episode).resident == small_town.residents[2]
    assert open_kinds(episode) == {"call"}
    assert minutes_until(todo(episode, "call").due_at) <= 5


def test_the_only_phone_at_which_somebody_else_answered_goes_to_who_was_found(small_town) -> None:
    episode = arrive(small_town)
    ring(small_town, episode, CallOutcome.WRONG_PERSON)
    found(small_town, episode, small_town.residents[2])
    numbers = {p.number.clear for p in small_town.residents[2].phones.all()}
    assert numbers == {phone_of(1), phone_of(3)}
    assert not small_town.residents[0].phones.exists()


def test_of_several_phones_of_a_known_resident_none_is_taken_away(small_town: SmallTown) -> None:
    from fangxian.town.actions import add_phone

    add_phone(small_town.staff["clerk"], small_town.residents[0], phone_of(50))
    episode = arrive(small_town)
    ring(small_town, episode, CallOutcome.WRONG_PERSON)
    found(small_town, episode, small_town.residents[2])
    assert small_town.residents[0].phones.count() == 2
    assert small_town.residents[2].phones.count() == 1


def test_a_person_found_as_the_one_sought_is_known_from_then_on(small_town: SmallTown) -> None:
    episode = arrive_unknown(small_town)
    found(small_town, episode, episode.resident)
    assert Resident.objects.get(pk=episode.resident_id).found
    assert open_kinds(episode) == {"call"}


def test_what_is_to_be_done_goes_to_where_the_person_lives(small_town: SmallTown) -> None:
    episode = arrive_unknown(small_town)
    visits.order_visit(episode, small_town.staff["officer"])
    assert todo(episode, "visit").assigned_to == small_town.staff["village"]
    # 青石村: outside the area of 海兰村's staff.
    found(small_town, episode, small_town.residents[3])
    moved = todo(episode, "visit")
    assert moved.place == small_town.residents[3].place
    assert moved.assigned_to in (small_town.staff["officer"], small_town.staff["officer2"])
    assert todo(episode, "call").place == small_town.residents[3].place


def test_contacts_of_the_one_sought_count_for_the_one_found(small_town: SmallTown) -> None:
    episode = arrive_unknown(small_town)
    ring(small_town, episode, CallOutcome.UNREACHABLE)
    found(small_town, episode, small_town.residents[0])
    assert Contact.objects.get().resident == small_town.residents[0]


def test_nobody_names_a_resident_outside_the_own_area(small_town: SmallTown) -> None:
    episode = arrive_unknown(small_town)
    with pytest.raises(PermissionDenied):
        found(small_town, episode, small_town.stranger)
    assert todo(episode, "find")


# --- two episodes are one -------------------------------------------------------------------------


def test_joining_makes_what_waits_as_urgent_as_the_nearer_danger(small_town: SmallTown) -> None:
    already = arrive(small_town, grade=Grade.BLUE)
    assert minutes_until(todo(already, "call").due_at) > 60
    joined = found(small_town, arrive_unknown(small_town, grade=Grade.RED), small_town.residents[0])
    call = todo(already, "call")
    assert joined.pk == already.pk
    assert (call.grade, call.alarm_at) == (Grade.RED, call.due_at)
    assert minutes_until(call.due_at) <= 5
    codes = [reason["code"] for reason in now(already).reasons]
    assert codes[0] == "sender"


def test_joining_takes_an_episode_out_of_review_and_somebody_rings(small_town: SmallTown) -> None:
    already = arrive(small_town)
    ring(small_town, already, CallOutcome.DISSUADED)
    assert now(already).state == Episode.State.REVIEW
    found(small_town, arrive_unknown(small_town), small_town.residents[0])
    assert (now(already).state, now(already).reopened) == ("open", 1)
    assert "call" in open_kinds(already)
    assert "review" not in open_kinds(already)


def test_joining_brings_the_race_the_cases_and_the_earlier_call_along(small_town) -> None:
    already = arrive(small_town, grade=Grade.ORANGE)
    unknown = arrive_unknown(small_town)
    ring(small_town, unknown, CallOutcome.UNREACHABLE)
    calls.start_stop_payment(unknown, small_town.staff["officer"])
    Case.objects.create(
        kind="other", place=small_town.grids[0], happened_on=timezone.localdate(),
        channel="phone", by=small_town.staff["officer"], episode=unknown,
    )  # fmt: skip
    found(small_town, unknown, small_town.residents[0])
    fresh = now(already)
    assert StopPayment.objects.get().episode_id == already.pk
    assert Case.objects.get().episode_id == already.pk
    assert (fresh.grade, fresh.stage, fresh.outcome) == (Grade.RED, Stage.PAID, "paid")
    assert fresh.first_call_at is not None
    assert fresh.calls.count() == 1


def test_what_was_joined_is_closed_without_an_outcome_and_with_nothing_to_do(small_town) -> None:
    arrive(small_town, grade=Grade.BLUE)
    unknown = arrive_unknown(small_town)
    found(small_town, unknown, small_town.residents[0])
    fresh = now(unknown)
    assert (fresh.state, fresh.outcome) == ("closed", "")
    assert open_kinds(unknown) == set()
    assert fresh.signals.count() == 0


def test_a_joined_episode_always_has_somebody_who_acts_next(small_town: SmallTown) -> None:
    already = arrive(small_town)
    ring(small_town, already, CallOutcome.WRONG_PERSON)
    found(small_town, arrive_unknown(small_town), small_town.residents[0])
    assert open_kinds(already) == {"find", "call"}


def test_a_search_whose_clock_ran_keeps_its_place_in_time(small_town: SmallTown) -> None:
    episode = arrive_unknown(small_town, grade=Grade.BLUE)
    before = todo(episode, "find").due_at
    arrive(small_town, 77, Grade.RED, place=small_town.villages[0])
    task = todo(episode, "find")
    assert task.due_at < before
    assert task.due_at - timezone.now() <= timedelta(hours=1)
    assert Task.objects.filter(episode=episode, kind="find").count() == 1
