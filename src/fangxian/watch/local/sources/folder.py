"""A folder of files: they are there to be read again from any place, so nothing is kept of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ...ahead import ahead
from ...reading import DONE, OUT_OF_ORDER, Read, Wrong, event_files
from .arriving import Arriving
from .bodies import NONE
from .source import Batch, Position

# reading.read_files: files or folders, and the place (file, row) to go on from.
ReadFiles = Callable[[Sequence[Path], tuple[str, int] | None], Iterator[Read]]
# Seconds between looks for new files.
LOOK = 0.2


class Folder:
    """Files in the order of their names, or one file. The end of the last is the end of all events,
    unless `follow`: then files that come later are read as well, as long as their names come later
    too, and there is no end."""

    def __init__(self, path: Path, read_files: ReadFiles, follow: bool = False) -> None:
        self._path, self._read, self._follow = path, read_files, follow
        self._closed = threading.Event()

    def batches(self, start: Position) -> Iterator[Batch]:
        """Read ahead by one batch."""
        return ahead(self._followed(start) if self._follow else self._batches(start))

    def done(self, position: Position) -> None:
        """The files stay."""

    def close(self) -> None:
        """No more is looked for."""
        self._closed.set()

    def _batches(self, start: Position) -> Iterator[Batch]:
        for read in self._read([self._path], (start[0], start[1]) if start else None):
            yield Batch(read.events, read.wrong, list(read.after) if read.after else start)

    def _followed(self, start: Position) -> Iterator[Batch]:
        place = start
        if place and place[1] < DONE:
            # The one that was being read.
            for batch in self._whole(Path(place[0]), place):
                place = batch.position
                yield batch
        arriving = Arriving(lambda: event_files(self._path), place[0] if place else "")
        while not self._closed.is_set():
            path, behind = arriving.look()
            if behind:
                yield Batch(NONE, [Wrong(p.name, OUT_OF_ORDER, "") for p in behind], place)
            if path is None:
                self._closed.wait(LOOK)
                yield Batch(NONE, (), place)
                continue
            for batch in self._whole(path, None):
                place = batch.position
                yield batch
            arriving.read(path)

    def _whole(self, path: Path, start: Position) -> Iterator[Batch]:
        """A file to its end, and that nothing more of it is read."""
        if path.is_file():
            for read in self._read([path], (start[0], start[1]) if start else None):
                if read.after:
                    yield Batch(read.events, read.wrong, list(read.after))
        yield Batch(NONE, (), [str(path), DONE])
