"""The API: warnings in once, results out, problems said plainly, webhooks signed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from fangxian.town.access import Ability
from fangxian.town.models import ApiToken
from fangxian.warn.actions.signals import NewSignal, take_in
from fangxian.warn.actions.webhooks import deliver, signature
from fangxian.warn.models import Delivery, Episode, Signal, Webhook
from town_of_tests import SmallTown, phone_of, run_tasks

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


# --- webhooks ------------------------------------------------------------------------------------


class Receiver(ThreadingHTTPServer):
    """Another system on this machine: keeps what it gets, answers what it is told to."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.django_db(transaction=True)
def test_an_opened_episode_is_told_signed_and_without_any_person(
    live_town, receiver, token_of
) -> None:
    token = token_of(live_town)
    url = f"http://127.0.0.1:{receiver.server_port}/hook"
    made = post(token, "/webhooks", {"url": url, "events": ["episode.opened"]}).json()
    post(token, "/warnings", {"sender": "a", "warnings": [warning()]})
    run_tasks()
    ((headers, body),) = receiver.got
    expected = signature(made["secret"], headers["webhook-id"], headers["webhook-timestamp"], body)
    assert headers["webhook-signature"] == expected
    key = base64.b64decode(made["secret"].removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    by_hand = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert expected == f"v1,{by_hand}"
    event = json.loads(body)
    assert event["specversion"] == "1.0"
    assert event["type"] == "cn.fangxian.episode.opened"
    assert "王" not in body.decode()
    assert phone_of(1)[3:] not in body.decode()


@pytest.fixture
def token_of() -> Any:
    def make(town: SmallTown) -> str:
        clear = uuid4().hex
        ApiToken.objects.create(
            name="hooks",
            made_by=town.staff["security"],
            place=town.town,
            scopes=[a.value for a in ALL],
            digest=hashlib.sha256(clear.encode()).hexdigest(),
            expires_at=timezone.now() + timedelta(days=1),
        )
        return clear

    return make


@pytest.mark.django_db(transaction=True)
def test_a_delivery_that_failed_is_tried_again_and_received_once(
    live_town, receiver, token_of
) -> None:
    token = token_of(live_town)
    url = f"http://127.0.0.1:{receiver.server_port}/hook"
    post(token, "/webhooks", {"url": url})
    receiver.answers = [500]
    post(token, "/warnings", {"sender": "a", "warnings": [warning()]})
    run_tasks()
    delivery = Delivery.objects.get()
    assert (delivery.attempts, delivery.delivered_at) == (1, None)
    assert delivery.next_at > timezone.now()
    deliver.func(delivery.pk)
    deliver.func(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.delivered_at is not None
    assert [h["webhook-id"] for h, _ in receiver.got] == [str(delivery.event_id)] * 2


def test_adding_a_webhook_twice_with_one_key_makes_one(small_town, token) -> None:
    for _ in range(2):
        post(token, "/webhooks", {"url": "http://127.0.0.1:9/x"}, key="hook-key-1")
    assert Webhook.objects.count() == 1


def test_an_ended_webhook_hears_nothing_more(small_town, token) -> None:
    made = post(token, "/webhooks", {"url": "http://127.0.0.1:9/x"}).json()
    client = Client(headers={"authorization": f"Bearer {token}"})
    assert client.delete(f"/api/v1/webhooks/{made['id']}").status_code == 204
    post(token, "/warnings", {"sender": "a", "warnings": [warning()]})
    assert Delivery.objects.count() == 0
