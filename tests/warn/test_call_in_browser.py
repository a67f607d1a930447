"""What the call page does under the thumbs: suggests, leads on, keeps, and keeps the claim."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from fangxian.warn.models import Call, StopPayment, Task
from town_of_tests import SmallTown
from warn.call_town import arrive, claimed, now, todo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def at_the_call(town: SmallTown, open_page: Any, width: int = 360) -> tuple[Any, Task]:
    task = claimed(town, todo(arrive(town, kind="fake_police"), "call"), "officer")
    page = open_page(town.staff["officer"], width=width, height=740)
    page.goto(f"/work/tasks/{task.pk}/call/")
    return page, task


def tap(page: Any, name: str, value: str) -> None:
    page.locator(f"input[name={name}][value='{value}']").check(force=True)


def is_tapped(page: Any, name: str, value: str) -> bool:
    return bool(page.locator(f"input[name={name}][value='{value}']").is_checked())


def test_what_was_tapped_survives_a_flat_battery_and_a_note_is_not_kept(live_town, open_page):
    page, _ = at_the_call(live_town, open_page)
    tap(page, "worry_before", "4")
    tap(page, "q_office_call", "yes")
    page.locator("#id_notes").fill("孙女的电话她自己会打")
    kept = page.evaluate("JSON.stringify(localStorage)")
    for secret in ("孙女", "王", "0001", "6120"):
        assert secret not in kept
    key = page.locator("[name=form_key]").input_value()
    again = page.context.new_page()
    page.close()
    again.goto(page.url)
    assert is_tapped(again, "worry_before", "4")
    assert is_tapped(again, "q_office_call", "yes")
    assert is_tapped(again, "stage", "contacted")
    assert again.locator("[name=form_key]").input_value() == key
    assert again.locator("#id_notes").input_value() == ""


def test_a_stage_chosen_by_hand_stays_and_the_suggestion_is_only_said(live_town, open_page):
    page, _ = at_the_call(live_town, open_page)
    tap(page, "q_office_call", "yes")
    assert is_tapped(page, "stage", "contacted")
    tap(page, "stage", "trusting")
    tap(page, "q_told_secret", "yes")
    assert is_tapped(page, "stage", "trusting")
    assert "被隔离" in page.locator("[data-suggested]").inner_text()
    page.reload()
    tap(page, "q_office_call", "no")
    assert is_tapped(page, "stage", "trusting")


def test_a_no_takes_the_suggestion_back(live_town, open_page):
    page, _ = at_the_call(live_town, open_page)
    tap(page, "q_money_or_code", "yes")
    assert is_tapped(page, "stage", "paid")
    assert page.locator("[data-if-paid]").is_visible()
    tap(page, "q_money_or_code", "no")
    assert is_tapped(page, "stage", "unknown")
    assert page.locator("[data-if-paid]").is_hidden()


def test_the_bar_leads_from_step_to_step_and_says_which_is_next(live_town, open_page):
    page, _ = at_the_call(live_town, open_page)
    bar, strip = page.locator("[data-next]"), page.locator(".call-strip a[aria-current=step]")
    for step in range(1, 9):
        expect(bar).to_have_text(re.compile(f"^{step} · "))
        bar.click()
        expect(strip).to_have_text(re.compile(f"^{step}"))
    expect(bar).to_be_hidden()


def test_the_race_runs_within_the_call_and_what_was_tapped_stays(live_town, open_page):
    page, task = at_the_call(live_town, open_page)
    tap(page, "worry_before", "5")
    page.locator("#id_notes").fill("正在打银行电话")
    page.locator("#stop-panel button").click()
    page.locator("#stop-rang_110").click()
    page.locator("#stop-rang_110[aria-pressed=true]").wait_for()
    assert page.evaluate("document.activeElement.id") == "stop-rang_110"
    page.locator("#stop-panel [data-since]").get_by_text(re.compile(r"^\d+:\d\d$")).wait_for()
    assert is_tapped(page, "worry_before", "5")
    assert page.locator("#id_notes").input_value() == "正在打银行电话"
    tap(page, "outcome", "paid")
    page.get_by_role("button", name="记下", exact=True).click()
    page.wait_for_url("**/stop/")
    assert Call.objects.get().notes.clear == "正在打银行电话"
    assert list(StopPayment.objects.get().steps) == ["rang_110"]
    assert now(task.episode).grade == 1


def test_the_number_has_the_focus_once_it_is_shown_and_the_call_begins_then(live_town, open_page):
    page, _ = at_the_call(live_town, open_page)
    opened = page.locator("[name=started_at]").input_value()
    page.locator("[data-number] button").press("Enter")
    page.locator("a[href^='tel:']").wait_for()
    page.wait_for_function("document.activeElement.href?.startsWith('tel:')")
    began = page.locator("[name=started_at]").input_value()
    assert began != opened
    page.reload()
    page.locator("[data-number] button").click()
    page.locator("a[href^='tel:']").wait_for()
    assert page.locator("[name=started_at]").input_value() == began


def test_nobody_answered_is_one_tap(live_town, open_page):
    page, task = at_the_call(live_town, open_page)
    page.get_by_role("button", name="没打通，记下这次").click()
    page.get_by_text("没打通，已记下").wait_for()
    assert Call.objects.get().outcome == "unreachable"
    assert Task.objects.get(pk=task.pk).claimed_by is None


def test_coming_back_to_the_page_renews_the_claim_and_leaving_it_does_not(live_town, open_page):
    page, task = at_the_call(live_town, open_page)
    before = Task.objects.get(pk=task.pk).claimed_until
    with page.expect_response(lambda answer: answer.url.endswith("/claim/")):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert Task.objects.get(pk=task.pk).claimed_until > before
    page.get_by_role("button", name="放回列表").click()
    page.wait_for_url("**/work/")
    page.wait_for_timeout(300)
    assert Task.objects.get(pk=task.pk).claimed_by is None


def test_without_a_network_a_tap_says_that_it_was_not_saved(live_town, open_page):
    page, _ = at_the_call(live_town, open_page)
    # htmx says so in the console, too, where the fixture would take it for a fault of the page.
    page.evaluate("document.dispatchEvent(new Event('htmx:sendError'))")
    page.locator(".fx-bar [data-offline]").wait_for(state="visible")


def test_on_a_wide_screen_the_number_stays_beside_the_script(live_town, open_page):
    page, _ = at_the_call(live_town, open_page, width=1440)
    page.locator("#s8").scroll_into_view_if_needed()
    assert page.get_by_role("button", name=re.compile("显示号码")).is_visible()
    box = page.get_by_role("button", name=re.compile("显示号码")).bounding_box()
    assert 0 <= box["y"] <= 740
