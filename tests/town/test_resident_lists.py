"""Registers of residents: read, shown, imported; nothing half-imported, nothing twice."""

from __future__ import annotations

import io
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from openpyxl import load_workbook

from fangxian.town import actions
from fangxian.town.actions import resident_lists as lists
from fangxian.town.models import AuditEntry, Household, Place, Resident, ResidentList, Staff
from fangxian.town.queries.resident_lists import (
    birth_year,
    guess,
    read_residents,
    read_rows,
    table_of,
)
from town.hailan import Hailan

LIST = """姓名\t手机号\t出生年月\t村\t小组\t住址\t人员类别
陈秀英\t12000000001\t1948-03-02\t海兰村\t2\t海兰村2组5号\t独居、听力不便
陈大明\t12000000002\t1975年\t海兰村\t2\t海兰村2组5号\t
李四\t138001\t40\t海兰村\t1\t海兰村1组1号\t
赵六\t12000000004\t1960\t银峰村\t\t\t
\t12000000005\t1960\t海兰村\t\t\t
孙七\t12000000006\t很久以前\t海兰村\t\t\t
周八\t\t\t青石社区\t\t\t外星人
"""


@pytest.fixture
def handed(town: Hailan) -> ResidentList:
    return actions.hand_in_residents(
        town.again("officer2"), town.places["hailan"], "", LIST.encode()
    )


def imported(by: Staff, handed: ResidentList) -> dict[str, int]:
    """Confirm a register and let the worker run; what became of its rows."""
    actions.confirm_residents(by, handed)
    actions.import_resident_list.func(handed.pk)
    handed.refresh_from_db()
    return dict(handed.result)


def hand_in(town: Hailan, text: str) -> ResidentList:
    return actions.hand_in_residents(
        town.again("officer2"), town.places["hailan"], "", text.encode()
    )


def test_the_columns_are_recognised(handed: ResidentList) -> None:
    assert guess(table_of(handed)) == {
        "姓名": "name",
        "手机号": "phone",
        "出生年月": "birth",
        "村": "area",
        "小组": "grid",
        "住址": "address",
        "人员类别": "tags",
    }


def test_each_row_says_what_would_become_of_it(town: Hailan, handed: ResidentList) -> None:
    rows = read_residents(
        table_of(handed), handed.columns, town.again("officer2"), handed.place, date(2026, 12, 1)
    )
    assert [row.becomes for row in rows] == [
        "new", "new", "refused", "refused", "refused", "refused", "new",
    ]  # fmt: skip
    first, second, bad_phone, foreign, nameless, undated, tagged = rows
    assert first.place == second.place == town.places["hailan2"]
    assert (first.birth_year, second.birth_year) == (1948, 1975)
    assert first.tags == ("lives_alone", "hard_of_hearing")
    assert bad_phone.problems == [
        "第 4 行“手机号”：138001 只有 6 位，应为 11 位手机号或带区号的座机"
    ]
    assert foreign.problems == ["第 5 行“村”：“银峰村”不是您辖区里的地方"]
    assert nameless.problems == ["第 6 行“姓名”：空着，应为居民姓名"]
    assert "看不懂，应为 1950" in undated.problems[0]
    assert tagged.remarks == ["不认识标签“外星人”，已略过"]


def test_importing_registers_the_good_rows_once(town: Hailan, handed: ResidentList) -> None:
    officer = town.again("officer2")
    assert imported(officer, handed) == {
        "added": 3, "households": 1, "known": 0, "unclear": 0, "refused": 4,
    }  # fmt: skip
    home = Household.objects.get()
    assert sorted(r.name.clear for r in home.residents.all()) == ["陈大明", "陈秀英"]
    assert Resident.objects.get(place=town.places["qingshi"]).household is None
    with pytest.raises(actions.Refused, match="已经导入过"):
        actions.set_resident_columns(officer, handed, {})
    assert imported(officer, handed)["added"] == 3
    again = actions.hand_in_residents(officer, town.places["hailan"], "", LIST.encode())
    result = imported(officer, again)
    assert (result["added"], result["known"]) == (0, 3)
    assert Resident.objects.count() == 3


def test_a_family_joins_the_household_that_exists(town: Hailan, handed: ResidentList) -> None:
    home = Household.objects.create(grid=town.places["hailan2"], address="海兰村2组5号")
    assert imported(town.again("officer2"), handed)["households"] == 0
    assert home.residents.count() == 2


def test_a_row_that_repeats_within_the_list_is_one_person(town: Hailan) -> None:
    text = "姓名\t电话\n陈秀英\t12000000001\n陈秀英\t12000000001\n陈小妹\t12000000001\n"
    officer = town.again("officer2")
    handed = actions.hand_in_residents(officer, town.places["hailan"], "", text.encode())
    result = imported(officer, handed)
    assert (result["added"], result["known"]) == (2, 1)


