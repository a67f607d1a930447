"""Campaigns of texts: from how many senders each came, and how many residents reported it. A gang's goes
on with the next number when one is blocked; what one resident reported warns of all of it.

Counted in cells like the windows, and known to an event up to the same edge (decision 19).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..keyed import EMPTY, Keys
from ..laid import Arrays, part, under
from .cells import Steps
from .reported import Reported
from .since import Floats, Since


class Campaigns:
    """Names of campaigns (hashed keys). The same text or report may be heard of twice."""

    def __init__(self) -> None:
        self._senders, self._reported = Since(), Reported()

    def wait(self, steps: Steps, keys: Keys, senders: Keys, reporters: Keys) -> None:
        """Texts of `senders` and reports by `reporters` (each `EMPTY` for an event that is none), each
        in its cell, in order of cells; `keys` of their campaigns, `EMPTY` for none."""
        self._senders.wait(steps, np.where(senders == EMPTY, EMPTY, keys), senders)
        self._reported.wait(steps, np.where(reporters == EMPTY, EMPTY, keys), reporters)

    def settle(self, edge: int) -> None:
        """Count those of all cells before `edge`."""
        self._senders.settle(edge)
        self._reported.settle(edge)

    def look_up(self, keys: Keys, edge: int) -> Floats:
        """(groups of senders (of eight), residents who reported it) of each before `edge`, the one
        settled last or the one before; nan for `EMPTY`."""
        found = np.full((2, len(keys)), np.nan)
        own = np.flatnonzero(keys != EMPTY)  # of few events one is known
        if len(own):
            _, found[0, own] = self._senders.look_up(keys[own], edge)
            found[1, own] = self._reported.look_up(keys[own], edge)
        return found

    def forget(self) -> None:
        """Give back the memory of what counts no more."""
        self._senders.forget()
        self._reported.forget()

    def laid_down(self) -> Arrays:
        """All there is: copies, or what never changes."""
        return {
            **under("senders_", self._senders.laid_down()),
            **under("reported_", self._reported.laid_down()),
        }

    def take_up(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """In place of what is there."""
        self._senders.take_up(part(arrays, "senders_"))
        self._reported.take_up(part(arrays, "reported_"))
