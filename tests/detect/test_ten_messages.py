"""The ten messages of the tutorial: the honest are let through, the frauds named, and every reason
points at the words it speaks of, in the message as it was sent."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from fangxian.detect import Grade, check
from fangxian.detect.reasons import Reason

SCRIPT = Path(__file__).parents[2] / "samples" / "ten_messages.py"
MESSAGES: list[str] = runpy.run_path(str(SCRIPT))["MESSAGES"]
NOTICE, POLICE, BANK, GARBLED, CHILD, POSING, TASK, TEACHER, CREDIT, PARCEL = MESSAGES


def quoted(message: str, key: str) -> str:
    """The words that the reason `key` points at."""
    (reason,) = [each for each in check(message).reasons if each.key == key]
    return message[reason.start : reason.end]


@pytest.mark.parametrize("message", [NOTICE, BANK, CHILD], ids=["notice", "bank", "child"])
def test_the_honest_are_clear(message: str) -> None:
    assert check(message).grade is Grade.CLEAR


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        (GARBLED, "points_exchange"), (POSING, "fake_acquaintance"), (TASK, "task_rebate"),
        (TEACHER, "fake_investment"), (CREDIT, "fake_credit_record"), (PARCEL, "fake_customer_service"),
    ],
    ids=["garbled", "posing", "task", "teacher", "credit", "parcel"],
)  # fmt: skip
def test_the_frauds_are_flagged_and_named(message: str, kind: str) -> None:
    verdict = check(message)
    assert verdict.flagged
    assert verdict.kind == kind


def test_who_poses_as_the_police_is_not_called_clear() -> None:
    verdict = check(POLICE)
    assert verdict.grade is not Grade.CLEAR
    assert verdict.kind == "fake_police"


def test_a_notice_says_what_speaks_for_it() -> None:
    (warns,) = [each for each in check(NOTICE).reasons if each.weight < 0]
    assert NOTICE[warns.start : warns.end] in ("凡是自称", "都是诈骗")


def test_reasons_point_at_the_right_words() -> None:
    assert quoted(POLICE, "asks_secret") == "不要告诉家人"
    assert quoted(POSING, "asks_secret") == "别告诉我爸"
    assert quoted(TASK, "disguise_word") == "薇❤"
    assert "屏幕" in quoted(CREDIT, "asks_remote") or "教您操作" in quoted(CREDIT, "asks_remote")
    assert quoted(PARCEL, "asks_transfer") == "Pay now"


def test_in_the_garbled_one_reasons_point_into_what_was_sent() -> None:
    assert quoted(GARBLED, "link_lookalike") == "http://10086.cn-jf.example"
    assert quoted(GARBLED, "points") in ("積(jī)分(fēn)", "兌(duì)換(huàn)")


def test_every_reason_has_a_place() -> None:
    found: list[tuple[str, Reason]] = [(m, r) for m in MESSAGES for r in check(m).reasons]
    assert len(found) > 20
    for message, reason in found:
        assert 0 <= reason.start < reason.end <= len(message)
        assert message[reason.start : reason.end].strip()
