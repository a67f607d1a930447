"""Every operation of the API, tried by tokens of exactly one scope, in the own area and a foreign one."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from two_towns import CLEAR, FOREIGN_MARKS, Side
from walking import WRITES, text_of

from fangxian.town.access import Ability
from fangxian.town.models import ApiToken, Once
from fangxian.warn.models import Webhook
from town_of_tests import phone_of

# What each operation needs, and a valid body for those that take one.
SCOPES: dict[str, Ability | None] = {
    "whoAmI": None, "listKinds": None, "listPlaces": Ability.SEE_PLACES,
    "takeInWarnings": Ability.TAKE_IN, "listResults": Ability.EXPORT,
    "listEpisodes": Ability.SEE_EPISODES, "getEpisode": Ability.SEE_EPISODES,
    "listCases": Ability.SEE_CASES, "listWebhooks": Ability.EXPORT,
    "addWebhook": Ability.EXPORT, "endWebhook": Ability.EXPORT,
    "getSignalFeedback": Ability.SEE_BOARD, "checkMessage": None, "checkTexts": None,
}  # fmt: skip
# Lists that show a mark to a token of the foreign town.
SHOWS = {
    "listPlaces",
    "listResults",
    "listEpisodes",
    "getEpisode",
    "listCases",
    "getSignalFeedback",
}


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
        if "check" in path:
            body = {"texts": ["您好"]} if "many" in path else {"text": "您好"}
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
