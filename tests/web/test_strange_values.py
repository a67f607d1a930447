"""Values that no form of ours sends, in every query, form and address: none is an error of ours.

Dates at the ends of the calendar, numbers larger than a database holds, texts that PostgreSQL
cannot store, halves of characters. Each is refused or ignored; a page that answers 500 is a bug.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from doors import Door, doors
from two_towns import ROLES, Side, two_towns
from walking import Visitor, address_of, filled

from town_of_tests import SmallTown

DATES = ("0001-01-01", "9999-12-31", "2026-02-30")
PERIODS = ("month:0001-01-01", "year:9999-12-31", "quarter:")
NUMBERS = ("-1", "9" * 19, "9" * 400, "²")
# A word, NUL, half of a surrogate pair, signs of the markup, a whole page of text.
TEXTS = ("nonsense", "a\x00b", "\ud800", "'\"<>&", "字" * 3000)
STRANGE = (*DATES, *PERIODS, *NUMBERS, *TEXTS)
# In forms, where each try costs a whole page: one of each sort.
STRANGE_IN_FORMS = (
    "0001-01-01",
    "9999-12-31",
    "2026-02-30",
    "9" * 19,
    "9" * 400,
    "a\x00b",
    "\ud800",
    "٣",
)
ROOMS = ("warn:", "town:", "report:", "ask:", "web:", "set_language")


def encoded(fields: dict[str, Any]) -> str:
    """Fields as they come in an address or a body; half characters as the bytes they are."""
    return urlencode(
        {name: str(value).encode("utf-8", "surrogatepass") for name, value in fields.items()}
    )


class Trying:
    """Each door with somebody who gets in there."""

    def __init__(self, own: Side) -> None:
        self.own = own
        self.visitors = [Visitor(own, role) for role in (*ROLES, None)]

    def at(self, door: Door) -> Visitor:
        recipe, address = door.recipe, address_of(door, self.own)
        inside = [v for v in self.visitors if v.may(door.ability)]
        for visitor in inside:
            answer = visitor.tries("get", address)
            if recipe.forms and not recipe.gets:
                answer = visitor.tries("post", address, filled(recipe.forms[0], self.own))
            if answer.let_in:
                return visitor
        return inside[0]


@pytest.fixture
def trying(small_town: SmallTown) -> Trying:
    return Trying(two_towns(small_town)[0])


def here(room: str) -> list[Door]:
    return [door for door in doors() if door.name.startswith(room) and door.name != "web:health"]


@pytest.mark.slow
@pytest.mark.parametrize("room", ROOMS)
def test_no_strange_value_in_a_query_is_an_error_of_ours(trying: Trying, room: str) -> None:
    tried, broken = 0, []
    for door in here(room):
        if not (door.recipe.query and door.recipe.gets):
            continue
        visitor, address = trying.at(door), address_of(door, trying.own)
        usual = filled(door.recipe.query, trying.own)
        for name in usual:
            for value in STRANGE:
                answer = visitor.tries("get", f"{address}?{encoded({**usual, name: value})}")
                tried += 1
                if answer.status >= 500:
                    broken.append(f"{door.name} ?{name}={value[:20]!r}: {answer.status}")
    print(f"\n{room} queries: {tried} tried / {len(broken)} broken")
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize("room", ROOMS)
def test_no_strange_value_in_a_form_is_an_error_of_ours(trying: Trying, room: str) -> None:
    tried, broken = 0, []
    for door in here(room):
        if not door.recipe.forms:
            continue
        visitor, address = trying.at(door), address_of(door, trying.own)
        for form in door.recipe.forms:
            usual = filled(form, trying.own)
            for name in distinct(usual):
                for value in STRANGE_IN_FORMS:
                    answer = visitor.tries(
                        "post", address, encoded({**usual, name: value}), follow=True
                    )
                    tried += 1
                    if answer.status >= 500:
                        broken.append(f"{door.name} {name}={value[:20]!r}: {answer.status}")
    print(f"\n{room} forms: {tried} tried / {len(broken)} broken")
    assert not broken, "\n".join(broken)


def distinct(form: dict[str, Any]) -> list[str]:
    """The fields, but of those that the settings repeat for each grade and day one of a kind."""
    return [name for name in form if not name.startswith(("orange_", "yellow_", "blue_"))
            and name[-2:] not in ("_1", "_2", "_3", "_4")]  # fmt: skip


def test_no_number_in_an_address_is_an_error_of_ours(trying: Trying) -> None:
    tried, broken = 0, []
    for door in doors():
        if not door.recipe.args or "key" in door.recipe.args:
            continue
        visitor = trying.at(door)
        for number in (0, 2**31, 2**63 - 1, 2**63, 10**30):
            address = reverse(door.name, kwargs=dict.fromkeys(door.recipe.args, number))
            method = "get" if door.recipe.gets else "post"
            answer = visitor.tries(method, address)
            tried += 1
            if answer.status not in (403, 404):
                broken.append(f"{door.name} {number}: {answer.status}")
    print(f"\naddresses: {tried} tried / {len(broken)} broken")
    assert not broken, "\n".join(broken)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="pages read the same on PostgreSQL")
def test_every_parameter_that_a_page_reads_stands_in_its_recipe(
    trying: Trying, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that the walk above misses none: what is asked of a query is written down."""
    asked: set[str] = set()
    for way in ("get", "getlist"):
        original = getattr(MultiValueDict, way)

        def noting(self: Any, key: Any, *rest: Any, original: Any = original, **kw: Any) -> Any:
            asked.update([key] if isinstance(self, QueryDict) else [])
            return original(self, key, *rest, **kw)

        monkeypatch.setattr(MultiValueDict, way, noting)
    missing = []
    for door in doors():
        if not door.recipe.gets:
            continue
        visitor, address = trying.at(door), address_of(door, trying.own)
        asked.clear()
        visitor.tries("get", address, filled(door.recipe.query, trying.own))
        if unknown := asked - set(door.recipe.query):
            missing.append(f"{door.name}: {sorted(unknown)}")
    assert not missing, "\n".join(missing)


@pytest.mark.parametrize("value", ["\x00", "nonsense", "9" * 400, "%00", "../..", "'"])
def test_no_strange_cookie_or_header_is_an_error_of_ours(small_town: SmallTown, value: str) -> None:
    client = Client(raise_request_exception=False)
    for name in ("sessionid", "csrftoken", "fangxian_language", "fangxian_elder", "messages",
                 "fangxian_devices"):  # fmt: skip
        client.cookies[name] = quote(value)
    # No server hands on a header with NUL in it (RFC 9110, 5.5).
    value = value.replace("\x00", "")
    headers = {
        "HX-Request": "true", "HX-Current-URL": value, "Accept-Language": value,
        "User-Agent": value, "X-Forwarded-For": value, "Idempotency-Key": value,
        "Authorization": f"Bearer {value}",
    }  # fmt: skip
    for address in ("/", "/town/sign-in/", "/work/", "/ask/caller/", "/api/v1/episodes"):
        assert client.get(address, headers=headers).status_code < 500
    form = {"username": "officer", "password": "wrong"}
    assert client.post("/town/sign-in/", form, headers=headers).status_code < 500
