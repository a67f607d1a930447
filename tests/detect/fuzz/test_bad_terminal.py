"""Bad input at the terminal: `fangxian check` with bytes that are no text, and none at all."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from detect.fuzz.nasty import FRAUD, MONSTERS
from fangxian.cli import main

NOTHING = "没有可以判断的内容。\n"


def told(*arguments: str, stdin: bytes = b"") -> Result:
    done = CliRunner().invoke(main, ["check", *arguments], input=stdin)
    assert done.exception is None, done.output
    return done


@pytest.mark.parametrize("stdin", [b"", b"\n", b"\0\n", b"\xff\xff\n", b"\xef\xbb\xbf\r\n"])
def test_no_input_is_nothing_to_judge(stdin: bytes) -> None:
    assert told(stdin=stdin).output == NOTHING


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "gb18030"])
def test_lines_of_every_coding_are_read(coding: str) -> None:
    output = told(stdin=f"{FRAUD}\r\n{FRAUD}".encode(coding)).output
    assert output.count("冒充领导熟人") == 2
    assert "看着像" not in output


def test_one_bad_line_does_not_spoil_the_next() -> None:
    output = told(stdin=b"\xff\xfe\xff\n" + FRAUD.encode()).output
    assert output.startswith(NOTHING)
    assert "冒充领导熟人" in output


@pytest.mark.parametrize("monster", MONSTERS)
def test_monsters_are_shown_in_a_length_that_can_be_read(monster: str) -> None:
    output = told(stdin=MONSTERS[monster].encode("utf-8", "surrogateescape" if monster == "binary as halves" else "replace")).output  # fmt: skip
    longest = max(map(len, output.splitlines()))
    assert longest < 2_100


def test_a_text_does_not_command_the_terminal() -> None:
    output = told("转账\x1b[2J\x1b]0;x\x07\u202e\u2066到安全账户\x9b31m\ud800").output
    assert not set(output) & set("\x1b\x07\x9b\u202e\u2066\ud800")


@pytest.mark.parametrize("option", ["--number", "--url"])
@pytest.mark.parametrize("value", ["\ud800", "\0", " ", "不是", "[", "http://[::1", "x" * 20_000])
def test_what_is_no_number_and_no_link_is_nothing_to_judge(option: str, value: str) -> None:
    assert told(option, value).output == NOTHING


def test_a_call_in_any_coding(tmp_path: Path) -> None:
    path = tmp_path / "call.txt"
    path.write_bytes("我：你好\n对方：我是公安局的\n".encode("gb18030") + b"\xff\xff\n\n\0\n")
    assert "公安局" in told("--call", str(path)).output
    path.write_bytes(b"")
    assert told("--call", str(path)).output == NOTHING


def test_a_picture_that_is_none_is_a_sentence(tmp_path: Path) -> None:
    pytest.importorskip("PIL", reason="Pillow is not installed")
    path = tmp_path / "x.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    done = CliRunner().invoke(main, ["check", "--picture", str(path)])
    assert done.exit_code == 1
    assert done.output.startswith("Error: ")


@pytest.mark.skipif(sys.platform == "win32", reason="arguments there are never bytes")
def test_arguments_that_are_no_utf8_on_a_terminal_that_has_few_signs() -> None:
    argument = FRAUD.encode("gb18030")
    env = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "fangxian.cli", "check", argument, b"\xff\xff"]
    done = subprocess.run(command, capture_output=True, env=env, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert b"%" in done.stdout
