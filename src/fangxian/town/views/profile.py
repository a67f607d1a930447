"""One's own pages: profile, password, second factor, sessions."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import TypeVar

import pyotp
import segno
from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from fangxian.town import actions, tries
from fangxian.town.access import StaffRequest, duties_in_force, signed_in
from fangxian.town.codes import SPEAKING_ROLES, code_of
from fangxian.town.models import SignIn, Staff
from fangxian.town.sealed import seal, unseal
from fangxian.town.signin import (
    LockedOut,
    locked_out,
    proving,
    renew_session,
    second_factor_required,
)

T = TypeVar("T")
_OFFERED = "session.enrolling"


class PasswordForm(forms.Form):
    old = forms.CharField(
        label=_l("原密码"),
        strip=False,
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new = forms.CharField(
        label=_l("新密码"),
        strip=False,
        max_length=128,
        help_text=_l("至少 12 个字符。几个不相干的词连在一起，又好记又难猜；不要求大小写和符号。"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_l("再输一遍新密码"),
        strip=False,
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_again(self) -> str:
        again: str = self.cleaned_data["again"]
        if again != self.cleaned_data.get("new"):
            raise forms.ValidationError(_("两次输入的新密码不一样。"))
        return again


def _password_field() -> forms.CharField:
    return forms.CharField(
        label=_l("登录密码"),
        strip=False,
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class ProofForm(forms.Form):
    """Password and code, asked for anew: an open session alone must not be enough."""

    password = _password_field()
    code = forms.CharField(
        label=_l("验证码或备用码"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}),
    )


class EnrolForm(forms.Form):
    password = _password_field()
    code = forms.CharField(
        label=_l("验证器显示的六位数字"),
        max_length=10,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


@signed_in
def profile(request: StaffRequest) -> HttpResponse:
    """Who I am, what I answer for, where I am signed in."""
    staff, now = request.user, timezone.now()
    duties = duties_in_force(staff, now)
    speaks = any(duty.role in SPEAKING_ROLES for duty in duties)
    context = {
        "staff": staff,
        "duties": duties,
        "code": code_of(staff, timezone.localdate()) if speaks else "",
        "sessions": SignIn.objects.filter(staff=staff),
        "here": request.session.session_key,
        "recovery_left": staff.recovery_codes.filter(used_at=None).count(),
        "renewing": ProofForm(auto_id="renew_%s"),
        "dropping": ProofForm(auto_id="drop_%s"),
    }
    return render(request, "town/profile.html", context)


@signed_in
@sensitive_post_parameters()
def change_password(request: StaffRequest) -> HttpResponse:
    """A new password of one's own; all other sessions end."""
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        here, facts = request.session.session_key or "", form.cleaned_data
        try:
            proving(
                request,
                request.user,
                lambda: actions.change_password(request.user, facts["old"], facts["new"], here),
            )
        except LockedOut as lock:
            return locked_out(request, credentials=lock.credentials)
        except actions.WrongPassword as wrong:
            form.add_error("old", str(wrong))
        except actions.Refused as refused:
            form.add_error("new", str(refused))
        else:
            renew_session(request, request.user)
            messages.success(request, _("密码已更换，其他地方的登录已退出。"))
            return tries.remember(request, redirect("town:profile"), request.user)
    context = {"form": form, "first": request.user.must_change_password}
    return render(request, "town/change_password.html", context)


@signed_in
def enrol(request: StaffRequest) -> HttpResponse:
    """Tie an authenticator app to the account: scan, prove, keep the recovery codes."""
    staff = request.user
    if staff.totp_secret:
        return redirect("town:profile")
    secret = _secret_of(request)
    form = EnrolForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        here, facts = request.session.session_key or "", form.cleaned_data
        try:
            codes = proving(
                request,
                staff,
                lambda: actions.enrol_second_factor(
                    staff, facts["password"], secret, facts["code"].strip(), here
                ),
            )
        except LockedOut as lock:
            return locked_out(request, credentials=lock.credentials)
        except actions.WrongPassword as wrong:
            form.add_error("password", str(wrong))
        except actions.Refused as refused:
            form.add_error("code", str(refused))
        else:
            del request.session["enrolling"]
            request.session["second_factor"] = True
            return render(request, "town/recovery_codes.html", {"codes": codes})
    uri = pyotp.TOTP(secret).provisioning_uri(name=staff.username, issuer_name="Fangxian")
    context = {
        "form": form,
        "picture": segno.make(uri, error="m").svg_data_uri(scale=5, border=2),
        "secret": " ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
        "required": second_factor_required(),
    }
    return render(request, "town/enrol.html", context)


def _secret_of(request: StaffRequest) -> str:
    """The secret offered in this session: the same at every try, sealed while it waits there."""
    kept = request.session.get("enrolling")
    if kept is None:
        kept = base64.b64encode(seal(pyotp.random_base32(), _OFFERED)).decode()
        request.session["enrolling"] = kept
    return unseal(base64.b64decode(kept), _OFFERED)


@signed_in
@require_POST
@sensitive_post_parameters()
def drop_second_factor(request: StaffRequest) -> HttpResponse:
    """The old telephone's last code, then on to the new one."""
    done = _with_proof(request, actions.drop_second_factor)
    return done if isinstance(done, HttpResponse) else redirect("town:enrol")


@signed_in
@require_POST
@sensitive_post_parameters()
def recovery_codes(request: StaffRequest) -> HttpResponse:
    """Ten new recovery codes in place of the old ones."""
    if not request.user.totp_secret:
        return redirect("town:enrol")
    codes = _with_proof(request, actions.renew_recovery_codes)
    if isinstance(codes, HttpResponse):
        return codes
    return render(request, "town/recovery_codes.html", {"codes": codes})


def _with_proof(request: StaffRequest, act: Callable[[Staff, str, str], T]) -> T | HttpResponse:
    """What `act` gives after password and code, or the page that says why not."""
    form, staff = ProofForm(request.POST), request.user
    if not form.is_valid():
        messages.error(request, _("请输入登录密码和验证码。"))
        return redirect("town:profile")
    facts = form.cleaned_data
    try:
        return proving(request, staff, lambda: act(staff, facts["password"], facts["code"]))
    except LockedOut as lock:
        return locked_out(request, credentials=lock.credentials)
    except actions.WrongPassword as wrong:
        messages.error(request, str(wrong))
        return redirect("town:profile")


@signed_in
@require_POST
def end_own_session(request: StaffRequest, pk: int) -> HttpResponse:
    actions.end_session(request.user, get_object_or_404(SignIn, pk=pk, staff=request.user))
    messages.success(request, _("已在那台设备上退出。"))
    return redirect("town:profile")


@signed_in
@require_POST
def end_other_sessions(request: StaffRequest) -> HttpResponse:
    here = request.session.session_key or ""
    ended = actions.sign_out_everywhere(request.user, request.user, but=here)
    messages.success(request, _("已退出其他 %(count)d 处登录。") % {"count": ended})
    return redirect("town:profile")


urlpatterns: list[URLPattern] = [
    path("me/", profile, name="profile"),
    path("me/password/", change_password, name="change_password"),
    path("me/second-factor/", enrol, name="enrol"),
    path("me/second-factor/drop/", drop_second_factor, name="drop_second_factor"),
    path("me/recovery-codes/", recovery_codes, name="recovery_codes"),
    path("me/sessions/<int:pk>/end/", end_own_session, name="end_own_session"),
    path("me/sessions/end-others/", end_other_sessions, name="end_other_sessions"),
]
