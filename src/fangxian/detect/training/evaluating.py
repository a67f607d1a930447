"""How a model does on texts it has not learned from: one row a set and a genre.

Recall and false alarms are at the model's own threshold, never at one chosen afterwards; intervals
are bootstrapped over groups (campaigns, authors, files), not over texts, for texts of one campaign
are no independent witnesses.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.box import SIMPLE_HEAD
from rich.table import Table

from ..model import Model
from ..tokens import batch, grams
from .fitting import Say, fit
from .sources import MEASURE_ONLY, Labelled, own_texts, public_sets

Floats = NDArray[np.float64]
Interval = tuple[float, float]
_TRIALS = 300


@dataclass(frozen=True)
class Row:
    """One set, or one genre of it. `rate` is recall of a fraud or false alarms of an honest genre,
    at the threshold; `auc`, `at_one` (recall at 1 % false alarms of the set) and `ece` only where a
    set holds both sides, else None."""

    source: str
    genre: str
    texts: int
    fraud: bool | None
    rate: float
    interval: Interval
    auc: float | None = None
    at_one: float | None = None
    ece: float | None = None


def evaluate(model: Model, data: Path, seed: int = 0) -> list[Row]:
    """The model on every set that is there: dev parts of what may train, all of what may not."""
    rows: list[Row] = []
    sets = public_sets(data)
    sets["held"] = [row for row in own_texts() if row.source == "held"]
    for source, texts in sets.items():
        dev = [row for row in texts if row.part == "dev"]
        odds = model.log_odds(grams(batch([row.text for row in dev]))).astype(float)
        rows += _of_set(source, dev, odds, model, np.random.default_rng(seed))
    return rows


def left_out(data: Path, seed: int = 0, say: Say = lambda _: None) -> list[Row]:
    """The main protocol: every public set that may train, by a model that learned all but this set,
    on the whole of it. What a set says about itself proves little: its two sides have different
    writers."""
    own = [row for row in own_texts() if row.source == "own"]
    sets = {k: v for k, v in public_sets(data).items() if k not in MEASURE_ONLY}
    rows: list[Row] = []
    for source, texts in sets.items():
        say(f"without {source}")
        others = {name: other for name, other in sets.items() if name != source}
        model = fit({"own": own, **others}, seed)
        odds = model.log_odds(grams(batch([row.text for row in texts]))).astype(float)
        name = f"{source}, not learned from"
        rows += _of_set(name, texts, odds, model, np.random.default_rng(seed))
    return rows


def _of_set(
    source: str, texts: list[Labelled], odds: Floats, model: Model, rng: np.random.Generator
) -> list[Row]:
    fraud = np.array([row.fraud for row in texts])
    flagged = odds >= model.threshold
    rows = []
    for side in (True, False):
        mine = fraud == side
        if mine.any():
            groups = np.array([row.group for row in texts])[mine]
            interval = _bootstrap(flagged[mine], groups, rng)
            name = "fraud" if side else "honest"
            rows.append(
                Row(source, name, int(mine.sum()), side, float(flagged[mine].mean()), interval)
            )
    if fraud.any() and not fraud.all():
        whole = Row(
            source, "", len(texts), None, float("nan"), (0.0, 0.0),
            auc=_auc(odds, fraud),
            at_one=_recall_at(odds, fraud, 0.01),
            ece=_ece(model.probability(odds.astype(np.float32)).astype(float), fraud),
        )  # fmt: skip
        rows.insert(0, whole)
    genres = sorted({(row.fraud, row.what) for row in texts if row.what})
    for side, what in genres if len(genres) > 2 else ():
        mine = np.array([row.fraud == side and row.what == what for row in texts])
        groups = np.array([row.group for row in texts])[mine]
        interval = _bootstrap(flagged[mine], groups if len(set(groups)) > 3 else None, rng)
        rows.append(Row(source, what, int(mine.sum()), side, float(flagged[mine].mean()), interval))
    return rows


def _bootstrap(
    hits: NDArray[np.bool_], groups: NDArray[np.str_] | None, rng: np.random.Generator
) -> Interval:
    """95 % interval of the mean of `hits`, groups drawn whole; of single texts without groups."""
    if groups is None:
        groups = np.arange(len(hits)).astype(str)
    _, of = np.unique(groups, return_inverse=True)
    size = np.bincount(of).astype(float)
    sums = np.bincount(of, weights=hits)
    drawn = rng.integers(0, len(size), (_TRIALS, len(size)))
    means = sums[drawn].sum(axis=1) / size[drawn].sum(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def _auc(odds: Floats, fraud: NDArray[np.bool_]) -> float:
    """How often a fraud is given more than an honest text; ties count half."""
    honest = np.sort(odds[~fraud])
    below = np.searchsorted(honest, odds[fraud], "left")
    level = np.searchsorted(honest, odds[fraud], "right") - below
    return float((below + level / 2).mean() / len(honest))


def _recall_at(odds: Floats, fraud: NDArray[np.bool_], alarms: float) -> float:
    """Recall where at most `alarms` of the honest texts are flagged."""
    honest = np.sort(odds[~fraud])
    return float((odds[fraud] > honest[int(np.ceil(len(honest) * (1 - alarms))) - 1]).mean())


def _ece(probability: Floats, fraud: NDArray[np.bool_], bins: int = 10) -> float:
    """Expected calibration error in ten bins, both sides weighing alike."""
    weight = np.where(fraud, 0.5 / fraud.sum(), 0.5 / (~fraud).sum())
    of = np.minimum((probability * bins).astype(int), bins - 1)
    error = 0.0
    for each in range(bins):
        mine = of == each
        if mine.any():
            total = weight[mine].sum()
            gap = (weight[mine] * (fraud[mine] - probability[mine])).sum() / total
            error += total * abs(gap)
    return float(error)


def table(rows: list[Row]) -> Table:
    """The rows for a terminal of 100 columns: below each set its sides and genres."""
    grid = Table(
        title="at the model's threshold; 95 % intervals by group",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    for name in ("set", "texts", "recall", "false alarms", "AUC", "at 1 %", "ECE"):
        grid.add_column(name, justify="left" if name == "set" else "right")

    def share(row: Row) -> str:
        return f"{row.rate:.3f} [{row.interval[0]:.3f}, {row.interval[1]:.3f}]"

    above = ""
    for row in rows:
        if row.source != above:
            grid.add_section()
        # A set of one side has no row for the whole of it.
        inside = row.genre and row.source == above
        grid.add_row(
            f"  {row.genre}" if inside else f"{row.source} {row.genre}".rstrip(),
            f"{row.texts:,}",
            share(row) if row.fraud else "", share(row) if row.fraud is False else "",
            *("" if x is None else f"{x:.3f}" for x in (row.auc, row.at_one, row.ece)),
        )  # fmt: skip
        above = row.source
    grid.caption = "at 1 %: recall where 1 % of the honest texts of the set are flagged"
    return grid
