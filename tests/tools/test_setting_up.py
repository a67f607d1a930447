"""tools/setup.py, tools/lock.py and tools/test.py: what a fresh clone and CI rely on."""

from __future__ import annotations

import os
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tools.of_tools import ROOT, tool

LOCKS = sorted((ROOT / "requirements").glob("*.lock"))


@pytest.fixture
def setup(tmp_path: Path) -> ModuleType:
    """The set-up program with a build folder of its own."""
    module = tool("setup")
    module.BUILD, module.PYTHON = tmp_path, Path(os.__file__)
    return module


def test_a_step_is_done_once_and_again_when_its_input_changed(
    setup: ModuleType, tmp_path: Path
) -> None:
    lock, done = tmp_path / "a.lock", []
    lock.write_text("one")
    for _ in range(2):
        setup.step("packages", [lock], lambda: done.append("one"))
    lock.write_text("two")
    setup.step("packages", [lock], lambda: done.append("two"))
    assert done == ["one", "two"]


def test_a_step_that_failed_is_tried_again(setup: ModuleType, tmp_path: Path) -> None:
    done = []

    def fails() -> None:
        raise SystemExit("no network")

    with pytest.raises(SystemExit):
        setup.step("packages", [], fails)
    setup.step("packages", [], lambda: done.append(1))
    assert done == [1]


def test_a_failing_command_is_shown_with_what_it_said(
    setup: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="set-up stopped at: sh -c"):
        setup.run("sh", "-c", "echo the reason >&2; exit 3")
    assert "the reason" in capsys.readouterr().out


def test_setting_up_needs_nothing_but_the_standard_library() -> None:
    text = (ROOT / "tools/setup.py").read_text()
    imported = re.findall(r"^(?:from|import) (\w+)", text, re.MULTILINE)
    import sys

    assert set(imported) <= sys.stdlib_module_names


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_package_of_a_lock_has_hashes_and_no_address(lock: Path) -> None:
    text = lock.read_text()
    packages = re.findall(r"^[A-Za-z0-9].*?(?=^[A-Za-z0-9]|\Z)", text, re.MULTILINE | re.DOTALL)
    assert packages
    assert [p.split()[0] for p in packages if "--hash=sha256:" not in p] == []
    assert not tool("lock").has_address(text)


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://packages.example/simple",
        "--find-links /somewhere",
        "fangxian @ https://example.org/a.whl",
        '"resolved": "https://packages.example/a.tgz"',
    ],
)
def test_an_address_in_a_lock_is_noticed(line: str) -> None:
    assert tool("lock").has_address(f"click==8.1\n{line}\n")


def test_the_throwaway_cluster_is_never_run_by_root() -> None:
    user = tool("test").unprivileged()
    assert user is None or user.pw_uid != 0


def test_without_postgres_one_line_says_what_was_not_tested(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    runner: Any = tool("test")
    monkeypatch.delenv("TEST_DATABASE_URL", raising=False)
    monkeypatch.setattr(runner, "find_programs", lambda: None)
    with runner.postgres() as url:
        assert url == ""
    assert capsys.readouterr().out.strip().splitlines() == [
        "Not tested on PostgreSQL: no TEST_DATABASE_URL and no PostgreSQL programs here."
    ]


def test_a_named_server_is_used_and_nothing_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    runner: Any = tool("test")
    monkeypatch.setenv("TEST_DATABASE_URL", "postgresql://named/server")
    monkeypatch.setattr(runner, "find_programs", lambda: pytest.fail("looked for programs"))
    with runner.postgres() as url:
        assert url == "postgresql://named/server"
