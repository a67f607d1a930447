"""How often somebody may guess a code, without keeping who asked or what.

Arithmetic: 45 colleagues have a code among a million. Forty wrong tries a day from one address hit
one of them once in about 550 days (1 / (40 * 45 / 1_000_000)), and a code dies at midnight. Behind
one address stands often a whole village (the carrier's shared address), so one browser is stopped
long before its neighbours are. What is kept, for a quarter of an hour or until the day is over, is
a count under a keyed hash whose key is new every day: no address, no code, nothing about anyone.
The count lives in the cache of the web process: with several of them (FANGXIAN_WEB_PROCESSES) each
counts for itself.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

QUARTER = 15 * 60
DAY = 24 * 3600
# Wrong tries: of one browser, of one address; in a quarter of an hour, in a day.
OF_BROWSER = 10
OF_ADDRESS = 20
OF_ADDRESS_A_DAY = 40
COOKIE = "fangxian_tries"


@dataclass(frozen=True)
class Count:
    """One count of wrong tries: where it is kept, how many are too many, how long it lasts."""

    key: str
    most: int
    seconds: int


class Tries:
    """The wrong tries that count against one request."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        try:
            known = request.get_signed_cookie(COOKIE)
        except (KeyError, BadSignature):
            known = None
        self._browser: str = known or secrets.token_hex(8)
        browser, address = _mark(self._browser), _mark(address_of(request))
        self._counts = (
            Count(f"caller:b:{browser}", OF_BROWSER, QUARTER),
            Count(f"caller:a:{address}", OF_ADDRESS, QUARTER),
            Count(f"caller:d:{address}", OF_ADDRESS_A_DAY, DAY),
        )

    def too_many(self) -> bool:
        """Whether to answer no more codes for now."""
        return any(cache.get(c.key, 0) >= c.most for c in self._counts)

    def note_wrong(self, answer: HttpResponse) -> None:
        """Count one wrong try; `answer` carries the browser's mark (a random number)."""
        for count in self._counts:
            cache.add(count.key, 0, count.seconds)
            try:
                cache.incr(count.key)
            except ValueError:  # it ran out between the two lines
                cache.set(count.key, 1, count.seconds)
        answer.set_signed_cookie(
            COOKIE, self._browser, max_age=QUARTER, httponly=True, samesite="Lax",
            secure=self._request.is_secure(),
        )  # fmt: skip


def address_of(request: HttpRequest) -> str:
    """Where the request comes from: what our own proxy saw, never what the caller claims.

    With n proxies of ours (FANGXIAN_PROXIES) the n-th hop from the right is the first that one of
    them wrote. An IPv6 line has 2**64 addresses: the line counts, not the address.
    """
    proxies: int = settings.AXES_IPWARE_PROXY_COUNT
    said: str = request.META.get("HTTP_X_FORWARDED_FOR", "")
    hops = [hop.strip() for hop in said.split(",") if hop.strip()]
    seen: str = request.META.get("REMOTE_ADDR", "")
    if 0 < proxies <= len(hops):
        seen = hops[-proxies]
    try:
        address = ipaddress.ip_address(seen)
    except ValueError:
        return seen
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def _mark(text: str) -> str:
    """A keyed hash whose key changes every day: tomorrow nobody can tell who it was."""
    key = f"{settings.SECRET_KEY}|{timezone.localdate().isoformat()}".encode()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:24]
