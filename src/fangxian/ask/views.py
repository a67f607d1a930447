"""Is this caller really the police? A page that anyone may open, and that tells nobody anything
about any resident."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from fangxian.town.access import Ability, needs, public
from fangxian.town.codes import code_of, staff_with_code
from fangxian.town.models import Staff
from fangxian.town.queries import visible_staff
from fangxian.town.sealed import mask_name

# A million codes and ten tries a quarter of an hour: guessing a code in use takes years.
TRIES = 10
WINDOW_SECONDS = 15 * 60


def _too_many(request: HttpRequest) -> bool:
    """Count tries by a hash of the address; the address itself is not kept."""
    address = request.META.get("REMOTE_ADDR", "")
    day = timezone.localdate().isoformat()
    mark = hashlib.sha256(f"{settings.SECRET_KEY}|{day}|{address}".encode()).hexdigest()[:24]
    key = f"caller:{mark}"
    cache.add(key, 0, WINDOW_SECONDS)
    return cache.incr(key) > TRIES


@public
@sensitive_post_parameters("code")
def caller(request: HttpRequest) -> HttpResponse:
    """Type the six digits that the caller said; the answer names the body and the role."""
    context: dict[str, object] = {"asked": False, "station_phone": settings.STATION_PHONE}
    status = 200
    if request.method == "POST":
        code = "".join(ch for ch in request.POST.get("code", "")[:40] if ch.isdigit())
        if _too_many(request):
            context["slow"] = True
            status = 429
        elif len(code) != 6:
            context["error"] = _("请输入对方说的六位数字。")
            status = 422
        else:
            found = staff_with_code(code)
            context |= {"asked": True, "callers": [_shown(s) for s in found]}
    return render(request, "ask/caller.html", context, status=status)


def _shown(staff: Staff) -> dict[str, str]:
    """What the page says of a colleague: body, and the name with its family name only."""
    return {"body": str(staff.department or ""), "name": mask_name(staff.name)}


@public
def rights(request: HttpRequest) -> HttpResponse:
    """What is kept about a resident, for how long, and how to appeal."""
    return render(request, "ask/rights.html")


@needs(Ability.CALL)
def code_list(request: HttpRequest) -> HttpResponse:
    """Today's codes of one's own body, to be printed for the counter."""
    assert isinstance(request.user, Staff)  # noqa: S101  `needs` let no other in
    today = timezone.localdate()
    rows = visible_staff(request.user, Ability.SEE_DUTIES).filter(
        department=request.user.department, is_active=True
    )
    codes = [(s, code_of(s, today)) for s in rows.order_by("id")]
    return render(request, "ask/code_list.html", {"codes": codes, "today": today})
