"""axe-core, with target-size switched on, on every page of the URLconf at both widths and in both
languages, each with something on it; and our own measure of targets: 44 px for staff, 60 px in
large letters."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from town_of_tests import SmallTown, sign_in

from .looks import LOOKS, NO_PAGE, Furnished, furnish, named_pages

pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    # A page looks the same on either database; the journeys run on both.
    pytest.mark.skipif(connection.vendor != "sqlite", reason="looks are tested on SQLite alone"),
]
AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
RUN_AXE = """async () => (await axe.run(document, {
  resultTypes: ["violations"], rules: {"target-size": {enabled: true}},
})).violations.map((v) => `${v.id}: ` + v.nodes.slice(0, 3).map((n) => n.html.slice(0, 110)).join("; "))"""
SMALL_TARGETS = """(least) => [...document.querySelectorAll(
  "a[href], button, select, summary, input:not([type=hidden])")].filter((e) => {
    const box = e.getBoundingClientRect(), style = getComputedStyle(e);
    // A link within a sentence is a word, not a target (WCAG 2.5.8, inline exception).
    const inline = e.tagName === "A" && style.display === "inline" && e.closest("p, li, dd");
    const hidden = !box.width || style.visibility === "hidden" || e.closest("[inert], .fx-skip");
    const off = e.classList.contains("fx-skip");
    return !hidden && !off && !inline && (box.height < least - 0.5 || box.width < least - 0.5);
  }).map((e) => `${e.outerHTML.slice(0, 90)} ${Math.round(e.getBoundingClientRect().width)}x` +
    `${Math.round(e.getBoundingClientRect().height)}`)"""
# What no rule of axe finds: a page titled twice, and a header that wraps on a phone.
CLUMSY = """() => {
  const seen = (e) => e.getClientRects().length && !e.closest(".visually-hidden");
  const titles = [...document.querySelectorAll("h1")].filter(seen);
  const found = titles.length === 1 ? [] : [`${titles.length} titles`];
  const again = [...document.querySelectorAll("h2, legend")].filter(seen)
    .find((e) => e.textContent.trim() === titles[0]?.textContent.trim());
  if (again) found.push(`titled twice: ${again.outerHTML.slice(0, 80)}`);
  const top = document.querySelector(".fx-top");
  const large = document.documentElement.classList.contains("elder");
  if (top && !large && top.getBoundingClientRect().height > 60) found.push("the header wraps");
  return found;
}"""
WIDTHS = {1440: 900, 360: 740}


class Eyes:
    """Browsers of several people, one each, kept open from page to page."""

    def __init__(self, chromium: Any, live_server: Any, language: str) -> None:
        self.chromium, self.url, self.language = chromium, live_server.url, language
        self.pages: dict[str, Any] = {}
        self.wrong: list[str] = []
        self.looked = 0

    def page_of(self, who: str, session: str) -> Any:
        if who not in self.pages:
            context = self.chromium.new_context(
                locale=self.language, base_url=self.url, reduced_motion="reduce"
            )
            # By the browser's own door: the pages' policy lets no script of others in.
            context.add_init_script(path=str(AXE))
            if session:
                context.add_cookies([{"name": "sessionid", "value": session, "url": self.url}])
            self.pages[who] = context.new_page()
        return self.pages[who]

    def look(self, page: Any, where: str, least: int = 44) -> None:
        """At both widths: axe finds nothing, no target is small, nothing is wider than the screen."""
        for width, height in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            at = f"{where} at {width} px"
            self.wrong += [f"{at}: {found}" for found in page.evaluate(RUN_AXE)]
            self.wrong += [f"{at}: small: {t}" for t in page.evaluate(SMALL_TARGETS, least)]
            self.wrong += [f"{at}: {found}" for found in page.evaluate(CLUMSY)]
            over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            if over > 0:
                self.wrong.append(f"{at}: {over} px wider than the screen")
            self.looked += 1

    def close(self) -> None:
        for page in self.pages.values():
            page.context.close()


@pytest.fixture
def eyes(chromium: Any, live_server: Any) -> Any:
    opened: list[Eyes] = []

    def make(language: str) -> Eyes:
        opened.append(Eyes(chromium, live_server, language))
        return opened[-1]

    yield make
    for each in opened:
        each.close()


@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
def test_no_violation_on_any_page(
    live_town: SmallTown, eyes: Callable[[str], Eyes], language: str
) -> None:
    made = furnish(live_town)
    seen, begin = eyes(language), time.monotonic()
    for name, looks in LOOKS.items():
        for look in looks:
            page = seen.page_of(
                look.who, "" if look.who in seen.pages else made.session_of(look.who)
            )
            address = made.address(name, look)
            answer = page.goto(address)
            if answer.status != 200 or not page.url.endswith(address):
                seen.wrong.append(f"{address} as {look.who}: {answer.status} at {page.url}")
                continue
            seen.look(page, f"{name} as {look.who or 'a visitor'}")
    visitor = seen.pages[""]
    visitor.goto("/no/")
    seen.look(visitor, "an error")
    seconds = time.monotonic() - begin
    print(f"\n{seen.looked} looks in {language}, {seconds:.0f} s: {len(seen.wrong)} violations")
    assert not seen.wrong, "\n".join(seen.wrong)


@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
def test_large_letters_are_for_old_eyes_and_fingers(
    live_town: SmallTown, eyes: Callable[[str], Eyes], language: str
) -> None:
    """Both sizes, on every page that residents see, with either answer to a code."""
    from fangxian.town.codes import code_of

    code = code_of(live_town.staff["officer"], timezone.localdate())
    seen = eyes(language)
    page = seen.page_of("", "")
    page.goto("/")
    for size in ("1", "2"):
        page.locator(f"button[name=elder][value='{size}']").click()
        for address in ("/", "/ask/caller/", "/ask/rights/", "/town/sign-in/", "/no/"):
            page.goto(address)
            seen.look(page, f"{address} in size {size}", least=60)
            ratio = page.evaluate(
                "(() => { const s = getComputedStyle(document.querySelector('main'));"
                "return parseFloat(s.lineHeight) / parseFloat(s.fontSize) })()"
            )
            assert ratio >= 1.3
        for typed in (code, "000000"):
            page.goto("/ask/caller/")
            page.locator("#code").fill(typed)
            page.locator("main form button").click()
            page.locator(".fx-answer").wait_for()
            seen.look(page, f"the answer to {typed} in size {size}", least=60)
        page.goto("/")
    assert not seen.wrong, "\n".join(seen.wrong)


def test_every_named_page_has_a_recipe() -> None:
    """A new page is looked at, or says that it is none (looks.py)."""
    names = {name for name, _pattern in named_pages()}
    assert names - LOOKS.keys() - NO_PAGE == set()
    assert (LOOKS.keys() | NO_PAGE) - names == set()
    assert LOOKS.keys() & NO_PAGE == set()


def test_what_is_called_no_page_is_none(live_town: SmallTown) -> None:
    """Whoever may open it gets a fragment, a file, another page or a refusal; never a page that
    nobody has looked at."""
    made = furnish(live_town)
    pages = []
    for name, pattern in named_pages():
        if name not in NO_PAGE:
            continue
        keys = pattern.pattern.converters
        # Every kind of thing stands at number 1; the wall's key is a UUID.
        values = {
            key: made.things["wall"] if type(converter).__name__ == "UUIDConverter" else 1
            for key, converter in keys.items()
        }
        for who in ("head", "clerk", "officer", "security", "system", "auditor"):
            answer = sign_in(Client(), live_town.staff[who]).get(reverse(name, kwargs=values))
            if answer.status_code == 200 and not answer.streaming and b"<html" in answer.content:
                pages.append(f"{name} as {who}")
    assert pages == []


def test_dialogs_open_without_a_violation(
    live_town: SmallTown, eyes: Callable[[str], Eyes]
) -> None:
    """What opens over a page: all doors, the menu of the name, who may be given a task."""
    made: Furnished = furnish(live_town)
    seen = eyes("zh-CN")
    page = seen.page_of("clerk", made.session_of("clerk"))
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/work/board/")
    page.locator("[data-open=all-doors]").click()
    page.locator("#all-doors").wait_for()
    seen.wrong += page.evaluate(RUN_AXE)
    page.keyboard.press("Escape")
    page.locator(".fx-me > summary").click()
    seen.wrong += page.evaluate(RUN_AXE)
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.locator(".board-act :is(a, button)").first.click()
    page.locator(".desk-people").wait_for()
    seen.wrong += page.evaluate(RUN_AXE)
    assert not seen.wrong, "\n".join(seen.wrong)
