"""`watch run --view`: how the watch stands, in a terminal and where there is none."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from fangxian.cli import main, watch_view
from fangxian.cli.watch_view import View
from fangxian.detect.kinds import Words
from fangxian.watch.alerts import Alert
from fangxian.watch.local.now import Now

AT = 1_772_307_000_000_000
ALERT = Alert(
    "w-0123456789ab", "+8612000001234", 20_512, "red", 1.0, "pay", "fake_police", (), (), (("red", AT),)
)  # fmt: skip
NOW = Now(
    taken=1_234_567, repeated=8, late=2, wrong=3, lag=75, callers=4_321, residents=99, state=2_500_000,
    age=3.2, unsent=7, alerts={"red": 5, "yellow": 11}, last=[ALERT],
)  # fmt: skip


# A report is a warning, whatever the shipped weights say.
BOOK = """
a_report:
  says: {zh: 报告, en: a report}
  source: a test
  when: {report: {}}
  stage: contact
  weight: 12
"""


def drawn(language: str, terminal: bool, *nows: Now) -> str:
    file = io.StringIO()
    console = Console(file=file, force_terminal=terminal, width=100, color_system=None)
    with View(language, console) as view:
        for now in nows:
            view.show(now)
        view.say(Words("说一句", "a word"))
    return file.getvalue()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh", ("在记的来电号码", "1.2 分钟", "3.2 秒前", "红色 5", "橙色 0", "黄色 11", "将要付款", "说一句")),
        ("en", ("callers in memory", "1.2 min", "3.2 s ago", "red 5", "orange 0", "yellow 11", "about to pay", "a word")),
    ],
)  # fmt: skip
def test_a_terminal_shows_figures_and_the_last_warnings(
    language: str, words: tuple[str, ...]
) -> None:
    picture = drawn(language, True, NOW)
    for word in (*words, "1,234,567", "4,321", "2.5 MB", "120****1234", "w-01234567"):
        assert word in picture
    assert "12000001234" not in picture, "numbers are masked"


def test_without_a_terminal_there_are_plain_lines_and_not_many() -> None:
    lines = drawn("en", False, NOW, NOW, NOW)
    assert lines.count("events 1,234,567") == 1
    assert len(lines.splitlines()) == 2, "not broken to the width of no terminal"
    assert "\x1b" not in lines
    assert "a word" in lines


def test_nothing_is_known_before_the_first_event() -> None:
    empty = Now(0, 0, 0, 0, None, 0, 0, 0, None, 0, {}, [])
    assert "checkpoint —" in drawn("en", False, empty)


def test_a_run_may_be_looked_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_view, "LINE", 0.0)
    event = {
        "specversion": "1.0", "id": "a", "source": "t", "type": "report.filed",
        "time": datetime.now(UTC).isoformat(), "subject": "+8612000000010",
        "data": {"text_score": 0.95},
    }  # fmt: skip
    book = tmp_path / "own.yaml"
    book.write_text(BOOK, "utf-8")
    run = ["watch", "run", str(tmp_path), "--stdin", "--view", "--language", "en"]
    run += ["--signals", str(book)]
    done = CliRunner().invoke(main, run, input=json.dumps(event).encode())
    assert done.exit_code == 0, done.output
    assert "events 1, repeated 0" in done.output
    assert "residents followed 1" in done.output
    assert "red 1" in done.output
