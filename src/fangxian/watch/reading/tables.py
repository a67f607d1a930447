"""Tables into events: from Parquet, from Arrow, and what the other doors have parsed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime

import pyarrow as pa

from .casting import PLAIN
from .checking import Faults, checked, typed
from .wrong import MOST_RAW, Read, Wrong


def of_table(
    table: pa.Table,
    where: str,
    *,
    first: int = 1,
    now: datetime | None = None,
) -> Read:
    """The events of a table that has our columns, in any types that can be cast to ours.

    `first`: the number of its first row. `now`: two days after it no event is taken any more, in
    place of the wall clock.
    """
    # Arrow lets two columns have one name: the first is meant.
    table = table.select([table.column_names.index(n) for n in PLAIN if n in table.column_names])
    faults = Faults(len(table))
    plain = typed(table, faults)

    def told(row: int) -> tuple[str, str]:
        return f"{where}:{first + row}", _row(table, row)

    return judged(plain, faults, told, now)


def judged(
    plain: pa.Table,
    faults: Faults,
    told: Callable[[int], tuple[str, str]],
    now: datetime | None,
) -> Read:
    """A table in PLAIN types, checked. `told`: where a row stood and what came."""
    events = checked(plain, faults, now)
    wrong = []
    for row, reason in faults.items():
        where, raw = told(row)
        wrong.append(Wrong(where, reason, raw[:MOST_RAW]))
    return Read(events, wrong)


def _row(table: pa.Table, row: int) -> str:
    """A row of a table as JSON."""
    cells = {}
    for name in table.column_names:
        scalar = table[name][row]
        try:
            value = scalar.as_py()
        except (ValueError, OverflowError):
            value = str(scalar.type)  # what Python has no value for, such as a year 20000
        if value is not None:
            cells[name] = value[:MOST_RAW] if isinstance(value, str | bytes) else value
    return json.dumps(cells, ensure_ascii=False, default=str)
