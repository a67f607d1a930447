"""The shell and the design system: doors, words of the top bar, clocks, letters, errors, gallery."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import DatabaseError, connection
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from playwright.sync_api import expect

from fangxian.town.access import access_of
from fangxian.town.models import Duty, Place, WorkerBeat
from fangxian.web.navigation import DOORS, behind, navigation
from fangxian.web.views import bad_request
from town_of_tests import SmallTown, red_call

SignedIn = Callable[..., Client]


# --- doors ---------------------------------------------------------------------------------------
def test_every_door_leads_to_a_page() -> None:
    assert all(door.address.startswith("/") for door in DOORS)


@pytest.mark.parametrize("who", ["head", "clerk", "officer", "grid", "educator", "auditor"])
def test_whoever_sees_a_door_may_open_it(
    small_town: SmallTown, signed_in: SignedIn, who: str
) -> None:
    staff = small_town.staff[who]
    shown = navigation(access_of(staff))
    client = signed_in(staff)
    assert [client.get(door.address).status_code for door in shown] == [200] * len(shown)
    hidden = [door for door in DOORS if door not in shown]
    assert [client.get(door.address).status_code for door in hidden] == [403] * len(hidden)


def test_a_page_behind_a_door_lights_the_door(small_town: SmallTown, signed_in: SignedIn) -> None:
    call = red_call(small_town)
    client = signed_in(small_town.staff["officer"])

    def lit(address: str) -> list[tuple[str, str]]:
        text = client.get(address).content.decode()
        side = text[text.index('class="fx-doors"') : text.index("</nav>")]
        return re.findall(r'href="([^"]+)" aria-current="(\w+)"', side)

    assert lit("/work/episodes/") == [("/work/episodes/", "page")]
    assert lit(f"/work/episodes/{call.episode_id}/") == [("/work/episodes/", "true")]


def test_the_deepest_door_wins() -> None:
    doors = list(DOORS)
    assert behind(doors, "/work/tasks/5/call/") == "/work/"
    assert behind(doors, "/work/board/") == "/work/board/"
    assert behind(doors, "/ask/caller/") == ""


# --- words of the top bar ------------------------------------------------------------------------
def test_the_menu_says_who_one_is_and_where(small_town: SmallTown, signed_in: SignedIn) -> None:
    text = signed_in(small_town.staff["village"]).get("/work/").content.decode()
    menu = text[text.index('class="fx-me-card"') : text.index("</details>")]
    assert "村社区干部 · 海兰村" in menu
    assert 'href="/ask/my-code/"' in menu


def test_several_areas_are_counted(small_town: SmallTown, signed_in: SignedIn) -> None:
    text = signed_in(small_town.staff["clerk"]).get("/town/me/").content.decode()
    assert "金峰镇 +1" in text


def test_who_has_no_duty_yet_reads_so(small_town: SmallTown, signed_in: SignedIn) -> None:
    Duty.objects.filter(staff=small_town.staff["grid"]).delete()
    assert "还没有职责" in signed_in(small_town.staff["grid"]).get("/town/me/").content.decode()


def test_the_words_of_the_top_bar_cost_one_query_a_minute(
    small_town: SmallTown, signed_in: SignedIn
) -> None:
    client = signed_in(small_town.staff["educator"])
    with CaptureQueriesContext(connection) as first:
        client.get("/town/me/")
    with CaptureQueriesContext(connection) as second:
        client.get("/town/me/")
    assert len(second) < len(first)


def test_one_town_gives_its_name_to_the_front_door(small_town: SmallTown, client: Client) -> None:
    assert "金峰镇" not in client.get("/").content.decode()  # two towns share this house
    Place.objects.filter(pk=small_town.foreign_town.pk).update(valid_to=timezone.localdate())
    from django.core.cache import cache

    cache.clear()
    assert "金峰镇" in client.get("/").content.decode()


# --- when something goes wrong -------------------------------------------------------------------
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_bad_request_can_still_change_the_language(db: None, language: str) -> None:
    request = RequestFactory(headers={"accept-language": language}).get("/work/")
    answer = bad_request(request, ValueError())
    text = answer.content.decode()
    assert answer.status_code == 400
    assert ("请返回上一页再试一次" if language != "en" else "Go back") in text
    assert re.search(r'name="csrfmiddlewaretoken" value="\w{20,}"', text)


def test_a_foreign_host_gets_the_friendly_page(client: Client, db: None) -> None:
    answer = client.get("/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert "没看懂" in answer.content.decode()


def test_an_error_page_comes_up_without_the_database(
    client: Client, monkeypatch: pytest.MonkeyPatch, db: None
) -> None:
    def away(*args: Any, **kwargs: Any) -> None:
        raise DatabaseError

    with monkeypatch.context() as patch:
        patch.setattr("django.db.backends.utils.CursorWrapper.execute", away)
        answer = client.get("/nowhere/")
    assert answer.status_code == 404
    assert "没有找到" in answer.content.decode()


def test_a_failure_inside_says_nothing_of_the_inside(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(request: Any) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("fangxian.web.context.navigation", broken)
    monkeypatch.setattr("fangxian.web.context.town_name", broken)
    monkeypatch.setattr("fangxian.web.views.render", broken)
    answer = Client(raise_request_exception=False).get("/")
    text = answer.content.decode()
    assert answer.status_code == 500
    assert "系统出错了" in text
    assert "Something went wrong" in text
    assert "secret" not in text


def test_health_says_how_old_the_last_beat_is(client: Client, db: None) -> None:
    assert client.get("/healthz").json()["worker_beat_seconds"] is None
    WorkerBeat.objects.create(worker_id="w", beat_at=timezone.now() - timedelta(minutes=2))
    said = client.get("/healthz").json()
    assert said["worker"] is False
    assert 120 <= said["worker_beat_seconds"] < 600


def test_health_without_a_database_is_bad_health(
    client: Client, monkeypatch: pytest.MonkeyPatch, db: None
) -> None:
    def away(*args: Any, **kwargs: Any) -> None:
        raise DatabaseError

    with monkeypatch.context() as patch:
        patch.setattr("django.db.backends.utils.CursorWrapper.execute", away)
        answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json() == {"database": False, "worker": False, "worker_beat_seconds": None}


# --- letters -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("wanted", "kept"), [("1", "1"), ("2", "2"), ("0", "0"), ("9", "0"), ("", "0")]
)
def test_letters_have_three_sizes(client: Client, db: None, wanted: str, kept: str) -> None:
    client.post("/elder/", {"elder": wanted})
    assert client.cookies["fangxian_elder"].value == kept


# --- words of pages ------------------------------------------------------------------------------
def said(text: str, language: str = "zh-hans", **context: Any) -> str:
    with translation.override(language):
        return Template(text).render(Context(context)).strip()


@pytest.mark.parametrize(
    ("fen", "chinese", "english"),
    [
        (None, "—", "—"),
        (0, "0 元", "CNY 0"),
        (999_900, "9,999 元", "CNY 9,999"),
        (1_230_000, "1.23 万元", "CNY 12,300"),
        (4_560_000_000, "4,560.00 万元", "CNY 45,600,000"),
    ],
)
def test_money_is_said_as_people_say_it(fen: int | None, chinese: str, english: str) -> None:
    assert said("{% money fen %}", fen=fen) == chinese
    assert said("{% money fen %}", "en", fen=fen) == english


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_grade_is_never_colour_alone(language: str) -> None:
    badges = [said("{% grade g %}", language, g=g) for g in (1, 2, 3, 4)]
    words = [re.sub(r"<[^>]+>", "", b).split() for b in badges]
    assert len({shape for shape, _ in words}) == 4
    assert len({word for _, word in words}) == 4


def test_a_phone_stays_whole_and_readable() -> None:
    assert said("{% phone p %}", p="+8612000000001") == (
        '<span class="fx-phone">120 0000 0001</span>'
    )
    assert "120****0001" not in said("{% phone p %}", p="120****0001")  # 120 **** 0001
    assert "023-00000110" in said("{% phone p %}", p="023-00000110")
    assert "<b>" not in said("{% phone p %}", p="<b>")


def test_steps_say_which_one_is_now_and_which_are_done() -> None:
    text = said('{% steps 2 "一" "二" "三" %}')
    assert text.count("aria-current") == 1
    assert text.count("（已完成）") == 1


# --- gallery -------------------------------------------------------------------------------------
def test_a_town_at_work_has_no_gallery(client: Client, db: None, settings: Any) -> None:
    assert client.get("/gallery/").status_code == 200
    settings.MODE = "production"
    assert client.get("/gallery/").status_code == 404


# --- in a browser --------------------------------------------------------------------------------
browser = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="looks are tested on SQLite alone"),
]
RULES = {"rules": {"target-size": {"enabled": True}}}
SMALL = """(least) => [...document.querySelectorAll(
  "a[href], button, select, summary, input:not([type=hidden])")].filter((e) => {
    const box = e.getBoundingClientRect(), style = getComputedStyle(e);
    // A link within a sentence is a word, not a target (WCAG 2.5.8, inline exception).
    const inline = e.tagName === "A" && style.display === "inline" && e.closest("p, li, dd");
    const shown = box.width && style.visibility !== "hidden" && !e.matches(".fx-skip");
    return shown && !inline && (box.height < least - 0.5 || box.width < least - 0.5);
  }).map((e) => `${e.outerHTML.slice(0, 90)} ${Math.round(e.getBoundingClientRect().width)}x` +
    `${Math.round(e.getBoundingClientRect().height)}`)"""
TOO_WIDE = "document.documentElement.scrollWidth - innerWidth"


def with_marks(function: Any) -> Any:
    for mark in browser:
        function = mark(function)
    return function


def faults(page: Any, address: str, least: int = 44) -> list[str]:
    """What axe-core and our own ruler find wrong on a page that is open."""
    found = [
        f"{address}: {v['id']}: {v['nodes'][0]['html'][:110]}"
        for v in Axe().run(page, options=RULES).response["violations"]
    ]
    found += [f"{address}: small: {t}" for t in page.evaluate(SMALL, least)]
    if (more := page.evaluate(TOO_WIDE)) > 0:
        found.append(f"{address}: {more} px wider than the screen")
    return found


@with_marks
@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
def test_gallery_menu_and_errors_have_no_violation(
    live_town: SmallTown, open_page: Callable[..., Any], width: int, language: str
) -> None:
    page = open_page(None, width=width, language=language)
    wrong: list[str] = []
    for address in ("/gallery/", "/", "/ask/caller/", "/ask/rights/", "/nowhere/"):
        page.goto(address)
        if address == "/gallery/":
            page.wait_for_selector("[data-canvas] svg")
        wrong += faults(page, address)
    page.goto("/gallery/")
    page.locator("[data-open=sample-dialog]").click()
    wrong += faults(page, "dialog")
    page = open_page(live_town.staff["officer"], width=width, language=language)
    page.goto("/ask/my-code/")
    page.locator(".fx-me > summary").click()
    wrong += faults(page, "/ask/my-code/ with its menu open")
    page.keyboard.press("Escape")
    assert page.locator(".fx-me-card").is_hidden()
    page.goto("/nowhere/")
    wrong += faults(page, "/nowhere/ of a colleague")
    assert wrong == []


@with_marks
@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
def test_old_fingers_and_old_eyes_at_both_large_sizes(
    live_town: SmallTown, open_page: Callable[..., Any], language: str
) -> None:
    page = open_page(None, width=360, language=language)
    page.goto("/")
    wrong: list[str] = []
    for size, least in (("1", 22), ("2", 30)):
        page.locator(f"button[name=elder][value='{size}']").click()
        page.wait_for_selector("html.elder" if size == "1" else "html.fx-largest")
        for address in ("/", "/ask/caller/", "/ask/rights/", "/nowhere/", "/town/sign-in/"):
            page.goto(address)
            wrong += faults(page, f"{address} at size {size}", 60)
            letters = page.evaluate(
                "parseFloat(getComputedStyle(document.querySelector('main p, main label, main li')).fontSize)"
            )
            if letters < least:
                wrong.append(f"{address} at size {size}: letters of {letters} px")
        page.goto("/")
    assert wrong == []


@with_marks
def test_a_clock_goes_by_the_servers_time_not_the_phones(
    live_town: SmallTown, open_page: Callable[..., Any]
) -> None:
    page = open_page(None)
    # A phone ten minutes fast: the sample that is due in 4:30 is not late.
    page.add_init_script("{ const real = Date.now; Date.now = () => real() + 600000; }")
    page.goto("/gallery/")
    soon = page.locator("section[aria-labelledby=g-words] [data-clock]").first
    assert soon.inner_text().startswith("还有 4:")


@with_marks
def test_copying_says_that_it_copied(
    live_town: SmallTown, open_page: Callable[..., Any], live_server: Any
) -> None:
    page = open_page(None)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=live_server.url)
    page.goto("/gallery/")
    button = page.locator("[data-copy]")
    button.click()
    expect(button).to_have_text("已复制")
    assert page.evaluate("navigator.clipboard.readText()") == "120 0000 0001"
    expect(button).to_have_text("复制")


@with_marks
def test_the_bell_is_remembered_and_never_claims_to_ring_when_it_cannot(
    live_town: SmallTown, open_page: Callable[..., Any]
) -> None:
    page = open_page(None)
    page.goto("/gallery/")
    bell = page.locator("[data-sound]")
    expect(bell).to_have_attribute("aria-pressed", "false")
    bell.click()
    expect(bell).to_have_attribute("aria-pressed", "true")
    page.reload()
    page.locator("h1").click()  # the first touch wakes what was asked for before
    expect(bell).to_have_attribute("aria-pressed", "true")
    bell.click()
    expect(bell).to_have_attribute("aria-pressed", "false")
    page.reload()
    page.locator("h1").click()
    expect(bell).to_have_attribute("aria-pressed", "false")


@with_marks
def test_a_code_is_checked_without_javascript(
    live_town: SmallTown, chromium: Any, live_server: Any
) -> None:
    from fangxian.town.codes import code_of

    code = code_of(live_town.staff["officer"], timezone.localdate())
    context = chromium.new_context(java_script_enabled=False, locale="zh-CN")
    try:
        page = context.new_page()
        page.goto(f"{live_server.url}/ask/caller/")
        page.locator("button[name=elder]").click()
        page.fill("#code", code)
        page.get_by_role("button", name="核对").click()
        assert "对得上" in page.inner_text("main")
        assert "elder" in page.locator("html").get_attribute("class")
    finally:
        context.close()
