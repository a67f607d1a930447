"""Two at once, on a database file as in a town: a double tap, two workers, two lists."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections, transaction
from django.utils import timezone

from fangxian.town import audit
from fangxian.warn import clock
from fangxian.warn.actions import after, calls, cases, tasks, visits
from fangxian.warn.actions.after import FollowUpNotes
from fangxian.warn.actions.calls import CallNotes
from fangxian.warn.actions.errors import Refused
from fangxian.warn.actions.signals import NewSignal, take_in
from fangxian.warn.actions.visits import VisitNotes
from fangxian.warn.models import (
    Call,
    Case,
    Contact,
    Episode,
    Escalation,
    FollowUp,
    Review,
    Signal,
    Task,
    Visit,
)
from town_of_tests import SmallTown, phone_of
from warn.call_town import arrive, arrive_unknown, claimed, closed, now, ring, todo

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def running_town(live_town: SmallTown) -> None:
    """Somebody signed in before: the audit chain has begun."""
    with transaction.atomic():
        audit.record(audit.SYSTEM, "sign_in")


def at_once(*deeds: Callable[[], Any]) -> list[Any]:
    """Do all at the same moment, each in a thread of its own; what each gave or raised."""
    gate, came = threading.Barrier(len(deeds)), [None] * len(deeds)

    def run(n: int) -> None:
        gate.wait()
        try:
            came[n] = deeds[n]()
        except Exception as error:  # the test looks at what it was
            came[n] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return came


@pytest.mark.parametrize("outcome", ["unreachable", "dissuaded"])
def test_a_double_tap_writes_one_call_and_both_hear_the_same(
    live_town: SmallTown, outcome: str
) -> None:
    officer = live_town.staff["officer"]
    task = claimed(live_town, todo(arrive(live_town), "call"), "officer")
    key, notes = uuid4(), CallNotes(outcome=outcome, started_at=timezone.now())
    came = at_once(*[lambda: calls.record_call(task, officer, notes, key)] * 4)
    assert {made.pk for made in came} == {Call.objects.get().pk}
    assert Contact.objects.count() == 1


def test_a_double_tap_at_the_door_writes_one_visit(live_town: SmallTown) -> None:
    grid, episode = live_town.staff["grid"], arrive(live_town)
    visits.order_visit(episode, live_town.staff["officer"])
    task, key = claimed(live_town, todo(episode, "visit"), "grid"), uuid4()
    notes = VisitNotes(outcome="not_home")
    came = at_once(*[lambda: visits.record_visit(task, grid, notes, key)] * 4)
    assert {made.pk for made in came} == {Visit.objects.get().pk}


def test_a_double_tap_writes_one_follow_up_and_one_review(live_town: SmallTown) -> None:
    officer, leader = live_town.staff["officer"], live_town.staff["leader"]
    episode, key = arrive(live_town), uuid4()
    ring(live_town, episode, "dissuaded")
    task = claimed(live_town, todo(episode, "follow_up", 3), "officer")
    notes = FollowUpNotes(outcome="fine")
    came = at_once(*[lambda: after.record_follow_up(task, officer, notes, key)] * 4)
    assert {made.pk for made in came} == {FollowUp.objects.get().pk}
    fresh = now(episode)
    came = at_once(*[lambda: after.review(fresh, leader, "agreed", "", key)] * 4)
    assert {made.pk for made in came} == {Review.objects.get().pk}


def test_a_double_tap_registers_one_case(live_town: SmallTown) -> None:
    officer, key = live_town.staff["officer"], uuid4()
    facts = cases.CaseFacts(
        kind="other", place=live_town.grids[0], happened_on=timezone.localdate(),
        channel="phone", loss_fen=100,
    )  # fmt: skip
    came = at_once(*[lambda: cases.record_case(officer, facts, key)] * 4)
    assert {made.pk for made in came} == {Case.objects.get().pk}


def test_two_reviewers_at_once_agree_once(live_town: SmallTown) -> None:
    episode = arrive(live_town)
    ring(live_town, episode, "dissuaded")
    came = at_once(
        lambda: after.review(episode, live_town.staff["leader"], "agreed", "", uuid4()),
        lambda: after.review(episode, live_town.staff["head"], "sent_back", "", uuid4()),
    )
    assert sum(isinstance(c, Refused) for c in came) == 1
    assert Review.objects.count() == 1


def test_two_workers_fire_every_level_once(live_town: SmallTown) -> None:
    for n in range(1, 5):
        task = todo(arrive(live_town, n), "call")
        late = timezone.now() - timedelta(minutes=7)
        Task.objects.filter(pk=task.pk).update(due_at=late, alarm_at=late)
    moment = timezone.now()
    fired = at_once(*[lambda: clock.fire_due(moment)] * 3)
    assert sum(fired) == 8
    told = list(Escalation.objects.values_list("task", "level"))
    assert len(told) == len(set(told)) == 8


def test_two_lists_at_once_make_one_episode_of_one_resident(live_town: SmallTown) -> None:
    def hand_in(reference: str) -> Callable[[], Any]:
        new = NewSignal(place=live_town.town, phones=(phone_of(1),), reference=reference)
        return lambda: take_in("system", live_town.sender, "api", [new])

    came = at_once(*[hand_in(reference) for reference in ("A", "B", "A", "B")])
    assert sorted(c[0].became for c in came) == ["known_before", "known_before", "merged", "new"]
    assert Episode.objects.count() == 1
    assert Signal.objects.count() == 2


def test_two_searches_for_one_resident_at_once_leave_one_open_episode(live_town) -> None:
    officer, known = live_town.staff["officer"], live_town.residents[0]
    finds = [todo(arrive_unknown(live_town, n), "find") for n in (71, 72, 73)]
    at_once(*[lambda f=f: visits.found_person(f, officer, known) for f in finds])
    assert Episode.objects.exclude(state="closed").get().signals.count() == 3
    assert known.phones.count() == 4


def test_a_claim_and_a_new_signal_at_once_keep_both(live_town: SmallTown) -> None:
    """What reads a task and writes it back must not wipe out a claim made in between."""
    for n in range(1, 4):
        episode = closed(live_town, n, grade=3)
        arrive(live_town, n, grade=3)
        task = todo(episode, "call")
        came = at_once(
            lambda t=task: tasks.claim(t, live_town.staff["officer"]),
            lambda n=n: arrive(live_town, n, grade=1),
            lambda e=episode: visits.order_visit(e, live_town.staff["officer2"]),
        )
        assert not any(isinstance(c, Exception) for c in came), came
        fresh = todo(episode, "call")
        assert fresh.claimed_by == live_town.staff["officer"]
        assert fresh.grade == 1


def test_whatever_happens_at_once_the_chain_holds(live_town: SmallTown) -> None:
    officers = [live_town.staff["officer"], live_town.staff["officer2"]]
    at_once(
        lambda: arrive(live_town, 1), lambda: arrive(live_town, 2), lambda: arrive(live_town, 3)
    )
    calls_ = list(Task.objects.filter(kind="call").select_related("place", "episode"))
    at_once(*[lambda t=t, o=o: tasks.claim(t, o) for t in calls_ for o in officers])
    assert audit.verify()[1] == []
    assert Task.objects.filter(kind="call", claimed_by__isnull=False).count() == 3
