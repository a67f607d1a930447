"""Events by HTTP: the door is a process of its own (door/), so that a sender never waits for the
watch; what it took stands in the journal."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from fangxian.detect.kinds import Words

from ..door import Address, serve
from ..say import CannotRun, Say
from .bodies import Reading
from .journalled import forget, journalled
from .source import Batch, Position

# Seconds that a door has to open in: it imports the reading of events.
OPENING = 30.0
_SHUT = Words("接收事件的进程没有起来", "the process that takes events did not start")


class Http:
    """A door at `address`, journal in `folder`/journal; `folder` is the runner's, whose metrics the door
    shows. It never ends."""

    def __init__(self, address: Address, folder: Path, reading: Reading, say: Say) -> None:
        self._address, self._folder, self._reading, self._say = address, folder, reading, say
        self._journal = folder / "journal"
        self._door: BaseProcess | None = None
        self._line: Connection | None = None
        self._port = address.port

    @property
    def port(self) -> int:
        """That it listens on; 0 before it does where any free one was asked for."""
        return self._port

    def batches(self, start: Position) -> Iterator[Batch]:
        """Opens the door. Raises CannotRun where it cannot be opened."""
        place = (start[0], start[1]) if start else (0, 0)
        self._open(place)
        for batch in journalled(self._journal, start, self._reading, lambda: False, self._say):
            yield batch
            place = (batch.position[0], batch.position[1])
            self._tell(place)

    def done(self, position: Position) -> None:
        """Files of the journal before it are dropped."""
        forget(self._journal, position)

    def close(self) -> None:
        """Closes the door: whoever is being answered still is."""
        door, line = self._door, self._line
        self._door = self._line = None
        if line:
            line.close()
        if door:
            door.join(5)
            if door.is_alive():
                door.kill()
                door.join()

    def _open(self, place: tuple[int, int]) -> None:
        # Not forked: threads of Arrow and of the runner would be copied half.
        spawned = multiprocessing.get_context("spawn")
        self._line, theirs = spawned.Pipe()
        address = self._address._replace(port=self._port)
        self._door = spawned.Process(
            target=serve,
            args=(address, self._folder, place, self._reading.of_batch, theirs),
            daemon=True,
        )
        self._door.start()
        theirs.close()
        if not self._line.poll(OPENING):
            raise CannotRun(_SHUT)
        try:
            opened = self._line.recv()
        except EOFError:
            raise CannotRun(_SHUT) from None
        if isinstance(opened, Exception):
            raise opened
        self._port = opened
        self._say(
            Words(
                f"在 http://{address.host}:{opened}/events 接收事件",
                f"taking events at http://{address.host}:{opened}/events",
            )
        )

    def _tell(self, place: tuple[int, int]) -> None:
        """The door how far the watch is. A door that is gone is opened again."""
        try:
            if self._line:
                self._line.send(place)
        except OSError:
            self._say(Words("接收进程没了，重新打开", "the door is gone, opening it again"))
            self.close()
            time.sleep(0.5)
            self._open(place)
