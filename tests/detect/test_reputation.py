"""The reputation table: what it says, how it decays, and that an appeal clears it everywhere."""

from __future__ import annotations

import logging
import math
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fangxian.detect.reputation import (
    HALF_LIFE,
    Columns,
    Report,
    Reputation,
    ReputationError,
    building,
    clear,
    merge,
)
from fangxian.detect.reputation import build as build_table

KEY = b"a secret of at least sixteen bytes"
DAY = date(2026, 11, 1)
BAD, WORSE, FINE = "+8612000000001", "+8612000000002", "+8612000000003"
TODAY = DAY + timedelta(days=200)


def days(count: int) -> date:
    return DAY + timedelta(days=count)


def build(path: Path, reports: object, today: date = TODAY, key: bytes = KEY) -> int:
    return build_table(path, reports, key, today)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "numbers.rep"


@pytest.fixture
def table(path: Path) -> Iterator[Reputation]:
    build(path, [Report(BAD, DAY), Report(BAD, DAY), Report(WORSE, DAY, 5.0)])
    with Reputation(path, KEY) as opened:
        yield opened


def test_a_reported_number_has_a_standing_and_another_none(table: Reputation) -> None:
    assert table.of(BAD, DAY) == (2.0, DAY, 2)
    assert table.of(WORSE, DAY) == (5.0, DAY, 1)
    assert table.of(FINE, DAY) is None
    assert len(table) == 2


def test_a_score_halves_with_every_half_life_and_is_not_raised_before_its_day(
    table: Reputation,
) -> None:
    for lives in range(4):
        standing = table.of(BAD, DAY + timedelta(days=lives * HALF_LIFE))
        assert standing is not None
        assert standing.score == 2.0 / 2**lives
    assert table.of(BAD, DAY - timedelta(days=90)) == (2.0, DAY, 2)


def test_many_are_looked_up_as_one_is(table: Reputation) -> None:
    scores = table.scores([FINE, WORSE, BAD, FINE], days(30))
    assert scores.tolist() == [0.0, 2.5, 1.0, 0.0]
    assert table.scores([], DAY).tolist() == []
    assert table.scores_of_keys(table.keys_of([BAD]), DAY).tolist() == [2.0]


def test_an_upheld_appeal_clears_every_read_path_at_once(path: Path, table: Reputation) -> None:
    clear(path, BAD, KEY, days(1))
    assert table.of(BAD, days(1)) is None
    assert table.scores([BAD, WORSE], DAY).tolist() == [0.0, 5.0]
    with Reputation(path, KEY) as another:
        assert another.of(BAD, days(1)) is None


def test_a_report_after_the_clearing_counts_anew_and_earlier_ones_never(
    path: Path, table: Reputation
) -> None:
    clear(path, BAD, KEY, days(10))
    merge(path, [Report(BAD, days(3), 9.0), Report(BAD, days(10), 9.0)], KEY, days(20))
    assert table.of(BAD, days(20)) is None
    merge(path, [Report(BAD, days(11), 4.0)], KEY, days(20))
    assert table.of(BAD, days(11)) == (4.0, days(11), 1)
    merge(path, [Report(BAD, days(9), 9.0)], KEY, days(20))
    assert table.of(BAD, days(11)) == (4.0, days(11), 1)


def test_a_table_built_anew_from_all_reports_keeps_the_number_cleared(path: Path) -> None:
    reports = [Report(BAD, DAY), Report(WORSE, DAY)]
    build(path, reports)
    clear(path, BAD, KEY, days(1))
    build(path, reports)
    with Reputation(path, KEY) as table:
        assert table.of(BAD, days(1)) is None
        assert table.of(WORSE, DAY) is not None


def test_an_open_table_sees_what_was_merged(path: Path, table: Reputation) -> None:
    merge(path, [Report(FINE, days(1)), Report(BAD, days(30))], KEY, TODAY)
    assert table.of(FINE, days(1)) == (1.0, days(1), 1)
    assert table.of(BAD, days(30)) == (2.0, days(30), 3)


