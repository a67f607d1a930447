"""Events that some signal asks for, still in columns: most are never looked at one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from fangxian.detect.links.find import addresses_in

from .arrivals import Arrivals
from .events import SMS, TYPES, whole
from .facts import FACTS, UNKNOWN, Columns, of_distinct
from .keyed import Keys, hashed
from .laid import Arrays, part, under
from .signals import Book, Seen

Ints = NDArray[np.int64]
Marks = NDArray[np.uint64]
_NAMES = ["resident", "id", "source", "type", "other"]
_COLUMNS = [*_NAMES, "leads"]
_PLAIN = pa.schema([pa.field(name, pa.string()) for name in _COLUMNS])


class Marked(NamedTuple):
    """Events in columns. `keys`: of their residents; `marks`: bit i for Book.events[i]; `names`: of
    resident, event, source, type, the other side, and where a text's link leads; `facts`: one row of
    FACTS for each."""

    times: Ints
    keys: Keys
    marks: Marks
    names: pa.Table
    facts: NDArray[np.float64]

    @classmethod
    def of(cls, book: Book, arrived: Arrivals, facts: Columns) -> Marked:
        """The events that are marked at all; `facts`: all that is known of each."""
        events, times, types = arrived.events, arrived.sides.times, arrived.sides.types
        marks = np.zeros(len(times), np.uint64)
        for number, type_ in enumerate(TYPES):
            asked = [(bit, event) for bit, event in enumerate(book.events) if event.type == type_]
            of_type = np.flatnonzero(types == number)
            own = facts.among(of_type, {c.fact for _, event in asked for c in event.conditions})
            for bit, event in asked:
                marks[of_type[event.among(own, len(of_type))]] |= np.uint64(1 << bit)
        rows = np.flatnonzero(marks)
        if "leads" not in events.column_names:
            events = events.select([*_NAMES, "text"])
        picked = events.take(pa.array(rows)) if len(rows) < len(events) else events
        if "leads" not in events.column_names:
            picked = picked.append_column("leads", leads_of(types[rows], picked["text"]))
        names = picked.select(_COLUMNS).cast(_PLAIN).combine_chunks()
        known = np.array([facts[name][rows] for name in FACTS]).T
        known[np.isnan(known)] = UNKNOWN
        return cls(times[rows], arrived.sides.residents[rows], marks[rows], names, known)

    def __len__(self) -> int:
        return len(self.times)

    @property
    def octets(self) -> int:
        """Bytes of memory."""
        arrays = (self.times, self.keys, self.marks, self.facts)
        return int(self.names.nbytes) + sum(array.nbytes for array in arrays)

    def among(self, which: NDArray[np.bool_] | Ints) -> Marked:
        """Some of them; rows by their places, in that order."""
        if which.dtype == np.bool_ and which.all():
            return self
        rows = np.flatnonzero(which) if which.dtype == np.bool_ else which
        names = self.names.take(pa.array(rows))
        return Marked(self.times[rows], self.keys[rows], self.marks[rows], names, self.facts[rows])

    @staticmethod
    def joined(parts: Sequence[Marked]) -> Marked:
        """One behind the other."""
        columns = list(zip(*parts, strict=True))
        times, keys, marks, names, facts = columns
        return Marked(
            np.concatenate(times),
            np.concatenate(keys),
            np.concatenate(marks),
            pa.concat_tables(names).combine_chunks(),
            np.concatenate(facts),
        )

    def residents(self, which: NDArray[np.bool_]) -> dict[str, int]:
        """The names of those whose events these are, and their keys."""
        rows = np.flatnonzero(which)
        names = self.names["resident"].take(pa.array(rows)).to_pylist()
        return dict(zip(names, self.keys[rows].tolist(), strict=True))

    def one(self, row: int) -> tuple[str, Seen]:
        """One of them, with the name of its resident."""
        resident, id_, source, kind, other, leads = (
            column.chunk(0)[row].as_py() or "" for column in self.names.columns
        )
        time, marks = int(self.times[row]), int(self.marks[row])
        facts = tuple(self.facts[row].tolist())
        return resident, Seen(time, id_, source, marks, kind, other, facts, leads)

    def laid_down(self) -> Arrays:
        """As arrays. No copies: nothing of it ever changes."""
        arrays: Arrays = {"times": self.times, "marks": self.marks, "facts": self.facts}
        for name in _COLUMNS:
            arrays |= under(f"{name}_", _text_laid_down(whole(self.names[name])))
        return arrays

    @classmethod
    def taken_up(cls, arrays: Mapping[str, NDArray[Any]], marks: Marks) -> Marked:
        """With the marks that they have now."""
        columns = [_text_taken_up(part(arrays, f"{name}_")) for name in _COLUMNS]
        names = pa.Table.from_arrays(columns, schema=_PLAIN)
        keys = hashed(names["resident"])
        return cls(arrays["times"], keys, marks, names, arrays["facts"])


@cache
def nothing_marked() -> Marked:
    """No event."""
    none = np.zeros(0, np.uint64)
    facts = np.zeros((0, len(FACTS)))
    return Marked(none.astype(np.int64), none, none, _PLAIN.empty_table(), facts)


def _text_laid_down(texts: pa.StringArray) -> Arrays:
    _, raw, data = texts.buffers()
    ends = np.frombuffer(raw, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    octets = np.frombuffer(data or b"", np.uint8)[ends[0] : ends[-1]]
    none = texts.is_null().to_numpy(zero_copy_only=False) if texts.null_count else np.zeros(0, bool)
    return {"ends": ends if not ends[0] else ends - ends[0], "octets": octets, "none": none}


def _text_taken_up(arrays: Mapping[str, NDArray[Any]]) -> pa.StringArray:
    ends, none = arrays["ends"], arrays["none"]
    there = pa.array(~none).buffers()[1] if len(none) else None
    buffers = pa.py_buffer(ends), pa.py_buffer(arrays["octets"])
    return pa.StringArray.from_buffers(len(ends) - 1, *buffers, there)


def leads_of(types: NDArray[np.int8], texts: pa.ChunkedArray) -> pa.Array:
    """The host of the first link in the text of each text message; null for none. `types`: places in
    TYPES. Who keeps texts back sends it along, as a column `leads`."""
    written = (types == TYPES.index(SMS)) & pc.is_valid(texts).to_numpy()
    leads = np.full(len(texts), None, object)
    if written.any():
        leads[written] = of_distinct(texts, np.flatnonzero(written), _leads)
    return pa.array(leads, pa.string())


def _leads(texts: pa.Array) -> NDArray[Any]:
    hosts = (next((a.host for *_, a in addresses_in(text)), None) for text in texts.to_pylist())
    return np.fromiter(hosts, object, len(texts))
