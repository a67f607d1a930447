"""Pages of signing in: password, second factor, out again; one click in the demo."""

from __future__ import annotations

import time
from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from django import forms
from django.conf import settings
from django.contrib.auth import authenticate, logout
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from fangxian.town import actions, tries
from fangxian.town.access import public
from fangxian.town.models import Duty, Role, Staff
from fangxian.town.signin import (
    begin_session,
    crowded_out,
    first_password_ran_out,
    locked_out,
)

# How long the page that asks for the second factor stays good after the password.
CODE_WITHIN_SECONDS = 300


class SignInForm(forms.Form):
    username = forms.CharField(
        label=_l("账号"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label=_l("密码"),
        strip=False,
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_l("六位验证码"),
        max_length=20,
        help_text=_l("打开手机上的验证器查看；手机不在身边时，可输入一个备用码。"),
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "text", "autofocus": True}
        ),
    )


@public
@never_cache
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    """Account and password. Whoever has a second factor is asked for it next."""
    if request.user.is_authenticated:
        return redirect(_target(request))
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        username = form.cleaned_data["username"].strip().lower()
        if tries.crowded(request, username):
            return crowded_out(request)
        staff = authenticate(request, username=username, password=form.cleaned_data["password"])
        if isinstance(staff, Staff) and first_password_ran_out(staff):
            form.add_error(None, _("初始密码 7 天内有效，现已过期，请安全管理员重新给一个。"))
        elif isinstance(staff, Staff):
            if staff.totp_secret:
                # Not signed in yet: a password alone opens nothing.
                request.session["pending"] = {"staff": staff.pk, "at": int(time.time())}
                return redirect(f"{_code_url()}?{request.GET.urlencode()}")
            target = _target(request)
            begin_session(request, staff)
            return tries.remember(request, redirect(target), staff)
        else:
            form.add_error(None, _("账号或密码不对。连续输错 5 次，账号会锁定 15 分钟。"))
    context = {
        "form": form,
        "signed_out": request.session.pop("signed_out", ""),
        "idle_minutes": settings.SESSION_IDLE_SECONDS // 60,
        "people": demo_people() if settings.DEMO else [],
    }
    return render(request, "town/sign_in.html", context)


@public
@never_cache
def second_factor(request: HttpRequest) -> HttpResponse:
    """The code of the authenticator app, or a recovery code. Wrong codes count as wrong passwords
    do, so that they lock the account, too."""
    pending: dict[str, int] = request.session.get("pending") or {"staff": 0, "at": 0}
    staff = Staff.objects.filter(pk=pending["staff"], is_active=True).first()
    if staff is None or time.time() - pending["at"] > CODE_WITHIN_SECONDS:
        request.session.pop("pending", None)
        return redirect("town:sign_in")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        credentials = {"username": staff.username}
        if not AxesProxyHandler.is_allowed(request, credentials):
            return locked_out(request, credentials=credentials)
        if actions.pass_second_factor(staff, form.cleaned_data["code"]):
            target = _target(request)
            del request.session["pending"]
            begin_session(request, staff)
            return tries.remember(request, redirect(target), staff)
        user_login_failed.send(sender=__name__, request=request, credentials=credentials)
        form.add_error("code", _("验证码不对或已用过。请等下一个验证码出现再输入。"))
    return render(request, "town/second_factor.html", {"form": form})


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session; harmless when it has ended already."""
    logout(request)
    return redirect("town:sign_in")


@public
@require_POST
def demo_sign_in(request: HttpRequest) -> HttpResponse:
    """One click in the demo; this address does not exist elsewhere (checks.py)."""
    wanted = request.POST.get("staff", "")
    staff = get_object_or_404(Staff, pk=int(wanted) if wanted.isdigit() else 0, is_active=True)
    logout(request)
    begin_session(request, staff)
    return redirect("warn:my_work")


def demo_people() -> list[Duty]:
    """The first person of each role, in the order of the roles."""
    first: dict[str, Duty] = {}
    for duty in Duty.objects.filter(staff__is_active=True).select_related("staff", "place"):
        kept = first.get(duty.role)
        if kept is None or duty.staff_id < kept.staff_id:
            first[duty.role] = duty
    return [first[role] for role in Role.values if role in first]


def _code_url() -> str:
    return redirect("town:second_factor")["Location"]


def _target(request: HttpRequest) -> Any:
    """Where to go after signing in: where one came from, on this site only."""
    target = request.GET.get("next", "")
    # What does not begin with "/" Django would take for the name of a page.
    inside = url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure())
    return target if inside and target.startswith("/") else settings.LOGIN_REDIRECT_URL


urlpatterns: list[URLPattern] = [
    path("sign-in/", sign_in, name="sign_in"),
    path("sign-in/code/", second_factor, name="second_factor"),
    path("sign-out/", sign_out, name="sign_out"),
]
if settings.DEMO:
    urlpatterns.append(path("sign-in/demo/", demo_sign_in, name="demo_sign_in"))