def test_another_process_with_the_table_open_sees_the_clearing_at_its_next_look(
    path: Path, table: Reputation
) -> None:
    program = (
        "import sys\nfrom datetime import date\nfrom fangxian.detect.reputation import Reputation\n"
        f"table = Reputation({str(path)!r}, {KEY!r})\n"
        f"for line in sys.stdin: print(table.of({BAD!r}, date(2026, 11, 1)), flush=True)\n"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env
    ) as other:  # fmt: skip
        assert other.stdin is not None
        assert other.stdout is not None
        answers = []
        for step in (lambda: None, lambda: clear(path, BAD, KEY, DAY),
                     lambda: merge(path, [Report(BAD, days(1))], KEY, TODAY)):  # fmt: skip
            step()
            other.stdin.write("look\n")
            other.stdin.flush()
            answers.append(other.stdout.readline().strip().startswith("Standing"))
        other.stdin.close()
    assert answers == [True, False, True]


def test_clearings_of_several_processes_and_a_rebuild_are_all_kept(path: Path) -> None:
    numbers = [f"+8612001{i:06d}" for i in range(40)]
    build(path, [Report(number, DAY) for number in numbers])
    program = (
        "import sys\nfrom datetime import date\nfrom fangxian.detect.reputation import clear\n"
        f"for n in sys.argv[1:]: clear({str(path)!r}, n, {KEY!r}, date(2026, 11, 1))\n"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    others = [
        subprocess.Popen([sys.executable, "-c", program, *numbers[i::2]], env=env) for i in range(2)
    ]
    for _round in range(5):
        merge(path, [Report(FINE, days(1))], KEY, TODAY)
    assert [other.wait() for other in others] == [0, 0]
    with Reputation(path, KEY) as table:
        assert not table.scores(numbers, DAY).any()


def test_a_line_cut_short_by_a_crash_is_put_aside_and_told(
    path: Path, table: Reputation, caplog: pytest.LogCaptureFixture
) -> None:
    clear(path, BAD, KEY, DAY)
    journal = path.with_name(path.name + ".journal")
    with journal.open("ab") as file:
        file.write(b"clear 00112233")
    assert table.of(WORSE, DAY) is not None
    assert table.unfinished == 14
    with caplog.at_level(logging.WARNING):
        clear(path, WORSE, KEY, DAY)
    assert "没有写完" in caplog.text
    assert path.with_name(path.name + ".journal.torn").read_bytes() == b"clear 00112233\n"
    assert table.unfinished == 0
    assert table.of(WORSE, DAY) is None
    assert table.of(BAD, DAY) is None


@pytest.mark.parametrize("rest", [b"\0" * 43, b"\0" * 4096, b"\n", b"\xff" * 86])
def test_whatever_a_crash_leaves_at_the_end_takes_nothing_away(path: Path, rest: bytes) -> None:
    build(path, [Report(BAD, DAY), Report(WORSE, DAY)])
    clear(path, BAD, KEY, DAY)
    with path.with_name(path.name + ".journal").open("ab") as file:
        file.write(rest)
    with Reputation(path, KEY) as table:
        assert table.of(BAD, DAY) is None
        assert table.of(WORSE, DAY) is not None
        clear(path, WORSE, KEY, DAY)
        assert table.of(WORSE, DAY) is None


def test_damage_inside_the_journal_gives_no_answer_rather_than_a_wrong_one(path: Path) -> None:
    build(path, [Report(BAD, DAY)])
    clear(path, BAD, KEY, DAY)
    clear(path, WORSE, KEY, DAY)
    journal = path.with_name(path.name + ".journal")
    data = bytearray(journal.read_bytes())
    data[-60] ^= 1
    journal.write_bytes(data)
    with pytest.raises(ReputationError, match="已损坏"):
        Reputation(path, KEY)
    with pytest.raises(ReputationError, match="已损坏"):
        clear(path, FINE, KEY, DAY)


def test_a_journal_that_is_gone_or_shortened_is_told(path: Path, table: Reputation) -> None:
    clear(path, BAD, KEY, DAY)
    assert table.of(BAD, DAY) is None
    journal = path.with_name(path.name + ".journal")
    kept = journal.read_bytes()
    os.truncate(journal, len(kept) - 43)
    with pytest.raises(ReputationError, match="截短"):
        table.of(BAD, DAY)
    journal.unlink()
    with pytest.raises(ReputationError, match="换掉"):
        table.of(BAD, DAY)
    with pytest.raises(ReputationError, match="没有这份日志"):
        Reputation(path, KEY)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda data: b"PK\x03\x04" + data[4:], "不是号码信誉表"),
        (lambda data: b"", "不是号码信誉表"),
        (lambda data: data[:30], "不完整"),
        (lambda data: data[:-1], "不完整"),
        (lambda data: data + b"\0", "不完整"),
        (lambda data: data[:8] + b"\2" + data[9:], "第 2 版"),
        (lambda data: data[:12] + b"\2" + data[13:], "已损坏"),
    ],
)
def test_a_foreign_or_truncated_file_is_refused_with_a_sentence(
    path: Path, change: object, told: str
) -> None:
    build(path, [Report(BAD, DAY)])
    path.write_bytes(change(path.read_bytes()))  # type: ignore[operator]
    with pytest.raises(ReputationError, match=told):
        Reputation(path, KEY)


