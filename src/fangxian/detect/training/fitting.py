"""From labelled texts to the model's file: weights, the curve of probability, the threshold, heads.

The threshold and the curve come from texts the weights have not seen: dev parts of the public sets,
and our own texts scored by models that never met their author.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from ..kinds.names import known_keys
from ..model import Heads, Model
from ..tokens import batch, grams
from .learning import Counted, Floats, Pace, counted, learn
from .sources import SHARE, Labelled, training_examples

BITS, HEAD_BITS = 20, 15
# Of two classes each moves, so together they go at twice this pace.
TEXT_PACE = Pace(rate=0.1, shrink=3e-3)
HEAD_PACE = Pace(rate=0.1, epochs=8)
FOLDS = 5
# The threshold: so many false alarms of the mix of public dev sets, each counting alike, and of
# personal messages alone. Danger and doubt: of that mix with our own honest texts in it, scored by
# models that had not met their authors, so these lie further apart than they need to.
AT_THRESHOLD, AT_PERSONAL = 0.003, 0.001
AT_DANGER, AT_DOUBT = 0.003, 0.03
# Without public sets our own texts set the threshold, at what hard negatives may cost.
AT_OWN = 0.01
STAGES = ("contact", "trust", "isolate", "pay", "fee")

Say = Callable[[str], None]


@dataclass(frozen=True)
class Scored:
    """Texts a model had not seen, with the log-odds it gave them."""

    rows: list[Labelled]
    log_odds: Floats


def fit(sets: dict[str, list[Labelled]], seed: int = 0, say: Say = lambda _: None) -> Model:
    """The model of these sets (own texts, public sets, a town's own). The same sets and seed give
    the same model, byte for byte. `say` is told how far it is."""
    rows = training_examples(sets.values())
    say(f"{len(rows):,} texts, reading them")
    seen = counted([row.text for row in rows], BITS)
    say("learning from all of them")
    table, bias = _learn_fraud(rows, seen, np.arange(len(rows)), seed)
    weights, scale = _small(table)
    heads, about = _heads(rows, seed, say), _about(rows, seed)
    model = Model(weights, scale, bias, (1.0, 0.0), 0.0, 0.0, 0.0, heads, about)
    own = _own_unmet(rows, seen, seed, say)
    public = _public_dev(model, {row.source for row in rows}, sets)
    flagged, danger, doubt = _lines(own, public)
    slope, shift = _curve(own)
    # What is as likely fraud as not is not called clear.
    doubt = min(doubt, round(-shift / slope, 4))
    return replace(model, curve=(slope, shift), threshold=flagged, danger=danger, doubt=doubt)


def _public_dev(model: Model, trained: set[str], sets: dict[str, list[Labelled]]) -> Scored:
    """The dev parts of the sets that trained, by the model itself: it has not seen them."""
    rows = [r for s in sets.values() for r in s if r.part == "dev" and r.source in trained]
    odds = model.log_odds(grams(batch([row.text for row in rows]))).astype(float)
    return Scored(rows, odds)


def _lines(own: Scored, public: Scored) -> tuple[float, float, float]:
    """The log-odds at which a text is flagged, in danger, in doubt."""
    of_public, of_own = _honest_mix(public), _honest_mix(own)
    everything = [*of_public.values(), *of_own.values()]
    if of_public:
        threshold = _quantile(list(of_public.values()), 1 - AT_THRESHOLD)
        if "nus" in of_public:
            threshold = max(threshold, _quantile([of_public["nus"]], 1 - AT_PERSONAL))
    else:
        threshold = _quantile(everything, 1 - AT_OWN)
    danger = max(threshold, _quantile(everything, 1 - AT_DANGER))
    return threshold, danger, min(threshold, _quantile(everything, 1 - AT_DOUBT))


def share(rows: Sequence[Labelled]) -> Floats:
    """How much each text counts: sources by SHARE, then both sides alike, 1 on average."""
    sizes: dict[str, int] = {}
    for row in rows:
        sizes[row.source] = sizes.get(row.source, 0) + 1
    weight = np.array([SHARE.get(r.source, sizes[r.source]) / sizes[r.source] for r in rows])
    fraud = np.array([row.fraud for row in rows])
    for side in (fraud, ~fraud):
        weight[side] /= weight[side].sum()
    return weight * len(rows) / 2


def _learn_fraud(
    rows: list[Labelled], seen: Counted, which: NDArray[np.int64], seed: int
) -> tuple[Floats, float]:
    chosen = [rows[i] for i in which]
    labels = np.array([int(row.fraud) for row in chosen])
    table, bias = learn(_some(seen, which), labels, share(chosen), 2, BITS, TEXT_PACE, seed)
    return table[:, 1] - table[:, 0], float(bias[1] - bias[0])


def _some(rows: Counted, which: NDArray[np.int64]) -> Counted:
    lengths = np.diff(rows.offsets)[which]
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    at = np.repeat(rows.offsets[which] - offsets[:-1], lengths) + np.arange(offsets[-1])
    return Counted(offsets, rows.places[at], rows.counts[at])


def score(rows: Counted, table: Floats, bias: float) -> Floats:
    """Log-odds of texts by weights not yet made small."""
    sums = np.concatenate([[0.0], np.cumsum(table[rows.places] * rows.counts)])
    found: Floats = bias + sums[rows.offsets[1:]] - sums[rows.offsets[:-1]]
    return found


def _own_unmet(rows: list[Labelled], seen: Counted, seed: int, say: Say) -> Scored:
    """Our own texts, by models that had not met their author."""
    own = [i for i, row in enumerate(rows) if row.source == "own"]
    authors = sorted({rows[i].group for i in own})
    fold_of = {author: number % FOLDS for number, author in enumerate(authors)}
    found, log_odds = [], [np.zeros(0)]
    for fold in range(FOLDS):
        inside = np.array([i for i in own if fold_of[rows[i].group] == fold], np.int64)
        if not len(inside):
            continue
        say(f"scoring authors not met, {fold + 1} of {FOLDS}")
        rest = np.setdiff1d(np.arange(len(rows)), inside)
        table, bias = _learn_fraud(rows, seen, rest, seed)
        log_odds.append(score(_some(seen, inside), table, bias))
        found += [rows[i] for i in inside]
    return Scored(found, np.concatenate(log_odds))


def _curve(own: Scored) -> tuple[float, float]:
    """Slope and shift that make log-odds a probability where half of the texts are fraud (Platt)."""
    fraud = np.array([row.fraud for row in own.rows], float)
    x = own.log_odds
    weight = np.where(fraud > 0, 0.5 / max(fraud.sum(), 1), 0.5 / max((1 - fraud).sum(), 1))

    def loss(ab: NDArray[np.float64]) -> float:
        z = ab[0] * x + ab[1]
        return float((weight * (np.logaddexp(0, z) - fraud * z)).sum())

    a, b = minimize(loss, np.array([1.0, 0.0]), method="Nelder-Mead").x
    return round(float(a), 4), round(float(b), 4)


def _honest_mix(scored: Scored) -> dict[str, Floats]:
    """Log-odds of honest texts by source, rising."""
    honest: dict[str, list[float]] = {}
    for row, odds in zip(scored.rows, scored.log_odds, strict=True):
        if not row.fraud:
            honest.setdefault(row.source, []).append(float(odds))
    return {source: np.sort(np.array(odds)) for source, odds in sorted(honest.items())}


def _quantile(mix: list[Floats], below: float) -> float:
    """The log-odds under which so much of the mix lies, each part of it counting alike: a little
    above the last text that lies there, for whoever is at a threshold is flagged."""
    every = np.unique(np.concatenate(mix))
    lies = np.mean([np.searchsorted(part, every, "right") / len(part) for part in mix], axis=0)
    last = every[min(int(np.searchsorted(lies, below)), len(every) - 1)]
    return float(np.floor(last * 1e4) + 2) / 1e4


def _small(table: Floats) -> tuple[NDArray[np.int8], float]:
    """Weights as small integers. The few largest are cut, or the many small ones would all be 0."""
    top = float(np.quantile(np.abs(table[table != 0]), 0.9999)) if table.any() else 1.0
    scale = top / 127
    return np.clip(np.rint(table / scale), -127, 127).astype(np.int8), scale


def _heads(rows: list[Labelled], seed: int, say: Say) -> Heads:
    """Kind, genre and stage, from the texts of which they are known."""
    known = [row for row in rows if row.what and (row.fraud or row.source != "english")]
    genres = sorted({row.what for row in known if not row.fraud})
    kinds = tuple(k for k in known_keys() if any(r.fraud and r.what == k for r in known))
    groups = {
        "kind": (kinds, [(r.text, r.what) for r in known if r.fraud and r.what in kinds]),
        "genre": (tuple(genres), [(r.text, r.what) for r in known if not r.fraud]),
        "stage": (STAGES, [(r.text, r.stage) for r in known if r.fraud and r.stage in STAGES]),
    }
    tables, biases = [], []
    for group, (names, texts) in groups.items():
        say(f"learning the {group}")
        labels = np.array([names.index(name) for _, name in texts])
        sizes = np.bincount(labels, minlength=len(names))
        weight = (1 / np.sqrt(np.maximum(sizes, 1)))[labels]
        seen = counted([text for text, _ in texts], HEAD_BITS)
        weight *= len(texts) / weight.sum()
        table, bias = learn(seen, labels, weight, len(names), HEAD_BITS, HEAD_PACE, seed)
        tables.append(table)
        biases.append(bias)
    weights, scale = _small(np.concatenate(tables, axis=1))
    return Heads(
        {group: names for group, (names, _) in groups.items()},
        weights,
        scale,
        np.concatenate(biases).astype(np.float32),
    )


def _about(rows: list[Labelled], seed: int) -> dict[str, Any]:
    counts: dict[str, list[int]] = {}
    for row in rows:
        counts.setdefault(row.source, [0, 0])[int(row.fraud)] += 1
    return {
        "seed": seed,
        "texts": {s: {"honest": h, "fraud": f} for s, (h, f) in sorted(counts.items())},
    }
