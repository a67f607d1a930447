"""The truth tells the same story as the events, and a realistic one."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from fangxian.detect.kinds import KINDS
from fangxian.watch.simulate import START
from fangxian.watch.simulate.figures import figures
from fangxian.watch.simulate.swindles import (
    CONTACT,
    PAYMENT,
    SWINDLES,
    Step,
    paid_per_10k_and_quarter,
)  # fmt: skip

STAGES = ("contact", "trust", "isolate", "payment_request", "first_payment")


@pytest.fixture(scope="module")
def attempts(town) -> list[dict]:
    return town.truth.to_pylist()


@pytest.fixture(scope="module")
def events(town) -> dict[str, dict]:
    return town.by_id()


def test_every_kind_is_of_the_book_and_stands_in_the_truth(attempts) -> None:
    assert {s.kind for s in SWINDLES} <= set(KINDS)
    assert {each["kind"] for each in attempts} == {s.kind for s in SWINDLES}


def test_events_of_an_attempt_are_its_residents_and_in_order(attempts, events) -> None:
    seen: set[str] = set()
    for each in attempts:
        mine = [events[event] for event in each["events"]]
        assert {event["resident"] for event in mine} <= {each["resident"]}
        assert [e["time"] for e in mine] == sorted(e["time"] for e in mine)
        assert each["first_event"] == (each["events"] or [None])[0]
        assert seen.isdisjoint(each["events"])
        seen.update(each["events"])


def test_payments_add_up_to_what_was_lost(attempts, events) -> None:
    for each in attempts:
        paid = [events[event] for event in each["payments"]]
        assert {event["type"] for event in paid} <= {"transfer.requested"}
        assert sum(event["amount"] for event in paid) == each["lost"] - each["lost_unseen"]
        assert each["payment_event"] == (each["payments"] or [None])[0]
        assert (each["lost"] > 0) == (each["first_payment"] is not None)
        assert (each["lost"] > 0) == (each["ended"] == "paid")
        transfers = [e for e in each["events"] if events[e]["type"] == "transfer.requested"]
        assert transfers == each["payments"]


def test_stages_come_one_after_another_and_events_show_those_that_are_seen(
    attempts, events
) -> None:
    shown = 0
    for each in attempts:
        times = [each[stage] for stage in STAGES]
        reached = [at for at in times if at is not None]
        assert reached == times[: len(reached)] == sorted(reached)
        at = {events[event]["time"] for event in each["events"]}
        shown += sum(moment in at for moment in reached)
        if each["payments"] and not each["lost_unseen"]:
            assert each["first_payment"] == events[each["payment_event"]]["time"]
        if each["ended"] in ("unanswered", "hung_up"):
            first = events[each["first_event"]]
            assert (first["type"], first["time"]) == ("call.ended", each["contact"])
            assert (first["seconds"] == 0) == (each["ended"] == "unanswered")
    assert shown > 0.8 * len(attempts)


def test_whoever_is_dissuaded_has_talked_to_the_family_and_not_paid(attempts, events) -> None:
    mine = [each for each in attempts if each["ended"] == "dissuaded"]
    assert len(mine) > 10
    for each in mine:
        assert each["payment_request"] is not None
        later = [events[e] for e in each["events"] if events[e]["time"] > each["payment_request"]]
        assert any(event["type"] == "call.ended" for event in later)


def test_most_attempts_end_at_once_and_some_go_all_the_way(attempts) -> None:
    ended = Counter(each["ended"] for each in attempts)
    assert set(ended) == {
        "unanswered",
        "ignored",
        "hung_up",
        "broke_off",
        "dissuaded",
        "paid",
        "open",
    }
    brushed_off = ended["unanswered"] + ended["ignored"] + ended["hung_up"]
    assert brushed_off > 0.7 * len(attempts)
    assert ended["paid"] >= 20


def test_some_victims_cannot_be_seen(town, attempts) -> None:
    paid = [each for each in attempts if each["first_payment"] and each["first_payment"] >= START]
    signs = Counter(each["signs"] for each in paid)
    assert set(signs) <= {"none", "faint", "clear"}
    assert 0.1 < (signs["none"] + signs["faint"]) / signs.total() < 0.8
    assert any(each["lost_unseen"] for each in attempts)
    made = town.made
    assert (made.victims, made.unseen, made.faint) == (len(paid), signs["none"], signs["faint"])


def test_a_town_of_10_000_has_cases_in_single_digits_a_quarter() -> None:
    assert 3 < paid_per_10k_and_quarter() < 10


def test_as_many_victims_come_as_the_table_says(town) -> None:
    expected = paid_per_10k_and_quarter() / 910_000 * town.made.resident_days * 150
    assert abs(town.made.victims - expected) < 4.5 * np.sqrt(expected)


@pytest.mark.parametrize("swindle", SWINDLES, ids=lambda s: s.kind)
def test_every_stage_of_a_script_is_sure_to_leave_its_mark(swindle) -> None:
    def sure(step: Step) -> bool:
        return step.chance == 1

    stages = [step.stage for step in swindle.steps]
    assert stages == sorted(stages)
    assert swindle.steps[0].what == "open"
    assert swindle.steps[-1].what == "pay"
    assert {s.stage for s in swindle.steps if sure(s)} == set(range(CONTACT, PAYMENT + 1))
    assert len(swindle.numbers) == len(swindle.desk) == 6
    assert swindle.calls + swindle.texts <= 1


def test_numbers_are_burnt_and_gangs_share_theirs_among_residents(attempts, events) -> None:
    by_campaign: dict[str, set] = {}
    for each in attempts:
        if each["ended"] in ("unanswered", "hung_up"):
            numbers = by_campaign.setdefault(each["campaign"], set())
            numbers.add(events[each["first_event"]]["other"])
    assert np.mean([len(numbers) > 1 for numbers in by_campaign.values()]) > 0.5
    calls = sum(each["ended"] in ("unanswered", "hung_up") for each in attempts)
    assert calls > 5 * sum(map(len, by_campaign.values()))


def test_residents_report_and_a_tenth_of_the_texts_look_plain(attempts, events) -> None:
    types = Counter(event["type"] for event in events.values())
    assert types["report.filed"] > 10
    texts = [e for e in events.values() if e["type"] == "sms.received" and e["code"] is None]
    silent = sum(event["text"] is None for event in texts) / len(texts)
    assert 0.1 < silent < 0.2  # a tenth as everywhere, and half of the plain ones


def test_every_figure_says_what_it_is_and_where_it_comes_from() -> None:
    assert len(figures()) > 40
    for figure in figures().values():
        assert all((*figure.says, *figure.basis))
