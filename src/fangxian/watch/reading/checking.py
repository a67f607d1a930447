"""Which events of a table can be used, and what is wrong with the others: each by its first fault."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ..events import COLUMNS, SCHEMA, TYPES, WORD
from .casting import PLAIN, Bools, cast
from .wrong import (
    LISTED,
    LONGEST_NAME,
    LONGEST_TEXT,
    MISSING,
    NO_ZONE,
    NOT_OF_TYPE,
    OUT_OF_RANGE,
    TOO_EARLY,
    TOO_LATE,
    TOO_LONG,
    UNKNOWN_TYPE,
    UNLISTED,
    Reason,
)

# Before it no telephone of today was in use, and a clock that lost its battery stands at 1970.
EARLIEST = datetime(2015, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=2)
_LONGEST = {
    c.name: LONGEST_TEXT if c.name in ("text", "url") else LONGEST_NAME
    for c in COLUMNS
    if PLAIN[c.name] in (pa.string(), pa.large_string()) and c.name not in (*LISTED, "type")
}


class Faults:
    """The first fault of each row."""

    def __init__(self, rows: int) -> None:
        self._which = np.zeros(rows, np.int16)
        self._reasons: list[Reason] = []

    def mark(self, reason: Reason, rows: Bools | None) -> None:
        """Rows that have no fault so far have this one."""
        if rows is None or not rows.any():
            return
        self._reasons.append(reason)
        self._which[rows & (self._which == 0)] = len(self._reasons)

    def take(self, others: Faults, begin: int) -> None:
        """The faults of a piece of the rows that begins at `begin`."""
        for which, reason in enumerate(others._reasons, 1):
            rows = np.zeros(len(self._which), bool)
            rows[begin : begin + len(others._which)] = others._which == which
            self.mark(reason, rows)

    @property
    def none(self) -> Bools:
        """Which rows have no fault."""
        fine: Bools = self._which == 0
        return fine

    def items(self) -> Iterable[tuple[int, Reason]]:
        """Row and fault, in order of rows."""
        rows = np.flatnonzero(self._which)
        for row, which in zip(rows.tolist(), self._which[rows].tolist(), strict=True):
            yield row, self._reasons[which - 1]


def typed(table: pa.Table, faults: Faults) -> pa.Table:
    """A table of any columns with ours, in PLAIN types; what could not be cast is marked."""
    columns = []
    for name, wanted in PLAIN.items():
        if name not in table.column_names:
            columns.append(pa.nulls(len(table), wanted))
            continue
        found = cast(table[name], name)
        faults.mark(NO_ZONE, found.no_zone)
        columns.append(found.array)
        if found.failed is not None:
            # What does not belong to its type is left out, wrong or not.
            faults.mark(NOT_OF_TYPE[name], found.failed & _belongs(table, name))
    return pa.table(columns, names=list(PLAIN))


def _belongs(table: pa.Table, name: str) -> Bools:
    """Whether a column is one of the event's type; where that is not known it is."""
    of = next(c.of for c in COLUMNS if c.name == name)
    if of == TYPES or "type" not in table.column_names:
        return np.ones(len(table), bool)
    types = cast(table["type"], "type").array
    elsewhere = [t for t in TYPES if t not in of]
    return ~_bools(pc.is_in(types, value_set=pa.array(elsewhere)))


def checked(table: pa.Table, faults: Faults, now: datetime | None) -> pa.Table:
    """The events of a table in PLAIN types that have no fault, in SCHEMA, faults being marked.

    `now`: what a plausible clock may show at the latest, less two days (the wall clock if None).
    """
    columns: dict[str, Any] = dict(zip(table.column_names, table.columns, strict=True))
    types = _places(columns["type"])
    for name in (c.name for c in COLUMNS if c.needed and c.of == TYPES):
        faults.mark(MISSING[name], _bools(pc.is_null(columns[name])))
    faults.mark(UNKNOWN_TYPE, types < 0)
    for column in COLUMNS:
        if column.of != TYPES:
            belongs = np.isin(types, [TYPES.index(of) for of in column.of])
            there = _bools(pc.is_valid(columns[column.name]))
            if (there & ~belongs).any():
                columns[column.name] = pc.if_else(pa.array(belongs), columns[column.name], None)
            if column.needed:
                faults.mark(MISSING[column.name], belongs & ~there)
    _check_times(columns["time"], faults, now or datetime.now(UTC))
    _check_values(columns, faults)
    return _in_schema(columns, faults.none)


def _check_times(times: Any, faults: Faults, now: datetime) -> None:
    at = np.asarray(pc.fill_null(times.cast(pa.int64()), 0).to_numpy())
    faults.mark(TOO_EARLY, at < _microseconds(EARLIEST))
    faults.mark(TOO_LATE, at > _microseconds(now + AHEAD))


def _check_values(columns: dict[str, Any], faults: Faults) -> None:
    for name, reason in OUT_OF_RANGE.items():
        column = columns[name]
        if column.null_count < len(column):
            fine = pc.greater_equal(column, 0)
            if name.endswith("score"):
                fine = pc.and_(fine, pc.less_equal(column, 1))
            faults.mark(reason, _bools(pc.invert(fine)))
    for name, words in LISTED.items():
        column = columns[name]
        if column.null_count < len(column):
            listed = pc.is_in(column, value_set=pa.array([*words, None], pa.string()))
            faults.mark(UNLISTED[name], _bools(pc.invert(listed)))
    for name, longest in _LONGEST.items():
        column = columns[name]
        # Characters are counted only where there are octets enough for so many.
        if (pc.max(pc.binary_length(column)).as_py() or 0) > longest:
            faults.mark(TOO_LONG[name], _bools(pc.greater(pc.utf8_length(column), longest)))


def _in_schema(columns: dict[str, Any], fine: Bools) -> pa.Table:
    table = pa.table(columns)
    if not fine.all():
        table = table.filter(pa.array(fine))
    table = table.combine_chunks()
    arrays = [
        table[c.name].dictionary_encode() if c.type == WORD else table[c.name] for c in COLUMNS
    ]
    return pa.Table.from_arrays(arrays, schema=SCHEMA)


def _places(types: Any) -> NDArray[np.int64]:
    """The place of each in TYPES, -1 for another one."""
    places = pc.index_in(types, value_set=pa.array(TYPES))
    return np.asarray(pc.fill_null(places, -1).to_numpy(), np.int64)


def _microseconds(moment: datetime) -> int:
    return int(moment.timestamp()) * 1_000_000


def _bools(mask: Any) -> Bools:
    return np.asarray(pc.fill_null(mask, False).to_numpy(zero_copy_only=False), bool)
