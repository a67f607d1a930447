"""Training on a table and scoring rows of another.

A score is no decision about a person: see NO_DECISION, which every score carries.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..kinds import Words
from ..reasons import Reason
from .columns import columns
from .features import Array, features
from .learning import blend, folds, one_thread, parts
from .table import Subscribers, TableError

# 反电信网络诈骗法 Art. 32(3): whoever is restricted is told the reason and the remedy, and an appeal that
# holds lifts the measure at once; 个人信息保护法 Art. 24: no decision by a machine alone.
NO_DECISION = Words(
    "分数只是线索，不是对任何人的认定：须由运营商的工作人员核实确认后才能采取措施；"
    "被采取措施的人有权知道理由、提出申诉，申诉成立的立即解除。",
    "A score is a lead, not a decision about anyone: an officer of the operator must check and confirm"
    " before any measure; whoever is affected has the right to the reason and to appeal,"
    " and a measure is lifted at once if the appeal holds.",
)
INNER_FOLDS = 5
FEWEST = 50


@dataclass(frozen=True, eq=False)
class Score:
    """Of one row: the `probability` of fraud in a table like the one trained on (there one in three
    may be; among all subscribers far fewer), whether fraud is the likelier there, and why."""

    probability: float
    likely: bool
    reasons: tuple[Reason, ...]
    notice: Words = NO_DECISION


@dataclass(frozen=True, eq=False)
class Model:
    """A trained model; can be pickled, for one's own use.

    `ordinary` (at most 20,000, 55): rows of training that were no fraud, which reasons compare with.
    """

    learners: tuple[Any, ...]
    blend: Any
    ordinary: Array
    without: tuple[str, ...] = ()

    def log_odds(self, values: Array) -> Array:
        """The log-odds of fraud for rows of `Subscribers.values`."""
        table = features(values, self.without)[1]
        with one_thread():
            votes = np.column_stack([_log_odds(learner, table) for learner in self.learners])
            return np.asarray(self.blend.decision_function(votes), np.float64)


def train(
    table: Subscribers,
    seed: int = 0,
    *,
    learners: Collection[str] | None = None,
    without: Collection[str] = (),
) -> Model:
    """Learn from a labelled table (minutes for 5,000 rows). The same table and seed give the same
    predictions.

    The parts are weighed on predictions for rows that they were not trained on. `learners` (of learning.parts) and `without` (groups of
    features) leave some out, to see what they give. Raises TableError where there are no labels
    or fewer than 50 rows with either, ExtraMissing without scikit-learn.
    """
    is_fraud = _labels(table)
    made = {name: make for name, make in parts().items() if learners is None or name in learners}
    values = features(table.values, without)[1]
    with one_thread():
        votes = np.empty((len(table), len(made)))
        for rest, left_out in folds(is_fraud, INNER_FOLDS, seed):
            for at, make in enumerate(made.values()):
                learner = make(seed).fit(values[rest], is_fraud[rest])
                votes[left_out, at] = _log_odds(learner, values[left_out])
        weighed = blend().fit(votes, is_fraud)
        trained = tuple(make(seed).fit(values, is_fraud) for make in made.values())
    ordinary = table.values[~is_fraud]
    step = -(-len(ordinary) // MOST_ORDINARY)
    return Model(trained, weighed, ordinary[::step], tuple(without))


MOST_ORDINARY = 20_000
# Chances of a part are taken as no surer than this: one that is certain and wrong would outvote all.
_SUREST = 0.995
_FARTHEST = 3.0


def _log_odds(learner: Any, table: Array) -> Array:
    if hasattr(learner, "predict_proba"):
        chance = np.clip(learner.predict_proba(table)[:, 1], 1 - _SUREST, _SUREST)
        return np.asarray(np.log(chance / (1 - chance)))
    return np.asarray(np.clip(learner.decision_function(table), -_FARTHEST, _FARTHEST))


def _labels(table: Subscribers) -> NDArray[np.bool_]:
    if table.is_fraud is None:
        raise TableError(["训练需要“label”列（1 涉诈，0 未涉诈）：请以 labelled=True 读取"])
    if table.values.shape[1:] != (len(columns()),):
        raise TableError([f"应有 {len(columns())} 列，实际是 {table.values.shape}"])
    frauds = int(table.is_fraud.sum())
    if min(frauds, len(table) - frauds) < FEWEST:
        raise TableError(
            [
                f"涉诈和未涉诈的用户各应不少于 {FEWEST} 行，实际 {frauds} 行和 {len(table) - frauds} 行"
            ]
        )
    return table.is_fraud
