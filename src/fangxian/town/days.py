"""Which days a town's papers speak of, and how a day stands in an address."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

# No town's papers reach further back or plan further ahead; years like 1 or 9999 are slips, and
# have no midnight in every time zone.
EARLIEST, LATEST = date(1949, 10, 1), date(2100, 1, 1)


def out_of_reach() -> str:
    """What is said of a day that no paper speaks of."""
    return _("日期应在 %(first)s 至 %(last)s 之间。") % {
        "first": EARLIEST.isoformat(),
        "last": LATEST.isoformat(),
    }


def day_of(text: str) -> date | None:
    """A day as addresses and forms write it (2026-11-24); None for anything else, also for a day
    that no paper speaks of."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if EARLIEST <= day <= LATEST else None
