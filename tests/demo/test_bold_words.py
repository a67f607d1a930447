"""What is bold in the tutorial, and in the README's walk, stands on a screen word for word."""

from __future__ import annotations

import re

import pytest

from tools.of_tools import tool

from .conftest import ROOT

NUMBER = re.compile(r"%\(\w+\)[sd]|\d+")


def on_screens(language: str) -> set[str]:
    """Every text of the pages, with # for a number."""
    messages = tool("messages")
    texts: list[str] = []
    for room in messages.ROOMS:
        for m in messages.read(room):
            if not m.id:
                continue
            said = m.string if language == "en" else m.id
            texts += said if isinstance(said, tuple) else [said]
    return {NUMBER.sub("#", text) for text in texts}


@pytest.mark.parametrize(
    ("page", "language", "part"),
    [
        ("docs/en/tutorial/first-day.md", "en", ""),
        ("docs/zh/tutorial/first-day.md", "zh", ""),
        ("README.md", "en", "### The walk, in two minutes"),
        ("README.zh.md", "zh", "### 两分钟走一遍"),
    ],
)
def test_what_is_bold_stands_on_a_screen(page: str, language: str, part: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    if part:
        text = text.split(part)[1].split("\n## ")[0]
    bold = [re.sub(r"\s+", " ", b) for b in re.findall(r"\*\*(.+?)\*\*", text, re.DOTALL)]
    assert len(bold) > 15
    screens = on_screens(language)
    assert [b for b in bold if NUMBER.sub("#", b) not in screens] == []
