"""Bodies as they came (from HTTP, standard input, a broker) into events, many at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from itertools import groupby
from typing import NamedTuple

import pyarrow as pa

from ...events import SCHEMA
from ...reading import Read, Wrong
from ..journal import ARRAY, LINES

# reading.of_lines and reading.of_batch.
OfLines = Callable[[Sequence[bytes], str], Read]
OfBatch = Callable[[bytes, str], Read]

# Of bodies that are one event, or may be lines of them.
ONE_TYPE = "application/cloudevents+json"
EVENT_TYPES = (
    ONE_TYPE,
    "application/x-ndjson",
    "application/jsonl",
    "application/json",
)
ARRAY_TYPE = "application/cloudevents-batch+json"
NONE = SCHEMA.empty_table()


class Reading(NamedTuple):
    """How lines, and the body of a request with its content type, become events."""

    of_lines: OfLines
    of_batch: OfBatch


def kept(body: bytes) -> tuple[int, bytes]:
    """How a body is kept: an array as it came, one event and lines as lines."""
    body = body.strip()
    if body[:1] == b"[":
        return ARRAY, body
    if b"\n" in body:
        # One event may be written on many lines; many events are no JSON together.
        with suppress(ValueError):
            return LINES, json.dumps(json.loads(body)).encode()
    return LINES, body


def read_bodies(
    bodies: Iterable[tuple[int, bytes]], where: str, reading: Reading
) -> tuple[pa.Table, list[Wrong]]:
    """Kinds and bodies, in order. `where` they stood, for what is wrong."""
    tables, wrong = [NONE], list[Wrong]()
    for kind, own in groupby(bodies, key=lambda one: one[0]):
        if kind == LINES:
            lines = [line for _, body in own for line in body.split(b"\n")]
            reads = [reading.of_lines(lines, where)]
        else:
            reads = [reading.of_batch(body, ARRAY_TYPE) for _, body in own]
        for read in reads:
            tables.append(read.events)
            wrong.extend(read.wrong)
    full = [table for table in tables if len(table)]
    events = full[0] if len(full) == 1 else pa.concat_tables(full or tables).unify_dictionaries()
    return events, wrong
