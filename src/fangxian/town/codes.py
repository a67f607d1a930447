"""The spoken code: how a resident checks that a caller really is the police.

Each officer has a six-digit code for today. It is not stored: it is a keyed hash of staff and
day. The public page and the list at the station's counter answer which body the code belongs to,
and nothing about any resident.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import date, timedelta

from django.conf import settings
from django.utils import timezone

from .models import Duty, Role, Staff

SPEAKING_ROLES = (Role.OFFICER, Role.VILLAGE, Role.GRID)
# A call that begins before midnight may be checked after it.
GRACE = timedelta(minutes=30)


def code_of(staff: Staff, day: date) -> str:
    """The six digits `staff` says to residents on `day` (local date)."""
    message = f"spoken|{staff.pk}|{day.isoformat()}".encode()
    digest = hmac.new(settings.KEYS.index, message, hashlib.sha256).digest()
    return f"{int.from_bytes(digest[:8], 'big') % 1_000_000:06d}"


def staff_with_code(code: str) -> list[Staff]:
    """Members of staff on duty whose code today (or, until 00:30, yesterday) is `code`.

    Two of 45 people share a code about once in a thousand days; the page then names both bodies.
    """
    now = timezone.localtime()
    days = {now.date(), (now - GRACE).date()}
    holders = Staff.objects.filter(
        is_active=True,
        pk__in=Duty.objects.at(now).filter(role__in=SPEAKING_ROLES).values("staff"),
    ).select_related("department")
    given = "".join(ch for ch in code if ch.isdigit())
    return [s for s in holders if any(hmac.compare_digest(code_of(s, d), given) for d in days)]
