"""What officers found of the signals of a book, laid beside its weights.

Read from what the first line tells at `GET /api/v1/signals/feedback`. Nothing here changes a weight:
an analyst reads, looks why, and writes a new version (decision 21).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from fangxian.measure.feedback import Claim, Tally, expected, shift_that_fits

from .alerts import BASE
from .signals import Book, Signal

Version = tuple[str, int]
_COUNTS = ("going_on", "tried", "wrong", "not_reached", "open")


class Together(NamedTuple):
    """Judged warnings that rest on exactly these signals."""

    signals: frozenset[Version]
    judged: int
    right: int


@dataclass(frozen=True)
class Feedback:
    """`since` and `until`: local dates in ISO 8601, both inclusive."""

    since: str
    until: str
    found: Mapping[Version, Tally]
    together: tuple[Together, ...]


@dataclass(frozen=True)
class Beside:
    """A signal of the book and what was found of it. `fits`: the weights with which the book would
    expect what officers found, all else as it is (99 %); None where too little is judged to say."""

    signal: Signal
    found: Tally
    fits: tuple[float, float] | None

    @property
    def seems_heavy(self) -> bool:
        return self.fits is not None and self.fits[1] < self.signal.weight

    @property
    def seems_light(self) -> bool:
        return self.fits is not None and self.fits[0] > self.signal.weight


@dataclass(frozen=True)
class WholeBook:
    """Of `judged` warnings whose every signal is in the book, the book expects `expects` to be right;
    `right` were. `left_out`: judged ones with a signal that the book has not, or in another version.
    """

    judged: int
    right: int
    expects: float
    left_out: int


def read_feedback(data: bytes, where: str) -> Feedback:
    """The answer of the first line. `where` it came from; raises ValueError that says what is wrong."""
    try:
        told = json.loads(data)
    except ValueError as wrong:
        raise ValueError(f"{where}: no JSON; expected /api/v1/signals/feedback") from wrong
    try:
        return Feedback(
            since=str(told["since"]),
            until=str(told["until"]),
            found={_version(signal): _tally(signal) for signal in told["signals"]},
            together=tuple(_together(one) for one in told["together"]),
        )
    except KeyError as missing:
        raise ValueError(
            f"{where}: {missing} is missing; expected /api/v1/signals/feedback"
        ) from None
    except (TypeError, ValueError, AttributeError) as wrong:
        raise ValueError(f"{where}: {wrong}; expected /api/v1/signals/feedback") from wrong


def _version(told: Mapping[str, Any]) -> Version:
    return str(told["name"]), _count(told, "version")


def _tally(told: Mapping[str, Any]) -> Tally:
    return Tally(*(_count(told, name) for name in _COUNTS))


def _together(told: Mapping[str, Any]) -> Together:
    signals = frozenset(_version(signal) for signal in told["signals"])
    judged, right = _count(told, "judged"), _count(told, "right")
    if right > judged:
        raise ValueError(f"right {right} is more than judged {judged}")
    return Together(signals, judged, right)


def _count(told: Mapping[str, Any], name: str) -> int:
    value = told[name]
    if not isinstance(value, int) or value < 0:
        raise ValueError(f"{name}: expected a count, got {value!r}")
    return value


def beside(book: Book, feedback: Feedback) -> list[Beside]:
    """Each signal of the book in its version, with what was found of that version."""
    known = _comparable(book, feedback)
    return [
        Beside(
            signal,
            feedback.found.get((signal.name, signal.version), Tally()),
            _fits(signal, [(t, c) for t, c in known if (signal.name, signal.version) in t.signals]),
        )
        for signal in book.signals
    ]


def whole_book(book: Book, feedback: Feedback) -> WholeBook:
    """What the book says of all judged warnings together, and what was found."""
    known = _comparable(book, feedback)
    judged = sum(t.judged for t, _claim in known)
    return WholeBook(
        judged=judged,
        right=sum(t.right for t, _claim in known),
        expects=expected(claim for _together, claim in known),
        left_out=sum(t.judged for t in feedback.together) - judged,
    )


def _comparable(book: Book, feedback: Feedback) -> list[tuple[Together, Claim]]:
    """With what the book says of each: the sum of its weights.

    A warning counts what held within a day (alerts.MEMORY); of one that went on for longer
    the sum is more than was said, and names alone do not tell.
    """
    weights = {(s.name, s.version): s.weight for s in book.signals}
    return [
        (t, Claim(BASE + sum(weights[one] for one in sorted(t.signals)), t.judged))
        for t in feedback.together
        if t.judged and t.signals <= weights.keys()
    ]


def _fits(signal: Signal, known: list[tuple[Together, Claim]]) -> tuple[float, float] | None:
    found = Tally(
        going_on=sum(t.right for t, _claim in known),
        nothing=sum(t.judged - t.right for t, _claim in known),
    )
    if not found.says_enough:
        return None
    low, high = shift_that_fits([claim for _together, claim in known], found.right)
    return signal.weight + low, signal.weight + high
