"""What the call page says of the station is what is set, and where residents look it up is right."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from fangxian.warn.models import Task
from town_of_tests import SmallTown
from warn.call_town import arrive, claimed, todo


def shown(town: SmallTown, signed_in: Any, **headers: str) -> str:
    task = claimed(town, todo(arrive(town), Task.Kind.CALL), "officer")
    client = signed_in(town.staff["officer"])
    return client.get(reverse("warn:call", args=[task.pk]), headers=headers).content.decode()


def test_no_number_is_promised_where_the_station_has_set_none(
    small_town: SmallTown, signed_in: Any, settings: Any
) -> None:
    settings.STATION_PHONE = ""
    page = shown(small_town, signed_in)
    assert "对方念出来的应是" not in page
    assert "派出所电话还没有设置" in page


def test_where_no_public_address_is_set_the_page_is_named_as_the_browser_sees_it(
    small_town: SmallTown, signed_in: Any, settings: Any
) -> None:
    settings.PUBLIC_URL, settings.ALLOWED_HOSTS = "http://127.0.0.1:8000", ["*"]
    page = shown(small_town, signed_in, host="fangxian.test:8443")
    assert "http://fangxian.test:8443/ask/caller/" in page
    assert ":8000" not in page
