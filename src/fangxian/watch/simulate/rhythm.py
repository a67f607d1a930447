"""When things happen: the hours of a day in UTC+8, as shares of the day's events.

Times are microseconds since 1970 in UTC, everywhere in this room.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.int64]

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
_CHINA = 8 * HOUR


class Rhythm:
    """`hours`: 24 weights, from midnight. `weekend`: how much of a weekday there is on a weekend."""

    def __init__(self, hours: Sequence[float], weekend: float = 1.0) -> None:
        weights = np.asarray(hours, np.float64) + 0.01  # never quite nothing: life has exceptions
        self._until = np.concatenate([[0.0], np.cumsum(weights) / weights.sum()])
        self.weekend = weekend

    def days(self, start: int, end: int) -> float:
        """How many weekdays' worth of events fall between two moments."""
        worth = float(self._passed(end) - self._passed(start))
        return worth * (self.weekend if weekday(start) >= 5 else 1.0)

    def draw(self, rng: np.random.Generator, count: int, start: int, end: int) -> Times:
        """`count` moments between two."""
        low, high = self._passed(start), self._passed(end)
        passed = low + rng.random(count) * (high - low)
        whole = np.floor(passed)
        hour = np.interp(passed - whole, self._until, np.arange(25.0))
        local = (whole * 24 + hour) * HOUR
        at: Times = local.astype(np.int64) - _CHINA
        return at.clip(start, end - 1)

    def _passed(self, moment: int) -> float:
        whole, rest = divmod(moment + _CHINA, DAY)
        return whole + float(np.interp(rest / HOUR, np.arange(25.0), self._until))


def weekday(moment: int) -> int:
    """0 is Monday, in China."""
    return ((moment + _CHINA) // DAY + 3) % 7


def hour_of(moment: float) -> float:
    """The hour of the day in China, 0 to 24."""
    return ((moment + _CHINA) % DAY) / HOUR


#                  0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15 16 17 18 19 20 21 22 23
PEOPLE = Rhythm([1, 0, 0, 0, 0, 0, 1, 3, 5, 6, 6, 6, 6, 5, 5, 5, 6, 7, 8, 9, 8, 6, 4, 1], 1.1)
OFFICE = Rhythm([0, 0, 0, 0, 0, 0, 0, 0, 4, 9, 10, 8, 2, 3, 8, 9, 9, 7, 2, 1, 0, 0, 0, 0], 0.35)
SHOPS = Rhythm([1, 0, 0, 0, 0, 0, 1, 2, 4, 7, 9, 9, 7, 6, 7, 7, 7, 8, 7, 6, 5, 4, 2, 1])
EVENING = Rhythm([2, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 1, 1, 1, 2, 3, 6, 9, 9, 8, 5], 1.2)
PHONES = Rhythm([3, 1, 1, 0, 0, 0, 1, 3, 5, 5, 5, 5, 6, 5, 5, 5, 5, 5, 6, 7, 8, 8, 7, 5], 1.1)
# Gangs sit in offices too, and work on Saturdays.
GANGS = Rhythm([0, 0, 0, 0, 0, 0, 0, 0, 2, 8, 10, 9, 4, 5, 9, 9, 9, 7, 4, 3, 2, 1, 0, 0], 0.7)
RHYTHMS = {
    "people": PEOPLE, "office": OFFICE, "shops": SHOPS,
    "evening": EVENING, "phones": PHONES, "gangs": GANGS,
}  # fmt: skip
