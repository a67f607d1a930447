"""Sheets of an .xlsx workbook. The archive is looked through before the parser may open it.

The parser (calamine) lays a sheet out as one dense block and trusts what the file says about
itself; a small hostile file could ask it for more memory than any machine has, which ends the
process rather than raising an error. So sizes are checked here first, by reading everything once.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from typing import IO

from python_calamine import (
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from .cells import Cell
from .characters import without_control
from .grid import MAX_CELLS, Grid, Merged, squared
from .problems import Problem, UnreadableTable

MAX_UNPACKED = 400 * 1024 * 1024
_MAX_ENTRIES = 2000
_CHUNK = 1 << 20
_ATTRIBUTES = rb"""((?:\s+[\w:.-]++\s*=\s*(?:"[^"]*+"|'[^']*+'))*+)"""
_TAG = re.compile(rb"<(?:\w+:)?(row|c)(?=[\s/>])" + _ATTRIBUTES + rb"\s*(/?)>")
_TAG_START = re.compile(rb"<(?:\w+:)?(?:row|c)(?=[\s/>])")
_REFERENCE = re.compile(rb"""\br\s*=\s*["']([A-Z]{0,4})(\d{1,9})["']""")
_IS_ERROR = re.compile(rb"""\bt\s*=\s*["']e["']""")
_SHARED = re.compile(rb"""\bt\s*=\s*["']s["'][^>]*>\s*<(?:\w+:)?v>(\d+)<""")
_DATE_1904 = re.compile(rb"""\bdate1904\s*=\s*["'](?:1|true)["']""")
_LONGEST_CELL = 32_767  # Excel's own limit of characters in a cell


@dataclass
class _Extent:
    """How far the cells with content of one sheet reach, 1-based, and how many there are."""

    rows: int = 0
    columns: int = 0
    cells: int = 0
    errors: list[str] = field(default_factory=list)


@dataclass
class _Findings:
    date_1904: bool = False
    errors: list[str] = field(default_factory=list)


def read_workbook(data: bytes) -> Iterator[Grid]:
    """The sheets that hold anything, in the workbook's order; hidden ones only if all are hidden.

    Raises UnreadableTable for an archive that is damaged, too large, or no workbook.
    """
    findings = _look_through(data)
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    sheets = [s for s in book.sheets_metadata if s.typ == SheetTypeEnum.WorkSheet]
    visible = [s for s in sheets if s.visible == SheetVisibleEnum.Visible] or sheets
    warnings = []
    if findings.errors:
        first, count = findings.errors[0], len(findings.errors)
        warnings = [Problem("file_error_cells", params={"first": first, "count": count})]
    for metadata in visible:
        sheet = book.get_sheet_by_name(metadata.name)
        if sheet.start is not None:
            yield _grid(sheet, findings.date_1904, warnings)


def _grid(sheet: CalamineSheet, date_1904: bool, warnings: list[Problem]) -> Grid:
    top, left = sheet.start or (0, 0)
    rows: list[list[Cell]] = [[_cell(c) for c in row] for row in sheet.to_python()]
    try:
        rows = squared(rows)
    except UnreadableTable as error:
        if error.problem.code != "file_blank":
            raise
        rows = []
    merged = [
        Merged(r0 - top, c0 - left, r1 - top, c1 - left)
        for (r0, c0), (r1, c1) in sheet.merged_cell_ranges or []
        if r0 >= top and c0 >= left
    ]
    return Grid(
        rows=rows,
        numbers=[top + 1 + i for i in range(len(rows))],
        first_column=left,
        merged=merged,
        sheet=sheet.name,
        date_1904=date_1904,
        warnings=list(warnings),
    )


def _cell(value: Cell | timedelta) -> Cell:
    if isinstance(value, str):
        return without_control(value) if not value.isprintable() else value
    if isinstance(value, timedelta):
        # A duration such as 30:00:00; no field of ours is one, so its text is all that is needed.
        return str(value)
    return value


# --- looking through the archive ----------------------------------------------------------------


def _look_through(data: bytes) -> _Findings:
    """Read every entry once: real sizes, no lies, no sheet that would need too much memory."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        names = [entry.filename for entry in entries]
        if "xl/workbook.xml" not in names:
            raise UnreadableTable("file_not_workbook")
        if len(entries) > _MAX_ENTRIES or len(set(names)) != len(names):
            raise UnreadableTable("file_damaged")
        if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
            raise UnreadableTable("file_bomb", most=MAX_UNPACKED >> 20)
        findings = _Findings()
        extents: dict[str, _Extent] = {}
        strings: list[int] = []
        for entry in entries:
            with archive.open(entry) as stream:
                if entry.filename.startswith("xl/worksheets/") and entry.filename.endswith(".xml"):
                    extents[entry.filename] = _extent(stream)
                elif entry.filename.lower() == "xl/sharedstrings.xml":
                    strings = _lengths(stream.read())
                elif entry.filename == "xl/workbook.xml":
                    findings.date_1904 = bool(_DATE_1904.search(stream.read()))
                else:
                    # Read to the end all the same: that is where a false size shows (CRC).
                    while stream.read(_CHUNK):
                        pass
        for extent in extents.values():
            findings.errors += extent.errors
        _refuse_repeated_strings(archive, extents, strings)
    return findings


def _extent(stream: IO[bytes]) -> _Extent:
    """How far the content reaches; raises UnreadableTable where that is too far."""
    extent, row, column, rest = _Extent(), 0, 0, b""
    while True:
        chunk = stream.read(_CHUNK)
        text = rest + chunk
        # The last tag may be cut in two: leave it for the next round.
        cut = text.rfind(b"<") if chunk else len(text)
        ready, rest = text[: max(cut, 0)], text[max(cut, 0) :]
        if len(rest) > 8 * _CHUNK:
            raise UnreadableTable("file_damaged")
        matched, has_errors = 0, bool(_IS_ERROR.search(ready))
        for tag in _TAG.finditer(ready):
            matched += 1
            name, attributes, closed = tag.groups()
            reference = _REFERENCE.search(attributes)
            if name == b"row":
                row, column = int(reference.group(2)) if reference else row + 1, 0
                continue
            column = _column_number(reference.group(1)) if reference else column + 1
            if closed:
                continue
            extent.cells += 1
            row = int(reference.group(2)) if reference else row
            if row > extent.rows:
                extent.rows = row
            if column > extent.columns:
                extent.columns = column
            if has_errors and reference and _IS_ERROR.search(attributes):
                extent.errors.append((reference.group(1) + reference.group(2)).decode())
        if matched != sum(1 for _ in _TAG_START.finditer(ready)):
            raise UnreadableTable("file_damaged")
        if extent.rows * extent.columns > MAX_CELLS:
            raise UnreadableTable("file_reach", row=extent.rows, columns=extent.columns)
        if not chunk:
            return extent


@lru_cache(maxsize=1024)
def _column_number(letters: bytes) -> int:
    """A -> 1, AA -> 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _lengths(shared_strings: bytes) -> list[int]:
    """Bytes each shared string takes, markup included."""
    ends = [m.end() for m in re.finditer(rb"</(?:\w+:)?si>|<(?:\w+:)?si\s*/>", shared_strings)]
    return [end - start for start, end in zip([0, *ends], ends, strict=False)]


def _refuse_repeated_strings(
    archive: zipfile.ZipFile, extents: dict[str, _Extent], strings: list[int]
) -> None:
    """One long text used by many cells is copied for each: count what that would take."""
    longest = max(strings, default=0)
    if longest * sum(e.cells for e in extents.values()) <= MAX_UNPACKED:
        return
    total = 0
    for name in extents:
        for match in _SHARED.finditer(archive.read(name)):
            index = int(match.group(1))
            total += strings[index] if index < len(strings) else 0
            if total > MAX_UNPACKED:
                raise UnreadableTable("file_bomb", most=MAX_UNPACKED >> 20)
