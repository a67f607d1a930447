"""Looking at a file of texts: csv, jsonl or parquet in, the same with verdict columns out.

Read and written piece by piece, so that memory does not grow with the file.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

from .checking import Many, check_many

PIECE = 20_000
# Of what is no text in UTF-8 nearly all that people have is in the national coding.
_CODINGS = ("utf-8-sig", "gb18030")
_COLUMNS = ("fraud_probability", "fraud_flagged", "fraud_grade")

Row = dict[str, Any]
Say = Callable[[int], None]


class UnreadableFile(ValueError):
    """What is wrong with a file, where, and what was expected."""


@dataclass(frozen=True)
class Told:
    """Where the answer is, how many rows it has and how many are flagged."""

    out: Path
    rows: int
    flagged: int


def check_file(path: Path, out: Path | None, column: str, progress: bool = False) -> Told:
    """Write `path` again with three more columns. A csv without a header whose only column is the
    text is read as such. Raises UnreadableFile; then no file is left behind."""
    out = out or path.with_name(f"{path.stem}.checked{path.suffix}")
    if out.resolve() == path.resolve():
        raise UnreadableFile(f"{out} is the file to be read; choose another name with --out")
    kind = _KINDS.get(path.suffix.lower())
    if kind is None:
        known = ", ".join(_KINDS)
        raise UnreadableFile(f"{path.name}: cannot read {path.suffix or 'this'}; expected {known}")
    partial = out.with_name(out.name + ".part")
    try:
        with _bar(progress) as say:
            rows, flagged = kind(path, partial, column, say)
        partial.replace(out)
    finally:
        partial.unlink(missing_ok=True)
    return Told(out, rows, flagged)


class _bar:  # noqa: N801  used as a function
    """A progress bar on a terminal, nothing elsewhere."""

    def __init__(self, shown: bool) -> None:
        self.shown = shown

    def __enter__(self) -> Say:
        if not self.shown:
            return lambda _rows: None
        from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TimeElapsedColumn

        self.progress = Progress(SpinnerColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self.progress.start()
        task = self.progress.add_task("", total=None)
        return lambda rows: self.progress.update(task, advance=rows)

    def __exit__(self, *_: object) -> None:
        if self.shown:
            self.progress.stop()


def _columns(found: Many) -> Iterator[tuple[float, int, str]]:
    """The verdicts row by row, as they are written."""
    probabilities = [round(p, 4) for p in found.probability.tolist()]
    return zip(probabilities, found.flagged.astype(int).tolist(), found.grade.tolist(), strict=True)


def _csv(path: Path, out: Path, column: str, say: Say) -> tuple[int, int]:
    coding = _coding(path)
    rows = flagged = 0
    with (
        path.open(encoding=coding, errors="replace", newline="") as file,
        out.open("w", encoding="utf-8-sig", newline="") as target,
    ):
        reader = csv.reader(line.replace("\0", "") for line in file)
        writer = csv.writer(target)
        try:
            header, records = _records(reader, column, path.name)
            place = header.index(column)
            writer.writerow([*header, *_COLUMNS])
            while piece := list(islice(records, PIECE)):
                found = check_many([cells[place] for cells in piece])
                writer.writerows(
                    [*cells, *told] for cells, told in zip(piece, _columns(found), strict=True)
                )
                rows, flagged = rows + len(piece), flagged + int(found.flagged.sum())
                say(len(piece))
        except csv.Error as wrong:
            raise UnreadableFile(f"{path.name} line {reader.line_num}: {wrong}") from wrong
    return rows, flagged


def _records(reader: Any, column: str, name: str) -> tuple[list[str], Iterator[list[str]]]:
    """The header, and the rows with as many cells as it has."""
    header = next(reader, None)
    if header is None:
        raise UnreadableFile(f"{name} is empty")
    rows: Iterator[list[str]] = filter(None, reader)
    if column not in header:
        if len(header) > 1:
            known = ", ".join(header)
            raise UnreadableFile(f"{name}: no column {column!r}; there are {known}")
        # One column and no header: the first line is a text like the others.
        header, rows = [column], chain([header], rows)
    wide = len(header)
    return header, (c if len(c) == wide else (c + [""] * wide)[:wide] for c in rows)


def _coding(path: Path) -> str:
    """UTF-8 where the whole file is, else the national coding."""
    for coding in _CODINGS:
        try:
            with path.open(encoding=coding) as file:
                while file.read(1 << 20):
                    pass
            return coding
        except UnicodeDecodeError:
            continue
    return "utf-8-sig"


def _jsonl(path: Path, out: Path, column: str, say: Say) -> tuple[int, int]:
    rows = flagged = 0
    with (
        path.open(encoding="utf-8", errors="replace") as file,
        out.open("w", encoding="utf-8") as target,
    ):
        objects = _objects(file, column, path.name)
        while piece := list(islice(objects, PIECE)):
            found = check_many([str(row[column] or "") for row in piece])
            for row, told in zip(piece, _columns(found), strict=True):
                row |= zip(_COLUMNS, told, strict=True)
                line = json.dumps(row, ensure_ascii=False)
                target.write(line.encode("utf-8", "replace").decode() + "\n")
            rows, flagged = rows + len(piece), flagged + int(found.flagged.sum())
            say(len(piece))
    return rows, flagged


def _objects(lines: Iterator[str], column: str, name: str) -> Iterator[Row]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as wrong:
            raise UnreadableFile(f"{name} line {number} is no JSON: {wrong}") from wrong
        if not isinstance(row, dict) or column not in row:
            raise UnreadableFile(f"{name} line {number}: expected an object with {column!r}")
        yield row


def _parquet(path: Path, out: Path, column: str, say: Say) -> tuple[int, int]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as missing:
        raise UnreadableFile("parquet needs pyarrow: pip install 'fangxian[bulk]'") from missing
    rows = flagged = 0
    try:
        # Read through a small buffer: row groups are often larger than memory should be.
        file = pq.ParquetFile(path, buffer_size=1 << 20, pre_buffer=False)
        if column not in file.schema_arrow.names:
            known = ", ".join(file.schema_arrow.names)
            raise UnreadableFile(f"{path.name}: no column {column!r}; there are {known}")
        writer = None
        for piece in file.iter_batches(batch_size=PIECE, use_threads=False):
            found = check_many(piece.column(column).cast(pa.string()))
            table = pa.Table.from_batches([piece])
            for name, values in zip(_COLUMNS, found, strict=True):
                table = table.append_column(name, pa.array(values))
            writer = writer or pq.ParquetWriter(out, table.schema)
            writer.write_table(table)
            rows, flagged = rows + len(piece), flagged + int(found.flagged.sum())
            say(len(piece))
        if writer is None:
            raise UnreadableFile(f"{path.name} is empty")
        writer.close()
    except (pa.ArrowInvalid, OSError) as wrong:
        raise UnreadableFile(f"{path.name} is no parquet file: {wrong}") from wrong
    return rows, flagged


_KINDS: dict[str, Callable[[Path, Path, str, Say], tuple[int, int]]] = {
    ".csv": _csv, ".jsonl": _jsonl, ".parquet": _parquet,
}  # fmt: skip
