"""A day in the reader's way: one form for each language, on pages and in sentences."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import formats, timezone
from django.utils.translation import get_language


def day_words(day: date | None) -> str:
    """2026年11月24日, Nov 24, 2026; "" for none. Of a moment, its day here."""
    if not day:
        return ""
    local = timezone.localtime(day) if isinstance(day, datetime) else day
    chinese = (get_language() or "zh").startswith("zh")
    return formats.date_format(local, "Y年n月j日" if chinese else "M j, Y")
