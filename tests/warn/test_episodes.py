"""The list of episodes, its export, and one episode with all that happened."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from fangxian.town.actions import reveal
from fangxian.town.models import AuditEntry
from fangxian.town.sealed import mask_name
from fangxian.warn.actions import after, calls, tasks, visits
from fangxian.warn.actions.calls import CallNotes
from fangxian.warn.actions.cases import CaseFacts, record_case, withdraw_case
from fangxian.warn.actions.messages import queue_message
from fangxian.warn.actions.visits import VisitNotes
from fangxian.warn.models import (
    CallOutcome,
    Episode,
    FollowUp,
    Grade,
    Review,
    Stage,
    Task,
    VisitOutcome,
)
from fangxian.warn.queries.episodes import Wanted, episode_page, find_episodes
from town_of_tests import phone_of
from warn.desk_town import given_to, let_pass, task_of, warned

SignedIn = Callable[..., Client]


def found(who: Any, **wanted: Any) -> list[int]:
    return [e.pk for e in find_episodes(who, Wanted(**wanted)).order_by("pk")]


def dissuaded(town: Any, episode: Episode, by: str = "officer") -> None:
    """The officer rang, the resident was afraid and no longer is."""
    officer = town.staff[by]
    notes = CallNotes(
        CallOutcome.DISSUADED,
        timezone.now() - timedelta(minutes=5),
        stage=Stage.TRUSTING,
        worry_before=5,
        worry_after=2,
        notes="儿子已经知道了",
    )
    calls.record_call(tasks.claim(task_of(episode), officer), officer, notes, uuid4())


def said(town: Any, episode: Episode, who: str = "clerk") -> list[str]:
    """The timeline as sentences, first things first."""
    page = episode_page(town.staff[who], episode.pk, timezone.now())
    return [event.says for event in reversed(page.events)]


# --- the list ---------------------------------------------------------------------------------


def test_the_list_is_narrowed_by_each_filter(small_town: Any) -> None:
    clerk = small_town.staff["clerk"]
    first = warned(small_town, 0, Grade.RED, kind="fake_police")
    second = warned(small_town, 3, Grade.YELLOW)
    Episode.objects.filter(pk=second.pk).update(opened_at=timezone.now() - timedelta(days=2))
    dissuaded(small_town, first)
    today = timezone.localdate()
    assert found(clerk) == [first.pk, second.pk]
    assert found(clerk, state="review") == [first.pk]
    assert found(clerk, grade=Grade.YELLOW) == [second.pk]
    assert found(clerk, kind="fake_police") == [first.pk]
    assert found(clerk, village=small_town.villages[1].prefix) == [second.pk]
    assert found(clerk, since=today) == [first.pk]
    assert found(clerk, until=today - timedelta(days=2)) == [second.pk]


@pytest.mark.parametrize(
    "written", ["{phone}", "+86 {phone}", " 120 0000 0001", "#{pk}", "{pk}", "JJ-2026-7"]
)
def test_a_phone_a_number_or_a_reference_finds_its_episode(
    small_town: Any, signed_in: SignedIn, written: str
) -> None:
    episode = warned(small_town, 0, reference="JJ-2026-7")
    other = warned(small_town, 1)
    text = written.format(phone=phone_of(1).removeprefix("+86"), pk=episode.pk)
    page = signed_in(small_town.staff["clerk"]).post("/work/episodes/", {"text": text}, follow=True)
    assert f'href="/work/episodes/{episode.pk}/"' in page.content.decode()
    assert f'href="/work/episodes/{other.pk}/"' not in page.content.decode()


def test_a_part_of_a_phone_finds_nothing_and_the_page_says_why(
    small_town: Any, signed_in: SignedIn
) -> None:
    warned(small_town, 0)
    page = signed_in(small_town.staff["clerk"]).post(
        "/work/episodes/", {"text": "12000000"}, follow=True
    )
    assert "电话要输入整个号码" in page.content.decode()


def test_what_is_sought_stands_in_no_address_and_goes_with_the_filters(
    small_town: Any, signed_in: SignedIn
) -> None:
    episode = warned(small_town, 0, Grade.RED)
    client, wanted = signed_in(small_town.staff["clerk"]), {"text": phone_of(1), "grade": "1"}
    page = client.post("/work/episodes/", wanted, follow=True)
    assert page.redirect_chain == [("/work/episodes/?grade=1&sought=1", 302)]
    assert f'href="/work/episodes/{episode.pk}/"' in page.content.decode()
    assert f'name="text" value="{phone_of(1)}"' in page.content.decode()
    assert f"/{episode.pk}/" not in client.get("/work/episodes/?grade=2&sought=1").content.decode()
    assert phone_of(1) not in client.get("/work/episodes/").content.decode()


def test_a_phone_of_another_town_finds_nothing(small_town: Any) -> None:
    warned(small_town, resident=small_town.stranger)
    assert found(small_town.staff["clerk"], text=phone_of(99)) == []


def test_a_wrong_date_is_said_beside_the_field(small_town: Any, signed_in: SignedIn) -> None:
    page = signed_in(small_town.staff["clerk"]).get(
        "/work/episodes/?since=2026-03-02&until=2026-03-01"
    )
    assert "结束日期要不早于开始日期" in page.content.decode()


def test_pages_keep_the_filter(small_town: Any, signed_in: SignedIn) -> None:
    episode = warned(small_town)
    Episode.objects.bulk_create(
        Episode(
            resident=episode.resident,
            place=episode.place,
            grade=Grade.BLUE,
            state="closed",
            closed_at=timezone.now(),
        )
        for _n in range(30)
    )
    client = signed_in(small_town.staff["clerk"])
    page = client.get("/work/episodes/?state=closed&page=2").content.decode()
    assert "第 2 / 2 页" in page
    assert "共 30 件" in page
    assert "state=closed&amp;page=1" in page


def test_a_long_list_asks_no_more_of_the_database(
    small_town: Any, signed_in: SignedIn, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(small_town.staff["clerk"])
    for n in range(6):
        warned(small_town, n)
    client.get("/work/episodes/")
    with django_assert_max_num_queries(12):
        client.get("/work/episodes/")


# --- the export -------------------------------------------------------------------------------


def test_an_export_holds_the_filtered_list_masked_and_is_written_down(
    small_town: Any, signed_in: SignedIn
) -> None:
    red, _blue = warned(small_town, 0, Grade.RED), warned(small_town, 1, Grade.BLUE)
    client = signed_in(small_town.staff["clerk"])
    answer = client.post("/work/episodes/export/", {"grade": "1", "as": "csv"})
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0][:3] == ["编号", "等级", "类型"]
    assert [row[0] for row in rows[1:]] == [str(red.pk)]
    assert rows[1][6] == mask_name(red.resident.name.clear)
    assert len(rows) == 2
    entry = AuditEntry.objects.get(verb="export")
    assert (entry.detail["what"], entry.detail["rows"], entry.detail["grade"]) == ("episodes", 1, 1)


def test_a_phone_searched_for_does_not_get_into_the_audit(
    small_town: Any, signed_in: SignedIn
) -> None:
    warned(small_town)
    client = signed_in(small_town.staff["clerk"])
    client.post("/work/episodes/export/", {"text": phone_of(1), "as": "xlsx"})
    detail = AuditEntry.objects.get(verb="export").detail
    assert detail["searched"] is True
    assert "12000000001" not in str(detail)


def test_an_export_is_a_workbook_in_the_readers_language(
    small_town: Any, signed_in: SignedIn
) -> None:
    import openpyxl

    warned(small_town, 0, Grade.RED)
    client = signed_in(small_town.staff["clerk"], language="en")
    answer = client.post("/work/episodes/export/", {"as": "xlsx"})
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert [cell.value for cell in sheet[1]][:2] == ["Number", "Grade"]
    assert sheet["B2"].value == "Red"


@pytest.mark.parametrize("role", ["officer", "village", "grid", "system"])
def test_who_may_not_export_gets_no_file(small_town: Any, signed_in: SignedIn, role: str) -> None:
    assert signed_in(small_town.staff[role]).post("/work/episodes/export/").status_code == 403


def test_an_export_is_never_a_plain_link(small_town: Any, signed_in: SignedIn) -> None:
    assert signed_in(small_town.staff["clerk"]).get("/work/episodes/export/").status_code == 405


# --- one episode ------------------------------------------------------------------------------


def test_everything_that_happened_stands_on_one_timeline(small_town: Any) -> None:
    staff = small_town.staff
    episode = warned(small_town, 0, Grade.YELLOW)
    let_pass(given_to(task_of(episode), staff["officer"]), timedelta(minutes=1))
    tasks.assign(task_of(episode), staff["clerk"], staff["officer2"])
    warned(small_town, 0, Grade.RED, reference="第二家", kind="fake_police")
    task = tasks.claim(task_of(episode), staff["officer2"])
    calls.show_number(task, staff["officer2"], episode.resident.phones.get())
    reveal(staff["officer2"], episode.resident, "name", "call")
    tasks.release(task, staff["officer2"])
    notes = CallNotes(CallOutcome.PAID, timezone.now(), stage=Stage.PAID)
    calls.record_call(tasks.claim(task, staff["officer"]), staff["officer"], notes, uuid4())
    episode.refresh_from_db()
    stop = episode.stop_payment
    calls.tick(stop, staff["officer"], "call_bank", True)
    calls.end_stop_payment(stop, staff["officer"], 123_456)
    queue_message(episode, "after_call")
    after.add_note(episode, staff["village"], "女儿明天回来")
    visit = task_of(episode, Task.Kind.VISIT)
    at_door = VisitNotes(VisitOutcome.PAID, worry_before=4, worry_after=3)
    visits.record_visit(tasks.claim(visit, staff["grid"]), staff["grid"], at_door, uuid4())
    episode.refresh_from_db()
    after.review(episode, staff["clerk"], Review.Verdict.AGREED, "办得好", uuid4())
    line = said(small_town, episode)
    for expected in (
        "县反诈中心预警，黄色",
        "电话劝阻超时，第 1 级告警通知",
        "把电话劝阻派给officer甲",
        "县反诈中心又来预警，红色，已并入",
        "等级变为红色",
        "领取：电话劝阻",
        "查看了电话号码",
        "查看了姓名",
        "放回：电话劝阻",
        "电话：已经转账",
        "已转账，开始止付",
        "止付：",
        "止付结束，拦下 1,234.56 元",
        "通话后的短信：待发",
        "备注",
        "上门：已经转账",
        "复核：同意办结",
        "办结：已被骗",
    ):
        assert any(sentence.startswith(expected) for sentence in line), (expected, line)
    assert line[0].startswith("县反诈中心预警")
    assert line[-1] in ("办结：已被骗", "复核：同意办结")


def test_the_line_says_who_when_how_afraid_and_what_was_written(
    small_town: Any, signed_in: SignedIn
) -> None:
    episode = warned(small_town, 0, Grade.RED)
    dissuaded(small_town, episode)
    page = signed_in(small_town.staff["clerk"]).get(f"/work/episodes/{episode.pk}/")
    text = page.content.decode()
    for words in (
        "电话：接通，已劝阻",
        "害怕程度 5 → 2",
        "儿子已经知道了",
        "officer甲",
        "已经相信",
    ):
        assert words in text
    assert "县反诈中心定为红色" in text
    assert small_town.residents[0].name.clear not in text
    assert "120****0001" in text
    assert phone_of(1).removeprefix("+86") not in text


def test_follow_ups_and_other_peoples_episodes_do_not_mix(small_town: Any) -> None:
    officer = small_town.staff["officer"]
    first, second = warned(small_town, 0, Grade.BLUE), warned(small_town, 1, Grade.BLUE)
    for episode in (first, second):
        dissuaded(small_town, episode)
    Task.objects.filter(kind=Task.Kind.FOLLOW_UP).update(starts_at=timezone.now())
    task = Task.objects.get(episode=first, day=3)
    fine = after.FollowUpNotes(FollowUp.Outcome.FINE, worry=1)
    after.record_follow_up(tasks.claim(task, officer), officer, fine, uuid4())
    assert "第 3 天回访：一切正常" in said(small_town, first)
    assert not any("回访" in sentence for sentence in said(small_town, second))


def test_many_events_ask_no_more_of_the_database(
    small_town: Any, signed_in: SignedIn, django_assert_max_num_queries: Any
) -> None:
    officer = small_town.staff["officer"]
    episode = warned(small_town, 0, Grade.RED)
    for n in range(15):
        warned(small_town, 0, Grade.RED, reference=f"R{n}")
        after.add_note(episode, officer, f"第 {n} 条")
        tasks.release(tasks.claim(task_of(episode), officer), officer)
    client = signed_in(small_town.staff["clerk"])
    client.get(f"/work/episodes/{episode.pk}/")
    for path in (f"/work/episodes/{episode.pk}/", f"/work/episodes/{episode.pk}/print/"):
        with django_assert_max_num_queries(12):
            assert "第 14 条" in client.get(path).content.decode()


def test_another_name_on_the_list_is_said_aloud(small_town: Any, signed_in: SignedIn) -> None:
    episode = warned(small_town, 0, name="赵六六")
    page = signed_in(small_town.staff["officer"]).get(f"/work/episodes/{episode.pk}/")
    assert "名单上的姓名与我们登记的不同" in page.content.decode()


@pytest.mark.parametrize(
    ("who", "status"),
    [("officer", 200), ("grid", 200), ("foreign", 404), ("educator", 403), ("system", 403)],
)
def test_an_episode_opens_for_those_whose_area_it_is_in(
    small_town: Any, signed_in: SignedIn, who: str, status: int
) -> None:
    episode = warned(small_town, 0)
    client = signed_in(small_town.staff[who])
    assert client.get(f"/work/episodes/{episode.pk}/").status_code == status
    assert client.get(f"/work/episodes/{episode.pk}/print/").status_code == status


def test_a_grid_worker_does_not_open_the_next_grid(small_town: Any, signed_in: SignedIn) -> None:
    episode = warned(small_town, 1)
    client = signed_in(small_town.staff["grid"])
    assert client.get(f"/work/episodes/{episode.pk}/").status_code == 404
    assert client.post(f"/work/episodes/{episode.pk}/note/", {"text": "x"}).status_code == 404


def test_buttons_follow_from_what_a_person_may_do(small_town: Any, signed_in: SignedIn) -> None:
    episode = warned(small_town, 0)
    shown = {}
    for who in ("officer", "clerk", "grid", "head"):
        page = signed_in(small_town.staff[who]).get(f"/work/episodes/{episode.pk}/")
        text = page.content.decode()
        words = {"claim": "领取</button>", "assign": ">指派</a>", "visit": "安排上门</button>"}
        words["note"] = "写一条备注"
        shown[who] = {key for key, word in words.items() if word in text}
    assert shown == {
        "officer": {"claim", "visit", "note"},
        "clerk": {"assign"},
        "grid": {"note"},
        "head": {"assign"},
    }


def test_a_note_is_kept_and_an_empty_or_endless_one_refused(
    small_town: Any, signed_in: SignedIn
) -> None:
    episode = warned(small_town, 0)
    client = signed_in(small_town.staff["village"])
    address = f"/work/episodes/{episode.pk}/note/"
    assert "已记下" in client.post(address, {"text": "家里有老人"}, follow=True).content.decode()
    assert "还是空的" in client.post(address, {"text": "  "}, follow=True).content.decode()
    assert (
        "最多 1000 个字"
        in client.post(address, {"text": "长" * 1001}, follow=True).content.decode()
    )
    assert [note.text.clear for note in episode.notes.all()] == ["家里有老人"]


def test_an_officer_orders_a_visit_once(small_town: Any, signed_in: SignedIn) -> None:
    episode = warned(small_town, 0)
    client = signed_in(small_town.staff["officer"])
    address = f"/work/episodes/{episode.pk}/order-visit/"
    for _twice in range(2):
        text = client.post(address, follow=True).content.decode()
        assert "已安排上门，派给grid甲" in text
    assert Task.objects.filter(episode=episode, kind=Task.Kind.VISIT).count() == 1
    Episode.objects.filter(pk=episode.pk).update(state="closed", closed_at=timezone.now())
    assert "已经办完" in client.post(address, follow=True).content.decode()


def test_the_print_view_is_a_document_in_the_order_in_which_it_happened(
    small_town: Any, signed_in: SignedIn
) -> None:
    episode = warned(small_town, 0, Grade.RED)
    dissuaded(small_town, episode)
    text = (
        signed_in(small_town.staff["clerk"])
        .get(f"/work/episodes/{episode.pk}/print/")
        .content.decode()
    )
    assert f"预警劝阻记录 #{episode.pk}" in text
    assert text.index("县反诈中心预警") < text.index("领取：电话劝阻") < text.index("电话：接通")
    assert "复核人签字" in text
    assert 'action="/work' not in text


def test_the_episode_speaks_english(small_town: Any, signed_in: SignedIn) -> None:
    episode = warned(small_town, 0, Grade.RED)
    dissuaded(small_town, episode)
    text = (
        signed_in(small_town.staff["clerk"], language="en")
        .get(f"/work/episodes/{episode.pk}/")
        .content.decode()
    )
    for words in ("Claimed: ", "Worry 5 → 2", "What happened"):
        assert words in text


def test_the_story_tells_of_a_case_recorded_and_taken_back(small_town: Any) -> None:
    episode, clerk = warned(small_town), small_town.staff["clerk"]
    facts = CaseFacts(
        "romance", episode.place, timezone.localdate(), "chat", loss_fen=1_200_000, episode=episode
    )
    case = record_case(clerk, facts, uuid4())
    withdraw_case(case, clerk, "录重了")
    told = said(small_town, episode)
    assert any("登记案件，损失 12,000.00 元" in line for line in told)
    assert any("撤回案件" in line for line in told)
