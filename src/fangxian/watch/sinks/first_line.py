"""Warnings into the first line's intake (`POST /api/v1/warnings`), at most 200 in a request.

A warning's reference is its id and how often it was raised. So the first line knows a repeated one,
and takes a raise as a further signal of the same resident, which joins the open episode.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from typing import Any

import httpx

from fangxian.detect.kinds import KINDS, OTHER, Words

from ..alerts import Alert, moment
from ..events import CALL
from ..signals import Book
from .posting import client, posted, said, shown
from .sink import Aside, Refused, Unavailable
from .webhook import raise_id

MOST_AT_ONCE = 200
# As the first line limits them (warn/api.py, WarningIn).
_MOST_NOTE, _MOST_SENDER = 1000, 60
_A_RESIDENT = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_A_NUMBER = re.compile(r"\+?\d{3,15}", re.ASCII)
# The request itself was understood and is wrong; any other 4xx is of the token or the address.
_OF_THE_WARNING = (400, 413, 422)
_NO_TOKEN = 401
_MOST_SIGNALS, _MOST_VERSION = 100, 1_000_000
_A_SIGNAL = re.compile(r"(?!.{61})[^\W\d_]([0-9]{0,4}([^\W\d]|[.-]))*[0-9]{0,4}")
_NO_NUMBER = Words(
    "居民是加密钥的散列值，不是电话号码，无法送到第一道防线",
    "the resident is a keyed hash, no number: the first line could not ring",
)
_NOT_TAKEN = Words("第一道防线没有接收这条预警", "the first line did not take this warning")


class FirstLine:
    """Sends as `sender` with the token of an API key that may take in.

    `address`: of the town's system, such as https://fangxian.example; `book`: whose sentences the
    note is made of.
    """

    def __init__(
        self,
        address: str,
        token: str,
        sender: str,
        book: Book,
        aside: Aside,
        through: httpx.Client | None = None,
    ) -> None:
        if not 0 < len(sender) <= _MOST_SENDER:
            raise ValueError(f"sender: expected 1 to {_MOST_SENDER} characters, got {len(sender)}")
        self._url = address.rstrip("/") + "/api/v1/warnings"
        self._token, self._sender, self._aside = token, sender, aside
        self._says = {signal.name: signal.says.zh for signal in book.signals}
        self._client = through or client()

    def send(self, alerts: Sequence[Alert]) -> None:
        """Raises Unavailable where the first line cannot be reached or does not know the token."""
        numbered = []
        for alert in alerts:
            if _A_RESIDENT.fullmatch(alert.resident):
                numbered.append(alert)
            else:
                self._aside(Refused(alert, "no_number", _NO_NUMBER))
        for begin in range(0, len(numbered), MOST_AT_ONCE):
            self._hand_in(numbered[begin : begin + MOST_AT_ONCE])

    def _hand_in(self, alerts: Sequence[Alert]) -> None:
        """All or none are taken: where some are wrong, halves are tried until those stand alone."""
        answer = self._post([self._warning(alert) for alert in alerts])
        if answer.is_success:
            return
        if len(alerts) == 1:
            self._aside(Refused(alerts[0], "not_taken", _NOT_TAKEN, said(answer)))
            return
        half = len(alerts) // 2
        self._hand_in(alerts[:half])
        self._hand_in(alerts[half:])

    def _post(self, warnings: list[dict[str, Any]]) -> httpx.Response:
        body = json.dumps(
            {"sender": self._sender, "warnings": warnings}, ensure_ascii=False, sort_keys=True
        ).encode()
        headers = {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {self._token}",
            # Of the content: another content under the same key would be refused.
            "Idempotency-Key": "watch-" + hashlib.sha256(body).hexdigest(),
        }
        answer = posted(self._client, self._url, body, headers)
        if answer.is_client_error and answer.status_code not in _OF_THE_WARNING:
            # A token that has ended must not cost a warning.
            of_the_token = " 密钥不对或已到期 (wrong key, or it has ended)" if answer.status_code == _NO_TOKEN else ""  # fmt: skip
            raise Unavailable(f"{shown(self._url)}: {said(answer)}{of_the_token}")
        return answer

    def _warning(self, alert: Alert) -> dict[str, Any]:
        return {
            "phones": [alert.resident],
            "kind": alert.kind if alert.kind in KINDS else OTHER,
            "grade": alert.grade,
            "reference": raise_id(alert),
            "occurred_at": moment(alert.at),
            "risk_number": _risk_number(alert),
            "note": self._note(alert),
            "signals": _rests_on(alert),
        }

    def _note(self, alert: Alert) -> str:
        """What was seen, in the words of the signals, in order."""
        seen = "；".join(self._says.get(told.name, told.name) for told in alert.signals)
        return seen if len(seen) <= _MOST_NOTE else seen[: _MOST_NOTE - 1] + "…"


def _rests_on(alert: Alert) -> list[dict[str, Any]]:
    """Names and versions, for the feedback. One that the first line would not take (a number in its
    name, say) is left out: better a warning without feedback than no warning."""
    fit = [
        {"name": told.name, "version": told.version}
        for told in alert.signals
        if _A_SIGNAL.fullmatch(told.name) and 1 <= told.version <= _MOST_VERSION
    ]
    return fit[:_MOST_SIGNALS]


def _risk_number(alert: Alert) -> str:
    """The other side of the newest call behind the warning, "" where that is no number."""
    others = [event.other for event in alert.events if event.type == CALL]
    return others[-1] if others and _A_NUMBER.fullmatch(others[-1]) else ""
