"""`fangxian watch run` as it is typed: what is wrong is told so that one knows what to do."""

from __future__ import annotations

import json
import socket
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from fangxian.cli import main
from fangxian.watch.local.alone import alone_in

# A report is a warning, whatever the shipped weights say.
BOOK = """
a_report:
  says: {zh: 报告, en: a report}
  source: a test
  when: {report: {}}
  stage: contact
  weight: 9
"""


def typed(*words: object, given: bytes = b"", code: int = 0) -> str:
    done = CliRunner().invoke(main, ["watch", "run", *map(str, words)], input=given)
    assert done.exit_code == code, done.output
    return done.output


def line(id_: str, type_: str, **data: object) -> bytes:
    event = {
        "specversion": "1.0", "id": id_, "source": "test", "type": type_, "data": data,
        "time": datetime.now(UTC).isoformat(), "subject": "+8612000000010",
    }  # fmt: skip
    return json.dumps(event).encode() + b"\n"


EVENTS = line("a", "report.filed", text_score=0.95) + line("b", "app.installed", app="remote")


def test_lines_come_in_and_the_sums_are_told_at_the_end(tmp_path: Path) -> None:
    book = tmp_path / "own.yaml"
    book.write_text(BOOK, "utf-8")
    said = typed(tmp_path, "--stdin", "--signals", book, given=EVENTS + b"{half\n")
    assert "事件 2 条，重复 0，放在一边 1" in said
    assert "预警 1 次" in said
    assert f"放在一边的和原因：{tmp_path}/aside" in said
    again = typed(tmp_path, "--stdin", "--language", "en", given=EVENTS)
    assert "came to the end of its events; nothing more is read" in again


def test_a_state_of_another_source_is_refused(tmp_path: Path) -> None:
    typed(tmp_path / "state", "--stdin", given=EVENTS)
    (tmp_path / "more.jsonl").write_bytes(EVENTS)
    said = typed(tmp_path / "state", "--events", tmp_path / "more.jsonl", code=1)
    assert "来自另一种来源（Stdin，现在是 Folder），请换一个文件夹" in said


def test_warnings_go_to_standard_output_and_into_parquet(tmp_path: Path) -> None:
    book = tmp_path / "own.yaml"
    book.write_text(BOOK, "utf-8")
    where = ("--out", "-", "--parquet", tmp_path / "warnings")
    words = ["watch", "run", str(tmp_path / "state"), "--stdin", "--signals", str(book), *map(str, where)]  # fmt: skip
    done = CliRunner().invoke(main, words, input=EVENTS)
    assert done.exit_code == 0, done.output
    [told] = map(json.loads, done.stdout.splitlines())
    assert told["signals"][0]["name"] == "a_report"
    assert pq.read_table(tmp_path / "warnings")["id"].to_pylist() == [told["id"]]


def test_what_is_read_is_said_and_that_folders_in_it_are_not(tmp_path: Path) -> None:
    town = tmp_path / "town"
    (town / "inner").mkdir(parents=True)
    (town / "1.jsonl").write_bytes(EVENTS)
    said = typed(tmp_path / "state", "--events", town, "--language", "en")
    assert f"reading {town} (folders in it are not read: inner)\n" in said


def test_a_folder_that_somebody_works_in_is_refused(tmp_path: Path) -> None:
    with alone_in(tmp_path):
        said = typed(tmp_path, "--stdin", "--language", "en", code=1)
    assert "works in this folder; stop it first, or take another folder" in said


def test_a_port_that_is_taken_is_said_to_be(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = typed(tmp_path, "--http", port, code=1)
    assert f"127.0.0.1:{port} 已被别的程序占用，请换一个端口" in said


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--http", "80000", "not in the range"),
        ("--nats", "nats://127.0.0.1:4222", "nats://host:4222/stream"),
        ("--nats", "127.0.0.1/events", "nats://host:4222/stream"),
    ],
)
def test_what_is_no_source_is_refused_with_what_was_expected(
    tmp_path: Path, option: str, value: str, says: str
) -> None:
    assert says in typed(tmp_path, option, value, code=2)


@pytest.mark.parametrize("option", ["--webhook", "--first-line"])
def test_an_address_without_http_is_refused(tmp_path: Path, option: str) -> None:
    assert "http://…" in typed(tmp_path, "--stdin", option, "127.0.0.1:8000", code=2)
