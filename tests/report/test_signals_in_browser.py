"""From a warning of the watch to the precision of its signal: the whole way, in a real browser."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from django.utils import timezone
from playwright.sync_api import expect

from fangxian.cli import main
from fangxian.town.access import Ability
from fangxian.town.models import ApiToken
from fangxian.warn.actions import after
from fangxian.warn.models import Task
from fangxian.watch.alerts import Alert, Told
from fangxian.watch.signals import shipped_book
from fangxian.watch.sinks import FirstLine
from town_of_tests import SmallTown, phone_of

pytestmark = [
    pytest.mark.browser,
    # The way of a warning and of what is found: on each database.
    pytest.mark.database,
    pytest.mark.django_db(transaction=True),
]
TOKEN, AT = "a-token-of-the-watch", 1_772_307_000_000_000
SAID = {"zh-CN": ("1 / 1，条数太少", "记下"), "en-US": ("1 of 1, too few to judge", "Save")}


def send(town: SmallTown, url: str) -> None:
    """The watch hands in a warning about the first resident, over the network."""
    ApiToken.objects.create(
        name="watch", made_by=town.staff["security"], place=town.town,
        scopes=[Ability.TAKE_IN.value, Ability.SEE_BOARD.value],
        expires_at=timezone.now() + timedelta(days=1),
        digest=hashlib.sha256(TOKEN.encode()).hexdigest(),
    )  # fmt: skip
    told = (
        Told("long_risky_talk", 1, AT, ("e1",)),
        Told("bank_code_without_family", 1, AT, ("e2",)),
    )
    alert = Alert(
        id="w-1", resident=phone_of(1), day=20_512, grade="orange", score=-1.2, stage="pay",
        kind="fake_police", signals=told, events=(), raised=(("orange", AT),),
    )  # fmt: skip
    refused: list[Any] = []
    with httpx.Client(timeout=30) as through:
        FirstLine(url, TOKEN, "监测", shipped_book(), refused.append, through).send([alert])
    assert refused == []


@pytest.mark.parametrize(("language", "width"), [("zh-CN", 1440), ("en-US", 360)])
def test_what_the_officer_records_is_the_precision_the_analyst_reads(
    live_town: SmallTown,
    live_server: Any,
    open_page: Any,
    monkeypatch: pytest.MonkeyPatch,
    language: str,
    width: int,
) -> None:
    # One in ten is looked at a second time; this one is not.
    monkeypatch.setattr(after, "SAMPLE_PERCENT", 0)
    send(live_town, live_server.url)
    analyst = open_page(live_town.staff["leader"], width=width, language=language)
    analyst.goto("/board/signals/")
    book = {signal.name: signal.says for signal in shipped_book().signals}
    says = book["long_risky_talk"].of("zh" if language == "zh-CN" else "en")
    row = analyst.locator("tbody tr", has_text=says).first
    expect(row).to_be_visible()
    expect(analyst.locator("[data-chart]")).to_have_count(0)

    officer = open_page(live_town.staff["officer"], width=width, language=language)
    officer.goto("/work/board/")
    task = Task.objects.get(kind="call")
    expect(officer.locator("main")).to_contain_text("王")
    officer.goto("/work/")
    officer.locator(f"#go-{task.pk}").click()
    officer.wait_for_url(f"**/work/tasks/{task.pk}/call/")
    for name, value in (("stage", "trusting"), ("outcome", "dissuaded")):
        tile = officer.locator(f"input[name={name}][value='{value}']")
        tile.evaluate("e => e.scrollIntoView({block: 'center'})")
        tile.check()
    officer.get_by_role("button", name=SAID[language][1], exact=True).click()
    officer.wait_for_url("**/work/")

    analyst.goto("/board/")
    analyst.locator("a[href='/board/signals/']").click()
    expect(row).to_contain_text(SAID[language][0])
    expect(analyst.locator("[data-chart] svg")).to_be_visible()
    analyst.goto("/board/signals/print/")
    expect(analyst.locator("tbody tr", has_text=says).first).to_contain_text(SAID[language][0])

    asked = ["watch", "signals", "--feedback", live_server.url, "--language", "en"]
    done = CliRunner().invoke(main, asked, env={"FANGXIAN_FIRST_LINE_TOKEN": TOKEN})
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    at = next(n for n, line in enumerate(lines) if " long_risky_talk: " in line)
    assert "1 of 1 right, too few to judge" in lines[at + 1]
    assert "of 1 judged the weights expect" in lines[-1]
