"""The whole loop in a real browser, with the shipped list as messy as it is: import, call, breach,
visit, review, audit; on a phone and on a desk, in Chinese and in English."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from fangxian.warn import clock
from fangxian.warn.models import Batch, Call, Episode, Grade, Task
from town_of_tests import SmallTown, run_tasks

from .conftest import SAMPLE

pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    # The whole loop: on each database.
    pytest.mark.database,
    pytest.mark.django_db(transaction=True),
]
# What samples/make_samples.py says of the list.
ROWS, USABLE = 58, 54
# The list's first person is warned of in three rows; the rows of two other red ones.
THRICE, CALMED, UNREACHABLE, BREACHED = (
    "SFX202611030001",
    "SFX202611030001",
    "SFX202611030005",
    "SFX202611030013",
)


def tap(page: Any, name: str, value: str) -> None:
    """Tap a tile as a thumb does: bring it to the middle, clear of the bars at the edges."""
    tile = page.locator(f"input[name={name}][value='{value}']")
    tile.evaluate("e => e.scrollIntoView({block: 'center'})")
    tile.check()


def call_of(reference: str) -> Task:
    """The call that the row with this reference of the sender has led to."""
    return Task.objects.get(episode__signals__reference=reference, kind="call")


class Journey:
    """One list from hand to hand; each person has a browser of their own."""

    def __init__(self, town: SmallTown, open_page: Any, say: Any, picture: Any) -> None:
        self.town, self.picture = town, picture
        self.open_page, self.say = open_page, say
        self.width, self.language = 1440, "zh-CN"

    def page_of(self, who: str, width: int = 0) -> Any:
        return self.open_page(
            self.town.staff[who], width=width or self.width, language=self.language, height=800
        )

    def words(self, text: str, context: str = "") -> str:
        return self.say(self.language, text, context)

    def button(self, page: Any, text: str) -> Any:
        return page.get_by_role("button", name=self.words(text), exact=True)

    # --- the steps, in their order -------------------------------------------------------------

    def the_clerk_imports(self) -> None:
        page = self.page_of("clerk")
        page.goto("/work/intake/")
        page.get_by_label(self.words("来文单位"), exact=True).select_option(self.town.sender.name)
        page.get_by_label(re.compile(f"^{self.words('名单文件')}")).set_input_files(str(SAMPLE))
        self.button(page, "先看看会发生什么").click()
        # Nothing has happened yet, and what would is said row by row, with the reason of a refusal.
        refused = page.locator("tr.fx-row-refused", has_text="138001")
        assert (
            "应为 11 位手机号" if self.language == "zh-CN" else "11 digits"
        ) in refused.inner_text()
        assert Episode.objects.count() == 0
        self.picture(page, "preview")
        page.locator("form[action$='/confirm/'] button").click()
        page.locator("progress").wait_for()
        page.reload()
        expect(page.locator("progress")).to_be_visible()
        run_tasks()
        page.locator("#progress dl").wait_for()
        page.get_by_role("link", name=self.words("去值班台")).wait_for()
        batch = Batch.objects.get()
        assert (batch.made + batch.merged, batch.refused) == (USABLE, ROWS - USABLE)
        with page.expect_download() as download:
            page.get_by_role("link", name=self.words("下载不能用的行（含原因）")).click()
        assert download.value.suggested_filename.endswith(".xlsx")
        self.picture(page, "imported")

    def the_officer_calls_and_calms(self) -> None:
        """Three warnings about one resident are one episode, and one call."""
        task = call_of(CALMED)
        assert task.episode.signals.count() == 3
        assert task.grade == Grade.RED
        page = self.page_of("officer")
        page.goto("/work/")
        self.picture(page, "my-work")
        page.locator(f"#go-{task.pk}").click()
        page.wait_for_url(f"**/work/tasks/{task.pk}/call/")
        page.locator("form[data-number] button").first.click()
        page.locator("a[href^='tel:']").first.wait_for()
        tap(page, "worry_before", "5")
        page.locator("input[data-implies=isolated][value=yes]").first.check()
        # A yes suggests the stage; what was tapped survives a reload.
        expect(page.locator("input[name=stage][value=isolated]")).to_be_checked()
        page.reload()
        expect(page.locator("input[name=worry_before][value='5']")).to_be_checked()
        tap(page, "worry_after", "2")
        tap(page, "outcome", "dissuaded")
        self.picture(page, "call")
        self.button(page, "记下").click()
        page.wait_for_url("**/work/")
        page.get_by_text(self.words("已记下。3 天和 30 天后会提醒回访。")).wait_for()
        call = Call.objects.get()
        assert (call.stage, call.worry_before, call.worry_after) == ("isolated", 5, 2)
        task.episode.refresh_from_db()
        assert task.episode.state == "review"

    def nobody_answers_three_times(self) -> None:
        task = call_of(UNREACHABLE)
        page = self.page_of("officer")
        for turn in range(3):
            Task.objects.filter(pk=task.pk).update(starts_at=timezone.now())
            page.goto(f"/work/tasks/{task.pk}/call/")
            self.button(page, "领取这通电话").click()
            self.button(page, "没打通，记下这次").click()
            page.wait_for_url("**/work/")
            assert Call.objects.filter(episode=task.episode).count() == turn + 1
        self.picture(page, "unreachable")
        visit = Task.objects.get(kind="visit", episode=task.episode)
        assert visit.due_at - timezone.now() <= timedelta(hours=1)
        assert visit.assigned_to == self.town.staff["grid"]

    def the_grid_worker_visits(self) -> None:
        """Always on a phone: that is what is in the hand at a door."""
        visit = Task.objects.get(kind="visit")
        page = self.page_of("grid", width=360)
        page.goto("/work/")
        page.locator(f"#go-{visit.pk}").click()
        page.wait_for_url(f"**/work/tasks/{visit.pk}/visit/")
        self.picture(page, "visit")
        tap(page, "outcome", "dissuaded")
        self.button(page, "记下").click()
        page.wait_for_url("**/work/")
        visit.episode.refresh_from_db()
        assert visit.episode.state == "review"
        assert page.evaluate("document.documentElement.scrollWidth") <= 360

    def the_leader_sees_a_breach(self) -> None:
        """Without a reload: the board stands open on a desk."""
        task = call_of(BREACHED)
        page = self.page_of("chief")
        page.goto("/work/board/")
        expect(page.locator(".fx-late")).to_have_count(0)
        past = timezone.now() - timedelta(minutes=1)
        Task.objects.filter(pk=task.pk).update(due_at=past, alarm_at=past)
        clock.fire_due()
        page.locator(".fx-late").first.wait_for(state="attached", timeout=10_000)
        page.wait_for_function("document.title.startsWith('(')")
        self.picture(page, "breach")
        page.goto("/work/alarms/")
        row = page.locator(f"a[href='/work/episodes/{task.episode_id}/']").first
        expect(row).to_have_text(str(task.episode.resident.name))
        self.picture(page, "alarms")

    def the_reviewer_closes_both(self) -> None:
        page = self.page_of("leader")
        for episode in Episode.objects.filter(state="review"):
            page.goto("/work/reviews/")
            page.locator(f"a[href='/work/reviews/{episode.pk}/']").first.click()
            tap(page, "verdict", "agreed")
            self.picture(page, "review")
            self.button(page, "记下复核").click()
            page.wait_for_url("**/work/reviews/")
            episode.refresh_from_db()
            assert episode.state == "closed"
        assert Episode.objects.filter(state="closed").count() == 2

    def the_auditor_verifies_the_chain(self) -> None:
        page = self.page_of("auditor")
        page.goto("/town/audit/")
        self.button(page, "核验整条链").click()
        page.locator("#verified .alert-success").wait_for()
        self.picture(page, "audit")


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
def test_a_messy_list_becomes_calmed_residents(
    county_town: SmallTown, open_page: Any, say: Any, picture: Any, width: int, language: str
) -> None:
    journey = Journey(county_town, open_page, say, picture)
    journey.width, journey.language = width, language
    steps: tuple[Callable[[], None], ...] = (
        journey.the_clerk_imports,
        journey.the_officer_calls_and_calms,
        journey.nobody_answers_three_times,
        journey.the_grid_worker_visits,
        journey.the_leader_sees_a_breach,
        journey.the_reviewer_closes_both,
        journey.the_auditor_verifies_the_chain,
    )
    for step in steps:
        step()


def test_a_resident_checks_a_caller_in_large_letters(
    live_town: SmallTown, open_page: Any, picture: Any
) -> None:
    from fangxian.town.codes import code_of

    code = code_of(live_town.staff["officer"], timezone.localdate())
    page = open_page(None, width=360, height=740)
    page.goto("/")
    page.get_by_role("button", name="长辈大字").click()
    page.get_by_role("link", name=re.compile("来电真是民警吗")).click()
    page.get_by_label("请输入对方说的六位口令").fill(code)
    page.get_by_role("button", name="核对").click()
    expect(page.get_by_text("金峰派出所")).to_be_visible()
    size = page.evaluate("parseFloat(getComputedStyle(document.querySelector('main p')).fontSize)")
    assert size >= 22
    picture(page, "caller-elder")
