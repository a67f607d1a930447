"""What tasks do, without Spark: one process plays them all."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from living import BEGIN, SECOND, busy_days
from test_any_order import shuffled, watched

from fangxian.watch.alerts import Alert
from fangxian.watch.arrivals import Arrivals
from fangxian.watch.events import SCHEMA
from fangxian.watch.facts import event_facts
from fangxian.watch.reading import Read, of_table
from fangxian.watch.sight import LATENESS, Sight
from fangxian.watch.signals import shipped_book
from fangxian.watch.spark import tasks
from fangxian.watch.spark.ledger import Note
from fangxian.watch.spark.parcels import (
    ALERT,
    TALLY,
    Parcel,
    as_rows,
    marked_by_share,
    marked_of,
    of_rows,
)
from fangxian.watch.spark.shares import Torn
from fangxian.watch.spark.tasks import Batch

SHARES = 3


class Played:
    """The tasks of batch after batch, with the watch's state in a folder."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.batch = Batch(folder, 0, SHARES, shipped_book(), LATENESS)
        self.note, self.told = Note(), dict[str, str]()
        self._patch = patch

    def take(self, pieces: list[pa.Table]) -> None:
        """One batch, each piece read by a task of its own."""
        rows: list[pa.RecordBatch] = []
        for number, piece in enumerate(pieces):
            self._patch.setattr(tasks, "number_of_task", lambda number=number: number)

            def reading(_: tasks.Rows, piece: pa.Table = piece) -> Iterator[Read]:
                yield of_table(piece, "test")

            rows += tasks.read_and_score(self.batch, reading, [])
        for task in (tasks.see, tasks.add_up):
            rows = self._each(task, rows)
        note = deepcopy(self.note)
        for parcel in of_rows(rows):
            if parcel.what == TALLY:
                note.add(json.loads(parcel.content))
        self._tell(rows)
        self.note = note

    def go_on(self) -> None:
        """What was taken is done."""
        self.batch = replace(
            self.batch,
            number=self.batch.number + 1,
            newest=self.note.newest,
            began=self.note.began,
        )

    def finish(self) -> dict[str, str]:
        """All warnings."""
        self._tell(self._each(tasks.finish, []))
        return self.told

    def _each(self, task, rows: list[pa.RecordBatch]) -> list[pa.RecordBatch]:
        by_share: dict[int, list[Parcel]] = defaultdict(list)
        for parcel in of_rows(rows):
            by_share[parcel.share].append(parcel)
        out: list[pa.RecordBatch] = []
        for share in range(SHARES):
            self._patch.setattr(tasks, "number_of_task", lambda share=share: share)
            out += task(self.batch, as_rows(by_share[share]))
        return out

    def _tell(self, rows: list[pa.RecordBatch]) -> None:
        for parcel in of_rows(rows):
            if parcel.what == ALERT:
                alert = Alert.of_tuple(json.loads(parcel.content))
                self.told[alert.id] = alert.written()


@pytest.fixture
def played(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Played:
    return Played(tmp_path, monkeypatch)


@pytest.mark.parametrize("hours", [5, 90])
def test_tasks_say_what_one_watch_says_in_batches_of_many_pieces(
    played: Played, hours: float
) -> None:
    events = busy_days(11, 900, hours, residents=12, numbers=9)
    wanted = watched(events, [len(events)])
    assert wanted
    arrived = shuffled(events, 3, 4)
    for at in range(0, len(arrived), 300):
        played.take([arrived.slice(at + 100, 200), arrived.slice(at, 100)])
        played.go_on()
    assert played.finish() == wanted


def test_marked_events_of_many_tasks_come_in_order_of_time() -> None:
    marked = Sight().take(Arrivals.of(busy_days(5, 400, 90))).marked
    assert len(marked) > 100
    shuffled = np.random.default_rng(1).permutation(len(marked))
    halves = [marked.among(shuffled[:50]), marked.among(shuffled[50:])]
    parcels = [parcel.content for half in halves for parcel in marked_by_share(half, 1)]
    back = marked_of(parcels)
    assert back is not None
    np.testing.assert_array_equal(back.times, marked.times)
    assert [back.one(row) for row in range(len(back))] == [marked.one(r) for r in range(len(back))]


def test_a_batch_done_twice_is_done_once(played: Played) -> None:
    events = busy_days(12, 900, 30, residents=12, numbers=9)
    wanted = watched(events, [len(events)])
    for at in range(0, len(events), 300):
        before = played.note
        played.take([events.slice(at, 150), events.slice(at + 150, 150)])
        after, played.note = played.note, before
        played.take([events.slice(at, 300)])
        assert vars(played.note) == vars(after)
        played.go_on()
    assert played.note.events["taken"] == len(events)
    assert played.finish() == wanted


def test_what_a_text_says_is_known_where_the_text_is_not(played: Played) -> None:
    texts = ["您的验证码是 123456，请勿告诉他人。【某某银行】", "您涉嫌洗钱，请打开 http://a.example.test/x", None]  # fmt: skip
    rows = [
        {
            "id": f"{n}", "source": "s", "type": "sms.received", "time": BEGIN + n * SECOND,
            "resident": "+8613800000000", "other": other, "text": texts[n],
        }
        for n, other in enumerate(["95588", "+8617012345678", "no number"])
    ] + [
        {
            "id": "l", "source": "s", "type": "link.visited", "time": BEGIN,
            "resident": "+8613800000000", "url": "http://example.test/login",
        }
    ]  # fmt: skip
    events = of_table(pa.Table.from_pylist(rows, SCHEMA), "test").events
    there = tasks.scored(events)
    assert len(events) == len(rows)
    assert there["text"].null_count == there["url"].null_count == len(rows)
    assert there["leads"].to_pylist() == [None, "a.example.test", None, None]
    before, after = event_facts(events), event_facts(there)
    for name, values in before.items():
        np.testing.assert_array_equal(values, after[name], err_msg=name)


def test_what_is_late_or_wrong_is_counted_and_set_aside(played: Played) -> None:
    events = busy_days(13, 300, 5)
    played.take([events])
    played.go_on()
    wrong = events.slice(0, 2).set_column(4, "resident", pa.nulls(2, pa.string()))
    # Of one other side, or it would be another share's, which does not know it.
    newest = next(n for n in reversed(range(300)) if events["other"][n].is_valid)
    changed = events.slice(newest, 1).set_column(4, "resident", pa.array(["+8612000000077"]))
    played.take([events.slice(0, 7), wrong, changed])
    assert played.note.events == {"taken": 300, "late": 7}
    assert played.note.wrong == {"missing": 2, "other_content": 1}
    files = sorted((played.batch.folder / "aside" / "000001").iterdir())
    lines = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    assert sorted(line["reason"] for line in lines) == ["late"] * 7 + ["missing"] * 2 + [
        "other_content"
    ]
    late = {line["event"]["id"] for line in lines if line["reason"] == "late"}
    assert late == set(events["id"].to_pylist()[:7])


def test_a_state_that_is_not_whole_is_told_and_not_passed_over(played: Played) -> None:
    played.take([busy_days(14, 100, 5)])
    played.go_on()
    [state] = (played.batch.folder / "shares" / "sight-0001").iterdir()
    state.write_bytes(state.read_bytes()[:-9])
    with pytest.raises(Torn, match="sight-0001"):
        played.take([busy_days(14, 100, 5)])
