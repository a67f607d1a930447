"""Webhooks of other systems, for those who look after their tokens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery

from fangxian.town.access import Ability, access_of
from fangxian.town.models import Staff
from fangxian.warn.actions.webhooks import PAUSES, may_hear
from fangxian.warn.models import Delivery, Webhook


@dataclass(frozen=True)
class HookShown:
    """A webhook as its page shows it. `hook` has what `with_deliveries` adds; `address` is without
    what may be a key: whom one is before the @, and what stands behind a question mark."""

    hook: Any
    address: str
    hears: bool


def visible_webhooks(who: Staff) -> QuerySet[Webhook]:
    """Webhooks in the area where `who` looks after tokens."""
    rows = Webhook.objects.select_related("token__place", "place")
    return access_of(who).within(rows, Ability.TOKENS)


def with_deliveries(rows: QuerySet[Webhook]) -> QuerySet[Any]:
    """Each webhook with how it fares.

    `waiting` events are on their way, `given_up` were tried to the end, `received_at` is when the
    last one arrived, `last_answer` what the last try met ("HTTP 500", "ConnectError").
    """
    tried = Delivery.objects.filter(webhook=OuterRef("pk")).exclude(answer="").order_by("-id")
    given_up = Q(deliveries__delivered_at=None, deliveries__attempts__gt=len(PAUSES))
    return rows.annotate(
        waiting=Count("deliveries", filter=Q(deliveries__next_at__isnull=False)),
        given_up=Count("deliveries", filter=given_up),
        received_at=Max("deliveries__delivered_at"),
        last_answer=Subquery(tried.values("answer")[:1]),
    )


def webhooks_shown(who: Staff) -> list[HookShown]:
    """What `who` looks after, active ones first, those of one token together."""
    rows = with_deliveries(visible_webhooks(who))
    return [
        HookShown(hook=hook, address=_shown(hook.url), hears=may_hear(hook, hook.place.code))
        for hook in rows.order_by("-is_active", "token__name", "token_id", "id")
    ]


def _shown(url: str) -> str:
    parts = urlsplit(url)
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="")
    return bare.geturl()
