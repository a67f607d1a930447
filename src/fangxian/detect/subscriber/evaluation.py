"""How good is it, on rows it has never seen: repeated stratified cross-validation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .learning import folds
from .model import Model, train
from .table import Subscribers, TableError


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Macro-F1 of every fold, and what became of the rows, as means over the repeats.

    `right_frauds`, `missed`, `false_alarms`, `right_others`: rows of the confusion matrix.
    """

    macro_f1: tuple[float, ...]
    right_frauds: float
    missed: float
    false_alarms: float
    right_others: float
    held_out: float

    @property
    def mean(self) -> float:
        """Mean macro-F1 over all folds."""
        return float(np.mean(self.macro_f1))

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the mean. Folds share rows, so that the plain one is too narrow: the
        variance is corrected as by Nadeau and Bengio, Inference for the generalization error, 2003."""
        from scipy.stats import t

        count = len(self.macro_f1)
        spread = float(np.var(self.macro_f1, ddof=1))
        half = float(t.ppf(0.975, count - 1)) * np.sqrt(
            spread * (1 / count + self.held_out / (1 - self.held_out))
        )
        return self.mean - float(half), self.mean + float(half)

    @property
    def recall(self) -> float:
        """Share of the fraud that is found."""
        return self.right_frauds / (self.right_frauds + self.missed)

    @property
    def false_alarms_in_1000(self) -> float:
        """Of 1,000 subscribers without fraud, how many would be called one."""
        return 1_000 * self.false_alarms / (self.false_alarms + self.right_others)

    def precision_where(self, share: float) -> float:
        """Of those it would flag, the share that is fraud, where `share` of all subscribers are:
        the table has far more of them than a town."""
        hits = share * self.recall
        return hits / (hits + (1 - share) * self.false_alarms_in_1000 / 1_000)


def evaluate(
    table: Subscribers,
    *,
    repeats: int = 5,
    count: int = 5,
    seed: int = 0,
    learn: Callable[[Subscribers, int], Model] = train,
) -> Evaluation:
    """Train on all folds but one and look at that one, `count` times `repeats` times.

    Everything that is learned, the weights of the parts too, is learned inside `learn`, which sees the
    training rows only. Raises as `train`, and TableError without labels.
    """
    if table.is_fraud is None:
        raise TableError(["评估需要“label”列：请以 labelled=True 读取"])
    scores = []
    matrix = np.zeros((2, 2))
    for repeat in range(repeats):
        for rest, left_out in folds(table.is_fraud, count, seed + 1_000 * (repeat + 1)):
            model = learn(table.rows(rest), seed + repeat)
            called, truth = model.log_odds(table.values[left_out]) >= 0, table.is_fraud[left_out]
            scores.append(macro_f1(truth, called))
            np.add.at(matrix, (truth.astype(int), called.astype(int)), 1)
    matrix /= repeats
    (right_others, false_alarms), (missed, right_frauds) = matrix.tolist()
    return Evaluation(
        macro_f1=tuple(scores),
        right_frauds=right_frauds,
        missed=missed,
        false_alarms=false_alarms,
        right_others=right_others,
        held_out=1 / count,
    )


def macro_f1(truth: NDArray[np.bool_], called: NDArray[np.bool_]) -> float:
    """The mean of the F1 of fraud and of the rest."""

    def f1(of: NDArray[np.bool_], as_called: NDArray[np.bool_]) -> float:
        size = int(of.sum() + as_called.sum())
        return 2 * int((of & as_called).sum()) / size if size else 0.0

    return (f1(truth, called) + f1(~truth, ~called)) / 2
