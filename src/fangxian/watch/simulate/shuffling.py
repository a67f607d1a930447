"""The same events as a network delivers them: late, out of order, and some more than once."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pyarrow as pa


def shuffled(table: pa.Table, lateness: timedelta, copies: int, seed: int) -> pa.Table:
    """`table` in an order of arrival, each event 1 to `copies` times.

    Every copy arrives within `lateness` after its `time`, so that at each moment of the result no
    event is older than the newest before it by more than `lateness`. The same seed gives the same
    order. Raises ValueError for a negative lateness or less than one copy.
    """
    if lateness < timedelta(0) or copies < 1:
        raise ValueError(f"lateness 不能为负，copies 至少 1；实际是 {lateness} 和 {copies}")
    rng = np.random.default_rng((seed, 19))
    times = table["time"].cast(pa.int64()).to_numpy()
    rows = np.repeat(np.arange(len(times)), rng.integers(1, copies, len(times), endpoint=True))
    late = rng.integers(0, lateness // timedelta(microseconds=1), len(rows), endpoint=True)
    return table.take(pa.array(rows[np.argsort(times[rows] + late, kind="stable")]))
