"""Tables out: exports, the rows that could not be used, and answers in the sender's own columns.

Formula injection: a cell that begins with = + - @ is run by a spreadsheet when it opens a csv.
In xlsx every text is written as a text cell, which is never run, so it stays exactly as it was. In
csv such a text gets an apostrophe in front, which spreadsheets show or hide but do not run; plain
numbers with a sign (+8612000001234, -3.5) run to themselves and stay as they are.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from itertools import islice
from typing import Literal

import xlsxwriter

from .cells import cell_text
from .characters import plain, without_control
from .problems import Language, Problem
from .tables import Table

Format = Literal["xlsx", "csv"]
CONTENT_TYPE: Mapping[Format, str] = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
_REASON: Mapping[Language, str] = {"zh": "原因", "en": "Reason"}
_RUNS = re.compile(r"[\s]*[=+\-@\t\r]")
_SIGNED_NUMBER = re.compile(r"[+-][\d][\d ().-]*")
_LONGEST_CELL = 32_767
_BAD_SHEET_NAME = re.compile(r"[\[\]:*?/\\]")
_NARROWEST, _WIDEST = 6, 48
_MEASURED_ROWS = 200


def write_bad_rows(
    table: Table,
    problems_by_row: Mapping[int, Sequence[Problem]],
    language: Language,
    format: Format,  # noqa: A002  the word of the trade
) -> bytes:
    """The rows of `table` named in `problems_by_row` (by the sender's row number), as they were
    written, with one more column that says why. The file can be corrected and handed in again."""
    rows = (
        [*map(cell_text, row), _sentences(problems_by_row[number], language)]
        for number, row in zip(table.row_numbers, table.rows, strict=True)
        if number in problems_by_row
    )
    header = [*table.header, _unused(_REASON[language], table.header)]
    return write_table(header, rows, table.sheet or _REASON[language], format)


def _sentences(problems: Sequence[Problem], language: Language) -> str:
    return ("；" if language == "zh" else "; ").join(p.say(language) for p in problems)


def write_with_columns_added(
    table: Table,
    added: Mapping[str, Sequence[str]],
    format: Format,  # noqa: A002
) -> bytes:
    """The sender's own list with columns added at the right, for the answer to the sender.

    Each sequence of `added` has one text per row of `table`. Raises ValueError otherwise.
    """
    for label, texts in added.items():
        if len(texts) != len(table.rows):
            raise ValueError(f"{label}: {len(texts)} texts for {len(table.rows)} rows")
    rows = (
        [*map(cell_text, row), *(texts[index] for texts in added.values())]
        for index, row in enumerate(table.rows)
    )
    header = [*table.header, *(_unused(label, table.header) for label in added)]
    return write_table(header, rows, table.sheet, format)


def _unused(label: str, header: Sequence[str]) -> str:
    """`label`, or `label 2` … where the sender's list has such a column (a corrected file)."""
    candidate, count = label, 1
    while candidate in header:
        count += 1
        candidate = f"{label} {count}"
    return candidate


def write_table(
    header: Sequence[str],
    rows: Iterable[Sequence[object]],
    sheet_title: str,
    format: Format,  # noqa: A002
) -> bytes:
    """A table as a file: xlsx with a frozen bold header and fitting widths, or csv in UTF-8 with a
    byte-order mark, which spreadsheets need to tell it from GB18030.

    Texts stay texts (leading zeros and long numbers survive); int and float become numbers; None is
    empty; aware datetimes must already be in the reader's zone and are written without it. `rows`
    is consumed once.
    """
    return _csv(header, rows) if format == "csv" else _xlsx(header, rows, sheet_title)


def _csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([_harmless(label) for label in header])
    for row in rows:
        writer.writerow([_harmless(_shown(value)) for value in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", "replace")


def _harmless(text: str) -> str:
    """`text` so that no spreadsheet runs it when it opens a csv."""
    text = without_control(text)
    # Chinese and Japanese spreadsheets also run the full-width ＝.
    if _RUNS.match(half := plain(text)) and not _SIGNED_NUMBER.fullmatch(half):
        return "'" + text
    return text


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, (datetime, time)):
        value = value.replace(tzinfo=None)
    if isinstance(value, (str, int, float, bool, date, time)):
        return cell_text(value)
    return str(value)


def _xlsx(header: Sequence[str], rows: Iterable[Sequence[object]], sheet_title: str) -> bytes:
    out = io.BytesIO()
    # In memory: a temporary file would hold personal data in clear, if only for a moment.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet(_BAD_SHEET_NAME.sub(" ", sheet_title).strip("' ")[:31] or None)
        bold = book.add_format({"bold": True, "bg_color": "#E8EEF4", "num_format": "@"})
        text_format = book.add_format({"num_format": "@"})
        sheet.freeze_panes(1, 0)
        first, rest = _first_rows(rows)
        for column, width in enumerate(_widths(header, first)):
            sheet.set_column(column, column, width)
        for column, label in enumerate(header):
            sheet.write_string(0, column, _fits(label), bold)
        number = 0
        for part in (first, rest):
            for row in part:
                number += 1
                for column, value in enumerate(row):
                    if isinstance(value, (int, float)) and not isinstance(value, bool):
                        sheet.write_number(number, column, value)
                    elif text := _shown(value):
                        sheet.write_string(number, column, _fits(text), text_format)
    return out.getvalue()


def _fits(text: str) -> str:
    """`text` as a cell may hold it: no control or broken characters, Excel's own length limit."""
    return without_control(text).encode("utf-8", "replace").decode()[:_LONGEST_CELL]


def _first_rows(
    rows: Iterable[Sequence[object]],
) -> tuple[list[Sequence[object]], Iterable[Sequence[object]]]:
    """Enough rows to measure the columns by, and the rest, still unread."""
    rest = iter(rows)
    return list(islice(rest, _MEASURED_ROWS)), rest


def _widths(header: Sequence[str], rows: list[Sequence[object]]) -> list[int]:
    """Column widths in characters, a Chinese character counting two."""
    widths = [_width(label) for label in header]
    for row in rows:
        for column, value in enumerate(row[: len(widths)]):
            widths[column] = max(widths[column], _width(_shown(value)))
    return [min(max(width + 2, _NARROWEST), _WIDEST) for width in widths]


def _width(text: str) -> int:
    return max(
        (sum(2 if ord(c) > 0x2E7F else 1 for c in line) for line in text.splitlines()), default=0
    )
