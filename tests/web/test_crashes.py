"""Web and worker are killed thirty times while a list is imported, warnings come in and calls are
written down. Whatever was acknowledged is there, once."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import httpx
import pytest
from django.conf import settings

ROOT = Path(__file__).parents[2]
KILLS = 30
ROWS = 3000
DEADLINE_SECONDS = 240


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a town of its own, on the database that is being tested."""
    env = {
        **os.environ,
        "FANGXIAN_HOME": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "settings_for_tests",
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT / 'tests'}",
        "FANGXIAN_LOG": "CRITICAL",
    }
    env.pop("DATABASE_URL", None)
    where = settings.DATABASES["default"]
    if where["ENGINE"].endswith("sqlite3"):
        yield env
        return
    import psycopg

    name = f"crash_{uuid4().hex[:12]}"
    at = {"host": where["HOST"], "port": where["PORT"] or 5432, "user": where["USER"],
          "password": where["PASSWORD"]}  # fmt: skip
    options = where.get("OPTIONS", {})
    at["host"] = options.get("host", at["host"])
    with psycopg.connect(dbname="postgres", autocommit=True, **at) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        env["DATABASE_URL"] = (
            f"postgresql://{at['user']}:{at['password']}@/{name}"
            f"?host={at['host']}&port={at['port']}"
        )
        yield env
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


class Town:
    """The processes, and how to ask and kill them."""

    def __init__(self, env: dict[str, str]) -> None:
        self.env = env
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        self.base = f"http://127.0.0.1:{self.port}"
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def ask(self, *what: object) -> Any:
        done = subprocess.run(
            [sys.executable, str(ROOT / "tests/web/crash_town.py"), *map(str, what)],
            env=self.env, check=True, capture_output=True, text=True,
        )  # fmt: skip
        return json.loads(done.stdout.splitlines()[-1])

    def start(self, name: str) -> None:
        command = {
            "web": [sys.executable, "-m", "gunicorn", "fangxian.web.wsgi:application", "-k",
                    "gthread", "--threads", "4", "-b", f"127.0.0.1:{self.port}",
                    "--log-level", "critical"],
            "worker": [sys.executable, "-m", "fangxian.cli", "worker"],
        }[name]  # fmt: skip
        self.processes[name] = subprocess.Popen(
            command, env=self.env, start_new_session=True, stderr=subprocess.DEVNULL
        )

    def kill(self, name: str) -> None:
        """SIGKILL the whole process group: master and workers of gunicorn alike."""
        process = self.processes[name]
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        for name, process in self.processes.items():
            if process.poll() is None:
                self.kill(name)


def keep_trying(send: Any, until: threading.Event) -> httpx.Response | None:
    """Send again and again until an answer comes: what a browser's user or a peer system does."""
    while not until.is_set():
        try:
            answer: httpx.Response = send()
            if answer.status_code < 500:
                return answer
        except httpx.HTTPError:
            pass
        time.sleep(0.05)
    return None


def send_warnings(town: Town, token: str, stop: threading.Event, acknowledged: list[str]) -> None:
    """Warnings one after the other; a key each, repeated until answered."""
    n = 0
    while not stop.is_set():
        n += 1
        reference = f"A{n:05d}"
        body = {"sender": "接口", "warnings": [
            {"phones": [f"121{n:08d}"], "reference": reference, "grade": "orange"}
        ]}  # fmt: skip
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"key-{reference}"}

        def send(body: Any = body, headers: Any = headers) -> httpx.Response:
            return httpx.post(f"{town.base}/api/v1/warnings", json=body, headers=headers, timeout=5)

        answer = keep_trying(send, stop)
        if answer is not None and answer.status_code == 201:
            acknowledged.append(reference)
        time.sleep(0.02)


def make_calls(
    town: Town, session: str, work: list[dict[str, int]], stop: threading.Event, done: list[str]
) -> None:
    """Claim each call and write it down, with one form key repeated until answered."""
    cookies = {"sessionid": session, "csrftoken": "c" * 32}
    headers = {"X-CSRFToken": "c" * 32}
    for item in work:
        key = str(uuid4())
        form = {"form_key": key, "started_at": "2026-11-24T12:00:00+08:00", "outcome": "dissuaded"}

        def post(address: str, data: dict[str, str]) -> Any:
            return lambda: httpx.post(
                town.base + address, data=data, cookies=cookies, headers=headers, timeout=5
            )

        if keep_trying(post(f"/work/tasks/{item['task']}/claim/", {}), stop) is None:
            return
        answer = keep_trying(post(f"/work/tasks/{item['task']}/call/", form), stop)
        if answer is None:
            return
        # On to the next work, or "already written down" after a lost answer: acknowledged.
        ours = ("/work/", f"/work/episodes/{item['episode']}/")
        if answer.status_code == 302 and answer.headers["Location"] in ours:
            done.append(key)


@pytest.mark.slow
def test_thirty_kills_lose_nothing_acknowledged_and_double_nothing(
    environment: dict[str, str],
) -> None:
    town, rng = Town(environment), Random(30)
    facts = town.ask("prepare", ROWS)
    stop, acknowledged, called = threading.Event(), [], []
    try:
        town.start("web")
        town.start("worker")
        sender = threading.Thread(
            target=send_warnings, args=(town, facts["token"], stop, acknowledged)
        )
        sender.start()
        caller, begin = None, time.monotonic()
        for turn in range(KILLS):
            time.sleep(rng.uniform(0.6, 2.2))
            name = ("web", "worker")[turn % 2]
            town.kill(name)
            town.start(name)
            if turn >= 3 and caller is None and len(acknowledged) >= 5:
                work = town.ask("calls", 40)
                caller = threading.Thread(
                    target=make_calls, args=(town, facts["session"], work, stop, called)
                )
                caller.start()
        if caller is not None:
            caller.join(60)
        stop.set()
        sender.join(30)
        while (state := town.ask("state", facts["batch"]))["state"] != "done":
            assert time.monotonic() - begin < DEADLINE_SECONDS, state
            time.sleep(1)
    finally:
        stop.set()
        town.stop()
    lost = [r for r in acknowledged if r not in state["references"]]
    lost += [k for k in called if k not in state["calls"]]
    doubled = len(state["references"]) - len(set(state["references"]))
    print(
        f"\n{KILLS} kills: {len(acknowledged)} warnings and {len(called)} calls acknowledged, "
        f"{state['rows_done']} of {ROWS} rows imported; lost {len(lost)}, "
        f"doubled {doubled + state['residents_twice']}"
    )
    assert lost == []
    assert doubled == 0
    assert state["residents_twice"] == 0
    assert state["rows_done"] == state["batch_signals"] == ROWS
    assert state["audit_findings"] == []
    assert len(acknowledged) > 10
    assert len(called) > 5
