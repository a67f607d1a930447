"""What of scikit-learn is used, fetched when first needed: it is an optional extra."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


class ExtraMissing(ImportError):
    """scikit-learn is not there; says how to install it."""

    def __init__(self) -> None:
        super().__init__(
            "用户评分需要 scikit-learn：请在项目目录里运行 pip install '.[subscriber]' / scoring "
            "subscribers needs scikit-learn: pip install '.[subscriber]' in the project's folder"
        )


def parts() -> dict[str, Callable[[int], Any]]:
    """The learners that vote, by name: each gives one not yet trained, for a seed.

    Many small trees, straight lines, and distances: they err at different subscribers. Forests
    were tried and gave nothing more (bench_subscriber). Raises ExtraMissing.
    """
    try:
        from sklearn import ensemble, linear_model, pipeline, svm
    except ImportError as gone:
        raise ExtraMissing from gone

    def boosted(seed: int) -> Any:
        return ensemble.HistGradientBoostingClassifier(
            max_iter=400, learning_rate=0.03, max_leaf_nodes=12, min_samples_leaf=10,
            l2_regularization=5, max_features=0.1, early_stopping=False, random_state=seed,
        )  # fmt: skip

    return {
        # Which columns a tree may look at is drawn by lot: two draws err less than one.
        "boosted": lambda seed: ensemble.VotingClassifier(
            [(str(draw), boosted(2 * seed + draw)) for draw in range(2)], voting="soft"
        ),
        "logistic": lambda seed: pipeline.make_pipeline(
            *_evened(), linear_model.LogisticRegression(C=0.02, max_iter=1_000)
        ),
        "distances": lambda seed: pipeline.make_pipeline(*_evened(), svm.SVC(C=2, gamma=0.003)),
    }


def blend() -> Any:
    """What weighs the parts' log-odds against each other. Raises ExtraMissing."""
    try:
        from sklearn.linear_model import LogisticRegression
    except ImportError as gone:
        raise ExtraMissing from gone
    return LogisticRegression(C=0.05)


def folds(is_fraud: Any, count: int, seed: int) -> Iterator[tuple[Any, Any]]:
    """(rows to train on, rows left out), as many of the fraud in each. Raises ExtraMissing."""
    try:
        from sklearn.model_selection import StratifiedKFold
    except ImportError as gone:
        raise ExtraMissing from gone
    chosen = StratifiedKFold(count, shuffle=True, random_state=seed).split(is_fraud, is_fraud)
    return iter(chosen)


@contextmanager
def one_thread() -> Iterator[None]:
    """Sums in one order: the same seed gives the same bits on any number of cores."""
    try:
        from threadpoolctl import threadpool_limits
    except ImportError as gone:
        raise ExtraMissing from gone
    with threadpool_limits(1):
        yield


def _evened() -> list[Any]:
    """Values by rank on the normal curve, gaps at the middle and marked."""
    from sklearn.impute import SimpleImputer
    from sklearn.preprocessing import QuantileTransformer, StandardScaler

    return [
        SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True),
        QuantileTransformer(
            n_quantiles=200, output_distribution="normal", subsample=None, random_state=0
        ),
        StandardScaler(),
    ]
