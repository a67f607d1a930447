"""What really happened: one row for every attempt to swindle a resident.

Written down from the rows as they are written, so that it cannot tell another story than the events
do. The watch never sees any of it.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ..events import APPS
from .columns import ids, phones
from .gangs import Gang
from .numbers import FORGED, OVERSEAS, Ints
from .residents import ELDER, People, Residents
from .rhythm import Times
from .rows import APP, CALL, LINK, SMS, Rows
from .swindles import CONTACT, ISOLATE, PAYMENT, REQUEST, TRUST
from .words import Words

ENDED = ("unanswered", "ignored", "hung_up", "broke_off", "dissuaded", "paid", "open")
UNANSWERED, IGNORED, HUNG_UP, BROKE_OFF, DISSUADED, PAID, OPEN = range(len(ENDED))
SIGNS = ("none", "faint", "clear")
# A talk of this length with a stranger is a sign.
_LONG_TALK = 8 * 60
_TIME = pa.timestamp("us", "UTC")
_WORD = pa.dictionary(pa.int32(), pa.string())

SCHEMA = pa.schema(
    [
        pa.field("campaign", pa.string(), nullable=False),
        pa.field("kind", _WORD, nullable=False),
        pa.field("resident", pa.string(), nullable=False),
        pa.field("elder", pa.bool_(), nullable=False),
        # When each stage was reached, null where it was not; of before the first event for swindles
        # that were under way by then. A stage may be reached where nobody sees it.
        pa.field("contact", _TIME, nullable=False),
        pa.field("trust", _TIME),
        pa.field("isolate", _TIME),
        pa.field("payment_request", _TIME),
        pa.field("first_payment", _TIME),
        # Fen; `lost_unseen` is the part of it that no event shows (cash, cards, another bank).
        pa.field("lost", pa.int64(), nullable=False),
        pa.field("lost_unseen", pa.int64(), nullable=False),
        pa.field("ended", _WORD, nullable=False),
        # What events show before the first payment (or at all, where none was made): nothing; events
        # that tell little (short calls, plain texts, codes); or a long talk with a stranger, a forged
        # or overseas number, a swindler's text, a link, a remote or foreign app.
        pa.field("signs", _WORD, nullable=False),
        pa.field("first_event", pa.string()),
        pa.field("payment_event", pa.string()),
        pa.field("events", pa.list_(pa.string()), nullable=False),
        pa.field("payments", pa.list_(pa.string()), nullable=False),
    ]
)

_LOG = np.dtype(
    [
        ("attempt", np.int64), ("time", np.int64), ("event", np.int64), ("amount", np.int64),
        ("stage", np.int8), ("clear", np.bool_),
    ]
)  # fmt: skip


class Truth:
    """Attempts as they are planned, and their rows as they are written."""

    def __init__(self, words: Words) -> None:
        self.attempts = 0
        self._is_fraud = np.zeros(len(words.texts) + 1, np.bool_)
        self._is_fraud[np.concatenate(list(words.told.values()))] = True
        self._gangs: list[str] = []
        self._kinds: list[str] = []
        self._place: dict[str, int] = {}
        self._planned: list[tuple[int, People, NDArray[np.int8]]] = []
        self._ends: dict[int, tuple[int, int]] = {}
        self._log: list[NDArray[np.void]] = []

    def expect(self, gang: Gang, who: People, ended: int | NDArray[np.integer]) -> int:
        """Write down an attempt on each of `who`; gives the number of the first."""
        if gang.name not in self._place:
            self._place[gang.name] = len(self._gangs)
            self._gangs.append(gang.name)
            self._kinds.append(gang.swindle.kind)
        how = np.broadcast_to(np.asarray(ended, np.int8), len(who))
        self._planned.append((self._place[gang.name], who.astype(np.int32), how))
        self.attempts += len(who)
        return self.attempts - len(who)

    def ends(self, attempt: int, ended: int, at: int) -> None:
        """How a serious attempt ends, and when, if the simulation goes on for that long."""
        self._ends[attempt] = (ended, at)

    def take(self, rows: Rows, events: Ints) -> None:
        """Note `rows`; `events`: the place of each among all events, -1 for what is not seen."""
        mine = np.flatnonzero(rows["attempt"] >= 0)
        if not len(mine):
            return
        rows = rows[mine]
        log = np.zeros(len(rows), _LOG)
        for name in ("attempt", "time", "amount", "stage"):
            log[name] = rows[name]
        log["event"] = events[mine]
        kind, text = rows["type"], rows["text"]
        log["clear"] = (
            ((kind == APP) & (rows["app"] != APPS.index("store")))
            | (kind == LINK)
            | ((kind == SMS) & self._is_fraud[text])
            | ((kind == CALL) & (rows["stage"] > 0) & (rows["seconds"] >= _LONG_TALK))
            | ((kind == CALL) & np.isin(rows["kind"], (FORGED, OVERSEAS)) & (rows["seconds"] > 0))
        ) & (events[mine] >= 0)
        self._log.append(log)

    def write(self, path: Path, residents: Residents, start: int, end: int) -> pa.Table:
        """The truth of attempts of which anything falls between `start` and `end`, in order of the
        first contact."""
        log = np.concatenate([np.zeros(0, _LOG), *self._log])
        log = log[log["time"] < end]
        log = log[np.lexsort((log["event"], log["time"], log["attempt"]))]
        kept = np.intersect1d(
            log["attempt"][log["time"] >= start], log["attempt"][log["stage"] == CONTACT]
        )
        log = log[np.isin(log["attempt"], kept)]
        row = np.searchsorted(kept, log["attempt"])
        table = self._table(log, row, kept, residents, end)
        order = ("contact", "resident", "campaign")
        table = table.sort_by([(name, "ascending") for name in order])
        pq.write_table(table, path, compression="zstd")
        return table

    def _table(
        self, log: NDArray[np.void], row: Ints, kept: Ints, residents: Residents, end: int
    ) -> pa.Table:
        gang, who, ended = self._static(kept)
        first = _stages(log, row, len(kept))
        paid = (log["stage"] == PAYMENT) & (log["amount"] > 0)
        lost = np.bincount(row[paid], log["amount"][paid], len(kept)).astype(np.int64)
        unseen = paid & (log["event"] < 0)
        hidden = np.bincount(row[unseen], log["amount"][unseen], len(kept)).astype(np.int64)
        when = first[PAYMENT]
        ended = self._ended(kept, ended, when, end)
        before = (log["event"] >= 0) & ((when[row] < 0) | (log["time"] < when[row]))
        signs = np.zeros(len(kept), np.int8)
        signs[row[before]] = 1
        signs[row[before & log["clear"]]] = 2
        events = _listed(log["event"] >= 0, log, row, len(kept))
        payments = _listed(paid & (log["event"] >= 0), log, row, len(kept))
        kinds = list(dict.fromkeys(self._kinds))
        of_gang = np.array([kinds.index(kind) for kind in self._kinds], np.int32)
        columns = [
            pa.array(self._gangs, pa.string()).take(pa.array(gang)),
            _words(of_gang[gang], kinds),
            phones(residents.number[who]),
            pa.array(residents.age[who] == ELDER),
            *(_times(first[stage]) for stage in (CONTACT, TRUST, ISOLATE, REQUEST, PAYMENT)),
            pa.array(lost),
            pa.array(hidden),
            _words(ended, ENDED),
            _words(signs, SIGNS),
            _heads(events),
            _heads(payments),
            events,
            payments,
        ]
        return pa.Table.from_arrays(columns, schema=SCHEMA)

    def _static(self, kept: Ints) -> tuple[Ints, People, NDArray[np.int8]]:
        """Of each attempt kept: its gang, its resident, how it was planned to end."""
        if not len(kept):
            return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int8)
        gang = np.concatenate([np.full(len(who), g) for g, who, _ in self._planned])
        who = np.concatenate([who for _, who, _ in self._planned])
        ended = np.concatenate([how for _, _, how in self._planned])
        return gang[kept], who[kept].astype(np.int64), ended[kept]

    def _ended(
        self, kept: Ints, ended: NDArray[np.int8], paid: Times, end: int
    ) -> NDArray[np.int8]:
        made = ended.copy()
        for place in np.flatnonzero(ended == OPEN):
            how, at = self._ends[int(kept[place])]
            made[place] = PAID if paid[place] >= 0 else how if at < end and how != PAID else OPEN
        return made


def _stages(log: NDArray[np.void], row: Ints, count: int) -> dict[int, Times]:
    """When each stage was reached, -1 where it was not. Who is at a later stage has passed the
    earlier ones, though the event that shows one (a call, at its end) may come after."""
    made, later = {}, np.full(count, -1, np.int64)
    for stage in range(PAYMENT, CONTACT - 1, -1):
        first = _first(log, row, count, stage)
        both = np.minimum(first, later)
        later = np.where(first < 0, later, np.where(later < 0, first, both))
        made[stage] = later
    return made


def _first(log: NDArray[np.void], row: Ints, count: int, stage: int) -> Times:
    """When each attempt first reached a stage, -1 where it did not."""
    made = np.full(count, -1, np.int64)
    # In order of time within each attempt: written backwards, the first is what stays.
    mine = np.flatnonzero(log["stage"] == stage)[::-1]
    made[row[mine]] = log["time"][mine]
    return made


def _listed(which: NDArray[np.bool_], log: NDArray[np.void], row: Ints, count: int) -> pa.Array:
    ends = np.cumsum(np.bincount(row[which], minlength=count)) if count else np.zeros(0, np.int64)
    offsets = np.concatenate([[0], ends]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), ids(log["event"][which]))


def _heads(lists: pa.ListArray) -> pa.Array:
    offsets = np.asarray(lists.offsets)
    empty = offsets[:-1] == offsets[1:]
    return lists.values.take(pa.array(offsets[:-1], mask=empty))


def _times(moments: Times) -> pa.Array:
    return pa.array(moments, mask=moments < 0).cast(_TIME)


def _words(places: NDArray[np.integer], words: tuple[str, ...] | list[str]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(places.astype(np.int32), pa.array(words, pa.string()))
