"""Waves: campaigns of which several reports came lately."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from .campaigns import Campaigns, microseconds, moment
from .masking import MARKS

LATELY = timedelta(days=7)
LEAST = 3
WORDS = 5


@dataclass(frozen=True)
class Wave:
    """A campaign with several reports lately; times in UTC.

    `size`: reports held, up to now. `lately` and `before`: those of the last days and of as many
    days before. `text`: its most reported wording, masked (`#` number, `¥` sum, `↗` link, `@`
    account, `△` day or time, `○` surname). `words`: what most of its reports have in common.
    """

    campaign: str
    size: int
    lately: int
    before: int
    first: datetime
    last: datetime
    text: str
    words: tuple[str, ...]

    @property
    def growth(self) -> float:
        """Reports lately for each of the days before; both counted with one more, so that a wave
        without a past has a figure too. Few reports say little: show the two counts beside it."""
        return (self.lately + 1) / (self.before + 1)


def waves(
    campaigns: Campaigns, now: datetime, *, lately: timedelta = LATELY, least: int = LEAST
) -> list[Wave]:
    """Campaigns with at least `least` reports in the `lately` up to `now`, the most reported first.

    `now` has a time zone; reports of later than it do not count. Raises ValueError for a `lately`
    or `least` that is not above 0.
    """
    if lately <= timedelta(0) or least < 1:
        raise ValueError(f"lately 和 least 应大于 0，实际是 {lately} 和 {least}")
    until, span = microseconds(now), lately // timedelta(microseconds=1)
    rows = np.flatnonzero(campaigns.times[: len(campaigns)] <= until)
    roots = campaigns.wordings.roots(campaigns.of_wording[rows])
    order = np.argsort(roots, kind="stable")
    each = np.split(rows[order], np.flatnonzero(np.diff(roots[order])) + 1) if len(rows) else []
    found = [wave for mine in each if (wave := _wave(campaigns, mine, until, span, least))]
    return sorted(found, key=lambda wave: (-wave.lately, wave.campaign))


def _wave(
    campaigns: Campaigns, mine: NDArray[np.int64], until: int, span: int, least: int
) -> Wave | None:
    """The wave of the reports in these rows, all of one campaign; None if too few came lately."""
    if len(mine) < least:
        return None
    times = campaigns.times[mine]
    late = int((times > until - span).sum())
    if late < least:
        return None
    told = Counter(campaigns.wordings.texts[n] for n in campaigns.of_wording[mine].tolist())
    return Wave(
        campaign=campaigns.name(int(mine[0])),
        size=len(mine),
        lately=late,
        before=int((times > until - 2 * span).sum()) - late,
        first=moment(int(times.min())),
        last=moment(int(times.max())),
        text=min(told, key=lambda text: (-told[text], text)),
        words=common_words(told),
    )


# Enough to tell: the words of ten thousand wordings are those of the thirty most reported.
_LOOKED_AT = 30
_LONGEST = 8


def common_words(told: Mapping[str, int], most: int = WORDS) -> tuple[str, ...]:
    """Pieces of two to eight characters that stand in most reports, those that cover most first.

    `told`: masked wordings and how many reports have each. No piece lies in another.
    """
    looked = sorted(told.items(), key=lambda each: (-each[1], each[0]))[:_LOOKED_AT]
    counts: Counter[str] = Counter()
    for text, count in looked:
        for piece in {piece for part in _parts(text) for piece in _pieces(part)}:
            counts[piece] += count
    half = sum(count for _, count in looked) / 2
    common = [(piece, count) for piece, count in counts.items() if count > half]
    chosen: list[str] = []
    for piece, _ in sorted(common, key=lambda each: (-each[1] * len(each[0]), each[0])):
        if not any(_overlap(piece, other) for other in chosen):
            chosen.append(piece)
        if len(chosen) == most:
            break
    return tuple(chosen)


def _parts(text: str) -> list[str]:
    return _BREAK.split(text[:300])


def _pieces(part: str) -> Sequence[str]:
    if part.isascii():
        return [part] if 2 < len(part) <= 20 else []
    return [
        part[start : start + length]
        for length in range(2, _LONGEST + 1)
        for start in range(len(part) - length + 1)
    ]


def _overlap(piece: str, other: str) -> bool:
    """Whether the two have two characters in a row in common."""
    return any(piece[i : i + 2] in other for i in range(len(piece) - 1))


_BREAK = re.compile(rf"[\W_{MARKS}·]+|(?<=[a-z])(?=[\u4e00-\u9fff])|(?<=[\u4e00-\u9fff])(?=[a-z])")
