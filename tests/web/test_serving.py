"""`fangxian serve`: web and worker together, started again when they die, gone when told."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from django.db import connection

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="the processes are the same on PostgreSQL"
)


# On a machine that does other things besides, a start takes many times its usual three seconds.
PATIENCE_SECONDS = 180


def until(what: Any) -> Any:
    """Wait for something to be true."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        try:
            if found := what():
                return found
        except (httpx.HTTPError, psutil.NoSuchProcess):
            pass
        time.sleep(0.1)
    raise AssertionError("it never came true")


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@pytest.mark.slow
def test_a_killed_worker_comes_back_and_a_stop_leaves_nothing_behind(tmp_path: Path) -> None:
    port = free_port()
    env = {
        **os.environ, "FANGXIAN_HOME": str(tmp_path), "FANGXIAN_MODE": "test",
        "DJANGO_SETTINGS_MODULE": "settings_for_tests",
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT / 'tests'}", "FANGXIAN_LOG": "CRITICAL",
    }  # fmt: skip
    served = subprocess.Popen(
        [sys.executable, "-m", "fangxian.cli", "serve", "--port", str(port)], env=env,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        health = f"http://127.0.0.1:{port}/healthz"
        until(lambda: httpx.get(health, timeout=30).status_code == 200)

        def worker() -> Any:
            children = psutil.Process(served.pid).children()
            return next((c for c in children if "worker" in c.cmdline()), None)

        first = until(worker)
        first.kill()
        second = until(lambda: (w := worker()) and w.pid != first.pid and w)
        everyone = psutil.Process(served.pid).children(recursive=True)
        served.send_signal(signal.SIGTERM)
        assert served.wait(PATIENCE_SECONDS) == 0
        assert second in everyone
        gone, alive = psutil.wait_procs(everyone, timeout=30)
        assert alive == []
        assert len(gone) >= 2
    finally:
        if served.poll() is None:
            # Its children, too: each by its own number.
            left = [
                *psutil.Process(served.pid).children(recursive=True),
                psutil.Process(served.pid),
            ]
            for process in left:
                process.kill()
            served.wait()


def test_the_demo_is_never_served_to_other_machines(tmp_path: Path) -> None:
    env = {**os.environ, "FANGXIAN_HOME": str(tmp_path), "FANGXIAN_MODE": "demo"}
    env["DJANGO_SETTINGS_MODULE"] = "fangxian.web.settings"
    done = subprocess.run(
        [sys.executable, "-m", "fangxian.cli", "serve", "--host", "0.0.0.0"],  # noqa: S104
        env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "this machine only" in done.stderr


def test_production_without_keys_names_what_is_missing(tmp_path: Path) -> None:
    env = {k: v for k, v in os.environ.items() if not k.startswith("FANGXIAN_")}
    env |= {"FANGXIAN_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "fangxian.web.settings"}
    done = subprocess.run(
        [sys.executable, "-m", "fangxian.cli", "audit", "verify"],
        env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "FANGXIAN_DATA_KEYS" in done.stderr
    assert "fangxian keys new" in done.stderr
