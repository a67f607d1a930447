"""Showing what is masked: one value, with the reason, within a limit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import audit
from ..access import Ability, check
from ..masks import names_a_number
from ..models import AuditEntry, Phone, Resident
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
    `reason` is a RevealReason; OTHER needs a `note`. A note must not carry a number; the names of
    the resident and of those under the same roof are masked in it. Raises PermissionDenied, or
    Refused without a proper reason, when there is nothing to show, or beyond the limit of
    `settings.REVEALS_AN_HOUR` and `REVEALS_A_DAY` (that refusal is written down, too).
    """
    with transaction.atomic():
        audit.hold()
        resident.refresh_from_db()
        check(by, Ability.REVEAL, resident.place.code)
        note = _note(resident, reason, note)
        value = _masked(resident, field, phone)
        if not value:
            raise Refused(_("这一项没有登记。"))
        over = _over_the_limit(by)
        audit.record(
            by,
            "reveal_refused" if over else "reveal",
            resident,
            field=field,
            reason=reason,
            note=note or None,
            phone=phone.pk if phone else None,
        )
    # After the entry is committed: a refusal must not take its own trace back.
    if over:
        raise Refused(over)
    return str(value.clear)


def _note(resident: Resident, reason: str, note: str) -> str:
    note = note.strip()[:100]
    if reason not in RevealReason.values:
        raise Refused(_("请先选择查看的理由。"))
    if reason == RevealReason.OTHER and len(note) < 2:
        raise Refused(_("选择“其他”时请写明理由。"))
    if names_a_number(note):
        raise Refused(_("理由里不要写电话或证件号码。"))
    return resident.without_names(note)


def _over_the_limit(by: audit.Actor) -> str:
    """What to tell somebody who has looked at too much; "" within the limit."""
    mine = AuditEntry.objects.filter(actor=audit.name_of(by), verb="reveal", thing="resident")
    now = timezone.now()
    for most, span, says in (
        (settings.REVEALS_AN_HOUR, timedelta(hours=1), _("一小时内最多查看 %(most)d 次")),
        (settings.REVEALS_A_DAY, timedelta(days=1), _("一天内最多查看 %(most)d 次")),
    ):
        if mine.filter(at__gt=now - span).count() >= most:
            return says % {"most": most} + _(
                "，已达上限并留痕。确有需要，请换一位同事查看或稍后再试。"
            )
    return ""


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
