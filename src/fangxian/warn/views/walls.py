"""Pages of the wall: signed in, and on a screen where nobody is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from fangxian.town.access import Ability, StaffRequest, needs, public, visible_places
from fangxian.town.models import Level, Place, Staff
from fangxian.warn.actions.errors import Refused
from fangxian.warn.actions.walls import hang_wall, take_down_wall
from fangxian.warn.queries.board import Wanted, board
from fangxian.warn.queries.walls import shown_by, visible_walls

from .idle import says_how_long
from .polling import NOTHING_NEW, unchanged

# A wall is read from across a room: more lines than these would be too small.
ROWS = 9
# What makes htmx stop asking.
STOP_ASKING = 286


def _shown(who: Staff, rows: str, area: str = "") -> dict[str, Any]:
    """What a wall shows to `who`, narrowed to an area (digits of its code); `rows` is its door."""
    found = board(who, timezone.now(), Wanted(village=area), most=ROWS)
    return {"board": found, "rows": list(found.rows), "again": rows}


@needs(Ability.SEE_EPISODES)
def wall(request: StaffRequest) -> HttpResponse:
    """The board for a screen on the wall: big, without controls."""
    shown = _shown(request.user, reverse("warn:wall_rows"))
    return render(request, "warn/wall.html", {**shown, "named": True})


@needs(Ability.SEE_EPISODES)
@says_how_long
def wall_rows(request: StaffRequest) -> HttpResponse:
    """The wall alone, asked for every second; 204 while it has not changed."""
    context = _shown(request.user, reverse("warn:wall_rows"))
    if unchanged(request, context["board"].version):
        return HttpResponse(status=NOTHING_NEW)
    return render(request, "warn/wall_rows.html", {**context, "named": True})


# --- a screen where nobody is signed in -------------------------------------------------------


@public
@require_GET
@never_cache
def hung(request: HttpRequest, key: UUID) -> HttpResponse:
    """The wall by its link: counts, grades and clocks of an area; no person, nothing to press."""
    link = shown_by(key, timezone.now())
    if link is None:
        return render(request, "warn/wall_ended.html", status=410)
    door = reverse("warn:hung_rows", args=[key])
    context = _shown(link.made_by, door, link.place.prefix)
    return render(request, "warn/wall.html", {**context, "link": link})


@public
@require_GET
@never_cache
def hung_rows(request: HttpRequest, key: UUID) -> HttpResponse:
    """The wall alone; 286 with a sentence once the link has ended."""
    link = shown_by(key, timezone.now())
    if link is None:
        return render(request, "warn/wall_over.html", status=STOP_ASKING)
    door = reverse("warn:hung_rows", args=[key])
    context = _shown(link.made_by, door, link.place.prefix)
    if unchanged(request, context["board"].version):
        return HttpResponse(status=NOTHING_NEW)
    return render(request, "warn/wall_rows.html", context)


class WallForm(forms.Form):
    """Which area a screen shows, and where it hangs."""

    place = forms.ModelChoiceField(
        queryset=Place.objects.none(), label=_l("显示哪里"), empty_label=None
    )
    name = forms.CharField(label=_l("大屏放在哪里，例如一楼值班室"), max_length=40)

    def __init__(self, *args: Any, by: Staff, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        areas = visible_places(by, Ability.ASSIGN).exclude(level=Level.GRID).order_by("code")
        choice: Any = self.fields["place"]
        choice.queryset = areas


@needs(Ability.ASSIGN)
def walls(request: StaffRequest) -> HttpResponse:
    """The links of the area; a POST makes one and shows its address this once."""
    form = WallForm(request.POST or None, by=request.user)
    address = ""
    if request.method == "POST" and form.is_valid():
        try:
            _link, key = hang_wall(request.user, **form.cleaned_data)
            address = request.build_absolute_uri(reverse("warn:hung", args=[key]))
            form = WallForm(by=request.user)
        except Refused as refused:
            form.add_error("name", str(refused))
    found = visible_walls(request.user, timezone.now())
    context = {"form": form, "walls": found, "address": address}
    return render(request, "warn/walls.html", context, status=422 if form.errors else 200)


@require_POST
@needs(Ability.ASSIGN)
def take_down(request: StaffRequest) -> HttpResponse:
    """End the link named in the form."""
    asked = request.POST.get("link", "")
    number = asked if asked.isdecimal() and len(asked) < 19 else 0
    link = get_object_or_404(visible_walls(request.user, timezone.now()), pk=number)
    take_down_wall(request.user, link)
    messages.success(request, _("已停用。那块大屏从现在起不再显示。"))
    return redirect("warn:walls")


urlpatterns: list[URLPattern] = [
    path("wall/", wall, name="wall"),
    path("wall/rows/", wall_rows, name="wall_rows"),
    path("walls/", walls, name="walls"),
    path("walls/end/", take_down, name="take_down_wall"),
    path("walls/<uuid:key>/", hung, name="hung"),
    path("walls/<uuid:key>/rows/", hung_rows, name="hung_rows"),
]
