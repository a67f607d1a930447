"""Counting by number in cells, compiled (windows.py says what)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .cells import CELLS_IN_DAY, CELLS_IN_HOUR, HOURS_IN_DAY
from .profile import COUNTED

# What is counted in a cell, by its place.
CALLS, CALLEES, ANSWERED, SHORT, DROPPED, TEXTS, BAD = range(7)
IS_CALL, IS_ANSWERED, IS_SHORT, IS_DROPPED, IS_BAD = 1, 2, 4, 8, 16
IN_CELL, IN_HOUR = 7, 3  # of an hour's cell only calls, callees and answered
FULL = np.uint16(65535)
NEVER = np.int32(-(1 << 30))
# A number that was not busy for so many cells (14 days) is new again.
FORGOTTEN = 14 * CELLS_IN_DAY


class Rows(NamedTuple):
    """One row per number. `cells` and `hours` are rings; `last`: the last busy cell; `first`: since
    when it is busy; `before`: its profile as it was before its last busy cell."""

    cells: NDArray[np.uint16]
    hours: NDArray[np.uint16]
    first: NDArray[np.int32]
    last: NDArray[np.int32]
    before: NDArray[np.int32]


def empty_rows(count: int) -> Rows:
    return Rows(
        np.zeros((count, CELLS_IN_HOUR, IN_CELL), np.uint16),
        np.zeros((count, HOURS_IN_DAY, IN_HOUR), np.uint16),
        np.full(count, NEVER),
        np.full(count, NEVER),
        np.zeros((count, COUNTED), np.int32),
    )


@njit(inline="always")
def _add(cell: Any, which: Any, by: Any) -> None:
    # A switchboard may ring more than can be counted: it stays full.
    if by > 0 and cell[which] < FULL:
        cell[which] += np.uint16(1)
    elif by < 0 and 0 < cell[which] < FULL:
        cell[which] -= np.uint16(1)


@njit(cache=True, nogil=True)
def profile_at(rows: Any, row: Any, edge: Any, out: Any) -> None:
    """Write what a number did before cell `edge` (COUNTED values), not looking at `before`."""
    out[:] = 0
    last = rows.last[row]
    if edge - last > FORGOTTEN:
        return
    for cell in range(max(edge - CELLS_IN_HOUR, last - CELLS_IN_HOUR + 1), min(edge, last + 1)):
        for which in range(IN_CELL):
            out[which] += rows.cells[row, cell % CELLS_IN_HOUR, which]
    hour, newest = (edge - 1) // CELLS_IN_HOUR, last // CELLS_IN_HOUR
    for h in range(max(hour, newest) - HOURS_IN_DAY + 1, min(hour, newest) + 1):
        for which in range(IN_HOUR):
            out[IN_CELL + which] += rows.hours[row, h % HOURS_IN_DAY, which]
    out[IN_CELL + IN_HOUR] = edge - rows.first[row]


@njit(cache=True, nogil=True)
def profiles(rows: Any, which: Any, edge: Any) -> Any:
    """The profile of each row at an edge."""
    out = np.empty((len(which), COUNTED), np.int32)
    for i in range(len(which)):
        if edge <= rows.last[which[i]]:
            out[i] = rows.before[which[i]]
        else:
            profile_at(rows, which[i], edge, out[i])
    return out


@njit(cache=True, nogil=True)
def settle(rows: Any, step: Any, which: Any, pairs: Any, places: Any, did: Any) -> None:
    """Count the events of one cell, those of a number one behind the other. `which`: the row of
    each; `pairs`: for every pair of numbers the last cell they met in, -1 for none, and `places`
    where in it each event's pair stands; `did`: bits IS_CALL and so on."""
    hour = step // CELLS_IN_HOUR
    for i in range(len(which)):
        row = which[i]
        if rows.last[row] < step:
            _roll(rows, row, step)
        cell, of_hour = rows.cells[row, step % CELLS_IN_HOUR], rows.hours[row, hour % HOURS_IN_DAY]
        if did[i] & IS_CALL:
            _add(cell, CALLS, 1)
            answered = np.int64((did[i] & IS_ANSWERED) != 0)
            _add(of_hour, CALLS, 1)
            _add(of_hour, ANSWERED, answered)
            _add(cell, ANSWERED, answered)
            _add(cell, SHORT, np.int64((did[i] & IS_SHORT) != 0))
            _add(cell, DROPPED, np.int64((did[i] & IS_DROPPED) != 0))
        else:
            _add(cell, TEXTS, 1)
            _add(cell, BAD, np.int64((did[i] & IS_BAD) != 0))
        met = pairs[places[i]]
        if met == step:
            continue
        # A resident counts in the last cell he was rung in, so a window's sum has him once.
        pairs[places[i]] = step
        _add(cell, CALLEES, 1)
        if met >= 0 and step - met < CELLS_IN_HOUR:
            _add(rows.cells[row, met % CELLS_IN_HOUR], CALLEES, -1)
        met_hour = met // CELLS_IN_HOUR
        if met_hour != hour or met < 0:
            _add(of_hour, CALLEES, 1)
            if met >= 0 and hour - met_hour < HOURS_IN_DAY:
                _add(rows.hours[row, met_hour % HOURS_IN_DAY], CALLEES, -1)


@njit(cache=True, nogil=True)
def _roll(rows: Any, row: Any, step: Any) -> None:
    """Make room for a new cell, and keep the profile before it."""
    profile_at(rows, row, step, rows.before[row])
    last = rows.last[row]
    if step - last > FORGOTTEN:
        rows.first[row] = step
    for cell in range(max(last + 1, step - CELLS_IN_HOUR + 1), step + 1):
        rows.cells[row, cell % CELLS_IN_HOUR] = 0
    hour = step // CELLS_IN_HOUR
    for h in range(max(last // CELLS_IN_HOUR + 1, hour - HOURS_IN_DAY + 1), hour + 1):
        rows.hours[row, h % HOURS_IN_DAY] = 0
    rows.last[row] = step


@njit(cache=True, nogil=True)
def busy(numbers: Any, count: Any, least: Any) -> Any:
    """(places of the events of numbers that have `least` of them, those of a number one behind the
    other; the `count` numbers' own order is kept)."""
    counts = np.zeros(count, np.int64)
    for i in range(len(numbers)):
        counts[numbers[i]] += 1
    at = 0
    for number in range(count):
        many = counts[number]
        counts[number] = at if many >= least else -1
        at += many if many >= least else 0
    order = np.empty(at, np.int64)
    for i in range(len(numbers)):
        if counts[numbers[i]] >= 0:
            order[counts[numbers[i]]] = i
            counts[numbers[i]] += 1
    return order
