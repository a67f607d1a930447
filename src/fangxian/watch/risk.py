"""How much a number's behaviour is that of a gang: one number from 0 to 1.

A sum of few steps in log-odds, set by hand from what is told of such numbers and not fitted to
anything yet: many residents that never had a call from it, few that answer or
stay, rung off at once, busy only since yesterday, of a kind that hides its owner. A courier's number
has as many residents, but they answer.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .callers import Profiles
from .events import OTHER_KINDS

BASE = -4.5
# Of kinds of numbers; others 0.
OF_KIND = {"virtual": 1.0, "overseas": 2.5, "forged": 5.0, "service": -3.0}
MANY_CALLEES, OF_MANY = 8, 1.5  # distinct residents in an hour
VERY_MANY_CALLEES, OF_VERY_MANY = 20, 0.5
FEW_ANSWER, OF_FEW_ANSWER = 0.4, 1.0
FEW_STAY, OF_FEW_STAY = 0.6, 0.7
DROPS, OF_DROPS = 0.3, 0.7
NEW_HOURS, OF_NEW = 48.0, 1.5
BUSY_TEXTS, BAD_TEXTS, OF_BAD_TEXTS = 3, 0.5, 3.5


def caller_risk(
    known: Profiles, places: NDArray[np.int64], other_kind: NDArray[np.float64]
) -> NDArray[np.float64]:
    """0 to 1 for each event's other side: its place in `known`, and in OTHER_KINDS (-1: not
    known)."""
    kinds = np.array([OF_KIND.get(kind, 0.0) for kind in OTHER_KINDS] + [0.0])
    busy = known.calls + known.texts >= 1
    calls = known.calls >= MANY_CALLEES
    odds = BASE + OF_MANY * (known.callees >= MANY_CALLEES)
    odds = odds + OF_VERY_MANY * (known.callees >= VERY_MANY_CALLEES)
    odds = odds + OF_FEW_ANSWER * (calls & (known.answered_share < FEW_ANSWER))
    odds = odds + OF_FEW_STAY * (calls & (known.short_share > FEW_STAY))
    odds = odds + OF_DROPS * (calls & (known.dropped_share > DROPS))
    odds = odds + OF_NEW * (busy & (known.busy_hours < NEW_HOURS))
    odds = odds + OF_BAD_TEXTS * ((known.texts >= BUSY_TEXTS) & (known.bad_share > BAD_TEXTS))
    every = odds[places] + kinds[other_kind.astype(np.int64)]
    return np.asarray(1 / (1 + np.exp(-every)), np.float64)
