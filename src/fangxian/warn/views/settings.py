"""Pages of the settings: clocks per grade, working hours, days off, and what they mean."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from fangxian.town.access import Ability, StaffRequest, needs
from fangxian.town.days import day_of
from fangxian.town.views.fields import DayField
from fangxian.warn.actions import rules
from fangxian.warn.actions.errors import Refused
from fangxian.warn.clock import CLIMB, RETRY, Clocks, Rota
from fangxian.warn.clock import rules as rules_now
from fangxian.warn.models import DayOff, Grade
from fangxian.warn.queries.clocks import examples

LONGEST_HOLIDAY = timedelta(days=31)
# Parts of a clock that are minutes; the last two may stay empty.
PARTS = ("call", "door", "climb", "retry")
OPTIONAL = ("climb", "retry")
MINUTES = {
    "call": _l("电话（分钟）"),
    "door": _l("上门（分钟）"),
    "climb": _l("升级间隔（分钟）"),
    "retry": _l("再打间隔（分钟）"),
}


class RulesForm(forms.Form):
    """Clocks of the four grades, and the working hours of the week, on one page."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for grade in Grade:
            for part in PARTS:
                minutes = forms.IntegerField(
                    min_value=1, max_value=rules.LONGEST, required=part not in OPTIONAL
                )
                minutes.widget.attrs["inputmode"] = "numeric"
                self.fields[f"{grade.key}_{part}"] = minutes
            self.fields[f"{grade.key}_working"] = forms.BooleanField(required=False)
        for day in WEEKDAYS:
            self.fields[f"works_{day}"] = forms.BooleanField(required=False)
            for part in ("opens", "closes"):
                self.fields[f"{part}_{day}"] = forms.TimeField(
                    required=False, widget=forms.TimeInput({"type": "time"}, format="%H:%M")
                )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for day, name in WEEKDAYS.items():
            if data.get(f"works_{day}") and not (
                data.get(f"opens_{day}") and data.get(f"closes_{day}")
            ):
                self.add_error(None, _("%(day)s：请填上班的开始和结束时间。") % {"day": name})
        if not self.errors:
            said = rules.problems_of_clocks(self.clocks()) + rules.problems_of_hours(self.hours())
            for problem in said:
                self.add_error(None, problem)
        return data

    def clocks(self) -> dict[Grade, rules.ClockTimes]:
        data = self.cleaned_data
        return {
            g: rules.ClockTimes(
                **{f"{part}_minutes": data[f"{g.key}_{part}"] for part in PARTS},
                working_hours_only=data[f"{g.key}_working"],
            )
            for g in Grade
        }

    def hours(self) -> dict[int, tuple[time, time]]:
        data = self.cleaned_data
        return {
            day: (data[f"opens_{day}"], data[f"closes_{day}"])
            for day in WEEKDAYS
            if data[f"works_{day}"]
        }

    def meaning(self) -> Clocks:
        """The clocks as filled in, before anything is saved."""
        made = {grade: times.as_rule(grade) for grade, times in self.clocks().items()}
        return Clocks(made, Rota(self.hours(), Rota.of_town().days_off))

    def grade_rows(self) -> list[tuple[Grade, list[tuple[str, Any]], Any]]:
        """Grade, its minutes with their names, and its tick, for the table."""
        return [
            (
                g,
                [(str(MINUTES[part]), self[f"{g.key}_{part}"]) for part in PARTS],
                self[f"{g.key}_working"],
            )
            for g in Grade
        ]

    def day_rows(self) -> list[tuple[str, Any, Any, Any]]:
        """Weekday and its three fields, for the table."""
        return [
            (str(name), self[f"works_{day}"], self[f"opens_{day}"], self[f"closes_{day}"])
            for day, name in WEEKDAYS.items()
        ]


