"""`fangxian check`, `train`, `evaluate` at the terminal."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from fangxian.cli import main
from fangxian.detect.training import sources

FRAUD = "妈，我手机掉水里了，这是我新号，你先给我转5000块交学费，别告诉我爸。"


def test_check_says_what_it_is_why_and_what_to_do() -> None:
    told = CliRunner().invoke(main, ["check", FRAUD])
    assert told.exit_code == 0
    assert "冒充领导熟人" in told.output
    assert "“手机掉水里”" in told.output
    assert "→" in told.output


def test_check_in_english() -> None:
    told = CliRunner().invoke(main, ["check", "--language", "en", FRAUD])
    assert "fraud" in told.output
    assert "says the number changed" in told.output


def test_check_reads_lines_of_standard_input() -> None:
    told = CliRunner().invoke(main, ["check"], input=f"{FRAUD}\n今晚吃火锅不\n")
    assert told.output.count("%") == 2


def test_check_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(f"text\n{FRAUD}\n", encoding="utf-8")
    told = CliRunner().invoke(main, ["check", "--file", str(path)])
    assert told.exit_code == 0
    assert (tmp_path / "x.checked.csv").exists()


def test_check_of_a_wrong_file_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    told = CliRunner().invoke(main, ["check", "--file", str(path)])
    assert told.exit_code == 1
    assert told.output.startswith("Error: x.csv: no column 'text'; there are a, b. Say which by")


def test_nothing_is_nothing_to_judge() -> None:
    assert "没有可以判断的内容" in CliRunner().invoke(main, ["check", " "]).output


@pytest.fixture
def few_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of our texts: what is learned of all of them, and measured, test_training.py says."""
    few = sources.read_corpus()[::10]
    monkeypatch.setattr(sources, "read_corpus", lambda _seed=0: few)


@pytest.mark.usefixtures("few_texts")
def test_evaluate_without_public_sets_measures_the_authors_held_back(tmp_path: Path) -> None:
    told = CliRunner().invoke(main, ["evaluate", "--data", str(tmp_path)])
    assert told.exit_code == 0
    assert "held" in told.output
    assert "fbs" not in told.output


def test_evaluate_of_a_foreign_file_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "x.model"
    path.write_bytes(b"x")
    told = CliRunner().invoke(main, ["evaluate", "--model", str(path)])
    assert told.exit_code == 1
    assert "is no model of ours" in told.output


@pytest.mark.slow
@pytest.mark.usefixtures("few_texts")
def test_train_makes_a_model_without_any_public_set(tmp_path: Path) -> None:
    out = tmp_path / "own.model"
    told = CliRunner().invoke(main, ["train", "--out", str(out), "--data", str(tmp_path / "none")])
    assert told.exit_code == 0, told.output
    again = CliRunner().invoke(main, ["evaluate", "--model", str(out), "--data", str(tmp_path)])
    assert "held" in again.output


def test_a_text_that_is_a_number_or_a_link_is_looked_at_as_such() -> None:
    told = CliRunner().invoke(main, ["check", "00110", "http://www.10086.cn/bill"])
    assert told.exit_code == 0
    assert "110（报警）前面多了 + 或 00" in told.output
    assert "这是中国移动自己的网址" in told.output


def test_a_number_and_a_link_belong_to_the_text(tmp_path: Path) -> None:
    arguments = ["check", "--number", "+110", "--url", "http://192.0.2.4/a.apk", "您好"]
    told = CliRunner().invoke(main, arguments)
    assert told.exit_code == 0
    assert "只有一串数字地址" in told.output
    assert "前面多了 + 或 00" in told.output
    two = CliRunner().invoke(main, [*arguments, "再见"])
    assert two.exit_code == 2
    assert "one text at a time" in two.output


def test_a_call_is_read_from_a_file_turn_by_turn(tmp_path: Path) -> None:
    path = tmp_path / "call.txt"
    lines = ["我是市公安局的，你名下的卡涉嫌洗钱", "我：啊？", "不要告诉任何人，把钱转到安全账户"]
    path.write_text("\n".join(lines), encoding="utf-8")
    told = CliRunner().invoke(main, ["check", "--call", str(path)])
    assert told.exit_code == 0, told.output
    assert "冒充公检法" in told.output
    assert "“不要告诉任何人" in told.output


def test_a_picture_that_is_none_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(b"no picture")
    told = CliRunner().invoke(main, ["check", "--picture", str(path)])
    assert told.exit_code == 1
    assert told.output.startswith("Error: ")
