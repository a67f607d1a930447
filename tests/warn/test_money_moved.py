"""When money moved: the race begins once, somebody goes there, and nobody talks it away later."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from fangxian.town.models import AuditEntry
from fangxian.warn.actions import calls
from fangxian.warn.grading import Reason
from fangxian.warn.models import CallOutcome, Episode, Grade, Stage, StopPayment, Task, VisitOutcome
from town_of_tests import SmallTown
from warn.call_town import arrive, closed, minutes_until, now, open_kinds, review, ring, todo, visit


def test_a_resident_who_says_paid_is_red_raced_for_and_visited_within_the_hour(small_town) -> None:
    episode = arrive(small_town, grade=Grade.BLUE)
    ring(small_town, episode, CallOutcome.PAID)
    fresh = now(episode)
    assert (fresh.grade, fresh.stage, fresh.outcome, fresh.state) == (1, "paid", "paid", "open")
    assert 0 < minutes_until(todo(fresh, "visit").due_at) <= 60
    assert StopPayment.objects.get().ended_at is None


@pytest.mark.parametrize("outcome", [CallOutcome.DISSUADED, CallOutcome.REFUSED])
def test_the_stage_paid_begins_the_race_whatever_the_outcome_of_the_talk(
    small_town: SmallTown, outcome: str
) -> None:
    episode = arrive(small_town, grade=Grade.ORANGE)
    ring(small_town, episode, outcome, stage=Stage.PAID)
    assert StopPayment.objects.filter(episode=episode).exists()
    assert now(episode).outcome == Episode.Outcome.PAID
    assert open_kinds(episode) == {"visit"}


def test_a_race_begun_during_the_call_still_sends_somebody_when_the_call_ends_well(
    small_town: SmallTown,
) -> None:
    episode = arrive(small_town, grade=Grade.ORANGE)
    calls.start_stop_payment(episode, small_town.staff["officer"])
    ring(small_town, episode, CallOutcome.DISSUADED, stage=Stage.TRUSTING)
    assert open_kinds(episode) == {"visit"}
    assert now(episode).state == Episode.State.OPEN


def test_the_reason_money_moved_is_said_once_also_on_what_was_red_before(small_town) -> None:
    episode = arrive(small_town, grade=Grade.RED)
    for _ in range(2):
        calls.start_stop_payment(episode, small_town.staff["officer"])
    reasons = [Reason.say(reason) for reason in now(episode).reasons]
    assert reasons == ["县反诈中心定为红色", "已经转账"]


def test_the_call_in_progress_becomes_red_with_its_episode(small_town: SmallTown) -> None:
    episode = arrive(small_town, grade=Grade.BLUE)
    calls.start_stop_payment(episode, small_town.staff["officer"])
    assert set(Task.objects.filter(episode=episode).values_list("grade", flat=True)) == {1}


def test_whoever_finds_it_at_the_door_is_there_already_and_nobody_else_is_sent(small_town) -> None:
    episode = arrive(small_town)
    ring(small_town, episode, CallOutcome.REFUSED)
    visit(small_town, episode, VisitOutcome.PAID)
    assert StopPayment.objects.filter(episode=episode).exists()
    assert open_kinds(episode) == {"follow_up", "review"}
    assert now(episode).outcome == Episode.Outcome.PAID


def test_a_calm_visit_after_money_moved_does_not_undo_it(small_town: SmallTown) -> None:
    episode = arrive(small_town)
    ring(small_town, episode, CallOutcome.PAID)
    visit(small_town, episode, VisitOutcome.DISSUADED)
    assert now(episode).outcome == Episode.Outcome.PAID
    review(small_town, episode, "sent_back")
    ring(small_town, episode, CallOutcome.DISSUADED)
    assert now(episode).outcome == Episode.Outcome.PAID
    assert now(episode).state == Episode.State.REVIEW


def test_a_false_alarm_after_all_is_written_as_one(small_town: SmallTown) -> None:
    episode = arrive(small_town)
    ring(small_town, episode, CallOutcome.PAID)
    visit(small_town, episode, VisitOutcome.FALSE_ALARM)
    assert now(episode).outcome == Episode.Outcome.FALSE_ALARM


def test_what_was_a_false_alarm_and_is_sent_back_may_end_dissuaded(small_town: SmallTown) -> None:
    episode = arrive(small_town)
    ring(small_town, episode, CallOutcome.FALSE_ALARM)
    review(small_town, episode, "sent_back")
    ring(small_town, episode, CallOutcome.REFUSED)
    visit(small_town, episode, VisitOutcome.DISSUADED)
    assert now(episode).outcome == Episode.Outcome.DISSUADED


def test_a_race_on_a_closed_episode_opens_it_again(small_town: SmallTown) -> None:
    episode = closed(small_town)
    stop = calls.start_stop_payment(episode, small_town.staff["officer"])
    fresh = now(episode)
    assert stop.episode_id == episode.pk
    assert (fresh.state, fresh.closed_at, fresh.reopened) == ("open", None, 1)
    visit(small_town, fresh, VisitOutcome.DISSUADED)
    assert now(episode).state == Episode.State.REVIEW


def test_a_race_on_a_closed_episode_of_somebody_with_an_open_one_goes_there(small_town) -> None:
    old = closed(small_town)
    Episode.objects.filter(pk=old.pk).update(last_signal_at="2026-01-01T00:00:00Z")
    current = arrive(small_town)
    assert current.pk != old.pk
    stop = calls.start_stop_payment(old, small_town.staff["officer"])
    assert stop.episode_id == current.pk
    assert now(old).state == Episode.State.CLOSED


def test_a_race_takes_an_episode_out_of_review(small_town: SmallTown) -> None:
    episode = arrive(small_town)
    ring(small_town, episode, CallOutcome.DISSUADED)
    calls.start_stop_payment(episode, small_town.staff["officer"])
    assert now(episode).state == Episode.State.OPEN
    assert open_kinds(episode) == {"visit", "follow_up"}


def test_the_race_ends_once_and_a_bank_may_answer_later(small_town: SmallTown) -> None:
    officer = small_town.staff["officer"]
    stop = calls.start_stop_payment(arrive(small_town), officer)
    ended = calls.end_stop_payment(stop, officer, None).ended_at
    later = calls.end_stop_payment(stop, officer, 1_200_000)
    assert (later.ended_at, later.stopped_fen) == (ended, 1_200_000)
    assert calls.end_stop_payment(stop, officer, 5).stopped_fen == 1_200_000
    assert AuditEntry.objects.filter(verb="stop_payment_ended").count() == 2


def test_only_who_may_act_there_races(small_town: SmallTown) -> None:
    episode = arrive(small_town)
    for who in (small_town.foreign, small_town.staff["auditor"], small_town.staff["clerk"]):
        with pytest.raises(PermissionDenied):
            calls.start_stop_payment(episode, who)
    stop = calls.start_stop_payment(episode, small_town.staff["grid"])
    with pytest.raises(PermissionDenied):
        calls.tick(stop, small_town.foreign, "rang_110", True)
    with pytest.raises(PermissionDenied):
        calls.end_stop_payment(stop, small_town.foreign, 1)
