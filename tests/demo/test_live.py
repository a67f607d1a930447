"""`fangxian demo --live`: a swindle goes through the watch, and its warning comes up on the open board
without a hand being moved."""

from __future__ import annotations

import os
import pty
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from fangxian.watch.signals import shipped_book

from .conftest import Served, environment

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="the demo keeps its own SQLite file"),
]


class Live(Served):
    """`fangxian demo --live` at a terminal: what it says is in a file, Enter may be pressed."""

    def __enter__(self) -> Live:
        ours, theirs = pty.openpty()
        self.keys = ours
        self.said = self.home / "said.txt"
        command = [sys.executable, "-m", "fangxian.cli", "demo", "--live", "--language", "en"]
        with self.said.open("wb") as file:
            self.process = subprocess.Popen(
                [*command, "--port", str(self.port)],
                env=environment(self.home), stdin=theirs, stdout=file, stderr=file,
            )  # fmt: skip
        os.close(theirs)
        return self

    def press_enter(self) -> None:
        os.write(self.keys, b"\n")

    def heard(self, words: str) -> str:
        """What was said, once these words were."""
        begun = time.monotonic()
        while words not in (said := self.said.read_text("utf-8")):
            assert time.monotonic() - begun < 120, said
            assert self.process.poll() is None, said
            time.sleep(0.1)
        return said

    def __exit__(self, *error: object) -> None:
        super().__exit__(*error)
        os.close(self.keys)


@pytest.fixture
def live(built_home: Path, tmp_path: Path) -> Iterator[Live]:
    home = tmp_path / "home"
    shutil.copytree(built_home, home)
    with Live(home) as running:
        yield running


def test_a_swindle_comes_up_on_the_board_by_itself(live: Live, chromium: Any) -> None:
    live.heard("Press Enter")
    page = chromium.new_context(locale="zh-CN", base_url=live.url).new_page()
    page.goto("/town/sign-in/")
    leader = page.get_by_text("领导", exact=True)
    page.locator("button.fx-person").filter(has=leader).click()
    page.goto("/work/board/")
    before = set(page.locator("#board .board-whom a").evaluate_all("all => all.map(a => a.href)"))
    live.press_enter()
    row = page.locator("#board tr:has(.fx-grade)")
    known = "all => all.map(row => row.querySelector('.board-whom a').href)"
    begun = time.monotonic()
    while not (new := set(row.evaluate_all(known)) - before):
        assert time.monotonic() - begun < 60, live.said.read_text("utf-8")
        page.wait_for_timeout(50)
    [episode] = new
    said = live.heard("The end.")
    took = re.findall(r"at the duty desk: an? (\w+) warning, ([\d.]+) s after the event", said)
    assert took[-1][0] in ("orange", "red")
    own = row.filter(has=page.locator(f"a[href='{episode.removeprefix(live.url)}']"))
    own.locator(f".fx-grade-{took[-1][0]}").wait_for()
    print("seconds from event to board:", took)
    # The reasons stand with the episode, and nobody's whole number on the terminal.
    page.goto(episode)
    reasons = page.locator("main").inner_text()
    assert any(signal.says.zh in reasons for signal in shipped_book().signals)
    assert not re.search(r"\b120\d{8}\b", said)
    # Another resident the next time: a second warning of the same day would join the first.
    first = re.findall(r"The resident: (.+)", said)
    live.press_enter()
    begun = time.monotonic()
    while len(two := re.findall(r"The resident: (.+)", live.heard("The end."))) < 2:
        assert time.monotonic() - begun < 60
        time.sleep(0.1)
    assert two[1] != first[0]