def test_another_secret_opens_nothing(path: Path, table: Reputation) -> None:
    other = b"another secret of some length"
    with pytest.raises(ReputationError, match="密钥"):
        Reputation(path, other)
    with pytest.raises(ReputationError, match="密钥"):
        clear(path, BAD, other, DAY)
    with pytest.raises(ReputationError, match="密钥"):
        build(path, [Report(BAD, DAY)], key=other)
    with pytest.raises(ValueError, match="16"):
        Reputation(path, b"short")


def test_no_number_stands_in_the_clear_in_any_file(path: Path) -> None:
    build(path, [Report(BAD, DAY)])
    clear(path, BAD, KEY, DAY)
    written = b"".join(file.read_bytes() for file in path.parent.iterdir() if file.is_file())
    assert b"12000000001" not in written
    assert (12000000001).to_bytes(8, "little") not in written
    assert (8612000000001).to_bytes(8, "little") not in written


@pytest.mark.parametrize(
    "wrong", ["12000000001", "+86 12000000001", "023-60001234", "", "王芳", "02360001234", None]
)
def test_a_number_of_another_form_is_refused_rather_than_never_found(
    table: Reputation, wrong: str
) -> None:
    with pytest.raises(ValueError, match=r"E\.164"):
        table.of(wrong, DAY)


@pytest.mark.parametrize(
    ("report", "told"),
    [
        (Report("12000000001", DAY), "第 3 条.*E.164"),
        (Report(BAD, TODAY + timedelta(days=1)), "第 3 条.*不晚于今天"),
        (Report(BAD, date(1969, 1, 1)), "第 3 条.*1970"),
        (Report(BAD, DAY, 0.0), "第 3 条.*权重"),
        (Report(BAD, DAY, math.nan), "第 3 条.*权重"),
        (Report(BAD, DAY, math.inf), "第 3 条.*权重"),
    ],
)
def test_a_bad_report_is_named_and_nothing_is_changed(
    path: Path, table: Reputation, report: Report, told: str
) -> None:
    before = path.read_bytes()
    with pytest.raises(ValueError, match=told):
        merge(path, [Report(FINE, DAY), Report(FINE, DAY), report], KEY, TODAY)
    assert path.read_bytes() == before
    assert table.of(FINE, DAY) is None
    assert sorted(f.name for f in path.parent.iterdir()) == [
        "numbers.rep", "numbers.rep.journal", "numbers.rep.lock",
    ]  # fmt: skip


def test_a_table_without_reports_is_a_table(path: Path) -> None:
    assert build(path, []) == 0
    with Reputation(path, KEY) as table:
        assert len(table) == 0
        assert table.of(BAD, DAY) is None
        assert table.scores([BAD], DAY).tolist() == [0.0]


def test_what_no_longer_counts_is_forgotten_when_the_table_is_made(path: Path) -> None:
    build(path, [Report(BAD, DAY), Report(WORSE, days(290))], today=days(301))
    with Reputation(path, KEY) as table:
        assert table.of(BAD, DAY) is None
        assert len(table) == 1


def test_two_builders_do_not_meet(path: Path, table: Reputation) -> None:
    def slow() -> Iterator[Report]:
        with pytest.raises(ReputationError, match="正在重建"):
            merge(path, [], KEY, TODAY)
        clear(path, BAD, KEY, DAY)
        yield Report(FINE, DAY)

    merge(path, slow(), KEY, TODAY)
    assert table.of(FINE, DAY) is not None
    assert table.of(BAD, DAY) is None


