"""Pages of the duty tree: the picture, what is wrong with it, and the duties one by one."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from fangxian.town import actions
from fangxian.town.access import Ability, StaffRequest, access_of, needs, visible_places
from fangxian.town.actions.duty_rules import appoints
from fangxian.town.days import day_of
from fangxian.town.models import Department, Duty, Place, Role, Staff
from fangxian.town.queries import duty_tree, gaps_and_overlaps
from fangxian.town.queries.duties import colleagues, visible_duties
from fangxian.town.queries.picture import gaps_in, tree_option, tree_rows

from .fields import DayField, PlaceField, StaffField

# How far ahead the page looks for gaps and overlaps.
AHEAD = timedelta(days=28)
DUTIES_A_PAGE = 60


def midnight(day: date) -> datetime:
    """The beginning of a local day."""
    return datetime.combine(day, time(), tzinfo=timezone.get_default_timezone())


class DutyForm(forms.Form):
    """A duty from a day (inclusive) to a day (exclusive); without an end it goes on."""

    staff = StaffField(label=_l("谁"), queryset=Staff.objects.none())
    role = forms.ChoiceField(label=_l("角色"))
    place = PlaceField(label=_l("负责哪里"), queryset=Place.objects.none())
    leads = forms.ModelChoiceField(
        label=_l("分管科室"),
        queryset=Department.objects.all(),
        required=False,
        empty_label=_l("不分管（主要领导，或不是领导）"),
    )
    starts_on = DayField(label=_l("从哪天起"), required=False)
    ends_on = DayField(label=_l("到哪天止"), required=False, help_text=_l("这一天不再负责。"))

    def __init__(self, *args: Any, by: Staff, **kw: Any) -> None:
        super().__init__(*args, **kw)
        fields: Any = self.fields
        access = access_of(by)
        roles = [(r.value, r.label) for r in Role if access.may(appoints(r))]
        fields["role"].choices = roles
        area = Ability.EDIT_DUTIES if access.may(Ability.EDIT_DUTIES) else Ability.EDIT_STAFF
        fields["place"].queryset = (
            visible_places(by, area).select_related("parent").order_by("code")
        )
        fields["staff"].queryset = colleagues(by)

    def facts(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        starts, ends = data.pop("starts_on"), data.pop("ends_on")
        today = timezone.localdate()
        # From today means from now: a duty given at noon did not hold in the morning.
        data["starts_at"] = midnight(starts) if starts and starts != today else None
        data["ends_at"] = midnight(ends) if ends else None
        return data


class HandOverForm(forms.Form):
    to = StaffField(
        label=_l("交接给"),
        queryset=Staff.objects.none(),
        required=False,
        empty_label=_l("不交接，只结束"),
    )
    on = DayField(label=_l("从哪天起"), required=False, help_text=_l("不填就是现在。"))

    def __init__(self, *args: Any, duty: Duty, by: Staff, **kw: Any) -> None:
        super().__init__(*args, **kw)
        to: Any = self.fields["to"]
        to.queryset = colleagues(by).exclude(pk=duty.staff_id)


@needs(Ability.SEE_DUTIES)
def tree(request: StaffRequest) -> HttpResponse:
    """The tree 领导带科室包社区 as of a day, and its gaps and overlaps in the four weeks after."""
    day = _day(request.GET.get("on", ""))
    at = timezone.now() if day == timezone.localdate() else midnight(day)
    drawn = duty_tree(at, request.user)
    holes, doubled = gaps_and_overlaps(at, at + AHEAD, request.user)
    context = {
        "day": day,
        "until": day + AHEAD,
        "option": tree_option(drawn, {g.place.code: g.when for g in holes if g.starts > at}),
        "rows": tree_rows(drawn),
        "holes": gaps_in(drawn),
        "gaps": holes,
        "overlaps": doubled,
        "may_appoint": _may_appoint(request.user),
    }
    return render(request, "town/duty_tree.html", context)


@needs(Ability.SEE_DUTIES)
def duties(request: StaffRequest) -> HttpResponse:
    """Duties in force and to come, by place; `?ended=1` shows those that ended, too."""
    ended, role = request.GET.get("ended") == "1", request.GET.get("role", "")
    rows = visible_duties(request.user, ended=ended)
    if role in Role.values:
        rows = rows.filter(role=role)
    context = {
        "page": Paginator(rows, DUTIES_A_PAGE).get_page(request.GET.get("page")),
        "roles": Role.choices,
        "role": role,
        "ended": ended,
        "now": timezone.now(),
        "may_appoint": _may_appoint(request.user),
    }
    return render(request, "town/duties.html", context)


@needs(Ability.SEE_DUTIES)
def duty(request: StaffRequest, pk: int) -> HttpResponse:
    """One duty; ended or handed over by those who may appoint to it."""
    held = get_object_or_404(visible_duties(request.user, ended=True), pk=pk)
    needed = appoints(held.role)
    may_edit = access_of(request.user).may(needed, held.place.code)
    form = HandOverForm(request.POST or None, duty=held, by=request.user)
    if request.method == "POST":
        if not may_edit:
            raise PermissionDenied(needed)
        if form.is_valid():
            day, to = form.cleaned_data["on"], form.cleaned_data["to"]
            at = midnight(day) if day and day > timezone.localdate() else None
            try:
                if to is None:
                    actions.end_duty(request.user, held, at)
                    messages.success(request, _("职责的结束时间已登记。"))
                else:
                    actions.hand_over(request.user, held, to, at)
                    messages.success(request, _("已交接给%(name)s。") % {"name": to.name})
                return redirect("town:duties")
            except actions.Refused as refused:
                form.add_error(None, str(refused))
    context = {"duty": held, "form": form, "may_edit": may_edit, "now": timezone.now()}
    return render(request, "town/duty.html", context)


@needs(Ability.SEE_DUTIES)
def duty_new(request: StaffRequest) -> HttpResponse:
    """Give somebody a duty: clerks and leaders for the work, security for administrators."""
    if not _may_appoint(request.user):
        raise PermissionDenied(Ability.EDIT_DUTIES)
    form = DutyForm(request.POST or None, by=request.user, initial=request.GET.dict())
    if request.method == "POST" and form.is_valid():
        try:
            actions.give_duty(request.user, **form.facts())
        except actions.Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("职责已登记。"))
            return redirect("town:duties")
    return render(request, "town/duty_form.html", {"form": form})


def _may_appoint(who: Staff) -> bool:
    access = access_of(who)
    return access.may(Ability.EDIT_DUTIES) or access.may(Ability.EDIT_STAFF)


def _day(text: str) -> date:
    """A day of the address (2026-11-24), or today."""
    return day_of(text) or timezone.localdate()


urlpatterns: list[URLPattern] = [
    path("duties/", tree, name="duty_tree"),
    path("duties/list/", duties, name="duties"),
    path("duties/new/", duty_new, name="duty_new"),
    path("duties/<int:pk>/", duty, name="duty"),
]
