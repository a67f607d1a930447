"""Warnings to another system: CloudEvents with an id that stays; refusals are set aside."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest

from fangxian.watch.alerts import Alert, Told
from fangxian.watch.sinks import Refused, Unavailable, Webhook
from fangxian.watch.sinks.posting import shown

AT = 1_772_307_000_000_000
ALERT = Alert(
    id="w-1", resident="+8612000000001", day=20_512, grade="orange", score=-1.8, stage="trust",
    kind="fake_police", signals=(Told("risky_link", 1, AT, ("e1",)),), events=(),
    raised=(("yellow", AT - 1), ("orange", AT)),
)  # fmt: skip


def hook(answer: Callable[[httpx.Request], httpx.Response], aside: list[Refused]) -> Webhook:
    through = httpx.Client(transport=httpx.MockTransport(answer))
    headers = {"Authorization": "Bearer t"}
    return Webhook("http://there.test/hook?key=k", "urn:watch:1", aside.append, headers, through)


def test_a_warning_is_a_cloud_event_of_its_raise() -> None:
    got: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        got.append(request)
        return httpx.Response(204)

    aside: list[Refused] = []
    hook(answer, aside).send([ALERT, replace(ALERT, raised=ALERT.raised[:1], grade="yellow")])
    first, second = (json.loads(request.content) for request in got)
    assert first | {"data": None} == {
        "specversion": "1.0", "id": "w-1:2", "source": "urn:watch:1",
        "type": "fangxian.alert.raised", "time": "2026-02-28T19:30:00.000000Z",
        "subject": "+8612000000001", "datacontenttype": "application/json", "data": None,
    }  # fmt: skip
    assert first["data"] == ALERT.as_dict()
    assert second["id"] == "w-1:1"
    assert got[0].headers["content-type"] == "application/cloudevents+json"
    assert got[0].headers["authorization"] == "Bearer t"
    assert aside == []


@pytest.mark.parametrize("code", [408, 425, 429, 500, 503, 301])
def test_not_now_is_unavailable_and_says_no_secret(code: int) -> None:
    aside: list[Refused] = []
    with pytest.raises(Unavailable) as error:
        hook(lambda _: httpx.Response(code, headers={"Location": "/x"}), aside).send([ALERT])
    assert str(error.value) == f"http://there.test/hook: HTTP {code}"
    assert aside == []


def test_no_secret_of_an_address_is_shown() -> None:
    assert shown("http://me:secret@there.test/hook?key=k#x") == "http://there.test/hook"


def test_nobody_there_is_unavailable() -> None:
    def gone(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with pytest.raises(Unavailable, match="ConnectError"):
        hook(gone, []).send([ALERT])


def test_not_so_is_set_aside_and_the_next_is_sent() -> None:
    answers = [httpx.Response(422, text="no"), httpx.Response(202)]
    aside: list[Refused] = []
    hook(lambda _: answers.pop(0), aside).send([ALERT, replace(ALERT, id="w-2")])
    assert [(r.alert.id, r.key, r.answer) for r in aside] == [("w-1", "not_taken", "HTTP 422 no")]
    assert answers == []
