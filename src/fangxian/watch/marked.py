"""Events that some signal asks for, still in columns: most are never looked at one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from .facts import FACTS, UNKNOWN, Columns
from .keyed import Keys, hashed
from .signals import Book, Seen

Ints = NDArray[np.int64]
Marks = NDArray[np.uint64]
_NAMES = ["resident", "id", "source", "type", "other"]
_PLAIN = pa.schema([pa.field(name, pa.string()) for name in _NAMES])


class Marked(NamedTuple):
    """Events in columns. `keys`: of their residents; `marks`: bit i for Book.events[i]; `names`: of
    resident, event, source, type and the other side; `facts`: one row of FACTS for each."""

    times: Ints
    keys: Keys
    marks: Marks
    names: pa.Table
    facts: NDArray[np.float64]

    @classmethod
    def of(cls, book: Book, events: pa.Table, times: Ints, facts: Columns) -> Marked:
        """The events of a batch that are marked at all."""
        types = np.asarray(events["type"].cast(pa.string()).to_numpy(zero_copy_only=False))
        marks = np.zeros(len(times), np.uint64)
        for bit, event in enumerate(book.events):
            marks |= event.among(types, facts).astype(np.uint64) << np.uint64(bit)
        rows = np.flatnonzero(marks)
        names = events.select(_NAMES).take(pa.array(rows)).cast(_PLAIN)
        own = np.array([facts[name][rows] for name in FACTS]).T
        known = np.where(np.isnan(own), UNKNOWN, own)
        return cls(times[rows], hashed(names["resident"]), marks[rows], names, known)

    def __len__(self) -> int:
        return len(self.times)

    def among(self, which: NDArray[np.bool_] | Ints) -> Marked:
        """Some of them."""
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
            pa.concat_tables(names),
            np.concatenate(facts),
        )

    def one_by_one(self) -> list[tuple[str, Seen]]:
        """Each with the name of its resident."""
        if not len(self):
            return []
        columns: list[list[Any]] = [self.names[name].to_pylist() for name in _NAMES]
        residents, ids, sources, types, others = columns
        known = map(tuple, self.facts.tolist())
        return [
            (resident, Seen(time, id_, source, mark, kind, other or "", facts))
            for resident, time, id_, source, mark, kind, other, facts in zip(
                residents, self.times.tolist(), ids, sources, self.marks.tolist(), types, others, known,
                strict=True,
            )
        ]  # fmt: skip

    def laid_down(self) -> dict[str, NDArray[Any]]:
        """As arrays."""
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, _PLAIN) as stream:
            stream.write_table(self.names)
        names = np.frombuffer(sink.getvalue(), np.uint8)
        return {"times": self.times, "marks": self.marks, "names": names, "facts": self.facts}

    @classmethod
    def taken_up(cls, arrays: Mapping[str, NDArray[Any]], marks: Marks) -> Marked:
        """With the marks that they have now."""
        names = pa.ipc.open_stream(pa.py_buffer(arrays["names"].tobytes())).read_all()
        keys = hashed(names["resident"])
        return cls(arrays["times"], keys, marks, names, arrays["facts"])


@cache
def nothing_marked() -> Marked:
    """No event."""
    none = np.zeros(0, np.uint64)
    facts = np.zeros((0, len(FACTS)))
    return Marked(none.astype(np.int64), none, none, _PLAIN.empty_table(), facts)
