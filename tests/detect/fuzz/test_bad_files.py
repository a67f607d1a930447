"""Bad files: read as they were meant, or refused with the place and what was expected."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from detect.fuzz import properties
from detect.fuzz.nasty import FRAUD, HONEST
from fangxian.cli import main
from fangxian.detect.files import UnreadableFile, check_file

CODINGS = ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-32"]
BOM_BE = b"\xfe\xff"


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def made(folder: Path, data: bytes | str, name: str = "x.csv") -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


@pytest.mark.parametrize("coding", CODINGS)
def test_a_csv_without_a_header_of_500_rows(tmp_path: Path, coding: str) -> None:
    lines = [f"1200000{n:04d},11月{n % 30 + 1}日,{FRAUD if n % 2 else HONEST}" for n in range(500)]
    told = check_file(made(tmp_path, "\r\n".join(lines).encode(coding)))
    rows = rows_of(told.out)
    assert (told.rows, told.flagged) == (500, 250)
    assert rows[0] == ["column_1", "column_2", "text", *properties.ADDED]
    assert [row[:3] for row in rows[1:]] == [line.split(",") for line in lines]
    assert [note.zh for note in told.notes] == ["没有标题行，判断的是第 3 列"]


def test_a_column_may_be_said_by_its_place_where_there_is_no_header(tmp_path: Path) -> None:
    told = check_file(made(tmp_path, f"{FRAUD},a\n{HONEST},b\n"), column="1")
    assert told.rows == 2
    assert rows_of(told.out)[1][:2] == [FRAUD, "a"]
    with pytest.raises(UnreadableFile, match="no column 7; there are 2"):
        check_file(made(tmp_path, "张三,a\n"), column="7")


def test_a_header_is_not_judged(tmp_path: Path) -> None:
    for header in ("短信内容", " Text ", "内容", "message"):
        told = check_file(made(tmp_path, f"{header}\n{HONEST}\n"))
        assert (told.rows, told.notes) == (1, ())


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("between", [",", "\t", ";"])
def test_whatever_the_coding_and_the_mark_between(
    tmp_path: Path, coding: str, between: str
) -> None:
    told = check_file(made(tmp_path, f"id{between}内容\r\n1{between}{FRAUD}\r\n".encode(coding)))
    assert (told.rows, told.flagged) == (1, 1)
    assert rows_of(told.out)[1][:2] == ["1", FRAUD]


def test_utf16_the_other_way_round(tmp_path: Path) -> None:
    data = BOM_BE + f"text\n{FRAUD}\n".encode("utf-16-be")
    assert check_file(made(tmp_path, data)).flagged == 1


def test_the_line_by_which_excel_says_the_mark(tmp_path: Path) -> None:
    told = check_file(made(tmp_path, f'sep=;\r\nid;text\r\n1;"{FRAUD};1,5"\r\n'))
    assert rows_of(told.out)[:2] == [
        ["id", "text", *properties.ADDED],
        ["1", f"{FRAUD};1,5", *rows_of(told.out)[1][2:]],
    ]


def test_lines_in_different_codings_are_each_read(tmp_path: Path) -> None:
    lines = [
        b"text",
        FRAUD.encode(),
        HONEST.encode("gb18030"),
        FRAUD.encode("gb18030"),
        b"a\xff\xff",
    ]
    told = check_file(made(tmp_path, b"\n".join(lines)))
    assert [row[0] for row in rows_of(told.out)[1:4]] == [FRAUD, HONEST, FRAUD]
    assert [note.en[:12] for note in told.notes] == ["1 lines hold"]


def test_a_file_cut_off_in_a_character_is_still_utf8(tmp_path: Path) -> None:
    told = check_file(made(tmp_path, f"text\n{FRAUD}\n{FRAUD}".encode()[:-2]))
    first, last = (row[0] for row in rows_of(told.out)[1:])
    assert first == FRAUD
    assert last.startswith(FRAUD[:-1])
    assert told.notes


def test_columns_of_one_name_all_come_back(tmp_path: Path) -> None:
    told = check_file(made(tmp_path, f"a,text,a,text\n1,{FRAUD},2,{HONEST}\n"))
    assert rows_of(told.out)[1][:4] == ["1", FRAUD, "2", HONEST]
    assert told.flagged == 1
    assert told.notes[0].en == "2 columns are called 'text'; column 2 was judged"


def test_a_comma_too_many_belongs_to_a_text_that_is_last(tmp_path: Path) -> None:
    told = check_file(made(tmp_path, "id,text\n1,a,b,c\n2\n3,d,,\n"))
    assert [row[:2] for row in rows_of(told.out)[1:]] == [["1", "a,b,c"], ["2", ""], ["3", "d"]]


def test_cells_with_lines_quotes_and_nul_come_back(tmp_path: Path) -> None:
    cells = ['他说"好"', "一\n二\r\n三", "a\0b", " 空 ", "=1+1", "x" * 1_000_000]
    path = tmp_path / "x.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["text"], *([cell] for cell in cells)])
    assert [row[0] for row in rows_of(check_file(path).out)[1:]] == cells


def test_a_header_and_no_row(tmp_path: Path) -> None:
    told = check_file(made(tmp_path, "id,text\n"))
    assert told.rows == 0
    assert rows_of(told.out) == [["id", "text", *properties.ADDED]]


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("x.csv", b"", "x.csv is empty"),
        ("x.csv", b"\n\n", "x.csv is empty"),
        ("x.csv", b"sep=;\n", "x.csv is empty"),
        ("x.csv", b"PK\x03\x04" + os.urandom(2_000), "x.csv is no text"),
        ("x.csv", "text\n好\n".encode("utf-16-le") * 30, "x.csv is no text"),
        ("x.csv", b'text,id\n"a,1\nb,2\n', "x.csv: the row that begins in line 2 has a quotation mark"),
        ("x.csv", b"text,id\na,1\nb,b,2\n", "x.csv line 3: 3 cells, expected 2"),
        ("x.csv", b"a,b\n1,2\n", "x.csv: no column 'text'; there are a, b. Say which"),
        ("x.csv", b"text,fraud_grade\na,clear\n", "x.csv already has fraud_grade"),
        ("x.jsonl", b"", "x.jsonl is empty"),
        ("x.jsonl", b'{"text": "a"}\n{"text": "b', "x.jsonl line 2 is no JSON"),
        ("x.jsonl", b'{"a": 1}', "x.jsonl line 1: expected an object with 'text'; it has a"),
        ("x.jsonl", b'{"text": ["a"]}', "x.jsonl line 1, 'text': expected a text, got list"),
        ("x.jsonl", b'{"text": "a", "fraud_flagged": 1}', "line 1 already has fraud_flagged"),
        ("x.jsonl", b'{"text": "\xff\xff\xff"}', "line 1 holds bytes that are neither"),
        ("x.jsonl", b'{"text": ' + b"[" * 100_000, "line 1 is no JSON"),
        ("x.jsonl", b'{"text": ' + b"1" * 5_000 + b"}", "line 1 is no JSON"),
        ("x.parquet", b"", "x.parquet is no parquet file"),
    ],
)  # fmt: skip
def test_what_is_wrong_and_where(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    path = made(tmp_path, data, name)
    with pytest.raises(UnreadableFile) as refused:
        check_file(path)
    assert said in str(refused.value)
    properties.is_sentence(str(refused.value))
    assert [each.name for each in tmp_path.iterdir()] == [name]


def test_an_endless_line_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from fangxian.detect.files import opening

    monkeypatch.setattr(opening, "LONGEST_LINE", 1_000)
    for name in ("x.csv", "x.jsonl"):
        with pytest.raises(UnreadableFile, match="line 2 has more than 1,000 characters"):
            check_file(made(tmp_path, '{"text": "a"}\n' + "好" * 2_000, name))


@pytest.mark.parametrize("coding", CODINGS)
def test_jsonl_in_every_coding(tmp_path: Path, coding: str) -> None:
    line = json.dumps({"内容": FRAUD, "n": 12345678901234567890}, ensure_ascii=False)
    told = check_file(made(tmp_path, f"{line}\r\n\r\n{line}\n".encode(coding), "x.jsonl"))
    found = [json.loads(each) for each in told.out.read_text("utf-8").splitlines()]
    assert [(row["内容"], row["n"], row["fraud_flagged"]) for row in found] == [
        (FRAUD, 12345678901234567890, 1)
    ] * 2


def test_half_a_character_in_a_jsonl_comes_back(tmp_path: Path) -> None:
    told = check_file(made(tmp_path, '{"text": "a\\ud800", "好": 1}\n{"text": null}\n', "x.jsonl"))
    found = [json.loads(line) for line in told.out.read_text("utf-8").splitlines()]
    assert found[0]["text"] == "a\ud800"
    assert found[1]["text"] is None


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_parquet_that_was_cut_off(tmp_path: Path, share: float) -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    import pyarrow.parquet as pq

    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"text": [FRAUD, HONEST] * 50}), path)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(UnreadableFile, match=r"x\.parquet is no parquet file, or not all of one"):
        check_file(path)


def test_parquet_columns_of_every_sort(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    import pyarrow.parquet as pq

    path = tmp_path / "x.parquet"
    texts = pa.array([FRAUD, None])
    for column in (texts, texts.dictionary_encode(), texts.cast(pa.large_string()),
                   texts.cast(pa.binary()), pa.nulls(2)):  # fmt: skip
        pq.write_table(pa.table({"text": column, "n": [1, 2]}), path)
        told = check_file(path)
        assert (told.rows, told.flagged) == (2, int(column.null_count == 1))
        assert pq.read_table(told.out).column_names == ["text", "n", *properties.ADDED]
    for column, kind in (([1, 2], "int64"), ([["a"], ["b"]], "list"), ([{"a": 1}] * 2, "struct")):
        pq.write_table(pa.table({"text": column}), path)
        with pytest.raises(UnreadableFile, match=rf"column 'text' holds {kind}.*expected texts"):
            check_file(path)
    pq.write_table(pa.table([texts, texts], names=["text", "text"]), path)
    assert check_file(path).rows == 2
    pq.write_table(pa.table({"text": pa.array([b"\xff"], pa.binary())}), path)
    with pytest.raises(UnreadableFile, match=r"x\.parquet"):
        check_file(path)
    pq.write_table(pa.table({"text": texts[:0]}), path)
    assert check_file(path).rows == 0
    pq.write_table(pa.table({"text": texts, "fraud_grade": texts}), path)
    with pytest.raises(UnreadableFile, match="already has fraud_grade"):
        check_file(path)


def test_where_it_cannot_be_written_is_said(tmp_path: Path) -> None:
    path = made(tmp_path, "text\na\n")
    with pytest.raises(UnreadableFile, match="No such file or directory"):
        check_file(path, tmp_path / "none" / "y.csv")
    with pytest.raises(UnreadableFile, match=r"y\.xlsx: x\.csv is written as \.csv"):
        check_file(path, tmp_path / "y.xlsx")
    (tmp_path / "z.csv").mkdir()
    with pytest.raises(UnreadableFile, match="directory"):
        check_file(path, tmp_path / "z.csv")
    with pytest.raises(UnreadableFile, match="No such file"):
        check_file(tmp_path / "none.csv")


def test_the_terminal_says_how_a_file_was_read(tmp_path: Path) -> None:
    path = made(tmp_path, f"12000001234,{FRAUD}\n".encode("gb18030"))
    told = CliRunner().invoke(main, ["check", "--file", str(path)])
    assert told.exit_code == 0
    assert "x.csv: 没有标题行，判断的是第 2 列" in told.output
    told = CliRunner().invoke(main, ["check", "--file", str(path), "--column", "1", "--language", "en"])  # fmt: skip
    assert "x.csv: there is no header; column 1 was judged" in told.output
