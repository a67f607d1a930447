"""Telling other systems: CloudEvents, signed, delivered at least once.

An event is written with the change it tells of, in the same transaction; the worker carries it.
Signature: Standard Webhooks (webhook-id, webhook-timestamp, webhook-signature: v1,<base64 of
HMAC-SHA-256 over id.timestamp.body>). Events carry ids, grades, codes of places: no person.

Whoever holds a token chooses where this machine connects to. So a try goes to an address that was
looked up and judged, follows no redirect, reads no body and ends after ten seconds in all.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import ipaddress
import json
import secrets
import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import httpx
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import task

from fangxian.town import audit
from fangxian.town.access import Ability, access_of, check
from fangxian.town.models import ApiToken, Staff
from fangxian.warn.models import Case, Delivery, Episode, Grade, Webhook

from .errors import Refused

NAMESPACE = UUID("6f1c2f7e-8a0b-5f53-9c55-3d0a4f0f7a10")
# Pauses after each failed try, about a day in all (minutes).
PAUSES = (1, 2, 5, 10, 30, 60, 120, 240, 480, 480)
# One try, from looking up the name to the first line of the answer: a receiver that dawdles must
# not keep the worker from texts and lists.
SECONDS_A_TRY = 10


@transaction.atomic
def add_webhook(token: ApiToken, url: str, events: list[str], number: UUID) -> tuple[Webhook, bool]:
    """A webhook of a token, for the token's area, and whether it is new: the same `number` gives
    the same webhook, though it may have ended meanwhile.

    Raises Refused where nothing could ever be sent to `url`.
    """
    audit.hold()
    check(token, Ability.EXPORT, token.place.code)
    found = Webhook.objects.filter(number=number).first()
    if found:
        return found, False
    _check_address(url)
    made = Webhook.objects.create(
        number=number,
        url=url,
        events=events,
        place=token.place,
        token=token,
        secret="whsec_" + base64.b64encode(secrets.token_bytes(24)).decode(),
    )
    audit.record(token, "webhook", made, events=events)
    return made, True


def _check_address(url: str) -> None:
    """Raises Refused for what is no address. What its name stands for is judged at each try."""
    try:
        httpx.URL(url)
        address = urlsplit(url)
        is_one = bool(address.hostname) and address.port != 0
    except (ValueError, httpx.InvalidURL):
        is_one = False
    if not is_one:
        raise Refused(_("不是网址。"))
    if "@" in address.netloc:
        raise Refused(_("网址里不要写用户名和密码；发出的内容都有签名。"))


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
    # Not due: a worker wrote down this try, queued the next one and died before its task was over.
    if delivery.next_at is None or delivery.next_at > timezone.now():
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
        # In a thread of its own: whoever calls may be inside a loop already.
        with ThreadPoolExecutor(1) as aside:
            status = aside.submit(asyncio.run, _post(httpx.URL(hook.url), body, headers)).result()
        said, received = f"HTTP {status}", 200 <= status < 300
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        said, received = type(error).__name__, False
    return _note(delivery, said, received)


class AddressRefused(OSError):
    """A name that stands for an address we do not connect to."""


def may_connect(ip: str) -> bool:
    """Whether a webhook may lead to an address: the internet, or a private network, where the
    county's systems live.

    Never this machine itself, its link (169.254.169.254 tells a cloud's keys) or anything special
    (100.100.100.200 does, too). The demo and the tests talk to themselves.
    """
    address = ipaddress.ip_address(ip)
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or address
    if address.is_loopback:
        return bool(settings.MODE != "production")
    special = (
        address.is_link_local
        or address.is_multicast
        or address.is_unspecified
        or address.is_reserved
    )
    return (address.is_global or address.is_private) and not special


async def _post(url: httpx.URL, body: bytes, headers: dict[str, str]) -> int:
    """Send one event to an address that was judged, whatever the name stands for a moment later.

    Returns the status of the answer, of which nothing else is read. Not through a proxy: it would
    look up the name anew. Raises httpx.HTTPError, OSError (TimeoutError, AddressRefused) or
    ValueError.
    """
    async with (
        asyncio.timeout(SECONDS_A_TRY),
        httpx.AsyncClient(timeout=SECONDS_A_TRY, trust_env=False) as client,
    ):
        *others, last = await _addresses_of(url)
        for ip in others:
            try:
                return await _post_to(ip, client, url, body, headers)
            except httpx.ConnectError:
                continue  # a name often has an IPv6 address that does not lead there
        return await _post_to(last, client, url, body, headers)


async def _addresses_of(url: httpx.URL) -> list[str]:
    """What the name stands for now, in the order to try. Raises AddressRefused if any is not for
    us to connect to, and OSError or ValueError where it stands for nothing."""
    look_up = asyncio.get_running_loop().getaddrinfo
    found = await look_up(url.host, None, type=socket.SOCK_STREAM)
    addresses = [str(place[0]).partition("%")[0] for *_rest, place in found]
    if not all(may_connect(ip) for ip in addresses):
        raise AddressRefused
    return addresses


async def _post_to(
    ip: str, client: httpx.AsyncClient, url: httpx.URL, body: bytes, headers: dict[str, str]
) -> int:
    async with client.stream(
        "POST",
        url.copy_with(host=ip),
        content=body,
        headers={**headers, "Host": url.netloc.decode()},
        # The certificate must be that of the name, not of the address.
        extensions={"sni_hostname": url.host},
    ) as answer:
        return answer.status_code


@transaction.atomic
def _note(tried: Delivery, said: str, received: bool) -> str:
    """Write down a try, and plan the next one where it failed.

    Nothing where another worker, which took us for dead, wrote one down meanwhile; no next one
    where the webhook ended meanwhile.
    """
    delivery = Delivery.objects.select_for_update().get(pk=tried.pk)
    if delivery.attempts != tried.attempts:
        return "nothing to do"
    delivery.attempts += 1
    delivery.answer = said
    if received:
        delivery.delivered_at, delivery.next_at = timezone.now(), None
    elif delivery.attempts > len(PAUSES):
        delivery.next_at = None
    elif delivery.next_at is not None:
        delivery.next_at = timezone.now() + timedelta(minutes=PAUSES[delivery.attempts - 1])
        deliver.using(run_after=delivery.next_at).enqueue(delivery.pk)
    delivery.save()
    return said
