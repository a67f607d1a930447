"""Pages of the tree of places: codes, dates, and what changes in it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_POST

from fangxian.town import actions
from fangxian.town.access import Ability, StaffRequest, access_of, needs, visible_places
from fangxian.town.models import Duty, Household, Place, Resident

from .fields import DayField, ManyField, PlaceField


class PlaceForm(forms.Form):
    name = forms.CharField(label=_l("名称"), max_length=60)
    code = forms.CharField(
        label=_l("代码"),
        max_length=15,
        required=False,
        help_text=_l("村社区用国家统计局的 12 位代码；网格不填，自动编号。"),
    )
    valid_from = DayField(label=_l("启用日期"), required=False)


class RenameForm(forms.Form):
    name = forms.CharField(label=_l("名称"), max_length=60)


class DatesForm(forms.Form):
    """The first day, and the first day on which it no longer exists."""

    valid_from = DayField(label=_l("启用日期"))
    valid_to = DayField(
        label=_l("计划停用日期"),
        required=False,
        help_text=_l("留空就是不停用；已计划的停用也这样取消。"),
    )


class SplitForm(forms.Form):
    """The name of the new grid, and who goes there."""

    name = forms.CharField(label=_l("新网格名称"), max_length=60)
    households = ManyField(
        label=_l("划到新网格的住户"),
        queryset=Household.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    residents = ManyField(
        label=_l("划到新网格的居民（没有登记住户的）"),
        queryset=Resident.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, place: Place, **kw: Any) -> None:
        super().__init__(*args, **kw)
        # Masked addresses look alike; who lives there tells the doors apart.
        people = Prefetch("residents", Resident.objects.filter(erased_at=None), to_attr="people")
        homes: Any = self.fields["households"]
        homes.queryset = place.households.order_by("pk").prefetch_related(people)
        homes.label_from_instance = lambda home: (
            f"{home.address} {' '.join(str(p) for p in home.people)}"
        )
        alone: Any = self.fields["residents"]
        alone.queryset = place.residents.filter(household=None, erased_at=None).order_by("pk")


class ClosingForm(forms.Form):
    """A day, and for a merger the place that takes over."""

    on = DayField(label=_l("停用日期"), initial=timezone.localdate)
    into = PlaceField(
        label=pgettext_lazy("地点", "并入"),
        queryset=Place.objects.none(),
        required=False,
        empty_label=_l("不并入（只停用空的地区）"),
    )

    def __init__(self, *args: Any, place: Place, choices: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        into: Any = self.fields["into"]
        into.queryset = choices.filter(level=place.level).exclude(pk=place.pk)


@needs(Ability.SEE_PLACES)
def places(request: StaffRequest) -> HttpResponse:
    """The tree of one's area. `?closed=1` shows what no longer exists, too."""
    closed, today = request.GET.get("closed") == "1", timezone.localdate()
    rows: Any = Place.objects.all() if closed else Place.objects.not_closed(today)
    rows = access_of(request.user).within(rows, Ability.SEE_PLACES, "")
    rows = rows.annotate(people=Count("residents", filter=Q(residents__erased_at=None))).order_by(
        "code", "valid_from"
    )
    context = {
        "places": rows,
        "closed": closed,
        "today": today,
        "may_edit": access_of(request.user).may(Ability.EDIT_PLACES),
    }
    return render(request, "town/places.html", context)


@needs(Ability.SEE_PLACES)
def place(request: StaffRequest, pk: int) -> HttpResponse:
    """One place: dates, children, who answers for it; changes for those who may."""
    rows = access_of(request.user).within(Place.objects.all(), Ability.SEE_PLACES, "")
    here = get_object_or_404(rows.select_related("parent"), pk=pk)
    access, today = access_of(request.user), timezone.localdate()
    ended = here.valid_to is not None and here.valid_to <= today
    may_edit = access.may(Ability.EDIT_PLACES, here.code) and not ended
    duties = Duty.objects.none()
    if access.may(Ability.SEE_DUTIES, here.code):
        duties = Duty.objects.at(timezone.now()).filter(place=here).select_related("staff")
    context = {
        "place": here,
        "children": here.children.order_by("code", "valid_from"),
        "duties": duties,
        "may_edit": may_edit,
        "form": PlaceForm(initial={"valid_from": today}),
        "dates": DatesForm(initial={"valid_from": here.valid_from, "valid_to": here.valid_to}),
        "closing": ClosingForm(
            place=here, choices=visible_places(request.user, Ability.EDIT_PLACES)
        ),
    }
    return render(request, "town/place.html", context)


