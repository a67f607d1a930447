"""One demo town, built once for all tests of the demo and copied for each that changes it."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).parents[2]


def environment(home: Path, **more: str) -> dict[str, str]:
    """That of somebody who has just cloned the project, with `home` as the demo's home."""
    env = {k: v for k, v in os.environ.items() if k != "DATABASE_URL" and "FANGXIAN" not in k}
    return env | {
        "FANGXIAN_HOME": str(home),
        "FANGXIAN_LOG": "ERROR",
        "DJANGO_SETTINGS_MODULE": "fangxian.web.settings",
        **more,
    }


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


class Served:
    """`fangxian demo` as a process of its own, until the block ends."""

    def __init__(self, home: Path, *arguments: str) -> None:
        self.home, self.arguments, self.port = home, arguments, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.seconds = 0.0

    def __enter__(self) -> Served:
        command = [sys.executable, "-m", "fangxian.cli", "demo", "--port", str(self.port)]
        command += self.arguments
        begin = time.monotonic()
        self.process = subprocess.Popen(
            command, env=environment(self.home), stdout=subprocess.DEVNULL
        )
        while time.monotonic() - begin < 180:
            try:
                if httpx.get(f"{self.url}/healthz", timeout=3).status_code == 200:
                    self.seconds = time.monotonic() - begin
                    return self
            except httpx.HTTPError:
                time.sleep(0.2)
        self.__exit__()
        raise AssertionError("the demo never answered")

    def __exit__(self, *_error: object) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)


@pytest.fixture(scope="session")
def built_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the demo town as it is on the first day: built once for all test processes."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    home, building = folder / "demo", folder / "demo-unfinished"
    with (folder / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not home.exists():
            with Served(building):
                pass
            building.rename(home)
    return home


@pytest.fixture
def served(built_home: Path, tmp_path: Path) -> Iterator[Served]:
    """The demo, served from a copy of the built town."""
    home = tmp_path / "home"
    shutil.copytree(built_home, home)
    with Served(home) as running:
        yield running


@pytest.fixture(scope="session")
def fangxian() -> Callable[..., Any]:
    """`fangxian(home, "demo", "--check", NAME=value)` runs the command to its end."""

    def run(home: Path, *arguments: str, **more: str) -> Any:
        command = [sys.executable, "-m", "fangxian.cli", *arguments]
        return subprocess.run(
            command, env=environment(home, **more), capture_output=True, text=True,
            check=False, timeout=180,
        )  # fmt: skip

    return run
