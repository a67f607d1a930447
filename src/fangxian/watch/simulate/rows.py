"""Events on their way to be written: one NumPy record each, numbers and words still as integers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..events import TYPES

Rows = NDArray[np.void]

# -1 stands for null. `other`: see numbers.py; `word`: a link or app (words.py). `attempt` and `stage`
# are for the truth only, as are rows of type SILENT: what happens out of the watch's sight.
ROW = np.dtype(
    [
        ("time", np.int64), ("other", np.int64), ("amount", np.int64),
        ("resident", np.int32), ("seconds", np.int32), ("text", np.int32), ("word", np.int32),
        ("wave", np.int32), ("attempt", np.int32), ("rings", np.int16),
        ("type", np.int8), ("kind", np.int8), ("family", np.int8), ("outgoing", np.int8),
        ("code", np.int8), ("app", np.int8), ("new_payee", np.int8), ("stage", np.int8),
    ],
    align=True,
)  # fmt: skip
CALL, SMS, LINK, APP, TRANSFER, REPORT = range(len(TYPES))
SILENT = -1
_NOTHING = np.zeros((), ROW)
for _name in ROW.names or ():
    _NOTHING[_name] = 0 if _name == "stage" else -1


def blank(count: int, kind: int) -> Rows:
    """`count` rows of one type in which nothing else is known."""
    rows = np.full(count, _NOTHING)
    rows["type"] = kind
    return rows


class Pending:
    """Rows that are known before their time."""

    def __init__(self) -> None:
        self._rows: list[Rows] = []

    def add(self, *rows: Rows) -> None:
        self._rows += [each for each in rows if len(each)]

    def until(self, moment: int) -> Rows:
        """Every row of before `moment`, in order of time; they are pending no longer."""
        rows = np.concatenate([blank(0, SILENT), *self._rows])
        order = np.argsort(rows["time"], kind="stable")
        due = int(np.count_nonzero(rows["time"] < moment))
        self._rows = [rows[order[due:]]]
        return rows[order[:due]]
