"""The tutorial of the watch, typed line by line: what it shows is what the program says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from fangxian.cli import main

DOCS = Path(__file__).parents[2] / "docs"
# What asks for another program, or for a town that is served.
_NOT_HERE = ("--http", "--first-line", "--feedback")

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_tutorial_shows_what_the_program_says(
    language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (DOCS / language / "tutorial" / "a-town-watched.md").read_text("utf-8")
    monkeypatch.chdir(tmp_path)
    (book,) = re.findall(r"^```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    Path("trial.yaml").write_text(book, "utf-8")
    typed = 0
    for block in re.findall(r"^```console\n(.*?)^```", page, re.MULTILINE | re.DOTALL):
        command, *shown = block.splitlines()
        if not command.startswith("$ .venv/bin/fangxian") or any(o in command for o in _NOT_HERE):
            continue
        words = shlex.split(command)[1:]
        done = CliRunner().invoke(main, words[1:])
        assert done.exit_code == 0, done.output
        pattern = "\n".join(".*" if line == "…" else re.escape(line) for line in shown)
        assert re.fullmatch(pattern + "\n", done.output, re.DOTALL), f"{command}\n{done.output}"
        typed += 1
    assert typed == 6
