"""`watch replay` and `watch compare`: history run through again, and a book on trial beside the live
one."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from living import SECOND, busy_days

from fangxian.cli import main
from fangxian.watch.local.recorded import last_lines, read_again
from fangxian.watch.reading import as_lines

BOOK = """
any_talk:
  says: {zh: 通话, en: a talk}
  source: a test
  when: {call: {seconds: ">= 1 s"}}
  stage: contact
  weight: 9
"""


def typed(*words: object, given: bytes = b"", code: int = 0) -> str:
    done = CliRunner().invoke(main, ["watch", *map(str, words)], input=given)
    assert done.exit_code == code, done.output
    return done.output


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("history")
    pq.write_table(busy_days(8, 3_000, 40, residents=300, numbers=30), folder / "1.parquet")
    return folder


@pytest.fixture(scope="module")
def lived(history: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state of a runner that took the same events live: as lines, as they may come."""
    state = tmp_path_factory.mktemp("lived") / "state"
    events = pq.read_table(history)
    times = np.asarray(events["time"].cast(pa.int64()).to_numpy())
    rng = np.random.default_rng(1)
    order = np.argsort(times + rng.integers(0, 300 * SECOND, len(times)), kind="stable")
    lines = as_lines(events.take(pa.array(order)))
    # Some come twice.
    given = [line for n, line in enumerate(lines) for _ in range(1 + (n % 9 == 0))]
    typed("run", state, "--stdin", given=b"\n".join(given))
    assert len(last_lines(state / "warnings")) > 40
    return state


def copied(lived: Path, tmp_path: Path) -> Path:
    import shutil

    return Path(shutil.copytree(lived, tmp_path / "state"))


def test_a_warning_that_was_written_is_read_again_as_it_was(lived: Path) -> None:
    lines = last_lines(lived / "warnings")
    assert {id_: alert.written() for id_, alert in read_again(lines).items()} == lines


def test_nothing_is_sent_where_nothing_was_changed(
    history: Path, lived: Path, tmp_path: Path
) -> None:
    out, count = tmp_path / "out.jsonl", len(last_lines(lived / "warnings"))
    said = typed("replay", lived, "--events", history, "--out", out, "--language", "en")
    assert f"{count} as they were; 0 new and 0 changed" in said
    assert out.read_bytes() == b""


def test_what_is_new_or_changed_is_sent_once(history: Path, lived: Path, tmp_path: Path) -> None:
    state, out = copied(lived, tmp_path), tmp_path / "out.jsonl"
    wanted = last_lines(state / "warnings")
    missing, otherwise, only_then = sorted(wanted)[:3]
    lines = [w for path in sorted((state / "warnings").iterdir()) for w in path.read_text("utf-8").splitlines()]  # fmt: skip
    for path in (state / "warnings").iterdir():
        path.unlink()
    # As if a mistake had lost one, told one otherwise, and told one about nobody.
    kept = [line for line in lines if json.loads(line)["id"] != missing]
    kept = [
        line.replace('"stage":"', '"stage":"trust","was":"')
        if json.loads(line)["id"] == otherwise
        else line
        for line in kept
    ]
    kept.append(wanted[only_then].replace(only_then, "w-0"))
    (state / "warnings" / "000001.jsonl").write_text("\n".join(kept) + "\n", "utf-8")
    said = typed("replay", state, "--events", history, "--out", out)
    assert "新增 1 条、有变化 1 条，已送出；当时报过、现在不会再报的 1 条" in said
    assert f"+ {missing}" in said
    assert f"~ {otherwise}" in said
    sent = out.read_text("utf-8").splitlines()
    assert sorted(sent) == sorted([wanted[missing], wanted[otherwise]])
    again = typed("replay", state, "--events", history, "--out", tmp_path / "again.jsonl")
    assert "新增 0 条、有变化 0 条" in again


