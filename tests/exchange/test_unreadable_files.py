"""Whatever is handed in: a table, or one kind of error that says what to do. Nothing else."""

from __future__ import annotations

import contextlib
import io
import random
import zipfile

import pytest
from handmade import PLAIN_HEADER, with_entry, workbook
from hypothesis import given, settings
from hypothesis import strategies as st

from fangxian.exchange import grid, tables, workbooks
from fangxian.exchange.tables import MAX_BYTES, Table, UnreadableTable, read_pasted, read_table

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500
SHEET = "xl/worksheets/sheet1.xml"
LIST = workbook([PLAIN_HEADER, ["王芳", "12000000001", "海兰村1组1号"]])


def refusal(data: bytes, filename: str = "") -> str:
    with pytest.raises(UnreadableTable) as caught:
        read_table(data, filename)
    assert caught.value.say("zh") == str(caught.value)
    assert caught.value.say("en").isascii() or "“" in caught.value.say("en")
    return caught.value.problem.code


def zipped(**entries: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_blank"),
        (b" \r\n\r\n", "file_blank"),
        (b",,,\r\n,,\r\n", "file_blank"),
        ("姓名,电话\n".encode(), "file_no_rows"),
        (b"%PDF-1.7 ...", "file_pdf"),
        (b"\x89PNG\r\n\x1a\n....", "file_picture"),
        (b"Rar!\x1a\x07\x00", "file_archive"),
        (b"{\\rtf1 ...}", "file_document"),
        (OLE, "file_xls"),
        (OLE + "WordDocument".encode("utf-16-le"), "file_document"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "file_password"),
        (zipped(a=b"hello"), "file_not_workbook"),
        (b"PK\x03\x04 torn off", "file_damaged"),
        (b"<html><table><tr><td>a</td></tr></table>", "file_web_page"),
        (b"name,phone\n\xff\xff\xff,1\n", "file_encoding"),
        (b"name,phone\nA\x00B,\x01\x02\n", "file_binary"),
        (workbook([]), "file_blank"),
        (workbook([PLAIN_HEADER]), "file_no_rows"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_table_is_named_for_what_it_is(data: bytes, code: str) -> None:
    assert refusal(data) == code


def test_an_old_text_document_is_known_by_its_name() -> None:
    assert refusal(OLE, "名单.doc") == "file_document"


def test_the_message_says_what_to_do() -> None:
    with pytest.raises(UnreadableTable) as caught:
        read_table(OLE)
    assert (
        caught.value.say("zh") == "这是旧版表格（xls 或 et）；请用表格软件打开，另存为 xlsx 后再交"
    )


def test_a_file_over_the_limit_is_refused_unread() -> None:
    assert refusal(b"a" * (MAX_BYTES + 1)) == "file_size"


def test_more_rows_than_allowed_are_refused_with_both_numbers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tables, "MAX_ROWS", 3)
    text = "姓名,电话\n" + "".join(f"王{i},{12000000000 + i}\n" for i in range(4))
    with pytest.raises(UnreadableTable) as caught:
        read_table(text.encode())
    assert caught.value.problem.params == {"rows": 4, "most": 3}


def test_more_columns_than_any_list_has_are_refused() -> None:
    assert refusal(("姓名," + "x," * (grid.MAX_COLUMNS + 1) + "\n1\n").encode()) == "file_columns"


# --- hostile archives ---------------------------------------------------------------------------


def test_one_cell_at_the_far_end_of_a_sheet_does_not_take_the_memory_of_the_machine() -> None:
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    data = with_entry(LIST, SHEET, lambda xml: xml.replace(b"</sheetData>", far))
    assert refusal(data) == "file_reach"


@pytest.mark.parametrize(
    "cell",
    [
        b"<c r='XFD1048576'><v>1</v></c>",
        b'<c s="0" r = "XFD1048576" ><v>1</v></c>',
        b'<c t="n" cm=">" r="XFD1048576"><v>1</v></c>',
        b'<x:c xmlns:x="u" r="XFD1048576"><v>1</v></x:c>',
        b'<c\nr="XFD1048576"\n><v>1</v></c>',
    ],
)
def test_the_far_cell_is_found_however_its_tag_is_written(cell: bytes) -> None:
    far = b'<row r="1048576">' + cell + b"</row></sheetData>"
    data = with_entry(LIST, SHEET, lambda xml: xml.replace(b"</sheetData>", far))
    assert refusal(data) in ("file_reach", "file_damaged")


def test_an_archive_that_unpacks_to_too_much_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MAX_UNPACKED", 1 << 20)
    assert refusal(with_entry(LIST, "xl/media/a.bin", lambda _: b"\0" * (2 << 20))) == "file_bomb"


def test_an_archive_that_lies_about_its_sizes_is_refused() -> None:
    entry = b"xl/worksheets/sheet1.xml"
    data = bytearray(
        with_entry(
            LIST, SHEET, lambda xml: xml.replace(b"</sheetData>", b"</sheetData>" + b" " * 5000)
        )
    )
    central = data.rindex(entry) - 46
    data[central + 24 : central + 28] = (100).to_bytes(4, "little")
    assert refusal(bytes(data)) == "file_damaged"


def test_one_long_text_used_by_many_cells_is_counted_for_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workbooks, "MAX_UNPACKED", 1 << 20)
    long_text = b"<sst><si><t>" + b"x" * 30_000 + b"</t></si></sst>"
    cells = b"".join(
        b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (i, i) for i in range(9, 99)
    )
    data = with_entry(LIST, "xl/sharedStrings.xml", lambda _: long_text)
    data = with_entry(
        data, SHEET, lambda xml: xml.replace(b"</sheetData>", cells + b"</sheetData>")
    )
    assert refusal(data) == "file_bomb"


