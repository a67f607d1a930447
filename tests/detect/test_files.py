"""Files of texts: verdict columns beside what was there, and clear words about what is wrong."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from fangxian.detect.files import UnreadableFile, check_file, pieces

FRAUD = "妈，我手机掉水里了，这是我新号，你先给我转5000块交学费，别告诉我爸。"
HONEST = "今晚一起去吃火锅不？六点半老地方，我订了位置。"


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_csv_comes_back_whole_with_three_more_columns(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(f"id,text\n1,{FRAUD}\n2,{HONEST}\n", encoding="utf-8")
    told = check_file(path, None, "text")
    assert (told.rows, told.flagged) == (2, 1)
    rows = rows_of(tmp_path / "x.checked.csv")
    assert [(r["id"], r["fraud_flagged"]) for r in rows] == [("1", "1"), ("2", "0")]
    assert rows[0]["text"] == FRAUD
    assert rows[1]["fraud_grade"] == "clear"


def test_pieces_lose_no_row_between_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "PIECE", 3)
    path = tmp_path / "x.csv"
    path.write_text("id,text\n" + "".join(f"{n},好\n" for n in range(11)), encoding="utf-8")
    assert check_file(path, None, "text").rows == 11
    assert [r["id"] for r in rows_of(tmp_path / "x.checked.csv")] == [str(n) for n in range(11)]


def test_a_csv_without_header_in_the_national_coding_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes("".join(f"{HONEST}{n}\n" for n in range(500)).encode("gb18030"))
    told = check_file(path, tmp_path / "out.csv", "text")
    assert told.rows == 500
    assert rows_of(told.out)[0]["text"] == HONEST + "0"


def test_jsonl(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    lines = [json.dumps({"text": t, "n": n}) for n, t in enumerate((FRAUD, HONEST))]
    path.write_text("\n".join(lines), encoding="utf-8")
    told = check_file(path, None, "text")
    found = [json.loads(line) for line in told.out.read_text(encoding="utf-8").splitlines()]
    assert [row["fraud_flagged"] for row in found] == [1, 0]
    assert [row["n"] for row in found] == [0, 1]


def test_parquet(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    import pyarrow.parquet as pq

    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"message": [FRAUD, None, HONEST]}), path)
    told = check_file(path, None, "message")
    table = pq.read_table(told.out)
    assert table.column("fraud_flagged").to_pylist() == [True, False, False]
    assert table.column("message").to_pylist() == [FRAUD, None, HONEST]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("x.csv", b"", "is empty"),
        ("x.csv", b"id,message\n1,x\n", "no column 'text'; there are id, message"),
        ("x.jsonl", b'{"text": "a"}\nnot json\n', "line 2 is no JSON"),
        ("x.jsonl", b'["a"]\n', "line 1: expected an object with 'text'"),
        ("x.parquet", b"PAR1 not", "is no parquet file"),
        ("x.csv", bytes(range(256)) * 50, "x.csv is no text"),
        ("x.xlsx", b"PK", "cannot read .xlsx; expected .csv, .jsonl, .parquet"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_left_behind(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match=said.replace(".", r"\.")):
        check_file(path, None, "text")
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_a_file_is_not_written_over_itself(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("text\nx\n", encoding="utf-8")
    with pytest.raises(UnreadableFile, match="choose another name"):
        check_file(path, path, "text")
    assert path.read_text(encoding="utf-8") == "text\nx\n"
