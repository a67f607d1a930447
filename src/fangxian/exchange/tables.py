"""Any table a sender hands in, as one clean `Table`: rows, labels, and the sender's row numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property

from . import delimited, workbooks
from .cells import Cell, Row, cell_text, is_blank
from .characters import tidy
from .grid import MAX_BYTES, MAX_ROWS, Grid, column_letters
from .headers import Header, find_header, no_data
from .problems import Problem, UnreadableTable

__all__ = ["MAX_BYTES", "MAX_ROWS", "Cell", "Table", "UnreadableTable", "cell_text"]
__all__ += ["read_pasted", "read_table"]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FOREIGN = (
    (b"%PDF", "file_pdf"),
    (b"{\\rtf", "file_document"),
    (b"\x89PNG", "file_picture"),
    (b"\xff\xd8\xff", "file_picture"),
    (b"GIF8", "file_picture"),
    (b"Rar!", "file_archive"),
    (b"7z\xbc\xaf", "file_archive"),
    (b"\x1f\x8b", "file_archive"),
)


@dataclass(frozen=True)
class Table:
    """A list as its sender wrote it, ready to be mapped.

    `rows` are as long as `header`; cells merged downwards are filled. `row_numbers` are those the
    sender's own program shows, 1-based, one per row. `header` may hold the same text twice and ""
    for a column without one; it is 列A, 列B … where `has_header` is False. `title` holds the lines
    above the header, `warnings` what was skipped or looks odd, `sheets` all sheets with rows where
    the workbook has several.
    """

    header: list[str]
    rows: list[Row]
    row_numbers: list[int]
    has_header: bool = True
    title: list[str] = field(default_factory=list)
    sheet: str = ""
    sheets: list[str] = field(default_factory=list)
    encoding: str = ""
    delimiter: str = ""
    date_1904: bool = False
    first_column: int = 0
    warnings: list[Problem] = field(default_factory=list)

    @cached_property
    def keys(self) -> list[str]:
        """A unique name per column, the same for every list of the same shape: 电话, 电话 #2, 列C."""
        seen: Counter[str] = Counter()
        keys = []
        for index, label in enumerate(self.header):
            name = label or f"列{column_letters(self.first_column + index)}"
            seen[name] += 1
            keys.append(name if seen[name] == 1 else f"{name} #{seen[name]}")
        return keys

    def text(self, row: int, column: int) -> str:
        """A cell as its sender sees it; `row` is the position in `rows`, not the row number."""
        return cell_text(self.rows[row][column])

    def samples(self, column: int, count: int = 3) -> list[str]:
        """The first `count` different texts of a column, to show beside its guess."""
        found: dict[str, None] = {}
        for row in self.rows[:500]:
            if text := tidy(cell_text(row[column])):
                found[text] = None
            if len(found) == count:
                break
        return list(found)


def read_table(data: bytes, filename: str = "", sheet: str = "") -> Table:
    """Read a file that was handed in. What it is, is told by its content, whatever its name.

    xlsx; csv in UTF-8, UTF-16 or GB18030 with comma, semicolon, tab or bar. At most `MAX_BYTES`
    and `MAX_ROWS`. The name only helps to say what an unreadable file is. Of several sheets the
    one called `sheet` is read, else the one that looks most like a list. Raises UnreadableTable,
    and nothing else, with what the sender can do.
    """
    with _only_unreadable():
        _refuse_foreign(data, filename.lower())
        if data.startswith(b"PK"):
            return _best(workbooks.read_workbook(data), sheet)
        return _best([delimited.read_delimited(data)])


def read_pasted(text: str) -> Table:
    """Read a table pasted from a spreadsheet, or typed with commas or spaces between columns.

    Raises UnreadableTable, and nothing else.
    """
    with _only_unreadable():
        if len(text) > MAX_BYTES // 2:
            raise UnreadableTable("file_size", most=MAX_BYTES >> 20)
        if not text.strip():
            raise UnreadableTable("file_blank")
        return _best([delimited.read_text(text)])


