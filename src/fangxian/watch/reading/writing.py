"""Events as CloudEvents in JSON, one a line: for those who send them, and for trying out."""

from __future__ import annotations

import json
from datetime import datetime

import pyarrow as pa

from ..events import COLUMNS
from .loose import DATA, ENVELOPE
from .wrong import DATA_SCHEMA


def as_lines(events: pa.Table) -> list[bytes]:
    """Each event (events.SCHEMA) as a line that `of_lines` reads again as it was."""
    members = {name: member for member, name in ENVELOPE.items()}
    lines = []
    for row in events.select([c.name for c in COLUMNS]).to_pylist():
        event: dict[str, object] = {"specversion": "1.0", "dataschema": DATA_SCHEMA}
        event |= {members[name]: _written(row[name]) for name in members if name in row}
        event["data"] = {name: row[name] for name in DATA if row[name] is not None}
        lines.append(json.dumps(event, ensure_ascii=False).encode())
    return lines


def _written(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
