"""A desk that nobody touches is signed out, but not unawares."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from fangxian.warn.models import Grade
from fangxian.warn.views.idle import HEADER
from warn.desk_town import warned

SignedIn = Callable[..., Client]
POLLS = ("/work/rows/", "/work/board/rows/", "/work/wall/rows/")


def seen(client: Client, ago: int, since: int = 600) -> None:
    """As if the last touch was `ago` seconds ago, and the sign-in `since` seconds."""
    session = client.session
    session["seen"], session["since"] = int(time.time()) - ago, int(time.time()) - since
    session.save()


def poll(client: Client, path: str) -> tuple[int, str]:
    """Seconds left and why, as the answer to a poll says."""
    left, why = client.get(path, headers={"HX-Request": "true"}).headers[HEADER].split()
    return int(left), why


@pytest.mark.parametrize("path", POLLS)
def test_each_poll_says_how_long_is_left_and_keeps_nobody_signed_in(
    small_town: Any, signed_in: SignedIn, settings: Any, path: str
) -> None:
    client = signed_in(small_town.staff["officer"])
    seen(client, ago=settings.SESSION_IDLE_SECONDS - 50)
    for _again in range(2):
        left, why = poll(client, path)
        assert (45 <= left <= 50, why) == (True, "idle")


def test_a_shift_that_ends_is_said_too(small_town: Any, signed_in: SignedIn) -> None:
    client = signed_in(small_town.staff["officer"])
    seen(client, ago=0, since=12 * 3600 - 40)
    left, why = poll(client, "/work/rows/")
    assert (35 <= left <= 40, why) == (True, "long")


def test_saying_still_here_gives_the_whole_time_again(
    small_town: Any, signed_in: SignedIn, settings: Any
) -> None:
    client = signed_in(small_town.staff["officer"])
    seen(client, ago=settings.SESSION_IDLE_SECONDS - 20)
    assert client.post("/work/here/", headers={"HX-Request": "true"}).status_code == 204
    assert poll(client, "/work/rows/")[0] >= settings.SESSION_IDLE_SECONDS - 5


@pytest.mark.browser
def test_the_board_warns_in_the_last_minute_and_one_touch_keeps_it(
    live_town: Any, open_page: Any, settings: Any
) -> None:
    warned(live_town, 0, Grade.RED)
    settings.SESSION_IDLE_SECONDS = 50
    page = open_page(live_town.staff["clerk"], width=360)
    page.goto("/work/board/")
    page.get_by_text("马上要自动退出").wait_for()
    settings.SESSION_IDLE_SECONDS = 1800
    page.get_by_role("button", name="我还在").click()
    page.get_by_text("马上要自动退出").wait_for(state="hidden")
