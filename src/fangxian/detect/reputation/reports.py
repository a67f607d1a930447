"""Reports about numbers, in whatever form they come, as columns of a bounded length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from .form import Secret, day_number

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_AT_ONCE = 100_000


class Report(NamedTuple):
    """One report: an E.164 number (or a service number's digits), the day, how much it counts."""

    number: str
    day: date
    weight: float = 1.0


class Columns(NamedTuple):
    """Many reports: numbers, days (datetime64[D]) and weights (None: 1 each) of the same length."""

    numbers: Sequence[str]
    days: NDArray[np.datetime64]
    weights: NDArray[np.float64] | None = None


# Arrow tables and readers of record batches come as they are: columns number, day and, if they
# like, weight. They are not named here, for Arrow need not be installed.
Reports = Iterable[Report] | Iterable[Columns] | Any


def rows_of(reports: Reports, secret: Secret, today: date) -> Iterator[NDArray[np.void]]:
    """The reports as rows of `row_type`, a hundred thousand at a time. Raises ValueError naming the
    report (from 1) that has no canonical number, a day after `today` or a weight that is not above 0.
    """
    first = 1
    for columns in _columns(reports):
        for start in range(0, len(columns.numbers), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            weights = None if columns.weights is None else columns.weights[part]
            rows = _rows(
                Columns(columns.numbers[part], columns.days[part], weights), secret, today, first
            )
            first += len(rows)
            yield rows


def row_type() -> np.dtype[np.void]:
    """One number's reports, or a report: the score is as of the day."""
    import numpy as np

    return np.dtype([("key", "<u8"), ("score", "<f8"), ("day", "<u2"), ("count", "<u4")])


def hashes(numbers: Sequence[str], secret: Secret, first: int = 1) -> NDArray[np.uint64]:
    """The keys of many numbers, counted from `first` where one of them is refused."""
    import numpy as np

    digests: list[bytes] = []
    try:
        digests.extend(map(secret.digest, numbers))
    except ValueError as why:
        raise ValueError(f"第 {first + len(digests)} 条：{why}") from None
    return np.frombuffer(b"".join(digests), dtype="<u8")


def _rows(columns: Columns, secret: Secret, today: date, first: int) -> NDArray[np.void]:
    import numpy as np

    keys = hashes(columns.numbers, secret, first)
    rows = np.zeros(len(keys), dtype=row_type())
    days = np.asarray(columns.days, dtype="datetime64[D]").astype(np.int64)
    weights = np.ones(len(keys)) if columns.weights is None else np.asarray(columns.weights, float)
    if not len(keys) == len(days) == len(weights):
        raise ValueError(
            f"第 {first} 条起：号码 {len(keys)} 个，日期 {len(days)} 个，权重 {len(weights)} 个"
        )
    _refuse((days < 0) | (days > day_number(today)), first, "日期应在 1970 年之后、不晚于今天")
    _refuse(~(np.isfinite(weights) & (weights > 0)), first, "权重应大于 0")
    rows["key"], rows["score"], rows["day"], rows["count"] = keys, weights, days, 1
    return rows


def _refuse(wrong: NDArray[np.bool_], first: int, why: str) -> None:
    if wrong.any():
        raise ValueError(f"第 {first + int(wrong.argmax())} 条：{why}")


def _columns(reports: Reports) -> Iterator[Columns]:
    if hasattr(reports, "to_batches"):
        reports = reports.to_batches()
    items = iter(reports)
    for item in items:
        if isinstance(item, Columns):
            yield item
        elif hasattr(item, "schema"):
            yield _of_arrow(item)
        else:
            yield _of_reports([item, *islice(items, _AT_ONCE - 1)])


def _of_reports(reports: list[Report]) -> Columns:
    import numpy as np

    rows = [Report(*report) for report in reports]
    return Columns(
        [row.number for row in rows],
        np.array([row.day for row in rows], dtype="datetime64[D]"),
        np.array([row.weight for row in rows], dtype=float),
    )


def _of_arrow(batch: Any) -> Columns:
    weighted = "weight" in batch.schema.names
    return Columns(
        batch.column("number").to_pylist(),
        batch.column("day").to_numpy(zero_copy_only=False),
        batch.column("weight").to_numpy(zero_copy_only=False) if weighted else None,
    )
