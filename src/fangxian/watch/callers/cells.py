"""Cells of ten minutes, numbered from 1970: in which numbers are counted."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.int64]  # microseconds since 1970, UTC
Steps = NDArray[np.int64]

SECOND = 1_000_000
STEP = 600 * SECOND
# Windows: an hour of cells, and a clock hour with the 23 before it.
CELLS_IN_HOUR, HOURS_IN_DAY = 6, 24
CELLS_IN_DAY = CELLS_IN_HOUR * HOURS_IN_DAY


def step_of(times: Times) -> Steps:
    """The cell in which each time lies."""
    return times // STEP


def cells(steps: Steps) -> Iterator[tuple[int, slice]]:
    """Each cell, and which of the events, in order of cells, lie in it."""
    bounds = np.concatenate([[0], np.flatnonzero(np.diff(steps)) + 1, [len(steps)]]).tolist()
    for begin, end in pairwise(bounds) if len(steps) else ():
        yield int(steps[begin]), slice(begin, end)


def edge_of(times: Times, lateness: int) -> Steps:
    """Up to which cell (itself not) numbers are known to an event: what ended `lateness`
    microseconds before it. Two events that may arrive in either order differ by one at most, if
    `lateness` is one cell or less."""
    return (times - lateness) // STEP
