"""What warnings rest on comes in with them, and what officers found of it goes out."""

from __future__ import annotations

from typing import Any

import pytest

from fangxian.town.access import Ability
from fangxian.warn.models import Basis, Episode, Signal
from town_of_tests import SmallTown, phone_of

TALK, CODE = {"name": "long_talk", "version": 1}, {"name": "bank_code", "version": 3}


def warnings(*rests_on: list[dict[str, Any]], first: int = 1) -> dict[str, Any]:
    """A warning of another resident for each list of signals."""
    listed = [
        {"phones": [phone_of(n)], "reference": f"w-{n}", "signals": signals}
        for n, signals in enumerate(rests_on, first)
    ]
    return {"sender": "监测", "warnings": listed}


def kept() -> list[tuple[str, int]]:
    return sorted(Basis.objects.values_list("name", "version"))


def found(n: int, outcome: str, stage: str = "contacted") -> None:
    """What an officer found with the n-th warning."""
    signals = Signal.objects.filter(reference=f"w-{n}")
    signals.update(result=outcome)
    now = signals[0].received_at
    Episode.objects.filter(signals__in=signals).update(
        state="closed", closed_at=now, outcome=outcome, stage=stage
    )


def test_names_and_versions_are_kept_with_the_warning(small_town: SmallTown, api) -> None:
    assert api.post("/warnings", warnings([TALK, CODE], [])).status_code == 201
    assert kept() == [("bank_code", 3), ("long_talk", 1)]
    assert Signal.objects.get(reference="w-1").rests_on.count() == 2


def test_a_warning_needs_no_signals_and_a_signal_no_version(small_town: SmallTown, api) -> None:
    body = warnings([{"name": "与可疑号码长谈_30分钟"}, {"name": "与可疑号码长谈_30分钟"}], [])
    del body["warnings"][1]["signals"]
    assert api.post("/warnings", body).status_code == 201
    assert kept() == [("与可疑号码长谈_30分钟", 1)]


def test_a_repeated_warning_is_kept_once_with_what_it_rests_on(small_town: SmallTown, api) -> None:
    body = warnings([TALK])
    for key in ("the-same-key", "the-same-key", "another-key"):
        assert api.post("/warnings", body, key=key).status_code == 201
    assert kept() == [("long_talk", 1)]


@pytest.mark.parametrize(
    ("signal", "said"),
    [
        ({"name": "call_13800001111"}, "signals[0].name: expected to begin with a letter"),
        ({"name": "王秀英 来电"}, "signals[0].name: expected to begin with a letter"),
        ({"name": "1st"}, "signals[0].name: expected to begin with a letter"),
        ({"name": "a" * 61}, "at most 60 characters"),
        ({"name": "talk", "version": 0}, "signals[0].version: "),
        ({"version": 1}, "signals[0].name: "),
    ],
)
def test_what_is_no_signal_is_refused_with_its_place_and_none_is_taken(
    small_town: SmallTown, api, signal: dict[str, Any], said: str
) -> None:
    answer = api.post("/warnings", warnings([signal]))
    assert answer.status_code == 422
    assert said in answer.json()["detail"]
    assert "13800001111" not in answer.content.decode()
    assert Signal.objects.count() == 0


def test_more_signals_than_any_book_has_are_refused(small_town: SmallTown, api) -> None:
    many = [{"name": f"s_{chr(97 + n // 26)}{chr(97 + n % 26)}"} for n in range(101)]
    assert "warnings[0].signals" in api.post("/warnings", warnings(many)).json()["detail"]
    assert api.post("/warnings", warnings(many[:100])).status_code == 201


def test_what_officers_found_is_told_of_each_version(small_town: SmallTown, caller_of, api) -> None:
    api.post("/warnings", warnings([TALK, CODE], [TALK], [TALK], [TALK, {**CODE, "version": 4}]))
    found(1, "paid", "paid")
    found(2, "dissuaded", "contacted")
    found(3, "false_alarm", "none")
    told = caller_of(small_town, (Ability.SEE_BOARD,)).get("/signals/feedback").json()
    by = {(s["name"], s["version"]): s for s in told["signals"]}
    talk = by["long_talk", 1]
    assert (talk["warnings"], talk["judged"], talk["right"], talk["wrong"]) == (4, 3, 2, 1)
    assert (talk["going_on"], talk["tried"], talk["open"]) == (1, 1, 1)
    assert talk["precision"]["value"] == pytest.approx(2 / 3)
    assert talk["precision"]["low"] < 0.1, "three say little"
    assert sum(q["warnings"] for q in talk["quarters"]) == 4
    assert by["bank_code", 3]["right"] == 1
    assert by["bank_code", 4]["precision"]["value"] is None
    assert (told["all"]["warnings"], told["all"]["judged"]) == (4, 3), "each warning once"
    sets = [([s["name"] for s in t["signals"]], t["judged"], t["right"]) for t in told["together"]]
    assert sets == [(["bank_code", "long_talk"], 1, 1), (["long_talk"], 2, 1)]


def test_only_those_who_see_the_board_are_told_and_only_of_their_area(
    small_town: SmallTown, caller_of, api
) -> None:
    api.post("/warnings", warnings([TALK]))
    assert api.get("/signals/feedback").status_code == 403
    foreign = caller_of(small_town, (Ability.SEE_BOARD,), small_town.foreign_town)
    told = foreign.get("/signals/feedback").json()
    assert (told["signals"], told["together"], told["all"]["warnings"]) == ([], [], 0)
    assert told["all"]["precision"] == {"value": None, "low": 0.0, "high": 1.0}
