"""What tasks do, in the Python of the executors: read and score, see, add up.

    read_and_score   files or messages -> events without their texts, by the share of the other side
    see              -> marked events, by the share of their resident      (state: Sight)
    add_up           -> warnings                                           (state: Residents)

The same classes as in the local runner do the work; here they are only taken up and laid down.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from .. import on_disk
from ..arrivals import Arrivals
from ..events import CODES, OTHER_KINDS, SCHEMA, WORD, types_of
from ..facts import event_facts
from ..keyed import hashed
from ..local.output import event_lines, wrong_line
from ..marked import leads_of, nothing_marked
from ..others import SIDES
from ..reading import LATE, OTHER_CONTENT, Read
from ..residents import Residents
from ..sight import Sight
from ..signals import Book
from ..state import (
    residents_laid_down,
    residents_taken_up,
    sight_laid_down,
    sight_taken_up,
)
from ..watching import END
from .parcels import (
    ALERT,
    BEGAN,
    CLOCK,
    EVENTS,
    HEARD,
    MARKED,
    TALLY,
    Parcel,
    as_rows,
    events_by_share,
    events_for_all,
    events_of,
    marked_by_share,
    marked_of,
    of_rows,
)
from .shares import RESIDENTS, SIGHT, Share

Rows = Iterable[pa.RecordBatch]
# What a source gives, read: events and what is wrong with the others.
Reading = Callable[[Rows], Iterator[Read]]


@dataclass(frozen=True)
class Batch:
    """What every task of a batch is told. `newest`, `began`: the times of the newest event in the batches
    before and of the first with another side; `lateness`. In microseconds."""

    folder: Path
    number: int
    shares: int
    book: Book
    lateness: int
    newest: int = 0
    began: int | None = None


def read_and_score(batch: Batch, reading: Reading, rows: Rows) -> Iterator[pa.RecordBatch]:
    """Texts are read where they are, and stay there."""
    wrong, lines = Counter[str](), list[str]()
    began: list[int | None] = []
    for read in reading(rows):
        for one in read.wrong:
            wrong[one.reason.key] += 1
            lines.append(wrong_line(one))
        if len(read.events):
            named = read.events.filter(pc.is_valid(read.events["other"]))
            began.append(pc.min(named["time"].cast(pa.int64())).as_py())
            whom = pc.coalesce(read.events["other"], read.events["resident"])
            yield from as_rows(events_by_share(scored(read.events), hashed(whom), batch.shares))
            of_campaigns = read.events.filter(pc.is_valid(read.events["campaign"])).select(SIDES)
            yield from as_rows(events_for_all(of_campaigns, batch.shares))
    if lines:
        _put_aside(batch, f"read-{number_of_task():04d}", lines)
    first = json.dumps(earliest(began)).encode()
    yield from as_rows(
        [_tally(0, wrong=wrong), *(Parcel(each, BEGAN, first) for each in range(batch.shares))]
    )


def see(batch: Batch, rows: Rows) -> Iterator[pa.RecordBatch]:
    """What is seen of a share's events."""
    share, parcels = _opened(rows)
    kept = Share(batch.folder, SIGHT, share)
    state = kept.after(batch.number - 1)
    if state is None:
        sight = Sight(batch.book, batch.lateness)
    else:
        sight = sight_taken_up(state, batch.book)
    # What is late, is so for all: by the batches before, wherever their events went.
    sight.newest = max(sight.newest, batch.newest)
    began = earliest([batch.began, *map(json.loads, parcels[BEGAN])])
    if began is not None:
        sight.others.begin(began)
    before = Counter(vars(sight.counts))
    out = [Parcel(0, TALLY, content) for content in parcels[TALLY]]
    if parcels[HEARD]:
        # A campaign comes from many numbers, which are in many shares.
        sight.hear(pa.concat_tables(map(events_of, parcels[HEARD])).unify_dictionaries())
    if parcels[EVENTS]:
        events = _in_order(parcels[EVENTS])
        seen = sight.take(Arrivals.of(events))
        out += marked_by_share(seen.marked, batch.shares)
        aside = [*event_lines(OTHER_CONTENT, seen.others), *event_lines(LATE, seen.late)]
        if aside:
            _put_aside(batch, f"seen-{share:04d}", aside)
        counted = Counter(vars(sight.counts)) - before
        wrong = {OTHER_CONTENT.key: len(seen.others)} if len(seen.others) else {}
        out.append(_tally(share, newest=sight.newest, began=began, events=counted, wrong=wrong))
    kept.put(batch.number, sight_laid_down(sight))
    clock = json.dumps(sight.newest).encode()
    yield from as_rows([*out, *(Parcel(each, CLOCK, clock) for each in range(batch.shares))])


