"""Pages of accounts, for the security administrator: people, lock-outs, sessions, tokens."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_POST

from fangxian.town import actions
from fangxian.town.access import Ability, StaffRequest, access_of, needs
from fangxian.town.models import Department, Duty, Staff
from fangxian.town.queries import visible_staff
from fangxian.town.queries.trust import locked_accounts, sessions_of

from .fields import PhonesField


class StaffForm(forms.Form):
    username = forms.CharField(
        label=_l("账号"),
        max_length=40,
        help_text=_l("2-40 位小写字母、数字；以后不能改。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )
    name = forms.CharField(label=_l("姓名"), max_length=40)
    badge = forms.CharField(label=_l("工号"), max_length=20, required=False)
    department = forms.ModelChoiceField(
        label=_l("单位"), queryset=Department.objects.all(), required=False
    )
    work_phone = PhonesField(label=_l("工作电话"), required=False)

    def __init__(self, *args: Any, staff: Staff | None = None, **kw: Any) -> None:
        if staff:
            kw["initial"] = {
                "name": staff.name,
                "badge": staff.badge,
                "department": staff.department_id,
            }
        super().__init__(*args, **kw)
        if staff:
            del self.fields["username"]
            if staff.work_phone:
                self.fields["work_phone"].help_text = _("现为 %(masked)s；不填则不改。") % {
                    "masked": staff.work_phone
                }

    def facts(self) -> dict[str, Any]:
        """The cleaned values; a phone that was left empty is left out."""
        facts = dict(self.cleaned_data)
        numbers = facts.pop("work_phone")
        return {**facts, "work_phone": numbers[0]} if numbers else facts


class DepartmentForm(forms.Form):
    name = forms.CharField(label=_l("名称"), max_length=60)
    kind = forms.ChoiceField(label=_l("类别"), choices=Department.Kind.choices)


@needs(Ability.EDIT_STAFF)
def staff(request: StaffRequest) -> HttpResponse:
    """Everybody with an account here; add bodies they belong to."""
    form = DepartmentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_department(request.user, **form.cleaned_data)
            messages.success(request, _("单位已添加。"))
            return redirect("town:staff")
        except actions.Refused as refused:
            form.add_error("name", str(refused))
    left = request.GET.get("left") == "1"
    people = visible_staff(request.user, Ability.EDIT_STAFF).filter(is_active=not left).distinct()
    duties = _duties_by_person()
    context = {
        "people": [(person, duties.get(person.pk, [])) for person in people],
        "left": left,
        "locked": {account.username for account in locked_accounts()},
        "form": form,
    }
    return render(request, "town/staff.html", context)


def _duties_by_person() -> dict[int, list[Duty]]:
    found: dict[int, list[Duty]] = {}
    for duty in Duty.objects.at(timezone.now()).select_related("place"):
        found.setdefault(duty.staff_id, []).append(duty)
    return found


@needs(Ability.EDIT_STAFF)
def staff_new(request: StaffRequest) -> HttpResponse:
    """Make an account; its first password is shown once, to be told in person."""
    form = StaffForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made, password = actions.add_staff(request.user, **form.facts())
        except actions.Refused as refused:
            form.add_error(None, str(refused))
        else:
            return render(request, "town/first_password.html", {"member": made, "word": password})
    return render(request, "town/staff_form.html", {"form": form})


def _member(request: StaffRequest, pk: int) -> Staff:
    return get_object_or_404(visible_staff(request.user, Ability.EDIT_STAFF).distinct(), pk=pk)


@needs(Ability.EDIT_STAFF)
def member(request: StaffRequest, pk: int) -> HttpResponse:
    """One account: facts, duties, sessions, and what the administrator can do about it."""
    person = _member(request, pk)
    form = StaffForm(request.POST or None, staff=person)
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_staff(request.user, person, **form.facts())
            messages.success(request, _("已更正。"))
            return redirect("town:member", pk)
        except actions.Refused as refused:
            form.add_error(None, str(refused))
    context = {
        "member": person,
        "form": form,
        "duties": person.duties.select_related("place", "leads").order_by("-starts_at"),
        "sessions": person.sign_ins.all(),
        "locked": any(a.username == person.username for a in locked_accounts()),
        "now": timezone.now(),
    }
    return render(request, "town/member.html", context)


@needs(Ability.EDIT_STAFF)
@require_POST
def member_act(request: StaffRequest, pk: int, verb: str) -> HttpResponse:
    """One of the administrator's verbs on one account."""
    person = _member(request, pk)
    try:
        if verb == "reset-password":
            word = actions.reset_password(request.user, person)
            return render(request, "town/first_password.html", {"member": person, "word": word})
        done = _VERBS[verb]
        done[0](request.user, person)
        messages.success(request, str(done[1]))
    except actions.Refused as refused:
        messages.error(request, str(refused))
    return redirect("town:member", pk)


_VERBS: dict[str, tuple[Any, Any]] = {
    "unlock": (actions.unlock, _l("已解锁。")),
    "reset-second-factor": (actions.reset_second_factor, _l("下次登录时须重新绑定验证器。")),
    "sign-out": (actions.sign_out_everywhere, _l("已在所有设备上退出。")),
    "retire": (actions.retire_staff, _l("账号已停用，职责已结束。")),
    "readmit": (actions.readmit_staff, _l("账号已恢复，请重新安排职责。")),
}


@needs(Ability.EDIT_STAFF)
def sessions(request: StaffRequest) -> HttpResponse:
    """Who is signed in now, who is locked out."""
    people = visible_staff(request.user, Ability.EDIT_STAFF)
    context = {
        "sessions": sessions_of(people),
        "locked": [a for a in locked_accounts() if a.staff is None or a.staff in set(people)],
        "may_end": access_of(request.user).may(Ability.EDIT_STAFF),
    }
    return render(request, "town/sessions.html", context)


urlpatterns: list[URLPattern] = [
    path("staff/", staff, name="staff"),
    path("staff/new/", staff_new, name="staff_new"),
    path("staff/<int:pk>/", member, name="member"),
    *[
        path(f"staff/<int:pk>/{verb}/", member_act, {"verb": verb}, name=f"member_{verb}")
        for verb in ("reset-password", *_VERBS)
    ],
    path("sessions/", sessions, name="sessions"),
]
