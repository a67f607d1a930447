"""Pages of the roster: who is away and who stands in, who is on shift this week."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_POST

from fangxian.town import actions
from fangxian.town.access import Ability, StaffRequest, access_of, needs, signed_in
from fangxian.town.days import day_of
from fangxian.town.models import Shift, Staff
from fangxian.town.queries import visible_staff
from fangxian.town.queries.duties import colleagues, visible_absences, visible_shifts

from .duties import midnight
from .fields import DayField, StaffField, TimeOfDayInput


class AbsenceForm(forms.Form):
    """Days away, the first and the last included."""

    staff = StaffField(label=_l("谁请假"), queryset=Staff.objects.none())
    first = DayField(label=_l("第一天"))
    last = DayField(label=_l("最后一天"))
    stand_in = StaffField(
        label=_l("谁替班"),
        queryset=Staff.objects.none(),
        required=False,
        empty_label=_l("无人替班（工作会转给上一级）"),
    )
    reason = forms.CharField(
        label=_l("事由"),
        max_length=60,
        required=False,
        help_text=_l("不必写病情，一年后自动清空。"),
    )

    def __init__(self, *args: Any, by: Staff, **kw: Any) -> None:
        super().__init__(*args, **kw)
        fields: Any = self.fields
        mine = Q(pk=by.pk)
        for ability in (Ability.EDIT_DUTIES, Ability.EDIT_STAFF):
            people = visible_staff(by, ability).filter(is_active=True)
            mine |= Q(pk__in=people.order_by().values("pk"))
        fields["staff"].queryset = Staff.objects.filter(mine).select_related("department")
        fields["staff"].initial = by.pk
        fields["stand_in"].queryset = colleagues(by)

    def clean_last(self) -> date:
        last: date = self.cleaned_data["last"]
        first = self.cleaned_data.get("first")
        if first and last < first:
            raise forms.ValidationError(_("最后一天不能早于第一天。"))
        return last


class ShiftForm(forms.Form):
    """The same hours on some days of one week; an end before the beginning is next morning."""

    staff = StaffField(label=_l("谁值班"), queryset=Staff.objects.none())
    days = forms.MultipleChoiceField(label=_l("哪几天"), widget=forms.CheckboxSelectMultiple)
    begins = forms.TimeField(label=_l("从"), initial=time(8), widget=TimeOfDayInput)
    ends = forms.TimeField(label=_l("到"), initial=time(20), widget=TimeOfDayInput)

    def __init__(self, *args: Any, by: Staff, week: list[date], **kw: Any) -> None:
        super().__init__(*args, **kw)
        fields: Any = self.fields
        people = visible_staff(by, Ability.EDIT_DUTIES).exclude(duties=None)
        fields["staff"].queryset = people.filter(is_active=True).distinct()
        fields["days"].choices = [(d.isoformat(), _short_day(d)) for d in week]

    def shifts(self) -> list[tuple[Staff, datetime, datetime]]:
        data, zone = self.cleaned_data, timezone.get_default_timezone()
        planned = []
        for text in data["days"]:
            day = date.fromisoformat(text)
            overnight = timedelta(days=data["ends"] <= data["begins"])
            planned.append(
                (
                    data["staff"],
                    datetime.combine(day, data["begins"], tzinfo=zone),
                    datetime.combine(day + overnight, data["ends"], tzinfo=zone),
                )
            )
        return planned


@signed_in
def absences(request: StaffRequest) -> HttpResponse:
    """One's own absences, and those of one's area; note a new one."""
    form = AbsenceForm(request.POST or None, by=request.user)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            actions.note_absence(
                request.user,
                data["staff"],
                midnight(data["first"]),
                midnight(data["last"] + timedelta(days=1)),
                data["stand_in"],
                data["reason"],
            )
        except actions.Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("请假已登记。"))
            return redirect("town:absences")
    rows = list(visible_absences(request.user))
    editable = {a.pk for a in rows if a.staff_id == request.user.pk}
    access = access_of(request.user)
    if access.may(Ability.EDIT_DUTIES) or access.may(Ability.EDIT_STAFF):
        editable = {a.pk for a in rows}
    context = {
        "form": form,
        "absences": rows,
        "editable": editable,
        "now": timezone.now(),
        "sees_duties": access_of(request.user).may(Ability.SEE_DUTIES),
    }
    return render(request, "town/absences.html", context)


@signed_in
@require_POST
def absence_end(request: StaffRequest, pk: int) -> HttpResponse:
    """Back early, or it never came to it."""
    try:
        actions.end_absence(request.user, get_object_or_404(visible_absences(request.user), pk=pk))
        messages.success(request, _("已结束请假。"))
    except actions.Refused as refused:
        messages.error(request, str(refused))
    return redirect("town:absences")


@needs(Ability.SEE_DUTIES)
def shifts(request: StaffRequest) -> HttpResponse:
    """One week as a grid: people down, days across."""
    week = _week(request.GET.get("on", ""))
    may_plan = access_of(request.user).may(Ability.EDIT_DUTIES)
    form = ShiftForm(request.POST or None, by=request.user, week=week) if may_plan else None
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            actions.plan_shifts(request.user, form.shifts())
        except actions.Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("班次已排好。"))
            return redirect(f"{request.path}?on={week[0].isoformat()}")
    rows = visible_shifts(request.user, midnight(week[0]), midnight(week[-1] + timedelta(days=1)))
    by_person: dict[Staff, dict[date, list[Shift]]] = defaultdict(lambda: defaultdict(list))
    for shift in rows:
        by_person[shift.staff][timezone.localtime(shift.starts_at).date()].append(shift)
    context = {
        "week": [(d, _short_day(d)) for d in week],
        "today": timezone.localdate(),
        "people": [
            (person, [(_short_day(d), days.get(d, [])) for d in week])
            for person, days in by_person.items()
        ],
        "form": form,
        "before": week[0] - timedelta(days=7),
        "after": week[0] + timedelta(days=7),
    }
    return render(request, "town/shifts.html", context)


@needs(Ability.EDIT_DUTIES)
@require_POST
def shift_drop(request: StaffRequest, pk: int) -> HttpResponse:
    planned = get_object_or_404(
        visible_shifts(request.user).filter(
            staff__in=visible_staff(request.user, Ability.EDIT_DUTIES).values("pk")
        ),
        pk=pk,
    )
    on = timezone.localtime(planned.starts_at).date().isoformat()
    actions.drop_shift(request.user, planned)
    messages.success(request, _("班次已取消。"))
    return redirect(f"{redirect('town:shifts')['Location']}?on={on}")


def _week(text: str) -> list[date]:
    """The seven days, Monday first, around a day of the address, or around today."""
    day = day_of(text) or timezone.localdate()
    monday = day - timedelta(days=day.weekday())
    return [monday + timedelta(days=n) for n in range(7)]


def _short_day(day: date) -> str:
    """周一 11/24, or Mon Nov 24."""
    names = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))
    on = formats.date_format(day, _("n/j"))
    return f"{names[day.weekday()]} {on}"


urlpatterns: list[URLPattern] = [
    path("absences/", absences, name="absences"),
    path("absences/<int:pk>/end/", absence_end, name="absence_end"),
    path("shifts/", shifts, name="shifts"),
    path("shifts/<int:pk>/drop/", shift_drop, name="shift_drop"),
]
