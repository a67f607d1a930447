"""Events from a NATS JetStream, by a durable pull consumer.

The stream's own numbers are the position: at every start and whenever the connection came back, the
consumer is made anew from the number after the last one read, so nothing has to wait for a
redelivery (what comes ten minutes late would be too late for the watch). Acknowledged is what a
checkpoint holds.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NamedTuple

from fangxian.detect.kinds import Words

from ..say import Say
from .bodies import NONE, Reading, kept, read_bodies
from .source import Batch, Position

# Seconds in which messages are gathered, and between tries while the broker is gone.
GATHER, AGAIN = 0.05, 1.0
# Messages fetched at once, in one batch, and that may wait for a checkpoint.
AT_ONCE, MOST, UNSURE = 1_000, 20_000, 500_000
# Bytes fetched at once and in one batch, at most about so many: a server hangs up on whoever has more
# than 64 MB yet to read.
OCTETS = 8 << 20
# Seconds after which the broker would send a message again: longer than any checkpoint takes.
ACK_WAIT = 3600


class Stream(NamedTuple):
    """`server`: "nats://host:4222", with a token or user where it asks for one; `consumer`: the durable
    name, one to a runner."""

    server: str
    name: str
    consumer: str = "fangxian"

    @property
    def shown(self) -> str:
        """The server without its token or password, as it may be said."""
        scheme, _, rest = self.server.partition("://")
        return f"{scheme}://{rest.rpartition('@')[2]}"


class _Gap(Exception):
    """A message between two was not delivered."""


class Nats:
    """A stream whose messages are events (an event, lines, or an array each). It never ends."""

    def __init__(self, stream: Stream, reading: Reading, say: Say) -> None:
        self._stream, self._reading, self._say = stream, reading, say
        self._came: queue.Queue[list[tuple[int, bytes]]] = queue.Queue(8)
        self._unsure: deque[tuple[int, str]] = deque()
        self._read, self._safe = 0, 0
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        self._there: bool | None = None  # the stream can be read; None: not known yet

    def batches(self, start: Position) -> Iterator[Batch]:
        """What came in 50 ms."""
        self._read = position = int(start or 0)
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._keep_up()), name="NATS", daemon=True
        )
        self._thread.start()
        while True:
            came = self._gathered()
            bodies = [kept(body) for _, body in came]
            if not came:
                yield Batch(NONE, (), position)
                continue
            where = f"{self._stream.name} {came[0][0]}"
            events, wrong = read_bodies(bodies, where, self._reading)
            position = came[-1][0]
            yield Batch(events, wrong, position)

    def done(self, position: Position) -> None:
        """To be acknowledged."""
        self._safe = int(position or 0)

    def close(self) -> None:
        """Hangs up."""
        self._closed.set()
        if self._thread:
            self._thread.join(5)

    def _gathered(self) -> list[tuple[int, bytes]]:
        came: list[tuple[int, bytes]] = []
        octets = 0
        until = time.monotonic() + GATHER
        while len(came) < MOST and octets < OCTETS and (left := until - time.monotonic()) > 0:
            try:
                fresh = self._came.get(timeout=left)
            except queue.Empty:
                break
            came += fresh
            octets += sum(len(body) for _, body in fresh)
        return came

    async def _keep_up(self) -> None:
        """Connects again and again until closed."""
        import nats

        while not self._closed.is_set():
            connection = None
            try:
                connection = await nats.connect(
                    self._stream.server,
                    allow_reconnect=False,
                    max_reconnect_attempts=1,
                    reconnect_time_wait=0,
                    connect_timeout=2,
                    error_cb=_quiet,
                )
                await self._fetch(connection)
            # The broker may go at any moment and in any way: it is said once and waited for.
            except Exception as wrong:
                if self._there is not False:
                    self._say_gone(wrong)
                self._there = False
                await asyncio.sleep(AGAIN)
            finally:
                if connection and not connection.is_closed:
                    await connection.close()

    async def _fetch(self, connection: Any) -> None:
        """Until closed. Raises when the connection is lost."""
        subscription = await self._consumer(connection.jetstream())
        if self._there is False:
            self._say(Words("NATS 恢复了", "NATS is back"))
        elif self._there is None:
            where = f"{self._stream.shown}/{self._stream.name}"
            self._say(Words(f"在读 {where}", f"reading {where}"))
        self._there = True
        expected = 1
        # How large messages are is not known before they come: first as many as could be the largest.
        count = max(1, OCTETS // connection.max_payload)
        while not self._closed.is_set():
            await self._acknowledge(connection)
            try:
                # Those that came after the last fetch had ended count, and must leave one to ask for.
                asked = max(count, subscription.pending_msgs + 1)
                messages = await subscription.fetch(asked, timeout=0.5)
            except TimeoutError:
                if not connection.is_connected:
                    raise ConnectionError("connection lost") from None
                continue
            largest = max((len(message.data) for message in messages), default=0)
            count = max(1, min(2 * count, AT_ONCE, OCTETS // max(1, largest)))
            fresh = []
            for message in messages:
                number = message.metadata.sequence
                if number.consumer > expected:
                    raise _Gap(f"{number.consumer - expected} messages were not delivered")
                expected = max(expected, number.consumer + 1)
                self._unsure.append((number.stream, message.reply))
                if number.stream > self._read:
                    self._read = number.stream
                    fresh.append((number.stream, message.data))
            while fresh and not self._closed.is_set():
                try:
                    self._came.put_nowait(fresh)
                    break
                except queue.Full:
                    await asyncio.sleep(0.02)

    async def _consumer(self, stream: Any) -> Any:
        """From the message after the last one read."""
        from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy, RetentionPolicy
        from nats.js.errors import NotFoundError

        name, consumer = self._stream.name, self._stream.consumer
        about = await stream.stream_info(name)
        if about.state.last_seq < self._read:
            self._say(
                Words(
                    f"{name} 里的消息比读过的还少，是另一个流或丢了尾巴：从头再读，重复的会略过",
                    f"{name} has fewer messages than were read, it is another one or lost its end: reading it from the beginning, repeats are passed over",
                )
            )
            self._read = self._safe = 0
        # A work queue keeps only what is not acknowledged, and is always read from its beginning.
        from_start = self._read and about.config.retention != RetentionPolicy.WORK_QUEUE
        with suppress(NotFoundError):
            await stream.delete_consumer(name, consumer)
        self._unsure.clear()
        await stream.add_consumer(
            name,
            ConsumerConfig(
                durable_name=consumer,
                ack_policy=AckPolicy.EXPLICIT,
                ack_wait=ACK_WAIT,
                max_ack_pending=UNSURE,
                deliver_policy=(
                    DeliverPolicy.BY_START_SEQUENCE if from_start else DeliverPolicy.ALL
                ),
                opt_start_seq=self._read + 1 if from_start else None,
            ),
        )
        return await stream.pull_subscribe_bind(consumer, stream=name)

    async def _acknowledge(self, connection: Any) -> None:
        while self._unsure and self._unsure[0][0] <= self._safe:
            await connection.publish(self._unsure.popleft()[1], b"+ACK")

    def _say_gone(self, wrong: Exception) -> None:
        from nats.js.errors import NotFoundError, ServiceUnavailableError

        if isinstance(wrong, NotFoundError):
            name = self._stream.name
            self._say(
                Words(
                    f"{self._stream.shown} 上没有名为 {name} 的流，每秒再看",
                    f"{self._stream.shown} has no stream called {name}; looking every second",
                )
            )
            return
        if isinstance(wrong, ServiceUnavailableError):
            self._say(
                Words(
                    f"{self._stream.shown} 没有打开 JetStream（nats-server -js），每秒再试",
                    f"{self._stream.shown} has no JetStream (nats-server -js); trying every second",
                )
            )
            return
        self._say(
            Words(
                f"NATS 连不上（{wrong or type(wrong).__name__}），每秒再试，消息留在那边",
                f"NATS cannot be reached ({wrong or type(wrong).__name__}); trying every second, messages stay there",
            )
        )


async def _quiet(_: Exception) -> None:
    """What is wrong is raised where it matters."""
