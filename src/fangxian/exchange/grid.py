"""A sheet before anybody knows what its rows mean: cells, merged ranges, and row numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .cells import Cell, Row, is_blank
from .problems import Problem, UnreadableTable

MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = 100_000
MAX_COLUMNS = 300
# Rows times columns of one sheet. A list of 100,000 people with 50 columns still fits; a stray
# character in the last cell of a sheet, which would ask for 17 thousand million cells, does not.
MAX_CELLS = 5_000_000


@dataclass(frozen=True)
class Merged:
    """A merged range, in grid positions, both ends included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass
class Grid:
    """Rows of equal width. `numbers` are the sender's own row numbers, 1-based.

    `first_column` is the sheet column (0 = A) at which the grid begins.
    """

    rows: list[Row]
    numbers: list[int]
    first_column: int = 0
    merged: list[Merged] = field(default_factory=list)
    sheet: str = ""
    encoding: str = ""
    delimiter: str = ""
    date_1904: bool = False
    warnings: list[Problem] = field(default_factory=list)

    @property
    def width(self) -> int:
        return len(self.rows[0]) if self.rows else 0


def squared(rows: Sequence[Sequence[Cell]]) -> list[Row]:
    """Rows of equal width, without blank rows at the end and blank columns at the right.

    Raises UnreadableTable where nothing is left or too much is.
    """
    used, width = 0, 0
    for index, row in enumerate(rows):
        for column in range(len(row) - 1, -1, -1):
            if not is_blank(row[column]):
                used, width = index + 1, max(width, column + 1)
                break
    if not used:
        raise UnreadableTable("file_blank")
    if used > MAX_ROWS + 100:
        raise UnreadableTable("file_rows", rows=used, most=MAX_ROWS)
    if width > MAX_COLUMNS:
        raise UnreadableTable("file_columns", columns=width, most=MAX_COLUMNS)
    return [[*row[:width], *[""] * (width - len(row))] for row in rows[:used]]


def column_letters(index: int) -> str:
    """0 -> A, 25 -> Z, 26 -> AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
