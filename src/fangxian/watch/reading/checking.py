"""Which events of a table can be used, and what is wrong with the others: each by its first fault."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ..events import COLUMNS, SCHEMA, TYPES, WORD, whole
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
# Which types (in order of TYPES) have a column.
_BELONGS = {c.name: np.array([of in c.of for of in TYPES]) for c in COLUMNS}
# Values for Arrow, made once: making one of Python's takes longer than a small comparison.
_TYPES = pa.array(TYPES, pa.string())
_WORDS = {name: pa.array([*words, None], pa.string()) for name, words in LISTED.items()}
_NULL = pa.scalar(None)


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
    places = {name: place for place, name in enumerate(table.column_names)}
    for name, wanted in PLAIN.items():
        given = table.column(places[name]) if name in places else None
        if given is None or given.null_count == len(table):
            columns.append(pa.nulls(len(table), wanted))
            continue
        found = cast(given, name)
        columns.append(found.array)
        faults.mark(NO_ZONE, found.no_zone)
        if found.failed is not None:
            # What does not belong to its type is left out, wrong or not.
            faults.mark(NOT_OF_TYPE[name], found.failed & _may_have(table, name))
    return pa.table(columns, names=list(PLAIN))


def _may_have(table: pa.Table, name: str) -> Bools:
    """Which events are of a type that has this column, or of none that is known."""
    if "type" not in table.column_names:
        return np.ones(len(table), bool)
    belongs = np.append(_BELONGS[name], True)
    may: Bools = belongs[_places(cast(table["type"], "type").array)]
    return may


def checked(table: pa.Table, faults: Faults, now: datetime | None) -> pa.Table:
    """The events of a table in PLAIN types that have no fault, in SCHEMA, faults being marked.

    `now`: what a plausible clock may show at the latest, less two days (the wall clock if None).
    """
    arrays = {name: whole(table.column(n)) for n, name in enumerate(PLAIN)}
    types = _places(arrays["type"])
    for column in COLUMNS:
        if column.of == TYPES and column.needed and arrays[column.name].null_count:
            faults.mark(MISSING[column.name], _bools(arrays[column.name].is_null()))
    faults.mark(UNKNOWN_TYPE, types < 0)
    for column in COLUMNS:
        array = arrays[column.name]
        if column.of == TYPES or (array.null_count == len(array) and not column.needed):
            continue
        belongs = np.append(_BELONGS[column.name], False)[types]
        there = _bools(array.is_valid())
        if (there & ~belongs).any():
            arrays[column.name] = pc.if_else(pa.array(belongs), array, _NULL)
        if column.needed:
            faults.mark(MISSING[column.name], belongs & ~there)
    _check_times(arrays["time"], faults, now or datetime.now(UTC))
    given = {name: array for name, array in arrays.items() if array.null_count < len(array)}
    _check_values(given, faults)
    return _in_schema(arrays, faults.none)


def _check_times(times: pa.Array, faults: Faults, now: datetime) -> None:
    at = times.cast(pa.int64())
    if at.null_count:
        at = at.fill_null(_microseconds(EARLIEST))
    numbers = at.to_numpy()
    faults.mark(TOO_EARLY, numbers < _microseconds(EARLIEST))
    faults.mark(TOO_LATE, numbers > _microseconds(now + AHEAD))


def _check_values(given: dict[str, pa.Array], faults: Faults) -> None:
    for name in given.keys() & OUT_OF_RANGE.keys():
        # What is no number is in no range: compared so, it is told.
        known = np.asarray(given[name].drop_null())
        fine = (known >= 0) & (known <= 1) if name.endswith("score") else known >= 0
        if not fine.all():
            out = _bools(given[name].is_valid())
            out[out] = ~fine
            faults.mark(OUT_OF_RANGE[name], out)
    for name in given.keys() & LISTED.keys():
        listed = _bools(pc.is_in(given[name], value_set=_WORDS[name]))
        if not listed.all():
            faults.mark(UNLISTED[name], ~listed)
    for name in given.keys() & _LONGEST.keys():
        # Characters are counted only where there are octets enough for so many.
        if pc.max(pc.binary_length(given[name])).as_py() > _LONGEST[name]:
            long = np.asarray(pc.utf8_length(given[name]).fill_null(0)) > _LONGEST[name]
            faults.mark(TOO_LONG[name], long)


def _in_schema(arrays: dict[str, pa.Array], fine: Bools) -> pa.Table:
    if not fine.all():
        chosen = pa.array(fine)
        arrays = {name: array.filter(chosen) for name, array in arrays.items()}
    words = {c.name for c in COLUMNS if c.type == WORD}
    return pa.Table.from_arrays(
        [a.dictionary_encode() if name in words else a for name, a in arrays.items()],
        schema=SCHEMA,
    )


def _places(types: pa.Array) -> NDArray[np.int64]:
    """The place of each in TYPES, -1 for another one."""
    places = pc.index_in(types, value_set=_TYPES)
    return np.asarray(places.fill_null(-1) if places.null_count else places, np.int64)


def _microseconds(moment: datetime) -> int:
    return int(moment.timestamp()) * 1_000_000


def _bools(mask: pa.Array) -> Bools:
    return np.asarray(mask.to_numpy(zero_copy_only=False), bool)
