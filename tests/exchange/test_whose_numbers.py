"""Whose number a column holds: said by its header, or chosen by a person, never assumed."""

from __future__ import annotations

import pytest
from handmade import workbook

from fangxian.exchange.columns import guess_columns, mapping_of, mapping_problems
from fangxian.exchange.tables import Table, read_table

SUSPECTS = [
    "00852 0000 0001",
    "95588",
    "4001234567",
    "+44 20 7946 0000",
    "12000000777",
    "12000000777",
]


def listed(header: list[str] | None, suspects_first: bool = True) -> Table:
    """Six people: a suspect number, the name and the resident's own phone, in one order or other."""
    rows = []
    for n, suspect in enumerate(SUSPECTS):
        row = [suspect, "王芳", f"1200000000{n}"]
        rows.append(row if suspects_first else row[::-1])
    return read_table(workbook([*([header] if header else []), *rows]))


def fields(table: Table, remembered: dict[str, str] | None = None) -> list[str]:
    mapping = mapping_of(guess_columns(table, remembered or {}))
    return [str(mapping.get(i, "")) for i in range(len(table.header))]


@pytest.mark.parametrize("header", [None, ["电话", "姓名", "手机号码"], ["号码甲", "姓名", "号码乙"], ["电话", "姓名", "电话"]])  # fmt: skip
@pytest.mark.parametrize("first", [True, False])
def test_two_columns_of_numbers_without_a_clear_header_ask_for_a_choice(header, first) -> None:
    table = listed(header, first)
    assert fields(table) == ["unclear_number", "name", "unclear_number"]
    problems = mapping_problems(mapping_of(guess_columns(table, {})))
    assert [p.code for p in problems] == ["map_unclear"]
    assert "请先选择" in problems[0].say("zh")


def test_the_numbers_themselves_say_which_column_looks_like_suspects() -> None:
    guesses = guess_columns(listed(["电话", "姓名", "手机号码"]), {})
    assert guesses[0].code == "number_suspect"
    assert "67%" in guesses[0].say("zh")
    assert guesses[2].code == "number_resident"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (["涉诈号码", "姓名", "电话"], ["risk_number", "name", "phone"]),
        (["对方电话", "姓名", "受害人电话"], ["risk_number", "name", "phone"]),
        (["主叫", "姓名", "被叫"], ["risk_number", "name", "phone"]),
        (["电话", "姓名", "受害人电话"], ["unclear_number", "name", "phone"]),
        (["民警电话", "姓名", "电话"], ["", "name", "phone"]),
    ],
)
def test_a_header_that_says_whose_numbers_they_are_is_believed(header, expected) -> None:
    assert fields(listed(header)) == expected


@pytest.mark.parametrize("header", [["姓名", "手机", "座机"], ["姓名", "电话1", "电话2"], ["姓名", "联系电话", "家属电话"]])  # fmt: skip
def test_two_numbers_of_one_person_need_no_choice(header) -> None:
    rows = [[f"王{n}", f"1200000000{n}", f"023-9000000{n}"] for n in range(6)]
    assert fields(read_table(workbook([header, *rows]))) == ["name", "phone", "phone"]


def test_a_single_column_of_suspects_is_not_rung_for_want_of_another() -> None:
    rows = [["王芳", number] for number in SUSPECTS]
    assert fields(read_table(workbook([["姓名", "电话"], *rows]))) == ["name", "unclear_number"]


def test_what_a_person_chose_is_not_asked_again() -> None:
    chosen = {"电话": "risk_number", "手机号码": "phone"}
    table = listed(["电话", "姓名", "手机号码"])
    assert fields(table, chosen) == ["risk_number", "name", "phone"]


def test_a_choice_for_a_list_without_header_is_asked_again_when_the_numbers_contradict_it() -> None:
    chosen = {"列A": "phone", "列B": "name", "列C": "risk_number"}
    assert fields(listed(None, suspects_first=False), chosen) == ["phone", "name", "risk_number"]
    assert fields(listed(None, suspects_first=True), chosen)[0] == "unclear_number"


def test_serial_numbers_days_and_amounts_are_no_numbers_to_ring() -> None:
    rows = [[str(n), "王芳", f"1200000000{n}", f"202611{n + 10}", f"{n}0000"] for n in range(6)]
    assert "unclear_number" not in fields(
        read_table(workbook([["甲", "乙", "丙", "丁", "戊"], *rows]))
    )


def test_a_list_of_residents_has_no_suspects() -> None:
    mapping = mapping_of(guess_columns(listed(["电话", "姓名", "手机号码"])))
    assert [str(mapping[i]) for i in range(3)] == ["phone", "name", "phone"]
