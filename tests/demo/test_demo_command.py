"""`fangxian demo` keeps to its own town: a real one it neither serves, fills nor throws away."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from .conftest import Served

pytestmark = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="the demo keeps its own SQLite file whatever we test on"
)


def rows(database: Path) -> list[Any]:
    with closing(sqlite3.connect(database)) as opened:
        return opened.execute("SELECT code, name FROM town_place").fetchall()


@pytest.fixture(scope="module")
def empty_town(tmp_path_factory: pytest.TempPathFactory, fangxian: Any) -> Path:
    """A home with all tables and nothing in them."""
    home = tmp_path_factory.mktemp("empty")
    made = fangxian(home, "manage", "migrate", "--verbosity", "0", FANGXIAN_MODE="test")
    assert made.returncode == 0, made.stderr
    return home


@pytest.fixture
def real_town(tmp_path: Path, empty_town: Path) -> Path:
    """A home whose database has a place that no demo made."""
    shutil.copytree(empty_town, tmp_path, dirs_exist_ok=True)
    with sqlite3.connect(tmp_path / "fangxian.sqlite3") as opened:
        opened.create_function("REGEXP", 2, lambda _pattern, _text: True)
        opened.execute(
            "INSERT INTO town_place (code, name, level, valid_from)"
            " VALUES ('110101101000', '真实镇', 'town', '2026-01-01')"
        )
    opened.close()
    return tmp_path


@pytest.mark.parametrize("arguments", [[], ["--fresh"]])
def test_a_real_town_is_neither_served_nor_thrown_away(
    real_town: Path, fangxian: Any, arguments: Any
) -> None:
    database = real_town / "fangxian.sqlite3"
    before = database.read_bytes()
    done = fangxian(real_town, "demo", *arguments)
    assert done.returncode == 1
    assert "no demo town" in done.stderr
    assert str(database) in done.stderr
    assert rows(database) == [("110101101000", "真实镇")]
    assert database.read_bytes() == before


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path, fangxian: Any) -> None:
    database = tmp_path / "fangxian.sqlite3"
    database.write_text("somebody's notes")
    done = fangxian(tmp_path, "demo", "--fresh")
    assert done.returncode == 1
    assert database.read_text() == "somebody's notes"


@pytest.mark.parametrize("arguments", [["--check"], ["--fresh"]])
def test_a_database_named_in_the_environment_is_refused_before_it_is_opened(
    tmp_path: Path, fangxian: Any, arguments: Any
) -> None:
    elsewhere = tmp_path / "town.sqlite3"
    done = fangxian(tmp_path, "demo", *arguments, DATABASE_URL=f"sqlite:///{elsewhere}")
    assert done.returncode == 1
    assert "DATABASE_URL" in done.stderr
    assert not elsewhere.exists()


def test_one_click_is_not_served_over_a_real_town(real_town: Path, fangxian: Any) -> None:
    done = fangxian(real_town, "serve", "--port", "0", FANGXIAN_MODE="demo")
    assert done.returncode == 1
    assert "no demo town" in done.stderr


@pytest.mark.slow
def test_the_check_walks_the_loop_with_the_shipped_sample_and_leaves_the_home_alone(
    tmp_path: Path, fangxian: Any
) -> None:
    done = fangxian(tmp_path, "demo", "--check")
    assert done.returncode == 0, done.stderr
    assert "intake: 54 rows in, 4 refused with a reason" in done.stdout
    assert "review: closed by a second person" in done.stdout
    assert "unbroken" in done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_demo_may_be_thrown_away_and_is_built_anew(built_home: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(built_home, home)
    database = home / "fangxian.sqlite3"
    with closing(sqlite3.connect(database)) as opened:
        opened.create_function("REGEXP", 2, lambda _pattern, _text: True)
        opened.execute("UPDATE town_place SET name = '改过的' WHERE level = 'town'")
        opened.commit()
    with Served(home):
        pass
    assert "改过的" in {name for _code, name in rows(database)}
    with Served(home, "--fresh"):
        pass
    assert "改过的" not in {name for _code, name in rows(database)}
