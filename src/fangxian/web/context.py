"""What every page of the house knows: who is here and where they may go."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from fangxian.town.access import access_of
from fangxian.town.models import Staff

from .navigation import MOST_TABS, navigation


def shell(request: HttpRequest) -> dict[str, Any]:
    """Variables of the shell; no query of its own beyond the access that the page needed."""
    user = getattr(request, "user", None)
    base = {"demo": settings.DEMO, "station_phone": settings.STATION_PHONE}
    if not isinstance(user, Staff):
        return {**base, "doors": [], "tabbar": []}
    doors = navigation(access_of(user))
    return {**base, "doors": doors, "tabbar": doors[:MOST_TABS]}
