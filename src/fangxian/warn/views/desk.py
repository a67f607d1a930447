"""Pages of the desk: my work, the live board, and what climbed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_POST

from fangxian.town.access import (
    Ability,
    StaffRequest,
    access_of,
    needs,
    signed_in,
    visible_places,
)
from fangxian.town.models import Level, Staff
from fangxian.warn.actions.alarms import see_alarm
from fangxian.warn.actions.errors import Refused
from fangxian.warn.models import Grade, Task
from fangxian.warn.queries import alarms as alarm_queries
from fangxian.warn.queries import board as board_queries
from fangxian.warn.queries import desk as desk_queries
from fangxian.warn.queries.visible import visible_tasks

from . import idle, walls
from .polling import NOTHING_NEW, unchanged

# --- my work ----------------------------------------------------------------------------------


@signed_in
def my_work(request: StaffRequest) -> HttpResponse:
    """What to do now, by what burns."""
    return render(request, "warn/desk_work.html", _work(request))


@signed_in
@idle.says_how_long
def my_work_rows(request: StaffRequest) -> HttpResponse:
    """The list alone, asked for every few seconds; 204 while it has not changed."""
    context = _work(request)
    if unchanged(request, context["work"].version):
        return HttpResponse(status=NOTHING_NEW)
    return render(request, "warn/desk_work_rows.html", context)


def _work(request: StaffRequest) -> dict[str, Any]:
    mine_only = request.GET.get("show") == "mine"
    page = request.GET.get("page", "")
    work = desk_queries.my_work(request.user, timezone.now(), mine_only, page)
    names = {
        "claimed": _("正在办"),
        "climbed": _("超时，升级到我这里"),
        "mine": _("派给我的"),
        "free": _("辖区里还没有人领取"),
    }
    access = access_of(request.user)
    return {
        "work": work,
        "mine_only": mine_only,
        "burning": [(row, names[row.section]) for row in work.burning],
        "sections": [(names[key], work.counts[key], rows) for key, rows in work.sections],
        "query": _narrowed(request).urlencode(),
        "works_here": access.may(Ability.SEE_EPISODES),
        "may_see_board": access.may(Ability.SEE_BOARD),
    }


def _narrowed(request: StaffRequest) -> QueryDict:
    """What the address narrows the page to, without what the screen says it shows."""
    narrowed = request.GET.copy()
    narrowed.pop("v", None)
    return narrowed


# --- the board --------------------------------------------------------------------------------


class FilterForm(forms.Form):
    """A row of filters: every field may be empty, so none says so."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            is_choice = isinstance(field.widget, forms.Select)
            field.widget.attrs["class"] = "form-select" if is_choice else "form-control"


class BoardForm(FilterForm):
    """What the board is narrowed to. Nonsense counts as empty."""

    village = forms.ChoiceField(label=_l("村社区"), required=False)
    grade = forms.TypedChoiceField(
        label=_l("等级"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", _l("全部")), *Grade.choices],
    )
    kind = forms.ChoiceField(
        label=_l("事项"), required=False, choices=[("", _l("全部")), *Task.Kind.choices]
    )

    def __init__(self, *args: Any, by: Staff, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["village"]
        choice.choices = [("", _("全部")), *village_choices(by)]

    def wanted(self) -> board_queries.Wanted:
        self.is_valid()
        return board_queries.Wanted(**{k: v for k, v in self.cleaned_data.items() if v})


def village_choices(who: Staff, ability: Ability = Ability.SEE_EPISODES) -> list[tuple[str, str]]:
    """Villages of the area where `who` holds `ability`: digits of the code, name."""
    villages = visible_places(who, ability).filter(level=Level.VILLAGE).order_by("code")
    return [(village.prefix, village.name) for village in villages]


@needs(Ability.SEE_EPISODES)
def board(request: StaffRequest) -> HttpResponse:
    """The live board of the duty desk."""
    form = BoardForm(request.GET, by=request.user)
    wanted = form.wanted()
    narrowed = wanted != board_queries.Wanted()
    context = {"form": form, "narrowed": narrowed, **_board(request, wanted)}
    return render(request, "warn/board.html", context)


@needs(Ability.SEE_EPISODES)
@idle.says_how_long
def board_rows(request: StaffRequest) -> HttpResponse:
    """The board alone, asked for every second; 204 while it has not changed."""
    context = _board(request, BoardForm(request.GET, by=request.user).wanted())
    if unchanged(request, context["board"].version):
        return HttpResponse(status=NOTHING_NEW)
    return render(request, "warn/board_rows.html", context)


def _board(request: StaffRequest, wanted: board_queries.Wanted) -> dict[str, Any]:
    found = board_queries.board(request.user, timezone.now(), wanted)
    names = {
        "burning": _("已超时"),
        "soon": _("一小时内到期"),
        "held": _("有人在办"),
        "waiting": _("稍后"),
        "routine": _("回访与复核"),
    }
    narrowed = _narrowed(request)
    return {
        "board": found,
        "groups": [(key, names[key], rows) for key, rows in found.groups],
        "query": narrowed.urlencode(),
        "back": reverse("warn:board", query=narrowed),
        "may_assign": access_of(request.user).may(Ability.ASSIGN),
    }


# --- what climbed -----------------------------------------------------------------------------


@needs(Ability.SEE_EPISODES)
def alarms(request: StaffRequest) -> HttpResponse:
    """Clocks that ran out: those that climbed to me and, for who may assign, all of the area."""
    now, who = timezone.now(), request.user
    may_assign = access_of(who).may(Ability.ASSIGN)
    mine = alarm_queries.climbed_to(who, now)
    told = {breach.task.pk for breach in mine}
    area = alarm_queries.breaches(who, now) if may_assign else []
    context = {
        "mine": mine,
        "area": [breach for breach in area if breach.task.pk not in told],
        "ended": alarm_queries.breaches_ended(who, now) if may_assign else [],
        "may_assign": may_assign,
    }
    return render(request, "warn/alarms.html", context)


@require_POST
@needs(Ability.SEE_EPISODES)
def alarm_seen(request: StaffRequest, pk: int) -> HttpResponse:
    """I have seen that this task is late."""
    task = get_object_or_404(visible_tasks(request.user), pk=pk)
    try:
        see_alarm(task, request.user)
        messages.success(request, _("已记下您看到了。任务办完之前时钟照走。"))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("warn:alarms")


urlpatterns: list[URLPattern] = [
    *idle.urlpatterns,
    *walls.urlpatterns,
    path("", my_work, name="my_work"),
    path("rows/", my_work_rows, name="my_work_rows"),
    path("board/", board, name="board"),
    path("board/rows/", board_rows, name="board_rows"),
    path("alarms/", alarms, name="alarms"),
    path("alarms/<int:pk>/seen/", alarm_seen, name="alarm_seen"),
]
