"""An episode that comes nearer: what is still to be done gets the new grade's time, anew."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from fangxian.warn.actions import calls, tasks
from fangxian.warn.clock import Clocks, fire_due
from fangxian.warn.models import CallOutcome, Episode, Escalation, Grade, Task
from town_of_tests import SmallTown
from warn.call_town import arrive, claimed, ring, todo
from warn.desk_town import let_pass


def risen(episode: Episode, grade: Grade) -> Episode:
    """The episode, graded anew by whatever door."""
    Episode.objects.filter(pk=episode.pk).update(grade=grade)
    return Episode.objects.get(pk=episode.pk)


def test_money_that_moved_brings_the_open_search_the_red_time_and_its_alarm(small_town) -> None:
    episode = arrive(small_town, 1, Grade.YELLOW)
    calls.start_stop_payment(episode, small_town.staff["officer"])
    call, now = todo(episode, "call"), timezone.now()
    assert call.grade == Grade.RED
    assert call.due_at - now < timedelta(minutes=6)
    assert call.alarm_at == call.due_at


@pytest.mark.parametrize("level", [0, 1, 2])
def test_what_had_climbed_climbs_anew_in_the_nearer_grade(small_town, level: int) -> None:
    episode = arrive(small_town, 1, Grade.ORANGE)
    task = todo(episode, "call")
    if level:
        let_pass(task, timedelta(minutes=30 * (level - 1) + 1))
    before = list(Escalation.objects.filter(task=task).order_by("id").values_list("told", "level"))
    assert len(before) == level
    tasks.tighten(risen(episode, Grade.RED), Clocks.now(), timezone.now())
    fresh = todo(episode, "call")
    assert (fresh.level, fresh.grade, fresh.alarm_at) == (0, Grade.RED, fresh.due_at)
    fire_due(timezone.now() + timedelta(minutes=6))
    after = Escalation.objects.filter(task=task).order_by("id")
    assert after.last().told == small_town.staff["head" if level else "chief"]
    assert len(after) > len(before)


def test_a_chain_that_had_ended_is_told_again_when_it_turns_red(small_town: SmallTown) -> None:
    episode = arrive(small_town, 1, Grade.ORANGE)
    task = let_pass(todo(episode, "call"), timedelta(days=2))
    assert Task.objects.get(pk=task.pk).alarm_at is None
    told = Escalation.objects.filter(task=task).count()
    tasks.tighten(risen(episode, Grade.RED), Clocks.now(), timezone.now())
    fire_due(timezone.now() + timedelta(minutes=30))
    assert Escalation.objects.filter(task=task).count() == 2 * told


def test_a_try_planned_for_later_is_to_be_made_now(small_town: SmallTown) -> None:
    episode = arrive(small_town, 1, Grade.BLUE)
    ring(small_town, episode, CallOutcome.UNREACHABLE)
    assert todo(episode, "call").starts_at > timezone.now()
    now = timezone.now()
    tasks.tighten(risen(episode, Grade.RED), Clocks.now(), now)
    assert todo(episode, "call").starts_at == now


def test_time_is_only_ever_shortened_and_a_follow_up_keeps_its_day(small_town) -> None:
    episode = arrive(small_town, 1, Grade.YELLOW)
    ring(small_town, episode, CallOutcome.DISSUADED)
    arrive(small_town, 1, Grade.YELLOW)
    soon = timezone.now() + timedelta(minutes=1)
    Task.objects.filter(episode=episode, kind="call").update(due_at=soon, alarm_at=soon)
    day_3 = todo(episode, "follow_up", 3)
    changed = tasks.tighten(risen(episode, Grade.RED), Clocks.now(), timezone.now())
    assert [task.kind for task in changed] == ["call"]
    assert todo(episode, "call").due_at == soon
    assert todo(episode, "follow_up", 3).due_at == day_3.due_at


def test_a_grade_that_did_not_come_nearer_changes_nothing(small_town: SmallTown) -> None:
    episode = arrive(small_town, 1, Grade.ORANGE)
    assert tasks.tighten(risen(episode, Grade.BLUE), Clocks.now(), timezone.now()) == []


def test_a_next_try_that_is_late_climbs_from_the_first_step(small_town: SmallTown) -> None:
    episode = arrive(small_town, 1, Grade.RED)
    task = let_pass(todo(episode, "call"), timedelta(minutes=1))
    claimed(small_town, task, "officer")
    ring(small_town, episode, CallOutcome.UNREACHABLE)
    fire_due(todo(episode, "call").due_at)
    told = Escalation.objects.filter(task=task).order_by("id").values_list("round", "told")
    chief = small_town.staff["chief"].pk
    assert list(told) == [(0, chief), (1, chief)]
