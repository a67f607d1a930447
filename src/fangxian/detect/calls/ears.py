"""What is added to the text model for speech: weights for what callers say, and for what callees
answer; and how evidence adds up over turns.

The text model has learned from whole texts. The first turns of a call are short, and the words of
the person called mean something else than the caller's: "is this a fraud?" calms in a message and
does not in an answer. So each side has weights of its own, small beside those of the text model.
Made by training/calls.py, measured by training/call_rates.py.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from math import sqrt
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..model import Model
from ..tokens import Grams

Who = Literal["caller", "callee"]
Floats = NDArray[np.float64]
# What a turn still counts when the same person has said another: what is said now counts most, so
# that a call which turns out harmless is soon called so. Measured: 1 is better on the public
# dialogues, 0.6 on our own; both by two points of recall.
FADES = 0.8


@dataclass(frozen=True)
class Said:
    """What one person has said so far: the sum of the weights of their n-grams, and how many."""

    weights: float = 0.0
    count: float = 0.0

    def then(self, weights: float, count: int) -> Said:
        """With one more turn; one without a word changes nothing."""
        if not count:
            return self
        return Said(self.weights * FADES + weights, self.count * FADES + count)


@dataclass(frozen=True)
class Ears:
    """Weights of a caller's and of a callee's n-grams (small integers of `scale`, in that order) with
    `bias` of each; `curve`, `threshold`, `danger` and `doubt` as in a text model, but for calls."""

    caller: NDArray[np.int8]
    callee: NDArray[np.int8]
    scale: tuple[float, float]
    bias: tuple[float, float]
    curve: tuple[float, float]
    threshold: float
    danger: float
    doubt: float
    about: dict[str, Any]

    def weights_of(self, turns: Grams, model: Model, who: Who) -> Floats:
        """The sum of the weights of each turn, as said by `who`."""
        if who == "callee":
            return _sums(turns, self.callee) * self.scale[1]
        spoken = _sums(turns, self.caller) * self.scale[0]
        return _sums(turns, model.weights) * model.scale + spoken

    def log_odds(self, caller: Said, callee: Said, model: Model) -> float:
        """Log-odds of fraud after all that was said."""
        odds = model.bias
        if caller.count:
            odds += self.bias[0] + caller.weights / sqrt(caller.count)
        if callee.count:
            odds += self.bias[1] + callee.weights / sqrt(callee.count)
        return odds

    def alarmed(self, log_odds: float, before: bool) -> bool:
        """Whether a call is flagged, where it was or was not `before` this turn. An alarm is taken
        back only below `doubt`: swindlers say goodbye as politely as anybody, and of the frauds that
        were flagged, two to three times as many would end unflagged without this."""
        return log_odds >= self.threshold or (before and log_odds >= self.doubt)

    @property
    def unsure(self) -> float:
        """The log-odds from which a call is not called clear: those of `doubt`, and whatever is as
        likely fraud as not."""
        slope, shift = self.curve
        return min(self.doubt, -shift / slope)

    def probability(self, log_odds: float) -> float:
        """Calibrated on calls, at any turn of them, of which half are fraud."""
        slope, shift = self.curve
        return float(1 / (1 + np.exp(-np.clip(slope * log_odds + shift, -40, 40))))


def _sums(turns: Grams, table: NDArray[np.int8]) -> Floats:
    places = turns.hashes & np.uint32(len(table) - 1)
    sums = np.concatenate([[0], np.cumsum(table[places], dtype=np.int64)])
    found: Floats = (sums[turns.offsets[1:]] - sums[turns.offsets[:-1]]).astype(float)
    return found


_PATH = Path(__file__).with_name("ears.npz")
_FIGURES = ("scale", "bias", "curve", "threshold", "danger", "doubt", "about")


@cache
def load_ears() -> Ears:
    """Those that are shipped."""
    with np.load(_PATH, allow_pickle=False) as file:
        rest = json.loads(bytes(file["rest"]))
        for key in ("scale", "bias", "curve"):
            rest[key] = tuple(rest[key])
        return Ears(caller=file["caller"], callee=file["callee"], **rest)


def write_ears(ears: Ears, path: Path = _PATH) -> None:
    """The same ears give the same bytes."""
    rest = json.dumps({key: getattr(ears, key) for key in _FIGURES}, sort_keys=True).encode()
    with path.open("wb") as file:
        np.savez_compressed(
            file, caller=ears.caller, callee=ears.callee, rest=np.frombuffer(rest, np.uint8)
        )
