"""The API: warnings in once, results out, problems said plainly, webhooks signed."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from fangxian.town.access import Ability
from fangxian.town.models import ApiToken
from fangxian.warn.actions.signals import NewSignal, take_in
from fangxian.warn.models import Episode, Signal
from town_of_tests import SmallTown, phone_of

ALL = [Ability.TAKE_IN, Ability.SEE_EPISODES, Ability.EXPORT, Ability.SEE_CASES, Ability.SEE_PLACES]


@pytest.fixture
def token(small_town: SmallTown) -> str:
    clear = uuid4().hex
    ApiToken.objects.create(
        name="county",
        made_by=small_town.staff["security"],
        place=small_town.town,
        scopes=[a.value for a in ALL],
        digest=hashlib.sha256(clear.encode()).hexdigest(),
        expires_at=timezone.now() + timedelta(days=1),
    )
    return clear


def post(token: str, path: str, body: Any, key: str = "") -> Any:
    headers = {"authorization": f"Bearer {token}", "idempotency-key": key or uuid4().hex}
    return Client(headers=headers).post(
        f"/api/v1{path}", json.dumps(body), content_type="application/json"
    )


def get(token: str, path: str) -> Any:
    return Client(headers={"authorization": f"Bearer {token}"}).get(f"/api/v1{path}")


def warning(n: int = 1, **more: Any) -> dict[str, Any]:
    return {"phones": [phone_of(n)], "grade": "red", "kind": "fake_police", **more}


def test_the_document_is_openapi_3_1(client: Client) -> None:
    document = client.get("/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert "/api/v1/warnings" in document["paths"]


def test_a_warning_becomes_an_episode_of_the_resident_it_means(small_town, token) -> None:
    answer = post(token, "/warnings", {"sender": "县中心", "warnings": [warning()]})
    assert answer.status_code == 201
    (taken,) = answer.json()["taken"]
    assert taken["became"] == "new"
    episode = Episode.objects.get(pk=taken["episode"])
    assert episode.resident == small_town.residents[0]
    assert episode.grade == 1


def test_the_same_key_answers_the_same_and_does_nothing_twice(small_town, token) -> None:
    body = {"sender": "县中心", "warnings": [warning()]}
    first, second = (post(token, "/warnings", body, key="one-and-only") for _ in range(2))
    assert first.json() == second.json()
    assert Signal.objects.count() == 1


def test_the_same_key_with_another_body_is_refused(small_town, token) -> None:
    post(token, "/warnings", {"sender": "a", "warnings": [warning(1)]}, key="one-and-only")
    answer = post(token, "/warnings", {"sender": "a", "warnings": [warning(2)]}, key="one-and-only")
    assert answer.status_code == 422
    assert answer.json()["type"].endswith("key-reused")


def test_one_bad_warning_takes_none_in_and_says_which(small_town, token) -> None:
    body = {"sender": "a", "warnings": [warning(), warning(2, phones=["138001"])]}
    answer = post(token, "/warnings", body)
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "warnings[1].phones" in answer.json()["detail"]
    assert "138001" not in answer.content.decode()
    assert Signal.objects.count() == 0


def test_lists_are_cursor_pages_that_meet_without_gap_or_overlap(small_town, token) -> None:
    for n in range(1, 7):
        new = NewSignal(place=small_town.town, phones=(phone_of(n),), reference=str(n))
        take_in("system", small_town.sender, "api", [new])
    seen, cursor = [], ""
    while True:
        page = get(token, f"/episodes?limit=2&cursor={cursor}").json()
        seen += [e["id"] for e in page["items"]]
        cursor = page["next"] or ""
        if not cursor:
            break
    assert seen == list(Episode.objects.order_by("-pk").values_list("pk", flat=True))


def test_an_invented_cursor_is_a_problem_not_a_crash(small_town, token) -> None:
    for cursor in ("x", "-1", "0", "1e9", "9999999999999999999"):
        answer = get(token, f"/episodes?cursor={cursor}")
        assert answer.status_code == 422
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_resident_appears_masked(small_town, token) -> None:
    post(token, "/warnings", {"sender": "a", "warnings": [warning()]})
    assert get(token, "/episodes").json()["items"][0]["resident"] == "王*英"


def test_an_expired_or_revoked_token_is_nobody(small_town, token) -> None:
    ApiToken.objects.update(expires_at=timezone.now())
    assert get(token, "/me").status_code == 401
    ApiToken.objects.update(
        expires_at=timezone.now() + timedelta(days=1), revoked_at=timezone.now()
    )
    assert get(token, "/me").status_code == 401
