"""The door as an ASGI application: POST /events, GET /metrics. Nothing but 202 promises anything."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from fangxian.detect.kinds import Words

from ...reading import Read, Wrong
from .. import metrics
from ..journal import ROOM
from ..sources.bodies import EVENT_TYPES, ONE_TYPE, OfBatch, kept
from .committing import Committer
from .glance import events_in, is_one_event

MOST = 8 << 20
# Bytes of a body that a glance is taken at.
SMALL = 64 << 10
# Of what is wrong in one body, as many are told.
TOLD = 20

# What it answers, and what that means.
ANSWERS = {
    202: Words("已经落盘；用不了的放在一边，逐条说明", "on the disk; what cannot be used of it is set aside, and told"),
    400: Words("没有一条可用的事件", "no event in it that can be used"),
    401: Words("令牌不对", "wrong or missing token"),
    404: Words("没有这个地址，只有 POST /events 和 GET /metrics", "no such address: there are POST /events and GET /metrics"),
    405: Words("方法不对，只有 POST /events 和 GET /metrics", "not this method: there are POST /events and GET /metrics"),
    413: Words(f"请求超过 {MOST >> 20} MiB，请分批发送", f"more than {MOST >> 20} MiB, send it in parts"),
    415: Words("请不要压缩（Content-Encoding）", "send it as it is, without Content-Encoding"),
    429: Words("处理不过来，请一秒后再试", "too far behind, try again in a second"),
    507: Words("写不进磁盘", "the disk does not take it"),
}  # fmt: skip

Messages = Callable[[], Awaitable[dict[str, Any]]]
Answer = Callable[[dict[str, Any]], Awaitable[None]]


class Door:
    """`behind`: bytes of the journal that the watch had not read when it said so last."""

    def __init__(
        self, committer: Committer, of_batch: OfBatch, token: str | None, folder: Path
    ) -> None:
        self.behind: Callable[[], int] = lambda: 0
        self._committer, self._of_batch = committer, of_batch
        self._bearer = f"Bearer {token}".encode() if token else None
        self._folder = folder
        self._answered: Counter[str] = Counter()

    async def __call__(self, scope: dict[str, Any], receive: Messages, send: Answer) -> None:
        if scope["type"] != "http":
            return
        headers = dict(scope["headers"])
        asked = (scope["method"], scope["path"])
        given = headers.get(b"authorization", b"")
        if self._bearer and not hmac.compare_digest(given, self._bearer):
            await self._say(send, 401)
        elif asked == ("POST", "/events"):
            await self._take(headers, receive, send)
        elif asked == ("GET", "/metrics"):
            await self._measures(send)
        elif scope["path"] in ("/events", "/metrics"):
            await self._say(send, 405)
        else:
            await self._say(send, 404)

    async def _take(self, headers: dict[bytes, bytes], receive: Messages, send: Answer) -> None:
        if self.behind() > ROOM:
            await self._say(send, 429, [(b"retry-after", b"1")])
            return
        if headers.get(b"content-encoding", b"identity") != b"identity":
            await self._say(send, 415)
            return
        length = headers.get(b"content-length", b"0")
        body = await _body(receive) if length.isdigit() and int(length) <= MOST else None
        if body is None:
            await self._say(send, 413)
            return
        content_type = headers.get(b"content-type", b"").decode("latin-1")
        counted = await self._counted(body, content_type)
        if not counted["accepted"]:
            await self._answer(send, 400, counted | _spoken(ANSWERS[400]))
            return
        try:
            await self._committer.append(*kept(body))
        except OSError as wrong:
            zh, en = ANSWERS[507]
            await self._answer(send, 507, _spoken(Words(f"{zh}：{wrong}", f"{en}: {wrong}")))
            return
        await self._answer(send, 202, counted)

    async def _counted(self, body: bytes, content_type: str) -> dict[str, Any]:
        """What can be used and what is wrong: by a glance; where that does not answer, by reading it in
        a thread, or it would hold up everybody else."""
        media = content_type.partition(";")[0].strip().lower()
        if len(body) <= SMALL and media in EVENT_TYPES:
            found = events_in(body) if media != ONE_TYPE else int(is_one_event(body))
            if found:
                return {"accepted": found, "set_aside": 0, "wrong": []}
        return _counted(await asyncio.to_thread(self._of_batch, body, content_type))

    async def _measures(self, send: Answer) -> None:
        own = metrics.counter(
            "fangxian_requests", "Requests by answer.", "status", self._answered
        ) + metrics.gauge(
            "fangxian_journal_behind_bytes", "Taken and not yet read.", self.behind()
        )  # fmt: skip
        try:
            runner = (self._folder / metrics.NAME).read_text("utf-8")
        except OSError:
            runner = ""
        kind = b"application/openmetrics-text; version=1.0.0; charset=utf-8"
        await _send(send, 200, kind, (runner + own + "# EOF\n").encode())

    async def _say(
        self, send: Answer, status: int, headers: Sequence[tuple[bytes, bytes]] = ()
    ) -> None:
        await self._answer(send, status, _spoken(ANSWERS[status]), headers)

    async def _answer(
        self, send: Answer, status: int, content: dict[str, Any],
        headers: Sequence[tuple[bytes, bytes]] = (),
    ) -> None:  # fmt: skip
        self._answered[str(status)] += 1
        body = json.dumps(content, ensure_ascii=False).encode()
        await _send(send, status, b"application/json; charset=utf-8", body, headers)


async def _body(receive: Messages) -> bytes | None:
    """None where it is longer than MOST, whatever its head said."""
    parts, length, more = [], 0, True
    while more:
        message = await receive()
        part = message.get("body", b"")
        more = message.get("more_body", False) and message["type"] == "http.request"
        length += len(part)
        if length > MOST:
            return None
        parts.append(part)
    return b"".join(parts)


async def _send(
    send: Answer, status: int, kind: bytes, body: bytes, headers: Sequence[tuple[bytes, bytes]] = ()
) -> None:
    head = [(b"content-type", kind), (b"content-length", b"%d" % len(body)), *headers]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body})


def _spoken(says: Words) -> dict[str, Any]:
    return {"says": {"zh": says.zh, "en": says.en}}


def _counted(read: Read) -> dict[str, Any]:
    told = [_told(wrong) for wrong in read.wrong[:TOLD]]
    return {"accepted": len(read.events), "set_aside": len(read.wrong), "wrong": told}


def _told(wrong: Wrong) -> dict[str, Any]:
    return {"where": wrong.where, "reason": wrong.reason.key} | _spoken(wrong.reason.says)
