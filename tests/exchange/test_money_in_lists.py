"""Whether money moved, and how much, as senders write it."""

from __future__ import annotations

import pytest

from fangxian.exchange.cells import Cell
from fangxian.exchange.money import parse_fen, parse_paid


@pytest.mark.parametrize(
    ("cell", "fen"),
    [
        ("5000", 500_000), (5000.0, 500_000), ("5,000.50元", 500_050), ("1.2万", 1_200_000),
        ("１.２万元", 1_200_000), ("￥3000", 300_000), ("约5万余元", 5_000_000), ("转账2000元", 200_000),
        ("无", 0), ("0", 0), ("-", 0), ("5-6万", None), ("待核实", None), ("12000000001", None),
        ("三万", None), (True, None),
    ],
)  # fmt: skip
def test_an_amount_is_read_in_fen(cell: Cell, fen: int | None) -> None:
    assert parse_fen(cell) == fen


def test_the_unit_of_the_column_holds_for_bare_numbers() -> None:
    assert parse_fen("5", "被骗金额（万元）") == 5_000_000
    assert parse_fen("5元", "被骗金额（万元）") == 5_000_000
    assert parse_fen("5", "被骗金额（元）") == 500


@pytest.mark.parametrize(
    ("cell", "paid"),
    [
        ("是", True), ("已转账", True), ("Y", True), (True, True), ("√", True), ("转账5000元", True),
        ("有", True), ("5000", True), ("否", False), ("未转账", False), ("没有", False), ("no", False),
        ("不是", False), (0, False), ("不详", None), ("未知", None), ("待核实", None), ("", None), ("看情况", None),
    ],
)  # fmt: skip
def test_whether_money_was_sent_is_read(cell: Cell, paid: bool | None) -> None:
    assert parse_paid(cell) is paid
