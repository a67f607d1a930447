"""Webhooks: made once, signed, and silent as soon as their token is."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from fangxian.town.access import Ability
from fangxian.town.actions import revoke_token
from fangxian.town.models import ApiToken, AuditEntry, Once
from fangxian.warn.actions.signals import NewSignal, take_in
from fangxian.warn.actions.webhooks import deliver, signature
from fangxian.warn.models import Delivery, Webhook
from town_of_tests import SmallTown, phone_of, run_tasks, sign_in

NOWHERE = "http://127.0.0.1:9/x"


def happens(town: SmallTown, n: int = 1, place: Any = None) -> None:
    """Somebody else's warning opens an episode in a grid of the town."""
    new = NewSignal(place=place or town.town, phones=(phone_of(n),), reference=f"n{n}")
    take_in("system", town.sender, "api", [new])


def hook_of(api: Any, url: str = NOWHERE, **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = api.post("/webhooks", {"url": url, **more}).json()
    return made


# --- told, signed, tried again ---------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_an_opened_episode_is_told_signed_and_without_any_person(
    live_town, receiver, caller_of
) -> None:
    made = hook_of(caller_of(live_town), receiver.url, events=["episode.opened"])
    happens(live_town)
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


@pytest.mark.django_db(transaction=True)
def test_a_delivery_that_failed_is_tried_again_and_received_once(
    live_town, receiver, caller_of
) -> None:
    hook_of(caller_of(live_town), receiver.url)
    receiver.answers = [500]
    happens(live_town)
    run_tasks()
    delivery = Delivery.objects.get()
    assert (delivery.attempts, delivery.delivered_at) == (1, None)
    assert delivery.next_at > timezone.now()
    deliver.func(delivery.pk)
    deliver.func(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.delivered_at is not None
    assert [h["webhook-id"] for h, _ in receiver.got] == [str(delivery.event_id)] * 2


# --- only while the token may hear -----------------------------------------------------------


def silence(how: str, town: SmallTown, token: ApiToken) -> None:
    match how:
        case "revoked":
            revoke_token(town.staff["security"], token)
        case "expired":
            ApiToken.objects.filter(pk=token.pk).update(expires_at=timezone.now())
        case "without the scope":
            ApiToken.objects.filter(pk=token.pk).update(scopes=[Ability.TAKE_IN.value])
        case "of another area":
            ApiToken.objects.filter(pk=token.pk).update(place=town.foreign_town)


WAYS = ("revoked", "expired", "without the scope", "of another area")


@pytest.mark.parametrize("how", WAYS)
def test_nothing_is_queued_for_a_token_that_may_no_longer_hear(small_town, api, how) -> None:
    hook_of(api)
    silence(how, small_town, api.row)
    happens(small_town)
    assert Delivery.objects.count() == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("how", WAYS)
def test_what_is_on_its_way_is_dropped_when_the_token_may_no_longer_hear(
    live_town, receiver, caller_of, how
) -> None:
    api = caller_of(live_town)
    hook_of(api, receiver.url)
    happens(live_town)
    silence(how, live_town, api.row)
    run_tasks()
    assert receiver.got == []
    delivery = Delivery.objects.get()
    assert (delivery.next_at, delivery.delivered_at, delivery.attempts) == (None, None, 0)


def test_an_event_outside_the_area_of_the_token_is_not_told(small_town, caller_of) -> None:
    hook_of(caller_of(small_town, place=small_town.villages[1]))
    happens(small_town, 1)
    assert Delivery.objects.count() == 0
    happens(small_town, 4)
    assert Delivery.objects.count() == 1


def test_an_ended_webhook_hears_nothing_more(small_town, api) -> None:
    made = hook_of(api)
    assert api.delete(f"/webhooks/{made['id']}").status_code == 204
    assert api.delete(f"/webhooks/{made['id']}").status_code == 404
    happens(small_town)
    assert Delivery.objects.count() == 0
    assert AuditEntry.objects.filter(verb="webhook_ended").count() == 1


def test_another_token_of_the_same_area_neither_sees_nor_ends_it(
    small_town, api, caller_of
) -> None:
    made = hook_of(api)
    other = caller_of(small_town)
    assert other.get("/webhooks").json() == {"items": []}
    assert other.delete(f"/webhooks/{made['id']}").status_code == 404
    assert [w["id"] for w in api.get("/webhooks").json()["items"]] == [made["id"]]


# --- made once -------------------------------------------------------------------------------


def test_the_secret_is_shown_in_the_first_answer_only_and_kept_nowhere_in_clear(api) -> None:
    body = {"url": NOWHERE, "events": ["episode.opened"]}
    first = api.post("/webhooks", body, key="hook-key-1")
    again = api.post("/webhooks", body, key="hook-key-1")
    assert first.status_code == again.status_code == 201
    assert first.json()["secret"].startswith("whsec_")
    assert again.json() == {**first.json(), "secret": ""}
    assert Webhook.objects.count() == 1
    assert "whsec" not in json.dumps(Once.objects.get(key="hook-key-1").answer)


@pytest.mark.parametrize(
    "other", [{"url": NOWHERE + "y"}, {"url": NOWHERE, "events": ["episode.closed"]}]
)
def test_the_same_key_with_another_body_is_refused(api, other) -> None:
    assert api.post("/webhooks", {"url": NOWHERE}, key="hook-key-1").status_code == 201
    answer = api.post("/webhooks", other, key="hook-key-1")
    assert answer.status_code == 422
    assert answer.json()["type"].endswith("key-reused")
    assert Webhook.objects.count() == 1


def test_the_key_of_an_ended_webhook_does_not_answer_as_if_it_lived(api) -> None:
    made = api.post("/webhooks", {"url": NOWHERE}, key="hook-key-1").json()
    api.delete(f"/webhooks/{made['id']}")
    answer = api.post("/webhooks", {"url": NOWHERE}, key="hook-key-1")
    assert answer.status_code == 409
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["type"].endswith("webhook-ended")
    # Not even a month later, when the answer to the key is forgotten.
    Once.objects.all().delete()
    assert api.post("/webhooks", {"url": NOWHERE}, key="hook-key-1").status_code == 409


# --- the page of the security administrator --------------------------------------------------


@pytest.fixture
def page(client: Client) -> Any:
    def ask(staff: Any, **form: Any) -> Any:
        sign_in(client, staff)
        return client.post("/work/webhooks/", form) if form else client.get("/work/webhooks/")

    return ask


def test_the_security_administrator_sees_each_tokens_webhooks_and_ends_one(
    small_town, api, page
) -> None:
    made = hook_of(api, "https://county.example/hook?key=kept-back")
    security = small_town.staff["security"]
    shown = page(security).content.decode()
    assert "county" in shown
    assert "https://county.example/hook" in shown
    assert "kept-back" not in shown
    assert "whsec" not in shown
    assert page(security, hook=made["id"]).status_code == 302
    assert not Webhook.objects.get().is_active
    # A second tap, or a second administrator: nothing more happens.
    assert page(security, hook=made["id"]).status_code == 302
    entry = AuditEntry.objects.get(verb="webhook_ended")
    assert entry.actor == f"staff:{security.pk}"


def test_the_page_says_that_a_webhook_is_silent_because_its_token_is(small_town, api, page) -> None:
    hook_of(api)
    assert "密钥已失效" not in page(small_town.staff["security"]).content.decode()
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(days=1))
    assert "密钥已失效" in page(small_town.staff["security"]).content.decode()


def test_webhooks_of_a_foreign_town_are_neither_shown_nor_ended(
    small_town, caller_of, page
) -> None:
    made = hook_of(caller_of(small_town, place=small_town.foreign_town), "https://far.example/")
    security = small_town.staff["security"]
    assert "far.example" not in page(security).content.decode()
    assert page(security, hook=made["id"]).status_code == 404
    assert page(security, hook="x").status_code == 404
    assert Webhook.objects.get().is_active


@pytest.mark.parametrize("role", ["officer", "clerk", "system", "auditor"])
def test_nobody_else_opens_the_page(small_town, page, role) -> None:
    assert page(small_town.staff[role]).status_code == 403


def test_the_page_of_tokens_leads_to_the_webhooks(small_town, client) -> None:
    sign_in(client, small_town.staff["security"])
    assert 'href="/work/webhooks/"' in client.get("/town/tokens/").content.decode()
