"""A workbook, however it was dressed, gives its rows, its labels and its row numbers."""

from __future__ import annotations

from datetime import date, datetime

import openpyxl
import pytest
from handmade import PLAIN_HEADER, saved, texts, with_entry, workbook
from openpyxl.worksheet.worksheet import Worksheet

from fangxian.exchange.columns import SHEET_KEY, mapping_from, remember
from fangxian.exchange.tables import read_table

WANG = ["王芳", "12000000001", "海兰村1组1号"]
LI = ["李强", "12000000002", "海兰村2组2号"]


def codes(data: bytes) -> list[str]:
    return [warning.code for warning in read_table(data).warnings]


def test_a_plain_list_is_read_as_it_stands() -> None:
    table = read_table(workbook([PLAIN_HEADER, WANG, LI]))
    assert table.header == PLAIN_HEADER
    assert texts(table) == [WANG, LI]
    assert table.row_numbers == [2, 3]
    assert (table.sheet, table.has_header, table.warnings) == ("名单", True, [])


def test_the_name_of_the_file_does_not_matter() -> None:
    assert texts(read_table(workbook([PLAIN_HEADER, WANG]), "list.csv")) == [WANG]


def test_title_rows_above_the_header_are_kept_apart() -> None:
    data = workbook(
        [["示范县涉诈预警名单（第1批）"], ["下发单位：县反诈中心"], [], PLAIN_HEADER, WANG],
        merge=["A1:C1", "A2:C2"],
    )
    table = read_table(data)
    assert table.title == ["示范县涉诈预警名单（第1批）", "下发单位：县反诈中心"]
    assert table.header == PLAIN_HEADER
    assert table.row_numbers == [5]


def test_a_list_that_does_not_begin_in_the_first_cell_keeps_excel_s_row_numbers() -> None:
    def move(sheet: Worksheet) -> None:
        sheet.move_range("A1:C2", rows=6, cols=2)

    table = read_table(workbook([PLAIN_HEADER, WANG], change=move))
    assert table.header == PLAIN_HEADER
    assert table.row_numbers == [8]


def test_a_village_merged_over_its_rows_holds_for_each_of_them() -> None:
    rows = [
        ["村", "姓名", "电话"],
        ["海兰村", "王芳", "12000000001"],
        ["", "李强", "12000000002"],
        ["柳坝村", "张伟", "12000000003"],
    ]
    table = read_table(workbook(rows, merge=["A2:A3"]))
    assert [row[0] for row in table.rows] == ["海兰村", "海兰村", "柳坝村"]


def test_a_blank_that_is_not_merged_stays_blank() -> None:
    rows = [["村", "姓名", "电话"], ["海兰村", "王芳", "12000000001"], ["", "李强", "12000000002"]]
    assert read_table(workbook(rows)).rows[1][0] == ""


def test_a_header_over_two_rows_becomes_one() -> None:
    rows = [
        ["序号", "受害人信息", "", "嫌疑人信息", "备注"],
        ["", "姓名", "联系电话", "电话", ""],
        ["1", "王芳", "12000000001", "00210 0000 0001", ""],
    ]
    table = read_table(workbook(rows, merge=["A1:A2", "B1:C1", "E1:E2"]))
    assert table.header == [
        "序号",
        "受害人信息 姓名",
        "受害人信息 联系电话",
        "嫌疑人信息 电话",
        "备注",
    ]
    assert table.row_numbers == [3]


def test_a_row_that_groups_the_columns_keeps_the_suspect_s_phone_from_the_victim_s() -> None:
    rows = [
        ["涉诈预警名单"],
        ["受害人", "", "", "嫌疑人", ""],
        ["姓名", "电话", "住址", "姓名", "电话"],
        ["王芳", "12000000001", "海兰村1组1号", "不详", "00210 0000 0001"],
    ]
    table = read_table(workbook(rows, merge=["A1:E1", "A2:C2", "D2:E2"]))
    assert table.title == ["涉诈预警名单"]
    assert table.header[1] == "受害人 电话"
    assert table.header[4] == "嫌疑人 电话"


