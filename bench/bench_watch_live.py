"""How long it takes: python -m bench watch_live [seconds]

One event by HTTP at 1,000 requests a second, from the moment it was due until it is acknowledged (it is
then on the disk), and the same asked of a server that does nothing; and from event to warning at 20,000 events a second, through the door, the watch and
a sink, with checkpoints on. Senders are processes of their own that keep to their timetable whatever
the answers do, so what waits is counted. Everything shares this machine's cores.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from fangxian.watch.alerts import Alert
from fangxian.watch.local import run
from fangxian.watch.local.door import Address
from fangxian.watch.local.sources.bodies import Reading
from fangxian.watch.local.sources.http import Http
from fangxian.watch.reading import of_batch, of_lines

# Requests a second of one event each, and events a second in requests of so many.
REQUESTS, EVENTS, IN_REQUEST = 1_000, 20_000, 100
# Seconds of each, and those at the beginning that do not count (programs are compiled).
SECONDS, WARM = 60, 10
RESIDENTS, NUMBERS = 200_000, 50_000
# Of so many events one is a report, which is a warning at once.
REPORTS = 500
CONNECTIONS = 256
BOOK = """
a_report:
  says: {zh: 报告, en: a report}
  source: the benchmark
  when: {report: {}}
  stage: contact
  weight: 9
