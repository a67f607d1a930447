"""What the other sides of events did, and the campaigns of texts: noted when events come, counted when their
cell is settled, known to the events after it (decision 19)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from .callers import (
    STEP,
    Callers,
    Campaigns,
    Counted,
    Done,
    Profiles,
    Reported,
    Since,
    cells,
    edge_of,
)
from .events import CALL, REPORT, SMS, TYPES, types_of
from .facts import BAD_TEXT, Columns, add_profiles
from .keyed import EMPTY, Keys, hashed
from .laid import Arrays, part, under

Ints = NDArray[np.int64]
# Every six hours what counts no more is given back.
_FORGETS = 36
# The columns that `Sides` are made of.
SIDES = ["time", "type", "resident", "other", "campaign"]


class Sides(NamedTuple):
    """When, what, and who with whom: `times` in microseconds, `types` as their places in TYPES, and keys
    of the other side, the resident and the campaign, `EMPTY` for none."""

    times: Ints
    types: NDArray[np.int8]
    others: Keys
    residents: Keys
    campaigns: Keys

    @classmethod
    def of(cls, events: pa.Table) -> Sides:
        """Of events that have the columns SIDES at least."""
        return cls(
            np.asarray(events["time"].cast(pa.int64()).to_numpy(), np.int64),
            types_of(events["type"]),
            hashed(events["other"]),
            hashed(events["resident"]),
            hashed(events["campaign"]),
        )

    def are(self, type_: str) -> NDArray[np.bool_]:
        """Which are of a type."""
        of_type: NDArray[np.bool_] = self.types == TYPES.index(type_)
        return of_type

    def among(self, rows: Ints) -> Sides:
        """Some of them, in that order."""
        return Sides._make(column[rows] for column in self)


class Others:
    """All that is remembered of other sides. `lateness`: microseconds an event may come behind the
    newest one."""

    def __init__(self, lateness: int) -> None:
        self._lateness = lateness
        self.callers, self.since = Callers(), Since()
        self.reported, self.campaigns = Reported(), Campaigns()

    @property
    def octets(self) -> int:
        """Bytes of memory for numbers and for whoever was seen: nearly all of it."""
        return self.callers.octets + self.since.octets

    def begin(self, time: int) -> None:
        """The watch as a whole began at `time` (microseconds), which a share of it may not have seen."""
        cell = time // STEP
        self.since.began = cell if self.since.began is None else min(cell, self.since.began)

    def tell(self, sides: Sides, facts: Columns) -> None:
        """Note events, which are in order of time, and add to their facts what the other side of each did,
        and what became of its campaign, in the cells that are settled before it."""
        self._note(sides, facts)
        numbers = np.where(sides.are(CALL) | sides.are(SMS), sides.others, EMPTY)
        hours, reach, reports, senders, reporters = np.full((5, len(numbers)), np.nan)
        places, found, before = np.zeros(len(numbers), np.int64), list[Counted](), 0
        for edge, own in cells(edge_of(sides.times, self._lateness)):
            self._settle(edge)
            at, known = self.callers.look_up(numbers[own], edge)
            places[own] = at + before
            before += len(known)
            found.append(known)
            hours[own], reach[own] = self.since.look_up(sides.others[own], edge)
            reports[own] = self.reported.look_up(sides.others[own], edge)
            senders[own], reporters[own] = self.campaigns.look_up(sides.campaigns[own], edge)
        facts |= {
            "known_for": hours * 3600, "reach": reach, "reports": reports,
            "campaign_senders": senders, "campaign_reports": reporters,
        }  # fmt: skip
        add_profiles(facts, Profiles.of(np.concatenate(found)), places)

    def hear(self, sides: Sides) -> None:
        """Of campaigns alone: texts and reports of any numbers, in order of time."""
        sides = sides.among(np.flatnonzero(sides.campaigns != EMPTY))
        senders = np.where(sides.are(SMS), sides.others, EMPTY)
        reporters = np.where(sides.are(REPORT), sides.residents, EMPTY)
        self.campaigns.wait(sides.times // STEP, sides.campaigns, senders, reporters)

    def laid_down(self) -> Arrays:
        """All there is: copies, or what never changes."""
        arrays: Arrays = {}
        for name, table in self._tables().items():
            arrays |= under(name, table.laid_down())
        return arrays

    def take_up(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """In place of what is there."""
        for name, table in self._tables().items():
            table.take_up(part(arrays, name))

    def _tables(self) -> dict[str, Callers | Since | Reported | Campaigns]:
        """By the prefix that each is laid down with."""
        return {
            "callers_": self.callers, "since_": self.since,
            "reported_": self.reported, "campaigns_": self.campaigns,
        }  # fmt: skip

    def _note(self, sides: Sides, facts: Columns) -> None:
        """Nothing of it is counted before its cell is settled."""
        steps, is_call = sides.times // STEP, sides.are(CALL)
        # That the resident rang is nothing the number did.
        did = (is_call & (facts["outgoing"] != 1)) | sides.are(SMS)
        done = Done(
            number=np.where(did, sides.others, EMPTY),
            resident=sides.residents,
            call=is_call,
            seconds=np.nan_to_num(facts["seconds"], nan=0).astype(np.int32),
            rings=np.nan_to_num(facts["rings"], nan=-1).astype(np.int32),
            bad=facts["text_score"] >= BAD_TEXT,
        )
        self.callers.wait(steps, done)
        self.since.wait(steps, sides.others, sides.residents)
        self.reported.wait(steps, np.where(sides.are(REPORT), sides.others, EMPTY), sides.residents)
        self.hear(sides)

    def _settle(self, edge: int) -> None:
        """Count all cells before `edge`, where it was not done."""
        if self.callers.settled is not None and edge <= self.callers.settled:
            return
        for table in self._tables().values():
            table.settle(edge)
            if edge % _FORGETS == 0:
                table.forget()
