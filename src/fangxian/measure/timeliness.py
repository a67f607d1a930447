"""Reached in time? Open ones count as what they are: not yet late, or late and running."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np


@dataclass(frozen=True)
class Timeliness:
    """Counts of what was due. Waiting times in minutes; None where they cannot be known yet:
    the median is known once half of all are done, the 90th percentile once nine in ten are."""

    in_time: int
    late: int
    overdue: int
    running: int
    median_minutes: float | None
    p90_minutes: float | None

    @property
    def judged(self) -> int:
        """How many can be judged: all but those still running within their time."""
        return self.in_time + self.late + self.overdue


def timeliness(
    rows: Iterable[tuple[datetime, datetime, datetime | None]], now: datetime
) -> Timeliness:
    """`rows` of (began, due, done or None), all aware; `now` aware.

    Waiting times of open ones are at least now - began. Sorting them behind every finished time
    of the same length (Kaplan-Meier's rule) makes quantiles honest instead of leaving out
    whoever still waits.
    """
    listed = list(rows)
    if not listed:
        return Timeliness(0, 0, 0, 0, None, None)
    done = np.array([d is not None for _, _, d in listed])
    waits = np.array([((d or now) - b).total_seconds() / 60 for b, _, d in listed])
    late = np.array([(d or now) > due for _, due, d in listed])
    return Timeliness(
        in_time=int((done & ~late).sum()),
        late=int((done & late).sum()),
        overdue=int((~done & late).sum()),
        running=int((~done & ~late).sum()),
        median_minutes=_quantile(waits, done, 0.5),
        p90_minutes=_quantile(waits, done, 0.9),
    )


def _quantile(
    waits: np.ndarray[tuple[int], np.dtype[np.float64]],
    done: np.ndarray[tuple[int], np.dtype[np.bool_]],
    level: float,
) -> float | None:
    """The waiting time by which `level` of all were done (Kaplan-Meier), or None."""
    order = np.lexsort((~done, waits))
    waiting, left = 1.0, len(waits)
    for index in order:
        if done[index]:
            waiting *= 1 - 1 / left
            if 1 - waiting >= level - 1e-12:
                return float(waits[index])
        left -= 1
    return None
