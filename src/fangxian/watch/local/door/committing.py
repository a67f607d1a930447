"""Many senders, one write: all that came while the disk was busy goes to it together."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from ..journal import Journal

Waiting = tuple[int, bytes, "asyncio.Future[int]"]


class Committer:
    """Appends to the journal from an event loop. `octets`: on the disk so far."""

    def __init__(self, journal: Journal) -> None:
        self.octets = 0
        self._journal = journal
        self._waiting: list[Waiting] = []
        self._came = asyncio.Event()
        # One thread: the journal has one writer.
        self._thread = ThreadPoolExecutor(1, "journal")

    async def append(self, kind: int, body: bytes) -> None:
        """Returns when it is on the disk. Raises OSError, and then it is not."""
        safe: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.append((kind, body, safe))
        self._came.set()
        await safe

    async def run(self) -> None:
        """Until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await self._came.wait()
            self._came.clear()
            now, self._waiting = self._waiting, []
            bodies = [(kind, body) for kind, body, _ in now]
            try:
                self.octets += await loop.run_in_executor(
                    self._thread, self._journal.append, bodies
                )
            except OSError as wrong:
                for _, _, safe in now:
                    if not safe.done():
                        safe.set_exception(wrong)
            else:
                for _, _, safe in now:
                    if not safe.done():
                        safe.set_result(0)