def _mine(request: StaffRequest, pk: int) -> Place:
    """A place that may be changed: one that exists or is planned."""
    rows = Place.objects.not_closed(timezone.localdate()).select_related("parent")
    return get_object_or_404(access_of(request.user).within(rows, Ability.EDIT_PLACES, ""), pk=pk)


def _what_is_wrong(form: forms.Form) -> str:
    """Field by field; the page of the place is shown anew, so that it stands above it."""
    return " ".join(
        _("%(field)s：%(why)s") % {"field": form[name].label, "why": why}
        for name, said in form.errors.items()
        for why in said
    )


@needs(Ability.EDIT_PLACES)
@require_POST
def place_add(request: StaffRequest, pk: int) -> HttpResponse:
    """Make a place below this one."""
    parent, form = _mine(request, pk), PlaceForm(request.POST)
    if form.is_valid():
        try:
            made = actions.add_place(request.user, parent, **form.cleaned_data)
            messages.success(
                request,
                _("已添加%(name)s，代码 %(code)s。") % {"name": made.name, "code": made.code},
            )
        except actions.Refused as refused:
            messages.error(request, str(refused))
    else:
        messages.error(request, _what_is_wrong(form))
    return redirect("town:place", pk)


@needs(Ability.EDIT_PLACES)
@require_POST
def place_rename(request: StaffRequest, pk: int) -> HttpResponse:
    here, form = _mine(request, pk), RenameForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(form.errors["name"][0]))
        return redirect("town:place", pk)
    try:
        actions.rename_place(request.user, here, form.cleaned_data["name"])
        messages.success(request, _("已改名。"))
    except actions.Refused as refused:
        messages.error(request, str(refused))
    return redirect("town:place", pk)


@needs(Ability.EDIT_PLACES)
@require_POST
def place_date(request: StaffRequest, pk: int) -> HttpResponse:
    """Correct the first day; plan a closing or take it back."""
    here, form = _mine(request, pk), DatesForm(request.POST)
    if not form.is_valid():
        messages.error(request, _what_is_wrong(form))
        return redirect("town:place", pk)
    try:
        actions.redate_place(request.user, here, **form.cleaned_data)
        messages.success(request, _("日期已更改。"))
    except actions.Refused as refused:
        messages.error(request, str(refused))
    return redirect("town:place", pk)


@needs(Ability.EDIT_PLACES)
def place_split(request: StaffRequest, pk: int) -> HttpResponse:
    """Make a second grid out of this one: choose who goes there."""
    here = _mine(request, pk)
    # Names and addresses, masked, are for those who see the residents of this grid.
    access_of(request.user).check(Ability.SEE_RESIDENTS, here.code)
    form = SplitForm(request.POST or None, place=here)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.split_place(request.user, here, **form.cleaned_data)
        except actions.Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(
                request,
                _("已拆分出%(name)s，代码 %(code)s。请为它安排网格员。")
                % {"name": made.name, "code": made.code},
            )
            return redirect("town:place", made.pk)
    return render(request, "town/place_split.html", {"place": here, "form": form})


@needs(Ability.EDIT_PLACES)
@require_POST
def place_close(request: StaffRequest, pk: int) -> HttpResponse:
    """Close this place, or merge it into another."""
    here = _mine(request, pk)
    mine = visible_places(request.user, Ability.EDIT_PLACES)
    form = ClosingForm(request.POST, place=here, choices=mine)
    if not form.is_valid():
        messages.error(request, _what_is_wrong(form))
        return redirect("town:place", pk)
    into = form.cleaned_data["into"]
    try:
        if into is None:
            actions.close_place(request.user, here, form.cleaned_data["on"])
            day = form.cleaned_data["on"].isoformat()
            messages.success(
                request, _("%(name)s从 %(day)s 起停用。") % {"name": here.name, "day": day}
            )
        else:
            actions.merge_place(request.user, here, into, form.cleaned_data["on"])
            messages.success(
                request, _("%(old)s已并入%(into)s。") % {"old": here.name, "into": into.name}
            )
    except actions.Refused as refused:
        messages.error(request, str(refused))
    return redirect("town:place", pk)


urlpatterns: list[URLPattern] = [
    path("places/", places, name="places"),
    path("places/<int:pk>/", place, name="place"),
    path("places/<int:pk>/add/", place_add, name="place_add"),
    path("places/<int:pk>/rename/", place_rename, name="place_rename"),
    path("places/<int:pk>/dates/", place_date, name="place_date"),
    path("places/<int:pk>/split/", place_split, name="place_split"),
    path("places/<int:pk>/close/", place_close, name="place_close"),
]