def test_two_facts_above_the_header_are_a_title_and_no_group() -> None:
    rows = [["下发单位：县反诈中心", "", "经办：张三"], PLAIN_HEADER, WANG]
    table = read_table(workbook(rows, merge=["A1:B1"]))
    assert table.header == PLAIN_HEADER
    assert table.title == ["下发单位：县反诈中心 经办：张三"]


def test_line_breaks_inside_a_label_become_spaces() -> None:
    assert read_table(workbook([["姓名", "联系\n电话"], ["王芳", "1"]])).header == [
        "姓名",
        "联系 电话",
    ]


def test_a_list_without_header_is_labelled_by_its_columns() -> None:
    table = read_table(workbook([WANG, LI]))
    assert table.header == ["列A", "列B", "列C"]
    assert not table.has_header
    assert texts(table) == [WANG, LI]
    assert [warning.code for warning in table.warnings] == ["file_no_header"]


@pytest.mark.parametrize("other", ["出生年份", "标签", "爱好", ""])
def test_nobody_is_called_name(other: str) -> None:
    table = read_table(f"姓名,{other}\n王芳,1950\n李强,1960\n".encode())
    assert (table.has_header, table.header[0], len(table.rows)) == (True, "姓名", 2)


def test_labels_nobody_knows_are_still_a_header() -> None:
    table = read_table(workbook([["甲", "乙", "丙"], WANG, LI]))
    assert table.header == ["甲", "乙", "丙"]
    assert table.row_numbers == [2, 3]


def test_totals_footnotes_repeated_headers_and_blank_rows_are_skipped_and_counted() -> None:
    rows: list[list[str]] = [
        PLAIN_HEADER,
        WANG,
        [],
        PLAIN_HEADER,
        LI,
        ["合计", "共 2 人", ""],
        ["注：请及时反馈"],
    ]
    table = read_table(workbook(rows, merge=["A7:C7"]))
    assert texts(table) == [WANG, LI]
    assert table.row_numbers == [2, 5]
    said = [warning.say("zh") for warning in table.warnings]
    assert said == ["跳过 2 行合计或附注", "跳过 1 行重复的表头", "跳过 1 行空行"]


def test_rows_that_only_carry_a_printed_number_are_blank() -> None:
    rows: list[list[object]] = [["序号", *PLAIN_HEADER], [1, *WANG], [2], [3]]
    table = read_table(workbook(rows))
    assert len(table.rows) == 1
    assert [warning.params for warning in table.warnings] == [{"count": 2}]


def test_a_person_called_zong_is_not_a_total() -> None:
    table = read_table(
        workbook([PLAIN_HEADER, ["合欢", "12000000001", ""], ["总计划", "12000000002", ""]])
    )
    assert len(table.rows) == 2


def test_numbers_dates_and_booleans_are_shown_as_the_sender_sees_them() -> None:
    rows: list[list[object]] = [
        ["姓名", "电话", "来电时间", "发生日期", "金额"],
        ["王芳", 12000000001, datetime(2026, 3, 5, 14, 30), date(2026, 3, 5), 1234.5],  # noqa: DTZ001
    ]
    assert texts(read_table(workbook(rows))) == [
        ["王芳", "12000000001", "2026-03-05 14:30", "2026-03-05", "1234.5"]
    ]


def test_a_formula_error_is_blank_and_said() -> None:
    table = read_table(workbook([PLAIN_HEADER, ["王芳", "#N/A", "海兰村1组1号"]]))
    assert texts(table) == [["王芳", "", "海兰村1组1号"]]
    assert table.warnings[0].say("zh") == "有 1 个单元格是公式错误（如 B2），按空白读"


