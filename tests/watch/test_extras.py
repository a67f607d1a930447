"""Whoever lacks an extra is told the command that fits how the program came here."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from fangxian import extras
from fangxian.cli import main
from fangxian.web.demo.live import live


def test_in_a_clone_it_is_a_target_of_the_makefile() -> None:
    assert extras.how_to_get("watch") == "make dev"
    assert extras.how_to_get("spark") == "make spark"
    makefile = Path(__file__).parents[2] / "Makefile"
    assert {"dev:", "spark:"} <= set(makefile.read_text("utf-8").split())


def test_elsewhere_it_is_pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = tmp_path / "lib" / "site-packages" / "fangxian" / "extras.py"
    monkeypatch.setattr(extras, "__file__", str(installed))
    assert extras.how_to_get("watch") == f"{sys.executable} -m pip install 'fangxian[watch]'"


def test_the_watch_and_the_live_demo_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numba", None)
    said = CliRunner().invoke(main, ["watch", "signals"])
    assert said.exit_code == 1
    assert "这里缺 numba：请运行 make dev (numba is missing: run make dev)" in said.output
    with pytest.raises(click.ClickException, match="numba is missing: run make dev and try again"):
        live(8000, 8377, "zh").__enter__()