def add_up(batch: Batch, rows: Rows) -> Iterator[pa.RecordBatch]:
    """Warnings of a share's residents. Their clock is the newest event of all shares, as one watch
    would have it."""
    share, parcels = _opened(rows)
    kept = Share(batch.folder, RESIDENTS, share)
    residents = _residents(batch, kept)
    marked = marked_of(parcels[MARKED])
    newest = max(map(json.loads, parcels[CLOCK]))
    alerts = residents.take(marked or nothing_marked(), newest - batch.lateness)
    kept.put(batch.number, residents_laid_down(residents))
    out = [Parcel(0, TALLY, content) for content in parcels[TALLY]]
    if residents.crowded:
        out.append(_tally(share, events={"crowded": residents.crowded}))
    yield from as_rows([*out, *(_alert(share, alert) for alert in alerts)])


def finish(batch: Batch, rows: Rows) -> Iterator[pa.RecordBatch]:
    """After the last batch: what waited for time to pass. Nothing is written: it can be asked for
    again."""
    for _ in rows:
        pass
    share = number_of_task()
    residents = _residents(batch, Share(batch.folder, RESIDENTS, share))
    yield from as_rows(_alert(share, alert) for alert in residents.take(nothing_marked(), END))


def earliest(times: Iterable[int | None]) -> int | None:
    """Of those there are."""
    return min((time for time in times if time is not None), default=None)


def scored(events: pa.Table) -> pa.Table:
    """Events with all that is worked out of their texts, addresses and numbers; without texts and
    addresses."""
    facts = event_facts(events)
    worked_out = {
        "text_score": _numbers(facts["text_score"]),
        "link_score": _numbers(facts["link_score"]),
        "code": _words(facts["code"], CODES),
        "other_kind": _words(facts["other_kind"], OTHER_KINDS),
        "text": pa.nulls(len(events), SCHEMA.field("text").type),
        "url": pa.nulls(len(events), SCHEMA.field("url").type),
    }
    leads = leads_of(types_of(events["type"]), events["text"])
    for name, column in worked_out.items():
        events = events.set_column(events.schema.get_field_index(name), name, column)
    return events.append_column("leads", leads)


def _in_order(parcels: list[bytes]) -> pa.Table:
    """Of time: Spark brings them in any, and in this one nothing is late by its neighbours. Done
    again they are in the same, of one time too."""
    tables = map(events_of, sorted(parcels))
    events = pa.concat_tables(tables, promote_options="permissive")
    times = events["time"].cast(pa.int64()).to_numpy()
    return events.take(pa.array(np.argsort(times, kind="stable"))).combine_chunks()


def _numbers(values: NDArray[np.float64]) -> pa.Array:
    # Whole: as float32, as it came, it would be another number.
    return pa.array(values, pa.float64(), from_pandas=True)


def _words(places: NDArray[np.float64], words: tuple[str, ...]) -> pa.Array:
    indices = pa.array(places.astype(np.int32), mask=places < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(words, WORD.value_type))


def _residents(batch: Batch, kept: Share) -> Residents:
    state = kept.after(batch.number - 1)
    return Residents(batch.book) if state is None else residents_taken_up(state, batch.book)


def _opened(rows: Rows) -> tuple[int, dict[str, list[bytes]]]:
    """Which share this is, and its parcels by what they are."""
    parcels: dict[str, list[bytes]] = defaultdict(list)
    for parcel in of_rows(rows):
        parcels[parcel.what].append(parcel.content)
    return number_of_task(), parcels


def number_of_task() -> int:
    """Of this task in its job: that of its share, for rows are brought together by it."""
    from pyspark import TaskContext

    task = TaskContext.get()
    assert task is not None  # noqa: S101 - this is one
    return int(task.partitionId())


def _alert(share: int, alert: Any) -> Parcel:
    return Parcel(share, ALERT, json.dumps(alert.as_tuple(), ensure_ascii=False).encode())


def _tally(share: int, **counted: Any) -> Parcel:
    return Parcel(share, TALLY, json.dumps(counted).encode())


def _put_aside(batch: Batch, name: str, lines: Iterable[str]) -> None:
    folder = batch.folder / "aside" / on_disk.named(batch.number)
    folder.mkdir(parents=True, exist_ok=True)
    content = "".join(line + "\n" for line in lines).encode("utf-8", "replace")

    def write(file: Any) -> None:
        file.write(content)

    on_disk.put(folder / f"{name}.jsonl", write)
