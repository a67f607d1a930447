"""The loop: sinks that are away, stops, books that change, order."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from in_memory import Running, Table, until
from living import BEGIN, busy_days
from plain_reading import NO_RESIDENT, ByNumber, Told, Wrong, last_by_id, lines_of
from test_state_on_the_disk import EVENTS, wanted

from fangxian.cli import main
from fangxian.watch.local import book, outbox
from fangxian.watch.local.checkpoints import Checkpoints
from fangxian.watch.sight import LATENESS
from fangxian.watch.watching import Watch

NEW = """
any_talk:
  says: {zh: 通话, en: a talk}
  source: a test
  when: {call: {seconds: ">= 1 s"}}
  stage: contact
  weight: 9
"""


def test_a_sink_that_is_away_for_a_while_gets_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "LATE", 0.2)
    away = Told(away=4)
    running = Running(tmp_path, Table(EVENTS, 20), [away]).to_its_end()
    assert away.by_id == running.told.by_id == wanted()
    assert running.heard("Told 2 cannot be reached now (nobody there)")
    assert running.heard("Told 2 is back")


def test_where_a_sink_stays_away_the_watch_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "ROOM", 3)
    away = Told(away=1_000_000)
    source = Table(EVENTS, 20)
    with Running(tmp_path, source, [away]) as running:
        until(lambda: running.heard("cannot be reached"))
        until(lambda: len(running.told.by_id) >= 3)
        read = source.read
        assert read < 600
        running.stop.wait(0.3)
        assert source.read == read
    # What it did not get is said, is in the checkpoint, and comes at the next start.
    assert running.heard("warnings are not delivered yet")
    back = Told()
    running_back = Running(tmp_path, Table(EVENTS, 20), [back]).to_its_end()
    assert back.by_id == wanted()
    assert not running_back.heard("not delivered yet")


def test_what_is_wrong_is_set_aside_once_with_its_reason(tmp_path: Path) -> None:
    wrong = [Wrong("a.parquet:7", NO_RESIDENT, "x" * 9)]
    Running(tmp_path, Table(EVENTS, 300, wrong=wrong)).to_its_end()
    rows = [json.loads(line) for line in lines_of(tmp_path / "aside")]
    assert [(r["reason"], r["where"], r["raw"]) for r in rows] == [
        ("missing", "a.parquet:7", "x" * 9)
    ] * 2
    assert rows[0]["says"] == {"zh": "没有 resident", "en": "no resident"}
    assert (
        'fangxian_events_wrong_total{reason="missing"} 2\n'
        in (tmp_path / "metrics.prom").read_text()
    )


def test_another_content_of_an_id_is_set_aside_once_and_counted(tmp_path: Path) -> None:
    rows = EVENTS.to_pylist()
    rows.insert(31, rows[30] | {"resident": "+8612000000077"})
    changed = pa.Table.from_pylist(rows, EVENTS.schema)
    source = Table(changed, 31, lives=True)
    source.limit = 31
    with Running(tmp_path, source) as running:
        until(lambda: source.done_to == 31)
    # The first one is in the checkpoint, the second comes after it.
    again = Running(tmp_path, Table(changed, 31)).to_its_end()
    assert running.told.by_id | again.told.by_id == wanted()
    rows = [json.loads(line) for line in lines_of(tmp_path / "aside")]
    assert [(r["reason"], r["event"]["resident"]) for r in rows] == [
        ("other_content", "+8612000000077")
    ]
    metrics = (tmp_path / "metrics.prom").read_text()
    assert 'fangxian_events_wrong_total{reason="other_content"} 1\n' in metrics
    assert '{as="repeated"} 0\n' in metrics


def test_sigterm_stops_with_a_checkpoint(tmp_path: Path) -> None:
    events, out, state = tmp_path / "events", tmp_path / "out", tmp_path / "state"
    for folder in (events, out):
        folder.mkdir()
    pq.write_table(busy_days(1, 20_000, 40, residents=500), events / "a.parquet")
    command = [sys.executable, str(Path(__file__).with_name("killed.py"))]
    process = subprocess.Popen([*command, str(state), str(events), str(out), "3600", "1000000"])
    until(lambda: (out / "told.jsonl").exists())
    os.kill(process.pid, signal.SIGTERM)
    assert process.wait(60) == 3
    found = Checkpoints(state / "checkpoints").newest(pytest.fail)
    assert found is not None
    assert 0 < found.about["position"][1] < 20_000
    assert not found.about["finished"]


def whole(path: Path, text: str) -> None:
    """Not seen half written."""
    path.with_suffix(".new").write_text(text)
    path.with_suffix(".new").replace(path)


def test_a_changed_book_holds_from_the_next_batch_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(book, "LOOK", 0.02)
    path = tmp_path / "mine.yaml"
    path.write_text(NEW.replace("weight: 9", "weight: 0"))
    source = Table(EVENTS, 20, lives=True)
    source.limit = 300
    with Running(tmp_path / "state", source, book_path=path) as running:
        until(lambda: source.read == 300)
        before = {
            told["name"]
            for line in running.told.by_id.values()
            for told in json.loads(line)["signals"]
        }
        whole(path, NEW.replace("stage: contact", "stage: nowhere"))
        until(
            lambda: running.heard(
                "the file of signals is wrong, the old ones stay: mine.yaml, any_talk"
            )
        )
        whole(path, NEW.replace("any_talk", "a_talk_of_any_length"))
        until(lambda: running.heard("the new file of signals holds"))
        source.limit = 600
        until(lambda: source.read == 600)
    told = {
        told["name"] for line in running.told.by_id.values() for told in json.loads(line)["signals"]
    }
    assert "a_talk_of_any_length" not in before
    assert "a_talk_of_any_length" in told
    assert sum("signals is wrong" in said.en for said in running.said) == 1


def test_a_first_book_that_is_wrong_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("any_talk: 7")
    with pytest.raises(ValueError, match=r"mine\.yaml, any_talk"):
        Running(tmp_path, Table(EVENTS, 20), book_path=path)._run()


def test_a_runner_that_came_to_the_end_does_nothing_more(tmp_path: Path) -> None:
    Running(tmp_path, Table(EVENTS, 100)).to_its_end()
    source = Table(EVENTS, 100)
    assert Running(tmp_path, source).to_its_end().ended
    assert source.read == 0


def test_a_sink_by_number_holds_every_warning(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    Running(tmp_path / "state", Table(EVENTS, 50), [ByNumber(tmp_path / "out")]).to_its_end()
    assert last_by_id(lines_of(tmp_path / "out")) == wanted()


@pytest.mark.parametrize("seed", range(5))
def test_which_events_are_late_does_not_depend_on_the_batches(seed: int) -> None:
    rng = np.random.default_rng(seed)
    events = busy_days(seed, 300, 10)
    times = np.asarray(events["time"].cast(pa.int64()).to_numpy()) - BEGIN
    moved = times + rng.integers(0, 3 * LATENESS, len(times)) * (rng.random(len(times)) < 0.3)
    events = events.take(pa.array(np.argsort(moved, kind="stable")))

    def late(size: int) -> list[str]:
        watch, found = Watch(), []
        for at in range(0, len(events), size):
            found += watch.take(events.slice(at, size)).late["id"].to_pylist()
        return found

    assert len(late(1)) > 10
    assert late(1) == late(7) == late(100) == late(300)


def test_a_shadow_goes_on_after_a_stop_and_says_the_same(tmp_path: Path) -> None:
    path = tmp_path / "trial.yaml"
    path.write_text(NEW)
    whole = Running(tmp_path / "whole", Table(EVENTS, 50), shadow_path=path).to_its_end()
    source = Table(EVENTS, 50, lives=True)
    source.limit = 300
    with Running(tmp_path / "state", source, shadow_path=path):
        until(lambda: source.done_to == 300)
    cut = Running(tmp_path / "state", Table(EVENTS, 50), shadow_path=path).to_its_end()
    told = [last_by_id(lines_of(r.folder / "shadow")) for r in (whole, cut)]
    assert told[0] == told[1]
    assert told[0]
    assert told[0] != wanted()


def test_what_a_shadow_told_is_not_forgotten_by_a_run_without_one(tmp_path: Path) -> None:
    path = tmp_path / "trial.yaml"
    path.write_text(NEW)

    def begun(to: int, **more: Path) -> int | None:
        source = Table(EVENTS, 50, lives=True)
        source.limit = to
        with Running(tmp_path / "state", source, **more):
            until(lambda: source.done_to == to)
        last = Checkpoints(tmp_path / "state" / "checkpoints").newest(lambda _: None)
        assert last
        found: int | None = last.about["shadow_since"]
        return found

    def compared() -> str:
        done = CliRunner().invoke(main, ["watch", "compare", str(tmp_path / "state")])
        assert done.exit_code == 0, done.output
        return done.output

    first = begun(100, shadow_path=path)
    assert first
    said = compared()
    # What was told live when no shadow ran is not held against it.
    assert begun(300) == first
    assert compared() == said
    # Begun again it knows nothing of what came between, so its count begins anew.
    again = begun(400, shadow_path=path)
    assert again
    assert again > first
