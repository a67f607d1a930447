"""Did it change? Two counts compared honestly: counts first, an exact interval, plain words.

Five cases one quarter and one the next is "-80 %", and proves nothing: with a true mean of three a
month and nothing changing, 60 % of months move by half or more (domain.md §6).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from math import inf
from typing import Literal

from scipy.stats import beta, binomtest

Language = Literal["zh", "en"]


class Verdict(Enum):
    """What may be said of a change. The order is from fall to rise."""

    CLEARLY_LOWER = ("明显下降", "clearly lower")
    MAY_BE_LOWER = ("可能下降", "possibly lower")
    TOO_FEW = ("不足以判断", "too few to judge")
    MAY_BE_HIGHER = ("可能上升", "possibly higher")
    CLEARLY_HIGHER = ("明显上升", "clearly higher")

    def say(self, language: Language) -> str:
        """The verdict in words."""
        return self.value[0] if language == "zh" else self.value[1]


@dataclass(frozen=True)
class Change:
    """Two counts and what they tell.

    before, after: events in two periods. percent: change of the rate in per cent, None where the
    first count is 0. p: exact two-sided conditional p-value. low, high: exact interval of the rate
    ratio after/before (high may be inf). confidence: of that interval, 0 to 1.
    """

    before: int
    after: int
    percent: float | None
    p: float
    low: float
    high: float
    confidence: float
    verdict: Verdict

    def sentence(self, language: Language, before_label: str, after_label: str) -> str:
        """Counts, percent, interval and verdict in one or two plain sentences."""
        percent = "" if self.percent is None else f"（{_signed(self.percent)}%）"
        if language == "zh":
            head = f"{after_label} {self.after} 起，{before_label} {self.before} 起{percent}。"
            tail = f"{_range_zh(self)}{self.verdict.say('zh')}。"
            return head + tail
        percent = "" if self.percent is None else f" ({_signed(self.percent)}%)"
        head = f"{after_label}: {self.after}; {before_label}: {self.before}{percent}. "
        return head + f"{_range_en(self)}{self.verdict.say('en').capitalize()}."


def compare_counts(
    before: int,
    after: int,
    exposure_before: float = 1.0,
    exposure_after: float = 1.0,
    confidence: float = 0.95,
) -> Change:
    """Compare two Poisson counts with their exposures (days, residents, or their product).

    Given the total, the second count is binomial; its exact test gives p, and the Clopper-Pearson
    interval of its share gives the interval of the rate ratio (Przyborowski & Wilenski 1940;
    exact also at zero counts, where the score interval of statsmodels is degenerate, domain.md §6).

    Verdict: "clearly" where the interval leaves out 1; "possibly" where the 80 % interval does and
    there were at least ten events in all; else too few to judge. Ten, because 5 -> 1 must not be
    called anything. Raises ValueError for negative counts or exposures that are not positive.
    """
    if before < 0 or after < 0:
        raise ValueError(f"counts must not be negative: {before}, {after}")
    if exposure_before <= 0 or exposure_after <= 0:
        raise ValueError(f"exposures must be positive: {exposure_before}, {exposure_after}")
    share = exposure_after / (exposure_before + exposure_after)
    total = before + after
    p = float(binomtest(after, total, share).pvalue) if total else 1.0
    low, high = ratio_interval(before, after, exposure_before, exposure_after, confidence)
    narrow = ratio_interval(before, after, exposure_before, exposure_after, 0.80)
    rate_before, rate_after = before / exposure_before, after / exposure_after
    percent = (rate_after / rate_before - 1) * 100 if before else None
    return Change(
        before, after, percent, p, low, high, confidence, _judge(total, (low, high), narrow)
    )


def ratio_interval(
    before: int, after: int, exposure_before: float, exposure_after: float, confidence: float
) -> tuple[float, float]:
    """Exact interval of (after/exposure_after) / (before/exposure_before); (0, inf) for 0 and 0."""
    total, tail = before + after, (1 - confidence) / 2
    if total == 0:
        return 0.0, inf
    lower = 0.0 if after == 0 else float(beta.ppf(tail, after, before + 1))
    upper = 1.0 if before == 0 else float(beta.ppf(1 - tail, after + 1, before))
    scale = exposure_before / exposure_after
    return lower / (1 - lower) * scale, inf if upper >= 1 else upper / (1 - upper) * scale


def _judge(total: int, wide: tuple[float, float], narrow: tuple[float, float]) -> Verdict:
    if wide[1] < 1:
        return Verdict.CLEARLY_LOWER
    if wide[0] > 1:
        return Verdict.CLEARLY_HIGHER
    if total >= 10 and narrow[1] < 1:
        return Verdict.MAY_BE_LOWER
    if total >= 10 and narrow[0] > 1:
        return Verdict.MAY_BE_HIGHER
    return Verdict.TOO_FEW


@lru_cache
def events_to_be_clear(ratio: float = 0.5) -> int:
    """How many events the first period needs so that a fall to `ratio` of it is called clear.

    For a halving 28 (26 -> 13 is not yet clear, 28 -> 14 is). Only counts that fall to exactly
    `ratio` are tried: 25 -> 12 is more than a halving. `ratio` lies between 0 and 1.
    """
    if not 0 < ratio < 1:
        raise ValueError(f"ratio must lie between 0 and 1: {ratio}")
    before = 1
    while not (before * ratio).is_integer() or _not_clear(before, int(before * ratio)):
        before += 1
    return before


def _not_clear(before: int, after: int) -> bool:
    return ratio_interval(before, after, 1, 1, 0.95)[1] >= 1


def _range_zh(change: Change) -> str:
    if change.before + change.after == 0:
        return "两期都没有案件，"
    low, high = _signed((change.low - 1) * 100), _high(change, "上不封顶")
    share = f"{change.confidence:.0%}"
    return f"真实的变化可能在 {low}% 到 {high} 之间（{share} 精确区间）："


def _range_en(change: Change) -> str:
    if change.before + change.after == 0:
        return "No cases in either period. "
    low, high = _signed((change.low - 1) * 100), _high(change, "no upper limit")
    share = f"{change.confidence:.0%}"
    return f"The true change may lie between {low}% and {high} ({share} exact interval). "


def _high(change: Change, unbounded: str) -> str:
    return unbounded if change.high == inf else f"{_signed((change.high - 1) * 100)}%"


def _signed(percent: float) -> str:
    """-80, +79, -99.6: one decimal only where rounding would say a false -100."""
    text = f"{percent:+.0f}"
    if text in ("-100", "-0", "+0") and abs(percent) > 1e-9 and percent != -100:
        text = f"{percent:+.1f}"
    return text.replace("-", "−").replace("+0", "0") if text != "+0" else "0"
