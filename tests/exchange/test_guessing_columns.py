"""Which column is which: guessed, explained, corrected, remembered."""

from __future__ import annotations

import pytest
from handmade import workbook

from fangxian.exchange.columns import (
    Field,
    column_of,
    field_choices,
    guess_columns,
    mapping_from,
    mapping_of,
    mapping_problems,
    remember,
)
from fangxian.exchange.fields import word_match
from fangxian.exchange.tables import Table, read_pasted, read_table

PEOPLE = [
    ["王芳", "12000000001", "海兰村1组1号", "刷单返利", "高", "2026-11-01 14:30"],
    ["李强", "12000000002", "海兰村2组2号", "冒充客服", "中", "2026-11-02 09:10"],
    ["张伟", "12000000003", "柳坝村3组9号", "虚假贷款", "低", "2026-11-02 10:20"],
]


def list_with(header: list[str], rows: list[list[str]] | None = None) -> Table:
    return read_table(workbook([header, *(rows or [["x"] * len(header)] * 2)]))


def fields(table: Table) -> list[str]:
    mapping = mapping_of(guess_columns(table))
    return [str(mapping.get(index, "")) for index in range(len(table.header))]


def test_the_usual_headers_of_a_county_are_understood() -> None:
    header = ["序号", "预警编号", "受害人姓名", "身份证号码", "联系电话", "现居住地", "所属村（社区）", "预警类型", "风险等级", "来电时间", "涉诈号码", "下发时间", "下发单位", "备注", "反馈结果"]  # fmt: skip
    assert fields(list_with(header)) == [
        "", "reference", "name", "id_number", "phone", "address", "area", "kind", "grade", "occurred_at",
        "risk_number", "issued_at", "sender_unit", "note", "",
    ]  # fmt: skip


def test_english_headers_are_understood() -> None:
    header = ["No.", "Ref No", "Full Name", "Phone Number", "Home Address", "Village", "Fraud Type", "Risk Level", "Call Time", "Caller Number", "Issued At", "Remarks"]  # fmt: skip
    assert fields(list_with(header)) == [
        "", "reference", "name", "phone", "address", "area", "kind", "grade", "occurred_at", "risk_number", "issued_at", "note",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("*手 机 号 码（必填）", Field.PHONE),
        ("联系电话1", Field.PHONE),
        ("居民联系人电话", Field.PHONE),
        ("手机号吗", Field.PHONE),
        ("户主身份证", Field.ID_NUMBER),
        ("家庭详细住址", Field.ADDRESS),
        ("嫌疑人电话", Field.RISK_NUMBER),
        ("电话（对方）", Field.RISK_NUMBER),
        ("受害人信息 电话", Field.PHONE),
        ("嫌疑人信息 电话", Field.RISK_NUMBER),
        ("诈骗手机号", Field.RISK_NUMBER),
        ("预警下发时间", Field.ISSUED_AT),
        ("Adress", Field.ADDRESS),
        ("民警电话", None),
        ("网格员联系电话", None),
        ("嫌疑人姓名", None),
        ("涉案金额", Field.LOSS),
        ("被骗金额（万元）", Field.LOSS),
        ("是否转账", Field.PAID),
        ("交易金额", None),
        ("劝阻时间", None),
        ("Handler phone", None),
        ("甲乙丙", None),
        ("聯絡電話", Field.PHONE),
        ("身份證號碼", Field.ID_NUMBER),
        ("詐騙電話", Field.RISK_NUMBER),
    ],
)
def test_a_header_is_understood_by_its_noun_and_by_whose_it_is(
    header: str, field: Field | None
) -> None:
    assert word_match(header)[0] is field


def test_a_list_without_header_is_guessed_by_its_content() -> None:
    table = read_table(workbook(PEOPLE))
    assert fields(table) == ["name", "phone", "address", "kind", "grade", "occurred_at"]


def test_headers_nobody_knows_leave_the_guess_to_the_content() -> None:
    table = list_with(["甲", "乙", "丙", "丁", "戊", "己"], PEOPLE)
    assert fields(table) == ["name", "phone", "address", "kind", "grade", "occurred_at"]


def test_every_guess_says_why_in_both_languages() -> None:
    named = guess_columns(list_with(["预留手机号", "住址"], [["12000000001", "海兰村1组1号"]]))
    assert named[0].say("zh") == "表头“预留手机号”里有“手机号”，内容 100% 也像"
    assert (
        named[0].say("en")
        == "The header “预留手机号” contains “手机号”, and 100% of the cells look like it"
    )
    by_content = guess_columns(read_table(workbook(PEOPLE)))
    assert by_content[1].say("zh") == "表头没有说明，100% 的内容像居民电话"
    assert by_content[1].confidence < named[0].confidence


