"""Webhooks for other systems: add, list, end."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import uuid5

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Path, Router, Schema, Status

from fangxian.town.access import Ability
from fangxian.town.api import ERRORS, Key, Problem, ProblemOut, caller, once
from fangxian.town.models import ApiToken

from .actions.webhooks import NAMESPACE, add_webhook, end_webhook
from .models import Webhook

router = Router()


class WebhookIn(Schema):
    """Where to send CloudEvents. `events` is empty for all."""

    url: Annotated[str, Field(max_length=300, pattern=r"^https?://[!-~]+$")]
    events: list[
        Annotated[str, Field(pattern="^(episode.opened|episode.closed|case.recorded)$")]
    ] = Field(default_factory=list, max_length=10)


class WebhookOut(Schema):
    """A webhook; `secret` is empty but in the first answer to the request that made it."""

    id: int
    url: str
    events: list[str]
    secret: str = ""


class WebhooksOut(Schema):
    items: list[WebhookOut]


def _webhooks(token: ApiToken) -> QuerySet[Webhook]:
    """Active webhooks of the token itself: an address may hold a secret of the system behind it."""
    return Webhook.objects.filter(token=token, is_active=True)


@router.get(
    "/webhooks",
    response={200: WebhooksOut, **ERRORS},
    operation_id="listWebhooks",
    tags=["webhooks"],
)
def webhooks(request: HttpRequest) -> dict[str, Any]:
    """Active webhooks of this token."""
    token = caller(request, Ability.EXPORT)
    return {"items": [_shown(w) for w in _webhooks(token).order_by("id")[:200]]}


def _shown(hook: Webhook) -> dict[str, Any]:
    return {"id": hook.pk, "url": hook.url, "events": hook.events}


@router.post(
    "/webhooks",
    response={201: WebhookOut, 409: ProblemOut, **ERRORS},
    operation_id="addWebhook",
    tags=["webhooks"],
)
def webhook_new(request: HttpRequest, data: WebhookIn, key: Key) -> Status[Any]:
    """Add a webhook. Deliveries are signed with the secret in the answer, which is shown once: a
    repeat with the same Idempotency-Key gets the same answer without it, or 409 when the webhook
    has ended. It hears only while this token may."""
    token = caller(request, Ability.EXPORT)
    events = sorted(set(data.events))
    made: list[Webhook] = []

    def act() -> tuple[int, dict[str, Any]]:
        # After a month the answer to a key is forgotten; the number still knows the webhook.
        number = uuid5(NAMESPACE, f"{token.pk}|{key}|{data.url}|{','.join(events)}")
        made.append(add_webhook(token, data.url, events, number))
        return 201, _shown(made[0])

    status, answer = once(token, key, data.dict(), act)
    if not _webhooks(token).filter(pk=answer["id"]).exists():
        raise Problem(409, "webhook-ended", _("用这个 Idempotency-Key 登记的回调已经停用。"))
    # Added after the answer was written down: the secret stands nowhere in clear.
    return Status(status, {**answer, "secret": made[0].secret.clear if made else ""})


@router.delete(
    "/webhooks/{number}",
    response={204: None, 404: ProblemOut, **ERRORS},
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
