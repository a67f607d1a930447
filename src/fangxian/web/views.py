"""Pages that belong to no room: the front door, and what is said when something goes wrong."""

from __future__ import annotations

from datetime import timedelta

from django.db import DatabaseError
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from fangxian.town.access import public
from fangxian.town.models import WorkerBeat

# A year: whoever needs large letters needs them tomorrow, too.
ELDER_COOKIE_SECONDS = 365 * 86400
WORKER_SILENT_AFTER = timedelta(seconds=30)


@public
def home(request: HttpRequest) -> HttpResponse:
    """Two doors for whoever comes in; staff go straight to their work."""
    if request.user.is_authenticated:
        return redirect("warn:my_work")
    return render(request, "home.html")


@public
@require_POST
def elder(request: HttpRequest) -> HttpResponse:
    """Size of the letters: 0 normal, 1 large, 2 largest. Works without JavaScript, and for nobody
    but this browser."""
    target = request.POST.get("next", "/")
    # What does not begin with "/" Django would take for the name of a page.
    inside = url_has_allowed_host_and_scheme(target, {request.get_host()})
    if not (inside and target.startswith("/")):
        target = "/"
    answer = redirect(target)
    answer.set_cookie(
        "fangxian_elder",
        wanted if (wanted := request.POST.get("elder", "")) in ("1", "2") else "0",
        max_age=ELDER_COOKIE_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )
    return answer


@public
def health(request: HttpRequest) -> HttpResponse:
    """For a monitor: 200 while the database answers and a worker lives, else 503.

    `worker_beat_seconds`: age of the newest beat of any worker; null where none ever beat.
    """
    age: float | None = None
    try:
        newest = WorkerBeat.objects.aggregate(newest=Max("beat_at"))["newest"]
        database = True
        if newest is not None:
            age = round((timezone.now() - newest).total_seconds(), 1)
    except DatabaseError:
        database = False
    worker = age is not None and age <= WORKER_SILENT_AFTER.total_seconds()
    answer = {"database": database, "worker": worker, "worker_beat_seconds": age}
    return JsonResponse(answer, status=200 if worker and database else 503)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's own page of a 400 knows no request: its form to change language would not work."""
    # Refused before the language was chosen: the thread still speaks the last visitor's.
    translation.activate(translation.get_language_from_request(request))
    return render(request, "400.html", status=400)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was open too long or came from elsewhere: say what to do, keep nothing."""
    return render(request, "403_csrf.html", status=403)