def test_a_header_that_its_content_contradicts_is_doubted() -> None:
    table = list_with(["姓名", "电话"], [["王芳", "海兰村"], ["李强", "柳坝村"]])
    guess = guess_columns(table)[1]
    assert guess.code == "guess_against"
    assert guess.confidence < 0.5
    assert "请核对" in guess.say("zh")


def test_a_field_goes_to_the_column_that_fits_best() -> None:
    table = list_with(["姓名", "客户姓名（曾用）", "电话"], [["王芳", "王方", "12000000001"]])
    assert fields(table) == ["name", "", "phone"]


def test_of_two_plain_labels_the_one_that_says_more_takes_the_field() -> None:
    table = list_with(["时间", "姓名", "来电时间"], [["2026-11-01", "王芳", "2026-11-01"]])
    assert fields(table) == ["", "name", "occurred_at"]


def test_several_columns_may_hold_phones_and_notes() -> None:
    table = list_with(["姓名", "本人电话", "家属电话", "备注", "情况说明"])
    assert fields(table) == ["name", "phone", "phone", "note", "note"]


def test_a_second_column_of_numbers_without_header_is_never_taken_for_the_resident_s_phone() -> (
    None
):
    rows = [["王芳", "12000000001", "12000000009"], ["李强", "12000000002", "12000000008"]]
    assert fields(read_table(workbook(rows))) == ["name", "phone", ""]


def test_a_sender_s_last_mapping_wins_over_every_guess() -> None:
    table = list_with(["姓名", "联系电话", "电话2", "说明"])
    remembered = {"联系电话": "risk_number", "电话2": "phone", "说明": "", "不再有的列": "note"}
    guesses = guess_columns(table, remembered)
    assert mapping_of(guesses) == {0: Field.NAME, 1: Field.RISK_NUMBER, 2: Field.PHONE}
    assert guesses[1].confidence == 1.0
    assert guesses[1].say("zh") == "上次这家单位的“联系电话”列就是这样对应的"


def test_what_is_remembered_gives_the_same_mapping_again() -> None:
    table = list_with(["姓名", "电话", "电话", "住址", "杂项"])
    mapping = {0: Field.NAME, 1: Field.PHONE, 2: Field.RISK_NUMBER}
    kept = remember(table, mapping)
    assert kept == {
        "姓名": "name",
        "电话": "phone",
        "电话 #2": "risk_number",
        "住址": "",
        "杂项": "",
    }
    assert mapping_of(guess_columns(table, kept)) == mapping
    assert mapping_from(table, kept) == mapping


def test_a_choice_of_a_column_or_field_that_does_not_exist_is_ignored() -> None:
    table = list_with(["姓名", "电话"])
    assert mapping_from(table, {"姓名": "name", "电话": "shoe_size", "没有": "phone"}) == {
        0: Field.NAME
    }


def test_a_mapping_by_which_nobody_can_be_found_is_refused() -> None:
    assert [p.code for p in mapping_problems({0: Field.NAME, 1: Field.KIND})] == ["map_no_contact"]
    assert mapping_problems({0: Field.NAME, 1: Field.ADDRESS}) == []
    assert mapping_problems({3: Field.PHONE}) == []


def test_a_field_given_to_two_columns_is_refused_unless_it_may_have_several() -> None:
    twice = {0: Field.NAME, 1: Field.NAME, 2: Field.PHONE, 3: Field.PHONE}
    assert [p.say("zh") for p in mapping_problems(twice)] == ["“姓名”对应了 2 列，只能对应一列"]


def test_the_choices_of_a_form_name_every_field() -> None:
    assert ("phone", "居民电话") in field_choices("zh")
    assert ("phone", "Resident's phone") in field_choices("en")
    assert len(field_choices("zh")) == len(Field) - 1


def test_the_column_of_a_field_is_its_first() -> None:
    assert column_of({2: Field.PHONE, 1: Field.PHONE}, Field.PHONE) == 1
    assert column_of({}, Field.PHONE) is None


def test_a_pasted_line_without_header_is_enough() -> None:
    table = read_pasted("王芳\t120 0000 0001\t海兰村1组1号\t冒充公检法")
    assert fields(table) == ["name", "phone", "address", "kind"]