def test_a_panic_of_the_parser_is_an_unreadable_file(monkeypatch: pytest.MonkeyPatch) -> None:
    class PanicException(BaseException):
        pass

    def panic(_: object) -> None:
        raise PanicException("index out of bounds")

    monkeypatch.setattr(workbooks, "_look_through", panic)
    assert refusal(LIST) == "file_damaged"


def test_an_interrupt_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(workbooks, "_look_through", interrupt)
    with pytest.raises(KeyboardInterrupt):
        read_table(LIST)


# --- pasted text --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "file_blank"),
        (" \n\n", "file_blank"),
        ("姓名\t电话\n", "file_no_rows"),
        ("王\ud800芳\t1", "file_binary"),
        ("a\0b", "file_binary"),
    ],
)
def test_pasted_text_that_is_no_table_is_refused_in_the_same_way(text: str, code: str) -> None:
    with pytest.raises(UnreadableTable) as caught:
        read_pasted(text)
    assert caught.value.problem.code == code


# --- properties ---------------------------------------------------------------------------------


def table_or_unreadable(data: bytes) -> None:
    try:
        table = read_table(data)
    except UnreadableTable:
        return
    assert isinstance(table, Table)
    assert len(table.rows) == len(table.row_numbers) > 0
    assert all(len(row) == len(table.header) for row in table.rows)


@given(st.binary(max_size=3000))
def test_random_bytes_give_a_table_or_the_one_error(data: bytes) -> None:
    table_or_unreadable(data)


@given(st.text(max_size=600))
def test_random_text_gives_a_table_or_the_one_error(text: str) -> None:
    table_or_unreadable(text.encode("gb18030", "replace"))
    with contextlib.suppress(UnreadableTable):
        assert read_pasted(text).rows


@settings(max_examples=60)
@given(st.integers(0, 2**32), st.integers(1, 12))
def test_a_workbook_with_flipped_bytes_gives_a_table_or_the_one_error(
    seed: int, flips: int
) -> None:
    rng = random.Random(seed)
    data = bytearray(LIST)
    for _ in range(flips):
        data[rng.randrange(len(data))] = rng.randrange(256)
    table_or_unreadable(bytes(data[: rng.choice([len(data), rng.randrange(1, len(data))])]))


@settings(max_examples=60)
@given(
    st.integers(0, 2**32),
    st.sampled_from([SHEET, "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml"]),
)
def test_a_workbook_with_broken_xml_gives_a_table_or_the_one_error(seed: int, entry: str) -> None:
    rng = random.Random(seed)

    def break_it(xml: bytes) -> bytes:
        mutable = bytearray(xml)
        for _ in range(rng.randint(1, 6)):
            at = rng.randrange(len(mutable))
            mutable[at : at + rng.randint(0, 9)] = rng.randbytes(rng.randint(0, 4))
        return bytes(mutable)

    table_or_unreadable(with_entry(LIST, entry, break_it))


@settings(max_examples=60)
@given(st.integers(0, 2**32))
def test_a_csv_with_flipped_bytes_gives_a_table_or_the_one_error(seed: int) -> None:
    rng = random.Random(seed)
    data = bytearray(
        '姓名,电话,住址\r\n"王,芳",12000000001,"海兰村"\r\n李强,12000000002,\r\n'.encode("gb18030")
    )
    for _ in range(rng.randint(1, 8)):
        data[rng.randrange(len(data))] = rng.randrange(256)
    table_or_unreadable(bytes(data))
