"""What must never start: production with the doors of the demo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.urls import NoReverseMatch, reverse


@register()
def production_has_no_demo(app_configs: Any = None, **_: Any) -> Sequence[CheckMessage]:
    """Errors when one-click sign-in could be reached in production."""
    if settings.MODE != "production":
        return []
    problems: list[CheckMessage] = []
    if settings.DEMO:
        problems.append(
            Error(
                "The demo cannot run in production.",
                hint="Unset FANGXIAN_MODE=demo, or start the demo with its own data.",
                id="town.E001",
            )
        )
    try:
        reverse("town:demo_sign_in")
    except NoReverseMatch:
        return problems
    return [*problems, Error("One-click sign-in is mounted in production.", id="town.E002")]
