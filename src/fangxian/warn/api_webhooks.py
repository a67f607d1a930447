"""Webhooks for other systems: add, list, end."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import uuid5

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Path, Query, Router, Schema, Status

from fangxian.town.access import Ability
from fangxian.town.api import BODY, Key, PageIn, Problem, caller, once, page, problems
from fangxian.town.models import ApiToken

from .actions.errors import Refused
from .actions.webhooks import NAMESPACE, add_webhook, end_webhook
from .models import Webhook
from .queries.webhooks import with_deliveries

router = Router()


class WebhookIn(Schema):
    """Where to send CloudEvents. `events` is empty for all."""

    url: Annotated[str, Field(max_length=300, pattern=r"^https?://[!-~]+$")]
    events: list[Literal["episode.opened", "episode.closed", "case.recorded"]] = Field(
        default_factory=list, max_length=10
    )


class NewWebhookOut(Schema):
    """A webhook that was added. `secret` is shown once, in the first answer; in the answer to a
    repeat it is empty."""

    id: int
    url: str
    events: list[str]
    secret: str


class WebhookOut(Schema):
    """A webhook and how it fares: events on their way, events given up after the last try, and
    when one was received last."""

    id: int
    url: str
    events: list[str]
    waiting: int
    given_up: int
    received_at: datetime | None


class WebhooksOut(Schema):
    items: list[WebhookOut]
    next: str | None


def _webhooks(token: ApiToken) -> QuerySet[Webhook]:
    """Active webhooks of the token itself: an address may hold a secret of the system behind it."""
    return Webhook.objects.filter(token=token, is_active=True)


@router.get(
    "/webhooks",
    response={200: WebhooksOut, **problems(403)},
    operation_id="listWebhooks",
    tags=["webhooks"],
)
def webhooks(request: HttpRequest, wanted: Query[PageIn]) -> dict[str, Any]:
    """Active webhooks of this token, newest first."""
    token = caller(request, Ability.EXPORT)
    found, following = page(request, with_deliveries(_webhooks(token)), wanted)
    items = [
        {
            "id": hook.pk,
            "url": hook.url,
            "events": hook.events,
            "waiting": hook.waiting,
            "given_up": hook.given_up,
            "received_at": hook.received_at,
        }
        for hook in found
    ]
    return {"items": items, "next": following}


@router.post(
    "/webhooks",
    response={201: NewWebhookOut, **problems(403, 409, *BODY)},
    operation_id="addWebhook",
    tags=["webhooks"],
)
def webhook_new(request: HttpRequest, data: WebhookIn, key: Key) -> Status[Any]:
    """Add a webhook. Deliveries are signed with the secret in the answer, which is shown once: a
    repeat with the same Idempotency-Key gets the same answer without it, or 409 when the webhook
    has ended. It hears only while this token may."""
    token = caller(request, Ability.EXPORT)
    events: list[str] = sorted(set(data.events))
    secret = ""

    def act() -> tuple[int, dict[str, Any]]:
        nonlocal secret
        # After a month the answer to a key is forgotten; the number still knows the webhook.
        number = uuid5(NAMESPACE, f"{token.pk}|{key}|{data.url}|{','.join(events)}")
        try:
            hook, is_new = add_webhook(token, data.url, events, number)
        except Refused as refused:
            raise Problem(422, "bad-url", f"url: {refused}") from refused
        if is_new:
            secret = hook.secret.clear
        return 201, {"id": hook.pk, "url": hook.url, "events": hook.events}

    status, answer = once(token, key, data.dict(), act)
    if not _webhooks(token).filter(pk=answer["id"]).exists():
        raise Problem(409, "webhook-ended", _("用这个 Idempotency-Key 登记的回调已经停用。"))
    # Added after the answer was written down: the secret stands nowhere in clear.
    return Status(status, {**answer, "secret": secret})


@router.delete(
    "/webhooks/{number}",
    response={204: None, **problems(403, 404)},
    operation_id="endWebhook",
    tags=["webhooks"],
)
def webhook_end(request: HttpRequest, number: Annotated[int, Path(ge=1, lt=2**63)]) -> Status[Any]:
    """End a webhook; what is still on its way is dropped."""
    token = caller(request, Ability.EXPORT)
    found = _webhooks(token).filter(pk=number).first()
    if found is None:
        raise Problem(404, "no-such-webhook", _("这把密钥没有这个回调。"))
    end_webhook(token, found)
    return Status(204, None)
