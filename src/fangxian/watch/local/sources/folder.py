"""A folder of files: they are there to be read again from any place, so nothing is kept of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ...reading import Read
from .ahead import ahead
from .source import Batch, Position

# reading.read_files: files or folders, and the place (file, row) to go on from.
ReadFiles = Callable[[Sequence[Path], tuple[str, int] | None], Iterator[Read]]


class Folder:
    """Files in the order of their names, or one file. The end of the last is the end of all
    events."""

    def __init__(self, path: Path, read_files: ReadFiles) -> None:
        self._path, self._read = path, read_files

    def batches(self, start: Position) -> Iterator[Batch]:
        """Read ahead by one batch."""
        return ahead(self._batches(start))

    def done(self, position: Position) -> None:
        """The files stay."""

    def close(self) -> None:
        """Nothing is held."""

    def _batches(self, start: Position) -> Iterator[Batch]:
        for read in self._read([self._path], (start[0], start[1]) if start else None):
            yield Batch(read.events, read.wrong, list(read.after) if read.after else start)
