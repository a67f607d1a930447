"""The README's walk, followed word by word in a browser: what is bold there is pressed or seen here.

A name that is on no screen, a step that leads nowhere, or more than two minutes fails the test.
"""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from .conftest import ROOT, Served

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="the demo keeps its own SQLite file"),
]
WALKS = {
    "en-US": ("README.md", "### The walk, in two minutes"),
    "zh-CN": ("README.zh.md", "### 两分钟走一遍"),
}


def steps_of(language: str) -> tuple[list[list[str]], list[str]]:
    """The bold names of each step, and what is given as code in all of them."""
    name, heading = WALKS[language]
    text = (ROOT / name).read_text("utf-8").split(heading)[1].split("\n## ")[0]
    steps = re.findall(r"^\d\. (.*?)(?=^\d\. |\n\n)", text, re.MULTILINE | re.DOTALL)
    plain = [re.sub(r"\s+", " ", step) for step in steps]
    bold = [re.findall(r"\*\*(.+?)\*\*", step) for step in plain]
    return bold, re.findall(r"`([^`]+)`", " ".join(plain))


class Walker:
    """Somebody who presses what the README says, by the name that stands on the screen."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def press(self, name: str, inside: str = "body") -> None:
        part = self.page.locator(inside)
        target = part.get_by_role("link", name=name, exact=True).or_(
            part.get_by_role("button", name=name, exact=True)
        )
        target.filter(visible=True).first.click()
        self.page.wait_for_load_state()

    def sign_in_as(self, role: str) -> None:
        """One click on the person of this role; signed out first where somebody is in."""
        button = self.page.locator("button.fx-person").filter(
            has=self.page.get_by_text(role, exact=True)
        )
        button.click()
        self.page.locator("main h1").wait_for()

    def sign_out(self, name: str) -> None:
        self.page.locator(".fx-me > summary").click()
        self.press(name)

    def reads(self, text: str) -> None:
        self.page.get_by_text(text).filter(visible=True).first.wait_for()


@pytest.mark.parametrize("language", list(WALKS))
def test_the_walk_of_the_readme_leads_to_a_closed_episode_in_two_minutes(
    served: Served, chromium: Any, language: str, tmp_path: Path
) -> None:
    (one, two, three, four, five, six, seven), (sender, sample, *_) = steps_of(language)
    context = chromium.new_context(locale=language, base_url=served.url)
    walker = Walker(page := context.new_page())
    begin = time.monotonic()
    page.goto("/")
    walker.press(one[0])
    walker.sign_in_as(one[1])

    lists, sender_label, file_label, look = two
    walker.press(lists)
    page.get_by_label(sender_label, exact=True).select_option(sender)
    page.get_by_label(re.compile(f"^{file_label}")).set_input_files(str(ROOT / sample))
    walker.press(look)
    walker.press(three[0])
    page.reload()
    page.locator("#progress a.btn-primary").wait_for()
    with page.expect_download() as download:
        walker.press(three[1])
    assert download.value.suggested_filename.endswith(".xlsx")

    sign_out, officer, my_work, start, claim = four
    walker.sign_out(sign_out)
    walker.sign_in_as(officer)
    walker.press(my_work)
    red = page.locator(".desk-row").filter(has=page.locator(".fx-grade-red"))
    first = red.filter(has=page.get_by_role("button", name=re.compile(f"{start}|{claim}"))).first
    first.get_by_role("button", name=re.compile(f"{start}|{claim}")).click()
    page.wait_for_url("**/call/")
    code, result, save = five
    walker.reads(code)
    page.get_by_label(result, exact=True).check()
    walker.press(save)
    page.wait_for_url("**/work/")

    leader, reviews, review, agreed, write = six
    walker.sign_out(sign_out)
    walker.sign_in_as(leader)
    walker.press(reviews)
    walker.press(review, inside="main")
    page.get_by_label(agreed, exact=True).check()
    walker.press(write)
    page.wait_for_url("**/work/reviews/")

    auditor, audit, verify = seven
    walker.sign_out(sign_out)
    walker.sign_in_as(auditor)
    walker.press(audit)
    walker.press(verify)
    page.locator("#verified .alert-success").wait_for()
    seconds = time.monotonic() - begin
    context.close()
    print(f"\nthe walk in {language}: {seconds:.0f} s")
    assert seconds < 120
