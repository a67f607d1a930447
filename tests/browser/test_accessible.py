"""axe-core on every page at both widths and in both languages, with target-size switched on, and
our own measure of targets: 44 px for staff, 60 px in elder mode."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import connection

from fangxian.warn.actions.calls import start_stop_payment
from fangxian.warn.actions.intake import hand_in
from fangxian.warn.actions.tasks import claim
from fangxian.warn.actions.visits import order_visit
from fangxian.warn.models import Case, Task
from town_of_tests import SmallTown, phone_of, red_call

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    # A page looks the same on either database; the journeys run on both.
    pytest.mark.skipif(connection.vendor != "sqlite", reason="looks are tested on SQLite alone"),
]
RULES = {"rules": {"target-size": {"enabled": True}}}


def pages(town: SmallTown) -> list[tuple[str, str]]:
    """(who, address) of every page worth a look, with something on it."""
    from django.utils import timezone

    call = red_call(town)
    claim(call, town.staff["officer"])
    visit = order_visit(call.episode, town.staff["officer"])
    claim(visit, town.staff["grid"])
    start_stop_payment(call.episode, town.staff["officer"])
    other = red_call(town, 2)
    Task.objects.create(
        episode=other.episode, kind="find", place=town.grids[0], grade=1, due_at=timezone.now()
    )
    text = f"电话,姓名\n{phone_of(3)[3:]},张桂兰\n138001,某某\n"
    batch, _ = hand_in(town.staff["clerk"], town.sender, "l.csv", text.encode())
    case = Case.objects.create(
        kind="other", place=town.grids[0], happened_on=timezone.localdate(), channel="sms",
        by=town.staff["clerk"], loss_fen=1_230_000,
    )  # fmt: skip
    find = Task.objects.get(kind="find")
    resident = town.residents[0].pk
    return [
        ("", "/"), ("", "/ask/caller/"), ("", "/ask/rights/"), ("", "/town/sign-in/"), ("", "/no/"),
        ("officer", "/work/"), ("officer", "/work/board/"), ("officer", "/work/episodes/"),
        ("officer", f"/work/episodes/{call.episode_id}/"), ("officer", "/ask/codes/"),
        ("officer", f"/work/tasks/{call.pk}/call/"),
        ("officer", f"/work/episodes/{call.episode_id}/stop/"),
        ("officer", "/town/me/"), ("officer", f"/town/residents/{resident}/"),
        ("grid", "/work/"), ("grid", f"/work/tasks/{visit.pk}/visit/"),
        ("village", f"/work/tasks/{find.pk}/find/"),
        ("clerk", "/work/intake/"), ("clerk", "/work/intake/one/"),
        ("clerk", f"/work/intake/{batch.pk}/"), ("clerk", f"/work/intake/{batch.pk}/columns/"),
        ("clerk", "/work/intake/senders/"), ("clerk", "/work/cases/"),
        ("clerk", f"/work/cases/{case.pk}/"), ("clerk", "/work/cases/new/"),
        ("clerk", "/work/reviews/"), ("clerk", "/work/answers/"), ("clerk", "/town/residents/"),
        ("clerk", "/town/places/"), ("clerk", "/town/duties/"), ("clerk", "/town/absences/"),
        ("clerk", "/town/shifts/"),
        ("chief", "/work/alarms/"), ("chief", "/work/wall/"), ("chief", "/board/"),
        ("chief", "/board/print/"),
        ("security", "/town/staff/"), ("security", "/town/tokens/"),
        ("system", "/work/settings/"), ("auditor", "/town/audit/"), ("auditor", "/town/retention/"),
    ]  # fmt: skip


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


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
def test_no_violation_on_any_page(live_town: SmallTown, open_page, width, language) -> None:
    wrong: list[str] = []
    by_person: dict[str, Any] = {}
    checked = 0
    for who, address in pages(live_town):
        if who not in by_person:
            staff = live_town.staff[who] if who else None
            by_person[who] = open_page(staff, width=width, language=language)
        page = by_person[who]
        page.goto(address)
        found = Axe().run(page, options=RULES)
        checked += 1
        for violation in found.response["violations"]:
            nodes = "; ".join(n["html"][:110] for n in violation["nodes"][:3])
            wrong.append(f"{address}: {violation['id']}: {nodes}")
        wrong += [f"{address}: small: {t}" for t in page.evaluate(SMALL_TARGETS, 44)]
        overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if overflow > 0:
            wrong.append(f"{address}: {overflow} px wider than the screen")
    print(f"\n{checked} pages at {width} px in {language}: {len(wrong)} violations")
    assert not wrong, "\n".join(wrong)


def test_elder_mode_has_targets_for_old_fingers(live_town: SmallTown, open_page) -> None:
    page = open_page(None, width=360)
    page.goto("/")
    page.get_by_role("button", name="长辈大字").click()
    for address in ("/", "/ask/caller/", "/ask/rights/"):
        page.goto(address)
        assert page.evaluate(SMALL_TARGETS, 60) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        ratio = page.evaluate(
            "(() => { const s = getComputedStyle(document.querySelector('main'));"
            "return parseFloat(s.lineHeight) / parseFloat(s.fontSize) })()"
        )
        assert ratio >= 1.3
