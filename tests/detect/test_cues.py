"""Cues: where a text says what swindlers, or honest senders, say."""

from __future__ import annotations

import pytest

from fangxian.detect.cues import cues_in


def keys(text: str) -> list[str]:
    return [hit.cue.key for hit in cues_in(text)]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("请拨打12345咨询", "claims_office"),
        ("12345", "claims_office"),
        ("收益30%", "earned"),
        ("24小时内", "asks_hurry"),
        ("一单50元", "easy_money"),
        ("better bet", "gambling"),
    ],
)
def test_a_cue_is_found(text: str, key: str) -> None:
    assert key in keys(text)


@pytest.mark.parametrize(
    "text", ["12001234567", "1234567", "0123456", "1069558800", "130%", "124小时内", "18折"]
)
def test_digits_inside_a_longer_number_are_no_cue(text: str) -> None:
    assert keys(text) == []
