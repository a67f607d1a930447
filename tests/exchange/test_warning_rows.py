"""A row of a warning list becomes typed values, problems and remarks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest
from handmade import workbook

from fangxian.exchange.columns import Field, guess_columns, mapping_of
from fangxian.exchange.tables import read_table
from fangxian.exchange.warning_lists import WarningRow, read_rows

TODAY = date(2026, 11, 24)
HEADER = ["姓名", "电话", "家属电话", "身份证号", "住址", "村", "预警类型", "风险等级", "来电时间", "下发时间", "预警编号", "涉诈号码", "备注"]  # fmt: skip
FULL: dict[str, object] = {
    "姓名": "王 芳（户主）",
    "电话": "120 0000 0001",
    "家属电话": "儿子12000000002",
    "身份证号": "11010519491231002X",
    "住址": "海兰村１组１号",
    "村": "海兰村",
    "预警类型": "冒充公检法",
    "风险等级": "高",
    "来电时间": "2026年11月1日 14:30",
    "下发时间": "2026-11-02",
    "预警编号": "YJ-0001",
    "涉诈号码": "0120 0009 9999",
    "备注": "通话 12 分钟，后收到验证码",
}


def rows_of(*changes: dict[str, object], area: str = "") -> list[WarningRow]:
    """Rows like FULL, each with some cells changed."""
    rows = [[{**FULL, **change}[label] for label in HEADER] for change in changes]
    table = read_table(workbook([HEADER, *rows]))
    mapping = mapping_of(guess_columns(table))
    return list(read_rows(table, mapping, today=TODAY, default_area_code=area))


def row_of(**change: object) -> WarningRow:
    """The row, and another before it, so that a list with an empty column still has its shape."""
    return rows_of({"电话": "12099999999", "家属电话": ""}, change)[1]


def remarks(row: WarningRow) -> list[str]:
    return [remark.code for remark in row.remarks]


def test_a_full_row_is_read_into_its_types() -> None:
    row = row_of()
    assert (row.number, row.index, row.usable) == (3, 1, True)
    assert row.name == "王芳"
    assert row.e164s == ("+8612000000001", "+8612000000002")
    assert row.phones[1].label == "儿子"
    assert (row.id_number, row.birth_year) == ("11010519491231002X", 1949)
    assert (row.address, row.area) == ("海兰村1组1号", "海兰村")
    assert (row.kind_text, row.grade) == ("冒充公检法", "red")
    assert row.occurred_at == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    assert row.occurred_has_time
    assert row.issued_at == datetime(2026, 11, 1, 16, tzinfo=UTC)
    assert row.reference == "YJ-0001"
    assert row.risk_number == "+8612000099999"
    assert row.note == "通话 12 分钟，后收到验证码；户主"
    assert (row.problems, row.remarks, row.repeats) == ((), (), None)


def test_a_row_by_which_nobody_can_be_found_is_refused() -> None:
    row = row_of(电话="", 家属电话="", 住址="", 村="")
    assert not row.usable
    assert row.problems[0].say("zh", row.number) == (
        "第 3 行：没有可用的电话，也没有姓名加住址，找不到人"
    )


def test_a_refused_row_says_what_is_wrong_with_its_phone() -> None:
    row = row_of(电话="138001", 家属电话="", 住址="", 村="")
    assert [problem.say("zh", row.number) for problem in row.problems] == [
        "第 3 行“电话”：138001 只有 6 位，应为 11 位手机号或带区号的座机"
    ]


def test_a_bad_phone_is_only_a_remark_where_name_and_address_find_the_person() -> None:
    row = row_of(电话="138001", 家属电话="")
    assert row.usable
    assert remarks(row) == ["phone_length"]


def test_no_phone_at_all_is_said_once_and_the_person_must_be_looked_for() -> None:
    row = row_of(电话="", 家属电话="无")
    assert row.usable
    assert remarks(row) == ["row_no_phone"]


def test_a_name_and_a_village_are_enough_to_look_for_a_person() -> None:
    assert row_of(电话="", 家属电话="", 住址="").usable


def test_untidy_columns_do_not_hold_up_a_warning() -> None:
    row = row_of(
        身份证号="110105194912310021", 风险等级="待定", 来电时间="2062-11-01", 姓名="王*芳"
    )
    assert row.usable
    assert remarks(row) == ["name_masked", "id_check", "grade_unknown", "date_future"]
    assert (row.id_number, row.grade, row.occurred_at) == ("", None, None)
    assert row.name == "王*芳"


def test_a_row_without_address_is_usable_and_says_so() -> None:
    row = row_of(住址="", 村="")
    assert row.usable
    assert remarks(row) == ["row_no_address"]


def test_a_row_without_name_is_usable_and_says_so() -> None:
    assert remarks(row_of(姓名="")) == ["row_no_name"]


def test_a_phone_in_the_name_column_is_no_name() -> None:
    row = row_of(姓名="12000000003")
    assert row.name == ""
    assert "name_is_number" in remarks(row)


def test_the_resident_s_own_number_as_the_suspect_s_is_remarked() -> None:
    assert remarks(row_of(涉诈号码="12000000001")) == ["row_own_number"]


def test_a_repeated_person_is_marked_with_the_first_row_and_stays_usable() -> None:
    first, other, again = rows_of(
        {}, {"电话": "12000000005", "家属电话": ""}, {"电话": "+86 12000000001", "家属电话": ""}
    )
    assert (first.repeats, other.repeats) == (None, None)
    assert again.repeats == 2
    assert again.usable
    assert again.remarks[-1].say("zh") == "与第 2 行是同一个电话"


def test_the_relative_s_number_also_marks_a_repeated_person() -> None:
    _, again = rows_of({}, {"电话": "12000000002", "家属电话": ""})
    assert again.repeats == 2


def test_without_phones_name_and_address_mark_a_repeated_person() -> None:
    unreachable: dict[str, object] = {"电话": "", "家属电话": ""}
    _, again, elsewhere = rows_of(
        {"家属电话": "无", "电话": ""}, unreachable, {**unreachable, "住址": "柳坝村9组9号"}
    )
    assert again.repeats == 2
    assert again.remarks[-1].say("zh") == "与第 2 行是同一个人（姓名和住址相同）"
    assert elsewhere.repeats is None


def test_the_same_number_twice_in_one_row_is_no_repeat() -> None:
    row = row_of(家属电话="12000000001")
    assert row.repeats is None
    assert len(row.phones) == 1


def test_a_landline_without_area_code_takes_the_town_s() -> None:
    (row,) = rows_of({"电话": "90001234", "家属电话": ""}, area="023")
    assert row.e164s == ("+862390001234",)


def test_a_place_code_typed_as_a_number_stays_twelve_digits() -> None:
    assert row_of(村=990101101201.0).area == "990101101201"


def test_a_suspect_number_of_any_kind_is_kept() -> None:
    assert row_of(涉诈号码="95588").risk_number == "95588"
    assert row_of(涉诈号码="+852 2123 4567").risk_number == "+85221234567"
    assert row_of(涉诈号码="微信 abc").risk_number == "微信 abc"


def test_serial_dates_of_the_1904_epoch_are_read_with_it() -> None:
    def rows_in(epoch_1904: bool) -> WarningRow:
        table = read_table(workbook([["电话", "来电时间"], ["12000000001", 46086.5]]))
        table = replace(table, date_1904=epoch_1904)
        mapping = {0: Field.PHONE, 1: Field.OCCURRED_AT}
        return next(read_rows(table, mapping, today=date(2031, 1, 1)))

    assert rows_in(False).occurred_at == datetime(2026, 3, 5, 4, tzinfo=UTC)
    assert rows_in(True).occurred_at == datetime(2030, 3, 6, 4, tzinfo=UTC)


def test_columns_that_were_left_out_are_not_read() -> None:
    table = read_table(workbook([["姓名", "电话"], ["王芳", "12000000001"]]))
    (row,) = read_rows(table, {1: Field.PHONE}, today=TODAY)
    assert row.name == ""
    assert row.remarks == ()


def first_row(header: list[str], *cells: object) -> WarningRow:
    table = read_table(workbook([header, list(cells), list(cells)]))
    return next(read_rows(table, mapping_of(guess_columns(table, {})), today=TODAY))


def test_a_row_says_whether_money_was_sent_and_how_much() -> None:
    header = ["姓名", "电话", "是否转账", "被骗金额（万元）"]
    row = first_row(header, "王芳", "12000000001", "已转账", 5)
    assert (row.paid, row.loss_fen) == (True, 5_000_000)
    assert first_row(header, "王芳", "12000000001", "否", 5).paid is False
    assert first_row(header, "王芳", "12000000001", "", 5).paid is True
    unsaid = first_row(header, "王芳", "12000000001", "待查实", "若干")
    assert (unsaid.paid, unsaid.loss_fen) == (False, None)
    assert remarks(unsaid) == ["loss_form", "paid_unknown"]


@pytest.mark.parametrize(
    ("day", "clock"),
    [
        ("2026-11-01", "14:30"),
        (date(2026, 11, 1), time(14, 30)),
        ("11月1日", "下午2点半"),
        (46327, "14时30分"),
    ],
)
def test_a_day_and_a_time_in_two_columns_are_one_moment(day: object, clock: object) -> None:
    row = first_row(["姓名", "电话", "日期", "时间"], "王芳", "12000000001", day, clock)
    assert row.occurred_at == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    assert row.occurred_has_time


def test_a_day_keeps_standing_where_its_time_cannot_be_read() -> None:
    header, cells = ["姓名", "电话", "日期", "时间"], ["王芳", "12000000001", "2026-11-01"]
    table = read_table(workbook([header, [*cells, "14:30"], [*cells, "14:40"], [*cells, "傍晚"]]))
    *_, row = read_rows(table, mapping_of(guess_columns(table, {})), today=TODAY)
    assert row.occurred_at == datetime(2026, 10, 31, 16, tzinfo=UTC)
    assert not row.occurred_has_time
