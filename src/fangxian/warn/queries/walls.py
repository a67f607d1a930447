"""Links of walls: those of an area, and the one a screen shows."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from fangxian.town.access import Ability, access_of
from fangxian.town.models import Staff
from fangxian.warn.actions.walls import digest_of
from fangxian.warn.models import WallLink


def visible_walls(who: Staff, now: datetime) -> QuerySet[WallLink]:
    """Links that still show something, of the area where `who` assigns."""
    rows = WallLink.objects.filter(ended_at=None, expires_at__gt=now)
    return access_of(who).within(rows.select_related("place", "made_by"), Ability.ASSIGN)


def shown_by(key: UUID, now: datetime) -> WallLink | None:
    """The link with this key, or None where it ended: by hand, by age, or because whoever hung it
    has no such duty there any more."""
    rows = WallLink.objects.filter(digest=digest_of(key), ended_at=None, expires_at__gt=now)
    link = rows.select_related("place", "made_by").first()
    if link is None:
        return None
    access = access_of(link.made_by)
    both = (Ability.ASSIGN, Ability.SEE_EPISODES)
    return link if all(access.may(a, link.place.code) for a in both) else None
