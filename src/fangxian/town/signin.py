"""Sessions of staff: begun with password and second factor, ended by time, by number, by hand.

Every page passes `SignInMiddleware`; the pages themselves are in views/sign_in.py.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt
from axes.signals import user_locked_out
from django.conf import settings
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.contrib.sessions.models import Session
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from . import audit, tries
from .actions import WrongPassword
from .models import AuditEntry, SignIn, Staff

T = TypeVar("T")
GetResponse = Callable[[HttpRequest], HttpResponse]
BACKEND = "django.contrib.auth.backends.ModelBackend"
# Nobody stays signed in longer than a shift, however busy.
LONGEST_SECONDS = 12 * 3600
# How often "last seen" is written down: a page must not cost a write each.
SEEN_EVERY_SECONDS = 60
# A first password lies in a note or a message until it is used.
FIRST_PASSWORD_LASTS = timedelta(days=7)
# Pages that stay open while a password must be changed or a second factor enrolled.
_FIRST_THINGS = {
    "town:change_password": ("town:change_password", "town:sign_out"),
    "town:enrol": ("town:enrol", "town:sign_out"),
}


class LockedOut(Exception):
    """Too many wrong passwords or codes for an account: nothing more is checked for a while."""

    def __init__(self, username: str) -> None:
        super().__init__()
        self.credentials = {"username": username}


class SignInMiddleware:
    """Ends sessions that are too old or too idle, and lets nobody past an open obligation."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = audit.origin.set(client_hint(request))
        try:
            if request.user.is_authenticated:
                _keep_or_end(request)
            response = self.get_response(request)
            if request.user.is_authenticated and "Cache-Control" not in response.headers:
                # Nothing of a staff page stays behind on a shared computer.
                response["Cache-Control"] = "no-store, private"
            return response
        finally:
            audit.origin.reset(token)

    def process_view(
        self, request: HttpRequest, view: Any, _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        """First things first: change a first password, enrol a second factor."""
        if not isinstance(request.user, Staff) or getattr(view, "ability", "") == "public":
            return None
        first = _first_thing(request, request.user)
        match = request.resolver_match
        if first is None or (match and match.view_name in _FIRST_THINGS[first]):
            return None
        return redirect(first)


def second_factor_required() -> bool:
    """In production everybody needs one; the demo and the tests leave it to each person."""
    return bool(settings.MODE == "production")


def begin_session(request: HttpRequest, staff: Staff) -> None:
    """Sign `staff` in, all factors given."""
    login(request, staff, backend=BACKEND)
    request.session["second_factor"] = True


def renew_session(request: HttpRequest, staff: Staff) -> None:
    """After a new password: this session goes on under a new key."""
    before = request.session.session_key
    update_session_auth_hash(request, staff)
    SignIn.objects.filter(session_key=before).update(session_key=request.session.session_key)


def client_hint(request: HttpRequest) -> str:
    """Browser and system in two words, for the audit chain and the list of sessions. No address."""
    agent = request.headers.get("User-Agent", "")
    browser = _first(agent, ("MicroMessenger", "Edg", "Firefox", "Chrome", "Safari"))
    system = _first(agent, ("HarmonyOS", "Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux"))
    names = {"Edg": "Edge", "MicroMessenger": "WeChat", "Mac OS": "macOS"}
    return " · ".join(names.get(word, word) for word in (browser, system) if word)


def locked_out(
    request: HttpRequest, _response: Any = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """What a locked-out person reads: for how long, and what else they can do (429)."""
    cool_off = timedelta(hours=settings.AXES_COOLOFF_TIME)
    counted = tries.counted_as(request, credentials)
    last = AccessAttempt.objects.filter(username=counted).order_by("-attempt_time").first()
    ends = (last.attempt_time if last else timezone.now()) + cool_off
    minutes = max(1, -int((timezone.now() - ends).total_seconds()) // 60 + 1)
    return _wait(request, minutes, by_address=False)


def crowded_out(request: HttpRequest) -> HttpResponse:
    """What strangers at an address read where too many tries failed (429)."""
    return _wait(request, int(tries.WINDOW.total_seconds()) // 60, by_address=True)


def _wait(request: HttpRequest, minutes: int, by_address: bool) -> HttpResponse:
    context = {"minutes": minutes, "by_address": by_address}
    response = render(request, "town/locked_out.html", context, status=429)
    response["Retry-After"] = str(minutes * 60)
    return response


def proving(request: HttpRequest, staff: Staff, act: Callable[[], T]) -> T:
    """What `act` gives, which asks for the password (and code) anew within a session.

    A wrong one counts as one at sign-in does; the one that locks the account ends the session,
    too: whoever sits there is hardly its owner. Raises WrongPassword, and LockedOut during a lock.
    """
    credentials = {"username": staff.username}
    if not AxesProxyHandler.is_allowed(request, credentials):
        raise LockedOut(staff.username)
    try:
        return act()
    except WrongPassword:
        user_login_failed.send(sender=__name__, request=request, credentials=credentials)
        if getattr(request, "axes_locked_out", False):
            logout(request)
            raise LockedOut(staff.username) from None
        raise


def first_password_ran_out(staff: Staff) -> bool:
    """Whether what the administrator told `staff` was told more than a week ago.

    The chain knows when; an entry older than the chain is older than a week, too.
    """
    if not staff.must_change_password:
        return False
    told = AuditEntry.objects.filter(
        thing="staff",
        thing_id=str(staff.pk),
        verb__in=("staff_added", "password_reset"),
        at__gt=timezone.now() - FIRST_PASSWORD_LASTS,
    )
    return not told.exists()


def _keep_or_end(request: HttpRequest) -> None:
    now, session = int(time.time()), request.session
    seen, since = session.get("seen", 0), session.get("since", 0)
    idle = now - seen > settings.SESSION_IDLE_SECONDS
    if idle or now - since > LONGEST_SECONDS:
        logout(request)
        request.session["signed_out"] = "idle" if idle else "long"
        return
    # What a page fetches by itself (htmx polls with GET) is not a person at work.
    polled = request.method == "GET" and "HX-Request" in request.headers
    if polled or now - seen < SEEN_EVERY_SECONDS:
        return
    session["seen"] = now
    SignIn.objects.filter(session_key=session.session_key).update(seen_at=timezone.now())


def _first_thing(request: HttpRequest, staff: Staff) -> str | None:
    if staff.must_change_password:
        return "town:change_password"
    if second_factor_required() and not staff.totp_secret:
        return "town:enrol"
    return None


def _first(text: str, words: tuple[str, ...]) -> str:
    return next((word for word in words if re.search(rf"\b{word}", text)), "")


# --- what Django and axes tell us ---------------------------------------------------------------


@receiver(user_logged_in)
def _begun(request: HttpRequest, user: Staff, **_: Any) -> None:
    now = int(time.time())
    request.session["since"] = request.session["seen"] = now
    request.session.save()
    with transaction.atomic():
        SignIn.objects.update_or_create(
            session_key=request.session.session_key,
            defaults={"staff": user, "device": client_hint(request)},
        )
        oldest = list(
            SignIn.objects.filter(staff=user)
            .order_by("-seen_at", "-pk")
            .values_list("session_key", flat=True)[settings.SESSIONS_PER_STAFF :]
        )
        SignIn.objects.filter(session_key__in=oldest).delete()
        Session.objects.filter(session_key__in=oldest).delete()
        audit.record(user, "signed_in", user, ended_others=len(oldest) or None)


@receiver(user_logged_out)
def _ended(request: HttpRequest, user: Staff | None, **_: Any) -> None:
    if user is None:
        return
    with transaction.atomic():
        SignIn.objects.filter(session_key=request.session.session_key).delete()
        audit.record(user, "signed_out", user)


@receiver(user_login_failed)
def _failed(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    """The chain keeps who was tried, as an id: what was typed may be a password."""
    if request is None or _during_lock(request):
        return
    staff = Staff.objects.filter(username=credentials.get("username") or "").first()
    with transaction.atomic():
        if isinstance(request.user, Staff):
            audit.record(request.user, "proof_failed", staff)
        else:
            audit.record("visitor", "sign_in_failed", staff)


@receiver(user_locked_out)
def _locked(request: HttpRequest, username: str, **_: Any) -> None:
    if _during_lock(request):
        return
    staff = Staff.objects.filter(username=tries.account_of(username or "")).first()
    with transaction.atomic():
        audit.record("visitor", "locked_out", staff)


def _during_lock(request: HttpRequest) -> bool:
    """Whether the account was locked before this try: it changes nothing and is not written down,
    or anybody could fill the chain."""
    failures = getattr(request, "axes_failures_since_start", None)
    late = failures is None or failures > settings.AXES_FAILURE_LIMIT
    return bool(getattr(request, "axes_locked_out", False)) and late
