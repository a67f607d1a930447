"""Pages that belong to no room: the front door, and what is said when something goes wrong."""

from __future__ import annotations

from datetime import timedelta

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
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
    """Switch elder mode on or off; works without JavaScript and for nobody but this browser."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}):
        target = "/"
    answer = redirect(target)
    answer.set_cookie(
        "fangxian_elder",
        "1" if request.POST.get("elder") == "1" else "0",
        max_age=ELDER_COOKIE_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )
    return answer


@public
def health(request: HttpRequest) -> HttpResponse:
    """For a monitor: 200 while the database answers and a worker lives, else 503."""
    try:
        since = timezone.now() - WORKER_SILENT_AFTER
        worker = WorkerBeat.objects.filter(beat_at__gte=since).exists()
        database = True
    except DatabaseError:
        worker = database = False
    status = 200 if worker and database else 503
    return JsonResponse({"database": database, "worker": worker}, status=status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was open too long or came from elsewhere: say what to do, keep nothing."""
    return render(request, "403_csrf.html", status=403)
