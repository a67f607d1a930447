"""The sample lists show every mess, and go through the whole exchange as a clerk would see it."""

from __future__ import annotations

import json
import runpy
import shutil
import sys
from datetime import date
from pathlib import Path

import pytest

from fangxian.exchange.columns import guess_columns, mapping_of, mapping_problems
from fangxian.exchange.tables import Table, read_pasted, read_table
from fangxian.exchange.warning_lists import WarningRow, read_rows

SAMPLES = Path(__file__).parents[2] / "samples"
TODAY = date(2026, 11, 24)


def previewed(table: Table) -> dict[int, WarningRow]:
    mapping = mapping_of(guess_columns(table))
    assert mapping_problems(mapping) == []
    return {
        row.number: row for row in read_rows(table, mapping, today=TODAY, default_area_code="023")
    }


@pytest.fixture(scope="module")
def county() -> dict[int, WarningRow]:
    return previewed(read_table((SAMPLES / "county-list-2026-11.xlsx").read_bytes()))


def test_the_county_s_title_and_totals_are_not_rows() -> None:
    table = read_table((SAMPLES / "county-list-2026-11.xlsx").read_bytes())
    assert table.title[0] == "示范县反诈中心涉诈预警名单（2026年11月第1批）"
    assert (len(table.rows), table.row_numbers[0]) == (58, 4)
    assert [w.say("zh") for w in table.warnings] == ["跳过 2 行合计或附注"]


def test_three_of_the_county_s_rows_cannot_be_used(county: dict[int, WarningRow]) -> None:
    refused = {
        n: [p.say("zh", n) for p in row.problems] for n, row in county.items() if not row.usable
    }
    assert refused == {
        13: ["第 13 行“联系电话”：138001 只有 6 位，应为 11 位手机号或带区号的座机"],
        17: ["第 17 行：没有可用的电话，也没有姓名加住址，找不到人"],
        18: ["第 18 行“联系电话”：96110 是服务号码（反诈预警劝阻专线），不是居民的电话"],
    }


def test_every_mess_of_the_county_s_list_is_understood(county: dict[int, WarningRow]) -> None:
    assert len(county[6].phones) == 2
    assert [phone.label for phone in county[9].phones] == ["本人", "儿子"]
    assert (county[10].phones[0].kind, county[11].phones[0].extension) == ("landline", "2")
    assert county[5].area == county[4].area != ""
    assert county[16].phones == ()
    assert county[21].area == "双塘镇双塘村"
    assert " " not in county[22].name
    assert "户主" in county[23].note
    assert [r.code for r in county[24].remarks] == ["name_masked"]
    assert [r.code for r in county[26].remarks] == ["id_check"]
    assert county[27].grade == "red"
    assert {county[n].occurred_has_time for n in (29, 32, 38)} == {False}
    assert all(county[n].occurred_at for n in (29, 30, 31, 32, 33, 34, 35, 37, 38))
    assert [r.code for r in county[36].remarks] == ["date_future"]
    assert [county[n].repeats for n in (44, 45, 46)] == [4, 7, 4]


def test_the_bank_s_list_is_read_in_its_own_encoding() -> None:
    table = read_table((SAMPLES / "bank-list-gb18030.csv").read_bytes())
    assert (table.encoding, table.delimiter, len(table.rows)) == ("gb18030", ";", 25)
    rows = previewed(table)
    assert [n for n, row in rows.items() if not row.usable] == [13]
    assert all(row.occurred_at and row.grade for row in rows.values())


def test_the_pasted_list_is_read() -> None:
    rows = previewed(read_pasted((SAMPLES / "pasted-list.txt").read_text("utf-8")))
    assert len(rows) == 8
    assert all(row.usable and row.occurred_has_time for row in rows.values())


def test_no_sample_holds_a_number_that_an_operator_has_given_out() -> None:
    for path in ("county-list-2026-11.xlsx", "bank-list-gb18030.csv"):
        for row in previewed(read_table((SAMPLES / path).read_bytes())).values():
            assert all(e.startswith(("+86120", "+86230")) for e in row.e164s)
            assert row.id_number[:2] in ("", "99")


def generate(folder: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> dict[str, bytes]:
    script = folder / "make_samples.py"
    shutil.copy(SAMPLES / "make_samples.py", script)
    monkeypatch.setattr(sys, "argv", [str(script), *arguments])
    runpy.run_path(str(script), run_name="__main__")
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.suffix != ".py"}


def test_the_same_people_give_the_same_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    written = generate(tmp_path / "a", monkeypatch)
    assert written == generate(tmp_path / "b", monkeypatch)
    assert len(written) == 3


def test_the_samples_can_name_people_of_a_town_that_exists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [
        {
            "name": f"王{n}",
            "phone": f"+86120{n:08d}",
            "village": "海兰村",
            "address": f"海兰村1组{n}号",
        }
        for n in range(60)
    ]
    given = tmp_path / "people.json"
    given.write_text(json.dumps(people), "utf-8")
    written = generate(tmp_path, monkeypatch, str(given))
    rows = previewed(read_table(written["county-list-2026-11.xlsx"]))
    assert rows[4].name == "王0"
    assert rows[4].e164s == ("+8612000000000",)
