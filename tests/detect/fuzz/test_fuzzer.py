"""Each target of `make fuzz` for a short while, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
FUZZER = ROOT / "tools" / "fuzz.py"
RUNS = "100"
TARGETS = ["text", "undo", "links", "numbers", "turns", "grades", "campaigns", "csv", "jsonl", "picture"]  # fmt: skip


def fuzz(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(FUZZER), *arguments], capture_output=True, text=True, check=False
    )


@pytest.mark.slow
def test_nothing_breaks_a_target(tmp_path: Path) -> None:
    pytest.importorskip(
        "atheris", reason="atheris is not installed (it is made for Linux on x86-64)"
    )
    pytest.importorskip("PIL", reason="Pillow is not installed")
    done = fuzz("--runs", RUNS, "--keep", str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == TARGETS


def test_every_target_is_tried_here() -> None:
    done = fuzz("none")
    assert done.returncode == 1
    assert done.stderr.strip() == f"no target none; there are {', '.join(TARGETS)}"


def test_an_input_can_be_tried_again_without_the_fuzzer(tmp_path: Path) -> None:
    path = tmp_path / "input"
    path.write_bytes(b"\xff\xed\xa0\x80 http://[::1")
    done = fuzz("links", "--again", str(path))
    assert done.stdout.strip() == "nothing was wrong with it"
