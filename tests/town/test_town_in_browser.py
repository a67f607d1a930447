"""What only a browser can say: the picture is drawn, a reveal happens in place, nothing breaks
the content security policy (any console error fails a browser test)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fangxian.town.models import AuditEntry
from town_of_tests import SmallTown

pytestmark = pytest.mark.browser


def test_the_duty_tree_is_drawn_with_its_people(
    live_town: SmallTown, open_page: Callable[..., Any]
) -> None:
    page = open_page(live_town.staff["head"])
    page.goto("/town/duties/")
    page.wait_for_selector("[data-canvas] svg text")
    drawn = page.locator("[data-canvas] svg").text_content()
    assert "金峰派出所" in drawn
    assert "缺" in drawn


@pytest.mark.parametrize("width", [360, 1440])
def test_a_phone_number_is_revealed_in_place_after_a_reason(
    live_town: SmallTown, open_page: Callable[..., Any], width: int
) -> None:
    resident = live_town.residents[0]
    page = open_page(live_town.staff["grid"], width=width)
    page.goto(f"/town/residents/{resident.pk}/")
    row = page.locator(".fx-facts > div", has_text="120****0001")
    row.get_by_role("link", name="查看").click()
    page.get_by_text("上门见面").click()
    page.get_by_role("button", name="留痕并查看").click()
    page.wait_for_selector(".fx-revealed")
    assert page.locator(".fx-revealed").inner_text() == "+8612000000001"
    assert AuditEntry.objects.filter(verb="reveal").count() == 1
    page.reload()
    assert page.locator(".fx-revealed").count() == 0


@pytest.mark.parametrize(
    ("who", "address"),
    [
        (None, "/town/sign-in/"),
        ("grid", "/town/me/"),
        ("head", "/town/duties/"),
        ("clerk", "/town/duties/list/"),
        ("clerk", "/town/absences/"),
        ("clerk", "/town/shifts/"),
        ("clerk", "/town/residents/"),
        ("clerk", "/town/residents/lists/"),
        ("clerk", "/town/places/"),
        ("security", "/town/staff/"),
        ("security", "/town/tokens/"),
        ("auditor", "/town/audit/"),
        ("auditor", "/town/retention/"),
    ],
)
def test_no_page_is_wider_than_a_phone(
    live_town: SmallTown, open_page: Callable[..., Any], who: str | None, address: str
) -> None:
    page = open_page(live_town.staff[who] if who else None, width=360)
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