"""
Figures = dict[str, float]


def some_event(rng: np.random.Generator, n: int) -> str:
    """One of a living province, as CloudEvent, at this moment."""
    kind, other = rng.random(), int(min(rng.pareto(1.2) * 50, NUMBERS - 1))
    if n % REPORTS == 0:
        what, data = "report.filed", '"text_score":0.95'
    elif kind < 0.8:
        seconds = int(rng.integers(0, 300)) if kind < 0.4 else 0
        what, data = (
            "call.ended",
            f'"other":"+8612{900_000_000 + other}","seconds":{seconds},"rings":7',
        )
    else:
        what, data = "sms.received", f'"other":"10{other:06d}","text_score":0.02'
    return (
        f'{{"specversion":"1.0","id":"e{n}","source":"bench","type":"{what}",'
        f'"time":"{datetime.now(UTC).isoformat()}","subject":"+8612{rng.integers(RESIDENTS):09d}",'
        f'"data":{{{data}}}}}'
    )


def open_door(line: Connection) -> None:
    """A server that answers and does nothing: what of the time is not ours."""
    import uvicorn

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        head = [(b"content-type", b"application/json"), (b"content-length", b"2")]
        await send({"type": "http.response.start", "status": 202, "headers": head})
        await send({"type": "http.response.body", "body": b"{}"})

    listening = socket.create_server(("127.0.0.1", 0))
    line.send(listening.getsockname()[1])
    config = uvicorn.Config(answer, log_level="warning", access_log=False, lifespan="off")
    uvicorn.Server(config).run(sockets=[listening])


def nothing_done(requests: int, seconds: float) -> list[float]:
    """Seconds to an answer of `open_door`."""
    spawned = multiprocessing.get_context("spawn")
    ours, theirs = spawned.Pipe()
    door = spawned.Process(target=open_door, args=(theirs,), daemon=True)
    door.start()
    port = ours.recv()
    sender = spawned.Process(target=send, args=(port, requests, 1, seconds + WARM, theirs))
    sender.start()
    took: list[float] = ours.recv()
    sender.join()
    door.kill()
    door.join()
    return took


def send(port: int, requests: int, in_request: int, seconds: float, line: Connection) -> None:
    """So many requests a second, each when it is due. Tells how long each took from then."""
    import uvloop

    line.send(uvloop.run(_send(port, requests, in_request, seconds)))


async def _send(port: int, requests: int, in_request: int, seconds: float) -> list[float]:
    rng, took, made = np.random.default_rng(1), list[float](), 0
    idle: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for _ in range(CONNECTIONS):
        idle.put_nowait(await asyncio.open_connection("127.0.0.1", port))
    kind = "application/cloudevents+json" if in_request == 1 else "application/x-ndjson"

    async def one(due: float, body: bytes) -> None:
        reader, writer = connection = await idle.get()
        writer.write(
            b"POST /events HTTP/1.1\r\nHost: bench\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
            % (kind.encode(), len(body))
            + body
        )
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        if b" 202 " not in head.split(b"\r\n")[0]:
            raise RuntimeError(head.decode())
        took.append(time.perf_counter() - due)
        idle.put_nowait(connection)

    begun, under_way = time.perf_counter(), set[asyncio.Task[None]]()
    for n in range(int(requests * seconds)):
        due = begun + n / requests
        if (left := due - time.perf_counter()) > 0:
            await asyncio.sleep(left)
        body = "\n".join(some_event(rng, made + k) for k in range(in_request)).encode()
        made += in_request
        task = asyncio.create_task(one(due, body))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    await asyncio.gather(*under_way)
    return took[int(requests * WARM) :]


class Clock:
    """A sink that looks at the clock: seconds from an event to the warning it raised."""

    def __init__(self) -> None:
        self.took: list[tuple[float, float]] = []
        self._raised: dict[str, int] = {}

    def send(self, alerts: Sequence[Alert]) -> None:
        now = time.time()
        for alert in alerts:
            if self._raised.get(alert.id) != len(alert.raised):
                self._raised[alert.id] = len(alert.raised)
                self.took.append((now, now - alert.at / 1e6))


def running(
    folder: Path, requests: int, in_request: int, seconds: float
) -> tuple[list[float], list[float]]:
    """A runner and a sender beside it: seconds to an answer, and from event to warning."""
    source = Http(Address(port=0), folder, Reading(of_lines, of_batch), lambda _: None)
    clock, stop, answers = Clock(), threading.Event(), list[float]()
    begun = [0.0]

    def sending() -> None:
        while not source.port:
            time.sleep(0.05)
        spawned = multiprocessing.get_context("spawn")
        ours, theirs = spawned.Pipe()
        arguments = (source.port, requests, in_request, seconds + WARM, theirs)
        process = spawned.Process(target=send, args=arguments)
        begun[0] = time.time()
        process.start()
        answers.extend(ours.recv())
        process.join()
        time.sleep(1)
        stop.set()

    sender = threading.Thread(target=sending)
    sender.start()
    folder.mkdir()
    book = folder / "own.yaml"
    book.write_text(BOOK, "utf-8")
    run(folder, source, [clock], book, say=lambda _: None, stop=stop)
    sender.join()
    # A second or two pass until the sender is there.
    return answers, [took for at, took in clock.took if at > begun[0] + WARM + 3]


def main(seconds: float = SECONDS) -> Figures:
    """A table, and its figures for the file."""
    with tempfile.TemporaryDirectory() as folder:
        nothing = nothing_done(REQUESTS, seconds / 4)
        single, _ = running(Path(folder) / "one", REQUESTS, 1, seconds / 2)
        batches, warned = running(Path(folder) / "many", EVENTS // IN_REQUEST, IN_REQUEST, seconds)
    figures: Figures = {}
    for name, took in (
        (f"a server that does nothing at {REQUESTS:,}/s, ms", nothing),
        (f"one event by HTTP at {REQUESTS:,}/s, ms", single),
        (f"{IN_REQUEST} events by HTTP at {EVENTS:,} events/s, ms", batches),
        (f"event to warning at {EVENTS:,} events/s, ms", warned),
    ):
        for share in (50, 99, 99.9):
            figures[f"{name}, p{share:g}"] = float(np.percentile(took, share)) * 1e3
    figures["warnings measured"] = len(warned)
    table = Table("the watch, live", "")
    for name, value in figures.items():
        table.add_row(name, f"{value:,.1f}")
    Console().print(table)
    return figures


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS)
