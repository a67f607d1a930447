"""`fangxian watch` as it is typed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from fangxian.cli import main


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("town")
    said = typed("simulate", folder, "--residents", 500, "--days", 9, "--intensity", 300)
    assert "victims" in said
    return folder


def typed(*words: object, fails: bool = False) -> str:
    done = CliRunner().invoke(main, ["watch", *map(str, words)])
    assert bool(done.exit_code) == fails, done.output
    return done.output


def test_a_town_is_told_its_warnings_and_each_is_explained(town: Path, tmp_path: Path) -> None:
    out = tmp_path / "warnings.jsonl"
    truth = ("--truth", town / "truth.parquet")
    said = typed("backtest", town / "events", *truth, "--out", out)
    assert "每千人每天" in said
    written = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert written
    one = written[0]
    lines = typed("explain", one["id"], "--warnings", out)
    assert one["resident"] not in lines, "numbers are masked"
    assert all(signal["name"] in lines for signal in one["signals"])
    assert "became" in typed("explain", one["id"], "--warnings", out, "--language", "en")


def test_only_the_days_asked_for_are_replayed(town: Path) -> None:
    said = typed("backtest", town / "events", "--from", "2031-01-01", "--language", "en")
    assert "no event in these days; there are some from 2026-03-0" in said
    assert "shipped: 0 warnings" in said


def test_what_of_the_events_cannot_be_used_is_told_with_its_place(town: Path) -> None:
    said = typed("backtest", town, "--language", "en", fails=True)
    assert "1, such as about.json: no file of events" in said
    assert "1, such as truth.parquet: other columns" in said
    assert "holds no event that can be used (folders in it are not read: events)" in said


def test_events_that_come_late_or_are_others_are_counted(town: Path, tmp_path: Path) -> None:
    parts = sorted((town / "events").iterdir())
    events = pa.concat_tables(map(pq.read_table, parts)).unify_dictionaries()
    half = len(events) // 2
    # The second half first: all of the other is late.
    for name, part in (("a", events.slice(half)), ("b", events.slice(0, half))):
        pq.write_table(part, tmp_path / f"{name}.parquet")
    said = typed("backtest", tmp_path, "--language", "en")
    assert re.search(r"[\d,]{4,} events came over ten minutes behind others", said)
    assert "another content" not in said
    # In order, and between them the last id again, of another resident.
    pq.write_table(events.slice(0, half), tmp_path / "a.parquet")
    last = events.slice(half - 1, 1).to_pylist()[0] | {"resident": "+8612000000009"}
    other = pa.Table.from_pylist([last], events.schema)
    pq.write_table(pa.concat_tables([other, events.slice(half)]), tmp_path / "b.parquet")
    said = typed("backtest", tmp_path)
    assert "1 个事件与前面的编号相同、内容不同" in said
    assert "十分钟以上" not in said


def test_a_truth_that_is_none_is_refused(town: Path, tmp_path: Path) -> None:
    alone = tmp_path / "truth.parquet"
    alone.write_bytes((town / "truth.parquet").read_bytes())
    for wrong in (alone, town / "about.json", town):
        said = typed("backtest", town / "events", "--truth", wrong, fails=True)
        assert "应为 watch simulate 写的 truth.parquet" in said


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--officers", 0, "x>=1"),
        ("--learning", -1, "x>=0"),
        ("--out", "nowhere/warnings.jsonl", "no folder"),
    ],
)
def test_what_an_option_cannot_be_is_said_before_any_work(
    town: Path, option: str, value: object, says: str
) -> None:
    assert says in typed("backtest", town / "events", option, value, fails=True)


def test_two_books_are_compared(town: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(
        "any_text:\n  says: {zh: 任何短信, en: any text}\n  source: a test\n"
        "  when: {sms: {}}\n  stage: contact\n  weight: 9\n",
        encoding="utf-8",
    )
    said = typed("backtest", town / "events", "--signals", own, "--language", "en")
    assert "gained" in said
    assert "own.yaml: " in said
    assert "any_text" in typed("signals", "--signals", own)


def test_a_mistake_in_a_book_is_told_with_its_place(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("mine: {says: 1}\n", encoding="utf-8")
    assert "own.yaml, mine: a signal has" in typed("signals", "--signals", own, fails=True)


@pytest.mark.parametrize(
    ("book", "says"),
    [
        (b"mine:\n  says: [", "own.yaml 第 3 行 (line 3)：不是 YAML (no YAML): "),
        (b"\xff\xfe\xff", "own.yaml：不是 YAML (no YAML): "),
        (b"mine: !!map [x]\n", "own.yaml 第 1 行 (line 1)：不是 YAML (no YAML): "),
        (b"1: {}\n", "own.yaml, 1: a signal's name is a word"),
        (
            b"mine: {}\nmine: {}\n",
            "own.yaml 第 2 行 (line 2)：不是 YAML (no YAML): 键“mine”出现了两次",
        ),
    ],
)
def test_a_book_that_is_no_yaml_is_told_with_its_line(
    tmp_path: Path, book: bytes, says: str
) -> None:
    own = tmp_path / "own.yaml"
    own.write_bytes(book)
    for command in (("signals",), ("run", tmp_path / "state", "--stdin")):
        assert says in typed(*command, "--signals", own, fails=True)


def test_a_folder_is_no_book(tmp_path: Path) -> None:
    assert "is a directory" in typed("signals", "--signals", tmp_path, fails=True)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--master", "lokal"), "'lokal'，应如 (expected) local[2], "),
        (("--master", "local[2]"), "give one of --events, --kafka"),
        (("--master", "yarn", "--kafka", "subscribe"), "'subscribe'，应如 (expected) KEY=VALUE"),
        (("--kafka", "subscribe=events"), "say where Spark runs, by --master or PYSPARK"),
    ],
)
def test_what_spark_is_not_given_is_said_before_java_comes_up(
    tmp_path: Path, options: tuple[str, ...], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYSPARK_SUBMIT_ARGS", raising=False)
    where = ("--state", tmp_path / "state", "--out", tmp_path / "out")
    assert says in typed("spark", *where, *options, fails=True)


def test_a_warning_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    empty = tmp_path / "none.jsonl"
    empty.write_text("", encoding="utf-8")
    assert "有 0 条" in typed("explain", "w-0", "--warnings", empty, fails=True)


def test_where_several_warnings_fit_they_are_listed(tmp_path: Path) -> None:
    several = tmp_path / "several.jsonl"
    several.write_text("".join(f'{{"id":"w-{n:02}"}}\n' for n in range(12)), encoding="utf-8")
    said = typed("explain", "w-", "--warnings", several, "--language", "en", fails=True)
    assert "12 warnings whose id begins with w-\n  w-00\n" in said
    assert said.endswith("w-09\n  …\n")


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        (
            "--residents",
            1,
            "residents 应为 10 到 1 亿，实际是 1 (expected 10 to 100 million, got 1)",
        ),
        ("--days", 0, "days 应为至少 1，实际是 0"),
        ("--events", 0, "events 应为至少 1，实际是 0"),
        ("--seed", -1, "seed 应为 0 到 2⁴⁰，实际是 -1"),
        ("--intensity", 0, "intensity 应为大于 0、不超过 1000，实际是 0"),
    ],
)
def test_a_town_that_cannot_be_is_refused(
    tmp_path: Path, option: str, value: int, says: str
) -> None:
    assert says in typed("simulate", tmp_path / "town", option, value, fails=True)
    assert not (tmp_path / "town").exists()


def test_a_folder_that_holds_a_town_is_not_written_over(town: Path) -> None:
    typed("simulate", town, "--residents", 800, "--days", 3, fails=True)


def last_of_each(path: Path) -> dict[str, str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return {json.loads(line)["id"]: line for line in lines}


def test_a_run_tells_what_the_backtest_tells_and_nothing_twice(town: Path, tmp_path: Path) -> None:
    tested, out = tmp_path / "tested.jsonl", tmp_path / "out.jsonl"
    typed("backtest", town / "events", "--out", tested)
    run = ("run", tmp_path / "state", "--events", town / "events", "--out", out)
    typed(*run)
    assert last_of_each(out) == last_of_each(tested)
    before = out.read_bytes()
    typed(*run)
    assert out.read_bytes() == before


def test_a_run_has_one_source(tmp_path: Path) -> None:
    said = typed("run", tmp_path / "state", fails=True)
    assert "one of --events, --http, --nats, --stdin; given: none" in said
    said = typed("run", tmp_path / "state", "--stdin", "--http", 0, fails=True)
    assert "given: --http, --stdin" in said


def test_a_first_line_without_its_key_is_refused(town: Path, tmp_path: Path) -> None:
    wanted = ("--events", town / "events", "--first-line", "http://127.0.0.1:9")
    said = typed("run", tmp_path / "state", *wanted, fails=True)
    assert "FANGXIAN_FIRST_LINE_TOKEN" in said