def test_rows_for_another_village_are_refused_to_whom_it_does_not_belong(town: Hailan) -> None:
    village = town.again("village1")
    handed = actions.hand_in_residents(village, town.places["hailan"], "", LIST.encode())
    result = imported(village, handed)
    assert (result["added"], result["refused"]) == (2, 5)


def test_somebody_elses_register_is_not_touched(town: Hailan, handed: ResidentList) -> None:
    with pytest.raises(PermissionDenied):
        actions.confirm_residents(town.again("clerk2"), handed)
    assert town.browser("clerk2").get(f"/town/residents/lists/{handed.pk}/").status_code == 404


def test_the_file_lies_encrypted(handed: ResidentList) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM town_residentlist")
        stored = bytes(cursor.fetchone()[0])
    assert "陈秀英".encode() not in stored
    assert b"12000000001" not in stored


@pytest.mark.parametrize(
    ("cell", "year"),
    [
        ("1950", 1950), ("1950-03-02", 1950), ("1950年3月", 1950), (1950.0, 1950),
        (date(1950, 3, 2), 1950), ("76", 1950), ("76岁", 1950), (76, 1950),
        ("1890", None), ("2030", None), ("七十六", None), ("999", None),
    ],
)  # fmt: skip
def test_years_of_birth_and_ages(cell: object, year: int | None) -> None:
    assert birth_year(cell, date(2026, 12, 1)) == year  # type: ignore[arg-type]


def test_a_register_is_gone_as_soon_as_it_is_imported(town: Hailan, handed: ResidentList) -> None:
    imported(town.again("officer2"), handed)
    assert not ResidentList.objects.get(pk=handed.pk).content
    client = town.browser("officer2")
    page = client.get(f"/town/residents/lists/{handed.pk}/refused/", follow=True)
    assert "请重新交一次" in page.content.decode()


def test_an_import_that_was_interrupted_goes_on_where_it_stopped(
    town: Hailan, handed: ResidentList, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "CHUNK", 2)
    officer = town.again("officer2")
    actions.confirm_residents(officer, handed)
    rows = read_rows(table_of(handed), handed.columns, officer, handed.place, date(2026, 12, 1))
    assert lists.import_residents_chunk(handed, rows)
    assert Resident.objects.count() == 2
    # The worker dies here; another starts the task again from its beginning, twice.
    actions.import_resident_list.func(handed.pk)
    actions.import_resident_list.func(handed.pk)
    handed.refresh_from_db()
    assert (Resident.objects.count(), handed.result["added"], handed.result["refused"]) == (3, 3, 4)


def test_a_place_that_closes_during_the_import_takes_nobody_in(
    town: Hailan, handed: ResidentList
) -> None:
    officer = town.again("officer2")
    actions.confirm_residents(officer, handed)
    rows = read_rows(table_of(handed), handed.columns, officer, handed.place, date(2026, 12, 1))
    actions.close_place(town.again("clerk2"), town.places["hailan2"])
    lists.import_residents_chunk(handed, rows)
    assert not Resident.objects.filter(place=town.places["hailan2"]).exists()
    assert handed.result["refused"] == 6


CARD = "990101195001010010"


@pytest.mark.parametrize(
    ("registered", "row", "becomes"),
    [
        # Two people of one name in one grid, without phones: the second was silently "known".
        ("张伟\t\t1950\t", "张伟\t\t1990\t", "new"),
        ("张伟\t\t1950\t", "张伟\t\t1950\t", "known"),
        ("张伟\t\t1950\t", "张伟\t\t\t", "unclear"),
        ("张伟\t\t\t", "张伟\t\t1950\t", "unclear"),
        ("张伟\t\t\t", "张伟\t\t\t", "known"),
        # The same phone under the same name.
        ("张伟\t12000000001\t1950\t", "张伟\t12000000001\t\t", "known"),
        ("张伟\t12000000001\t1950\t", "张伟\t12000000001\t1990\t", "unclear"),
        ("张伟\t12000000001\t1950\t", "张丽\t12000000001\t1950\t", "new"),
        # Another phone: perhaps a new number of the same person.
        ("张伟\t12000000001\t1950\t", "张伟\t12000000002\t1950\t", "unclear"),
        ("张伟\t12000000001\t1950\t", "张伟\t12000000002\t1990\t", "new"),
        # The ID number decides.
        (f"张伟\t12000000001\t\t{CARD}", f"张伟\t12000000002\t\t{CARD}", "known"),
        (f"张伟\t12000000001\t\t{CARD}", f"张炜\t12000000002\t\t{CARD}", "unclear"),
    ],
)
def test_who_is_registered_already(town: Hailan, registered: str, row: str, becomes: str) -> None:
    header = "姓名\t电话\t出生年份\t身份证号\n"
    officer = town.again("officer2")
    assert imported(officer, hand_in(town, f"{header}{registered}\n"))["added"] == 1
    handed = hand_in(town, f"{header}{row}\n")
    (read,) = read_residents(
        table_of(handed), handed.columns, officer, handed.place, date(2026, 12, 1)
    )
    assert read.becomes == becomes
    assert ("张*" in str(read.remarks)) == (becomes == "unclear")
    assert imported(officer, handed)["added"] == (1 if becomes == "new" else 0)
    both = hand_in(town, f"{header}{registered}\n{row}\n")
    Resident.objects.update(erased_at=timezone.now())
    within = read_residents(table_of(both), both.columns, officer, both.place, date(2026, 12, 1))
    assert [r.becomes for r in within] == ["new", becomes]


