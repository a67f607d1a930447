"""A csv or pasted table, whatever its encoding and delimiter, gives the same rows."""

from __future__ import annotations

import pytest
from handmade import texts
from hypothesis import given, settings
from hypothesis import strategies as st

from fangxian.exchange.tables import UnreadableTable, read_pasted, read_table

LINES = ["姓名,电话,住址", "王芳,12000000001,海兰村1组1号", "李强,12000000002,海兰村2组2号"]
ROWS = [["王芳", "12000000001", "海兰村1组1号"], ["李强", "12000000002", "海兰村2组2号"]]
LIST = "\r\n".join(LINES) + "\r\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"]
)
def test_every_usual_encoding_is_recognised(encoding: str) -> None:
    assert texts(read_table(LIST.encode(encoding))) == ROWS


def test_the_encoding_that_was_found_is_named() -> None:
    assert read_table(LIST.encode("utf-8")).encoding == "utf-8"
    assert read_table(LIST.encode("gb18030")).encoding == "gb18030"


TRADITIONAL = "姓名,電話,地址\n王芳,12000000001,海蘭村一組\n李強,12000000002,柳壩村二組\n"


def test_a_list_in_big5_is_read_as_its_sender_wrote_it() -> None:
    table = read_table(TRADITIONAL.encode("big5"))
    assert table.header == ["姓名", "電話", "地址"]
    assert texts(table)[1] == ["李強", "12000000002", "柳壩村二組"]


def test_a_list_in_simplified_characters_is_never_taken_for_big5() -> None:
    for rows in (1, 3, 200):
        body = "".join(f"王芳,1200000{n:04d},海兰村{n}组，冒充客服（高）\n" for n in range(rows))
        assert read_table(f"姓名,电话,住址\n{body}".encode("gbk")).encoding == "gb18030"


def test_a_list_in_an_encoding_we_do_not_know_is_refused_rather_than_read_as_garbage() -> None:
    text = "名前,電話番号,住所\n" + "やまだたろう,12000000001,とうきょうとしんじゅく\n" * 5
    with pytest.raises(UnreadableTable) as caught:
        read_table(text.encode("shift-jis"))
    assert caught.value.problem.code == "file_encoding"


def test_a_rare_character_of_gb18030_is_read() -> None:
    assert read_table("姓名,电话\n王㐂,12000000001\n".encode("gb18030")).rows[0][0] == "王㐂"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "，", "；", "|"])
def test_every_usual_delimiter_is_recognised(delimiter: str) -> None:
    table = read_table(LIST.replace(",", delimiter).encode())
    assert table.delimiter == delimiter
    assert texts(table) == ROWS


def test_commas_inside_addresses_do_not_win_over_the_delimiter_of_every_row() -> None:
    text = "姓名;电话;住址\n王芳;12000000001;海兰村1组,2号,左门\n李强;12000000002;海兰村\n"
    assert read_table(text.encode()).rows[0] == ["王芳", "12000000001", "海兰村1组,2号,左门"]


def test_title_lines_do_not_confuse_the_delimiter() -> None:
    table = read_table(("示范县名单;第一批\n\n" + LIST).encode())
    assert table.delimiter == ","
    assert table.title == ["示范县名单;第一批"]
    assert table.row_numbers == [4, 5]


def test_the_line_that_names_the_delimiter_is_not_a_row() -> None:
    table = read_table(("sep=;\r\n" + LIST.replace(",", ";")).encode())
    assert (table.delimiter, texts(table), table.title) == (";", ROWS, [])


def test_a_quoted_cell_may_hold_delimiters_and_line_breaks() -> None:
    text = '姓名,电话,备注\n王芳,12000000001,"先通话,\n后转账"\n李强,12000000002,\n'
    table = read_table(text.encode())
    assert table.rows[0][2] == "先通话,\n后转账"
    assert table.row_numbers == [2, 3]


def test_a_quotation_mark_that_is_never_closed_does_not_swallow_the_list() -> None:
    people = "".join(f"王{i},{12000000000 + i}\n" for i in range(60))
    table = read_table(f'姓名,电话\n"张三,12000000099\n{people}'.encode())
    assert len(table.rows) == 61
    assert "file_open_quote" in [warning.code for warning in table.warnings]


def with_open_quote(rows: int, at: int, close_at: int = 0) -> str:
    """A list of `rows` people; a quotation mark before one of them, perhaps one behind another."""
    people = [f"王{i},{12000000000 + i},海兰村{i}组" for i in range(2, rows + 2)]
    people[at - 2] = '"' + people[at - 2]
    if close_at:
        people[close_at - 2] += '"'
    return "\n".join(["姓名,电话,住址", *people]) + "\n"


