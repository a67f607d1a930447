"""Every URL and API operation, tried by every role, in the own area and in a foreign one.

A leak is an answer that shows or does something the role may not: any success where the ability is
missing; any answer but "not found" or "not yours" for a thing outside the area, whether the address,
a form or a query names it; any write by a try that was refused; any page, fragment or file that
prints a mark of the foreign town or a clear name.

That nothing leaks would also be true of a house in which nothing opens. So the rightful get in,
each at their own things; members of the foreign town read the very marks we look for; and with the
rules of access broken on purpose the same walk reports leaks.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from doors import RECIPES, Door, doors, patterns
from two_towns import CLEAR, FOREIGN_MARKS, OWN_NAME, ROLES, Side, two_towns
from walking import WRITES, Answer, Visitor, Walk, address_of, filled, text_of

from fangxian.town import audit
from fangxian.town.access import Ability, Access
from fangxian.town.masks import mask_name
from fangxian.town.models import ApiToken, Household, Once
from fangxian.warn.models import Case, Episode, Webhook
from town_of_tests import SmallTown, phone_of

OWN_MARKS = (mask_name(OWN_NAME), "海兰", "金峰镇", "本案", "甲")


@pytest.fixture
def towns(small_town: SmallTown) -> tuple[Side, Side]:
    return two_towns(small_town)


def test_every_page_has_a_mark_and_a_recipe() -> None:
    names = [name for name, _p in patterns()]
    assert [name for name, p in patterns() if not hasattr(p.callback, "ability")] == []
    assert sorted(set(names) - set(RECIPES)) == [], "say in doors.py how the page is opened"
    assert sorted(set(RECIPES) - set(names)) == [], "a recipe for a page that is not there"


# Doors that rightly answer otherwise: no worker runs here, the key of the foreign wall is not known,
# nobody has given a password yet, and who signs out is shown the way in.
EXPECTED = {
    ("web:health", 503), ("warn:hung", 410), ("warn:hung_rows", 286),
    ("town:second_factor", 302), ("town:sign_out", 302),
}  # fmt: skip


# --- nothing leaks -----------------------------------------------------------------------------


@pytest.mark.parametrize("role", [*ROLES, None])
def test_no_role_gets_in_where_it_may_not(towns: tuple[Side, Side], role: str | None) -> None:
    own, foreign = towns
    walk = Walk(Visitor(own, role), own, foreign).through(doors())
    print(f"\n{role}: {walk.tried.total()} tried / {len(walk.leaks)} leaks ({dict(walk.tried)})")
    assert not walk.leaks, "\n".join(walk.leaks)
    assert walk.tried.total() > 300
    assert audit.verify()[1] == []


# --- the rightful get in -----------------------------------------------------------------------


def test_the_rightful_get_in_and_read_the_marks_we_look_for(towns: tuple[Side, Side]) -> None:
    own, foreign = towns
    wrong: list[str] = []
    for side, marks in ((own, OWN_MARKS), (foreign, FOREIGN_MARKS)):
        visitors = [Visitor(side, role) for role in (*ROLES, None)]
        for door in doors():
            inside = [v for v in visitors if v.may(door.ability)]
            wrong += shut(door, side, inside, marks)
    forms = sum(len(door.recipe.forms) for door in doors())
    shown = sum(door.recipe.shows for door in doors())
    print(f"\n2 towns: {len(doors())} doors open, {forms} forms written, {shown} show the mark")
    assert not wrong, "\n".join(wrong)
    assert shown > 50


def shut(door: Door, side: Side, visitors: list[Visitor], marks: tuple[str, ...]) -> list[str]:
    """What of a door stays shut to everybody who should get in, and marks that nobody reads."""
    recipe, address = door.recipe, address_of(door, side)
    wrong, read = [], ""

    def succeeds(method: str, data: dict[str, Any], changes: bool) -> bool:
        nonlocal read
        for visitor in visitors:
            answer: Answer = visitor.tries(method, address, data)
            read += answer.text
            fine = answer.let_in or (door.name, answer.status) in EXPECTED
            if fine and (bool(answer.changed) or not changes):
                return True
        return False

    if recipe.gets and not succeeds("get", {}, changes=False):
        wrong.append(f"{door.name}: nobody can read it")
    if recipe.query and not succeeds("get", filled(recipe.query, side), changes=False):
        wrong.append(f"{door.name}: nobody can read it with its query")
    for n, form in enumerate(recipe.forms):
        if not succeeds("post", filled(form, side), changes=recipe.writes):
            wrong.append(f"{door.name}: nobody can send form {n}")
    if recipe.shows and not any(mark in read for mark in marks):
        wrong.append(f"{door.name}: nobody reads a mark")
    return wrong


# --- the walk would notice ---------------------------------------------------------------------


def leaks_of(towns: tuple[Side, Side], role: str, rooms: str = "") -> list[str]:
    own, foreign = towns
    chosen = [door for door in doors() if door.name.startswith(rooms)]
    walk = Walk(Visitor(own, role), own, foreign).through(chosen)
    print(f"\n{role}, a rule broken: {walk.tried.total()} tried / {len(walk.leaks)} leaks")
    return walk.leaks


def test_with_every_area_open_the_walk_finds_leaks_of_each_kind(
    towns: tuple[Side, Side], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Access, "within", lambda _self, rows, *_where: rows)
    found = leaks_of(towns, "clerk")
    assert {leak.split(" ")[0] for leak in found} >= {"own", "address", "form", "query", "typed"}
    assert len(found) > 100


def test_with_every_ability_held_the_walk_finds_leaks(
    towns: tuple[Side, Side], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Access, "may", lambda *_what: True)
    assert len(leaks_of(towns, "educator", "town:")) > 60


CASES, EPISODES = (
    "fangxian.warn.views.cases.visible_cases",
    "fangxian.warn.views.cases.visible_episodes",
)


@pytest.mark.parametrize(
    ("forgetful", "model", "leaks"),
    [
        (CASES, Case, {"own warn:cases", "address warn:case", "address warn:case_edit"}),
        (EPISODES, Episode, {"query warn:case_new"}),
        ("fangxian.town.views.households.visible_households", Household,
         {"own town:households", "address town:household", "address town:household_edit"}),
    ],
)  # fmt: skip
def test_one_query_that_forgets_the_area_is_found(
    towns: tuple[Side, Side], monkeypatch: pytest.MonkeyPatch,
    forgetful: str, model: Any, leaks: set[str],
) -> None:  # fmt: skip
    rooms = "warn:case" if model is not Household else "town:household"
    assert leaks_of(towns, "clerk", rooms) == []
    monkeypatch.setattr(forgetful, lambda *_: model.objects.all())
    assert {said.split(": ")[0] for said in leaks_of(towns, "clerk", rooms)} >= leaks


# --- the API -----------------------------------------------------------------------------------

# What each operation needs, and a valid body for those that take one.
SCOPES: dict[str, Ability | None] = {
    "whoAmI": None, "listKinds": None, "listPlaces": Ability.SEE_PLACES,
    "takeInWarnings": Ability.TAKE_IN, "listResults": Ability.EXPORT,
    "listEpisodes": Ability.SEE_EPISODES, "getEpisode": Ability.SEE_EPISODES,
    "listCases": Ability.SEE_CASES, "listWebhooks": Ability.EXPORT,
    "addWebhook": Ability.EXPORT, "endWebhook": Ability.EXPORT,
}  # fmt: skip
# Lists that show a mark to a token of the foreign town.
SHOWS = {"listPlaces", "listResults", "listEpisodes", "getEpisode", "listCases"}


def operations() -> list[tuple[str, str, str]]:
    """(operation, method, path) of the whole document."""
    document = Client().get("/api/v1/openapi.json").json()
    return [
        (operation["operationId"], method, path)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


class Caller:
    """Another system with a token of one side, or without any."""

    def __init__(self, side: Side, scopes: Iterable[Ability], **facts: Any) -> None:
        self.side, self.clear = side, uuid4().hex
        facts = {"expires_at": timezone.now() + timedelta(days=1)} | facts
        self.token = ApiToken.objects.create(
            name="walk", made_by=side.staff["security"], place=side.things["town"],
            scopes=[scope.value for scope in scopes],
            digest=hashlib.sha256(self.clear.encode()).hexdigest(), **facts,
        )  # fmt: skip
        self.hook = Webhook.objects.create(
            url=f"http://127.0.0.1:9/{side.of('case')}", secret="s", place=self.token.place,
            token=self.token,
        )  # fmt: skip

    def asks(
        self, method: str, path: str, of: Side, query: str = "", token: bool = True
    ) -> tuple[int, str, frozenset[str]]:
        """Status, text and what was written; the numbers are those of a thing of `of`."""
        number = self.hook.pk if of is self.side else of.of("hook")
        number = number if "webhooks" in path else of.of("episode")
        body: dict[str, Any] = {"url": "https://peer.example/x"}
        if "warnings" in path:
            warning = {"phones": [phone_of(7777)], "area": of.of("village_code")}
            body = {"sender": "平台", "warnings": [warning]}
        headers = {"idempotency-key": uuid4().hex}
        if token:
            headers["authorization"] = f"Bearer {self.clear}"
        address = re.sub(r"\{[^}]+\}", str(number), path) + query
        wrote: set[str] = set()

        def note(execute: Any, sql: str, *rest: Any) -> Any:
            wrote.update(WRITES.findall(sql))
            return execute(sql, *rest)

        with transaction.atomic(), connection.execute_wrapper(note):
            send = getattr(Client(headers=headers), method)
            posts = method in ("post", "put", "patch")
            sent = {"data": json.dumps(body), "content_type": "application/json"} if posts else {}
            answer = send(address, **sent)
            kept_key = Once.objects.exists()
            transaction.set_rollback(True)
        # "Last used" is noted for every good token, whatever it then may; the key of a request
        # that is refused is written and taken back.
        wrote -= {"town_apitoken"} if kept_key else {"town_apitoken", "town_once"}
        return answer.status_code, text_of(answer), frozenset(wrote)


def test_a_token_does_what_its_one_scope_says_in_its_own_area_alone(
    towns: tuple[Side, Side],
) -> None:
    own, foreign = towns
    assert {name for name, _m, _p in operations()} == set(SCOPES), "say which scope it needs"
    tried, leaks, opened = 0, [], set()
    for scope in (None, *Ability):
        caller = Caller(own, [scope] if scope else [])
        for name, method, path in operations():
            may = SCOPES[name] in (None, scope)
            asked = [("own", own, ""), ("foreign", foreign, "")]
            if name == "listResults":
                asked.append(("foreign", own, "?sender=县反诈中心"))
            for where, side, query in asked:
                status, text, wrote = caller.asks(method, path, side, query)
                tried += 1
                names = "{" in path or name == "takeInWarnings"
                expected = {403} if not may else {200, 201, 204}
                if may and where == "foreign" and names:
                    expected = {403, 404}
                says = [] if status in expected else [str(status)]
                says += [
                    f"wrote {sorted(wrote)}" for _one in [1] if wrote and expected & {403, 404}
                ]
                says += [m for m in (*FOREIGN_MARKS, *CLEAR) if m in text]
                if says:
                    leaks.append(f"{scope} {name} {where}: {', '.join(says)}")
                elif may and where == "own":
                    opened.add(name)
    print(f"\nAPI, one scope each: {tried} tried / {len(leaks)} leaks")
    assert not leaks, "\n".join(leaks)
    assert opened == set(SCOPES), "each operation opens to the token that has its scope"


def test_no_token_an_old_one_and_a_revoked_one_get_in_nowhere(towns: tuple[Side, Side]) -> None:
    own, _foreign = towns
    past = timezone.now() - timedelta(minutes=1)
    callers = [
        (Caller(own, Ability), False), (Caller(own, Ability, expires_at=past), True),
        (Caller(own, Ability, revoked_at=past), True),
    ]  # fmt: skip
    answers = [
        caller.asks(method, path, own, token=token)
        for caller, token in callers
        for _name, method, path in operations()
    ]
    print(f"\nAPI, no good token: {len(answers)} tried / {sum(a[0] != 401 for a in answers)} leaks")
    assert {(status, wrote) for status, _text, wrote in answers} == {(401, frozenset())}


def test_a_token_of_the_foreign_town_reads_the_marks_we_look_for(
    towns: tuple[Side, Side],
) -> None:
    _own, foreign = towns
    caller = Caller(foreign, Ability)
    shown = {
        name for name, method, path in operations()
        if any(mark in caller.asks(method, path, foreign)[1] for mark in FOREIGN_MARKS)
    }  # fmt: skip
    assert shown >= SHOWS
