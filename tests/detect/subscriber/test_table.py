"""A table of subscribers is read whole, or refused with the cell and what was expected."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangxian.detect.subscriber import Subscribers, TableError, aspects, columns, read_table

KEYS = [column.key for column in columns()]


def sheet(rows: list[dict[str, str]], keys: list[str] | None = None) -> str:
    names = keys or [*KEYS, "label"]
    lines = [",".join(row.get(name, "1") for name in names) for row in rows]
    return "\n".join([",".join(names), *lines]) + "\n"


def problems(text: str | bytes) -> list[str]:
    with pytest.raises(TableError) as wrong:
        read_table(text, labelled=True)
    return wrong.value.problems


def test_every_column_has_an_aspect_and_two_names() -> None:
    assert len(columns()) == len({c.key for c in columns()}) == 55
    assert {c.aspect for c in columns()} == set(aspects())
    assert len({c.name.zh for c in columns()}) == len({c.name.en for c in columns()}) == 55


def test_rows_are_read_by_the_names_of_their_columns(tmp_path: Path) -> None:
    rows = [{"imeis": "7", "arpu_mean": "-4.5", "label": "1"}, {"imeis": "", "sms_count": "1e3"}]
    table = read_table(sheet(rows), labelled=True)
    at = KEYS.index
    assert (table.values[0, at("imeis")], table.values[0, at("arpu_mean")]) == (7, -4.5)
    assert math.isnan(table.values[1, at("imeis")])
    assert table.values[1, at("sms_count")] == 1_000
    assert table.is_fraud is not None
    assert table.is_fraud.tolist() == [True, True]
    other = sheet(rows, ["号码", *reversed(KEYS), "label"])
    for written in (other, other.encode("gb18030"), b"\xef\xbb\xbf" + other.encode()):
        again = read_table(written)
        assert again.is_fraud is None
        assert str(again.values) == str(table.values)
    path = tmp_path / "table.csv"
    path.write_text(other, encoding="utf-8")
    assert len(read_table(path)) == 2


def test_missing_and_double_columns_are_named() -> None:
    keys = [key for key in KEYS if key not in ("imeis", "arpu_sum")]
    assert problems(sheet([{}], [*keys, "flow_sum"])) == [
        "第 1 行：缺少列 imeis、arpu_sum、label",
        "第 1 行：列 flow_sum 出现了不止一次",
    ]


@pytest.mark.parametrize(
    ("key", "cell", "expected"),
    [
        ("imeis", "两部", "“imeis”（手机串号数）：应为不小于 0 的数，实际是 '两部'"),
        ("imeis", "-1", "应为不小于 0 的数，实际是 '-1'"),
        ("imeis", "1_000", "应为不小于 0 的数"),
        ("imeis", "inf", "应为不小于 0 的数"),
        ("imeis", "1e300", "应为不小于 0 的数"),
        ("arpu_sum", "9" * 40, "应为数，实际是 '99999999999999999999…'"),
        ("calltype_rate", "1.2", "应为0 到 1 之间的数"),
        ("voc_hour_mode", "24", "应为0 到 23 的钟点"),
        ("day_mode", "0", "应为1 到 31 的日子"),
        ("label", "yes", "“label”：应为 1（涉诈）或 0，实际是 'yes'"),
        ("label", "", "“label”：应为 1（涉诈）或 0"),
    ],
)
def test_a_wrong_cell_is_told_with_row_and_column(key: str, cell: str, expected: str) -> None:
    (problem,) = problems(sheet([{}, {key: cell}]))
    assert problem.startswith("第 3 行")
    assert expected in problem


def test_no_more_than_ten_problems_are_told() -> None:
    assert len(problems(sheet([{"imeis": "x"}] * 500))) == 10


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "表格是空的"),
        ("\n\n", "表格是空的"),
        (sheet([]), "没有一行数据"),
        (sheet([]) + ",,\n", "没有一行数据"),
        (sheet([{}]) + "1,2,3\n", "第 3 行：应有 56 格，实际 3 格"),
        (b"\xff\xfe\x00", "既不是 UTF-8 也不是 GB 18030"),
        (sheet([]) + '"' + "x" * 200_000, "第 2 行"),
    ],
)
def test_what_is_no_table_is_refused(text: str | bytes, says: str) -> None:
    assert says in problems(text)[0]


def test_what_is_neither_file_nor_text_is_refused() -> None:
    with pytest.raises(TypeError, match="实际是 int"):
        read_table(7)  # type: ignore[arg-type]


@given(st.one_of(st.text(st.characters()), st.binary()))
def test_anything_at_all_may_come(source: str | bytes) -> None:
    with pytest.raises(TableError):
        read_table(source)


@given(
    st.lists(
        st.text(st.characters(exclude_characters=',"\r\n'), max_size=8), min_size=55, max_size=55
    )
)
def test_any_cells_at_all_may_come(cells: list[str]) -> None:
    found = read_or_refused(",".join(KEYS) + "\n" + ",".join(cells))
    if isinstance(found, TableError):
        assert all(p.startswith(("第 2 行", "表格只有列名")) for p in found.problems)
    else:
        assert found.values.shape == (1, 55)


@pytest.mark.parametrize("text", ["1," * 500_000, "\0" * 1_000_000, "\n" * 1_000_000])
def test_a_megabyte_that_is_no_table_is_refused_in_few_words(text: str) -> None:
    assert len(str(problems(text))) < 2_000


def read_or_refused(text: str) -> Subscribers | TableError:
    try:
        return read_table(text)
    except TableError as wrong:
        return wrong
