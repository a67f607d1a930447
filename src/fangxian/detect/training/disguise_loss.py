"""What disguise costs a model: recall and false alarms of the same texts, as written and disguised.

Honest texts are disguised as well: people write 加V and send full-width digits, and a detector that
flags whatever looks odd would seem to lose nothing. At the model's own threshold, and only of texts
that a way changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray
from rich.box import SIMPLE_HEAD
from rich.table import Table

from ..model import Model
from ..tokens import batch, grams
from .disguising import MEASURED, TRAINING, WAYS, disguise, pick
from .sources import Labelled, own_texts, public_sets

Flags = NDArray[np.bool_]
# Several ways at once, as `pick` chooses them.
MIXES = {"may train": TRAINING, "never trained": MEASURED, "any": tuple(WAYS)}
# Of a public set so many texts of a side are disguised: more would change no figure.
_MOST = 600


@dataclass(frozen=True)
class Loss:
    """One way, or a mix of ways, on one set: of how many texts, and the share flagged of them as
    they were written and in disguise."""

    source: str
    way: str
    fraud: int
    recall: tuple[float, float]
    honest: int
    alarms: tuple[float, float]


def disguised_loss(model: Model, texts: Sequence[Labelled], seeds: Sequence[int]) -> list[Loss]:
    """What each way and each mix costs on `texts`, every text disguised once a seed."""
    plain = _flagged(model, [row.text for row in texts])
    return [
        *(_loss(model, texts, plain, seeds, name, among) for name, among in MIXES.items()),
        *(_loss(model, texts, plain, seeds, way, (way,)) for way in WAYS),
    ]


def disguised_sets(model: Model, data: Path, seeds: Sequence[int] = (0, 1)) -> list[Loss]:
    """The authors held back way by way; of the public sets that are there, the mixes."""
    held = [row for row in own_texts() if row.source == "held"]
    found = disguised_loss(model, held, seeds)
    for texts in public_sets(data).values():
        some = _some([row for row in texts if row.part == "dev"])
        plain = _flagged(model, [row.text for row in some])
        found += [
            _loss(model, some, plain, seeds[:1], name, among) for name, among in MIXES.items()
        ]
    return found


def _some(texts: list[Labelled]) -> list[Labelled]:
    sides: list[list[Labelled]] = [[], []]
    for row in texts:
        sides[row.fraud].append(row)
    rng = Random(0)  # noqa: S311
    return [row for side in sides for row in rng.sample(side, min(_MOST, len(side)))]


def _loss(
    model: Model,
    texts: Sequence[Labelled],
    plain: Flags,
    seeds: Sequence[int],
    name: str,
    among: Sequence[str],
) -> Loss:
    written, which = [], []
    for seed in seeds:
        for i, row in enumerate(texts):
            rng = Random(f"{seed} {i}")  # noqa: S311  the same every time is the point
            made = disguise(row.text, rng, pick(rng, among))
            if made.ways:
                written.append(made.text)
                which.append(i)
    after, before = _flagged(model, written), plain[which]
    fraud = np.array([texts[i].fraud for i in which], bool)

    def shares(side: Flags) -> tuple[float, float]:
        if not side.any():
            return float("nan"), float("nan")
        return float(before[side].mean()), float(after[side].mean())

    source = texts[0].source if texts else ""
    return Loss(source, name, int(fraud.sum()), shares(fraud), int((~fraud).sum()), shares(~fraud))


def _flagged(model: Model, texts: Sequence[str]) -> Flags:
    found: Flags = model.log_odds(grams(batch(texts))) >= np.float32(model.threshold)
    return found


def table(losses: Sequence[Loss]) -> Table:
    """The losses for a terminal of 100 columns; ways that never train are marked."""
    grid = Table(
        title="in disguise, at the model's threshold (*: never trained)",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    for name in ("set", "way", "fraud", "recall", "lost", "honest", "false alarms", "more"):
        grid.add_column(name, justify="left" if name in ("set", "way") else "right")
    above = ""
    for loss in losses:
        if loss.source != above:
            grid.add_section()
        grid.add_row(
            loss.source if loss.source != above else "",
            loss.way + "*" * (loss.way in MEASURED),
            *_cells(loss.fraud, loss.recall, -1), *_cells(loss.honest, loss.alarms, 1),
        )  # fmt: skip
        above = loss.source
    return grid


def _cells(texts: int, shares: tuple[float, float], sign: int) -> tuple[str, str, str]:
    if not texts:
        return "", "", ""
    before, after = shares
    more = sign * (after - before)
    return f"{texts:,}", f"{before:.3f} → {after:.3f}", f"{more:+.3f}" if more else "0"
