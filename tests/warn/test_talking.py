"""While somebody is ringing the clock does not climb; and the count of "in time" stays honest."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from fangxian.warn.actions import calls, tasks
from fangxian.warn.actions.calls import CallNotes
from fangxian.warn.clock import fire_due
from fangxian.warn.models import CallOutcome, Episode, Escalation, Task
from fangxian.warn.queries.alarms import breaches_ended
from town_of_tests import SmallTown
from warn.call_town import arrive, claimed, todo

MINUTE = timedelta(minutes=1)


def ringing(town: SmallTown, since_due: timedelta = -2 * MINUTE) -> Task:
    """A red call that the officer holds; the number was shown `since_due` after its time."""
    task = claimed(town, todo(arrive(town), "call"), "officer")
    calls.show_number(task, town.staff["officer"], town.residents[0].phones.first())
    due = Task.objects.get(pk=task.pk).began_at - since_due
    Task.objects.filter(pk=task.pk).update(due_at=due, alarm_at=due)
    return Task.objects.select_related("place", "episode").get(pk=task.pk)


def test_a_call_that_began_in_time_does_not_climb_while_it_lasts(small_town: SmallTown) -> None:
    task = ringing(small_town)
    assert fire_due(task.due_at + MINUTE) == 0
    assert not Escalation.objects.exists()
    # An open page prolongs the claim; the clock waits for the new end, too.
    tasks.claim(task, small_town.staff["officer"])
    assert fire_due(task.due_at + 10 * MINUTE) == 0


def test_a_claim_that_runs_out_without_a_result_climbs_at_once(small_town: SmallTown) -> None:
    task = ringing(small_town)
    fire_due(task.due_at + MINUTE)
    assert fire_due(task.claimed_until) == 1
    assert Escalation.objects.get().told == small_town.staff["chief"]


@pytest.mark.parametrize("how", ["release", "assign"])
def test_a_task_given_back_after_its_time_climbs_at_once(small_town: SmallTown, how: str) -> None:
    task = ringing(small_town)
    Task.objects.filter(pk=task.pk).update(due_at=timezone.now() - MINUTE)
    Task.objects.filter(pk=task.pk).update(alarm_at=task.claimed_until)
    if how == "release":
        tasks.release(task, small_town.staff["officer"])
    else:
        tasks.assign(task, small_town.staff["clerk"], small_town.staff["officer2"])
    assert fire_due() == 1


def test_a_task_given_back_in_time_keeps_its_alarm(small_town: SmallTown) -> None:
    task = ringing(small_town)
    tasks.release(task, small_town.staff["officer"])
    assert Task.objects.get(pk=task.pk).alarm_at == task.due_at
    assert Task.objects.get(pk=task.pk).began_at is None


def test_a_claim_without_a_call_keeps_no_clock(small_town: SmallTown) -> None:
    task = claimed(small_town, todo(arrive(small_town), "call"), "officer")
    assert fire_due(task.due_at) == 1


def test_what_had_climbed_stops_climbing_once_somebody_rings(small_town: SmallTown) -> None:
    task = ringing(small_town, since_due=MINUTE)
    Task.objects.filter(pk=task.pk).update(level=1)
    assert fire_due(timezone.now() + 15 * MINUTE) == 0


def test_who_takes_over_has_not_begun_because_another_had(small_town: SmallTown) -> None:
    task = ringing(small_town)
    Task.objects.filter(pk=task.pk).update(claimed_until=timezone.now() - MINUTE)
    assert tasks.claim(task, small_town.staff["officer2"]).began_at is None


@pytest.mark.parametrize(("since_due", "late"), [(-MINUTE, False), (MINUTE, True)])
def test_in_time_is_counted_by_the_moment_the_call_began(
    small_town: SmallTown, since_due: timedelta, late: bool
) -> None:
    task = ringing(small_town, since_due)
    began = task.began_at
    # The page said it was opened long ago, and the talk lasted beyond the time.
    notes = CallNotes(CallOutcome.DISSUADED, timezone.now() - timedelta(hours=3))
    call = calls.record_call(task, small_town.staff["officer"], notes, uuid4())
    now = timezone.now() + timedelta(hours=1)
    Task.objects.filter(pk=task.pk).update(done_at=now)
    episode = Episode.objects.get(pk=task.episode_id)
    assert call.started_at == episode.first_call_at == began
    assert bool(breaches_ended(small_town.staff["head"], now)) is late
