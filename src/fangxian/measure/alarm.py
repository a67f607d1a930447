"""An alarm on a rise that does not cry wolf."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scipy.stats import nbinom

PERIODS = 12


@dataclass(frozen=True)
class Rise:
    """Whether the current count is more than chance gives. `limit` is the most that chance gives
    in 99 of 100 periods; None where the history is too short to say."""

    current: int
    limit: int | None
    is_rise: bool


def look_for_rise(
    history: Sequence[int], current: int, exposure: float = 1.0, confidence: float = 0.99
) -> Rise:
    """Compare `current` with the last 12 periods of `history` (oldest first).

    The limit is the Gamma-Poisson predictive quantile with Jeffreys' prior Gamma(1/2, 0): it
    knows that the mean of twelve counts is itself uncertain. False alarms 0.3-0.7 % measured,
    where the usual EARS rule gave 2-5 % at a nominal 0.1 % (domain.md §6). `exposure` is the length
    of the current period in lengths of an earlier one (an unfinished month: 0.5).
    """
    if len(history) < PERIODS:
        return Rise(current, None, False)
    last = list(history)[-PERIODS:]
    shape, rate = sum(last) + 0.5, float(PERIODS)
    limit = int(nbinom.ppf(confidence, shape, rate / (rate + exposure)))
    return Rise(current, limit, current > limit)
