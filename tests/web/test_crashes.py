"""Web and worker are killed thirty times while a list is imported, warnings come in and calls are
written down. Whatever was acknowledged is there, once.

Each kill comes after progress that was seen since the last one, so a slow machine makes the test
longer, not different.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import httpx
import psutil
import pytest
from django.conf import settings

ROOT = Path(__file__).parents[2]
KILLS = 30
ROWS = 2000
# A kill strikes this long after progress was seen, at the most: between two requests, within one,
# within a chunk.
AIM_SECONDS = 0.3
LEAST = 20
# For all of it together, on a machine that does other things besides.
DEADLINE_SECONDS = 420


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


class Sink(ThreadingHTTPServer):
    """The peer that the webhook tells: remembers which events it received."""

    def __init__(self) -> None:
        self.received: list[str] = []
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                sink.received.append(self.headers["webhook-id"])
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_line: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"


class Watch:
    """A process that is never killed and looks into the database when asked."""

    def __init__(self, env: dict[str, str], batch: int) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "tests/web/crash_town.py"), "watch", str(batch)],
            env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.one_at_a_time = threading.Lock()

    def ask(self, what: str) -> Any:
        with self.one_at_a_time:
            print(what, file=self.process.stdin, flush=True)
            return json.loads(self.process.stdout.readline())

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


class Town:
    """The processes, and how to ask and kill them."""

    def __init__(self, env: dict[str, str]) -> None:
        self.env = env
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        self.base = f"http://127.0.0.1:{self.port}"
        self.nursery: subprocess.Popen[str] | None = None
        self.processes: dict[str, int] = {}

    def ask(self, *what: object) -> Any:
        done = subprocess.run(
            [sys.executable, str(ROOT / "tests/web/crash_town.py"), *map(str, what)],
            env=self.env, check=False, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def start(self, name: str) -> None:
        if self.nursery is None:
            self.nursery = subprocess.Popen(
                [sys.executable, str(ROOT / "tests/web/crash_town.py"), "nursery", str(self.port)],
                env=self.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
        print(name, file=self.nursery.stdin, flush=True)
        self.processes[name] = int(self.nursery.stdout.readline())

    def kill(self, name: str) -> None:
        """SIGKILL the whole process group: master and workers of gunicorn alike."""
        pid = self.processes.pop(name)
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        while psutil.pid_exists(pid):
            time.sleep(0.01)

    def stop(self) -> None:
        for name in list(self.processes):
            self.kill(name)
        if self.nursery is not None:
            self.nursery.kill()
            self.nursery.wait()


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


def send_warnings(
    town: Town, facts: dict[str, Any], stop: threading.Event, acknowledged: list[str]
) -> None:
    """Warnings one after the other; a key each, repeated until answered."""
    n = 0
    while not stop.is_set():
        n += 1
        reference = f"A{n:05d}"
        body = {"sender": "接口", "warnings": [
            {"phones": [f"121{n:08d}"], "reference": reference, "grade": "orange",
             "area": facts["village"]}
        ]}  # fmt: skip
        headers = {
            "Authorization": f"Bearer {facts['token']}",
            "Idempotency-Key": f"key-{reference}",
        }

        def send(body: Any = body, headers: Any = headers) -> httpx.Response:
            return httpx.post(
                f"{town.base}/api/v1/warnings", json=body, headers=headers, timeout=20
            )

        answer = keep_trying(send, stop)
        if answer is not None and answer.status_code == 201:
            acknowledged.append(reference)
        time.sleep(0.02)


def make_calls(
    town: Town, watch: Watch, session: str, stop: threading.Event, done: list[str]
) -> None:
    """Claim each open call and write it down, with one form key repeated until answered."""
    while not stop.is_set():
        work = watch.ask("calls")
        for item in work:
            if not make_call(town, session, item, stop, done):
                return
        stop.wait(0.2)


def make_call(
    town: Town, session: str, item: dict[str, int], stop: threading.Event, done: list[str]
) -> bool:
    """One call. Returns whether to go on."""
    cookies = {"sessionid": session, "csrftoken": "c" * 32}
    headers = {"X-CSRFToken": "c" * 32}
    key = str(uuid4())
    form = {"form_key": key, "started_at": "2026-11-24T12:00:00+08:00", "outcome": "dissuaded"}

    def post(address: str, data: dict[str, str]) -> Any:
        return lambda: httpx.post(
            town.base + address, data=data, cookies=cookies, headers=headers, timeout=20
        )

    if keep_trying(post(f"/work/tasks/{item['task']}/claim/", {}), stop) is None:
        return False
    answer = keep_trying(post(f"/work/tasks/{item['task']}/call/", form), stop)
    if answer is None:
        return False
    # On to the next work, or "already written down" after a lost answer: acknowledged.
    ours = ("/work/", f"/work/episodes/{item['episode']}/")
    if answer.status_code == 302 and answer.headers["Location"] in ours:
        done.append(key)
    return True


@pytest.mark.slow
@pytest.mark.database  # of its own, made and used by the processes that are killed
def test_thirty_kills_lose_nothing_acknowledged_and_double_nothing(
    environment: dict[str, str],
) -> None:
    town, sink, rng, begin = Town(environment), Sink(), Random(30), time.monotonic()
    facts = town.ask("prepare", ROWS, sink.address)
    watch = Watch(environment, facts["batch"])
    stop, acknowledged, called = threading.Event(), list[str](), list[str]()

    def until(what: str, happened: Callable[[], bool]) -> None:
        while not happened():
            assert time.monotonic() - begin < DEADLINE_SECONDS, f"it never came true: {what}"
            time.sleep(0.05)

    progress = {
        "web": lambda: len(acknowledged) + len(called),
        "worker": lambda: watch.ask("progress")["done"],
    }
    threads = [
        threading.Thread(target=send_warnings, args=(town, facts, stop, acknowledged)),
        threading.Thread(target=make_calls, args=(town, watch, facts["session"], stop, called)),
    ]
    imports_killed = 0
    try:
        town.start("web")
        town.start("worker")
        for thread in threads:
            thread.start()
        for turn in range(KILLS):
            name = ("web", "worker")[turn % 2]
            before = progress[name]()
            until(f"{name} gets on, turn {turn}", lambda n=name, b=before: progress[n]() > b)
            time.sleep(rng.uniform(0, AIM_SECONDS))
            imports_killed += name == "worker" and watch.ask("progress")["state"] == "running"
            town.kill(name)
            town.start(name)
        until("enough warnings", lambda: len(acknowledged) >= LEAST)
        until("enough calls", lambda: len(called) >= LEAST)
        stop.set()
        for thread in threads:
            thread.join(60)
        until("the list is imported", lambda: watch.ask("progress")["state"] == "done")
        until("every event is delivered", lambda: watch.ask("progress")["waiting"] == 0)
        state = town.ask("state", facts["batch"])
    finally:
        stop.set()
        town.stop()
        watch.stop()
        sink.shutdown()
        sink.server_close()
    lost = [r for r in acknowledged if r not in state["references"]]
    lost += [k for k in called if k not in state["calls"]]
    lost += [e for e in state["deliveries"] if e not in sink.received]
    print(
        f"\n{KILLS} kills ({imports_killed} of the worker amid the import) in "
        f"{time.monotonic() - begin:.0f} s: {len(acknowledged)} warnings and {len(called)} calls "
        f"acknowledged, {state['rows_done']} of {ROWS} rows imported, "
        f"{len(state['deliveries'])} events delivered; {state['counted']}; "
        f"lost {len(lost)}, doubled {sum(state['doubled'].values())}"
    )
    assert lost == []
    assert state["doubled"] == dict.fromkeys(state["doubled"], 0)
    assert state["undelivered"] == 0
    assert state["rows_done"] == state["batch_signals"] == ROWS
    counted = state["counted"]
    assert counted["calls"] == counted["contacts"] == counted["audited calls"]
    assert state["audit_findings"] == []
    assert imports_killed > 0
