"""One person at a time rings a resident, whatever the task, whoever shares the phone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from fangxian.town import audit
from fangxian.town.models import Phone
from fangxian.town.sealed import blind_index
from fangxian.warn.actions import calls, tasks
from fangxian.warn.actions.errors import AlreadyTaken
from fangxian.warn.models import CallOutcome, Task
from town_of_tests import SmallTown, phone_of
from warn.call_town import arrive, claimed, ring, todo
from warn.test_at_once import at_once


def reopened_on_the_day_of_a_follow_up(town: SmallTown) -> tuple[Task, Task]:
    """The call of a reopened episode, and its follow-up whose day has come."""
    episode = arrive(town)
    ring(town, episode, CallOutcome.DISSUADED)
    arrive(town)
    Task.objects.filter(episode=episode, day=3).update(starts_at=timezone.now())
    return todo(episode, "call"), todo(episode, "follow_up", 3)


def sharing_a_phone(town: SmallTown) -> tuple[Task, Task]:
    """The calls of two residents who have the first one's landline in common."""
    first, second = town.residents[:2]
    one, other = arrive(town, 1), arrive(town, 2)
    Phone.objects.create(resident=second, number=phone_of(1), index=blind_index(phone_of(1)))
    assert (one.resident, other.resident) == (first, second)
    return todo(one, "call"), todo(other, "call")


@pytest.mark.parametrize("two", [reopened_on_the_day_of_a_follow_up, sharing_a_phone])
def test_two_officers_never_ring_one_phone_for_two_tasks(small_town: SmallTown, two: Any) -> None:
    one, other = two(small_town)
    tasks.claim(one, small_town.staff["officer"])
    with pytest.raises(AlreadyTaken, match="officer甲 正在联系这位居民"):
        tasks.claim(other, small_town.staff["officer2"])
    assert Task.objects.get(pk=other.pk).claimed_by is None


def test_one_officer_may_hold_both_and_prolong_both(small_town: SmallTown) -> None:
    one, other = sharing_a_phone(small_town)
    for _twice in range(2):
        for task in (one, other):
            assert tasks.claim(task, small_town.staff["officer"]).claimed_until


def test_a_claim_that_ended_or_ran_out_frees_the_phone(small_town: SmallTown) -> None:
    one, other = sharing_a_phone(small_town)
    tasks.claim(one, small_town.staff["officer"])
    tasks.release(one, small_town.staff["officer"])
    tasks.claim(other, small_town.staff["officer2"])
    ended = timezone.now() - timedelta(seconds=1)
    Task.objects.filter(pk=other.pk).update(claimed_until=ended)
    assert tasks.claim(one, small_town.staff["officer"]).claimed_by == small_town.staff["officer"]


def test_somebody_goes_to_the_door_while_the_officer_is_still_on_the_phone(small_town) -> None:
    episode = arrive(small_town)
    claimed(small_town, todo(episode, "call"), "officer")
    calls.start_stop_payment(episode, small_town.staff["officer"])
    visit = tasks.claim(todo(episode, "visit"), small_town.staff["grid"])
    assert visit.claimed_by == small_town.staff["grid"]


def test_two_strangers_are_rung_at_the_same_time(small_town: SmallTown) -> None:
    for n, who in ((1, "officer"), (2, "officer2")):
        assert tasks.claim(todo(arrive(small_town, n), "call"), small_town.staff[who])


def test_the_page_says_who_is_ringing(small_town: SmallTown, signed_in: Any) -> None:
    one, other = sharing_a_phone(small_town)
    tasks.claim(one, small_town.staff["officer"])
    client: Client = signed_in(small_town.staff["officer2"])
    answer = client.post(f"/work/tasks/{other.pk}/claim/", follow=True)
    assert "officer甲 正在联系这位居民" in answer.content.decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("two", [reopened_on_the_day_of_a_follow_up, sharing_a_phone])
def test_of_two_who_claim_at_the_same_moment_one_rings(live_town: SmallTown, two: Any) -> None:
    with transaction.atomic():
        audit.record(audit.SYSTEM, "sign_in")
    one, other = two(live_town)
    came = at_once(
        lambda: tasks.claim(one, live_town.staff["officer"]),
        lambda: tasks.claim(other, live_town.staff["officer2"]),
    )
    assert sorted(type(made).__name__ for made in came) == ["AlreadyTaken", "Task"]
    assert Task.objects.filter(claimed_by__isnull=False).count() == 1
