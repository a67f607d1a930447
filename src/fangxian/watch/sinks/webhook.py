"""Warnings as CloudEvents 1.0, one request each: `fangxian.alert.raised`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from fangxian.detect.kinds import Words

from ..alerts import Alert, moment
from .posting import client, posted, said
from .sink import Aside, Refused

TYPE = "fangxian.alert.raised"
_SAYS = Words("对方系统不接收这条预警", "the other system does not take this warning")


def raise_id(alert: Alert) -> str:
    """The same for the same warning at the same grade, whoever sends it and how often."""
    return f"{alert.id}:{len(alert.raised)}"


class Webhook:
    """Posts to `url`. `source`: who sends, a URI reference; `headers`: such as a bearer token.

    Whoever receives drops an id that came before (CloudEvents: `source` and `id`). An answer 4xx but
    for 408, 425 and 429 sets the warning aside.
    """

    def __init__(
        self,
        url: str,
        source: str,
        aside: Aside,
        headers: Mapping[str, str] | None = None,
        through: httpx.Client | None = None,
    ) -> None:
        self._url, self._source, self._aside = url, source, aside
        self._headers = {"Content-Type": "application/cloudevents+json", **(headers or {})}
        self._client = through or client()

    def send(self, alerts: Sequence[Alert]) -> None:
        """Raises Unavailable at the first that is not taken; those before it were."""
        for alert in alerts:
            body = json.dumps(self._event(alert), ensure_ascii=False).encode()
            answer = posted(self._client, self._url, body, self._headers)
            if answer.is_client_error:
                self._aside(Refused(alert, "not_taken", _SAYS, said(answer)))

    def _event(self, alert: Alert) -> dict[str, Any]:
        return {
            "specversion": "1.0",
            "id": raise_id(alert),
            "source": self._source,
            "type": TYPE,
            "time": moment(alert.at),
            "subject": alert.resident,
            "datacontenttype": "application/json",
            "data": alert.as_dict(),
        }
