"""A glance at a body, some microseconds long: is it one event as it should be?

Reading it in full takes milliseconds, and the watch does that anyway; the door only does where a
glance does not answer, to say where it is wrong and what.
"""

from __future__ import annotations

import json
from datetime import datetime

from ...events import TYPES

_TEXTS = ("id", "source", "subject")


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
            and isinstance(event.get("data", {}), dict)
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return False
