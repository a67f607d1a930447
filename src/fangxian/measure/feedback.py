"""How precise was a signal? What officers found of the warnings that rest on it, counted.

Only what was judged says anything of precision; what was not (nobody reached, still open) is counted
beside it and never guessed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum
from math import inf
from typing import NamedTuple

from scipy.optimize import brentq

from .rates import Estimate, share

# With fewer judged warnings no percentage is said: five of five may be a signal of 48 %.
ENOUGH = 10
# Beyond these log-odds a share is 0 or 1 to nine digits.
_FAR = 60.0


class Finding(StrEnum):
    """What an officer found behind a warning."""

    GOING_ON = "going_on"  # a swindle was really going on
    TRIED = "tried"  # somebody tried, and had come to nothing yet
    NOTHING = "nothing"  # no swindle at all
    NOT_REACHED = "not_reached"  # nobody was found who could have said
    OPEN = "open"  # not dealt with yet


@dataclass(frozen=True)
class Tally:
    """Warnings by what was found of them; each warning stands in one of the five counts."""

    going_on: int = 0
    tried: int = 0
    nothing: int = 0
    not_reached: int = 0
    open: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    @property
    def right(self) -> int:
        """A swindle, or the try of one: what a warning is to tell of."""
        return self.going_on + self.tried

    @property
    def wrong(self) -> int:
        return self.nothing

    @property
    def judged(self) -> int:
        return self.right + self.wrong

    @property
    def unjudged(self) -> int:
        return self.not_reached + self.open

    @property
    def warnings(self) -> int:
        return self.judged + self.unjudged

    @property
    def precision(self) -> Estimate:
        """Right of judged, with the exact 95 % interval that every share of the house has."""
        return share(self.right, self.judged)

    @property
    def says_enough(self) -> bool:
        """Whether a percentage may be said of it."""
        return self.judged >= ENOUGH

    @property
    def whatever_the_unjudged_are(self) -> tuple[float, float] | None:
        """The precision of all warnings if every unjudged one were wrong, and if every one were
        right; None without warnings."""
        if not self.warnings:
            return None
        return self.right / self.warnings, (self.right + self.unjudged) / self.warnings


class Counted(NamedTuple):
    """So many warnings of one quarter (its first day) rest on a version of a signal and were found
    to be the same."""

    name: str
    version: int
    quarter: date
    finding: Finding
    warnings: int


@dataclass(frozen=True)
class SignalFound:
    """What was found of the warnings that rest on one version of a signal; `quarters` by first day,
    rising, without those that had no such warning."""

    name: str
    version: int
    quarters: dict[date, Tally] = field(default_factory=dict)

    @property
    def all(self) -> Tally:
        return sum(self.quarters.values(), Tally())


def precision_by_signal(rows: Iterable[Counted]) -> list[SignalFound]:
    """Each version of each signal, those with most judged warnings first, then by name and version.

    A changed signal is another one: what officers found of version 1 says nothing of version 2.
    """
    found: dict[tuple[str, int], dict[date, Tally]] = {}
    for row in rows:
        quarters = found.setdefault((row.name, row.version), {})
        one = Tally(**{row.finding.value: row.warnings})
        quarters[row.quarter] = quarters.get(row.quarter, Tally()) + one
    signals = [SignalFound(n, v, dict(sorted(q.items()))) for (n, v), q in found.items()]
    return sorted(signals, key=lambda s: (-s.all.judged, s.name, s.version))


class Claim(NamedTuple):
    """So many judged warnings of which a book says the same: `log_odds` that each is right."""

    log_odds: float
    judged: int


def expected(claims: Iterable[Claim]) -> float:
    """How many of them are right if the book is."""
    return sum(claim.judged * _chance(claim.log_odds) for claim in claims)


def shift_that_fits(
    claims: Sequence[Claim], right: int, confidence: float = 0.99
) -> tuple[float, float]:
    """By how much all claims would have to move, in log-odds, for the book to expect what was found.

    The ends of the exact interval of the share found, each turned into the one shift that makes the
    expected share so: (-inf, …) where even none right is credible, (…, inf) where all are. 99 %,
    because a book holds some dozens of signals and at 95 % one or two would stand out by chance.
    Raises ValueError without a judged warning, or with more right ones than judged.
    """
    judged = sum(claim.judged for claim in claims)
    if not judged:
        raise ValueError("no judged warning, nothing to fit")
    found = share(right, judged, confidence)
    return _shift(claims, found.low * judged), _shift(claims, found.high * judged)


def _shift(claims: Sequence[Claim], right: float) -> float:
    judged = sum(claim.judged for claim in claims)
    if right <= 0:
        return -inf
    if right >= judged:
        return inf

    def too_many(shift: float) -> float:
        return expected(Claim(c.log_odds + shift, c.judged) for c in claims) - right

    far = _FAR + max(abs(claim.log_odds) for claim in claims)
    return float(brentq(too_many, -far, far))


def _chance(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds)) if log_odds > -700 else 0.0
