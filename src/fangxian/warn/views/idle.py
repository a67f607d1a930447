"""A list that asks by itself keeps nobody signed in; it says how long is left instead.

What a page fetches by itself is not a person at work (town/signin.py), so a desk at which nobody
touches anything is signed out. It must not go dark unawares: every answer to a poll says how many
seconds are left, the page warns aloud in the last minute, and one touch of "still here" counts.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from fangxian.town.access import signed_in
from fangxian.town.signin import LONGEST_SECONDS

HEADER = "Fangxian-Signed-In-For"


def seconds_left(request: HttpRequest) -> tuple[int, str]:
    """Seconds until the session ends, and why: `idle`, or `long` (the shift is over)."""
    now, session = time.time(), request.session
    idle = session.get("seen", now) + settings.SESSION_IDLE_SECONDS - now
    long = session.get("since", now) + LONGEST_SECONDS - now
    left, why = min((idle, "idle"), (long, "long"))
    return max(0, int(left)), why


def says_how_long(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The answer to a poll says how long the session lasts: "55 idle"."""

    @functools.wraps(view)
    def saying(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        answer = view(request, *args, **kwargs)
        left, why = seconds_left(request)
        answer.headers[HEADER] = f"{left} {why}"
        return answer

    return saying


@require_POST
@signed_in
def still_here(_request: HttpRequest) -> HttpResponse:
    """Somebody is at the desk: a POST by hand, which the sign-in counts as work."""
    return HttpResponse(status=204)


urlpatterns: list[URLPattern] = [path("here/", still_here, name="still_here")]
