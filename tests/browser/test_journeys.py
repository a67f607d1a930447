"""The whole loop in a real browser: list, call, breach, visit, review, audit; then by keyboard."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from fangxian.warn import clock
from fangxian.warn.models import Batch, Call, Episode, Task
from town_of_tests import SmallTown, phone_of, red_call, run_tasks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LIST = f"编号,姓名,手机号码,所属村社区,预警类型,风险等级\nYJ1,,{phone_of(1)[3:]},海兰村,冒充公检法,高\n"


@pytest.fixture
def county_list(tmp_path: Path) -> Path:
    path = tmp_path / "county.csv"
    path.write_bytes(
        (LIST + f"YJ2,,{phone_of(2)[3:]},海兰村,刷单,中\nYJ3,,138001,,刷单,中\n").encode("gb18030")
    )
    return path


def choose(page: Any, name: str, value: str) -> None:
    """Tap a tile: the input lies over its label."""
    tile = page.locator(f"input[name={name}][value='{value}']")
    # In the middle of the screen, clear of the bars at its edges, where a thumb would bring it.
    tile.evaluate("e => e.scrollIntoView({block: 'center'})")
    tile.check(force=True)


def test_clerk_hands_in_a_messy_list_and_sees_it_land(live_town, open_page, county_list) -> None:
    page = open_page(live_town.staff["clerk"])
    page.goto("/work/intake/")
    page.get_by_label("来文单位", exact=True).select_option("县反诈中心")
    page.get_by_label(re.compile("名单文件")).set_input_files(str(county_list))
    page.get_by_role("button", name="先看看会发生什么").click()
    assert page.get_by_text("2 行可以导入").is_visible()
    assert page.get_by_text(re.compile("应为 11 位手机号")).is_visible()
    page.get_by_role("button", name=re.compile("确认导入 2 行")).click()
    assert page.locator("progress").is_visible()
    page.reload()
    run_tasks()
    page.get_by_text("已完成").wait_for()
    assert Batch.objects.get().made == 2
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("下载不能用的行")).click()
    assert download.value.suggested_filename.endswith(".xlsx")


def test_officer_calls_and_calms_with_two_thumbs(live_town: SmallTown, open_page) -> None:
    red_call(live_town)
    Task.objects.update(assigned_to=live_town.staff["officer"])
    page = open_page(live_town.staff["officer"], width=360, height=740)
    page.goto("/work/")
    page.get_by_role("button", name="去办").click()
    page.get_by_role("button", name=re.compile("显示号码")).click()
    page.get_by_role("link", name=re.compile("120 0000 0001")).wait_for()
    choose(page, "worry_before", "5")
    page.locator("input[data-implies=isolated][value=yes]").first.check(force=True)
    # A yes suggests the stage.
    assert page.locator("input[name=stage][value=isolated]").is_checked()
    page.reload()
    # What was tapped survives a reload; the notes would not be kept in the browser.
    assert page.locator("input[name=worry_before][value='5']").is_checked()
    choose(page, "worry_after", "2")
    choose(page, "outcome", "dissuaded")
    page.get_by_role("button", name="记下", exact=True).click()
    page.get_by_text("已记下。3 天和 30 天后会提醒回访。").wait_for()
    call = Call.objects.get()
    assert (call.stage, call.worry_before, call.worry_after) == ("isolated", 5, 2)
    assert Episode.objects.get().state == "review"


def test_nobody_answers_is_two_taps_and_the_third_time_becomes_a_visit(
    live_town: SmallTown, open_page
) -> None:
    task = red_call(live_town)
    officer = open_page(live_town.staff["officer"], width=360, height=740)
    for turn in range(3):
        Task.objects.filter(pk=task.pk).update(starts_at=timezone.now())
        officer.goto(f"/work/tasks/{task.pk}/call/")
        officer.get_by_role("button", name="领取这通电话").click()
        choose(officer, "outcome", "unreachable")
        officer.get_by_role("button", name="记下", exact=True).click()
        words = "已请网格员上门" if turn == 2 else "没打通，已记下"
        officer.get_by_text(words).wait_for()
    visit = Task.objects.get(kind="visit")
    assert visit.due_at - timezone.now() <= timedelta(hours=1)
    worker = open_page(live_town.staff["grid"], width=360, height=740)
    worker.goto("/work/")
    worker.get_by_role("button", name="去办").click()
    choose(worker, "outcome", "dissuaded")
    worker.locator("form .fx-bar button").last.click()
    worker.wait_for_url("**/work/**")
    assert Episode.objects.get().state == "review"
    assert worker.evaluate("document.documentElement.scrollWidth") <= 360


def test_leader_sees_the_breach_without_a_reload(live_town: SmallTown, open_page) -> None:
    task = red_call(live_town)
    page = open_page(live_town.staff["chief"])
    page.goto("/work/board/")
    past = timezone.now() - timedelta(minutes=1)
    Task.objects.filter(pk=task.pk).update(due_at=past, alarm_at=past)
    clock.fire_due()
    page.locator(".fx-late").first.wait_for(timeout=10_000)
    page.wait_for_function("document.title.startsWith('(')")
    page.goto("/work/alarms/")
    assert page.get_by_text("王*英").first.is_visible()


def test_reviewer_closes_and_auditor_verifies_the_chain(live_town: SmallTown, open_page) -> None:
    test_officer_calls_and_calms_with_two_thumbs(live_town, open_page)
    reviewer = open_page(live_town.staff["leader"])
    reviewer.goto("/work/reviews/")
    reviewer.locator(f"a[href='/work/reviews/{Episode.objects.get().pk}/']").first.click()
    choose(reviewer, "verdict", "agreed")
    reviewer.locator("main form button.btn-primary").last.click()
    reviewer.wait_for_load_state()
    assert Episode.objects.get().state == "closed"
    auditor = open_page(live_town.staff["auditor"])
    auditor.goto("/town/audit/")
    auditor.get_by_role("button", name="核验整条链").click()
    auditor.locator("#verified .alert-success").wait_for()


def focus(page: Any, selector: str, most: int = 200) -> None:
    """Press Tab until the element has the focus, as somebody without a mouse does."""
    for _ in range(most):
        if page.evaluate("s => !!document.activeElement?.matches(s)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reaches {selector}")


def test_the_loop_can_be_done_by_keyboard_alone(live_town: SmallTown, open_page) -> None:
    task = red_call(live_town)
    Task.objects.update(assigned_to=live_town.staff["officer"])
    page = open_page(live_town.staff["officer"])
    page.goto("/work/")
    focus(page, f"#go-{task.pk}")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/work/tasks/{task.pk}/call/")
    for name, presses in (("worry_before", 4), ("outcome", 0)):
        focus(page, f"input[name={name}]")
        page.keyboard.press("Space")
        for _ in range(presses):
            page.keyboard.press("ArrowRight")
    focus(page, "#call-form .fx-bar button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/work/")
    assert Call.objects.get().outcome == "dissuaded"
    assert Call.objects.get().worry_before == 5
    reviewer = open_page(live_town.staff["leader"])
    episode = Episode.objects.get()
    reviewer.goto(f"/work/reviews/{episode.pk}/")
    focus(reviewer, "input[name=verdict]")
    reviewer.keyboard.press("Space")
    focus(reviewer, "main form button.btn-primary")
    reviewer.keyboard.press("Enter")
    reviewer.wait_for_url("**/work/reviews/")
    assert Episode.objects.get().state == "closed"


def test_a_resident_checks_a_caller_in_large_letters(live_town: SmallTown, open_page) -> None:
    from fangxian.town.codes import code_of

    code = code_of(live_town.staff["officer"], timezone.localdate())
    page = open_page(None, width=360, height=740)
    page.goto("/")
    page.get_by_role("button", name="长辈大字").click()
    page.get_by_role("link", name=re.compile("来电真是民警吗")).click()
    page.get_by_label("请输入对方说的六位口令").fill(code)
    page.get_by_role("button", name="核对").click()
    assert page.get_by_text("金峰派出所").is_visible()
    size = page.evaluate("parseFloat(getComputedStyle(document.querySelector('main p')).fontSize)")
    assert size >= 22
