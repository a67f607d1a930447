"""Showing what is masked: one value, with the reason, within a limit."""

from __future__ import annotations

import re
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import audit
from ..access import Ability, check
from ..models import Phone, Resident
from .errors import Refused

# What `reveal` shows.
REVEALABLE = ("name", "id_number", "phone", "address", "last_known_area")


class RevealReason(models.TextChoices):
    """Why somebody looks at what is masked."""

    CALL = "call", gettext_lazy("联系居民")
    VISIT = "visit", gettext_lazy("上门见面")
    CHECK = "check", gettext_lazy("核对身份")
    ASKED = "asked", gettext_lazy("居民本人要求")
    OTHER = "other", gettext_lazy("其他（写明）")


@transaction.atomic
def reveal(
    by: audit.Actor,
    resident: Resident,
    field: str,
    reason: str,
    note: str = "",
    phone: Phone | None = None,
) -> str:
    """The clear text of one masked value, with the reason written into the audit chain.

    `field`: name, id_number, phone (`phone`, or the first), address or last_known_area.
    `reason` is a RevealReason; OTHER needs a `note`. A note must not carry a number itself.
    Raises PermissionDenied, or Refused without a proper reason or when there is nothing to show.
    """
    check(by, Ability.REVEAL, resident.place.code)
    note = note.strip()[:100]
    if reason not in RevealReason.values:
        raise Refused(_("请先选择查看的理由。"))
    if reason == RevealReason.OTHER and len(note) < 2:
        raise Refused(_("选择“其他”时请写明理由。"))
    if re.search(r"\d[\d\s-]{5,}\d", note):
        raise Refused(_("理由里不要写电话或证件号码。"))
    value = _masked(resident, field, phone)
    if not value:
        raise Refused(_("这一项没有登记。"))
    audit.record(
        by,
        "reveal",
        resident,
        field=field,
        reason=reason,
        note=note or None,
        phone=phone.pk if phone else None,
    )
    return str(value.clear)


def _masked(resident: Resident, field: str, phone: Phone | None) -> Any:
    if field == "phone":
        if phone is not None and phone.resident_id != resident.pk:
            raise Refused(_("这个号码不是这位居民的。"))
        found = phone or resident.phones.first()
        return found.number if found else None
    if field == "address":
        return resident.household.address if resident.household else None
    if field in ("name", "id_number", "last_known_area"):
        return getattr(resident, field)
    raise TypeError(f"reveal: unknown field {field!r}")
