"""JSON values into columns where they are not all of the expected sort: slower, and forgiving."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NoReturn

import numpy as np
import pyarrow as pa

from .casting import PLAIN
from .checking import Faults
from .wrong import NOT_CLOUDEVENT, NOT_JSON, NOT_OF_TYPE

# Members of a CloudEvent that are read, and the columns they are.
ENVELOPE = {
    "specversion": "specversion",
    "id": "id",
    "source": "source",
    "type": "type",
    "time": "time",
    "subject": "resident",
    "dataschema": "dataschema",
}
# As JSON has them: its numbers are wider than ours.
_WIDER = {pa.int32(): pa.int64(), pa.float32(): pa.float64()}
DATA = {
    name: _WIDER.get(plain, plain) for name, plain in PLAIN.items() if name not in ENVELOPE.values()
}
_NONE = type(None)
_SORTS: dict[pa.DataType, set[type]] = {
    pa.string(): {str, _NONE},
    pa.large_string(): {str, _NONE},
    pa.int64(): {int, _NONE},
    pa.float64(): {int, float, _NONE},
    pa.bool_(): {bool, _NONE},
}


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)  # NaN and Infinity are no JSON


_DECODER = json.JSONDecoder(parse_constant=_refuse)


def parsed(text: bytes) -> Any:
    """JSON of some bytes in UTF-8. Raises ValueError for what is none."""
    try:
        return _DECODER.decode(text.decode())
    except RecursionError as deep:
        raise ValueError("nested too deeply") from deep


def of_texts(lines: Sequence[bytes], faults: Faults) -> pa.Table:
    """The columns of lines that hold a CloudEvent each."""
    values: list[Any] = []
    not_json = np.zeros(len(lines), bool)
    for row, line in enumerate(lines):
        try:
            values.append(parsed(line))
        except ValueError:
            values.append({})
            not_json[row] = True
    faults.mark(NOT_JSON, not_json)
    return of_objects(values, faults)


def of_objects(values: list[Any], faults: Faults) -> pa.Table:
    """The columns of CloudEvents; a value that is none is marked."""
    no_objects = np.fromiter((not isinstance(v, dict) for v in values), bool, len(values))
    faults.mark(NOT_JSON, no_objects)
    events = [v if isinstance(v, dict) else {} for v in values]
    data = [event.get("data") for event in events]
    faults.mark(
        NOT_CLOUDEVENT,
        np.fromiter((not isinstance(d, dict | None) for d in data), bool, len(data)),
    )
    inner = [d if isinstance(d, dict) else {} for d in data]
    columns = {
        name: column_of([event.get(member) for event in events], pa.string(), name, faults)
        for member, name in ENVELOPE.items()
    }
    for name, wanted in DATA.items():
        columns[name] = column_of([d.get(name) for d in inner], wanted, name, faults)
    return pa.table(columns)


def column_of(values: list[Any], wanted: pa.DataType, name: str, faults: Faults) -> pa.Array:
    """As `wanted` where all values are of its sort, else as strings."""
    sorts = set(map(type, values))
    if sorts <= {_NONE}:
        return pa.nulls(len(values), wanted)
    if sorts <= _SORTS[wanted]:
        try:
            return pa.array(values, wanted)
        except (pa.ArrowException, OverflowError, UnicodeEncodeError):
            pass
    texts = [_text(value) for value in values]
    if name in NOT_OF_TYPE:
        faults.mark(NOT_OF_TYPE[name], np.array([t is _NO_TEXT for t in texts], bool))
    return pa.array([None if text is _NO_TEXT else text for text in texts], pa.string())


_NO_TEXT = object()


def _text(value: Any) -> Any:
    """A single value as text; _NO_TEXT for a list, an object, or half a character."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value) if isinstance(value, float) or abs(value) < 1 << 64 else _NO_TEXT
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            return _NO_TEXT
        return value
    return _NO_TEXT
