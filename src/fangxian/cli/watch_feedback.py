"""What officers found, beside the weights: `fangxian watch signals --feedback …`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from .watch_options import TOKEN

if TYPE_CHECKING:
    from fangxian.measure.feedback import Tally
    from fangxian.watch.feedback import Beside, Feedback
    from fangxian.watch.signals import Book, Signal

_PATH = "/api/v1/signals/feedback"
_NONE = {"zh": "还没有民警的结果", "en": "nothing found by officers yet"}
_UNJUDGED = {"zh": "{} 条还没有判定", "en": "{} not judged yet"}
_FEW = {"zh": "属实 {right} / 判定 {judged}，太少，不足以判断", "en": "{right} of {judged} right, too few to judge"}  # fmt: skip
_FOUND = {
    "zh": "属实 {right} / 判定 {judged} = {value:.0%}（{low:.0%}–{high:.0%}）",
    "en": "{right} of {judged} right = {value:.0%} ({low:.0%}–{high:.0%})",
}
_MORE = {"zh": "，另有 {} 条没有判定", "en": "; {} more not judged"}
_HEAVY = {"zh": "权重似乎偏高：与结果相符的是 {} 到 {}", "en": "the weight seems too high: {} to {} would fit what was found"}  # fmt: skip
_LIGHT = {"zh": "权重似乎偏低：与结果相符的是 {} 到 {}", "en": "the weight seems too low: {} to {} would fit what was found"}  # fmt: skip
_WHOLE = {
    "zh": "{since} 至 {until}：判定 {judged} 条，按权重应有 {expects:.0f} 条属实，民警查到 {right} 条",
    "en": "{since} to {until}: of {judged} judged the weights expect {expects:.0f} to be right, officers found {right}",
}
_NOT_YET = {
    "zh": "{since} 至 {until}：还没有一条预警判定过，说不出权重合不合适",
    "en": "{since} to {until}: no warning was judged yet, so nothing can be said of the weights",
}
_LEFT_OUT = {"zh": "；{} 条含这本信号书没有的信号或版本，未计入", "en": "; {} left out, with a signal or version that is not in this book"}  # fmt: skip
_SAID_ONLY = {
    "zh": "只是提示，权重不会自动改。若多数信号偏向同一边，先看总和的起点，不要逐个改。",
    "en": "Said only: no weight is changed. Where most signals lean the same way, look at where the sum "
    "begins before you look at each of them.",
}  # fmt: skip


def fetched(where: str) -> Feedback:
    """From a file, or from the first line at an address. Raises click's exceptions."""
    from fangxian.watch.feedback import read_feedback

    try:
        if where.startswith(("http://", "https://")):
            return read_feedback(_asked(where), where)
        return read_feedback(Path(where).read_bytes(), where)
    except (ValueError, OSError) as wrong:
        raise click.ClickException(str(wrong)) from wrong


def _asked(where: str) -> bytes:
    import httpx

    from fangxian.watch.sinks.posting import client, said

    token = os.environ.get(TOKEN)
    if not token:
        raise click.UsageError(f"--feedback: {TOKEN} holds no key")
    url = where if urlsplit(where).path.strip("/") else where.rstrip("/") + _PATH
    try:
        with client() as through:
            answer = through.get(url, headers={"Authorization": f"Bearer {token}"})
    except httpx.HTTPError as wrong:
        raise click.ClickException(f"{url}: {type(wrong).__name__}") from wrong
    if not answer.is_success:
        raise click.ClickException(f"{url}: {said(answer)}")
    return answer.content


def line_of(signal: Signal, language: str) -> str:
    """A signal as a line of the book."""
    return f"{signal.weight:+5.1f}  {signal.stage:8}{signal.name}: {signal.says.of(language)}"


def lines(book: Book, feedback: Feedback, language: str) -> Iterator[str]:
    """The book's signals, what was found of each below it, and the whole at the end."""
    from fangxian.watch.feedback import beside, whole_book

    rows = beside(book, feedback)
    for row in rows:
        yield line_of(row.signal, language)
        yield "       " + _found(row.found, language)
        if row.seems_heavy or row.seems_light:
            said = _HEAVY if row.seems_heavy else _LIGHT
            yield "     ! " + said[language].format(*_weights(row))
    whole = whole_book(book, feedback)
    if not whole.judged:
        yield _NOT_YET[language].format(since=feedback.since, until=feedback.until)
        return
    told = _WHOLE[language].format(since=feedback.since, until=feedback.until, **vars(whole))
    yield told + (_LEFT_OUT[language].format(whole.left_out) if whole.left_out else "")
    if any(row.seems_heavy or row.seems_light for row in rows):
        yield _SAID_ONLY[language]


def _found(found: Tally, language: str) -> str:
    if not found.warnings:
        return _NONE[language]
    if not found.judged:
        return _UNJUDGED[language].format(found.unjudged)
    words = _FOUND if found.says_enough else _FEW
    p = found.precision
    told = words[language].format(
        right=found.right, judged=found.judged, value=p.value, low=p.low, high=p.high
    )
    return told + (_MORE[language].format(found.unjudged) if found.unjudged else "")


def _weights(row: Beside) -> list[str]:
    ends = row.fits or (-inf, inf)
    return ["-∞" if end == -inf else "∞" if end == inf else f"{end:+.1f}" for end in ends]
