"""What officers found, beside the weights of a book: said, never acted on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from fangxian.cli import main
from fangxian.watch.alerts import BASE
from fangxian.watch.feedback import beside, read_feedback, whole_book
from fangxian.watch.signals import Book, read_book

# Odds of a warning that rests on `strong` alone: exp(0), one in two is right.
EVEN = -BASE
BOOK = f"""
strong:
  says: {{zh: 强, en: a strong one}}
  source: a test
  when: {{sms: {{}}}}
  stage: contact
  weight: {EVEN}
weak:
  says: {{zh: 弱, en: a weak one}}
  source: a test
  when: {{call: {{}}}}
  stage: contact
  weight: 0.0
  version: 2
"""
STRONG, WEAK = ("strong", 1), ("weak", 2)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "own.yaml"
    path.write_text(BOOK, encoding="utf-8")
    return path


@pytest.fixture
def book(own: Path) -> Book:
    return read_book(own)


def together(signals: list[tuple[str, int]], judged: int, right: int) -> dict[str, Any]:
    named = [{"name": name, "version": version} for name, version in signals]
    return {"signals": named, "judged": judged, "right": right}


def answer(*sets: dict[str, Any], **more: Any) -> bytes:
    """As the first line answers: counts of each signal made of those of the sets."""
    counts: dict[tuple[str, int], dict[str, int]] = {}
    for one in sets:
        for signal in one["signals"]:
            own = counts.setdefault((signal["name"], signal["version"]), {"right": 0, "wrong": 0})
            own["right"] += one["right"]
            own["wrong"] += one["judged"] - one["right"]
    signals = [
        {"name": n, "version": v, "going_on": c["right"], "tried": 0, "wrong": c["wrong"],
         "not_reached": 0, "open": 2}
        for (n, v), c in counts.items()
    ]  # fmt: skip
    told = {"since": "2025-10-01", "until": "2026-11-28", "signals": signals, "together": sets}
    return json.dumps(told | more).encode()


def verdicts(book: Book, data: bytes) -> dict[str, str]:
    rows = beside(book, read_feedback(data, "a test"))
    return {
        r.signal.name: "heavy" if r.seems_heavy else "light" if r.seems_light else "" for r in rows
    }


def test_a_weight_that_officers_bear_out_is_left_alone(book: Book) -> None:
    assert verdicts(book, answer(together([STRONG], 40, 20))) == {"strong": "", "weak": ""}


def test_a_signal_whose_warnings_are_mostly_false_seems_too_heavy(book: Book) -> None:
    data = answer(together([STRONG], 40, 2))
    assert verdicts(book, data)["strong"] == "heavy"
    low, high = beside(book, read_feedback(data, "x"))[0].fits or (0, 0)
    # With 2 of 40 found, log odds of about -3: a weight of so much less would expect it.
    assert low < EVEN - 2.9 < high < EVEN


def test_a_signal_whose_warnings_are_nearly_always_right_seems_too_light(book: Book) -> None:
    data = answer(together([STRONG, WEAK], 60, 58), together([STRONG], 60, 30))
    assert verdicts(book, data) == {"strong": "light", "weak": "light"}


def test_a_strong_company_is_no_merit_of_a_weak_signal(book: Book) -> None:
    """Half of its warnings are right, and half are what the strong one beside it made expected."""
    assert verdicts(book, answer(together([STRONG, WEAK], 60, 30)))["weak"] == ""


def test_of_nine_judged_warnings_nothing_is_said_of_a_weight(book: Book) -> None:
    assert verdicts(book, answer(together([STRONG], 9, 0)))["strong"] == ""


def test_another_version_of_a_signal_is_another_signal(book: Book) -> None:
    data = answer(together([("strong", 2)], 40, 2), together([STRONG], 10, 5))
    assert verdicts(book, data)["strong"] == ""
    whole = whole_book(book, read_feedback(data, "x"))
    assert (whole.judged, whole.right, whole.left_out) == (10, 5, 40)
    assert whole.expects == pytest.approx(5)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"no json", "no JSON"),
        (b"[]", "expected /api/v1/signals/feedback"),
        (b"{}", "'since' is missing"),
        (answer(together=[{"signals": [], "judged": 1, "right": 2}]), "right 2 is more than judged"),
        (answer(together([STRONG], -1, -1)), "expected a count, got"),
        (answer(signals=[{"name": "a", "version": "x"}]), "version: expected a count"),
        (answer(signals=7), "expected /api/v1/signals/feedback"),
    ],
)  # fmt: skip
def test_what_is_no_feedback_is_refused_with_what_was_expected(data: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=f"there: .*{said}"):
        read_feedback(data, "there")


def typed(*words: object, fails: bool = False, env: dict[str, str] | None = None) -> str:
    done = CliRunner().invoke(main, ["watch", "signals", *map(str, words)], env=env)
    assert bool(done.exit_code) == fails, done.output
    return done.output


def test_the_book_stands_with_precision_next_to_each_weight(own: Path, tmp_path: Path) -> None:
    file = tmp_path / "feedback.json"
    file.write_bytes(answer(together([STRONG], 40, 2), together([WEAK, STRONG], 3, 3)))
    said = typed("--signals", own, "--feedback", file, "--language", "en").splitlines()
    strong = next(n for n, line in enumerate(said) if "strong: a strong one" in line)
    assert said[strong].startswith(f" +{EVEN:.1f}")
    assert "5 of 43 right = 12% (4%–25%); 2 more not judged" in said[strong + 1]
    assert "the weight seems too high" in said[strong + 2]
    assert any("3 of 3 right, too few to judge" in line for line in said)
    assert any("nothing found by officers yet" in line for line in said), "the shipped signals"
    assert "2025-10-01 to 2026-11-28: of 43 judged the weights expect" in said[-2]
    assert "no weight is changed" in said[-1]
    chinese = typed("--signals", own, "--feedback", file)
    assert "属实 5 / 判定 43 = 12%" in chinese
    assert "权重似乎偏高" in chinese


def test_the_book_alone_stands_as_before(own: Path) -> None:
    assert f" +{EVEN:.1f}  contact strong: 强" in typed("--signals", own)


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    assert "No such file" in typed("--feedback", tmp_path / "none.json", fails=True)
    (tmp_path / "bad.json").write_bytes(b"{}")
    assert "'since' is missing" in typed("--feedback", tmp_path / "bad.json", fails=True)
    no_key = {"FANGXIAN_FIRST_LINE_TOKEN": ""}
    said = typed("--feedback", "http://127.0.0.1:9", fails=True, env=no_key)
    assert "FANGXIAN_FIRST_LINE_TOKEN holds no key" in said
    key = {"FANGXIAN_FIRST_LINE_TOKEN": "a-secret"}
    said = typed("--feedback", "http://127.0.0.1:9", fails=True, env=key)
    assert "127.0.0.1:9/api/v1/signals/feedback: ConnectError" in said
    assert "a-secret" not in said
