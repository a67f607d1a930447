"""The intake at its door: a messy list becomes calls, whole, once, and its bad rows come back."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fangxian.warn.actions import importing
from fangxian.warn.actions import intake as actions
from fangxian.warn.actions.importing import Chunk, import_batch, land
from fangxian.warn.actions.signals import Ready
from fangxian.warn.models import Batch, Episode, RefusedRow, RowDone, Sender, Signal, Task
from fangxian.warn.queries.intake import Reading, table_of
from town_of_tests import SmallTown, phone_of, run_tasks

SAMPLES = Path(__file__).parents[2] / "samples"
HEADER = ["编号", "姓名", "手机号码", "所属村社区", "预警类型", "风险等级"]


def a_list(*rows: list[str], header: list[str] = HEADER) -> SimpleUploadedFile:
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    return SimpleUploadedFile("county.csv", text.getvalue().encode("gb18030"))


def row(n: int, phone: str | None = None, **more: str) -> list[str]:
    known = phone_of(n)[3:] if phone is None else phone
    return [
        f"YJ{n:04d}", more.get("name", ""), known, more.get("village", "海兰村"), "刷单返利",
        more.get("grade", "高"),
    ]  # fmt: skip


def hand_in(client: Any, file: SimpleUploadedFile | None = None, **form: Any) -> Any:
    data = {"sender": "县反诈中心", **form}
    if file is not None:
        data["file"] = file
    return client.post("/work/intake/", data, follow=True)


@pytest.fixture
def clerk(small_town: SmallTown, signed_in) -> Any:
    return signed_in(small_town.staff["clerk"])


def test_a_list_is_first_shown_and_nothing_happens(small_town: SmallTown, clerk) -> None:
    page = hand_in(clerk, a_list(row(1), row(2), row(3, "138001")))
    text = page.content.decode()
    assert "2 行可以导入" in text
    assert "1 行不能用" in text
    assert "应为 11 位手机号" in text
    assert "120****0001" in text
    assert phone_of(1)[3:] not in text
    assert Signal.objects.count() == 0


def test_a_confirmed_list_lands_whole_and_its_bad_rows_come_back(small_town, clerk) -> None:
    hand_in(clerk, a_list(row(1), row(2, "138001"), row(88)))
    batch = Batch.objects.get()
    clerk.post(f"/work/intake/{batch.pk}/confirm/")
    run_tasks()
    batch.refresh_from_db()
    assert (batch.state, batch.made, batch.refused) == ("done", 2, 1)
    assert Task.objects.filter(kind="call").count() == 2
    assert Task.objects.filter(kind="find").count() == 1
    file = clerk.get(f"/work/intake/{batch.pk}/refused/")
    sheet = openpyxl.load_workbook(io.BytesIO(file.content)).active
    header, *rows = [[c.value for c in r] for r in sheet.iter_rows()]
    assert header == [*HEADER, "原因"]
    assert rows[0][2] == "138001"
    assert "138001" not in RefusedRow.objects.get().problems.clear
    assert "位" in rows[0][-1]


def test_the_same_file_twice_changes_nothing(small_town: SmallTown, clerk) -> None:
    for _ in range(2):
        page = hand_in(clerk, a_list(row(1)))
        clerk.post(f"/work/intake/{Batch.objects.get().pk}/confirm/")
        run_tasks()
    assert "没有重复导入" in page.content.decode()
    assert (Batch.objects.count(), Signal.objects.count()) == (1, 1)


def test_the_same_rows_in_another_file_are_known(small_town: SmallTown, clerk) -> None:
    for extra in ((), (row(2),)):
        hand_in(clerk, a_list(row(1), *extra))
        clerk.post(f"/work/intake/{Batch.objects.latest('id').pk}/confirm/")
        run_tasks()
    batch = Batch.objects.latest("id")
    assert (batch.made, batch.known_before) == (1, 1)


def test_columns_are_corrected_once_and_remembered_for_the_sender(small_town, clerk) -> None:
    odd = ["甲", "乙", "丙", "丁", "戊", "己"]
    hand_in(clerk, a_list(row(1), header=odd))
    batch = Batch.objects.get()
    fields = ["reference", "name", "phone", "area", "kind", "grade"]
    clerk.post(f"/work/intake/{batch.pk}/columns/", {f"c{i}": f for i, f in enumerate(fields)})
    clerk.post(f"/work/intake/{batch.pk}/confirm/")
    assert Sender.objects.get(name="县反诈中心").columns["丙"] == "phone"
    hand_in(clerk, a_list(row(2), header=odd))
    assert Batch.objects.latest("id").columns["丙"] == "phone"


def test_a_pasted_table_is_a_list_too(small_town: SmallTown, clerk) -> None:
    pasted = f"姓名\t电话\n王秀英\t{phone_of(1)[3:]}\n"
    page = hand_in(clerk, pasted=pasted)
    assert "1 行可以导入" in page.content.decode()


def test_a_wrong_town_is_refused_unless_we_know_the_phone(small_town: SmallTown, clerk) -> None:
    hand_in(clerk, a_list(row(88, village="外乡镇外村"), row(1, village="外乡镇外村")))
    text = clerk.get(f"/work/intake/{Batch.objects.get().pk}/").content.decode()
    assert "不在金峰镇范围内" in text
    assert "1 行可以导入" in text


def test_somebody_of_another_town_is_not_ours_to_ring_and_not_told_of(small_town, clerk) -> None:
    hand_in(clerk, a_list(row(99), row(88)))
    text = clerk.get(f"/work/intake/{Batch.objects.get().pk}/?show=unknown").content.decode()
    assert text.count("名册里没有，先查找此人") == 3  # the tab, and two rows no eye can tell apart
    clerk.post(f"/work/intake/{Batch.objects.get().pk}/confirm/")
    run_tasks()
    calls = Task.objects.filter(kind="call", episode__signals__row=2)
    assert [task.assigned_to for task in calls] == [small_town.foreign]


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.xlsx", b"PK\x03\x04 broken"), ("a.pdf", b"%PDF-1.7"), ("a.csv", b""), ("a.bin", b"\x00" * 99)],
)  # fmt: skip
def test_what_cannot_be_read_says_what_to_do_and_keeps_nothing(
    small_town: SmallTown, clerk, name: str, content: bytes
) -> None:
    answer = hand_in(clerk, SimpleUploadedFile(name, content or b" "))
    assert answer.status_code == 422
    assert (
        "invalid-feedback" in answer.content.decode() or "alert-danger" in answer.content.decode()
    )
    assert Batch.objects.count() == 0


def test_a_list_put_away_is_deleted(small_town: SmallTown, clerk) -> None:
    hand_in(clerk, a_list(row(1)))
    batch = Batch.objects.get()
    clerk.post(f"/work/intake/{batch.pk}/cancel/")
    batch.refresh_from_db()
    assert batch.state == "cancelled"
    assert not batch.content
    clerk.post(f"/work/intake/{batch.pk}/confirm/")
    assert Signal.objects.count() == 0


def test_one_warning_by_hand_needs_only_a_phone(small_town: SmallTown, clerk) -> None:
    answer = clerk.post("/work/intake/one/", {
        "sender": "+", "new_sender": "群众举报", "phone": "120 0000 0001", "place": small_town.villages[0].pk,
        "kind": "fake_police", "grade": "2",
    })  # fmt: skip
    assert answer.status_code == 302
    assert Episode.objects.get().resident == small_town.residents[0]


def test_a_bad_phone_in_the_form_is_said_in_words(small_town: SmallTown, clerk) -> None:
    answer = clerk.post("/work/intake/one/", {
        "sender": "+", "new_sender": "x", "phone": "138001", "place": small_town.villages[0].pk, "kind": "other",
        "grade": "2",
    })  # fmt: skip
    assert answer.status_code == 422
    assert "应为 11 位手机号" in answer.content.decode()


def test_an_import_that_was_interrupted_goes_on_where_it_stopped(
    small_town: SmallTown, clerk, monkeypatch
) -> None:
    pace = importing.Pace(rows=2, largest=2)
    monkeypatch.setattr(importing, "Pace", lambda: pace)
    hand_in(clerk, a_list(*(row(n) for n in range(1, 7)), row(70, "1"), row(71)))
    batch = Batch.objects.get()
    actions.confirm(batch, small_town.staff["clerk"])
    batch.refresh_from_db()
    reading = Reading.of(batch, table_of(batch))
    chunk = Chunk.of(batch, reading, 2)
    land(batch, chunk, Ready().ready_for(chunk.usable))
    assert Signal.objects.count() == 2
    # A worker that was taken for dead lands the same rows once more: nothing happens.
    land(batch, chunk, Ready().ready_for(chunk.usable))
    assert (Signal.objects.count(), batch.next_row) == (2, 2)
    # The worker dies here; another starts the task again from its beginning.
    import_batch.func(batch.pk)
    import_batch.func(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.made, batch.refused) == ("done", 7, 1)
    assert (Signal.objects.count(), RowDone.objects.count()) == (7, 7)


def test_progress_is_asked_for_while_it_runs_and_not_after(small_town: SmallTown, clerk) -> None:
    hand_in(clerk, a_list(row(1)))
    batch = Batch.objects.get()
    clerk.post(f"/work/intake/{batch.pk}/confirm/")
    assert 'hx-trigger="every 1s"' in clerk.get(f"/work/intake/{batch.pk}/").content.decode()
    run_tasks()
    text = clerk.get(f"/work/intake/{batch.pk}/progress/").content.decode()
    assert "every 1s" not in text
    assert "已完成" in text


def test_the_sample_lists_of_the_readme_are_understood(small_town: SmallTown, clerk) -> None:
    for name in ("county-list-2026-11.xlsx", "bank-list-gb18030.csv"):
        file = SimpleUploadedFile(name, (SAMPLES / name).read_bytes())
        page = hand_in(clerk, file)
        assert page.status_code == 200
        assert "行可以导入" in page.content.decode()


def test_pages_of_the_intake_ask_little_of_the_database(small_town: SmallTown, clerk) -> None:
    hand_in(clerk, a_list(*(row(n) for n in range(1, 7))))
    batch = Batch.objects.get()
    for address in ("/work/intake/", "/work/intake/one/", f"/work/intake/{batch.pk}/",
                    f"/work/intake/{batch.pk}/columns/", "/work/intake/senders/"):  # fmt: skip
        with CaptureQueriesContext(connection) as caught:
            assert clerk.get(address).status_code == 200
        assert len(caught) <= 12, address


# --- whose number, which sheet -------------------------------------------------------------------


def two_phones(header: list[str] | None = None) -> SimpleUploadedFile:
    """The suspect's number before the name and the resident's own."""
    rows = [["4001234567", "王秀英", phone_of(1)[3:]], ["95588", "李建国", phone_of(2)[3:]]]
    text = io.StringIO()
    csv.writer(text).writerows([*([header] if header else []), *rows])
    return SimpleUploadedFile("two.csv", text.getvalue().encode())


@pytest.mark.parametrize("header", [None, ["电话", "姓名", "手机号码"]])
def test_a_list_that_does_not_say_whose_numbers_it_holds_waits_for_a_choice(
    small_town, clerk, header
) -> None:
    page = hand_in(clerk, two_phones(header)).content.decode()
    batch = Batch.objects.get()
    assert "请先选择，否则电话会打到骗子那里" in page
    assert "确认导入" not in page
    answer = clerk.post(f"/work/intake/{batch.pk}/confirm/", follow=True).content.decode()
    batch.refresh_from_db()
    assert batch.state == "preview"
    assert "像可疑号码" in answer
    fields = {"c0": "risk_number", "c1": "name", "c2": "phone"}
    page = clerk.post(f"/work/intake/{batch.pk}/columns/", fields, follow=True).content.decode()
    assert "2 行可以导入" in page
    clerk.post(f"/work/intake/{batch.pk}/confirm/")
    run_tasks()
    assert {e.resident for e in Episode.objects.all()} == set(small_town.residents[:2])
    assert Signal.objects.get(row=2 if header else 1).risk_number.clear == "4001234567"


def test_a_choice_that_was_not_made_is_asked_for_again(small_town, clerk) -> None:
    hand_in(clerk, two_phones())
    batch = Batch.objects.get()
    fields = {"c0": "unclear_number", "c1": "name", "c2": "phone"}
    page = clerk.post(f"/work/intake/{batch.pk}/columns/", fields, follow=True)
    assert page.redirect_chain[-1][0].endswith("/columns/")
    assert "请先选择" in page.content.decode()


def test_what_the_columns_lack_is_said_in_the_reader_s_language(
    small_town, clerk, signed_in
) -> None:
    hand_in(clerk, two_phones())
    batch = Batch.objects.get()
    reader = signed_in(small_town.staff["clerk"], language="en")
    page = reader.post(f"/work/intake/{batch.pk}/confirm/", follow=True).content.decode()
    assert "Please choose first, or a suspect would be rung" in page
    assert "请先选择" not in page


def test_the_preview_says_how_each_column_is_read_and_why(small_town, clerk) -> None:
    page = hand_in(clerk, a_list(row(1))).content.decode()
    assert "各列是怎样读的" in page
    assert "表头“手机号码”就是居民电话" in page


def test_samples_of_columns_show_nobody(small_town, clerk) -> None:
    header = [*HEADER, "身份证号", "杂项"]
    rows = [[*row(1, name="王秀英"), "11010519491231002X", "儿子12000000777"]]
    hand_in(clerk, a_list(*rows, header=header))
    page = clerk.get(f"/work/intake/{Batch.objects.get().pk}/columns/").content.decode()
    for secret in (phone_of(1)[3:], "王秀英", "11010519491231002X", "12000000777"):
        assert secret not in page
    assert "120****0001" in page


def workbook_of(**sheets: list[list[str]]) -> SimpleUploadedFile:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for cells in rows:
            sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return SimpleUploadedFile("list.xlsx", out.getvalue())


def test_another_sheet_can_be_chosen_and_is_what_is_imported(small_town, clerk) -> None:
    plain = ["姓名", "手机号码"]
    file = workbook_of(
        甲=[HEADER, row(1), row(2)], 乙=[plain, ["张桂兰", phone_of(3)[3:]]], 丙=[plain, ["x", "y"]]
    )
    hand_in(clerk, file)
    batch = Batch.objects.get()
    assert batch.total == 2
    address = f"/work/intake/{batch.pk}/columns/"
    assert '<option value="乙">' in clerk.get(address).content.decode()
    clerk.post(address, {"sheet": "乙"})
    clerk.post(f"/work/intake/{batch.pk}/confirm/")
    run_tasks()
    assert Episode.objects.get().resident == small_town.residents[2]
    assert "乙" not in clerk.get("/work/intake/senders/").content.decode()
    hand_in(clerk, workbook_of(甲=[HEADER, row(4), row(5)], 乙=[plain, ["王", phone_of(6)[3:]]]))
    assert Batch.objects.latest("id").total == 1


def test_a_sheet_that_is_not_there_changes_nothing(small_town, clerk) -> None:
    hand_in(clerk, workbook_of(甲=[HEADER, row(1)], 乙=[["姓名"], ["王"]]))
    batch = Batch.objects.get()
    before = batch.columns
    clerk.post(f"/work/intake/{batch.pk}/columns/", {"sheet": "没有"})
    batch.refresh_from_db()
    assert batch.columns == before


# --- senders -------------------------------------------------------------------------------------


def test_a_sender_typed_with_a_space_is_the_one_we_know(small_town, clerk) -> None:
    hand_in(clerk, a_list(row(1)), sender="+", new_sender=" 县反诈　中心")
    assert Batch.objects.get().sender == small_town.sender
    hand_in(clerk, a_list(row(2)), sender="+", new_sender="县 农商行（Ａ）")
    assert Batch.objects.latest("id").sender.name == "县农商行（A）"


def test_a_sender_is_chosen_or_new_and_never_a_slip_of_the_pen(small_town, clerk) -> None:
    assert hand_in(clerk, a_list(row(1)), sender="县反炸中心").status_code == 422
    assert hand_in(clerk, a_list(row(1)), sender="").status_code == 422
    assert hand_in(clerk, a_list(row(1)), sender="+").status_code == 422
    assert hand_in(clerk, a_list(row(1)), new_sender="又一家").status_code == 422
    assert Sender.objects.count() == 1


def test_the_same_file_for_another_sender_is_asked_about_before_anything_is_made(
    small_town, clerk
) -> None:
    hand_in(clerk, a_list(row(1)))
    page = hand_in(clerk, a_list(row(1)), sender="+", new_sender="县农商行")
    assert page.status_code == 422
    assert "已经以“县反诈中心”的名义交过" in page.content.decode()
    assert (Batch.objects.count(), Sender.objects.count()) == (1, 1)
    hand_in(clerk, a_list(row(1)), sender="+", new_sender="县农商行", other_sender="on")
    assert Batch.objects.count() == 2


# --- an import beside other work -----------------------------------------------------------------
def test_chunks_grow_and_shrink_with_how_long_they_hold_the_lock() -> None:
    pace = importing.Pace(rows=20)
    pace.learn(20, importing.HOLD / 10)
    assert pace.rows == 40  # not ten times as many at once
    pace.learn(40, importing.HOLD * 8)
    assert pace.rows == 5
    pace.learn(1, 60)
    assert pace.rows == 1
    pace.learn(1, 0)
    assert pace.rows == 2


def test_a_long_import_lets_other_tasks_have_their_turn(
    small_town: SmallTown, clerk, monkeypatch
) -> None:
    monkeypatch.setattr(importing, "TURN", 0)
    pace = importing.Pace(rows=1, largest=1)
    monkeypatch.setattr(importing, "Pace", lambda: pace)
    hand_in(clerk, a_list(*(row(n) for n in range(1, 5))))
    batch = Batch.objects.get()
    actions.confirm(batch, small_town.staff["clerk"])
    assert import_batch.func(batch.pk) == 1
    run_tasks()
    batch.refresh_from_db()
    assert (batch.state, batch.made) == ("done", 4)
