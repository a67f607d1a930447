"""A csv: whose first row may be a header or not, with whatever mark between the cells."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path

from ..kinds import Words
from .opening import LONGEST_LINE, Lines, UnreadableFile
from .pieces import ADDED, Counted, Say, judged, listed, place_of, refuse_checked

# Python's limit of 131,072 characters a cell is for all of the process; it is only ever raised.
csv.field_size_limit(max(csv.field_size_limit(), LONGEST_LINE))
# Excel's first line that says what stands between cells.
_TOLD = re.compile(r'"?sep=(.)"?[\r\n]*', re.IGNORECASE)
_BETWEEN = (",", "\t", ";")
# What no name of a column has: a number of five digits, or so many characters.
_NO_NAME = re.compile(r"\d{5}|.{31}", re.DOTALL)
# Rows by which the column of texts of a csv without a header is told.
_SAMPLE = 100

Cells = list[str]


def check_csv(path: Path, out: Path, column: str | None, say: Say) -> Counted:
    """Write the csv again with ADDED behind its columns, in UTF-8 with its mark, which Excel reads."""
    lines, counted = Lines(path), Counted()
    try:
        with out.open("w", encoding="utf-8-sig", newline="") as target:
            rows, between = _rows(lines, column)
            first = next(rows, None)
            if first is None:
                raise UnreadableFile(f"{path.name} is empty")
            header, text_at, rows = _taken(first, rows, column, path.name, counted)
            writer = csv.writer(target)
            writer.writerow([*header, *ADDED])
            told = (
                (cells, cells[text_at], sum(map(len, cells)))
                for cells in _filled(rows, len(header), text_at, between, lines)
            )
            writer.writerows([*cells, *added] for cells, added in judged(told, counted, say))
    except csv.Error as wrong:
        raise UnreadableFile(f"{path.name} line {lines.number}: {wrong}") from wrong
    if lines.damaged:
        counted.notes.append(
            Words(
                f"有 {lines.damaged} 行含有无法识别的字节（既不是 UTF-8 也不是 GB18030），已显示为 \ufffd",
                f"{lines.damaged} lines hold bytes that are neither UTF-8 nor GB 18030, "
                "written as \ufffd",
            )
        )
    return counted


def _rows(lines: Lines, column: str | None) -> tuple[Iterator[Cells], str]:
    """The rows that are not blank, and what stands between cells."""
    source = iter(lines)
    start = next(source, "")
    told = _TOLD.fullmatch(start)
    if told:
        start = next(source, "")
    between = told[1] if told else _between(start, column)
    reader = csv.reader(chain([start] if start else [], source), delimiter=between)
    return (cells for cells in _closed(reader, lines) if cells), between


def _between(line: str, column: str | None) -> str:
    """The mark by which the column is there; else a tab where there is no comma."""
    for mark in _BETWEEN:
        names = next(csv.reader([line], delimiter=mark), [])
        if len(names) > 1 and place_of(names, column) is not None:
            return mark
    return "\t" if "\t" in line and "," not in line else ","


def _closed(reader: Iterator[Cells], lines: Lines) -> Iterator[Cells]:
    """The rows; one that only the end of the file ended has a quotation mark that is not closed."""
    began = lines.number
    for cells in reader:
        if lines.ended:
            raise UnreadableFile(
                f"{lines.path.name}: the row that begins in line {began} has a quotation mark that "
                'is never closed; delete it, or write it twice ("")'
            )
        yield cells
        began = lines.number + 1


def _taken(
    first: Cells, rows: Iterator[Cells], column: str | None, name: str, counted: Counted
) -> tuple[Cells, int, Iterator[Cells]]:
    """The names of the columns, which of them is the text, and the rows with texts.

    A first row in which the column is not named is a row like the others where there is but one
    column, where the column is said by its place, or where it cannot be names.
    """
    at = place_of(first, column)
    if at is not None:
        refuse_checked(first, name)
        if (times := sum(cell.strip() == first[at].strip() for cell in first)) > 1:
            counted.notes.append(
                Words(
                    f"有 {times} 列都叫“{first[at]}”，判断的是第 {at + 1} 列",
                    f"{times} columns are called {first[at]!r}; column {at + 1} was judged",
                )
            )
        return first, at, rows
    sample = [first, *islice(rows, _SAMPLE - 1)]
    rows = chain(sample, rows)
    if column is not None and column.isascii() and column.isdigit():
        at = int(column[:9]) - 1
        if not 0 <= at < len(first):
            raise UnreadableFile(f"{name}: no column {column}; there are {len(first)}")
    elif len(first) == 1:
        at = 0
    elif column is None and any(_NO_NAME.search(cell) for cell in first):
        at = max(range(len(first)), key=lambda i: sum(len(c[i]) for c in sample if i < len(c)))
    else:
        raise UnreadableFile(
            f"{name}: no column {column or 'text'!r}; there are {listed(first)}. "
            "Say which by --column NAME; or, where the first row is no header, by its place: "
            "--column 2"
        )
    counted.notes.append(
        Words(
            f"没有标题行，判断的是第 {at + 1} 列",
            f"there is no header; column {at + 1} was judged",
        )
    )
    header = [f"column_{i + 1}" for i in range(len(first))]
    header[at] = column if column and not column.isdigit() else "text"
    return header, at, rows


def _filled(
    rows: Iterator[Cells], width: int, text_at: int, between: str, lines: Lines
) -> Iterator[Cells]:
    """Rows as wide as the header. A comma too many, where the text is last, is one in the text."""
    for cells in rows:
        while len(cells) > width and not cells[-1]:
            cells.pop()
        if len(cells) > width:
            if text_at != width - 1:
                raise UnreadableFile(
                    f"{lines.path.name} line {lines.number}: {len(cells)} cells, expected {width}; "
                    f"a text with {between!r} in it stands in quotation marks"
                )
            cells = [*cells[: width - 1], between.join(cells[width - 1 :])]
        yield cells + [""] * (width - len(cells))
