"""A folder of files: they are there to be read again from any place, so nothing is kept of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from .ahead import ahead
from .source import Batch, Position, Read

# reading.read_files: files, and the place (file, row) to go on from.
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
        whole = self._path.is_dir()
        paths = sorted(self._path.iterdir()) if whole else [self._path]
        files = [path for path in paths if path.is_file()]
        for read in self._read(files, (start[0], start[1]) if start else None):
            yield Batch(read.events, read.wrong, list(read.after) if read.after else start)
