"""A NATS JetStream: read in order, acknowledged after the checkpoint; the broker may go and come."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest
from living import busy_days
from plain_reading import Told, as_lines, of_batch, of_lines

from fangxian.detect.kinds import Words
from fangxian.watch.local import Pace, run
from fangxian.watch.local.sources.bodies import Reading
from fangxian.watch.local.sources.nats import Nats, Stream
from fangxian.watch.watching import Watch

T = TypeVar("T")
nats = pytest.importorskip("nats", reason="needs nats-py: pip install '.[watch]'")
PROGRAM = shutil.which("nats-server") or shutil.which("nats-server", path="/usr/sbin")
if PROGRAM is None:
    pytest.skip(
        "needs the program nats-server: apt-get install nats-server", allow_module_level=True
    )


def in_a_loop(ask: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """In a thread of its own: browser tests before these leave a loop running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(ask())).result()


class Broker:
    """A server of our own, on a free port, whose stream is on the disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"nats://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(
            [PROGRAM, "-js", "-a", "127.0.0.1", "-p", str(self.port), "-sd", str(self.folder)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        until(lambda: self._opens(), 10)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def _opens(self) -> bool:
        with socket.socket() as trying:
            return trying.connect_ex(("127.0.0.1", self.port)) == 0

    def publish(self, bodies: list[bytes]) -> None:
        async def publishing() -> None:
            connection = await nats.connect(self.url)
            stream = connection.jetstream()
            await stream.add_stream(name="events", subjects=["events"])
            for body in bodies:
                await stream.publish("events", body)
            await connection.close()

        in_a_loop(publishing)

    def acknowledged(self) -> int:
        async def asking() -> int:
            connection = await nats.connect(self.url)
            about = await connection.jetstream().consumer_info("events", "fangxian")
            await connection.close()
            return about.ack_floor.stream_seq

        return in_a_loop(asking)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    broker = Broker(tmp_path / "broker")
    yield broker
    broker.kill()


class Running:
    def __init__(self, broker: Broker, folder: Path) -> None:
        self.said: list[Words] = []
        self.told, self.stop = Told(), threading.Event()
        source = Nats(Stream(broker.url, "events"), Reading(of_lines, of_batch), self.said.append)
        pace = Pace(seconds=0.2)
        self.thread = threading.Thread(
            target=run, args=(folder, source, [self.told]),
            kwargs={"say": self.said.append, "pace": pace, "stop": self.stop},
        )  # fmt: skip

    def __enter__(self) -> Running:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.thread.join(30)

    def heard(self, words: str) -> bool:
        return any(words in said.en for said in self.said)


def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    begun = time.monotonic()
    while not holds():
        assert time.monotonic() - begun < seconds
        time.sleep(0.05)


def wanted(count: int) -> dict[str, str]:
    return {a.id: a.written() for a in Watch().take(busy_days(4, 300, 9).slice(0, count)).alerts}


def test_what_a_checkpoint_holds_is_acknowledged(broker: Broker, tmp_path: Path) -> None:
    lines = as_lines(busy_days(4, 300, 9))
    broker.publish([*lines[:100], b"[" + b",".join(lines[100:200]) + b"]", b"\n".join(lines[200:])])
    with Running(broker, tmp_path / "state") as running:
        until(lambda: running.told.by_id == wanted(300))
        broker.publish([b"{half"])
        broker.publish([b"{half"])
        until(lambda: broker.acknowledged() == 104)


def test_a_broker_that_goes_and_comes_back_loses_nothing(broker: Broker, tmp_path: Path) -> None:
    lines = as_lines(busy_days(4, 300, 9))
    broker.publish(lines[:150])
    with Running(broker, tmp_path / "state") as running:
        until(lambda: running.told.by_id == wanted(150))
        broker.kill()
        until(lambda: running.heard("NATS cannot be reached"))
        broker.start()
        until(lambda: running.heard("NATS is back"))
        broker.publish(lines[150:])
        until(lambda: running.told.by_id == wanted(300))


def test_a_new_runner_goes_on_after_the_checkpoint(broker: Broker, tmp_path: Path) -> None:
    lines = as_lines(busy_days(4, 300, 9))
    broker.publish(lines[:150])
    with Running(broker, tmp_path / "state") as running:
        until(lambda: running.told.by_id == wanted(150))
    first = running.told.by_id
    broker.publish(lines[150:])
    with Running(broker, tmp_path / "state") as running:
        until(lambda: first | running.told.by_id == wanted(300))
    metrics = (tmp_path / "state" / "metrics.prom").read_text()
    assert '{as="taken"} 300\n' in metrics
    assert '{as="repeated"} 0\n' in metrics


def test_a_backlog_of_large_messages_is_read(broker: Broker, tmp_path: Path) -> None:
    # A server hangs up on whoever has asked for more than the 64 MB that it keeps for one.
    lines = as_lines(busy_days(4, 300, 9))
    broker.publish([b" " * 900_000 + b"\n".join(lines[n : n + 2]) for n in range(0, 300, 2)])
    with Running(broker, tmp_path / "state") as running:
        until(lambda: running.told.by_id == wanted(300), 20)
    assert not running.heard("cannot be reached")


def test_a_stream_that_is_not_there_is_said_once_and_waited_for(
    broker: Broker, tmp_path: Path
) -> None:
    with Running(broker, tmp_path / "state") as running:
        until(lambda: running.heard("has no stream called events; looking every second"))
        time.sleep(2.5)
        assert sum("no stream called" in said.en for said in running.said) == 1
        assert not running.heard("NATS is back")
        broker.publish(as_lines(busy_days(4, 300, 9))[:100])
        until(lambda: running.told.by_id == wanted(100))


def test_a_runner_waits_for_a_broker_that_is_not_there_yet(tmp_path: Path) -> None:
    broker = Broker(tmp_path / "broker")
    broker.publish([])
    broker.kill()
    with Running(broker, tmp_path / "state") as running:
        until(lambda: running.heard("NATS cannot be reached"))
        broker.start()
        broker.publish(as_lines(busy_days(4, 300, 9))[:100])
        until(lambda: running.told.by_id == wanted(100))
    broker.kill()


def test_a_password_of_the_server_is_not_said() -> None:
    assert Stream("nats://me:secret@127.0.0.1:4222", "events").shown == "nats://127.0.0.1:4222"
    assert Stream("tls://127.0.0.1", "events").shown == "tls://127.0.0.1"