def test_threads_look_up_while_the_table_is_rebuilt(path: Path, table: Reputation) -> None:
    wrong: list[object] = []
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            try:
                if table.of(WORSE, DAY) is None or not table.scores([WORSE], DAY)[0]:
                    wrong.append("lost")
            except Exception as error:
                wrong.append(error)

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(10):
        merge(path, [Report(f"+86120000001{number:02d}", DAY)], KEY, TODAY)
        clear(path, f"+86120000001{number:02d}", KEY, DAY)
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_columns_and_arrow_give_the_same_table(path: Path) -> None:
    numbers, when = [BAD, WORSE, BAD], np.array(["2026-11-01"] * 3, dtype="datetime64[D]")
    columns = [Columns(numbers, when, np.array([1.0, 5.0, 1.0]))]
    build(path, columns)
    expected = path.read_bytes()
    pa = pytest.importorskip("pyarrow", reason="pyarrow 未安装：跳过 Arrow 表")
    arrow = pa.table({"number": numbers, "day": pa.array(when), "weight": [1.0, 5.0, 1.0]})
    for reports in (arrow, arrow.to_reader(), iter(arrow.to_batches())):
        build(path, reports)
        assert path.read_bytes()[64:] == expected[64:]


def test_numpy_is_not_needed_for_one_look_up(path: Path, table: Reputation) -> None:
    program = (
        "import sys; sys.modules['numpy'] = None\nfrom datetime import date\n"
        "from fangxian.detect.reputation import Reputation, clear\n"
        f"print(Reputation({str(path)!r}, {KEY!r}).of({BAD!r}, date(2026, 11, 1)).score)"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=env, check=True
    )
    assert done.stdout.strip() == "2.0"


NUMBERS = [f"+8612000000{i:03d}" for i in range(6)] + ["96110", "+85200000000"]
REPORTS = st.lists(
    st.tuples(st.sampled_from(NUMBERS), st.integers(0, 60), st.floats(0.5, 20)), max_size=12
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("merge"), REPORTS),
        st.tuples(st.just("clear"), st.tuples(st.sampled_from(NUMBERS), st.integers(0, 60))),
    ),
    max_size=6,
)


@dataclass
class Reference:
    """The same with a dict: every report that counts, by number."""

    reports: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    cleared: dict[str, int] = field(default_factory=dict)

    def add(self, reports: list[tuple[str, int, float]]) -> None:
        for number, day, weight in reports:
            if day > self.cleared.get(number, -1):
                self.reports.setdefault(number, []).append((day, weight))

    def clear(self, number: str, day: int) -> None:
        self.reports.pop(number, None)
        self.cleared[number] = max(day, self.cleared.get(number, -1))

    def score(self, number: str, on: int) -> float:
        held = self.reports.get(number, [])
        on = max([on, *(day for day, _ in held)])
        return sum(weight * 2 ** (-(on - day) / HALF_LIFE) for day, weight in held)


@settings(max_examples=60)
@given(REPORTS, STEPS, st.integers(0, 200), st.integers(1, 5))
def test_the_table_says_what_a_dict_would(
    first: list[tuple[str, int, float]], steps: list[tuple[str, object]], on: int, run: int
) -> None:
    reference = Reference()
    was, building._RUN = building._RUN, run
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "t"
            build(path, [Report(n, days(d), w) for n, d, w in first])
            reference.add(first)
            with Reputation(path, KEY) as table:
                for what, value in steps:
                    if what == "merge":
                        merge(path, [Report(n, days(d), w) for n, d, w in value], KEY, days(60))  # type: ignore[attr-defined]
                        reference.add(value)  # type: ignore[arg-type]
                    else:
                        number, day = value  # type: ignore[misc]
                        clear(path, number, KEY, days(day))
                        reference.clear(number, day)
                expected = [reference.score(number, on) for number in NUMBERS]
                scores = table.scores(NUMBERS, days(on))
                assert scores.tolist() == pytest.approx(expected, rel=1e-5)
                for number, score in zip(NUMBERS, expected, strict=True):
                    standing = table.of(number, days(on))
                    assert (standing.score if standing else 0) == pytest.approx(score, rel=1e-5)
                    if standing:
                        assert standing.reports == len(reference.reports[number])
    finally:
        building._RUN = was