@pytest.mark.parametrize(("rows", "at"), [(30, 20), (11, 2), (11, 12), (60, 31), (3, 2)])
def test_an_open_quotation_mark_loses_no_row_wherever_it_stands(rows: int, at: int) -> None:
    table = read_table(with_open_quote(rows, at).encode())
    assert len(table.rows) == rows
    assert [w.say("zh") for w in table.warnings] == [
        f"有引号没有配对，这一行的引号按普通文字读，请核对。所在行：{at}"
    ]


def test_two_stray_quotation_marks_lose_no_row_between_them() -> None:
    table = read_table(with_open_quote(30, 5, close_at=9).encode())
    assert [row[1] for row in table.rows] == [str(12000000000 + i) for i in range(2, 32)]


def test_a_stray_quotation_mark_of_the_last_cell_loses_no_row() -> None:
    text = '姓名,电话,备注\n王芳,12000000001,"先\n李强,12000000002,后"\n张伟,12000000003,\n'
    assert [row[0] for row in read_table(text.encode()).rows] == ["王芳", "李强", "张伟"]


def test_many_open_quotation_marks_are_read_in_time_that_grows_with_the_rows() -> None:
    people = "".join(f'"王{i},{12000000000 + i}\n' for i in range(20_000))
    assert len(read_table(f"姓名,电话\n{people}".encode()).rows) == 20_000


@settings(deadline=None)
@given(
    st.lists(st.booleans(), min_size=1, max_size=40),
    st.integers(0, 39),
    st.integers(0, 2),
)
def test_no_phone_is_lost_to_a_quotation_mark(quoted: list[bool], at: int, column: int) -> None:
    rows = [
        [f"王{i}", str(12000000000 + i), "海兰村\n二组" if q else "海兰村"]
        for i, q in enumerate(quoted)
    ]
    lines = [",".join(f'"{c}"' if "\n" in c else c for c in row) for row in rows]
    at %= len(lines)
    cells = lines[at].split(",")
    cells[column] = '"' + cells[column]
    lines[at] = ",".join(cells)
    table = read_table(("姓名,电话,住址\n" + "\n".join(lines)).encode())
    found = "\n".join(str(cell) for row in table.rows for cell in row)
    assert all(row[1] in found for row in rows)
    whole = [row[1] for row in table.rows]
    assert all(row[1] in whole for i, row in enumerate(rows) if i != at)


def test_rows_of_uneven_length_are_squared() -> None:
    table = read_table("姓名,电话,住址\n王芳,12000000001\n李强,12000000002,海兰村,多余\n".encode())
    assert texts(table) == [
        ["王芳", "12000000001", "", ""],
        ["李强", "12000000002", "海兰村", "多余"],
    ]
    assert table.keys[3] == "列D"


def test_a_header_in_two_rows_of_a_csv_becomes_one() -> None:
    text = "序号,受害人,,预警类型\n,姓名,电话,\n1,王芳,12000000001,刷单\n"
    table = read_table(text.encode())
    assert table.header == ["序号", "受害人 姓名", "电话", "预警类型"]
    assert len(table.rows) == 1


def test_a_single_column_of_phones_is_a_list() -> None:
    table = read_table(b"12000000001\n12000000002\n")
    assert texts(table) == [["12000000001"], ["12000000002"]]
    assert texts(read_table("电话\n12000000001\n".encode())) == [["12000000001"]]


def test_a_table_pasted_from_a_spreadsheet_is_read() -> None:
    table = read_pasted(LIST.replace(",", "\t"))
    assert (texts(table), table.delimiter) == (ROWS, "\t")


def test_columns_typed_with_spaces_are_read() -> None:
    pasted = "姓名  电话  住址\n王芳 12000000001   海兰村1组1号\n李强　12000000002　海兰村2组2号\n"
    assert texts(read_pasted(pasted)) == ROWS


def test_spaces_inside_cells_do_not_part_a_pasted_spreadsheet() -> None:
    pasted = "姓名\t电话\n王 芳\t120 0000 0001\n李 强\t120 0000 0002\n"
    assert texts(read_pasted(pasted)) == [["王 芳", "120 0000 0001"], ["李 强", "120 0000 0002"]]


def test_control_characters_inside_cells_are_dropped() -> None:
    assert read_table("姓名,电话\n王\x1b芳,12000000001\n".encode()).rows[0][0] == "王芳"


CELLS = st.text(
    alphabet=st.sampled_from("王芳李强海兰村12,;\t| \"'号-+。，"), min_size=1, max_size=12
).filter(lambda text: text.strip() == text and text)


@settings(deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=8))
def test_whatever_a_quoted_csv_holds_comes_back(rows: list[tuple[str, str]]) -> None:
    def quoted(cell: str) -> str:
        return '"' + cell.replace('"', '""') + '"'

    body = "".join(f"{quoted(a)},{quoted(b)},12000000001\n" for a, b in rows)
    table = read_table(f"姓名,住址,电话\n{body}".encode("gb18030"))
    assert texts(table) == [[a, b, "12000000001"] for a, b in rows]
