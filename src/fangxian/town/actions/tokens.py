"""Keys for other systems."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from .. import audit
from ..access import Ability, check
from ..models import ApiToken, Place, Staff
from .errors import Refused

# What a machine may be allowed. Nobody's clear text, and nothing that gives rights.
SCOPES: dict[Ability, Promise] = {
    Ability.TAKE_IN: _l("提交预警"),
    Ability.SEE_PLACES: _l("读取地点"),
    Ability.SEE_EPISODES: _l("读取警情（脱敏）"),
    Ability.EXPORT: _l("导出办理结果"),
    Ability.SEE_CASES: _l("读取案件"),
    Ability.SEE_BOARD: _l("读取统计"),
}
LONGEST_DAYS = 366


@transaction.atomic
def issue_token(
    by: Staff, name: str, place: Place, scopes: Collection[str], days: int
) -> tuple[ApiToken, str]:
    """A key for another system: `scopes` at `place` and below, for `days`.

    Returns the row and the clear key, which is shown once and kept only as SHA-256 (it has 256
    random bits, so a slow hash would add nothing). Raises Refused.
    """
    check(by, Ability.TOKENS, place.code)
    if not name.strip():
        raise Refused(_("请写明这把密钥给哪个系统用。"))
    if not scopes or not set(scopes) <= set(SCOPES):
        raise Refused(_("请至少选择一项权限，且只能选择列出的权限。"))
    if not 1 <= days <= LONGEST_DAYS:
        raise Refused(_("有效期应为 1 至 %(most)d 天。") % {"most": LONGEST_DAYS})
    clear = "fx_" + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        name=name.strip()[:60],
        made_by=by,
        place=place,
        scopes=sorted(scopes),
        digest=hashlib.sha256(clear.encode()).hexdigest(),
        expires_at=timezone.now() + timedelta(days=days),
    )
    audit.record(by, "token_issued", token, scopes=token.scopes, place=place.code, days=days)
    return token, clear


@transaction.atomic
def revoke_token(by: audit.Actor, token: ApiToken) -> None:
    """From the next request on, the key opens nothing."""
    check(by, Ability.TOKENS, token.place.code)
    if token.revoked_at:
        raise Refused(_("这把密钥已经作废。"))
    token.revoked_at = timezone.now()
    token.save(update_fields=["revoked_at"])
    audit.record(by, "token_revoked", token)
