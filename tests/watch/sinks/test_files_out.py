"""Warnings in files: the same call again changes nothing, a crash loses and doubles nothing."""

from __future__ import annotations

import io
import json
import os
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from living import busy_days

from fangxian.watch.alerts import Alert
from fangxian.watch.sinks import JsonLines, Out, ParquetFolder, Unavailable
from fangxian.watch.watching import Watch


@pytest.fixture(scope="module")
def alerts() -> list[Alert]:
    """Warnings of some busy days."""
    told = Watch().take(busy_days(3, 400, 100)).alerts
    assert len(told) > 4
    return told


def states(path: Path) -> dict[str, str]:
    """The last line of each id."""
    lines = path.read_text("utf-8").splitlines()
    return {json.loads(line)["id"]: line for line in lines}


def test_a_repeated_call_writes_no_line_twice(tmp_path: Path, alerts: list[Alert]) -> None:
    path = tmp_path / "warnings.jsonl"
    sink = JsonLines(path)
    sink.send(alerts)
    once = path.read_bytes()
    assert once.decode().splitlines() == [a.written() for a in alerts]
    sink.send(alerts)
    sink.close()
    JsonLines(path).send(alerts)
    assert path.read_bytes() == once


def test_a_line_that_a_crash_left_half_is_written_whole(
    tmp_path: Path, alerts: list[Alert]
) -> None:
    path = tmp_path / "warnings.jsonl"
    JsonLines(path).send(alerts)
    whole = path.read_bytes()
    for cut in (1, 30, len(whole) // 2, len(whole)):
        path.write_bytes(whole[:-cut])
        JsonLines(path).send(alerts)
        assert path.read_bytes() == whole


def test_the_last_state_stands_last_also_when_earlier_ones_come_again(
    tmp_path: Path, alerts: list[Alert]
) -> None:
    path = tmp_path / "warnings.jsonl"
    early, late = replace(alerts[0], score=-3.5), alerts[0]
    JsonLines(path).send([early, late])
    JsonLines(path).send([early])
    JsonLines(path).send([late])
    assert states(path) == {late.id: late.written()}


@pytest.mark.parametrize(
    "text", ["1. buy bread\n", "buy bread", '{"a": 1}', '{"day":"", "b": 1}\n']
)
def test_another_file_is_not_written_into(tmp_path: Path, text: str) -> None:
    path = tmp_path / "notes.txt"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"notes\.txt:1 .*no warning there"):
        JsonLines(path)
    assert path.read_text() == text


def test_a_full_disk_can_be_tried_again(
    tmp_path: Path, alerts: list[Alert], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    lines, folder = JsonLines(tmp_path / "warnings.jsonl"), ParquetFolder(tmp_path / "out")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        for sink in (lines, folder.numbered(1)):
            with pytest.raises(Unavailable, match="No space left"):
                sink.send(alerts)
    lines.send(alerts)
    assert len((tmp_path / "warnings.jsonl").read_text("utf-8").splitlines()) == len(alerts)
    assert list((tmp_path / "out").glob("[!.]*")) == []


def test_the_terminal_shows_a_state_once(alerts: list[Alert]) -> None:
    stream = io.StringIO()
    out = Out(stream)
    out.send(alerts)
    out.send(alerts)
    assert stream.getvalue().splitlines() == [a.written() for a in alerts]


def test_a_reader_that_is_gone_is_unavailable(alerts: list[Alert]) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w", encoding="utf-8") as stream, pytest.raises(Unavailable):
        Out(stream).send(alerts)


def test_a_checkpoint_that_comes_again_takes_the_place_of_its_file(
    tmp_path: Path, alerts: list[Alert]
) -> None:
    folder = ParquetFolder(tmp_path / "out")
    folder.numbered(1).send(alerts)
    folder.numbered(2).send([])
    folder.numbered(1).send(alerts[:3])
    folder.numbered(1).send(alerts)
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "warnings-00000001.parquet", "warnings-00000002.parquet",
    ]  # fmt: skip
    rows = pq.read_table(tmp_path / "out" / "warnings-00000001.parquet").to_pylist()
    assert [r["id"] for r in rows] == [a.id for a in alerts]
    first = alerts[0].as_dict()
    assert rows[0]["day"].isoformat() == first["day"]
    assert rows[0]["signals"][0]["events"] == first["signals"][0]["events"]
    assert json.loads(rows[0]["events"][0]["facts"]) == first["events"][0]["facts"]
    assert [r["grade"] for r in rows[0]["raised"]] == [r["grade"] for r in first["raised"]]
    assert rows[0]["raised"][0]["at"].strftime("%Y-%m-%dT%H:%M:%S.%fZ") == first["raised"][0]["at"]
