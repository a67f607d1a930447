"""What every page of the house knows: who is here and where they may go."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from fangxian.town.access import Ability, access_of, duties_in_force
from fangxian.town.models import Level, Place, Role, Staff

from .navigation import MOST_TABS, behind, navigation

# Words of the top bar, read once a minute a person: they are shown, and decide nothing.
WORDS_SECONDS = 60


def shell(request: HttpRequest) -> dict[str, Any]:
    """Variables of the shell; no query of its own beyond the access that the page needed.

    `signed_in_as` and `town_name` are lazy: a fragment that shows neither asks for neither.
    """
    user = getattr(request, "user", None)
    base: dict[str, Any] = {
        "demo": settings.DEMO,
        "station_phone": settings.STATION_PHONE,
        "town_name": town_name,
    }
    if not isinstance(user, Staff):
        return {**base, "doors": [], "tabbar": []}
    access = access_of(user)
    doors = navigation(access)
    return {
        **base,
        "doors": doors,
        "tabbar": doors[:MOST_TABS],
        "here": behind(doors, request.path),
        "signed_in_as": SimpleLazyObject(lambda: words_of(user)),
        # Who speaks to residents has a code to say.
        "speaks": access.may(Ability.VISIT),
    }


def words_of(staff: Staff) -> dict[str, str]:
    """{"roles", "area"}: what `staff` is and where, in the reader's language."""
    key = f"shell:words:{staff.pk}"
    kept: tuple[list[str], list[str]] | None = cache.get(key)
    if kept is None:
        duties = duties_in_force(staff, timezone.now())
        # dict: each once, in the order of the duties.
        kept = (
            list(dict.fromkeys(d.role for d in duties)),
            list(dict.fromkeys(d.place.name for d in duties)),
        )
        cache.set(key, kept, WORDS_SECONDS)
    roles, places = kept
    area = places[0] + (f" +{len(places) - 1}" if len(places) > 1 else "") if places else ""
    return {"roles": " · ".join(str(Role(r).label) for r in roles), "area": area}


def town_name() -> str:
    """The town that this house serves; "" where it serves several, or the database is away."""
    name: str | None = cache.get("shell:town")
    if name is None:
        try:
            towns = list(Place.objects.filter(level=Level.TOWN, valid_to=None)[:2])
        except DatabaseError:  # an error page must come up without it
            return ""
        name = towns[0].name if len(towns) == 1 else ""
        cache.set("shell:town", name, WORDS_SECONDS)
    return name
