"""Reading a table of subscribers, with errors that say which cell and what was expected."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .columns import Column, columns

LABEL = "label"
_MISSING = {"", "na", "nan", "null", "none"}
# Plain decimal figures: no 1_000, no inf.
_FIGURE = re.compile(r"[+-]?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})(?:[eE][+-]?\d{1,3})?", re.ASCII)
# Nothing that is counted here comes near; beyond it, products of two would lose their meaning.
LARGEST = 1e15
_TOLD = 10
MOST_ROWS = 5_000_000


class TableError(ValueError):
    """The table cannot be used. `problems`: each one with row and column, at most ten."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("；".join(problems))
        self.problems = problems


@dataclass(frozen=True, eq=False)
class Subscribers:
    """Rows of subscribers: `values` (n, 55) with the columns of columns.yaml, NaN where a cell is
    empty; `is_fraud` (n) where the table says so, else None. Rows keep the order of the table."""

    values: NDArray[np.float64]
    is_fraud: NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        return len(self.values)

    def rows(self, chosen: NDArray[np.intp] | NDArray[np.bool_]) -> Subscribers:
        """Some of the rows."""
        labels = None if self.is_fraud is None else self.is_fraud[chosen]
        return Subscribers(self.values[chosen], labels)


def read_table(source: Path | str | bytes, *, labelled: bool = False) -> Subscribers:
    """Read comma-separated rows under a header with the 55 names of columns.yaml, in any order.

    `source`: a file, or the table itself as text or bytes (UTF-8 or GB 18030). Other columns are
    passed over. An empty cell is a value that is missing. With `labelled` there is also a column
    `label`, 1 for fraud and 0 for none. Raises TableError with what is wrong where (row 1 is the
    header), OSError if the file cannot be read, TypeError if `source` is something else.
    """
    if isinstance(source, Path):
        source = source.read_bytes()
    if isinstance(source, bytes):
        source = _decoded(source)
    if not isinstance(source, str):
        raise TypeError(f"应为文件路径、文字或字节，实际是 {type(source).__name__}")
    reader = csv.reader(io.StringIO(source.removeprefix("\ufeff"), newline=""))
    try:
        header = [name.strip() for name in next(reader, [])]
        places = _places(header, labelled)
        return _read(reader, len(header), places, labelled)
    except csv.Error as wrong:
        raise TableError([f"第 {reader.line_num} 行：不是逗号分隔的表格（{wrong}）"]) from wrong


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise TableError(["文件既不是 UTF-8 也不是 GB 18030 编码的文字"])


def _places(header: list[str], labelled: bool) -> list[int]:
    """Where in a row each column stands, the label last."""
    if not any(header):
        raise TableError(["表格是空的：第 1 行应为列名"])
    wanted = [column.key for column in columns()] + [LABEL] * labelled
    missing = [name for name in wanted if name not in header]
    double = [name for name in wanted if header.count(name) > 1]
    problems = []
    if missing:
        problems.append(f"第 1 行：缺少列 {'、'.join(missing)}")
    if double:
        problems.append(f"第 1 行：列 {'、'.join(double)} 出现了不止一次")
    if problems:
        raise TableError(problems)
    return [header.index(name) for name in wanted]


def _read(
    reader: Iterator[list[str]], width: int, places: list[int], labelled: bool
) -> Subscribers:
    every = columns()
    values: list[NDArray[np.float64]] = []
    labels: list[bool] = []
    problems: list[str] = []
    for number, row in enumerate(reader, 2):
        if not any(cell.strip() for cell in row):
            continue
        if len(values) >= MOST_ROWS:
            problems.append(f"第 {number} 行：超过 {MOST_ROWS:,} 行，请分成几个文件")
            break
        if len(row) != width:
            problems.append(f"第 {number} 行：应有 {width} 格，实际 {len(row)} 格")
        else:
            cells = [row[place].strip() for place in places]
            values.append(_values(number, cells[: len(every)], every, problems))
            if labelled and cells[-1] not in ("0", "1"):
                problems.append(
                    f"第 {number} 行“{LABEL}”：应为 1（涉诈）或 0，实际是 {_shown(cells[-1])}"
                )
            labels.append(labelled and cells[-1] == "1")
        if len(problems) >= _TOLD:
            break
    if problems:
        raise TableError(problems[:_TOLD])
    if not values:
        raise TableError(["表格只有列名，没有一行数据"])
    return Subscribers(np.stack(values), np.array(labels) if labelled else None)


def _values(
    number: int, cells: list[str], every: tuple[Column, ...], problems: list[str]
) -> NDArray[np.float64]:
    out = np.full(len(cells), np.nan)
    for at, (cell, column) in enumerate(zip(cells, every, strict=True)):
        if cell.lower() in _MISSING:
            continue
        value = float(cell) if _FIGURE.fullmatch(cell) else np.nan
        if not (column.least <= value <= column.most and abs(value) <= LARGEST):
            problems.append(
                f"第 {number} 行“{column.key}”（{column.name.zh}）：应为{column.expects}，实际是 {_shown(cell)}"
            )
        out[at] = value
    return out


def _shown(cell: str) -> str:
    return repr(cell if len(cell) <= 20 else cell[:20] + "…")