@contextmanager
def _only_unreadable() -> Iterator[None]:
    """Whatever a damaged file does to a parser, its sender gets one kind of answer."""
    try:
        yield
    except UnreadableTable:
        raise
    except Exception as error:
        if type(error).__name__ == "PasswordError":
            raise UnreadableTable("file_password") from error
        raise UnreadableTable("file_damaged") from error
    except BaseException as error:
        # A panic of the Rust parser is no Exception; the process is sound and may go on.
        if type(error).__name__ != "PanicException":
            raise
        raise UnreadableTable("file_damaged") from error


def _refuse_foreign(data: bytes, filename: str) -> None:
    """Files that are no tables are named, so that the answer can say what to do with them."""
    if len(data) > MAX_BYTES:
        raise UnreadableTable("file_size", most=MAX_BYTES >> 20)
    if not data.strip(b" \t\r\n\0"):
        raise UnreadableTable("file_blank")
    for magic, code in _FOREIGN:
        if data.startswith(magic):
            raise UnreadableTable(code)
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise UnreadableTable("file_password")
        is_text = "WordDocument".encode("utf-16-le") in data or filename.endswith((".doc", ".wps"))
        raise UnreadableTable("file_document" if is_text else "file_xls")
    head = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<!doctype html", b"<html", b"<table", b"<?xml")):
        raise UnreadableTable("file_web_page")


def _best(grids: Iterable[Grid], wanted: str = "") -> Table:
    """The table of the sheet called `wanted`, else of the one that looks most like a list; the
    others are named in a warning.

    Known words above the columns count first: a long table of something else is no list.
    """
    best: Table | None = None
    best_score = (False, -1, -1)
    sheets: list[str] = []
    for grid in grids:
        if not grid.rows:
            continue
        header = find_header(grid)
        table = _table(grid, header)
        if table.rows:
            sheets.append(table.sheet)
        score = (table.sheet == wanted != "", header.words, len(table.rows))
        if best is None or (bool(table.rows), *score) > (bool(best.rows), *best_score):
            best, best_score = table, score
    if best is None:
        raise UnreadableTable("file_blank")
    if not best.rows:
        raise UnreadableTable("file_no_rows")
    if len(best.rows) > MAX_ROWS:
        raise UnreadableTable("file_rows", rows=len(best.rows), most=MAX_ROWS)
    if len(sheets) > 1:
        best.sheets.extend(sheets)
        others = [name for name in sheets if name != best.sheet]
        params = {"sheet": best.sheet, "others": "、".join(others[:10])}
        best.warnings.append(Problem("file_other_sheets", params=params))
    return best


def _table(grid: Grid, header: Header) -> Table:
    _fill_down(grid, header.first_data)
    wide = {m.top for m in grid.merged if m.right - m.left >= 2}
    rows, numbers, skipped = [], [], Counter[str]()
    for index in range(header.first_data, len(grid.rows)):
        row = grid.rows[index]
        if why := no_data(row, header, wide=index in wide):
            skipped[why] += 1
            continue
        rows.append(row)
        numbers.append(grid.numbers[index])
    warnings = list(grid.warnings)
    if not header.found:
        warnings.append(Problem("file_no_header"))
    warnings += [
        Problem(f"file_skipped_{why}", params={"count": skipped[why]})
        for why in ("total", "header", "blank")
        if skipped[why]
    ]
    return Table(
        header=header.labels,
        rows=rows,
        row_numbers=numbers,
        has_header=header.found,
        title=header.title,
        sheet=grid.sheet,
        encoding=grid.encoding,
        delimiter=grid.delimiter,
        date_1904=grid.date_1904,
        first_column=grid.first_column,
        warnings=warnings,
    )


def _fill_down(grid: Grid, first_data: int) -> None:
    """A cell merged over several people holds for each of them (the village beside its rows).

    Only downwards: a text merged across columns belongs to the first of them.
    """
    for merged in grid.merged:
        if merged.bottom <= merged.top or merged.bottom < first_data:
            continue
        if merged.left >= grid.width or merged.top >= len(grid.rows):
            continue
        value = grid.rows[merged.top][merged.left]
        for row in grid.rows[max(merged.top + 1, first_data) : merged.bottom + 1]:
            if is_blank(row[merged.left]):
                row[merged.left] = value
