"""A folder that is followed: files that come later are read in the order of their names, whole."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from in_memory import Running, until
from living import busy_days
from plain_reading import lines_of

from fangxian.watch.local.sources import arriving
from fangxian.watch.local.sources.folder import Folder
from fangxian.watch.reading import Place, as_lines, read_files
from fangxian.watch.watching import Watch

EVENTS = busy_days(6, 600, 12)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arriving, "STILL", 0.3)


def following(folder: Path) -> Folder:
    return Folder(
        folder, lambda paths, start: read_files(paths, start=Place(*start) if start else None), True
    )


def wanted(count: int) -> dict[str, str]:
    return {alert.id: alert.written() for alert in Watch().take(EVENTS.slice(0, count)).alerts}


def put(folder: Path, name: str, begin: int, end: int) -> None:
    pq.write_table(EVENTS.slice(begin, end - begin), folder / f".{name}")
    (folder / f".{name}").rename(folder / name)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "events").mkdir()
    put(tmp_path / "events", "1.parquet", 0, 200)
    return tmp_path / "events"


def aside(state: Path) -> list[tuple[str, str]]:
    return [(row["reason"], row["where"]) for row in map(json.loads, lines_of(state / "aside"))]


def test_later_files_are_read_also_by_a_later_runner(folder: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    with Running(state, following(folder)) as running:
        until(lambda: running.told.by_id == wanted(200))
        put(folder, "2.parquet", 200, 300)
        until(lambda: running.told.by_id == wanted(300))
    first = running.told.by_id
    put(folder, "3.parquet", 300, 600)
    with Running(state, following(folder)) as running:
        until(lambda: first | running.told.by_id == wanted(600))
    metrics = (state / "metrics.prom").read_text()
    assert '{as="taken"} 600\n' in metrics
    assert '{as="repeated"} 0\n' in metrics


def test_a_file_that_grows_is_read_when_it_is_still_and_holds_up_those_behind(
    folder: Path, tmp_path: Path
) -> None:
    with Running(tmp_path / "state", following(folder)) as running:
        until(lambda: running.told.by_id == wanted(200))
        lines = as_lines(EVENTS.slice(200, 100))
        with (folder / "2.jsonl").open("wb", buffering=0) as growing:
            put(folder, "3.parquet", 300, 600)
            for n, line in enumerate(lines):
                growing.write(line[: len(line) // 2])
                running.stop.wait(0.015)
                growing.write(line[len(line) // 2 :] + b"\n")
                if n % 20 == 0:
                    assert running.told.by_id == wanted(200)
        until(lambda: running.told.by_id == wanted(600))
    assert aside(tmp_path / "state") == []


def test_names_of_files_being_written_are_passed_by(folder: Path, tmp_path: Path) -> None:
    with Running(tmp_path / "state", following(folder)) as running:
        until(lambda: running.told.by_id == wanted(200))
        for name in ("2.parquet.tmp", "2.parquet.part", "_2.parquet", ".2.parquet"):
            (folder / name).write_bytes(b"PAR1 half")
        running.stop.wait(0.8)
        put(folder, "3.parquet", 200, 600)
        until(lambda: running.told.by_id == wanted(600))
    assert aside(tmp_path / "state") == []


def test_a_truncated_parquet_is_set_aside_with_its_reason_and_the_next_is_read(
    folder: Path, tmp_path: Path
) -> None:
    with Running(tmp_path / "state", following(folder)) as running:
        until(lambda: running.told.by_id == wanted(200))
        whole = (folder / "1.parquet").read_bytes()
        (folder / "2.parquet").write_bytes(whole[: len(whole) // 2])
        put(folder, "3.parquet", 200, 600)
        until(lambda: running.told.by_id == wanted(600))
    assert aside(tmp_path / "state") == [("bad_file", "2.parquet")]


def test_a_name_before_one_that_was_read_is_set_aside_and_not_passed_over_in_silence(
    folder: Path, tmp_path: Path
) -> None:
    with Running(tmp_path / "state", following(folder)) as running:
        until(lambda: running.told.by_id == wanted(200))
        put(folder, "0.parquet", 200, 300)
        put(folder, "2.parquet", 200, 600)
        until(lambda: running.told.by_id == wanted(600))
    assert aside(tmp_path / "state") == [("out_of_order", "0.parquet")]
