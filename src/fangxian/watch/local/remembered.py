"""A warning as a checkpoint holds it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..alerts import Alert, Told


def read_alert(row: Sequence[Any]) -> Alert:
    """The reverse of `Alert.as_tuple`, after JSON made lists of all tuples."""
    *plain, signals, raised = row
    told = tuple(Told(name, version, at, tuple(events)) for name, version, at, events in signals)
    fields: list[Any] = [*plain, told, tuple((grade, at) for grade, at in raised)]
    return Alert(*fields)
