"""Webhooks for other systems: add, list, end."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import uuid5

from django.http import HttpRequest
from ninja import Field, Path, Router, Schema, Status

from fangxian.town.access import Ability, access_of
from fangxian.town.api import ERRORS, Key, Problem, ProblemOut, caller
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
    """A webhook; `secret` is shown only in the answer that made it."""

    id: int
    url: str
    events: list[str]
    secret: str = ""


class WebhooksOut(Schema):
    items: list[WebhookOut]


def _webhooks(token: ApiToken) -> Any:
    return access_of(token).within(Webhook.objects.filter(is_active=True), Ability.EXPORT)


@router.get(
    "/webhooks",
    response={200: WebhooksOut, **ERRORS},
    operation_id="listWebhooks",
    tags=["webhooks"],
)
def webhooks(request: HttpRequest) -> dict[str, Any]:
    """Active webhooks in the token's area."""
    token = caller(request, Ability.EXPORT)
    rows = _webhooks(token).order_by("id")[:200]
    return {"items": [{"id": w.pk, "url": w.url, "events": w.events} for w in rows]}


@router.post(
    "/webhooks", response={201: WebhookOut, **ERRORS}, operation_id="addWebhook", tags=["webhooks"]
)
def webhook_new(request: HttpRequest, data: WebhookIn, key: Key) -> Status[Any]:
    """Add a webhook. Deliveries are signed with the secret in the answer, which is shown once."""
    token = caller(request, Ability.EXPORT)
    number = uuid5(NAMESPACE, f"{token.pk}|{key}")
    made = add_webhook(token, data.url, sorted(set(data.events)), number)
    answer = {"id": made.pk, "url": made.url, "events": made.events}
    return Status(201, {**answer, "secret": made.secret.clear})


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
        raise Problem(404, "no-such-webhook", "No such webhook in this token's area.")
    end_webhook(token, found)
    return Status(204, None)
