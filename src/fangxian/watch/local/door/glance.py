"""A glance at a body, some microseconds an event: are they as they should be?

Reading it in full takes milliseconds, and the watch does that anyway; the door only does where a
glance does not answer, to say where it is wrong and what.
"""

from __future__ import annotations

import json
from datetime import datetime

from ...events import COLUMNS, TYPES

_TEXTS = ("id", "source", "subject")
# What the data of a type must have.
_NEEDED = {
    of: {c.name for c in COLUMNS if c.needed and of in c.of and c.of != TYPES} for of in TYPES
}


def events_in(body: bytes) -> int:
    """How many events a body holds, one or one a line, where all of them look right; else 0."""
    if is_one_event(body):
        return 1
    lines = [line for line in body.split(b"\n") if line.strip()]
    return len(lines) if all(is_one_event(line) for line in lines) else 0


def is_one_event(body: bytes) -> bool:
    """A CloudEvent of one of our types with all that every event needs. Its data may still be wrong:
    it is then set aside by the watch."""
    try:
        event = json.loads(body)
        return (
            event["specversion"] == "1.0"
            and event["type"] in TYPES
            and all(isinstance(event[name], str) and event[name] for name in _TEXTS)
            and datetime.fromisoformat(event["time"]).tzinfo is not None
            and isinstance(data := event.get("data", {}), dict)
            and _NEEDED[event["type"]] <= data.keys()
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return False
