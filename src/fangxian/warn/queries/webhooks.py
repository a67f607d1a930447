"""Webhooks of other systems, for those who look after their tokens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.db.models import Count, Max, Q, QuerySet

from fangxian.town.access import Ability, access_of
from fangxian.town.models import Staff
from fangxian.warn.actions.webhooks import may_hear
from fangxian.warn.models import Webhook


@dataclass(frozen=True)
class HookShown:
    """A webhook as its page shows it. `address` is without what stands behind a question mark,
    which is often a key; `waiting` events are on their way, `last` is when one was received."""

    hook: Webhook
    address: str
    hears: bool
    waiting: int
    last: datetime | None


def visible_webhooks(who: Staff) -> QuerySet[Webhook]:
    """Webhooks in the area where `who` looks after tokens."""
    rows = Webhook.objects.select_related("token__place", "place")
    return access_of(who).within(rows, Ability.TOKENS)


def webhooks_shown(who: Staff) -> list[HookShown]:
    """What `who` looks after, active ones first, those of one token together."""
    waiting = Count("deliveries", filter=Q(deliveries__next_at__isnull=False))
    rows = visible_webhooks(who).annotate(waiting=waiting, last=Max("deliveries__delivered_at"))
    return [
        HookShown(
            hook=hook,
            address=urlsplit(hook.url)._replace(query="", fragment="").geturl(),
            hears=may_hear(hook, hook.place.code),
            waiting=hook.waiting,
            last=hook.last,
        )
        for hook in rows.order_by("-is_active", "token__name", "token_id", "id")
    ]
