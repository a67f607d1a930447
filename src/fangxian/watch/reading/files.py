"""Files of events, piece by piece in the order of their names: Parquet, CSV, JSON lines.

A piece is about 100,000 rows or 32 MB, whatever comes first, so that memory is bounded. After each
`Read.after` says where to go on; a file that cannot be read is told once and passed over.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import BinaryIO, TypeAlias, cast

import pyarrow as pa
import pyarrow.parquet as pq

from ..events import SCHEMA
from .casting import PLAIN
from .delimited import Delimited
from .lines import of_lines
from .tables import of_table
from .wrong import (
    BAD_FILE,
    BAD_GROUP,
    DONE,
    LONGEST_LINE,
    NEEDED,
    OTHER_FILE,
    OTHER_HEADER,
    Place,
    Read,
    Reason,
    Wrong,
)

PIECE_ROWS, PIECE_BYTES = 100_000, 1 << 25
UNFINISHED = (".tmp", ".part", ".partial", ".new", ".crdownload", ".filepart")
When: TypeAlias = datetime | None
_DAMAGED = (OSError, EOFError, zlib.error, pa.ArrowException)


def read_files(
    paths: Sequence[Path],
    *,
    start: Place | None = None,
    now: datetime | None = None,
) -> Iterator[Read]:
    """The events of files, and of the files in folders (but for hidden ones and those being written), from `start` on: files
    of names before its file were read.

    `now`: as in `of_table`. Raises OSError only for a path that is not there: what
    cannot be read of a file is set aside.
    """
    for path in sorted(_files(paths), key=str):
        name = str(path)
        if start is not None and (name < start.file or (name == start.file and start.row >= DONE)):
            continue
        begin = start.row if start is not None and name == start.file else 0
        read = _READERS.get(_ending(path))
        if read is None:
            yield _passed_over(path, OTHER_FILE)
            continue
        yield from read(path, begin, now)


def event_files(path: Path) -> list[Path]:
    """The files of a folder, or the one file, by their whole names. Raises FileNotFoundError."""
    return list(_files([path]))


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for given in paths:
        # A place must mean the same from wherever the program is started.
        path = given.resolve()
        if path.is_dir():
            yield from (p for p in path.iterdir() if p.is_file() and not _being_written(p.name))
        elif path.exists():
            yield path
        else:
            raise FileNotFoundError(f"{given}: 没有这个文件或文件夹 (no such file or folder)")


def _being_written(name: str) -> bool:
    """Who writes a file gives it such a name until it is whole."""
    return name[0] in "._" or name.lower().endswith(UNFINISHED)


def _ending(path: Path) -> str:
    ending = path.suffix.lower()
    return Path(path.stem).suffix.lower() + ending if ending == ".gz" else ending


def _passed_over(path: Path, reason: Reason, raw: str = "") -> Read:
    """Nothing more of a file."""
    return Read(SCHEMA.empty_table(), [Wrong(path.name, reason, raw)], Place(str(path), DONE))


class _Lines:
    """The lines of a file with their ends; `damage`: why there are no more of them."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.damage = ""

    def __iter__(self) -> Iterator[bytes]:
        try:
            while line := self._file.readline(LONGEST_LINE + 2):
                yield line
                if not line.endswith(b"\n"):
                    self._pass_over_the_rest()
        except _DAMAGED as damage:
            self.damage = str(damage) or type(damage).__name__

    def _pass_over_the_rest(self) -> None:
        while (rest := self._file.readline(1 << 20)) and not rest.endswith(b"\n"):
            pass


def _opened(path: Path) -> BinaryIO:
    return cast(BinaryIO, gzip.open(path)) if path.suffix.lower() == ".gz" else path.open("rb")


def _json_lines(path: Path, begin: int, now: When) -> Iterator[Read]:
    with _opened(path) as file:
        source = _Lines(file)
        lines, row = iter(source), begin
        for _ in islice(lines, begin):
            pass
        while piece := _some(lines):
            found = of_lines(piece, path.name, first=row + 1, now=now)
            row += len(piece)
            yield replace(found, after=Place(str(path), row))
    if source.damage:
        yield _passed_over(path, BAD_FILE, source.damage)


def _some(lines: Iterator[bytes]) -> list[bytes]:
    piece, size = [], 0
    for line in lines:
        piece.append(line)
        size += len(line)
        if len(piece) == PIECE_ROWS or size >= PIECE_BYTES:
            break
    return piece


def _csv(path: Path, begin: int, now: When) -> Iterator[Read]:
    with _opened(path) as file:
        source = _Lines(file)
        rows = Delimited(iter(source))
        if not rows.is_ours:
            # Without its header nothing of a damaged file can be read.
            why = BAD_FILE if source.damage else OTHER_HEADER
            yield _passed_over(path, why, source.damage or ",".join(rows.header))
            return
        rows.skip(begin)
        row, most = begin, (PIECE_ROWS, PIECE_BYTES)
        while piece := rows.read(path.name, row + 1, most, now):
            found, count = piece
            row += count
            yield replace(found, after=Place(str(path), row))
    if source.damage:
        yield _passed_over(path, BAD_FILE, source.damage)


def _parquet(path: Path, begin: int, now: When) -> Iterator[Read]:
    try:
        # Row groups may be larger than memory should be: they are read through a small buffer.
        file = pq.ParquetFile(path, buffer_size=1 << 20, pre_buffer=False)
    except _DAMAGED as damage:
        yield _passed_over(path, BAD_FILE, str(damage))
        return
    with file:
        names = file.schema_arrow.names
        if not set(NEEDED) <= set(names) or len(set(names)) < len(names):
            yield _passed_over(path, OTHER_HEADER, ",".join(names))
            return
        known = [name for name in PLAIN if name in names]
        end = 0
        for group in range(file.num_row_groups):
            row, end = end, end + file.metadata.row_group(group).num_rows
            if end <= begin:
                continue
            batches = file.iter_batches(
                _rows_at_once(file, group), row_groups=[group], columns=known, use_threads=False
            )
            while (table := _next(batches)) is not None:
                if isinstance(table, str):
                    wrong = Wrong(f"{path.name}:{row + 1}-{end}", BAD_GROUP, table)
                    yield Read(SCHEMA.empty_table(), [wrong], Place(str(path), end))
                    break
                row += len(table)
                table = table.slice(max(len(table) - (row - begin), 0))
                if not len(table):
                    continue
                first = row - len(table) + 1
                found = of_table(table, path.name, first=first, now=now)
                yield replace(found, after=Place(str(path), row))


def _rows_at_once(file: pq.ParquetFile, group: int) -> int:
    about = file.metadata.row_group(group)
    a_row = about.total_byte_size / max(about.num_rows, 1) + 1
    return int(min(PIECE_ROWS, max(PIECE_BYTES / a_row, 100)))


def _next(batches: Iterator[pa.RecordBatch]) -> pa.Table | str | None:
    """The next rows; what is wrong with them; None at the end."""
    try:
        batch = next(batches, None)
    except _DAMAGED as damage:
        return str(damage)
    return None if batch is None else pa.Table.from_batches([batch])


_READERS = {
    ".parquet": _parquet,
    ".csv": _csv,
    ".csv.gz": _csv,
    ".jsonl": _json_lines,
    ".jsonl.gz": _json_lines,
    ".ndjson": _json_lines,
    ".ndjson.gz": _json_lines,
}
