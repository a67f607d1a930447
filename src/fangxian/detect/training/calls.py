"""Making the ears: what callers say and what callees answer, learned from our own calls and chats.

The command `python -m fangxian.detect.training.calls --data FOLDER` makes calls/ears.npz again; it
takes some minutes, for thresholds come from calls whose author no weight has met, and so the text
model is learned once more without each fifth of the authors.
"""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from ..calls.ears import Ears, Floats, Said, Who, write_ears
from ..corpus import read_corpus
from ..model import Model, load_model
from ..tokens import batch, grams
from . import fitting
from .learning import Counted, counted, learn
from .sources import MEASURE_ONLY, Labelled, own_texts, public_sets, training_examples

BITS = 16
# How much the ears say beside the text model.
CALLER_SHARE, CALLEE_SHARE = 0.3, 0.5
# Honest calls of authors not met that are flagged at any turn. Half of ours are near misses, written
# to be mistaken; of the public dialogues about one in a thousand is.
AT_THRESHOLD, AT_DANGER, AT_DOUBT = 0.02, 0.005, 0.1
PREFIXES = (1, 2, 3)


@dataclass(frozen=True)
class Dialogue:
    """A call or chat of several turns. `what`: kind of fraud or genre; `group`: author or label."""

    turns: tuple[tuple[Who, str], ...]
    fraud: bool
    what: str
    group: str

    def said_by(self, who: Who) -> list[str]:
        """The turns of one side."""
        return [text for side, text in self.turns if side == who]


def own_dialogues(held: bool = False) -> list[tuple[Dialogue, str]]:
    """Our own with more than one turn, with their channel: of authors who may train, or `held`."""
    return [
        (Dialogue(e.turns, e.is_fraud, e.what, e.author), e.channel)
        for e in read_corpus()
        if len(e.turns) > 1 and e.author.startswith("held-") == held
    ]


def own_calls(held: bool = False) -> list[Dialogue]:
    """Those of them that are telephone calls."""
    return [dialogue for dialogue, channel in own_dialogues(held) if channel == "call"]


def learn_ears(dialogues: Sequence[Dialogue], seed: int = 0) -> Ears:
    """Weights alone: thresholds and curve are those of nothing."""
    caller = [row for one in dialogues for row in _beginnings(one, "caller")]
    callee = [row for one in dialogues for row in _beginnings(one, "callee")]
    (loud, loud_bias), (soft, soft_bias) = _side(caller, seed), _side(callee, seed)
    (first, first_scale), (second, second_scale) = fitting._small(loud), fitting._small(soft)
    return Ears(
        caller=first,
        callee=second,
        scale=(first_scale * CALLER_SHARE, second_scale * CALLEE_SHARE),
        bias=(loud_bias * CALLER_SHARE, soft_bias * CALLEE_SHARE),
        curve=(1.0, 0.0),
        threshold=0.0,
        danger=0.0,
        doubt=0.0,
        about={"seed": seed, "dialogues": len(dialogues)},
    )


def _beginnings(dialogue: Dialogue, who: Who) -> Iterator[Labelled]:
    """What one side has said after one turn, two, three and all: a call is judged before its end."""
    said = dialogue.said_by(who)
    source = "held" if dialogue.group.startswith("held-") else "own"
    for length in sorted({min(most, len(said)) for most in (*PREFIXES, len(said))} - {0}):
        yield Labelled("\n".join(said[:length]), dialogue.fraud, source, dialogue.group)


def _side(rows: list[Labelled], seed: int) -> tuple[Floats, float]:
    chosen = training_examples([rows])
    labels = np.array([int(row.fraud) for row in chosen])
    seen = counted([row.text for row in chosen], BITS)
    pace = fitting.TEXT_PACE
    table, bias = learn(seen, labels, fitting.share(chosen), 2, BITS, pace, seed)
    return table[:, 1] - table[:, 0], float(bias[1] - bias[0])


def odds_after_turns(dialogues: Sequence[Dialogue], model: Model, ears: Ears) -> list[Floats]:
    """Log-odds after each turn of each dialogue: what `Call.heard` computes, for many at once."""
    sides = np.array([who for one in dialogues for who, _ in one.turns])
    read = grams(batch([text for one in dialogues for _, text in one.turns]))
    weights = np.where(
        sides == "caller",
        ears.weights_of(read, model, "caller"),
        ears.weights_of(read, model, "callee"),
    )
    number = np.diff(read.offsets)
    found, at = [], 0
    for one in dialogues:
        said: dict[Who, Said] = {"caller": Said(), "callee": Said()}
        odds = np.zeros(len(one.turns))
        for i, (who, _) in enumerate(one.turns):
            said[who] = said[who].then(float(weights[at + i]), int(number[at + i]))
            odds[i] = ears.log_odds(said["caller"], said["callee"], model)
        found.append(odds)
        at += len(one.turns)
    return found


