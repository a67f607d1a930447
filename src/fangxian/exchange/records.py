"""Rows of a csv, where a quotation mark that is never closed must not swallow the rows after it.

A quoted cell may hold line breaks, and so may a cell whose quotation mark is a typing error: then
everything down to the next quotation mark, or to the end of the file, looks like one cell. Rows
that vanish like this are people who are never rung. So a cell of several lines is believed only
where nothing speaks against it; else its quotation mark is an ordinary character of its line.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from .problems import UnreadableTable

_MOST_LINES_IN_A_CELL = 20
_SPACES = re.compile(r"[ \u3000]+")
_LONG_NUMBER = re.compile(r"\d{7,}")
csv.field_size_limit(1_000_000)


@dataclass
class Records:
    """The rows, and the 1-based numbers of those whose quotation marks were read as plain text."""

    rows: list[list[str]] = field(default_factory=list)
    open_quotes: list[int] = field(default_factory=list)


class _Lines:
    """Hands lines to the csv reader, and remembers where the row it is reading began."""

    def __init__(self, lines: list[str], start: int) -> None:
        self.lines, self.start, self.next = lines, start, start

    def __iter__(self) -> Iterator[str]:
        while self.next < len(self.lines):
            if self.next - self.start > _MOST_LINES_IN_A_CELL:
                raise csv.Error("a cell of too many lines")
            self.next += 1
            yield self.lines[self.next - 1]


def read_records(text: str, delimiter: str, width: int = 0) -> Records:
    """Cut `text` into rows of cells. `width` is how many cells most rows have, 0 if unknown.

    With the delimiter " " columns are set with spaces and nothing is quoted. Raises
    UnreadableTable for a cell no program writes (a million characters).
    """
    if delimiter == " ":
        return Records([_SPACES.split(line.strip()) for line in text.splitlines()])
    lines = list(io.StringIO(text, newline=""))
    records, at = Records(), 0
    while at < len(lines):
        at = _read_on(records, lines, at, delimiter, width)
    return records


def _read_on(records: Records, lines: list[str], at: int, delimiter: str, width: int) -> int:
    """Read rows from line `at` on until one is odd; that one as plain text. Returns the next line."""
    source = _Lines(lines, at)
    try:
        for row in csv.reader(source, delimiter=delimiter, strict=True):
            taken = lines[source.start : source.next]
            if len(taken) > 1 and _swallows(taken, len(row), delimiter, width):
                break
            records.rows.append(row)
            source.start = source.next
        else:
            return source.next
    except csv.Error:
        pass  # An open quote at the end, or text right behind a closing one.
    _read_plainly(records, lines[source.start], delimiter)
    return source.start + 1


def _swallows(taken: list[str], cells: int, delimiter: str, width: int) -> bool:
    """Whether later lines of one row are rows themselves: as wide as the others, and with a long
    number, or inside a row of a wrong width."""
    return any(
        line.count(delimiter) + 1 >= width > 1 and (cells != width or _LONG_NUMBER.search(line))
        for line in taken[1:]
    )


def _read_plainly(records: Records, line: str, delimiter: str) -> None:
    """One line by itself. A quoted cell with stray text behind it keeps its quoting; where quotation
    marks do not pair they are plain characters, and the row is named."""
    try:
        if line.count('"') % 2 == 0:
            records.rows += csv.reader([line], delimiter=delimiter)
            return
        records.rows += csv.reader([line], delimiter=delimiter, quoting=csv.QUOTE_NONE)
    except csv.Error as error:
        raise UnreadableTable("file_damaged") from error
    records.open_quotes.append(len(records.rows))
