"""Listening to a call: a verdict after every turn."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from math import sqrt
from typing import NamedTuple

import numpy as np

from ..checking import in_whole
from ..explaining import LEAST, MOST, added_by_token, reasons_in
from ..model import Heads, load_model
from ..reasons import Reason
from ..tokens import Grams, batch, grams, read_one, shortened
from ..verdict import Grade, Verdict
from .ears import FADES, Ears, Floats, Said, Who, load_ears

# Turns that are kept to be explained and to name the kind: what came before counts, faded, for less
# than a thousandth. A call may last all day and takes no more room.
KEPT = 30


@dataclass(frozen=True)
class CallReason(Reason):
    """A reason with its turn, the first being 0; `start` and `end` are places in that turn."""

    turn: int = 0


@dataclass(frozen=True)
class CallVerdict(Verdict):
    """What a call is, after its turn number `turn`, the first being 0. Once `flagged`, a call stays so
    until what is said later speaks plainly against it; then the grade goes down again."""

    turn: int = 0
    _explain_turns: tuple[_Turn, ...] = field(default=(), repr=False, compare=False)

    @cached_property
    def reasons(self) -> tuple[CallReason, ...]:
        """Why, the weightiest first, whichever turn it was in; worked out when first asked for."""
        return _reasons(self._explain_turns)


class _Turn(NamedTuple):
    number: int
    who: Who
    text: str
    hashes: np.ndarray[tuple[int], np.dtype[np.uint32]]


class Call:
    """One call or chat, from its first turn. Where only one side is heard, it is the caller's.

    A verdict is of the call so far and can be lowered by what is said later; who must act at the
    first alarm keeps the highest.

        call = Call()
        call.heard("喂，我是市公安局的，你名下有张卡涉嫌洗钱。").grade
        call.heard("啊？什么卡？", "callee").grade
    """

    def __init__(self) -> None:
        self._said: dict[Who, Said] = {"caller": Said(), "callee": Said()}
        self._kept: deque[_Turn] = deque(maxlen=KEPT)
        self._turns = 0
        self._alarmed = False

    def heard(self, turn: str, who: Who = "caller") -> CallVerdict:
        """The verdict after one more turn, on all that was said. Any text at all may come; raises
        TypeError for what is no text, ValueError for a `who` that is neither side."""
        if not isinstance(turn, str):
            raise TypeError(f"heard() takes a turn as a text, got {type(turn).__name__}")
        if who not in ("caller", "callee"):
            raise ValueError(f"a turn is the caller's or the callee's, got {who!r}")
        model, ears = load_model(), load_ears()
        read = grams(batch([shortened(turn)]))
        weights = float(ears.weights_of(read, model, who)[0])
        self._said[who] = self._said[who].then(weights, len(read.hashes))
        if len(read.hashes):
            self._kept.append(_Turn(self._turns, who, turn, read.hashes))
        self._turns += 1
        odds = ears.log_odds(self._said["caller"], self._said["callee"], model)
        return self._verdict(odds, model.heads, ears)

    def _verdict(self, odds: float, heads: Heads, ears: Ears) -> CallVerdict:
        kind = genre = stage = ""
        grade = Grade.CLEAR
        if self._kept:
            self._alarmed = ears.alarmed(odds, self._alarmed)
            if self._alarmed:
                grade = Grade.DANGER if odds >= ears.danger else Grade.RISK
            elif odds >= ears.unsure:
                grade = Grade.UNSURE
            found = heads.of(self._caller_grams())
            names = {group: heads.names[group][int(p[0].argmax())] for group, p in found.items()}
            genre = names["genre"]
            if grade is not Grade.CLEAR:
                kind, stage = names["kind"], names["stage"]
        return CallVerdict(
            probability=ears.probability(odds),
            flagged=self._alarmed,
            grade=grade,
            kind=kind,
            genre=genre,
            stage=stage,
            nothing=not self._kept,
            turn=self._turns - 1,
            _explain_turns=tuple(self._kept),
        )

    def _caller_grams(self) -> Grams:
        """What the caller said as one text; what the callee said where nothing else was heard."""
        said = [t.hashes for t in self._kept if t.who == "caller"] or [t.hashes for t in self._kept]
        joined = np.concatenate(said)
        return Grams(np.array([0, len(joined)]), joined)


def check_turns(turns: Iterable[str | tuple[Who, str]]) -> list[CallVerdict]:
    """The verdict after each turn of a call. A turn is what the caller said, or (who, what was said)
    with who "caller" or "callee". Raises TypeError and ValueError as `Call.heard` does."""
    if isinstance(turns, str):
        raise TypeError("check_turns() takes a list of turns, got one text")
    call, verdicts = Call(), []
    for number, turn in enumerate(turns):
        if isinstance(turn, str):
            verdicts.append(call.heard(turn))
        elif isinstance(turn, (tuple, list)) and len(turn) == 2:
            verdicts.append(call.heard(turn[1], turn[0]))
        else:
            raise TypeError(
                f"turn {number} is neither a text nor (who, text): {type(turn).__name__}"
            )
    return verdicts


def _reasons(kept: tuple[_Turn, ...]) -> tuple[CallReason, ...]:
    """Of every cue the turn in which it counts most."""
    found: dict[str, CallReason] = {}
    for turn, text, added in _added(kept):
        for reason in reasons_in(read_one(text), added):
            known = found.get(reason.key)
            if known is None or abs(reason.weight) > abs(known.weight):
                placed = vars(reason) | {"part": "turns", "turn": turn.number}
                found[reason.key] = in_whole(CallReason(**placed), turn.text)
    ordered = sorted(found.values(), key=lambda r: (-abs(r.weight), r.turn, r.start))
    return tuple(reason for reason in ordered if abs(reason.weight) >= LEAST)[:MOST]


def _added(kept: tuple[_Turn, ...]) -> list[tuple[_Turn, str, Floats]]:
    """Each turn with the text that is explained, and what its tokens added to the calibrated
    log-odds."""
    model, ears = load_model(), load_ears()
    count: dict[Who, float] = {"caller": 0.0, "callee": 0.0}
    ages: list[float] = []
    later: dict[Who, int] = {"caller": 0, "callee": 0}
    for turn in reversed(kept):
        ages.append(FADES ** later[turn.who])
        later[turn.who] += 1
        count[turn.who] += ages[-1] * len(turn.hashes)
    answer = []
    for turn, fresh in zip(kept, reversed(ages), strict=True):
        text = shortened(turn.text)
        ids = read_one(text).ids
        if turn.who == "caller":
            added = added_by_token(ids, model.weights) * model.scale
            added += added_by_token(ids, ears.caller) * ears.scale[0]
        else:
            added = added_by_token(ids, ears.callee) * ears.scale[1]
        answer.append((turn, text, added * fresh * ears.curve[0] / sqrt(max(count[turn.who], 1))))
    return answer
