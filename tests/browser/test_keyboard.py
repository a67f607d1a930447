"""The whole loop with a keyboard alone: signing in, import, call, visit, review, audit.

Nothing here clicks. After every press of Tab the focus must be seen: with a ring, on the screen, and
not beneath a bar. (The file dialog belongs to the system: its button is reached by Tab, and the
file is put there.)
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import expect

from fangxian.warn.models import Batch, Call, Episode, Task, Visit
from town_of_tests import SmallTown, run_tasks

from .conftest import SAMPLE

pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    # Keys are keys on either database; the journeys run on both.
    pytest.mark.skipif(connection.vendor != "sqlite", reason="looks are tested on SQLite alone"),
]
PASSWORD = "correct horse battery staple"
# What has the focus: whether it is seen, and the beginning of what it is. A tile's input is
# invisible by design; its label carries the ring.
FOCUSED = """() => {
  const e = document.activeElement;
  if (!e || e === document.body || e === document.documentElement) return null;
  const seen = e.closest(".fx-choices label") || e;
  const style = getComputedStyle(seen);
  const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const box = seen.getBoundingClientRect();
  const points = [[.5, .5], [.1, .2], [.9, .2], [.1, .8], [.9, .8]];
  const free = points.some(([x, y]) => {
    const top = document.elementFromPoint(box.left + box.width * x, box.top + box.height * y);
    return top && (seen.contains(top) || top.contains(seen));
  });
  return { seen: ring && free, ring, free, what: e.outerHTML.slice(0, 120) };
}"""


class Keys:
    """Somebody at a keyboard, without a mouse."""

    def __init__(self, page: Any) -> None:
        self.page, self.key = page, page.keyboard
        self.hidden: list[str] = []

    def tab(self) -> dict[str, Any] | None:
        """One press of Tab; what was reached and could not be seen is noted."""
        self.key.press("Tab")
        reached: dict[str, Any] | None = self.page.evaluate(FOCUSED)
        if reached and not reached["seen"]:
            self.hidden.append(f"{self.page.url}: {reached}")
        return reached

    def to(self, selector: str, most: int = 250) -> None:
        """Tab until the element has the focus."""
        for _ in range(most):
            if self.page.evaluate("s => !!document.activeElement?.matches(s)", selector):
                return
            self.tab()
        raise AssertionError(f"{self.page.url}: Tab never reaches {selector}")

    def press(self, selector: str, key: str = "Enter") -> None:
        self.to(selector)
        self.key.press(key)

    def past_the_navigation(self) -> None:
        """The first Tab of a page offers to skip what stands on every page."""
        reached = self.tab()
        assert reached, self.page.url
        assert "fx-skip" in reached["what"]
        self.key.press("Enter")
        assert self.page.evaluate("document.activeElement.id") == "content"

    def choose(self, name: str, presses: int = 0) -> None:
        """A group of tiles: Space takes the first, arrows go on."""
        self.press(f"input[name={name}]", "Space")
        for _ in range(presses):
            self.key.press("ArrowRight")

    def round_the_page(self, most: int = 300) -> int:
        """Tab goes through the page and comes out at its end; back again with Shift. How many
        stops there are. A trap never comes out."""
        stops = 0
        for _ in range(most):
            if self.tab() is None:
                break
            stops += 1
        else:
            raise AssertionError(f"{self.page.url}: Tab never comes out")
        self.key.press("Shift+Tab")
        assert self.page.evaluate(FOCUSED) is not None
        return stops

    def sign_in(self, username: str) -> None:
        self.page.goto("/town/sign-in/")
        self.to("#id_username")
        self.key.type(username)
        self.to("#id_password")
        self.key.type(PASSWORD)
        self.key.press("Enter")
        self.arrives("/work/")

    def goes_to(self, address: str) -> None:
        """By the navigation, as everybody does."""
        self.press(f".fx-doors a[href='{address}']")
        self.page.wait_for_url(f"**{address}")
        self.past_the_navigation()

    def arrives(self, address: str) -> None:
        """Wait for the page; `*` stands for a number. (What was skipped to stays in the address.)"""
        wanted = re.compile(re.escape(address).replace(r"\*", r"\d+") + r"(#content)?$")
        self.page.wait_for_url(wanted)

    def leave(self) -> None:
        assert self.hidden == []


def test_the_whole_loop_with_a_keyboard_alone(county_town: SmallTown, open_page: Any) -> None:
    def somebody() -> Keys:
        return Keys(open_page(None, width=1440, height=800))

    # The clerk imports.
    clerk = somebody()
    clerk.sign_in("clerk")
    clerk.goes_to("/work/intake/")
    clerk.to("#id_sender")
    clerk.key.type(county_town.sender.name[:1])
    clerk.key.press("ArrowDown")
    expect(clerk.page.locator("#id_sender")).to_have_value(county_town.sender.name)
    clerk.to("input[type=file]")
    clerk.page.locator("input[type=file]").set_input_files(str(SAMPLE))
    clerk.press("main form[enctype] button.btn-primary")
    clerk.arrives("/work/intake/*/")
    clerk.press("form[action$='/confirm/'] button")
    clerk.page.locator("progress").wait_for()
    run_tasks()
    clerk.page.get_by_role("link", name="去值班台").wait_for()
    assert Batch.objects.get().made > 40
    clerk.leave()

    # The officer calls one resident and calms them; another never answers.
    calmed = Task.objects.get(episode__signals__reference="SFX202611030001", kind="call")
    silent = Task.objects.get(episode__signals__reference="SFX202611030005", kind="call")
    officer = somebody()
    officer.sign_in("officer")
    officer.past_the_navigation()
    officer.press(f"#go-{calmed.pk}")
    officer.arrives(f"/work/tasks/{calmed.pk}/call/")
    assert officer.round_the_page() > 30
    officer.press("form[data-number] button")
    officer.page.locator("a[href^='tel:']").first.wait_for()
    officer.choose("worry_before", 4)
    officer.choose("outcome")
    officer.press("button[form=call-record].btn-primary")
    officer.arrives("/work/")
    call = Call.objects.get()
    assert (call.outcome, call.worry_before) == ("dissuaded", 5)
    for _ in range(3):
        Task.objects.filter(pk=silent.pk).update(starts_at=timezone.now())
        officer.page.goto("/work/")
        officer.press(f"#go-{silent.pk}")
        officer.arrives(f"/work/tasks/{silent.pk}/call/")
        officer.press("button[name=unanswered]")
        officer.arrives("/work/")
    officer.leave()

    # The grid worker goes there.
    visit = Task.objects.get(kind="visit")
    worker = somebody()
    worker.sign_in("grid")
    worker.press(f"#go-{visit.pk}")
    worker.arrives(f"/work/tasks/{visit.pk}/visit/")
    assert worker.round_the_page() > 20
    worker.choose("outcome")
    worker.press("#visit-form .fx-bar button")
    worker.arrives("/work/")
    assert Visit.objects.get().outcome == "dissuaded"
    worker.leave()

    # A second person reviews both.
    reviewer = somebody()
    reviewer.sign_in("leader")
    reviewer.goes_to("/work/reviews/")
    for episode in Episode.objects.filter(state="review"):
        reviewer.press(f"a[href='/work/reviews/{episode.pk}/']")
        reviewer.arrives(f"/work/reviews/{episode.pk}/")
        reviewer.choose("verdict")
        reviewer.press("main form .fx-bar button")
        reviewer.arrives("/work/reviews/")
    assert Episode.objects.filter(state="closed").count() == 2
    reviewer.leave()

    # The auditor verifies, and signs out by the menu behind the name.
    auditor = somebody()
    auditor.sign_in("auditor")
    auditor.goes_to("/town/audit/")
    auditor.press("form[action$='/verify/'] button")
    auditor.page.locator("#verified .alert-success").wait_for()
    auditor.page.goto("/town/audit/")
    auditor.press(".fx-me > summary")
    auditor.press(".fx-me-card button")
    auditor.arrives("/town/sign-in/")
    auditor.leave()


@pytest.mark.parametrize("width", [360, 1440])
def test_nothing_traps_the_focus_or_hides_it(
    county_town: SmallTown, open_page: Any, width: int
) -> None:
    """The busiest page of each kind, on a phone with a keyboard, too: bars stick to its edges."""
    for who, addresses in (
        (None, ("/", "/ask/caller/", "/town/sign-in/")),
        ("officer", ("/work/", "/work/board/", "/work/episodes/", "/town/me/")),
        ("clerk", ("/work/intake/", "/work/cases/new/", "/town/residents/", "/town/duties/")),
        ("leader", ("/board/", "/work/alarms/")),
        ("system", ("/work/settings/",)),
    ):
        staff = county_town.staff[who] if who else None
        keys = Keys(open_page(staff, width=width, height=740))
        for address in addresses:
            keys.page.goto(address)
            keys.round_the_page()
        keys.leave()


def test_a_menu_and_a_dialog_close_with_escape_and_give_the_focus_back(
    live_town: SmallTown, open_page: Any
) -> None:
    keys = Keys(open_page(live_town.staff["officer"], width=360, height=740))
    keys.page.goto("/work/")
    keys.press(".fx-me > summary")
    assert keys.page.locator(".fx-me").get_attribute("open") is not None
    keys.tab()
    keys.key.press("Escape")
    assert keys.page.locator(".fx-me").get_attribute("open") is None
    assert keys.page.evaluate("document.activeElement.matches('.fx-me > summary')")
    keys.press("[data-open=all-doors]")
    dialog = keys.page.locator("#all-doors")
    dialog.wait_for()
    keys.key.press("Escape")
    dialog.wait_for(state="hidden")
    assert keys.page.evaluate("document.activeElement.matches('[data-open=all-doors]')")
