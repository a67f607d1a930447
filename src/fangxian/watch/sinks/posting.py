"""One request to another system, and what its answer means."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx

from .sink import Unavailable

SECONDS = 10.0
# Of the answers that say "not so", these say "not now".
_LATER = (408, 425, 429)
# Characters kept of what the other side said.
_MOST_ANSWER = 500


def client() -> httpx.Client:
    """Follows no redirect: a warning goes where it was told to, or nowhere."""
    return httpx.Client(timeout=SECONDS, follow_redirects=False)


def shown(url: str) -> str:
    """The address without what may be a secret in it (query, user and password), for logs."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=host, query="", fragment="").geturl()


def posted(
    through: httpx.Client, url: str, body: bytes, headers: Mapping[str, str]
) -> httpx.Response:
    """The answer, 2xx or 4xx. Raises Unavailable for what may be otherwise the next time."""
    where = shown(url)
    try:
        answer = through.post(url, content=body, headers=headers)
    except httpx.HTTPError as error:
        raise Unavailable(f"{where}: {type(error).__name__}") from error
    code = answer.status_code
    if code in _LATER or not (200 <= code < 300 or 400 <= code < 500):
        raise Unavailable(f"{where}: HTTP {code}")
    return answer


def said(answer: httpx.Response) -> str:
    """What an answer says, short: of a problem (RFC 9457) its title and detail."""
    words = answer.text
    try:
        problem = answer.json()
        words = "：".join(str(problem[name]) for name in ("title", "detail") if problem.get(name))
    except (ValueError, AttributeError):
        pass
    return f"HTTP {answer.status_code} {(words or answer.text)[:_MOST_ANSWER]}".strip()
