"""What is known of a number when it rings or writes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .cells import CELLS_IN_HOUR

Counted = NDArray[np.int32]
Shares = NDArray[np.float32]

# The columns of a profile as it is counted.
COUNTED = 11


class Profiles(NamedTuple):
    """What the other side of each event did: counts, noughts for a number that is not busy, and shares
    of them, nan where there is nothing to share.

    In the hour: `calls`, `callees` (distinct residents rung or written to), `answered_share`,
    `short_share` (talks under 20 s among the answered), `dropped_share` (rang three seconds or less
    and was gone, among all calls), `texts`, `bad_share` (texts that read like fraud). In the day:
    `calls_day`, `callees_day`, `answered_share_day`. `busy_hours`: since when it has been busy, with no
    rest of 14 days.
    """

    calls: Counted
    callees: Counted
    answered_share: Shares
    short_share: Shares
    dropped_share: Shares
    texts: Counted
    bad_share: Shares
    calls_day: Counted
    callees_day: Counted
    answered_share_day: Shares
    busy_hours: Shares

    @classmethod
    def of(cls, counted: Counted) -> Profiles:
        """From counted columns (kernel.py has their order)."""
        calls, callees, answered, short, dropped, texts, bad, *day, cells = counted.T
        calls_day, callees_day, answered_day = day
        return cls(
            calls,
            callees,
            _share(answered, calls),
            _share(short, answered),
            _share(dropped, calls),
            texts,
            _share(bad, texts),
            calls_day,
            callees_day,
            _share(answered_day, calls_day),
            np.where(cells > 0, cells / np.float32(CELLS_IN_HOUR), np.nan).astype(np.float32),
        )


def _share(part: Counted, whole: Counted) -> Shares:
    share = part / np.maximum(whole, 1).astype(np.float32)
    return np.where(whole > 0, share, np.nan).astype(np.float32)