def test_the_epoch_of_the_workbook_is_known() -> None:
    book = openpyxl.Workbook()
    book.epoch = datetime(1904, 1, 1)  # noqa: DTZ001  openpyxl's way to say it
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.append(PLAIN_HEADER)
    sheet.append(WANG)
    assert read_table(saved(book)).date_1904
    assert not read_table(workbook([PLAIN_HEADER, WANG])).date_1904


def test_of_several_sheets_the_one_with_the_list_is_read_and_the_others_are_named() -> None:
    book = openpyxl.Workbook()
    notes = book.active
    assert isinstance(notes, Worksheet)
    notes.title = "填表说明"
    for line in range(30):
        notes.append([f"第{line}条说明"])
    people = book.create_sheet("三月")
    for row in (PLAIN_HEADER, WANG, LI):
        people.append(row)
    book.create_sheet("空表")
    hidden = book.create_sheet("字典")
    hidden.append(["姓名", "电话", "住址", "村"])
    hidden.append(["甲", "乙", "丙", "丁"])
    hidden.sheet_state = "hidden"
    table = read_table(saved(book))
    assert (table.sheet, len(table.rows)) == ("三月", 2)
    assert table.warnings[-1].say("zh") == "工作簿有几张表，只读了“三月”；没有读：填表说明"


def test_columns_with_the_same_label_keep_apart() -> None:
    table = read_table(
        workbook([["姓名", "电话", "电话", ""], ["王芳", "12000000001", "12000000002", "x"]])
    )
    assert table.keys == ["姓名", "电话", "电话 #2", "列D"]


def test_samples_show_the_first_different_texts() -> None:
    table = read_table(
        workbook([["姓名", "村"], ["王芳", "海兰村"], ["李强", "海兰村"], ["张伟", "柳坝村"]])
    )
    assert table.samples(1) == ["海兰村", "柳坝村"]
    assert table.samples(0, count=1) == ["王芳"]


def test_cells_that_are_only_formatted_do_not_make_a_sheet_large() -> None:
    def stretch(xml: bytes) -> bytes:
        return xml.replace(
            b"</sheetData>", b'<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>'
        )

    data = with_entry(workbook([PLAIN_HEADER, WANG]), "xl/worksheets/sheet1.xml", stretch)
    assert texts(read_table(data)) == [WANG]


@pytest.mark.parametrize("rows", [100, 1000])
def test_every_row_of_a_long_list_is_there(rows: int) -> None:
    people = [[f"王{i}", f"{12000000000 + i}", ""] for i in range(rows)]
    table = read_table(workbook([PLAIN_HEADER, *people]))
    assert table.row_numbers == list(range(2, rows + 2))


def sheets(**rows_of: list[list[str]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in rows_of.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    return saved(book)


SEVERAL = sheets(
    统计=[["村", "时间", "备注"], *[["海兰村", "2026-11-01", "x"]] * 6],
    名单=[["姓名", "电话", "住址", "预警类型", "风险等级", "来电时间", "备注"], *[[*WANG, "刷单", "高", "", ""]] * 4],
)  # fmt: skip


def test_of_several_sheets_the_one_with_the_most_known_headers_is_read() -> None:
    table = read_table(SEVERAL)
    assert (table.sheet, len(table.rows)) == ("名单", 4)
    assert table.sheets == ["统计", "名单"]
    assert table.warnings[0].say("zh") == "工作簿有几张表，只读了“名单”；没有读：统计"


def test_another_sheet_may_be_asked_for() -> None:
    assert read_table(SEVERAL, sheet="统计").sheet == "统计"
    assert read_table(SEVERAL, sheet="没有这张").sheet == "名单"


def test_the_sheet_that_was_read_is_remembered_with_the_columns() -> None:
    table = read_table(SEVERAL, sheet="统计")
    kept = remember(table, {})
    assert kept[SHEET_KEY] == "统计"
    assert mapping_from(table, kept) == {}
    assert SHEET_KEY not in remember(read_table(workbook([PLAIN_HEADER, WANG])), {})
