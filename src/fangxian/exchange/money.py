"""Whether money moved, and how much, as lists say it: 是, 未转账, 5万元, ¥3,000.00."""

from __future__ import annotations

import re
from decimal import Decimal

from .cells import Cell, cell_text
from .characters import one_line

_NOT_KNOWN = re.compile(r"(?:不详|不明|未知|未核实|待核实|待查|不清楚|unknown|n/?a)?[?？]?", re.I)
_NO = re.compile(r"(?:否|未|没|无|不|n\b|no\b|not\b|false|0$|×|x$|-$|/$)", re.I)
_YES = re.compile(r"(?:是|已|有|转|汇|付|对|y\b|yes\b|true|1$|√|✓|☑|paid|sent|transferred)", re.I)
_AMOUNT = re.compile(
    r"(?:约|共|合计|已?转账?|已?汇款?|损失|被骗|人民币|RMB|CNY|[¥￥])*\s*"
    r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>亿|万|千|百|k|w)?\s*(?:余|多)?(?:元|块|圆)?(?:左右|整)?",
    re.I,
)
_NOTHING = re.compile(r"(?:无|没有|无损失|未损失|未被骗|未转账|否|[-/—]+)", re.I)
_TIMES = {"亿": 10**8, "万": 10**4, "w": 10**4, "千": 1000, "k": 1000, "百": 100}
# More than one person of a town can lose; such a number is an account or a phone.
_MOST = Decimal(10**9)


def parse_paid(value: Cell) -> bool | None:
    """Whether the resident has already sent money; None where the cell does not say."""
    if isinstance(value, bool):
        return value
    text = one_line(cell_text(value))
    if _NOT_KNOWN.fullmatch(text):
        return None
    if _NO.match(text):
        return False
    return True if _YES.match(text) or parse_fen(value) else None


def parse_fen(value: Cell, column_label: str = "") -> int | None:
    """An amount in fen; 0 for words such as 无; None where the cell holds no single amount.

    A cell without unit takes that of its column (`被骗金额（万元）`), else yuan.
    """
    text = one_line(cell_text(value)).replace(",", "").replace("，", "").strip("' 。.")
    if _NOTHING.fullmatch(text):
        return 0
    match = _AMOUNT.fullmatch(text)
    if match is None:
        return None
    of_column = next((u for u in ("万", "千") if f"{u}元" in column_label), "")
    times = _TIMES.get((match["unit"] or of_column).lower(), 1)
    yuan = Decimal(match["number"]) * times
    return int(yuan * 100) if yuan < _MOST else None
