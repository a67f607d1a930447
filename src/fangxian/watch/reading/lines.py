"""CloudEvents 1.0 in JSON, in structured mode, into events: one a line, one alone, or an array.

Arrow parses blocks of lines at three times the speed of `json`; a block it does not like is parsed
line by line by `json` (loose.py), which also says which line is wrong. Both read the same.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json

from ..events import SCHEMA
from .casting import PLAIN
from .checking import Faults, typed
from .loose import DATA, ENVELOPE, of_objects, of_texts, parsed
from .tables import judged
from .wrong import (
    DATA_SCHEMA,
    LONGEST_LINE,
    MOST_RAW,
    NOT_CLOUDEVENT,
    NOT_JSON,
    OTHER_MEDIA,
    OTHER_SCHEMA,
    TOO_LARGE,
    Read,
    Reason,
    Wrong,
)

# Lines and bytes that are parsed at once: a wrong one makes the others of its block slow.
_BLOCK, _MOST_BYTES = 4_000, 1 << 24
_SHAPE = pa.schema(
    [(name, pa.string()) for name in ENVELOPE] + [("data", pa.struct(list(DATA.items())))]
)
_VERSION, _SCHEMAS = pa.array(["1.0"]), pa.array([DATA_SCHEMA, None])
_OPENS, _CLOSES = b"{}"
_NOTHING = pa.schema(list(PLAIN.items())).empty_table()
ONE, ARRAY = "application/cloudevents+json", "application/cloudevents-batch+json"
LINES = ("application/x-ndjson", "application/jsonl", "application/json")


def of_lines(
    lines: Sequence[bytes],
    where: str,
    *,
    first: int = 1,
    now: datetime | None = None,
) -> Read:
    """The events of lines, empty ones left out; a line may be any text that holds one event, so that
    the bodies of many requests are read at once. `first`, `now`: as in `of_table`."""
    given = [line.strip() for line in lines]
    numbers = [number for number, line in enumerate(given) if line]
    lines = [line for line in given if line] if len(numbers) < len(given) else given
    faults = Faults(len(lines))
    too_large = np.fromiter((len(line) > LONGEST_LINE for line in lines), bool, len(lines))
    faults.mark(TOO_LARGE, too_large)
    pieces, begin = [], 0
    for block in _blocks(lines):
        own = Faults(len(block))
        raw = _by_arrow(block)
        pieces.append(_typed(of_texts(block, own) if raw is None else raw, own))
        faults.take(own, begin)
        begin += len(block)
    plain = pa.concat_tables(pieces) if pieces else _NOTHING

    def told(row: int) -> tuple[str, str]:
        raw = lines[row][: 4 * MOST_RAW].decode(errors="replace")
        return f"{where}:{first + numbers[row]}", raw

    return judged(plain, faults, told, now)


def of_batch(
    body: bytes,
    content_type: str,
    *,
    where: str = "body",
    now: datetime | None = None,
) -> Read:
    """The events of the body of a request: one CloudEvent, an array of them, or lines."""
    media = content_type.split(";")[0].strip().lower()
    if media in LINES:
        return of_lines(body.split(b"\n"), where, now=now)
    if media not in (ONE, ARRAY):
        return _refused(OTHER_MEDIA, where, content_type)
    try:
        value = parsed(body)
    except ValueError:
        return _refused(NOT_JSON, where, body.decode(errors="replace"))
    if isinstance(value, list) != (media == ARRAY):
        return _refused(NOT_CLOUDEVENT, where, body.decode(errors="replace"))
    values = value if media == ARRAY else [value]
    faults = Faults(len(values))
    plain = _typed(of_objects(values, faults), faults)

    def told(row: int) -> tuple[str, str]:
        return f"{where}:{row + 1}", json.dumps(values[row], ensure_ascii=False)

    return judged(plain, faults, told, now)


def _refused(reason: Reason, where: str, raw: str) -> Read:
    return Read(SCHEMA.empty_table(), [Wrong(where, reason, raw[:MOST_RAW])])


def _blocks(lines: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    for begin in range(0, len(lines), _BLOCK):
        block = lines[begin : begin + _BLOCK]
        if sum(map(len, block)) < _MOST_BYTES:
            yield block
        else:
            yield from ([line if len(line) <= LONGEST_LINE else b"{}"] for line in block)


# Arrow takes these for numbers; JSON has none such.
_NO_NUMBER = re.compile(rb"[:,\[]\s*-?(?:NaN|Inf)")


def _has_no_number(text: bytes) -> bool:
    # The words first: they are looked for ten times as fast.
    return (b"NaN" in text or b"Inf" in text) and _NO_NUMBER.search(text) is not None


def _by_arrow(lines: Sequence[bytes]) -> pa.Table | None:
    """The columns of lines of one object each, of the expected sorts; None where they are not."""
    text = b"\n".join(lines)
    # An object that begins on one line and ends on another, or two on one, would shift all others.
    if (
        text.count(b"\n") != len(lines) - 1
        or not all(line[0] == _OPENS and line[-1] == _CLOSES for line in lines)
        or _has_no_number(text)
    ):
        return None
    try:
        text.decode()
        table = pyarrow.json.read_json(
            io.BytesIO(text),
            read_options=pyarrow.json.ReadOptions(use_threads=False, block_size=len(text) + 1),
            parse_options=pyarrow.json.ParseOptions(
                explicit_schema=_SHAPE, unexpected_field_behavior="ignore"
            ),
        )
    except (UnicodeDecodeError, pa.ArrowException):
        return None
    if len(table) != len(lines):
        return None
    data = dict(zip(DATA, table["data"].flatten(), strict=True))
    return pa.table({name: table[member] for member, name in ENVELOPE.items()} | data)


def _typed(raw: pa.Table, faults: Faults) -> pa.Table:
    """The columns of CloudEvents, those that are none marked, in PLAIN types."""
    faults.mark(NOT_CLOUDEVENT, ~np.asarray(pc.is_in(raw["specversion"], value_set=_VERSION)))
    faults.mark(OTHER_SCHEMA, ~np.asarray(pc.is_in(raw["dataschema"], value_set=_SCHEMAS)))
    return typed(raw, faults)
