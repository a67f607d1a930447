"""Many senders, one reading and one write: all that came in a moment is read together (one event
alone costs a millisecond, a hundred little more) and goes to the disk together."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from ..journal import LINES, Journal
from ..sources import Reason
from ..sources.bodies import OfLines

# Seconds in which they are gathered.
MOMENT = 0.001


class Line(NamedTuple):
    """A line of a body that could not be used: `where`, from 1 on, and why."""

    where: str
    reason: Reason


class Taken(NamedTuple):
    """`accepted` events of a body, and what was `wrong`. A body of which nothing could be used is not
    in the journal."""

    accepted: int
    wrong: Sequence[Line]


class _Body(NamedTuple):
    kind: int
    octets: bytes
    read: Taken | None
    answer: asyncio.Future[Taken]


class Committer:
    """Reads bodies of lines and appends to the journal, from an event loop. `octets`: on the disk so
    far."""

    def __init__(self, journal: Journal, of_lines: OfLines) -> None:
        self.octets = 0
        self._journal, self._of_lines = journal, of_lines
        self._waiting: list[_Body] = []
        self._came = asyncio.Event()
        # One thread: the journal has one writer.
        self._thread = ThreadPoolExecutor(1, "journal")

    async def take(self, kind: int, octets: bytes, read: Taken | None = None) -> Taken:
        """Returns when it is on the disk. `read`: what it was found to be, where that was done before.
        Raises OSError, and then it is not on the disk."""
        answer: asyncio.Future[Taken] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Body(kind, octets, read, answer))
        self._came.set()
        return await answer

    async def run(self) -> None:
        """Until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await self._came.wait()
            await asyncio.sleep(MOMENT)
            self._came.clear()
            now, self._waiting = self._waiting, []
            try:
                found = await loop.run_in_executor(self._thread, self._commit, now)
            # Whoever waits must hear of it, whatever it was.
            except Exception as wrong:
                for body in now:
                    if not body.answer.done():
                        body.answer.set_exception(wrong)
            else:
                for body, taken in zip(now, found, strict=True):
                    if not body.answer.done():
                        body.answer.set_result(taken)

    def _commit(self, bodies: list[_Body]) -> list[Taken]:
        found = iter(self._read([b.octets for b in bodies if b.kind == LINES and not b.read]))
        all_taken = [body.read or next(found) for body in bodies]
        good = [
            (body.kind, body.octets)
            for body, taken in zip(bodies, all_taken, strict=True)
            if taken.accepted
        ]
        if good:
            self.octets += self._journal.append(good)
        return all_taken

    def _read(self, bodies: list[bytes]) -> list[Taken]:
        lines = [body.split(b"\n") for body in bodies]
        whose = [(n, at) for n, own in enumerate(lines) for at in range(1, len(own) + 1)]
        read = self._of_lines([line for own in lines for line in own], "")
        wrong: list[list[Line]] = [[] for _ in bodies]
        for one in read.wrong:
            n, at = whose[int(one.where.rpartition(":")[2]) - 1]
            wrong[n].append(Line(str(at), one.reason))
        filled = (sum(bool(line.strip()) for line in own) for own in lines)
        return [Taken(count - len(w), w) for count, w in zip(filled, wrong, strict=True)]
