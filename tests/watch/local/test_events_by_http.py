"""The door: what it says 202 to is on the disk, and comes out as warnings."""

from __future__ import annotations

import gzip
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from living import busy_days
from plain_reading import Told, as_lines, last_by_id, lines_of, of_batch, of_lines

from fangxian.detect.kinds import Words
from fangxian.watch.local import Pace, run
from fangxian.watch.local.door import Address, app
from fangxian.watch.local.door.glance import events_in, is_one_event
from fangxian.watch.local.journal import Journal, octets_after
from fangxian.watch.local.say import CannotRun
from fangxian.watch.local.sources.bodies import Reading
from fangxian.watch.local.sources.http import Http
from fangxian.watch.watching import Watch

pytest.importorskip("uvicorn", reason="the HTTP door needs uvicorn: pip install '.[watch]'")

BATCH = {"content-type": "application/cloudevents-batch+json"}
LINES = {"content-type": "application/x-ndjson"}


class Running:
    """A runner in a thread, with a door."""

    def __init__(self, folder: Path) -> None:
        self.said: list[Words] = []
        self.told, self.folder = Told(), folder
        self.opened, self.stop = threading.Event(), threading.Event()
        self.door = Http(Address(port=0), folder, Reading(of_lines, of_batch), self._say)
        self.thread = threading.Thread(target=self._run)

    def __enter__(self) -> Running:
        self.thread.start()
        assert self.opened.wait(30)
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.door.port}", timeout=20)
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()
        self.stop.set()
        self.thread.join(30)

    def _run(self) -> None:
        run(self.folder, self.door, [self.told], say=self._say, pace=Pace(0.3), stop=self.stop)

    def _say(self, said: Words) -> None:
        self.said.append(said)
        if "events at" in said.en:
            self.opened.set()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with Running(tmp_path) as runner:
        yield runner


def test_events_one_by_one_and_many_at_once_become_warnings(running: Running) -> None:
    events = as_lines(busy_days(1, 400, 5))
    for line in events[:20]:
        answer = running.client.post("/events", content=line, headers=LINES)
        assert (answer.status_code, answer.json()["accepted"]) == (202, 1)
    body = b"[" + b",".join(events[20:200]) + b"]"
    assert running.client.post("/events", content=body, headers=BATCH).json()["accepted"] == 180
    body = b"\n".join(events[200:])
    assert running.client.post("/events", content=body, headers=LINES).json()["accepted"] == 200
    taken_and_told(running, 400)
    watch = Watch()
    wanted = {a.id: a.written() for a in watch.take(busy_days(1, 400, 5)).alerts}
    assert running.told.by_id == wanted
    assert wanted


def test_what_is_wrong_in_a_body_is_told_and_set_aside(running: Running) -> None:
    [good] = as_lines(busy_days(1, 1, 1))
    answer = running.client.post("/events", content=good + b"\n{half\n", headers=LINES)
    assert answer.status_code == 202
    assert answer.json()["set_aside"] == 1
    assert answer.json()["wrong"][0]["reason"] == "not_json"
    taken_and_told(running, 1)
    running.__exit__()
    [aside] = map(json.loads, lines_of(running.folder / "aside"))
    assert (aside["reason"], aside["raw"]) == ("not_json", "{half")


def test_a_body_of_which_nothing_can_be_read_is_refused_and_not_kept(running: Running) -> None:
    for body in (b"{half", b"", b"\xff\xfe", b"[1, 2]" * 9):
        answer = running.client.post("/events", content=body, headers=LINES)
        assert answer.status_code == 400
        assert answer.json()["says"]["zh"]
    assert octets_after(running.folder / "journal", (0, 0)) == 0


def test_a_body_that_is_too_large_is_refused(running: Running) -> None:
    answer = running.client.post("/events", content=b" " * (app.MOST + 1), headers=LINES)
    assert answer.status_code == 413

    def in_parts() -> Iterator[bytes]:
        yield from [b" " * (1 << 20)] * 9

    assert running.client.post("/events", content=in_parts(), headers=LINES).status_code == 413


def test_a_body_that_is_packed_is_refused(running: Running) -> None:
    packed = gzip.compress(as_lines(busy_days(1, 1, 1))[0])
    headers = LINES | {"Content-Encoding": "gzip"}
    answer = running.client.post("/events", content=packed, headers=headers)
    assert answer.status_code == 415
    assert "Content-Encoding" in answer.json()["says"]["en"]


