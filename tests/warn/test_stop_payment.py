"""The race after money moved, as a page of its own and within the call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from fangxian.warn.actions import calls
from fangxian.warn.models import Episode, Grade, StopPayment
from fangxian.warn.script import STOP_PAYMENT_IDS
from town_of_tests import SmallTown
from warn.call_town import arrive, claimed, closed, open_kinds, todo

SignedIn = Callable[..., Client]
HTMX = {"HX-Request": "true"}
MOST_QUERIES = 12


def address(episode: Episode, name: str = "stop_payment") -> str:
    return reverse(f"warn:{name}", args=[episode.pk])


def racing(town: SmallTown) -> Episode:
    episode = arrive(town, grade=Grade.ORANGE)
    calls.start_stop_payment(episode, town.staff["officer"])
    return episode


def text_of(response: Any) -> str:
    return response.content.decode()


def test_a_tap_starts_the_clock_and_the_steps_are_there(small_town, signed_in) -> None:
    episode, officer = (
        arrive(small_town, grade=Grade.ORANGE),
        signed_in(small_town.staff["officer"]),
    )
    assert "data-since" not in text_of(officer.get(address(episode)))
    shown = text_of(officer.post(address(episode), follow=True))
    assert f'data-since="{StopPayment.objects.get().started_at.isoformat()}"' in shown
    assert [key for key in STOP_PAYMENT_IDS if f'value="{key}"' not in shown] == []
    assert "visit" in open_kinds(episode)


def test_a_second_tap_does_not_start_the_clock_anew(small_town, signed_in) -> None:
    episode, grid = racing(small_town), signed_in(small_town.staff["grid"])
    began = StopPayment.objects.get().started_at
    grid.post(address(episode))
    assert StopPayment.objects.get().started_at == began


def test_within_the_call_the_list_comes_as_a_part_of_the_page(small_town, signed_in) -> None:
    episode, officer = arrive(small_town), signed_in(small_town.staff["officer"])
    shown = text_of(officer.post(address(episode), headers=HTMX))
    assert shown.lstrip().startswith('<section id="stop-panel"')
    task = claimed(small_town, todo(episode, "call"), "officer")
    assert 'id="stop-panel"' in text_of(officer.get(reverse("warn:call", args=[task.pk])))


def test_a_step_is_ticked_with_its_time_and_the_tick_taken_back(small_town, signed_in) -> None:
    episode, officer = racing(small_town), signed_in(small_town.staff["officer"])
    shown = officer.post(
        address(episode, "stop_step"), {"step": "rang_110", "done": "1"}, headers=HTMX
    )
    assert 'aria-pressed="true"' in text_of(shown)
    assert "1/11 步" in text_of(shown)
    back = officer.post(address(episode, "stop_step"), {"step": "rang_110", "done": "0"})
    assert back.url == address(episode)
    assert StopPayment.objects.get().steps == {}


def test_a_step_that_is_none_is_not_ticked(small_town, signed_in) -> None:
    episode, officer = racing(small_town), signed_in(small_town.staff["officer"])
    officer.post(address(episode, "stop_step"), {"step": "rang_mother", "done": "1"})
    assert StopPayment.objects.get().steps == {}


@pytest.mark.parametrize(
    ("typed", "fen"), [("12000", 1_200_000), ("0.01", 1), ("", None), ("12000.5", 1_200_050)]
)
def test_the_race_ends_with_what_the_bank_held_back(small_town, signed_in, typed, fen) -> None:
    episode, officer = racing(small_town), signed_in(small_town.staff["officer"])
    officer.post(address(episode, "stop_end"), {"stopped": typed})
    stop = StopPayment.objects.get()
    assert stop.stopped_fen == fen
    assert stop.ended_at is not None
    shown = text_of(officer.get(address(episode)))
    assert "data-since" not in shown
    assert f"?episode={episode.pk}" in shown


@pytest.mark.parametrize("typed", ["一万二", "-5", "1e99", "NaN"])
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_sum_that_is_none_is_said_to_be_none_and_the_race_goes_on(
    small_town: SmallTown, signed_in: SignedIn, typed: str, headers: dict[str, str]
) -> None:
    episode, officer = racing(small_town), signed_in(small_town.staff["officer"])
    answer = officer.post(
        address(episode, "stop_end"), {"stopped": typed}, headers=headers, follow=True
    )
    assert "金额看不懂" in text_of(answer)
    assert StopPayment.objects.get().ended_at is None


def test_a_bank_that_answers_late_is_written_down_late(small_town, signed_in) -> None:
    episode, officer = racing(small_town), signed_in(small_town.staff["officer"])
    officer.post(address(episode, "stop_end"), {"stopped": ""})
    assert "补记金额" in text_of(officer.get(address(episode)))
    officer.post(address(episode, "stop_end"), {"stopped": "300"})
    assert StopPayment.objects.get().stopped_fen == 30_000


def test_a_race_on_what_was_closed_opens_it(small_town, signed_in) -> None:
    episode = closed(small_town)
    answer = signed_in(small_town.staff["officer"]).post(address(episode))
    assert answer.url == address(episode)
    assert Episode.objects.get(pk=episode.pk).state == Episode.State.OPEN


def test_outside_the_area_there_is_no_race(small_town: SmallTown, signed_in) -> None:
    episode, foreign = racing(small_town), signed_in(small_town.foreign)
    assert foreign.get(address(episode)).status_code == 404
    for name in ("stop_payment", "stop_step", "stop_end"):
        assert foreign.post(address(episode, name)).status_code == 404


def test_where_no_race_runs_there_is_no_step(small_town: SmallTown, signed_in) -> None:
    episode, officer = arrive(small_town), signed_in(small_town.staff["officer"])
    for name in ("stop_step", "stop_end"):
        assert officer.post(address(episode, name)).status_code == 404


def test_who_registers_no_cases_is_not_sent_to_register_one(small_town, signed_in) -> None:
    episode = racing(small_town)
    calls.end_stop_payment(StopPayment.objects.get(), small_town.staff["officer"], 5)
    assert "登记案件" not in text_of(signed_in(small_town.staff["grid"]).get(address(episode)))


def test_the_race_costs_few_queries(small_town, signed_in, django_assert_max_num_queries) -> None:
    episode, officer = racing(small_town), signed_in(small_town.staff["officer"])
    officer.get(address(episode))
    with django_assert_max_num_queries(MOST_QUERIES):
        officer.get(address(episode))


def test_at_the_door_the_clock_stands_still_once_the_race_is_over(small_town, signed_in) -> None:
    episode = racing(small_town)
    task = claimed(small_town, todo(episode, "visit"), "grid")
    grid = signed_in(small_town.staff["grid"])
    door = reverse("warn:visit", args=[task.pk])
    assert "data-since" in text_of(grid.get(door))
    calls.end_stop_payment(StopPayment.objects.get(), small_town.staff["officer"], None)
    shown = text_of(grid.get(door))
    assert "data-since" not in shown
    assert "结束" in shown
