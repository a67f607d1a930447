"""Lists that ask again by themselves: the answer where nothing changed."""

from __future__ import annotations

from django.http import HttpRequest

NOTHING_NEW = 204


def unchanged(request: HttpRequest, version: str) -> bool:
    """Whether the screen that asks shows this already (it says what it shows in `v`)."""
    return request.GET.get("v") == version