def test_metrics_are_openmetrics(running: Running) -> None:
    running.client.post("/events", content=b"\n".join(as_lines(busy_days(1, 9, 1))), headers=LINES)
    taken_and_told(running, 9)
    answer = running.client.get("/metrics")
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert 'fangxian_requests_total{status="202"} 1' in answer.text
    assert answer.text.endswith("# EOF\n")
    for name in ("lag_seconds", "state_bytes", "checkpoint_seconds", "journal_behind_bytes"):
        assert f"\nfangxian_{name} " in answer.text


def test_without_the_token_nobody_comes_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "FANGXIAN_WATCH_TOKEN", "right")
    with Running(tmp_path) as running:
        for given, status in (("wrong", 401), ("right", 200)):
            shown = {"authorization": f"Bearer {given}"}
            assert running.client.get("/metrics", headers=shown).status_code == status
        assert running.client.post("/events").status_code == 401


def test_beyond_this_machine_a_token_is_needed(tmp_path: Path) -> None:
    door = Http(Address("0.0.0.0", 0), tmp_path, Reading(of_lines, of_batch), print)  # noqa: S104
    with pytest.raises(CannotRun, match="FANGXIAN_WATCH_TOKEN"):
        next(door.batches(None))
    door.close()


def test_a_new_runner_takes_what_the_old_one_left_in_the_journal(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    journal.append([(0, line) for line in as_lines(busy_days(2, 200, 5))])
    journal.close()
    with Running(tmp_path) as running:
        taken_and_told(running, 200)
    assert last_by_id(lines_of(tmp_path / "warnings")) == running.told.by_id


def test_a_door_that_died_is_opened_again(running: Running) -> None:
    running.opened.clear()
    running.door._door.kill()
    assert running.opened.wait(30)
    [line] = as_lines(busy_days(1, 1, 1))
    assert running.client.post("/events", content=line, headers=LINES).status_code == 202


def taken_and_told(running: Running, count: int) -> None:
    """Waits until the watch has taken so many."""
    wanted = f'fangxian_events_total{{as="taken"}} {count}\n'
    for _ in range(300):
        path = running.folder / "metrics.prom"
        if path.exists() and wanted in path.read_text():
            return
        threading.Event().wait(0.1)
    raise AssertionError(running.said)


@pytest.mark.parametrize(
    "change",
    [
        {"specversion": "0.3"}, {"id": ""}, {"id": 7}, {"type": "call.begun"}, {"time": "2026-03-01T08:00:00"},
        {"time": 7}, {"subject": None}, {"data": []}, {"source": {}}, {"type": []},
    ],
)  # fmt: skip
def test_a_glance_is_enough_only_for_a_whole_event(change: dict) -> None:
    [line] = as_lines(busy_days(1, 1, 1))
    event = json.loads(line)
    assert is_one_event(line)
    assert is_one_event(json.dumps(event | {"time": "2026-03-01T08:00:00Z"}).encode())
    assert not is_one_event(json.dumps(event | change).encode())
    for name in ("specversion", "id", "source", "type", "time", "subject"):
        assert not is_one_event(json.dumps({k: v for k, v in event.items() if k != name}).encode())
    for body in (b"", b"[]", b"7", b"{", b"\xff", line + b"\n" + line, b"[" * 100_000):
        assert not is_one_event(body)


def test_a_glance_counts_lines_and_leaves_what_looks_wrong_to_the_reading() -> None:
    events = busy_days(1, 30, 1)
    lines = as_lines(events)
    assert events_in(b"\n".join(lines)) == events_in(b"\r\n".join(lines) + b"\n\n") == 30
    assert events_in(b"\n".join([*lines, b"{half"])) == 0
    assert events_in(b"") == 0
    a_call = next(line for line in map(json.loads, lines) if line["type"] == "call.ended")
    assert events_in(json.dumps(a_call).encode()) == 1
    del a_call["data"]["seconds"]
    assert events_in(json.dumps(a_call).encode()) == 0


def test_one_event_may_be_written_on_many_lines(running: Running) -> None:
    [line] = as_lines(busy_days(1, 1, 1))
    body = json.dumps(json.loads(line), indent=2)
    kind = {"content-type": "application/cloudevents+json; charset=utf-8"}
    assert running.client.post("/events", content=body, headers=kind).status_code == 202
    taken_and_told(running, 1)