class DayOffForm(forms.Form):
    """One day off, or a run of them under one name."""

    since = DayField(label=_l("从"))
    until = DayField(label=_l("到"), required=False)
    name = forms.CharField(label=_l("名称，例如国庆节"), max_length=40)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        since, until = data.get("since"), data.get("until")
        if since and until and not since <= until <= since + LONGEST_HOLIDAY:
            self.add_error("until", _("结束日期要不早于开始日期，一次最多 31 天。"))
        return data

    def days(self) -> list[tuple[date, str]]:
        since = self.cleaned_data["since"]
        until = self.cleaned_data["until"] or since
        count = (until - since).days + 1
        return [(since + timedelta(days=n), self.cleaned_data["name"]) for n in range(count)]


def _as_set() -> dict[str, Any]:
    """The rules in force, as initial values of the form."""
    initial: dict[str, Any] = {}
    for grade, rule in rules_now().items():
        initial[f"{grade.key}_call"] = rule.call_minutes
        initial[f"{grade.key}_door"] = rule.door_minutes
        initial[f"{grade.key}_climb"] = rule.climb_minutes or CLIMB[grade]
        initial[f"{grade.key}_retry"] = rule.retry_minutes or RETRY[grade]
        initial[f"{grade.key}_working"] = rule.working_hours_only
    for day, (opens, closes) in Rota.of_town().hours.items():
        initial |= {f"works_{day}": True, f"opens_{day}": opens, f"closes_{day}": closes}
    return initial


@needs(Ability.CONFIGURE)
def settings(request: StaffRequest) -> HttpResponse:
    """Clocks and working hours."""
    form = RulesForm(request.POST or None, initial=_as_set())
    if request.method == "POST" and form.is_valid():
        try:
            rules.set_clocks(request.user, form.clocks())
            rules.set_hours(request.user, form.hours())
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("已保存。新来的预警按新的时限计时，已经在走的时钟不变。"))
            return redirect("warn:settings")
    return _page(request, form, DayOffForm())


def _page(request: StaffRequest, form: RulesForm, day_form: DayOffForm) -> HttpResponse:
    now = timezone.now()
    days = DayOff.objects.filter(day__gte=timezone.localdate())
    shown = form.meaning() if form.is_bound and form.is_valid() else Clocks.now()
    context = {
        "form": form,
        "minutes": MINUTES.values(),
        "day_form": day_form,
        "days": days,
        "examples": examples(shown, now),
    }
    wrong = bool(form.errors or day_form.errors)
    return render(request, "warn/settings.html", context, status=422 if wrong else 200)


@require_POST
@needs(Ability.CONFIGURE)
def preview(request: StaffRequest) -> HttpResponse:
    """What the form, as filled in so far, would mean: a fragment; nothing is saved."""
    form = RulesForm(request.POST)
    valid = form.is_valid()
    shown = examples(form.meaning(), timezone.now()) if valid else []
    return render(request, "warn/settings_preview.html", {"form": form, "examples": shown})


@require_POST
@needs(Ability.CONFIGURE)
def add_days_off(request: StaffRequest) -> HttpResponse:
    """Add a day off, or a run of them."""
    form = DayOffForm(request.POST)
    if not form.is_valid():
        return _page(request, RulesForm(initial=_as_set()), form)
    new = rules.add_days_off(request.user, form.days())
    if new:
        said = ngettext("已加上 %(n)d 天休息日。", "已加上 %(n)d 天休息日。", new)
        messages.success(request, said % {"n": new})
    else:
        messages.info(request, _("这些日子已经是休息日。"))
    return redirect("warn:settings")


@require_POST
@needs(Ability.CONFIGURE)
def drop_day_off(request: StaffRequest) -> HttpResponse:
    """Make a day count again."""
    day = day_of(request.POST.get("day", ""))
    if day is not None:
        rules.drop_day_off(request.user, day)
        messages.success(request, _("%(day)s 不再是休息日。") % {"day": day})
    return redirect("warn:settings")


urlpatterns: list[URLPattern] = [
    path("settings/", settings, name="settings"),
    path("settings/preview/", preview, name="settings_preview"),
    path("settings/days-off/", add_days_off, name="add_days_off"),
    path("settings/days-off/drop/", drop_day_off, name="drop_day_off"),
]
