"""Bodies as they came (from HTTP, standard input, a broker) into events, many at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

import pyarrow as pa

from ...events import SCHEMA
from ..journal import ARRAY, LINES
from .source import Read, Wrong

# reading.of_lines and reading.of_batch.
OfLines = Callable[[Sequence[bytes], str], Read]
OfBatch = Callable[[bytes, str], Read]

ARRAY_TYPE = "application/cloudevents-batch+json"
NONE = SCHEMA.empty_table()


class Reading(NamedTuple):
    """How lines, and the body of a request with its content type, become events."""

    of_lines: OfLines
    of_batch: OfBatch


def kind_of(body: bytes) -> int:
    """An array, or lines."""
    return ARRAY if body.lstrip()[:1] == b"[" else LINES


def read_bodies(
    bodies: Iterable[tuple[int, bytes]], where: str, reading: Reading
) -> tuple[pa.Table, list[Wrong]]:
    """Kinds and bodies, in order. `where` they stood, for what is wrong."""
    tables, wrong = [NONE], list[Wrong]()
    for kind, own in groupby(bodies, key=lambda one: one[0]):
        if kind == LINES:
            lines = [line for _, body in own for line in body.splitlines()]
            reads = [reading.of_lines(lines, where)]
        else:
            reads = [reading.of_batch(body, ARRAY_TYPE) for _, body in own]
        for read in reads:
            tables.append(read.events)
            wrong.extend(read.wrong)
    full = [table for table in tables if len(table)]
    events = full[0] if len(full) == 1 else pa.concat_tables(full or tables).unify_dictionaries()
    return events, wrong
