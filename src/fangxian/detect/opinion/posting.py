"""One question posted, one answer read: bounded in time and size, no redirect, no proxy."""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from .endpoint import Endpoint, address_of, is_near, needs_https
from .refusals import NoOpinion, OpinionUnreachable, OpinionUnusable

if TYPE_CHECKING:
    import httpx

# An answer is about 500 bytes; models that think aloud write some ten thousand before it.
MOST_BYTES = 262_144
_CONNECT_SECONDS = 5.0
_MEANINGS = {
    400: ("请求不被接受，请检查模型名。", "it does not take the question: check the model's name"),
    401: ("密钥不对，请检查 FANGXIAN_OPINION_KEY。", "the key is wrong: check FANGXIAN_OPINION_KEY"),
    403: ("密钥没有权限，请检查 FANGXIAN_OPINION_KEY。", "the key may not: check FANGXIAN_OPINION_KEY"),
    404: (
        "没有这个地址或模型，请检查 FANGXIAN_OPINION_URL（一般以 /v1 结尾）和 FANGXIAN_OPINION_MODEL。",
        "no such address or model: check FANGXIAN_OPINION_URL (it usually ends in /v1) and "
        "FANGXIAN_OPINION_MODEL",
    ),
    429: ("对方太忙或额度用完，请稍后再问。", "it is busy, or what was paid for is used up: ask later"),
}  # fmt: skip
_REDIRECT = (
    "对方要求转到别的地址，不跟随；请把 FANGXIAN_OPINION_URL 设成最终的地址。",
    "it sends us elsewhere, which we do not follow: set FANGXIAN_OPINION_URL to the final address",
)
_ITS_FAULT = (
    "是对方的故障，请稍后再问或告诉管理它的人。",
    "it is out of order: ask later or tell whoever runs it",
)


def post(endpoint: Endpoint, body: bytes) -> bytes:
    """The body of the answer to `body`. Raises OpinionUnreachable, OpinionUnusable, and
    OpinionNotConfigured where a name without https stands for a machine that is not near."""
    # In a thread of its own: whoever calls may be inside a loop already.
    with ThreadPoolExecutor(1) as aside:
        return aside.submit(asyncio.run, _post(endpoint, body)).result()


async def _post(endpoint: Endpoint, body: bytes) -> bytes:
    import httpx

    try:
        # httpx counts the time of each step anew; this is the one limit for all of them.
        async with asyncio.timeout(endpoint.seconds):
            return await _answer(endpoint, body)
    except NoOpinion:
        raise
    except (TimeoutError, httpx.TimeoutException):
        zh, en = "没有按时回答", "did not answer in time"
        hint = (f"限 {endpoint.seconds:g} 秒", f"limit: {endpoint.seconds:g} s")
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        zh, en = "连不上", "cannot be reached"
        hint = (type(error).__name__, type(error).__name__)
    # Raised out here, without a cause: that would carry the request, and with it the key.
    raise OpinionUnreachable(
        f"第二意见的服务（{endpoint.host}）{zh}（{hint[0]}）。请看它是否在运行、地址是否写对，或不问它。",
        f"the second opinion's server ({endpoint.host}) {en} ({hint[1]}): see whether it runs and "
        "its address is right, or do without",
    )


async def _answer(endpoint: Endpoint, body: bytes) -> bytes:
    import httpx

    url = httpx.URL(endpoint.asked_at)
    headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
    if endpoint.key:
        headers["Authorization"] = f"Bearer {endpoint.key}"
    if endpoint.is_open and address_of(endpoint.host) is None:
        # The address that was judged is the one connected to, whatever the name says next.
        headers["Host"] = url.netloc.decode()
        url = url.copy_with(host=await _near_address(url))
    timeout = httpx.Timeout(endpoint.seconds, connect=min(_CONNECT_SECONDS, endpoint.seconds))
    async with (
        # Nothing from the environment: a proxy would read along, .netrc would add a password.
        httpx.AsyncClient(timeout=timeout, trust_env=False, follow_redirects=False) as client,
        client.stream("POST", url, content=body, headers=headers) as answer,
    ):
        _check_status(endpoint, answer.status_code)
        return await _body(answer)


async def _near_address(url: httpx.URL) -> str:
    """An address that a name stands for. Raises OpinionNotConfigured if any of them is not near."""
    look_up = asyncio.get_running_loop().getaddrinfo
    found = await look_up(url.host, url.port or 80, type=socket.SOCK_STREAM)
    addresses = [str(place[0]).partition("%")[0] for *_rest, place in found]
    for each in addresses:
        address = address_of(each)
        if address is None or not is_near(address):
            raise needs_https()
    # A name of this machine often has an IPv6 address on which nothing listens.
    return min(addresses, key=lambda address: ":" in address)


def _check_status(endpoint: Endpoint, status: int) -> None:
    if status == 200:
        return
    zh, en = _MEANINGS.get(status, _REDIRECT if 300 <= status < 400 else _ITS_FAULT)
    raise OpinionUnreachable(
        f"第二意见的服务（{endpoint.host}）回答 HTTP {status}：{zh}",
        f"the second opinion's server ({endpoint.host}) answered HTTP {status}: {en}",
    )


async def _body(answer: httpx.Response) -> bytes:
    """The answer as it comes, as long as it is short: packed it could be any length."""
    if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise OpinionUnusable(
            "对方的回答是压缩过的，不读。", "the answer is compressed, which was not asked for"
        )
    body = bytearray()
    async for chunk in answer.aiter_raw():
        body += chunk
        if len(body) > MOST_BYTES:
            raise OpinionUnusable(
                f"对方的回答超过 {MOST_BYTES // 1024} KB，不再读。",
                f"the answer is longer than {MOST_BYTES // 1024} KB; not read on",
            )
    return bytes(body)
