"""Pages that belong to no room: the front door, and what is said when something goes wrong."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was open too long or came from elsewhere: say what to do, keep nothing."""
    return render(request, "403_csrf.html", status=403)