def test_without_a_sink_it_is_only_told_and_may_be_sent_later(
    history: Path, lived: Path, tmp_path: Path
) -> None:
    state = copied(lived, tmp_path)
    count = len(last_lines(state / "warnings"))
    for told in (state / "warnings").iterdir():
        told.unlink()
    said = typed("replay", state, "--events", history, "--language", "en")
    assert f"{count} new and 0 changed, not sent (no --out" in said
    assert f"… {count - 20}" in said
    words = ["watch", "replay", str(state), "--events", str(history), "--out", "-"]
    sent = CliRunner().invoke(main, words)
    assert [json.loads(line)["id"][:2] for line in sent.stdout.splitlines()] == ["w-"] * count
    assert "已送出" in sent.stderr


def test_a_folder_that_is_no_state_is_refused(history: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    said = typed("replay", tmp_path, "--events", history, "--out", out, code=1)
    assert "不是监测的状态文件夹" in said
    assert not out.read_bytes()


def test_what_of_the_history_cannot_be_read_is_told(lived: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("buy bread")
    said = typed("replay", lived, "--events", tmp_path, "--language", "en", code=1)
    assert "1, such as notes.txt: no file of events" in said
    assert "holds no event that can be used" in said


def test_an_address_without_http_is_refused(history: Path, lived: Path) -> None:
    said = typed("replay", lived, "--events", history, "--webhook", "127.0.0.1:9", code=2)
    assert "http://…" in said


def test_warnings_that_began_before_the_history_are_left_alone(history: Path, lived: Path) -> None:
    said = typed("replay", lived, "--events", history, "--from", "2031-01-01")
    assert said.startswith("与原来相同 0 条；新增 0 条、有变化 0 条")
    assert "不会再报的 0 条" in said


def test_a_sink_that_is_away_is_said_and_the_same_may_be_run_again(
    history: Path, lived: Path, tmp_path: Path
) -> None:
    state = copied(lived, tmp_path)
    for told in (state / "warnings").iterdir():
        told.unlink()
    away = ("--webhook", "http://127.0.0.1:9/")
    assert "再运行一次" in typed("replay", state, "--events", history, *away, code=1)
    assert "新增" in typed("replay", state, "--events", history, "--out", tmp_path / "out")


def test_in_shadow_nothing_is_sent_and_all_is_kept(history: Path, tmp_path: Path) -> None:
    run = ("run", tmp_path / "state", "--events", history, "--shadow", "--out", tmp_path / "out")
    typed(*run)
    assert not (tmp_path / "out").exists()
    assert len(last_lines(tmp_path / "state" / "warnings")) > 40


def test_a_book_on_trial_is_held_against_the_live_one(
    history: Path, lived: Path, tmp_path: Path
) -> None:
    book, out, state = tmp_path / "trial.yaml", tmp_path / "out.jsonl", tmp_path / "state"
    book.write_text(BOOK, "utf-8")
    run = ("run", state, "--events", history, "--shadow-signals", book, "--out", out)
    typed(*run)
    live, shadow = last_lines(state / "warnings"), last_lines(state / "shadow")
    # What is live does not know of the trial.
    assert live == last_lines(lived / "warnings")
    assert sorted(out.read_text("utf-8").splitlines()) == sorted(
        line for path in (state / "warnings").iterdir() for line in path.read_text("utf-8").splitlines()
    )  # fmt: skip
    assert shadow != live
    said = typed("compare", state)
    # A weight more takes no warning away; it may let one begin a day earlier.
    assert f"现用的 {len(live)} 条，影子 {len(shadow)} 条：" in said
    assert "少了 0" in said
    assert re.search(r"早 [1-9]", said)
    assert "~ w-" in said
    assert "****" in said, "numbers are masked"


def test_a_state_without_a_shadow_says_how_to_have_one(lived: Path) -> None:
    assert "run watch run --shadow-signals" in typed("compare", lived, "--language", "en", code=1)
