"""Events with all that each says by itself: what needs no memory of others, and so can be made ready in
another thread."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from .facts import Columns, event_facts
from .keyed import Keys
from .met import ids_of, says_of
from .others import Sides


@dataclass(frozen=True)
class Arrivals:
    """`events` in columns of events.SCHEMA; of each its sides, a key of its id and source, a hash of all
    else that it says, and the facts that it carries or that its text and number tell."""

    events: pa.Table
    sides: Sides
    ids: Keys
    says: NDArray[np.int64]
    facts: Columns

    @classmethod
    def of(cls, events: pa.Table) -> Arrivals:
        """Made ready."""
        sides = Sides.of(events)
        says = says_of(events, {"other": sides.others, "resident": sides.residents})
        return cls(events, sides, ids_of(events), says, event_facts(events))

    def among(self, rows: NDArray[np.int64]) -> Arrivals:
        """Some of them, in that order."""
        return Arrivals(
            self.events.take(pa.array(rows)),
            self.sides.among(rows),
            self.ids[rows],
            self.says[rows],
            self.facts.among(rows, self.facts),
        )
