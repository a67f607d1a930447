"""What clocks mean: when a warning that comes in at some moment is to be answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.utils import timezone

from fangxian.warn.clock import Clocks
from fangxian.warn.models import Grade

# Moments at which rules differ: a working morning, Friday evening, the middle of the night.
_EXAMPLES = ((0, time(10)), (4, time(18)), (6, time(3)))


@dataclass(frozen=True)
class Example:
    """A warning that comes in at `at`, and by when each grade is to be rung and visited."""

    at: datetime
    due: list[tuple[Grade, datetime, datetime]]


def examples(clocks: Clocks, now: datetime) -> list[Example]:
    """For three moments of the coming week (local time): until when, under these clocks."""
    today, zone = timezone.localtime(now).date(), timezone.get_default_timezone()
    shown = []
    for weekday, at in _EXAMPLES:
        day = today + timedelta(days=(weekday - today.weekday()) % 7 or 7)
        moment = datetime.combine(day, at, tzinfo=zone)
        shown.append(moment)
    return [
        Example(
            at,
            [(grade, clocks.call_due(grade, at), clocks.door_due(grade, at)) for grade in Grade],
        )
        for at in sorted(shown)
    ]
