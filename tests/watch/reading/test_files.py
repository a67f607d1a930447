"""Files of events: in order of names, in pieces, from any place on; what is damaged is told."""

from __future__ import annotations

import gzip
import io
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from living import busy_days

from fangxian.watch.events import WORD
from fangxian.watch.reading import DONE, Place, Read, as_lines, files, read_files

NOW = datetime(2026, 6, 1, tzinfo=UTC)
EVENTS = busy_days(5, 90, 10)
IDS = EVENTS["id"].to_pylist()


def as_csv(events: pa.Table) -> bytes:
    plain = [(f.name, pa.string() if f.type == WORD else f.type) for f in events.schema]
    into = io.BytesIO()
    pyarrow.csv.write_csv(events.cast(pa.schema(plain)), into)
    return into.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Ninety events in six files of every kind."""
    parts = [EVENTS.slice(at, 15) for at in range(0, 90, 15)]
    pq.write_table(parts[0], tmp_path / "1.parquet", row_group_size=4)
    (tmp_path / "2.csv").write_bytes(as_csv(parts[1]))
    (tmp_path / "3.csv.gz").write_bytes(gzip.compress(as_csv(parts[2])))
    (tmp_path / "4.jsonl").write_bytes(b"\n".join(as_lines(parts[3])))
    (tmp_path / "5.jsonl.gz").write_bytes(gzip.compress(b"\n".join(as_lines(parts[4])) + b"\n"))
    (tmp_path / "6.ndjson").write_bytes(b"\r\n".join(as_lines(parts[5])))
    return tmp_path


def ids(reads: list[Read]) -> list[str]:
    return [id_ for read in reads for id_ in read.events["id"].to_pylist()]


def reasons(reads: list[Read]) -> list[tuple[str, str]]:
    return [(wrong.where, wrong.reason.key) for read in reads for wrong in read.wrong]


def test_a_folder_is_read_in_order_of_names(folder: Path) -> None:
    (folder / ".7.csv").write_text("not whole yet")
    reads = list(read_files([folder], now=NOW))
    assert ids(reads) == IDS
    assert reasons(reads) == []
    assert pa.concat_tables([r.events for r in reads]).to_pylist() == EVENTS.to_pylist()


@pytest.mark.parametrize("rows", [4, 7])
def test_reading_goes_on_from_after_any_piece(
    folder: Path, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "PIECE_ROWS", rows)
    reads = list(read_files([folder], now=NOW))
    assert max(len(r.events) for r in reads) <= rows
    for n, read in enumerate(reads):
        assert ids(list(read_files([folder], start=read.after, now=NOW))) == ids(reads[n + 1 :])


def test_a_place_between_pieces_will_do_as_well(folder: Path) -> None:
    for path, begin in (("1.parquet", 0), ("2.csv", 15), ("4.jsonl", 45)):
        for row in range(16):
            start = Place(str(folder / path), row)
            assert ids(list(read_files([folder], start=start, now=NOW))) == IDS[begin + row :]


def test_a_piece_ends_where_it_is_large(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "PIECE_BYTES", 600)
    reads = list(read_files([folder], now=NOW))
    assert ids(reads) == IDS
    assert len(reads) > 20


def test_a_cut_off_file_is_told_once_and_the_rest_goes_on(folder: Path) -> None:
    for name in ("1.parquet", "5.jsonl.gz", "3.csv.gz"):
        octets = (folder / name).read_bytes()
        (folder / name).write_bytes(octets[: len(octets) * 2 // 3])
    half = (folder / "4.jsonl").read_bytes()[:-20]
    (folder / "4.jsonl").write_bytes(half)
    reads = list(read_files([folder], now=NOW))
    assert ("1.parquet", "bad_file") in reasons(reads)
    assert ("3.csv.gz", "bad_file") in reasons(reads)
    assert ("4.jsonl:15", "not_json") in reasons(reads)
    assert ("5.jsonl.gz", "bad_file") in reasons(reads)
    assert set(IDS[15:30] + IDS[45:59] + IDS[75:]) <= set(ids(reads)) < set(IDS)
    told = next(r for r in reads if r.after == Place(str(folder / "1.parquet"), DONE))
    assert reasons(list(read_files([folder], start=told.after, now=NOW))) == reasons(reads)[1:]


def test_a_damaged_row_group_loses_no_other_one(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(EVENTS, path, row_group_size=30, compression="zstd", use_dictionary=False)
    octets = bytearray(path.read_bytes())
    at = pq.ParquetFile(path).metadata.row_group(1).column(0).data_page_offset
    octets[at : at + 40] = b"\xff" * 40
    path.write_bytes(octets)
    reads = list(read_files([path], now=NOW))
    assert ids(reads) == IDS[:30] + IDS[60:]
    assert reasons(reads) == [("a.parquet:31-60", "bad_group")]


def test_a_csv_in_the_national_coding_is_read(tmp_path: Path) -> None:
    rows = EVENTS.slice(0, 2).to_pylist()
    texts = ["您的包裹丢失，请联系客服理赔", "第一行\n“第二行”, 逗号\r\n"]
    for row, text in zip(rows, texts, strict=True):
        row |= {"type": "sms.received", "text": text}
    table = pa.Table.from_pylist(rows, EVENTS.schema)
    for name, coding in (("a.csv", "gb18030"), ("b.csv", "utf-8-sig")):
        (tmp_path / name).write_bytes(as_csv(table).decode().encode(coding))
    for read in read_files([tmp_path], now=NOW):
        assert read.wrong == []
        assert read.events["text"].to_pylist() == texts


def test_the_wrong_rows_of_a_csv_are_set_aside_by_their_number(tmp_path: Path) -> None:
    head = "time,resident,type,id,source,seconds,other"
    good = "2026-03-01T00:00:00Z,r,call.ended,{},s,1,x"
    rows = [
        good.format("a"), good.format("b") + ",more", "", "few,cells",
        good.format("c").replace(",x", ',"x"y'), good.format("d"), good.format("e") + "\udcff",
        good.format("f").replace(",x", ',"without an end'),
    ]  # fmt: skip
    text = "\n".join([head, *rows])
    (tmp_path / "a.csv").write_bytes(text.encode(errors="surrogateescape"))
    reads = list(read_files([tmp_path], now=NOW))
    assert ids(reads) == ["a", "d"]
    assert reasons(reads) == [
        ("a.csv:2", "bad_row"), ("a.csv:4", "bad_row"), ("a.csv:5", "bad_row"),
        ("a.csv:7", "not_text"), ("a.csv:8", "bad_row"),
    ]  # fmt: skip


def test_files_of_something_else_are_passed_over(folder: Path) -> None:
    (folder / "0.csv").write_text("姓名,电话\n甲,1\n")
    (folder / "notes.docx").write_text("x")
    (folder / "empty.csv").write_text("")
    (folder / "empty.jsonl").write_text("")
    pq.write_table(pa.table({"resident": ["r"]}), folder / "truth.parquet")
    reads = list(read_files([folder], now=NOW))
    assert ids(reads) == IDS
    assert reasons(reads) == [
        ("0.csv", "other_header"), ("empty.csv", "other_header"), ("notes.docx", "other_file"),
        ("truth.parquet", "other_header"),
    ]  # fmt: skip


def test_a_path_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no such file"):
        list(read_files([tmp_path / "a.csv"]))


def test_a_line_without_end_does_not_fill_the_memory(tmp_path: Path) -> None:
    first, *_, last = as_lines(EVENTS)
    with (tmp_path / "a.jsonl").open("wb") as file:
        file.write(first + b"\n" + b"x" * 9_000_000 + b"\n" + last)
    reads = list(read_files([tmp_path], now=NOW))
    assert ids(reads) == [IDS[0], IDS[-1]]
    assert reasons(reads) == [("a.jsonl:2", "too_large")]


def test_a_packed_csv_whose_header_is_damaged_is_set_aside_whole(tmp_path: Path) -> None:
    rows = b"".join(b"%d,x,y,z\n" % n for n in range(2000))
    packed = gzip.compress(b"id,source,tyqe,time\n" + rows)
    (tmp_path / "a.csv.gz").write_bytes(packed[: len(packed) // 2])
    [read] = read_files([tmp_path], now=NOW)
    assert [wrong.reason.key for wrong in read.wrong] == ["bad_file"]
    assert len(read.events) == 0
