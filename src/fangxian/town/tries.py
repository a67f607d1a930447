"""How often somebody may try to sign in: by account, by address, on a device that is known.

An account locks after five failures (settings), whoever made them. So that a stranger who fails on
purpose cannot keep a colleague out, a browser on which that colleague signed in before has a count
of its own: it carries a signed cookie, and only its own five failures lock it (OWASP, "Slow Down
Online Guessing Attacks with Device Cookies").

Trying one password with every account locks none of them; so an address has a limit, too. A whole
town hall stands behind one address: on the Monday after an announcement one in five of 45
colleagues may mistype three times, 27 failures in a quarter of an hour. Thirty is above that, and
less than one guess an account. Browsers that are known are neither counted nor stopped by it.
"""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
from datetime import timedelta
from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.db import transaction
from django.db.models import Q, Sum
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from . import audit
from .models import Staff

FROM_ADDRESS = 30
WINDOW = timedelta(minutes=15)
COOKIE = "fangxian_devices"
COOKIE_DAYS = 60
# A duty room shares one computer: the last colleagues who signed in there.
COLLEAGUES_A_DEVICE = 8
# Between account and device in what axes counts by; no account has it in its name.
MARK = "#"


def address_of(request: HttpRequest) -> str | None:
    """Where the request comes from: what our own proxy saw, never what the caller claims.

    With n proxies of ours (FANGXIAN_PROXIES) the n-th hop from the right is the first that one of
    them wrote. An IPv6 line has 2**64 addresses: the line counts, not the address.
    """
    said: str = request.META.get("HTTP_X_FORWARDED_FOR", "")
    hops = [hop.strip() for hop in said.split(",") if hop.strip()]
    proxies: int = settings.AXES_IPWARE_PROXY_COUNT
    seen = hops[-proxies] if 0 < proxies <= len(hops) else request.META.get("REMOTE_ADDR", "")
    try:
        address = ipaddress.ip_address(seen)
    except ValueError:
        return None
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False).network_address)
    return str(address)


def counted_as(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str | None:
    """What axes counts a failure by: the account, or the account on this known device."""
    given = (credentials or {}).get("username") or request.POST.get("username")
    if not given:
        return None
    username = str(given).strip().lower().replace(MARK, "")
    device = _device_of(request, username)
    return f"{username}{MARK}{device}" if device else username


def account_of(counted: str) -> str:
    """The account in what `counted_as` gave."""
    return counted.partition(MARK)[0]


def crowded(request: HttpRequest, username: str) -> bool:
    """Whether too many tries failed at this address, and this browser is not known for the account.

    Written down once a quarter of an hour: who goes on trying must not fill the audit chain.
    """
    address = address_of(request)
    if address is None or _device_of(request, username):
        return False
    failed = (
        AccessAttempt.objects.filter(ip_address=address, attempt_time__gte=timezone.now() - WINDOW)
        .exclude(username__contains=MARK)
        .aggregate(all=Sum("failures_since_start"))["all"]
    )
    if (failed or 0) < FROM_ADDRESS:
        return False
    mark = hashlib.sha256(address.encode()).hexdigest()[:24]
    if cache.add(f"crowded:{mark}", 1, WINDOW.total_seconds()):
        with transaction.atomic():
            audit.record("visitor", "address_limited")
    return True


def forget(username: str) -> None:
    """Part of other actions: the failures of an account are forgotten, on every device."""
    AccessAttempt.objects.filter(
        Q(username=username) | Q(username__startswith=username + MARK)
    ).delete()


def remember(request: HttpRequest, response: HttpResponse, staff: Staff) -> HttpResponse:
    """`response` carries the mark of a browser on which `staff` signed in with all factors.

    The mark opens nothing; it ends with the password, and after 60 days without signing in.
    """
    others = [kept for kept in _kept(request) if kept[0] != staff.pk]
    marks = [[staff.pk, secrets.token_hex(8), _stamp(staff)], *others][:COLLEAGUES_A_DEVICE]
    response.set_cookie(
        COOKIE,
        signing.dumps(marks, salt=COOKIE),
        max_age=COOKIE_DAYS * 86400,
        path="/town/",
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )
    return response


def _device_of(request: HttpRequest, username: str) -> str:
    """The random number of this browser for the account; empty for one that is not known."""
    known: dict[str, str] | None = getattr(request, "_fangxian_devices", None)
    if known is None:
        known = _known(request)
        request._fangxian_devices = known  # type: ignore[attr-defined]
    return known.get(username, "")


def _known(request: HttpRequest) -> dict[str, str]:
    kept = {pk: (device, stamp) for pk, device, stamp in _kept(request)}
    people = Staff.objects.filter(pk__in=kept, is_active=True) if kept else ()
    return {p.username: kept[p.pk][0] for p in people if kept[p.pk][1] == _stamp(p)}


def _kept(request: HttpRequest) -> list[list[Any]]:
    try:
        marks: list[list[Any]] = signing.loads(
            request.COOKIES.get(COOKIE, ""), salt=COOKIE, max_age=COOKIE_DAYS * 86400
        )
    except signing.BadSignature:
        return []
    return marks


def _stamp(staff: Staff) -> str:
    """Changes with the password."""
    return staff.get_session_auth_hash()[:16]