def unmet(
    sets: dict[str, list[Labelled]], seed: int = 0, say: fitting.Say = lambda _: None
) -> Iterator[tuple[list[Dialogue], Model, Ears]]:
    """Our own calls, a fifth of the authors at a time, with a text model and ears that never met
    them."""
    rows = training_examples(sets.values())
    seen = counted([row.text for row in rows], fitting.BITS)
    authors = sorted({row.group for row in rows if row.source == "own"})
    dialogues = [dialogue for dialogue, _ in own_dialogues()]
    for fold in range(fitting.FOLDS):
        out = set(authors[fold :: fitting.FOLDS])
        if mine := [call for call in own_calls() if call.group in out]:
            say(f"without {', '.join(sorted(out))}")
            kept = [i for i, row in enumerate(rows) if row.source != "own" or row.group not in out]
            ears = learn_ears([one for one in dialogues if one.group not in out], seed)
            yield mine, text_model(rows, seen, np.array(kept), seed), ears


def text_model(
    rows: list[Labelled], seen: Counted, which: NDArray[np.int64], seed: int = 0
) -> Model:
    """A model with weights learned from these `rows` alone; all else is the shipped one's."""
    table, bias = fitting._learn_fraud(rows, seen, which, seed)
    small, scale = fitting._small(table)
    return dataclasses.replace(load_model(), weights=small, scale=scale, bias=bias)


def fit_ears(
    sets: dict[str, list[Labelled]], seed: int = 0, say: fitting.Say = lambda _: None
) -> Ears:
    """The ears that go with a text model learned from `sets`."""
    calls: list[Dialogue] = []
    odds: list[Floats] = []
    for mine, model, their_ears in unmet(sets, seed, say):
        calls += mine
        odds += odds_after_turns(mine, model, their_ears)
    say("learning from all of them")
    ears = learn_ears([dialogue for dialogue, _ in own_dialogues()], seed)
    return with_steps(ears, calls, odds)


def with_steps(ears: Ears, calls: Sequence[Dialogue], odds: Sequence[Floats]) -> Ears:
    """`ears` with curve and thresholds from calls that its like had not met."""
    highest = np.sort([o.max() for call, o in zip(calls, odds, strict=True) if not call.fraud])
    return dataclasses.replace(
        ears,
        curve=_curve(calls, odds),
        threshold=_above(highest, AT_THRESHOLD),
        danger=_above(highest, AT_DANGER),
        doubt=_above(highest, AT_DOUBT),
    )


def _above(ordered: NDArray[np.float64], share: float) -> float:
    """The least log-odds that at most `share` of `ordered` reach, to four places."""
    allowed = int(len(ordered) * share)
    return round(float(ordered[len(ordered) - 1 - allowed]) + 1e-4, 4)


def _curve(calls: Sequence[Dialogue], odds: Sequence[Floats]) -> tuple[float, float]:
    """Platt's, over all turns; every call weighs alike and so do the sides."""
    x = np.concatenate(odds)
    fraud = np.repeat([float(call.fraud) for call in calls], [len(o) for o in odds])
    weight = np.repeat([1 / len(o) for o in odds], [len(o) for o in odds])
    for side in (0.0, 1.0):
        weight[fraud == side] /= weight[fraud == side].sum()

    def loss(ab: NDArray[np.float64]) -> float:
        z = ab[0] * x + ab[1]
        return float((weight * (np.logaddexp(0, z) - fraud * z)).sum())

    a, b = minimize(loss, np.array([1.0, 0.0]), method="Nelder-Mead").x
    return round(float(a), 4), round(float(b), 4)


def main() -> None:
    """Make calls/ears.npz again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    data = parser.parse_args().data
    sets = {"own": [row for row in own_texts() if row.source == "own"]}
    sets |= {k: v for k, v in public_sets(data).items() if k not in MEASURE_ONLY}
    ears = fit_ears(sets, say=print)
    write_ears(ears)
    print(f"threshold {ears.threshold}, danger {ears.danger}, doubt {ears.doubt}, {ears.curve}")


if __name__ == "__main__":
    main()