def test_columns_and_downloads_stand_in_the_chain_without_a_name(
    town: Hailan, handed: ResidentList
) -> None:
    client = town.browser("officer2")
    client.get(f"/town/residents/lists/{handed.pk}/refused/")
    assert AuditEntry.objects.get(verb="residents_rows_exported").detail["rows"] == 4
    actions.set_resident_columns(town.again("officer2"), handed, {"住址": ""})
    assert "address" not in AuditEntry.objects.get(verb="residents_columns_set").detail["columns"]
    printed = str(list(AuditEntry.objects.values_list("detail", flat=True)))
    assert "陈秀英" not in printed
    assert "住址" not in printed


# --- the pages --------------------------------------------------------------------------------


def test_the_walk_from_file_to_residents(town: Hailan) -> None:
    client = town.browser("officer2")
    file = SimpleUploadedFile("register.csv", LIST.replace("\t", ",").encode("gb18030"))
    handed = client.post(
        "/town/residents/lists/", {"place": town.places["hailan"].pk, "file": file}
    )
    address = handed["Location"]
    page = client.get(address).content.decode()
    assert "3 人新登记" in page
    assert "陈*英" in page
    assert "陈秀英" not in page
    assert "12000000001" not in page
    refused = client.get(f"{address}refused/")
    sheet = load_workbook(io.BytesIO(refused.content)).active
    assert sheet.max_row == 5
    assert "应为 11 位手机号" in str(sheet.cell(2, sheet.max_column).value)
    assert client.get(f"{address}?show=refused").content.decode().count("fx-row-refused") == 4
    client.post(f"{address}import/")
    assert 'hx-trigger="every 1s"' in client.get(address).content.decode()
    assert actions.import_resident_list.func(ResidentList.objects.get().pk) == 3
    progress = client.get(f"{address}progress/").content.decode()
    assert "every 1s" not in progress
    assert "人新登记" in progress
    assert Resident.objects.count() == 3


def test_columns_are_corrected_on_the_page(town: Hailan) -> None:
    client = town.browser("officer2")
    text = "甲\t乙\n陈秀英\t12000000001\n"
    handed = client.post(
        "/town/residents/lists/", {"place": town.places["hailan"].pk, "pasted": text}
    )
    address = handed["Location"]
    client.post(address, {"column0": "", "column1": ""})
    assert "陈秀英" not in client.get(address).content.decode()
    assert "12000000001" not in client.get(address).content.decode()
    client.post(address, {"column0": "", "column1": "phone"})
    assert "没有认出姓名那一列" in client.get(address).content.decode()
    client.post(f"{address}import/")
    assert not Resident.objects.exists()
    client.post(address, {"column0": "name", "column1": "phone"})
    client.post(f"{address}import/")
    actions.import_resident_list.func(ResidentList.objects.get().pk)
    assert Resident.objects.get().name.clear == "陈秀英"


def test_what_is_no_table_is_refused_in_a_sentence(town: Hailan) -> None:
    client = town.browser("officer2")
    file = SimpleUploadedFile("register.pdf", b"%PDF-1.7 nothing")
    answer = client.post(
        "/town/residents/lists/", {"place": town.places["hailan"].pk, "file": file}
    )
    assert "PDF" in answer.content.decode()
    assert not ResidentList.objects.exists()
    answer = client.post("/town/residents/lists/", {"place": town.places["hailan"].pk})
    assert "请选择一个文件" in answer.content.decode()


def test_a_register_is_given_up(town: Hailan, handed: ResidentList) -> None:
    town.browser("officer2").post(f"/town/residents/lists/{handed.pk}/drop/")
    assert not ResidentList.objects.exists()


def test_a_grid_named_without_its_village_is_found_in_the_fallback(town: Hailan) -> None:
    text = "姓名\t网格\n陈秀英\t2号网格\n陈大明\t2\n"
    officer = town.again("officer2")
    handed = actions.hand_in_residents(officer, town.places["hailan"], "", text.encode())
    imported(officer, handed)
    assert {r.place for r in Resident.objects.all()} == {town.places["hailan2"]}
    assert Place.objects.get(pk=handed.place_id) == town.places["hailan"]
