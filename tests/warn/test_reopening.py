"""Back to work: from review, from the archive, from a follow-up; and nothing left lying about."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from fangxian.town.models import Resident
from fangxian.warn.actions import after, tasks, visits
from fangxian.warn.actions.errors import AlreadyDone
from fangxian.warn.clock import fire_due
from fangxian.warn.models import CallOutcome, Episode, Escalation, FollowUp, Grade, Task
from town_of_tests import SmallTown
from warn.call_town import (
    arrive,
    closed,
    follow_up,
    minutes_until,
    now,
    open_kinds,
    review,
    ring,
    todo,
    visit,
)


def test_a_new_signal_during_review_brings_it_back_and_nobody_reviews_it(small_town) -> None:
    episode = arrive(small_town)
    ring(small_town, episode, CallOutcome.DISSUADED)
    arrive(small_town)
    assert now(episode).state == Episode.State.OPEN
    assert open_kinds(episode) == {"call", "follow_up"}
    with pytest.raises(AlreadyDone):
        review(small_town, episode)


def test_a_visit_ordered_during_review_brings_it_back(small_town: SmallTown) -> None:
    episode = arrive(small_town)
    ring(small_town, episode, CallOutcome.DISSUADED)
    visits.order_visit(episode, small_town.staff["officer"])
    assert (now(episode).state, now(episode).reopened) == ("open", 1)
    assert open_kinds(episode) == {"visit", "follow_up"}
    visit(small_town, episode, "dissuaded")
    assert now(episode).state == Episode.State.REVIEW


def test_no_visit_is_ordered_on_what_closed_a_moment_ago(small_town: SmallTown) -> None:
    stale = arrive(small_town)
    ring(small_town, stale, CallOutcome.DISSUADED)
    review(small_town, stale)
    # The page still shows it as open.
    with pytest.raises(AlreadyDone):
        visits.order_visit(stale, small_town.staff["officer"])


def test_trouble_at_a_follow_up_during_review_calls_the_review_off(small_town) -> None:
    episode = arrive(small_town)
    ring(small_town, episode, CallOutcome.DISSUADED)
    follow_up(small_town, episode, FollowUp.Outcome.CONTACTED_AGAIN)
    assert now(episode).state == Episode.State.OPEN
    assert open_kinds(episode) == {"call", "follow_up"}


def test_trouble_at_an_old_follow_up_goes_to_the_episode_that_is_open_now(small_town) -> None:
    old = closed(small_town)
    Episode.objects.filter(pk=old.pk).update(last_signal_at="2026-01-01T00:00:00Z")
    current = arrive(small_town)
    ring(small_town, current, CallOutcome.DISSUADED)
    assert now(current).state == Episode.State.REVIEW
    follow_up(small_town, old, FollowUp.Outcome.PAID)
    assert now(old).state == Episode.State.CLOSED
    assert now(current).outcome == Episode.Outcome.PAID
    assert {"call", "visit"} <= open_kinds(current)
    assert current.stop_payment


def test_a_follow_up_that_finds_all_well_changes_nothing(small_town: SmallTown) -> None:
    episode = closed(small_town)
    follow_up(small_town, episode, FollowUp.Outcome.FINE)
    assert now(episode).state == Episode.State.CLOSED
    assert open_kinds(episode) == {"follow_up"}


def test_follow_ups_planned_anew_do_not_ring_for_the_day_they_were_planned_first(
    small_town: SmallTown,
) -> None:
    episode = arrive(small_town)
    ring(small_town, episode, CallOutcome.DISSUADED)
    late = todo(episode, "follow_up", 3)
    past = timezone.now() - timedelta(minutes=1)
    Task.objects.filter(pk=late.pk).update(due_at=past, alarm_at=past)
    fire_due()
    assert Escalation.objects.filter(task=late).count() == 1
    arrive(small_town)
    ring(small_town, episode, CallOutcome.DISSUADED)
    planned = todo(episode, "follow_up", 3)
    assert planned.pk == late.pk
    assert planned.alarm_at == planned.due_at > timezone.now() + timedelta(days=5)


def test_an_alarm_that_climbs_goes_on_climbing_when_its_task_is_wanted_sooner(small_town) -> None:
    episode = arrive(small_town, grade=Grade.ORANGE)
    task = todo(episode, "call")
    past = timezone.now() - timedelta(minutes=1)
    Task.objects.filter(pk=task.pk).update(due_at=past, alarm_at=past)
    fire_due()
    climbing = todo(episode, "call").alarm_at
    after.order_call(now(episode))
    assert todo(episode, "call").alarm_at == climbing
    assert todo(episode, "call").due_at == past


def test_what_is_sent_back_is_rung_within_the_call_time_of_its_grade(small_town) -> None:
    episode = arrive(small_town)
    ring(small_town, episode, CallOutcome.DISSUADED)
    review(small_town, episode, "sent_back")
    assert 0 < minutes_until(todo(episode, "call").due_at) <= 5
    assert now(episode).reopened == 1


def test_closing_tells_the_result_of_every_signal_and_later_signals_get_their_own(
    small_town: SmallTown,
) -> None:
    episode = arrive(small_town)
    ring(small_town, episode, CallOutcome.FALSE_ALARM)
    review(small_town, episode)
    first = episode.signals.get()
    assert first.result == "false_alarm"
    arrive(small_town)
    ring(small_town, episode, CallOutcome.DISSUADED)
    review(small_town, episode)
    assert list(episode.signals.order_by("pk").values_list("result", flat=True)) == [
        "false_alarm",
        "dissuaded",
    ]


def test_answering_a_sender_marks_what_is_closed_and_only_once(small_town: SmallTown) -> None:
    done, open_ = closed(small_town), arrive(small_town, 2)
    signals = [done.signals.get(), open_.signals.get()]
    assert after.answer_sender(signals, small_town.staff["clerk"]) == 1
    fresh = [done.signals.get(), open_.signals.get()]
    assert fresh[0].answered_at is not None
    assert fresh[1].answered_at is None
    assert after.answer_sender(fresh, small_town.staff["clerk"]) == 0


def test_a_claim_is_given_back_by_who_has_it_and_nobody_else(small_town: SmallTown) -> None:
    from fangxian.warn.actions.errors import NotYours

    task = tasks.claim(todo(arrive(small_town), "call"), small_town.staff["officer"])
    with pytest.raises(NotYours):
        tasks.release(task, small_town.staff["officer2"])
    tasks.release(task, small_town.staff["officer"])
    task.refresh_from_db()
    assert task.claimed_by is None


def test_what_is_opened_again_is_where_the_resident_lives_now(small_town: SmallTown) -> None:
    episode = closed(small_town)
    resident, there = episode.resident, small_town.villages[1]
    Resident.objects.filter(pk=resident.pk).update(place=there)
    arrive(small_town)
    again = now(episode)
    assert (again.state, again.place) == (Episode.State.OPEN, there)
    assert {t.place for t in Task.objects.filter(episode=episode, state="todo", day=0)} == {there}
