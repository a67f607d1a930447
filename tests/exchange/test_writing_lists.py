"""Tables out: exactly what the sender wrote, nothing a spreadsheet would run, reasons readable."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime

import openpyxl
import pytest
from handmade import texts, workbook
from hypothesis import given, settings
from hypothesis import strategies as st

from fangxian.exchange.problems import Problem
from fangxian.exchange.tables import Table, read_table
from fangxian.exchange.writing import (
    Format,
    write_bad_rows,
    write_table,
    write_with_columns_added,
)

FORMATS: tuple[Format, ...] = ("xlsx", "csv")
EVERY_FORMAT = pytest.mark.parametrize("file_format", FORMATS)
SHORT = Problem("phone_length", "电话", "138001", {"digits": 6})
ROWS = [
    ["姓名", "电话", "身份证号", "住址"],
    ["王芳", "12000000001", "", "海兰村"],
    ["李强", "138001", "0012", "=1+1"],
    ["张伟", "023-00001234", "", "@海兰村"],
]


def a_list() -> Table:
    """The list as it was handed in; text cells, so that =1+1 is a text and no formula."""
    return read_table("\n".join(",".join(row) for row in ROWS).encode())


def cells(data: bytes, file_format: Format) -> list[list[str]]:
    """What is in the file, read without our own reader."""
    if file_format == "csv":
        assert data.startswith(b"\xef\xbb\xbf")
        return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    return [["" if c.value is None else str(c.value) for c in row] for row in sheet.rows]


@EVERY_FORMAT
def test_bad_rows_come_back_in_the_sender_s_columns_with_a_reason(file_format: Format) -> None:
    data = write_bad_rows(a_list(), {3: [SHORT, Problem("row_no_contact")]}, "zh", file_format)
    header, row = cells(data, file_format)
    assert header == ["姓名", "电话", "身份证号", "住址", "原因"]
    assert row[:3] == ["李强", "138001", "0012"]
    assert row[4] == (
        "“电话”：138001 只有 6 位，应为 11 位手机号或带区号的座机；没有可用的电话，也没有姓名加住址，找不到人"
    )


@EVERY_FORMAT
def test_the_reason_is_in_the_reader_s_language(file_format: Format) -> None:
    header, row = cells(write_bad_rows(a_list(), {3: [SHORT]}, "en", file_format), file_format)
    assert header[-1] == "Reason"
    assert row[-1].startswith("“电话”: 138001 has only 6 digits")


@EVERY_FORMAT
def test_a_corrected_file_can_be_handed_in_again_and_fail_again(file_format: Format) -> None:
    once = read_table(write_bad_rows(a_list(), {3: [SHORT]}, "zh", file_format))
    assert once.header[-1] == "原因"
    twice = read_table(write_bad_rows(once, {2: [SHORT]}, "zh", file_format))
    assert twice.header[-2:] == ["原因", "原因 2"]
    assert texts(twice)[0][:3] == ["李强", "138001", "0012"]


def test_in_xlsx_a_text_like_a_formula_is_a_text() -> None:
    book = openpyxl.load_workbook(io.BytesIO(write_bad_rows(a_list(), {3: [SHORT]}, "zh", "xlsx")))
    cell = book.worksheets[0]["D2"]
    assert (cell.value, cell.data_type, cell.number_format) == ("=1+1", "s", "@")


@pytest.mark.parametrize(
    "text",
    ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3+cmd", "\t=1+1", " =1+1", "＝1+1", "＠SUM(A1)"],
)
def test_in_csv_a_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    (row,) = cells(write_table(["a"], [[text]], "", "csv"), "csv")[1:]
    assert row == ["'" + text]


@pytest.mark.parametrize(
    "text", ["+8612000000001", "+86 120-0000-0001", "＋８６　12000000001", "-3.5", "海兰村=1组"]
)
def test_in_csv_a_phone_with_its_plus_stays_as_it_is(text: str) -> None:
    (row,) = cells(write_table(["a"], [[text]], "", "csv"), "csv")[1:]
    assert row == [text]


def test_a_header_cannot_smuggle_a_formula_either() -> None:
    assert cells(write_table(["=HYPERLINK(1)"], [], "", "csv"), "csv") == [["'=HYPERLINK(1)"]]


@EVERY_FORMAT
def test_leading_zeros_and_long_numbers_survive(file_format: Format) -> None:
    row = ["0230000123", "990101195803071234", "00210 0000 0001"]
    assert cells(write_table(["a", "b", "c"], [row], "表", file_format), file_format)[1] == row


@EVERY_FORMAT
def test_numbers_dates_and_nothing_are_written_as_what_they_are(file_format: Format) -> None:
    row = [3, 2.5, None, date(2026, 3, 5), datetime(2026, 3, 5, 14, 30, tzinfo=UTC), True]
    written = cells(write_table(list("abcdef"), [row], "表", file_format), file_format)[1]
    assert written == ["3", "2.5", "", "2026-03-05", "2026-03-05 14:30", "TRUE"]


@EVERY_FORMAT
def test_the_answer_to_a_sender_is_its_own_list_with_columns_added(file_format: Format) -> None:
    added = {"劝阻结果": ["已劝阻", "", "见面"], "劝阻时间": ["2026-11-02", "", ""]}
    table = read_table(write_with_columns_added(a_list(), added, file_format))
    assert table.header == ["姓名", "电话", "身份证号", "住址", "劝阻结果", "劝阻时间"]
    assert [row[4] for row in texts(table)] == ["已劝阻", "", "见面"]


def test_a_column_that_does_not_fit_the_list_is_refused() -> None:
    with pytest.raises(ValueError, match="劝阻结果: 1 texts for 3 rows"):
        write_with_columns_added(a_list(), {"劝阻结果": ["已劝阻"]}, "xlsx")


def test_rows_may_be_an_iterator_that_is_read_once() -> None:
    rows = ([str(number)] for number in range(500))
    assert len(cells(write_table(["n"], rows, "表", "xlsx"), "xlsx")) == 501


@pytest.mark.parametrize("title", ["", "a/b:c*d?[e]\\", "'", "名单" * 40, "History"])
def test_any_title_makes_a_sheet(title: str) -> None:
    assert cells(write_table(["n"], [["1"]], title, "xlsx"), "xlsx") == [["n"], ["1"]]


def test_the_header_is_frozen_and_columns_fit_their_texts() -> None:
    data = write_table(["姓名", "住址"], [["王芳", "海兰村1组1号院左侧第二间"]], "表", "xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    assert sheet.freeze_panes == "A2"
    assert sheet.column_dimensions["B"].width > sheet.column_dimensions["A"].width


TEXTS = st.text(max_size=40).filter(lambda t: t == t.strip())
TABLES = st.lists(st.lists(TEXTS, min_size=3, max_size=3), min_size=1, max_size=6)


def visible(text: str) -> str:
    """What of a text survives being a cell: line ends are one, control characters are none."""
    kept = "".join(c for c in text if c in "\n\t" or c.isprintable() or ord(c) > 0x9F)
    return kept.replace("\r\n", "\n").encode("utf-8", "replace").decode()


@settings(max_examples=60)
@given(TABLES)
def test_what_is_written_to_xlsx_comes_back(rows: list[list[str]]) -> None:
    rows = [["王芳", "12000000001", *row] for row in rows]
    table = read_table(write_table(["姓名", "电话", "a", "b", "c"], rows, "表", "xlsx"))
    assert [[visible(t) for t in row] for row in texts(table)] == [
        [visible(t) for t in (*row, *[""] * 5)][: len(table.header)] for row in rows
    ]


@settings(max_examples=60)
@given(TABLES)
def test_no_csv_cell_begins_with_what_a_spreadsheet_runs(rows: list[list[str]]) -> None:
    for row in cells(write_table(["a", "b", "c"], rows, "", "csv"), "csv"):
        for cell in row:
            assert not cell.lstrip().startswith(("=", "@"))


def test_the_sender_s_own_workbook_comes_back_cell_by_cell() -> None:
    at = datetime(2026, 3, 5, 14, 30)  # noqa: DTZ001  workbook cells have no zone
    table = read_table(workbook([["姓名", "电话", "来电时间"], ["王芳", 12000000001, at]]))
    again = read_table(write_bad_rows(table, {2: [SHORT]}, "zh", "xlsx"))
    assert texts(again)[0][:3] == ["王芳", "12000000001", "2026-03-05 14:30"]
