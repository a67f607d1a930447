"""Lists made by hand for the tests: workbooks with openpyxl, an independent writer, and csv."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from fangxian.exchange.tables import Table

PLAIN_HEADER = ["姓名", "电话", "住址"]


def workbook(
    rows: Iterable[Sequence[Any]],
    merge: Sequence[str] = (),
    change: Callable[[Worksheet], None] | None = None,
) -> bytes:
    """One sheet 名单 with `rows` from A1 on, ranges merged, and then changed."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "名单"
    for row in rows:
        sheet.append(list(row))
    for cells in merge:
        sheet.merge_cells(cells)
    if change:
        change(sheet)
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_entry(data: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The archive `data` with one entry changed (made, if it is not there)."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in old.namelist():
            if entry != name:
                new.writestr(entry, old.read(entry))
        before = old.read(name) if name in old.namelist() else b""
        new.writestr(name, change(before))
    return out.getvalue()


def texts(table: Table) -> list[list[str]]:
    """All rows as their sender sees them."""
    return [[table.text(i, c) for c in range(len(table.header))] for i in range(len(table.rows))]
