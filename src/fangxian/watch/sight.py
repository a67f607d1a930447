"""What is seen of events when they come: the half of the watch that goes by the other side.

Events in, marked events out: met before or not, late or not, their facts, what the other side did, and
which conditions of the book they meet. All that one number does must come to the same `Sight`; several
of them, each with its share of the numbers, see the same as one. What it adds up to for a resident is
the other half (residents.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

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
from .facts import BAD_TEXT, Columns, add_profiles, event_facts
from .keyed import EMPTY, Keys, hashed
from .marked import Marked, nothing_marked
from .met import AGAIN, NEW, OTHER, Met, ids_of, says_of
from .signals import Book, shipped_book

LATENESS = STEP  # microseconds an event may come behind the newest one
Ints = NDArray[np.int64]
# What is told of a text or report that is part of a campaign.
OF_CAMPAIGNS = ["time", "type", "resident", "other", "campaign"]


@dataclass
class Counts:
    """Events so far: taken, met before, too late, of a resident who has too many."""

    taken: int = 0
    repeated: int = 0
    late: int = 0
    crowded: int = 0


class Seeing(NamedTuple):
    """`marked`: events that some signal asks for. Kept aside: `late`, what came too late; `others`, what
    has the id of an event before it and another content."""

    marked: Marked
    late: pa.Table
    others: pa.Table


@dataclass
class Sight:
    """Takes events in any order within `lateness` (microseconds, a cell of the callers' windows at
    most)."""

    book: Book = field(default_factory=shipped_book)
    lateness: int = LATENESS

    def __post_init__(self) -> None:
        if not 0 < self.lateness <= STEP:
            raise ValueError(f"lateness is at most {STEP} microseconds, got {self.lateness}")
        self.counts = Counts()
        self.newest = 0
        self.callers = Callers()
        self.since, self.reported, self.campaigns = Since(), Reported(), Campaigns()
        self.met = Met()

    def begin(self, time: int) -> None:
        """The watch as a whole began at `time` (microseconds), which a share of it may not have seen."""
        cell = time // STEP
        self.since.began = cell if self.since.began is None else min(cell, self.since.began)

    @property
    def settled(self) -> int:
        """Before this time (microseconds) no event is taken any more."""
        return self.newest - self.lateness

    def take(self, events: pa.Table) -> Seeing:
        """A batch of events, in columns of events.SCHEMA."""
        times = np.asarray(events["time"].cast(pa.int64()).to_numpy(), np.int64)
        others, residents = hashed(events["other"]), hashed(events["resident"])
        says = says_of(events, {"other": others, "resident": residents})
        met = self.met.meet(ids_of(events), says, times // STEP, self.newest // STEP)
        late = self._late(times, met)
        self.counts.late += int(late.sum())
        self.counts.repeated += int(((met == AGAIN) & ~late).sum())
        aside = _only(events, late), _only(events, met == OTHER)
        kept = np.flatnonzero((met == NEW) & ~late)
        if not len(kept):
            return Seeing(nothing_marked(), *aside)
        in_order = bool((np.diff(times[kept]) >= 0).all())
        if not in_order:
            kept = kept[np.argsort(times[kept], kind="stable")]
        if len(kept) < len(events) or not in_order:
            events = events.take(pa.array(kept))
        times, others, residents = times[kept], others[kept], residents[kept]
        facts = event_facts(events)
        self._profiles(events, times, others, residents, facts)
        self.counts.taken += len(events)
        self.newest = max(self.newest, int(times[-1]))
        return Seeing(Marked.of(self.book, events, times, facts), *aside)

    def hear(self, events: pa.Table) -> None:
        """What others, who have the rest of the numbers, took of campaigns: to be heard before the
        events of the same batch are taken, its own among them or not. Columns OF_CAMPAIGNS."""
        times = np.asarray(events["time"].cast(pa.int64()).to_numpy(), np.int64)
        rows = np.argsort(times, kind="stable")
        rows = rows[times[rows] >= self.settled]
        events = events.take(pa.array(rows))
        others, residents = hashed(events["other"]), hashed(events["resident"])
        self._campaigns(events, times[rows], others, residents)

    def _late(self, times: Ints, met: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """Which events came too late, and are no other content."""
        # By those before it, also in this batch: however events are batched, the same ones are late.
        clock = np.where(met == OTHER, 0, times)
        newest = np.maximum.accumulate(np.concatenate([[self.newest], clock[:-1]]))
        late: NDArray[np.bool_] = (times < newest - self.lateness) & (met != OTHER)
        return late

    def _profiles(
        self, events: pa.Table, times: Ints, others: Keys, residents: Keys, facts: Columns
    ) -> None:
        """Add what the other sides did, cell by cell: each event sees those settled before it."""
        types = types_of(events["type"])
        is_call, is_sms, is_report = (types == TYPES.index(of) for of in (CALL, SMS, REPORT))
        numbers = np.where(is_call | is_sms, others, EMPTY)
        done = Done(
            # That the resident rang is nothing the number did.
            number=np.where(is_call & (facts["outgoing"] == 1), EMPTY, numbers),
            resident=residents,
            call=is_call,
            seconds=np.nan_to_num(facts["seconds"], nan=0).astype(np.int32),
            rings=np.nan_to_num(facts["rings"], nan=-1).astype(np.int32),
            bad=facts["text_score"] >= BAD_TEXT,
        )
        # Nothing of it is counted before its cell is settled, below.
        self.callers.wait(times // STEP, done)
        self.since.wait(times // STEP, others, residents)
        reports = np.flatnonzero(is_report)
        self.reported.wait(times[reports] // STEP, others[reports], residents[reports])
        campaigns = self._campaigns(events, times, others, residents)
        facts["known_for"], facts["reach"], facts["reports"] = np.zeros((3, len(times)))
        of_campaigns = np.full((2, len(times)), np.nan)
        edges = edge_of(times, self.lateness)
        places = np.zeros(len(times), np.int64)
        found: list[Counted] = []
        before = 0  # profiles found
        for edge, own in cells(edges):
            if self.callers.settled is None or edge > self.callers.settled:
                self._settle(edge)
            at, known = self.callers.look_up(numbers[own], edge)
            places[own] = at + before
            before += len(known)
            found.append(known)
            hours, facts["reach"][own] = self.since.look_up(others[own], edge)
            facts["known_for"][own] = hours * 3600
            facts["reports"][own] = self.reported.look_up(others[own], edge)
            in_one = own.start + np.flatnonzero(campaigns[own] != EMPTY)
            if len(in_one):
                of_campaigns[:, in_one] = self.campaigns.look_up(campaigns[in_one], edge)
        facts["campaign_senders"], facts["campaign_reports"] = of_campaigns
        add_profiles(facts, Profiles.of(np.concatenate(found)), places)

    def _campaigns(self, events: pa.Table, times: Ints, others: Keys, residents: Keys) -> Keys:
        """Note what events say of campaigns; the campaign of each."""
        keys = hashed(events["campaign"])
        if (keys != EMPTY).any():
            types = types_of(events["type"])
            senders = np.where(types == TYPES.index(SMS), others, EMPTY)
            reporters = np.where(types == TYPES.index(REPORT), residents, EMPTY)
            self.campaigns.wait(times // STEP, keys, senders, reporters)
        return keys

    def _settle(self, edge: int) -> None:
        """Count all cells before `edge`; from time to time give back what is not needed any more."""
        for each in (self.callers, self.since, self.reported, self.campaigns):
            each.settle(edge)
            if edge % 36 == 0:
                each.forget()


def _only(events: pa.Table, which: NDArray[np.bool_]) -> pa.Table:
    return events.filter(pa.array(which)) if which.any() else events.slice(0, 0)
