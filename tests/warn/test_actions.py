"""The walk of a warning: what each verb does, refuses, and does only once."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, connections
from django.utils import timezone

from fangxian.town import audit
from fangxian.town.masks import mask_name
from fangxian.town.models import AuditEntry, Department, Resident
from fangxian.warn.actions import after, calls, cases, tasks, visits
from fangxian.warn.actions.after import FollowUpNotes
from fangxian.warn.actions.calls import CallNotes
from fangxian.warn.actions.errors import (
    AlreadyDone,
    AlreadyTaken,
    BudgetSpent,
    FourEyes,
    NotYours,
    TooEarly,
)
from fangxian.warn.actions.signals import NewSignal, take_in
from fangxian.warn.models import (
    Call,
    CallOutcome,
    Contact,
    Episode,
    FollowUp,
    Grade,
    Message,
    Review,
    Signal,
    Stage,
    Task,
    VisitOutcome,
)
from town_of_tests import SmallTown, phone_of
from warn.call_town import arrive, ring, todo, visit

# --- signals meet in episodes ------------------------------------------------------------------


def test_signals_about_one_resident_merge_into_one_open_episode(small_town: SmallTown) -> None:
    first, second = arrive(small_town, grade=Grade.BLUE), arrive(small_town, grade=Grade.ORANGE)
    assert first.pk == second.pk
    assert Signal.objects.filter(episode=first).count() == 2
    assert Episode.objects.get(pk=first.pk).grade == Grade.ORANGE
    assert Task.objects.filter(episode=first, kind="call").count() == 1


def test_a_worse_signal_makes_the_waiting_call_due_sooner(small_town: SmallTown) -> None:
    episode = arrive(small_town, grade=Grade.BLUE)
    later = todo(episode, "call").due_at
    arrive(small_town, grade=Grade.RED)
    task = todo(episode, "call")
    assert task.due_at < later
    assert task.due_at - timezone.now() <= timedelta(minutes=5)
    assert task.alarm_at == task.due_at


def test_the_same_warning_again_changes_nothing(small_town: SmallTown) -> None:
    new = NewSignal(place=small_town.town, phones=(phone_of(1),), reference="YJ1")
    became = [take_in("system", small_town.sender, "form", [new])[0].became for _ in range(2)]
    assert became == ["new", "known_before"]
    assert Signal.objects.count() == 1


def test_the_same_warning_twice_in_one_list_counts_once(small_town: SmallTown) -> None:
    new = NewSignal(place=small_town.town, phones=(phone_of(1),), reference="YJ1")
    taken = take_in("system", small_town.sender, "file", [new, new])
    assert [t.became for t in taken] == ["new", "known_before"]


def test_an_unknown_phone_becomes_a_person_to_find_and_a_call(small_town: SmallTown) -> None:
    new = NewSignal(place=small_town.villages[0], phones=(phone_of(77),), address="海兰村附近")
    episode = take_in("system", small_town.sender, "form", [new])[0].signal.episode
    assert not episode.resident.found
    assert set(episode.tasks.values_list("kind", flat=True)) == {"call", "find"}
    assert todo(episode, "find").assigned_to == small_town.staff["village"]


def test_two_unknown_rows_with_one_phone_are_one_person(small_town: SmallTown) -> None:
    rows = [
        NewSignal(place=small_town.town, phones=(phone_of(77),), reference=str(n)) for n in (1, 2)
    ]
    taken = take_in("system", small_town.sender, "file", rows)
    assert taken[0].signal.episode_id == taken[1].signal.episode_id
    assert Resident.objects.filter(found=False).count() == 1


def test_another_name_at_the_phone_is_noted_not_believed(small_town: SmallTown) -> None:
    episode = arrive(small_town, name="赵大海")
    assert episode.resident == small_town.residents[0]
    assert Signal.objects.get().name_differs


def test_a_masked_name_fits_the_name_it_masks(small_town: SmallTown) -> None:
    arrive(small_town, name="王*英")
    assert not Signal.objects.get().name_differs


@pytest.mark.parametrize(
    ("grade", "hours", "becomes"),
    [(Grade.RED, 71, "reopened"), (Grade.RED, 73, "new"), (Grade.BLUE, 23, "reopened"),
     (Grade.BLUE, 25, "new")],
)  # fmt: skip
def test_a_new_signal_within_the_window_reopens_and_later_begins_anew(
    small_town: SmallTown, grade: Grade, hours: int, becomes: str
) -> None:
    episode = arrive(small_town, grade=grade)
    Episode.objects.filter(pk=episode.pk).update(
        state="closed",
        closed_at=timezone.now(),
        last_signal_at=timezone.now() - timedelta(hours=hours),
    )
    new = NewSignal(place=small_town.town, phones=(phone_of(1),), reference="later", grade=grade)
    taken = take_in("system", small_town.sender, "form", [new])[0]
    assert taken.became == becomes
    assert (taken.signal.episode_id == episode.pk) == (becomes == "reopened")
    assert todo(taken.signal.episode, "call").due_at > timezone.now()


# --- claiming ------------------------------------------------------------------------------------


def test_two_officers_never_hold_the_same_call(small_town: SmallTown) -> None:
    task = todo(arrive(small_town), "call")
    tasks.claim(task, small_town.staff["officer"])
    with pytest.raises(AlreadyTaken):
        tasks.claim(task, small_town.staff["officer2"])


@pytest.mark.django_db(transaction=True)
def test_of_eight_who_tap_at_once_exactly_one_gets_it(live_town: SmallTown) -> None:
    task = todo(arrive(live_town), "call")
    officers = [live_town.staff["officer"], live_town.staff["officer2"]] * 4
    gate, won = threading.Barrier(8), []

    def tap(officer: Any) -> None:
        gate.wait()
        try:
            tasks.claim(Task.objects.select_related("place", "episode").get(pk=task.pk), officer)
            won.append(officer.pk)
        except AlreadyTaken:
            pass
        finally:
            connections.close_all()

    threads = [threading.Thread(target=tap, args=(o,)) for o in officers]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    # Claiming one's own again is allowed; claiming the other's never.
    assert len(set(won)) == 1


def test_a_claim_ends_by_itself(small_town: SmallTown) -> None:
    task = todo(arrive(small_town), "call")
    tasks.claim(task, small_town.staff["officer"])
    Task.objects.filter(pk=task.pk).update(claimed_until=timezone.now() - timedelta(seconds=1))
    tasks.claim(task, small_town.staff["officer2"])
    assert Task.objects.get(pk=task.pk).claimed_by == small_town.staff["officer2"]


def test_a_claim_for_the_door_lasts_for_the_way_there(small_town: SmallTown) -> None:
    episode = arrive(small_town)
    visits.order_visit(episode, small_town.staff["officer"])
    call = tasks.claim(todo(episode, "call"), small_town.staff["officer"])
    door = tasks.claim(todo(episode, "visit"), small_town.staff["grid"])
    now = timezone.now()
    assert call.claimed_until is not None
    assert door.claimed_until is not None
    assert timedelta(minutes=19) < call.claimed_until - now <= timedelta(minutes=20)
    assert timedelta(minutes=59) < door.claimed_until - now <= timedelta(hours=1)


def test_a_task_cannot_be_claimed_before_its_time_or_after_it_is_done(small_town) -> None:
    task = todo(arrive(small_town), "call")
    Task.objects.filter(pk=task.pk).update(starts_at=timezone.now() + timedelta(hours=1))
    with pytest.raises(TooEarly):
        tasks.claim(task, small_town.staff["officer"])
    Task.objects.filter(pk=task.pk).update(state="done", starts_at=timezone.now())
    with pytest.raises(AlreadyDone):
        tasks.claim(task, small_town.staff["officer"])


def test_a_grid_worker_cannot_claim_a_call_nor_a_foreign_officer(small_town: SmallTown) -> None:
    task = todo(arrive(small_town), "call")
    for who in ("grid", "foreign", "clerk", "auditor"):
        with pytest.raises(PermissionDenied):
            tasks.claim(task, small_town.staff[who])


def test_a_third_body_needs_a_reason_to_ring_on_the_same_day(small_town: SmallTown) -> None:
    episode = arrive(small_town, grade=Grade.BLUE)
    for name in ("甲单位", "乙单位"):
        Contact.objects.create(
            resident=episode.resident, episode=episode, how="call",
            body=Department.objects.create(name=name, kind="town_hall"),
            by=small_town.staff["clerk"],
        )  # fmt: skip
    task = todo(episode, "call")
    with pytest.raises(BudgetSpent):
        tasks.claim(task, small_town.staff["officer"])
    name = episode.resident.name.clear
    tasks.claim(task, small_town.staff["officer"], because=f"{name}的家属 12000000077 来电")
    assert Task.objects.get(pk=task.pk).claimed_by == small_town.staff["officer"]
    # The chain cannot be changed and is kept long: it names nobody.
    kept = AuditEntry.objects.get(verb="claim").detail["because"]
    assert kept == f"{mask_name(name)}的家属 *** 来电"


def test_a_red_episode_is_above_the_budget(small_town: SmallTown) -> None:
    episode = arrive(small_town)
    for name in ("甲单位", "乙单位"):
        Contact.objects.create(
            resident=episode.resident, episode=episode, how="call",
            body=Department.objects.create(name=name, kind="town_hall"),
            by=small_town.staff["clerk"],
        )  # fmt: skip
    tasks.claim(todo(episode, "call"), small_town.staff["officer"])


# --- the call ------------------------------------------------------------------------------------


def test_a_dissuaded_red_episode_goes_to_review_with_two_follow_ups(small_town: SmallTown) -> None:
    episode = arrive(small_town)
    ring(small_town, episode, CallOutcome.DISSUADED, stage=Stage.TRUSTING, worry_before=5)
    episode.refresh_from_db()
    assert episode.state == Episode.State.REVIEW
    assert (episode.stage, episode.outcome) == ("trusting", "dissuaded")
    days = Task.objects.filter(episode=episode, kind="follow_up").values_list("day", flat=True)
    assert sorted(days) == [3, 30]


def test_three_unreachable_calls_on_red_become_a_visit_within_the_hour(small_town) -> None:
    episode = arrive(small_town)
    for _ in range(2):
        ring(small_town, episode, CallOutcome.UNREACHABLE)
        assert not Task.objects.filter(episode=episode, kind="visit").exists()
    ring(small_town, episode, CallOutcome.UNREACHABLE)
    visit = todo(episode, "visit")
    assert timedelta(0) < visit.due_at - timezone.now() <= timedelta(hours=1)
    assert visit.assigned_to == small_town.staff["grid"]
    assert Message.objects.get().template == "unreachable"


def test_an_unreachable_call_plans_the_next_try_and_frees_the_task(small_town: SmallTown) -> None:
    episode = arrive(small_town)
    ring(small_town, episode, CallOutcome.UNREACHABLE)
    task = todo(episode, "call")
    assert task.claimed_by is None
    assert timedelta(minutes=9) < task.starts_at - timezone.now() <= timedelta(minutes=10)


def test_money_that_moved_makes_it_red_starts_the_race_and_sends_somebody(small_town) -> None:
    episode = arrive(small_town, grade=Grade.BLUE)
    ring(small_town, episode, CallOutcome.PAID, stage=Stage.PAID)
    episode.refresh_from_db()
    assert (episode.grade, episode.stage, episode.outcome) == (Grade.RED, "paid", "paid")
    assert episode.stop_payment.started_at
    assert todo(episode, "visit")
    assert episode.state == Episode.State.OPEN


def test_a_form_sent_twice_writes_one_call(small_town: SmallTown) -> None:
    task, officer = todo(arrive(small_town), "call"), small_town.staff["officer"]
    tasks.claim(task, officer)
    key, notes = uuid4(), CallNotes(outcome="dissuaded", started_at=timezone.now())
    first = calls.record_call(task, officer, notes, key)
    assert calls.record_call(task, officer, notes, key) == first
    assert Call.objects.count() == 1


def test_nobody_writes_down_a_call_that_another_holds(small_town: SmallTown) -> None:
    task = todo(arrive(small_town), "call")
    tasks.claim(task, small_town.staff["officer"])
    notes = CallNotes(outcome="dissuaded", started_at=timezone.now())
    with pytest.raises(NotYours):
        calls.record_call(task, small_town.staff["officer2"], notes, uuid4())


def test_the_number_is_shown_only_to_the_holder_and_every_look_is_written_down(small_town) -> None:
    task = todo(arrive(small_town), "call")
    phone = small_town.residents[0].phones.get()
    with pytest.raises(NotYours):
        calls.show_number(task, small_town.staff["officer"], phone)
    tasks.claim(task, small_town.staff["officer"])
    assert calls.show_number(task, small_town.staff["officer"], phone) == phone_of(1)
    from fangxian.town.models import AuditEntry

    assert AuditEntry.objects.filter(verb="reveal", thing_id=str(phone.pk)).count() == 1


def test_ticking_a_stop_payment_step_twice_is_one_tick(small_town: SmallTown) -> None:
    episode = arrive(small_town)
    stop = calls.start_stop_payment(episode, small_town.staff["officer"])
    for _ in range(2):
        stop = calls.tick(stop, small_town.staff["officer"], "rang_110", True)
    assert list(stop.steps) == ["rang_110"]
    assert calls.tick(stop, small_town.staff["officer"], "rang_110", False).steps == {}


# --- visits and finding ----------------------------------------------------------------------------


def test_nobody_home_comes_back_within_the_door_time(small_town: SmallTown) -> None:
    episode = arrive(small_town)
    visits.order_visit(episode, small_town.staff["officer"])
    visit(small_town, episode, VisitOutcome.NOT_HOME)
    again = todo(episode, "visit")
    assert again.claimed_by is None
    assert again.starts_at > timezone.now()
    visit(small_town, episode, VisitOutcome.DISSUADED)
    episode.refresh_from_db()
    assert episode.state == Episode.State.REVIEW
    assert not Task.objects.filter(episode=episode, kind="call", state="todo").exists()


def test_a_person_found_takes_over_phone_and_episode(small_town: SmallTown) -> None:
    new = NewSignal(place=small_town.villages[0], phones=(phone_of(77),), reference="x")
    episode = take_in("system", small_town.sender, "form", [new])[0].signal.episode
    known = small_town.residents[0]
    visits.found_person(todo(episode, "find"), small_town.staff["village"], known)
    episode.refresh_from_db()
    assert episode.resident == known
    assert known.phones.count() == 2


def test_a_person_found_who_has_an_open_episode_keeps_one(small_town: SmallTown) -> None:
    already = arrive(small_town, grade=Grade.BLUE)
    new = NewSignal(
        place=small_town.villages[0], phones=(phone_of(77),), reference="x", grade=Grade.RED
    )
    unknown = take_in("system", small_town.sender, "form", [new])[0].signal.episode
    visits.found_person(todo(unknown, "find"), small_town.staff["village"], small_town.residents[0])
    already.refresh_from_db()
    unknown.refresh_from_db()
    assert already.signals.count() == 2
    assert already.grade == Grade.RED
    assert unknown.state == Episode.State.CLOSED
    assert not unknown.tasks.filter(state="todo").exists()


# --- review, follow-up, cases ---------------------------------------------------------------------


def test_who_acted_may_not_review_and_somebody_else_closes_it(small_town: SmallTown) -> None:
    episode = arrive(small_town)
    ring(small_town, episode, CallOutcome.DISSUADED)
    Call.objects.update(by=small_town.staff["clerk"])
    with pytest.raises(FourEyes):
        after.review(episode, small_town.staff["clerk"], "agreed", "", uuid4())
    after.review(episode, small_town.staff["leader"], "agreed", "", uuid4())
    episode.refresh_from_db()
    assert episode.state == Episode.State.CLOSED
    assert Signal.objects.get().result == "dissuaded"


def test_a_review_that_sends_back_orders_a_new_call(small_town: SmallTown) -> None:
    episode = arrive(small_town)
    ring(small_town, episode, CallOutcome.DISSUADED)
    after.review(episode, small_town.staff["leader"], Review.Verdict.SENT_BACK, "没问清", uuid4())
    episode.refresh_from_db()
    assert episode.state == Episode.State.OPEN
    assert todo(episode, "call").due_at > timezone.now()


def test_about_a_tenth_of_what_is_not_red_is_reviewed(small_town: SmallTown) -> None:
    drawn = sum(after.in_sample(Episode(pk=n, grade=Grade.BLUE)) for n in range(1, 5001))
    assert 400 < drawn < 600
    assert all(after.in_sample(Episode(pk=n, grade=Grade.RED)) for n in range(1, 50))


def test_trouble_at_a_follow_up_opens_the_episode_again(small_town: SmallTown) -> None:
    episode = arrive(small_town, grade=Grade.BLUE)
    ring(small_town, episode, CallOutcome.DISSUADED)
    Episode.objects.filter(pk=episode.pk).update(state="closed", closed_at=timezone.now())
    task = Task.objects.select_related("place", "episode").get(
        episode=episode, kind="follow_up", day=3
    )
    Task.objects.filter(pk=task.pk).update(starts_at=timezone.now())
    after.record_follow_up(
        task, small_town.staff["officer"],
        FollowUpNotes(outcome=FollowUp.Outcome.CONTACTED_AGAIN), uuid4(),
    )  # fmt: skip
    episode.refresh_from_db()
    assert episode.state == Episode.State.OPEN
    assert todo(episode, "call")


def test_a_case_finds_the_warning_that_came_before_it(small_town: SmallTown) -> None:
    episode = arrive(small_town)
    facts = cases.CaseFacts(
        kind="other", place=small_town.grids[0], happened_on=timezone.localdate(),
        channel="phone", loss_fen=1_234_500, resident=small_town.residents[0],
    )  # fmt: skip
    case = cases.record_case(small_town.staff["officer"], facts, uuid4())
    assert case.episode == episode


def test_everything_above_is_in_an_unbroken_chain(small_town: SmallTown) -> None:
    episode = arrive(small_town)
    ring(small_town, episode, CallOutcome.DISSUADED)
    after.review(episode, small_town.staff["leader"], "agreed", "", uuid4())
    read, findings = audit.verify()
    assert findings == []
    from fangxian.town.models import AuditEntry

    verbs = list(AuditEntry.objects.values_list("verb", flat=True))
    for verb in ("signal", "graded", "claim", "call", "review", "close"):
        assert verb in verbs
    assert connection.vendor in ("sqlite", "postgresql")
    assert read == len(verbs)
