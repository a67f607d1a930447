"""Which text goes out when: calm, seldom, and never without a reason."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from fangxian.warn.actions import visits
from fangxian.warn.actions.messages import queue_message
from fangxian.warn.models import (
    CallOutcome,
    Contact,
    DayOff,
    FollowUp,
    Grade,
    Message,
    VisitOutcome,
    WorkingHours,
)
from town_of_tests import SmallTown, run_tasks
from warn.call_town import arrive, closed, follow_up, ring, visit


def texts() -> list[str]:
    return list(Message.objects.order_by("pk").values_list("template", flat=True))


def around_the_clock() -> None:
    for weekday in range(7):
        WorkingHours.objects.create(weekday=weekday, opens="00:00", closes="23:59:59")


def yesterday() -> None:
    Message.objects.update(made_at=timezone.now() - timedelta(days=2))


def test_where_a_call_can_wait_the_kind_of_fraud_is_told_by_text_first(
    small_town: SmallTown,
) -> None:
    around_the_clock()
    arrive(small_town, 1, Grade.YELLOW, kind="romance")
    arrive(small_town, 2, Grade.RED, kind="romance")
    run_tasks()
    message = Message.objects.get()
    assert (message.template, message.kind, message.state) == ("warned", "romance", "sent")


def test_nobody_gets_a_warning_by_text_at_night_or_on_a_day_off(small_town: SmallTown) -> None:
    around_the_clock()
    for days in (0, 1):
        DayOff.objects.create(day=timezone.localdate() + timedelta(days=days))
    arrive(small_town, 1, Grade.BLUE)
    run_tasks()
    assert texts() == []


def test_who_was_rung_or_reached_by_two_bodies_gets_no_warning_by_text(
    small_town: SmallTown,
) -> None:
    around_the_clock()
    ring(small_town, arrive(small_town, 1, Grade.YELLOW), CallOutcome.WRONG_PERSON)
    second = arrive(small_town, 2, Grade.YELLOW)
    for body in ("office", "committee"):
        Contact.objects.create(
            resident=second.resident, episode=second, body=small_town.departments[body],
            by=small_town.staff["clerk"], how="call",
        )  # fmt: skip
    run_tasks()
    assert texts() == []


def test_after_a_talk_the_one_lesson_is_sent_and_no_other_advice_that_day(
    small_town: SmallTown,
) -> None:
    episode = arrive(small_town)
    ring(small_town, episode, CallOutcome.DISSUADED)
    assert texts() == ["after_call"]
    assert queue_message(episode, "follow_up") is None
    yesterday()
    assert queue_message(episode, "follow_up") is not None


def test_a_visit_is_announced_once(small_town: SmallTown) -> None:
    episode = arrive(small_town)
    for _ in range(2):
        visits.order_visit(episode, small_town.staff["officer"])
    assert texts() == ["visit_soon"]


def test_a_follow_up_that_reaches_nobody_leaves_a_kind_word(small_town: SmallTown) -> None:
    episode = closed(small_town)
    yesterday()
    follow_up(small_town, episode, FollowUp.Outcome.UNREACHABLE)
    follow_up(small_town, episode, FollowUp.Outcome.UNREACHABLE)
    assert texts() == ["after_call", "follow_up"]


def test_who_would_not_listen_is_told_of_the_visit_and_not_thanked_for_listening(
    small_town: SmallTown,
) -> None:
    episode = arrive(small_town)
    ring(small_town, episode, CallOutcome.REFUSED)
    visit(small_town, episode, VisitOutcome.REFUSED)
    assert texts() == ["visit_soon"]


def test_a_resident_without_a_mobile_gets_none(small_town: SmallTown) -> None:
    episode = arrive(small_town)
    episode.resident.phones.all().delete()
    made: Any = queue_message(episode, "visit_soon")
    assert made is None
