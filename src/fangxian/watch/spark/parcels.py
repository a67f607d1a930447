"""What goes from task to task: parcels of many rows each, addressed to a share.

Spark moves rows, and takes a microsecond and more for each of their cells on the way from Python to
the JVM and back. So rows are packed first: what a task has for a share is one row to Spark, and in it
are Arrow's own octets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ..keyed import Keys
from ..laid import Arrays
from ..marked import Marked

# As Spark writes a schema, and as Arrow does.
DDL = "share int, what string, content binary"
_SCHEMA = pa.schema([("share", pa.int32()), ("what", pa.string()), ("content", pa.binary())])
EVENTS, HEARD, MARKED = "events", "heard", "marked"
BEGAN, CLOCK, TALLY, ALERT = "began", "clock", "tally", "alert"
_LOAD = 1 << 26
_ARRAYS = pa.schema(
    [
        ("name", pa.string()),
        ("kind", pa.string()),
        ("shape", pa.list_(pa.int64())),
        ("octets", pa.binary()),
    ]
)


class Parcel(NamedTuple):
    """`share`: whose it is; `what`: one of the words above; the last four are JSON."""

    share: int
    what: str
    content: bytes


def as_rows(parcels: Iterable[Parcel]) -> Iterator[pa.RecordBatch]:
    """For Spark, some megabytes at a time: a column of octets holds two gigabytes and no more."""
    rows: list[Parcel] = []
    octets = 0
    for parcel in parcels:
        rows.append(parcel)
        octets += len(parcel.content)
        if octets > _LOAD:
            yield _load(rows)
            rows, octets = [], 0
    if rows:
        yield _load(rows)


def _load(rows: list[Parcel]) -> pa.RecordBatch:
    columns = [
        pa.array([row[place] for row in rows], field.type) for place, field in enumerate(_SCHEMA)
    ]
    return pa.RecordBatch.from_arrays(columns, schema=_SCHEMA)


def of_rows(batches: Iterable[pa.RecordBatch | pa.Table]) -> Iterator[Parcel]:
    """The reverse of `as_rows`."""
    for batch in batches:
        yield from map(Parcel, *(batch[name].to_pylist() for name in _SCHEMA.names))


def events_by_share(events: pa.Table, keys: Keys, shares: int) -> Iterator[Parcel]:
    """A parcel for each share that has some; `keys` say which."""
    for share, rows in _by_share(keys, shares):
        yield Parcel(share, EVENTS, _as_stream(events.take(pa.array(rows))))


def events_for_all(events: pa.Table, shares: int) -> Iterator[Parcel]:
    """The same events for every share, to be heard of (Sight.hear)."""
    if len(events):
        content = _as_stream(events.combine_chunks())
        yield from (Parcel(share, HEARD, content) for share in range(shares))


def events_of(content: bytes) -> pa.Table:
    """What was in an EVENTS or a HEARD parcel."""
    return pa.ipc.open_stream(content).read_all()


def marked_by_share(marked: Marked, shares: int) -> Iterator[Parcel]:
    """A parcel for each share that has some; residents say which."""
    for share, rows in _by_share(marked.keys, shares):
        arrays = marked.among(rows).laid_down()
        yield Parcel(share, MARKED, _arrays_as_bytes(arrays))


def marked_of(contents: Iterable[bytes]) -> Marked | None:
    """What was in MARKED parcels, in order of time; None for none of them."""
    parts = []
    for content in contents:
        arrays = _arrays_of(content)
        parts.append(Marked.taken_up(arrays, arrays["marks"]))
    if not parts:
        return None
    every = Marked.joined(parts)
    # Of one time and resident too it is the same whichever task was quicker.
    return every.among(np.lexsort((every.names["id"].to_numpy(), every.keys, every.times)))


def _by_share(keys: Keys, shares: int) -> Iterator[tuple[int, NDArray[np.int64]]]:
    of_each = (keys % np.uint64(shares)).astype(np.int64)
    order = np.argsort(of_each, kind="stable")
    ends = np.cumsum(np.bincount(of_each, minlength=shares))
    for share, rows in enumerate(np.split(order, ends[:-1])):
        if len(rows):
            yield share, rows


def _as_stream(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return bytes(sink.getvalue())


def _arrays_as_bytes(arrays: Arrays) -> bytes:
    rows = [
        [name, array.dtype.str, array.shape, np.ascontiguousarray(array).tobytes()]
        for name, array in arrays.items()
    ]
    columns = [pa.array(c, f.type) for c, f in zip(zip(*rows, strict=True), _ARRAYS, strict=True)]
    return _as_stream(pa.Table.from_arrays(columns, schema=_ARRAYS))


def _arrays_of(content: bytes) -> Arrays:
    table = events_of(content)
    return {
        name: np.frombuffer(octets, kind).reshape(shape)
        for name, kind, shape, octets in zip(*(c.to_pylist() for c in table.columns), strict=True)
    }
