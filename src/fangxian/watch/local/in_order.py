"""Batches cut so that which events are late does not depend on how they were batched.

The watch calls late what comes behind the newest event of the batches before. After a crash the same
events come in other batches, so a batch is cut before each event that is late by those before it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from ..watching import Watch


def pieces(events: pa.Table, watch: Watch) -> Iterator[pa.Table]:
    """`events`, in pieces for `watch.take`, one after another."""
    if not len(events):
        return
    times = np.asarray(events["time"].cast(pa.int64()).to_numpy(), np.int64)
    newest = np.maximum.accumulate(np.concatenate([[watch.newest], times[:-1]]))
    late = np.flatnonzero(times < newest - watch.lateness)
    begin, known = 0, watch.newest
    for row in late.tolist():
        if times[row] >= known - watch.lateness:
            yield events.slice(begin, row - begin)
            begin, known = row, int(newest[row])
    yield events.slice(begin)
