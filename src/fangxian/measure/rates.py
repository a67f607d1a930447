"""Rates and shares with exact intervals; villages drawn, never ranked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from scipy.stats import beta, chi2, poisson


@dataclass(frozen=True)
class Estimate:
    """A rate or share with its interval. `value` is None where nothing was exposed."""

    value: float | None
    low: float
    high: float


def rate_per_10k(events: int, people: int, confidence: float = 0.95) -> Estimate:
    """Events per 10,000 residents with the exact Poisson interval (Garwood 1936)."""
    _check(events, people)
    if people == 0:
        return Estimate(None, 0.0, inf)
    tail = (1 - confidence) / 2
    low = float(chi2.ppf(tail, 2 * events)) / 2 if events else 0.0
    high = float(chi2.ppf(1 - tail, 2 * events + 2)) / 2
    scale = 10_000 / people
    return Estimate(events * scale, low * scale, high * scale)


def share(part: int, whole: int, confidence: float = 0.95) -> Estimate:
    """A share with the Clopper-Pearson interval: exact, so it holds for three calls as for 3,000."""
    _check(part, whole)
    if part > whole:
        raise ValueError(f"part {part} is more than the whole {whole}")
    if whole == 0:
        return Estimate(None, 0.0, 1.0)
    tail = (1 - confidence) / 2
    low = float(beta.ppf(tail, part, whole - part + 1)) if part else 0.0
    high = float(beta.ppf(1 - tail, part + 1, whole - part)) if part < whole else 1.0
    return Estimate(part / whole, low, high)


@dataclass(frozen=True)
class Funnel:
    """Limits of a funnel plot at one size: what chance alone does to a place of so many people.

    95 % and 99.8 % limits in events per 10,000 residents (Spiegelhalter 2005).
    """

    people: int
    low95: float
    high95: float
    low998: float
    high998: float


def funnel(sizes: Sequence[int], events: int, people: int) -> list[Funnel]:
    """Limits at each size around the overall rate events/people. Empty where nobody lives."""
    _check(events, people)
    if people == 0:
        return []
    limits = []
    for size in sizes:
        expected = events * size / people
        scale = 10_000 / size if size else 0.0
        quantiles = [float(poisson.ppf(q, expected)) * scale for q in (0.025, 0.975, 0.001, 0.999)]
        limits.append(Funnel(size, *quantiles))
    return limits


def shrunken(events: Sequence[int], people: Sequence[int]) -> list[float]:
    """Rates per 10,000 pulled towards the overall rate as far as chance demands.

    Gamma-Poisson empirical Bayes by moments (Clayton & Kaldor 1987, Marshall 1991): a place of
    300 people with one case keeps little of its wild rate, one of 30,000 nearly all of it. Places
    without people get the overall rate.
    """
    total, everyone = sum(events), sum(people)
    if everyone == 0:
        return [0.0 for _ in people]
    mean = total / everyone
    raw = [(e / p if p else mean) for e, p in zip(events, people, strict=True)]
    spread = sum(p * (r - mean) ** 2 for r, p in zip(raw, people, strict=True)) / everyone
    between = max(0.0, spread - mean / (everyone / max(1, len(people))))
    made = []
    for rate, size in zip(raw, people, strict=True):
        noise = mean / size if size else inf
        weight = between / (between + noise) if between else 0.0
        made.append((mean + weight * (rate - mean)) * 10_000)
    return made


def _check(part: int, whole: int) -> None:
    if part < 0 or whole < 0:
        raise ValueError(f"counts must not be negative: {part}, {whole}")
