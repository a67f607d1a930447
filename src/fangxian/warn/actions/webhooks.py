"""Telling other systems: CloudEvents, signed, delivered at least once.

An event is written with the change it tells of, in the same transaction; the worker carries it.
Signature: Standard Webhooks (webhook-id, webhook-timestamp, webhook-signature: v1,<base64 of
HMAC-SHA-256 over id.timestamp.body>). Events carry ids, grades, codes of places: no person.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django_tasks import task

from fangxian.town import audit
from fangxian.town.access import Ability, access_of, check
from fangxian.town.models import ApiToken, Staff
from fangxian.warn.models import Case, Delivery, Episode, Grade, Webhook

NAMESPACE = UUID("6f1c2f7e-8a0b-5f53-9c55-3d0a4f0f7a10")
# Pauses after each failed try, about a day in all (minutes).
PAUSES = (1, 2, 5, 10, 30, 60, 120, 240, 480, 480)


@transaction.atomic
def add_webhook(token: ApiToken, url: str, events: list[str], number: UUID) -> Webhook:
    """Make a webhook of a token, for the token's area; the same `number` gives the same webhook,
    though it may have ended meanwhile."""
    audit.hold()
    check(token, Ability.EXPORT, token.place.code)
    found = Webhook.objects.filter(number=number).first()
    if found:
        return found
    made = Webhook.objects.create(
        number=number,
        url=url,
        events=events,
        place=token.place,
        token=token,
        secret="whsec_" + base64.b64encode(secrets.token_bytes(24)).decode(),
    )
    audit.record(token, "webhook", made, events=events)
    return made


@transaction.atomic
def end_webhook(by: Staff | ApiToken, webhook: Webhook) -> None:
    """Stop a webhook and drop what is on its way to it. Ended already: nothing happens.

    A token may end its own; a member of staff those of the tokens he or she looks after.
    """
    audit.hold()
    if isinstance(by, Staff):
        check(by, Ability.TOKENS, webhook.place.code)
    elif by.pk != webhook.token_id:
        raise PermissionDenied
    if Webhook.objects.filter(pk=webhook.pk, is_active=True).update(is_active=False):
        Delivery.objects.filter(webhook=webhook, delivered_at=None).update(next_at=None)
        audit.record(by, "webhook_ended", webhook)


def may_hear(hook: Webhook, code: str) -> bool:
    """Whether a webhook may be told what happens at the place with that code.

    Its token answers, each time anew: revoked, expired, without the scope or of another area, the
    token's webhooks are silent, too. Nothing has to be remembered when a token ends.
    """
    if not hook.is_active or hook.token is None:
        return False
    return access_of(hook.token).may(Ability.EXPORT, code)


def tell(event: str, place_code: str, data: dict[str, Any], at: datetime) -> None:
    """Queue an event for every webhook that may hear of the place. Inside the caller's action."""
    for hook in Webhook.objects.filter(is_active=True).select_related("token__place"):
        if (hook.events and event not in hook.events) or not may_hear(hook, place_code):
            continue
        event_id = uuid4()
        delivery = Delivery.objects.create(
            webhook=hook,
            event_id=event_id,
            body={
                "specversion": "1.0",
                "id": str(event_id),
                "source": "/fangxian/warn",
                "type": f"cn.fangxian.{event}",
                "time": at.isoformat(),
                "datacontenttype": "application/json",
                "data": data,
            },
        )
        deliver.enqueue(delivery.pk)


def tell_opened(sender: object, episode: Episode, by: audit.Actor, **_: object) -> None:
    """Receiver of events.episode_opened."""
    tell("episode.opened", episode.place.code, _facts(episode), episode.opened_at)


def tell_closed(sender: object, episode: Episode, by: audit.Actor, **_: object) -> None:
    """Receiver of events.episode_closed."""
    tell("episode.closed", episode.place.code, _facts(episode), timezone.now())


def tell_case(sender: object, case: Case, by: audit.Actor, **_: object) -> None:
    """Receiver of events.case_recorded."""
    facts = {"case": case.pk, "kind": case.kind, "place": case.place.code}
    tell("case.recorded", case.place.code, facts, case.recorded_at)


def _facts(episode: Episode) -> dict[str, Any]:
    return {
        "episode": episode.pk,
        "grade": Grade(episode.grade).key,
        "kind": episode.kind,
        "state": episode.state,
        "outcome": episode.outcome,
        "place": episode.place.code,
    }


def signature(secret: str, event_id: str, stamp: str, body: bytes) -> str:
    """The Standard Webhooks signature of one delivery."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{event_id}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


@task()
def deliver(delivery_id: int) -> str:
    """Carry one event. Any 2xx answer is receipt; anything else is tried again after a pause."""
    delivery = Delivery.objects.select_related("webhook__token__place").get(pk=delivery_id)
    hook = delivery.webhook
    if delivery.delivered_at or delivery.next_at is None:
        return "nothing to do"
    if not may_hear(hook, delivery.body["data"]["place"]):
        Delivery.objects.filter(pk=delivery.pk).update(next_at=None)
        return "dropped"
    body = json.dumps(delivery.body, ensure_ascii=False).encode()
    stamp = str(int(timezone.now().timestamp()))
    event_id = str(delivery.event_id)
    headers = {
        "Content-Type": "application/cloudevents+json",
        "webhook-id": event_id,
        "webhook-timestamp": stamp,
        "webhook-signature": signature(hook.secret.clear, event_id, stamp, body),
    }
    try:
        answer = httpx.post(hook.url, content=body, headers=headers, timeout=10)
        said, received = f"HTTP {answer.status_code}", answer.status_code < 300
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        said, received = type(error).__name__, False
    return _note(delivery, said, received)


@transaction.atomic
def _note(delivery: Delivery, said: str, received: bool) -> str:
    delivery.attempts += 1
    delivery.answer = said
    if received:
        delivery.delivered_at, delivery.next_at = timezone.now(), None
    elif delivery.attempts > len(PAUSES):
        delivery.next_at = None
    else:
        delivery.next_at = timezone.now() + timedelta(minutes=PAUSES[delivery.attempts - 1])
        deliver.using(run_after=delivery.next_at).enqueue(delivery.pk)
    delivery.save()
    return said
