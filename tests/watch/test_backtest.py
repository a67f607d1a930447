"""What a book would have told, and held against the truth."""

from __future__ import annotations

from pathlib import Path

import pytest
from living import busy_days

from fangxian.watch.alerts import DAY, Alert
from fangxian.watch.backtest import Attempt, compared, judged, replayed
from fangxian.watch.signals import SHIPPED, read_book, shipped_book

HOUR = 3_600_000_000
RESIDENT = "+8612000000001"


def alert(*raised: tuple[str, int], resident: str = RESIDENT, id_: str = "w-1") -> Alert:
    return Alert(id_, resident, 0, raised[-1][0], 0.0, "pay", "other", (), (), raised)


def attempt(contact: int, paid: int | None = None, resident: str = RESIDENT) -> Attempt:
    return Attempt(resident, contact, paid=paid, visible=True)


def test_a_replay_says_the_same_however_it_is_cut() -> None:
    events = busy_days(5, 400, 30)
    whole = replayed([events], shipped_book())
    cut = replayed((events.slice(at, 33) for at in range(0, len(events), 33)), shipped_book())
    assert whole == cut
    assert whole.warnings
    assert whole[1:] == (0, 0, 0)


def test_a_victim_was_warned_only_before_the_payment() -> None:
    told = {"w-1": alert(("yellow", 2 * HOUR), ("red", 5 * HOUR))}
    victim = attempt(HOUR, paid=4 * HOUR)
    early = judged(told, [victim], 1000)
    assert (early.victims, early.warned, early.lead) == ((victim,), (victim,), 120.0)
    assert judged(told, [victim], 1000, "red").warned == ()


def test_a_warning_about_nobodys_attempt_is_false() -> None:
    told = {
        "w-1": alert(("yellow", 2 * HOUR)),
        "w-2": alert(("yellow", 2 * HOUR), resident="+8612000000002", id_="w-2"),
        "w-3": alert(("yellow", 9 * DAY), id_="w-3"),
    }
    found = judged(told, [attempt(HOUR)], resident_days=1500)
    assert (found.warnings, found.false, found.a_day) == (3, 2, 2.0)
    assert found.lead is None


def test_a_warning_counts_as_often_as_such_attempts_are_in_life() -> None:
    told = {
        "w-1": alert(("yellow", 2 * HOUR)),
        "w-2": alert(("yellow", 2 * HOUR), resident="+8612000000002", id_="w-2"),
    }
    found = judged(told, [Attempt(RESIDENT, HOUR, None, True, often=20)], resident_days=1000)
    assert (found.warnings, found.false) == (2, 1)
    assert found.a_day == pytest.approx(1.05)
    assert judged(told, [], 1000, begin=3 * HOUR).warnings == 0


def test_two_books_are_compared_by_what_each_tells_and_when(tmp_path: Path) -> None:
    old = {"a": alert(("yellow", 2 * HOUR)), "b": alert(("red", HOUR))}
    new = {"b": alert(("yellow", HOUR // 2)), "c": alert(("red", 1))}
    found = compared(old, new, days=2, officers=2)
    assert (found.gained, found.lost) == (("c",), ("a",))
    assert (found.raised, found.lowered, found.earlier) == (0, 1, 1800.0)
    assert found.load == (0.5, 0.5)


def test_a_signal_without_weight_changes_no_warning(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(
        "idle:\n  says: {zh: 空, en: idle}\n  source: a test\n"
        "  when: {app: {app: store}}\n  stage: contact\n  weight: 0\n",
        encoding="utf-8",
    )
    events = busy_days(6, 300, 20)
    old, new = (
        replayed([events], book).warnings for book in (shipped_book(), read_book(SHIPPED, own))
    )
    found = compared(old, new, 1, 1)
    assert (found.gained, found.lost) == ((), ())
    assert found.earlier == pytest.approx(0)
