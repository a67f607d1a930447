"""How long a list of 20,000 rows takes from bytes to a preview: python bench/bench_exchange.py"""

from __future__ import annotations

import argparse
import csv
import io
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random
from typing import TypeVar

from fangxian.exchange.columns import guess_columns, mapping_of
from fangxian.exchange.tables import Table, read_table
from fangxian.exchange.warning_lists import WarningRow, read_rows
from fangxian.exchange.writing import write_bad_rows, write_table

ROWS = 20_000
TODAY = date(2026, 11, 24)
HEADER = ["序号", "所属村", "姓名", "联系电话", "身份证号", "住址", "预警类型", "风险等级", "来电时间", "涉诈号码", "预警编号", "备注"]  # fmt: skip
T = TypeVar("T")


def messy_rows(rng: Random) -> list[list[object]]:
    """Rows of twelve columns; one phone cell in three needs more than a look, one in fifty is bad."""
    rows: list[list[object]] = []
    for serial in range(1, ROWS + 1):
        phone = f"120{rng.randrange(10**8):08d}"
        cell = {
            0: f"+86 {phone[:3]} {phone[3:7]} {phone[7:]}",
            1: f"{phone}、120{rng.randrange(10**8):08d}",
            2: f"本人{phone} 儿子120{rng.randrange(10**8):08d}",
            3: "023-0" + phone[:7],
        }.get(serial % 12, phone)
        if serial % 50 == 0:
            cell = "138001"
        when = datetime(2026, 11, 20) - timedelta(minutes=rng.randrange(40_000))  # noqa: DTZ001
        rows.append(
            [
                serial, "海兰村", rng.choice(["王芳", "李 强", "张*华（户主）"]), cell, "", f"海兰村{serial % 9}组{serial}号",
                "冒充客服", rng.choice(["高", "中", "低"]), f"{when:%Y年%m月%d日 %H:%M}", f"00210 0000 {rng.randrange(10**4):04d}", f"YJ{serial:08d}",
                "通话十二分钟后收到银行验证码",
            ]
        )  # fmt: skip
    return rows


def as_gb18030(rows: list[list[object]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";")
    writer.writerow(HEADER)
    writer.writerows(rows)
    return out.getvalue().encode("gb18030")


def timed(figures: dict[str, float], name: str, work: Callable[[], T]) -> T:
    start = time.perf_counter()
    result = work()
    figures[name] = round(time.perf_counter() - start, 2)
    return result


def preview(figures: dict[str, float], name: str, data: bytes) -> tuple[Table, list[WarningRow]]:
    """What the preview page does: read, guess, read every row."""
    table = timed(figures, f"{name}: read_table s", lambda: read_table(data))
    guesses = timed(figures, f"{name}: guess_columns s", lambda: guess_columns(table))
    rows = timed(
        figures,
        f"{name}: read_rows s",
        lambda: list(read_rows(table, mapping_of(guesses), today=TODAY, default_area_code="023")),
    )
    figures[f"{name}: total s"] = round(
        sum(v for k, v in figures.items() if k.startswith(f"{name}: ")), 2
    )
    return table, rows


def main() -> dict[str, float]:
    """Measure, print a table, and return {figure: seconds or count}."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    figures: dict[str, float] = {"rows": ROWS}
    rows = messy_rows(Random(1))  # noqa: S311
    workbook = timed(
        figures, "write_table xlsx s", lambda: write_table(HEADER, rows, "名单", "xlsx")
    )
    figures["xlsx KiB"] = len(workbook) // 1024
    table, read = preview(figures, "xlsx", workbook)
    preview(figures, "csv gb18030", as_gb18030(rows))
    refused = {row.number: row.problems for row in read if not row.usable}
    figures["rows with remarks"] = sum(bool(row.remarks) for row in read)
    figures["refused rows"] = len(refused)
    all_rows = {row.number: row.problems or row.remarks for row in read}
    timed(
        figures, "write_bad_rows, all rows s", lambda: write_bad_rows(table, all_rows, "zh", "xlsx")
    )
    for name, value in figures.items():
        print(f"{name:32} {value:>12,}")
    return figures


if __name__ == "__main__":
    main()
