"""A wall where nobody is signed in: opened by a link, without people, ended by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from fangxian.town.models import AuditEntry, Duty
from fangxian.town.sealed import mask_name
from fangxian.warn.actions.errors import Refused
from fangxian.warn.actions.tasks import claim
from fangxian.warn.actions.walls import hang_wall, take_down_wall
from fangxian.warn.models import Grade, WallLink
from warn.desk_town import task_of, warned

SignedIn = Callable[..., Client]


def hung(town: Any, place: Any = None, who: str = "clerk") -> tuple[WallLink, str]:
    """A link, and the address it opens."""
    link, key = hang_wall(town.staff[who], place or town.town, "值班室")
    return link, f"/work/walls/{key}/"


def version_of(client: Client, address: str) -> str:
    return client.get(address).content.decode().split("v=")[1].split('"')[0]


def test_a_hung_wall_shows_what_burns_and_nobodys_name(small_town: Any) -> None:
    officer, resident = small_town.staff["officer"], small_town.residents[0]
    claim(task_of(warned(small_town, 0, Grade.RED)), officer)
    _link, address = hung(small_town)
    answer = Client().get(address)
    page = answer.content.decode()
    assert answer.status_code == 200
    for seen in ("红色", "电话劝阻", "有人在办", "海兰村", "data-sound"):
        assert seen in page
    for hidden in (mask_name(resident.name.clear), officer.name, "号网格", "/work/episodes/"):
        assert hidden not in page
    assert "no-store" in answer.headers["Cache-Control"]


def test_it_asks_on_for_as_long_as_the_link_lives_and_then_says_so(small_town: Any) -> None:
    warned(small_town, 0, Grade.RED)
    link, address = hung(small_town)
    screen = Client()
    version = version_of(screen, address)
    assert screen.get(f"{address}rows/", {"v": version}).status_code == 204
    warned(small_town, 1, Grade.RED)
    assert screen.get(f"{address}rows/", {"v": version}).status_code == 200
    take_down_wall(small_town.staff["clerk"], link)
    over = screen.get(f"{address}rows/", {"v": version})
    # 286 makes htmx stop asking.
    assert (over.status_code, "已停用" in over.content.decode()) == (286, True)
    assert screen.get(address).status_code == 410


def test_a_link_shows_its_area_and_no_other(small_town: Any) -> None:
    warned(small_town, 0, Grade.RED)
    _link, here = hung(small_town, small_town.villages[0])
    _link, there = hung(small_town, small_town.villages[1])
    assert "海兰村" in Client().get(here).content.decode()
    elsewhere = Client().get(there).content.decode()
    assert "海兰村" not in elsewhere
    assert "没有未办的事" in elsewhere


def test_a_link_ends_with_its_time_with_the_duty_of_who_hung_it_or_with_the_account(
    small_town: Any,
) -> None:
    clerk = small_town.staff["clerk"]
    for end in (
        lambda link: WallLink.objects.filter(pk=link.pk).update(expires_at=timezone.now()),
        lambda _: type(clerk).objects.filter(pk=clerk.pk).update(is_active=False),
        lambda _: Duty.objects.filter(staff=clerk).update(ends_at=timezone.now()),
    ):
        type(clerk).objects.filter(pk=clerk.pk).update(is_active=True)
        link, address = hung(small_town)
        assert Client().get(address).status_code == 200
        end(link)
        assert Client().get(address).status_code == 410
    assert Client().get(f"/work/walls/{uuid4()}/").status_code == 410


def test_a_clerk_hangs_a_wall_sees_the_address_once_and_takes_it_down(
    small_town: Any, signed_in: SignedIn
) -> None:
    client = signed_in(small_town.staff["clerk"])
    page = client.post("/work/walls/", {"place": small_town.town.pk, "name": "一楼值班室"})
    address = page.content.decode().split('id="address">')[1].split("<")[0]
    assert Client().get(address).status_code == 200
    again = client.get("/work/walls/").content.decode()
    assert "一楼值班室" in again
    assert address.rsplit("/", 2)[1] not in again
    link = WallLink.objects.get()
    for status in (302, 404):
        assert client.post("/work/walls/end/", {"link": link.pk}).status_code == status
    assert Client().get(address).status_code == 410
    verbs = list(AuditEntry.objects.filter(thing="walllink").values_list("verb", flat=True))
    assert verbs == ["wall_hung", "wall_taken_down"]


def test_taking_down_twice_is_taking_down_once(small_town: Any) -> None:
    link, _address = hung(small_town)
    for _twice in range(2):
        take_down_wall(small_town.staff["clerk"], link)
    assert AuditEntry.objects.filter(verb="wall_taken_down").count() == 1


def test_nobody_hangs_a_wall_of_another_area_or_without_saying_where(
    small_town: Any, signed_in: SignedIn
) -> None:
    clerk = small_town.staff["clerk"]
    with pytest.raises(PermissionDenied):
        hang_wall(clerk, small_town.foreign_town, "那边")
    with pytest.raises(Refused, match="放在哪里"):
        hang_wall(clerk, small_town.town, " ")
    form = {"place": small_town.foreign_town.pk, "name": "那边"}
    assert signed_in(clerk).post("/work/walls/", form).status_code == 422
    assert signed_in(small_town.staff["officer"]).get("/work/walls/").status_code == 403
    link, _address = hung(small_town)
    foreign = signed_in(small_town.staff["foreign_clerk"])
    assert foreign.post("/work/walls/end/", {"link": link.pk}).status_code == 404


def test_the_screen_asks_the_database_little(
    small_town: Any, django_assert_max_num_queries: Any
) -> None:
    for n in range(6):
        warned(small_town, n, Grade.RED)
    _link, address = hung(small_town)
    version = version_of(Client(), address)
    with django_assert_max_num_queries(9):
        Client().get(f"{address}rows/", {"v": version})


def test_a_link_lasts_half_a_year(small_town: Any) -> None:
    link, _address = hung(small_town)
    assert link.expires_at - link.made_at == timedelta(days=180)


@pytest.mark.browser
def test_a_hung_wall_lives_on_without_a_session_and_shows_what_comes(
    live_town: Any, open_page: Any
) -> None:
    _link, address = hung(live_town)
    page = open_page(None, width=360)
    page.goto(address)
    page.get_by_text("没有未办的事").wait_for()
    warned(live_town, 0, Grade.RED)
    page.locator(".wall-table").get_by_text("红色").wait_for()
    # The count follows the rows by a moment.
    page.wait_for_function("document.title.startsWith('(1)')")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
