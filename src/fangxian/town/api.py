"""What every API operation shares: tokens, scopes, idempotency, cursor pages, problems.

Errors are problem+json (RFC 9457). Scopes are abilities (access.py), so that an API call is
refused by the same rule as a page.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Any

from django.db import IntegrityError, models, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Header, Router, Schema
from ninja.security import HttpBearer

from .access import Ability, access_of, visible_places
from .models import ApiToken, Once

MOST_A_PAGE = 200


class Problem(Exception):
    """An answer that is an error: HTTP status, a stable code, and a sentence for a person."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail


class ProblemOut(Schema):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str


def problems(*statuses: int) -> dict[int, type[ProblemOut]]:
    """The problems an operation may answer with, for its `response`: those of every operation
    (a request nobody can read, no token, our own fault) and its own `statuses`."""
    return dict.fromkeys(sorted({400, 401, 500, *statuses}), ProblemOut)


# What an operation that reads a body may answer, too: it is too large, no JSON, or wrong.
BODY = (413, 415, 422)
# Chosen by the caller, new for each new request, the same for a repeated one.
Key = Annotated[
    str, Header(alias="Idempotency-Key", min_length=8, max_length=100, pattern=r"^[\x21-\x7e]+$")
]


class TokenAuth(HttpBearer):
    """`Authorization: Bearer <token>`; the token's hash is looked up, never the token."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        digest = hashlib.sha256(token.encode()).hexdigest()
        found = ApiToken.objects.select_related("place").filter(digest=digest).first()
        now = timezone.now()
        if found is None or found.revoked_at or found.expires_at <= now:
            return None
        if found.used_at is None or now - found.used_at > timedelta(minutes=5):
            ApiToken.objects.filter(pk=found.pk).update(used_at=now)
        return found


def caller(request: HttpRequest, scope: Ability) -> ApiToken:
    """The token behind a request. Raises a 403 problem when it lacks the scope."""
    token: ApiToken = request.auth  # type: ignore[attr-defined]
    if not access_of(token).may(scope):
        said = _("这把密钥没有 %(scope)s 权限。") % {"scope": scope.value}
        raise Problem(403, "scope-missing", said)
    return token


def once(
    token: ApiToken, key: str, body: Any, act: Callable[[], tuple[int, dict[str, Any]]]
) -> tuple[int, dict[str, Any]]:
    """Do `act` once for an idempotency key; a repeat gets the first answer.

    `act` returns status and answer and runs in the same transaction that notes the key. Raises
    a 422 problem when the key was used with another body.
    """
    digest = hashlib.sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest()
    who = f"token:{token.pk}"
    try:
        with transaction.atomic():
            earlier = Once.objects.filter(who=who, key=key).first()
            if earlier is None:
                row = Once.objects.create(who=who, key=key, digest=digest, status=0)
                row.status, row.answer = act()
                row.save()
                return row.status, row.answer
    except IntegrityError:
        # The same request is being answered by another process; its answer is the answer.
        earlier = Once.objects.filter(who=who, key=key).first()
        if earlier is None:
            raise
    if earlier.digest != digest:
        raise Problem(422, "key-reused", _("这个 Idempotency-Key 先前用于另一份内容，请换一个。"))
    return earlier.status, earlier.answer


class PageIn(Schema):
    """Which page of a list."""

    cursor: Annotated[str, Field(pattern=r"^([1-9][0-9]{0,17})?$")] = ""
    limit: Annotated[int, Field(ge=1, le=MOST_A_PAGE)] = 50


def page(
    request: HttpRequest, rows: models.QuerySet[Any], wanted: PageIn
) -> tuple[list[Any], str | None]:
    """One page of `rows` by falling id, and the cursor of the next page (None at the end).

    A cursor is the last id that was seen: rows that come or go meanwhile neither repeat nor skip.
    Raises a 400 problem for a filter we do not know: a misspelt one must not mean "all".
    """
    unknown = request.GET.keys() - type(wanted).model_fields.keys()
    if unknown:
        known = ", ".join(type(wanted).model_fields)
        said = _("没有这个筛选条件；可用的有：%(known)s。") % {"known": known}
        raise Problem(400, "unknown-filter", said)
    limit = wanted.limit
    if wanted.cursor:
        rows = rows.filter(id__lt=int(wanted.cursor))
    found = list(rows.order_by("-id")[: limit + 1])
    more = len(found) > limit
    found = found[:limit]
    following = str(found[-1].pk) if more else None
    return found, following


# Text that both databases can store: no control characters, so no NUL.
CLEAN = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f]*$"

router = Router(tags=["town"])


class PlaceOut(Schema):
    """A current place. `code` has 12 digits, a grid's 15."""

    code: str
    name: str
    level: str


class MeOut(Schema):
    """What the token may do, where, and until when."""

    name: str
    place: str
    scopes: list[str]
    expires_at: datetime


@router.get("/me", response={200: MeOut, **problems()}, operation_id="whoAmI")
def me(request: HttpRequest) -> dict[str, Any]:
    """The token that is calling."""
    token: ApiToken = request.auth  # type: ignore[attr-defined]
    return {
        "name": token.name,
        "place": token.place.code,
        "scopes": sorted(token.scopes),
        "expires_at": token.expires_at,
    }


@router.get(
    "/places",
    response={200: list[PlaceOut], **problems(403)},
    operation_id="listPlaces",
)
def places(request: HttpRequest) -> list[dict[str, Any]]:
    """All current places in the token's area."""
    token = caller(request, Ability.SEE_PLACES)
    return [dict(p) for p in visible_places(token).values("code", "name", "level")]
