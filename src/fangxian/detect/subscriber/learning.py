"""What of scikit-learn is used, fetched when first needed: it is an optional extra."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

EXTRA = "fangxian[subscriber]"


class ExtraMissing(ImportError):
    """scikit-learn is not there; says how to install it."""

    def __init__(self) -> None:
        super().__init__(
            f"用户评分需要 scikit-learn：请安装 {EXTRA}（pip install '{EXTRA}'）"
            f" / scoring subscribers needs scikit-learn: install {EXTRA}"
        )


def parts() -> dict[str, Callable[[int], Any]]:
    """The learners that vote, by name: each gives one not yet trained, for a seed.

    Two of few deep thoughts (boosting), two of many shallow ones (forests), two that draw smooth
    lines: they err at different subscribers. Raises ExtraMissing.
    """
    try:
        from sklearn import ensemble, linear_model, neural_network, pipeline
    except ImportError as gone:
        raise ExtraMissing from gone

    def trees(kind: Any, share: float) -> Callable[[int], Any]:
        return lambda seed: pipeline.make_pipeline(
            _filled(), kind(300, max_features=share, random_state=seed, n_jobs=1)
        )

    return {
        "boosted": lambda seed: ensemble.HistGradientBoostingClassifier(
            max_iter=250, learning_rate=0.04, max_leaf_nodes=15, min_samples_leaf=15,
            l2_regularization=3, max_features=0.3, early_stopping=False, random_state=seed,
        ),
        "boosted_slowly": lambda seed: ensemble.HistGradientBoostingClassifier(
            max_iter=400, learning_rate=0.03, max_leaf_nodes=12, min_samples_leaf=10,
            l2_regularization=5, max_features=0.1, early_stopping=False, random_state=seed,
        ),
        "extra_trees": trees(ensemble.ExtraTreesClassifier, 0.4),
        "forest": trees(ensemble.RandomForestClassifier, 0.15),
        "logistic": lambda seed: pipeline.make_pipeline(
            *_evened(), linear_model.LogisticRegression(C=0.02, max_iter=1_000)
        ),
        "network": lambda seed: pipeline.make_pipeline(
            *_evened(),
            neural_network.MLPClassifier(
                (64,), alpha=3, max_iter=60, early_stopping=True, random_state=seed
            ),
        ),
    }  # fmt: skip


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


def _filled() -> Any:
    """A gap as a value far below all others, which a tree can cut off."""
    from sklearn.impute import SimpleImputer

    return SimpleImputer(strategy="constant", fill_value=-1e6, keep_empty_features=True)


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
