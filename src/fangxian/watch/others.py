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


class Batch(NamedTuple):
    """Events in order of time: `times` in microseconds, `types` as their places in TYPES, and keys of
    the other side, the resident and the campaign, `EMPTY` for none."""

    times: Ints
    types: NDArray[np.int8]
    others: Keys
    residents: Keys
    campaigns: Keys

    @classmethod
    def of(cls, events: pa.Table, times: Ints, others: Keys, residents: Keys) -> Batch:
        """`events`, of which some columns were made already."""
        return cls(times, types_of(events["type"]), others, residents, hashed(events["campaign"]))

    def are(self, type_: str) -> NDArray[np.bool_]:
        """Which are of a type."""
        of_type: NDArray[np.bool_] = self.types == TYPES.index(type_)
        return of_type

    def among(self, rows: Ints) -> Batch:
        """Some of them."""
        return Batch._make(column[rows] for column in self)


class Others:
    """All that is remembered of other sides. `lateness`: microseconds an event may come behind the
    newest one."""

    def __init__(self, lateness: int) -> None:
        self._lateness = lateness
        self.callers, self.since = Callers(), Since()
        self.reported, self.campaigns = Reported(), Campaigns()

    @property
    def octets(self) -> int:
        """Bytes of memory for numbers and for whoever was seen."""
        return self.callers.octets + self.since.octets

    def begin(self, time: int) -> None:
        """The watch as a whole began at `time` (microseconds), which a share of it may not have seen."""
        cell = time // STEP
        self.since.began = cell if self.since.began is None else min(cell, self.since.began)

    def tell(self, batch: Batch, facts: Columns) -> None:
        """Note a batch, and add to its facts what the other side of each event did, and what became of
        its campaign, in the cells that are settled before it."""
        self._note(batch, facts)
        numbers = np.where(batch.are(CALL) | batch.are(SMS), batch.others, EMPTY)
        hours, reach, reports, senders, reporters = np.full((5, len(numbers)), np.nan)
        places, found, before = np.zeros(len(numbers), np.int64), list[Counted](), 0
        for edge, own in cells(edge_of(batch.times, self._lateness)):
            self._settle(edge)
            at, known = self.callers.look_up(numbers[own], edge)
            places[own] = at + before
            before += len(known)
            found.append(known)
            hours[own], reach[own] = self.since.look_up(batch.others[own], edge)
            reports[own] = self.reported.look_up(batch.others[own], edge)
            senders[own], reporters[own] = self.campaigns.look_up(batch.campaigns[own], edge)
        facts |= {
            "known_for": hours * 3600, "reach": reach, "reports": reports,
            "campaign_senders": senders, "campaign_reports": reporters,
        }  # fmt: skip
        add_profiles(facts, Profiles.of(np.concatenate(found)), places)

    def hear(self, batch: Batch) -> None:
        """Of campaigns alone: texts and reports, of any numbers."""
        batch = batch.among(np.flatnonzero(batch.campaigns != EMPTY))
        senders = np.where(batch.are(SMS), batch.others, EMPTY)
        reporters = np.where(batch.are(REPORT), batch.residents, EMPTY)
        self.campaigns.wait(batch.times // STEP, batch.campaigns, senders, reporters)

    def laid_down(self) -> Arrays:
        """Copies of all there is."""
        return {
            **under("callers_", self.callers.laid_down()),
            **under("since_", self.since.laid_down()),
            **under("reported_", self.reported.laid_down()),
            **under("campaigns_", self.campaigns.laid_down()),
        }

    def take_up(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """In place of what is there."""
        self.callers.take_up(part(arrays, "callers_"))
        self.since.take_up(part(arrays, "since_"))
        self.reported.take_up(part(arrays, "reported_"))
        self.campaigns.take_up(part(arrays, "campaigns_"))

    def _note(self, batch: Batch, facts: Columns) -> None:
        """Nothing of it is counted before its cell is settled."""
        steps, is_call = batch.times // STEP, batch.are(CALL)
        # That the resident rang is nothing the number did.
        did = (is_call & (facts["outgoing"] != 1)) | batch.are(SMS)
        done = Done(
            number=np.where(did, batch.others, EMPTY),
            resident=batch.residents,
            call=is_call,
            seconds=np.nan_to_num(facts["seconds"], nan=0).astype(np.int32),
            rings=np.nan_to_num(facts["rings"], nan=-1).astype(np.int32),
            bad=facts["text_score"] >= BAD_TEXT,
        )
        self.callers.wait(steps, done)
        self.since.wait(steps, batch.others, batch.residents)
        self.reported.wait(steps, np.where(batch.are(REPORT), batch.others, EMPTY), batch.residents)
        self.hear(batch)

    def _settle(self, edge: int) -> None:
        """Count all cells before `edge`, where it was not done."""
        if self.callers.settled is not None and edge <= self.callers.settled:
            return
        for each in (self.callers, self.since, self.reported, self.campaigns):
            each.settle(edge)
            if edge % _FORGETS == 0:
                each.forget()
