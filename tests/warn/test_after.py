"""After the danger: follow-ups, the second pair of eyes, and what the senders are told."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from fangxian.town.models import Absence, AuditEntry, Duty, Staff
from fangxian.warn.actions import after, calls, tasks, visits
from fangxian.warn.actions.calls import CallNotes
from fangxian.warn.actions.errors import Contradiction, FourEyes
from fangxian.warn.models import (
    Batch,
    CallOutcome,
    Episode,
    FollowUp,
    Grade,
    Review,
    Signal,
    StopPayment,
    Task,
    VisitOutcome,
)
from town_of_tests import SmallTown, phone_of, run_tasks
from warn.call_town import (
    arrive,
    arrive_unknown,
    closed,
    follow_up,
    minutes_until,
    now,
    open_kinds,
    review,
    ring,
    todo,
    visit,
)
from warn.desk_town import task_of, warned

SignedIn = Callable[..., Client]
MOST_QUERIES = 12
WHY = {"reason": "反馈县反诈中心"}


def queries_of(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def rung(town: SmallTown, episode: Episode, outcome: str = CallOutcome.DISSUADED) -> Episode:
    """The officer rang; the resident was afraid and no longer is."""
    officer = town.staff["officer"]
    notes = CallNotes(
        outcome, timezone.now() - timedelta(minutes=5), worry_before=5, worry_after=2,
        notes="儿子已经知道了",
    )  # fmt: skip
    calls.record_call(tasks.claim(task_of(episode), officer), officer, notes, uuid4())
    episode.refresh_from_db()
    return episode


def filled_in(**facts: Any) -> dict[str, Any]:
    return {"form_key": str(uuid4()), **facts}


# --- three days later ------------------------------------------------------------------------------


def follow_up_due(town: SmallTown, day: int = 3) -> Task:
    """The resident was dissuaded at the door; the follow-up's day has come."""
    ordered = visits.order_visit(warned(town), town.staff["officer"])
    task = tasks.claim(ordered, town.staff["grid"])
    visits.record_visit(
        task, town.staff["grid"], visits.VisitNotes(VisitOutcome.DISSUADED), uuid4()
    )
    planned = Task.objects.get(episode=task.episode_id, kind=Task.Kind.FOLLOW_UP, day=day)
    planned.starts_at = timezone.now()
    planned.save()
    return tasks.claim(planned, town.staff["grid"])


@pytest.mark.parametrize("day", [3, 30])
def test_a_follow_up_is_written_down_once(
    small_town: SmallTown, signed_in: SignedIn, day: int
) -> None:
    task, client = follow_up_due(small_town, day), signed_in(small_town.staff["grid"])
    address = reverse("warn:follow_up", args=[task.pk])
    page = client.get(address).content.decode()
    assert "{code}" not in page
    assert 'name="q_told_someone"' in page or 'name="q_contacted_again"' in page
    form = filled_in(
        outcome=FollowUp.Outcome.FINE, worry="1", notes="挺好", q_contacted_again="none"
    )
    client.post(address, form)
    client.post(address, form)
    made = FollowUp.objects.get()
    assert (made.day, made.worry, made.outcome) == (day, 1, FollowUp.Outcome.FINE)
    assert made.answers["contacted_again"] == "none"


def test_contacted_again_opens_the_episode_again(
    small_town: SmallTown, signed_in: SignedIn
) -> None:
    task = follow_up_due(small_town)
    signed_in(small_town.staff["grid"]).post(
        reverse("warn:follow_up", args=[task.pk]),
        filled_in(outcome=FollowUp.Outcome.CONTACTED_AGAIN),
    )
    assert Episode.objects.get(pk=task.episode_id).state == Episode.State.OPEN
    assert task_of(task.episode, Task.Kind.CALL)


def test_paid_after_all_leads_to_the_checklist(small_town: SmallTown, signed_in: SignedIn) -> None:
    task = follow_up_due(small_town)
    answer = signed_in(small_town.staff["grid"]).post(
        reverse("warn:follow_up", args=[task.pk]), filled_in(outcome=FollowUp.Outcome.PAID)
    )
    assert answer.url == reverse("warn:stop_payment", args=[task.episode_id])


def test_a_follow_up_page_asks_the_database_a_dozen_times_at_most(
    small_town: SmallTown, signed_in: SignedIn
) -> None:
    task, client = follow_up_due(small_town), signed_in(small_town.staff["grid"])
    assert queries_of(client, reverse("warn:follow_up", args=[task.pk])) <= MOST_QUERIES


# --- the second pair of eyes -----------------------------------------------------------------------


def up_for_review(town: SmallTown, n: int = 0) -> Episode:
    """A red episode the officer has dealt with: all red ones are looked at again."""
    return rung(town, warned(town, n, Grade.RED))


def test_the_list_says_who_handled_what_and_marks_ones_own(
    small_town: SmallTown, signed_in: SignedIn
) -> None:
    episode = up_for_review(small_town)
    where = reverse("warn:review", args=[episode.pk])
    theirs = signed_in(small_town.staff["clerk"]).get(reverse("warn:reviews")).content.decode()
    assert str(small_town.staff["officer"]) in theirs
    assert where in theirs
    assert "王秀英" not in theirs
    # The clerk rang, too: now it is the clerk's own.
    small_town.staff["clerk"].calls.create(
        episode=episode, started_at=timezone.now(), outcome=CallOutcome.DISSUADED
    )
    own = signed_in(small_town.staff["clerk"]).get(reverse("warn:reviews")).content.decode()
    assert where not in own
    assert "您经办" in own


def test_the_reviewer_sees_what_was_done_and_agrees_once(
    small_town: SmallTown, signed_in: SignedIn
) -> None:
    episode = up_for_review(small_town)
    client, address = (
        signed_in(small_town.staff["leader"]),
        reverse("warn:review", args=[episode.pk]),
    )
    text = client.get(address).content.decode()
    assert "5 → 2" in text
    assert "儿子已经知道了" in text
    form = filled_in(verdict=Review.Verdict.AGREED)
    client.post(address, form)
    client.post(address, form)
    assert Review.objects.count() == 1
    episode.refresh_from_db()
    assert episode.state == Episode.State.CLOSED


def test_sending_back_needs_words_and_orders_a_call(
    small_town: SmallTown, signed_in: SignedIn
) -> None:
    episode = up_for_review(small_town)
    client, address = (
        signed_in(small_town.staff["leader"]),
        reverse("warn:review", args=[episode.pk]),
    )
    silent = client.post(address, filled_in(verdict=Review.Verdict.SENT_BACK))
    assert silent.status_code == 422
    assert "写明要再做什么" in silent.content.decode()
    client.post(address, filled_in(verdict=Review.Verdict.SENT_BACK, notes="没问对方是谁"))
    episode.refresh_from_db()
    assert episode.state == Episode.State.OPEN
    assert task_of(episode)


def test_a_verdict_must_be_tapped(small_town: SmallTown, signed_in: SignedIn) -> None:
    episode = up_for_review(small_town)
    address = reverse("warn:review", args=[episode.pk])
    answer = signed_in(small_town.staff["leader"]).post(address, filled_in())
    assert answer.status_code == 422
    assert "请点选复核意见" in answer.content.decode()


def test_who_acted_is_kindly_told_to_leave_it_to_another(
    small_town: SmallTown, signed_in: SignedIn
) -> None:
    episode = up_for_review(small_town)
    clerk = small_town.staff["clerk"]
    clerk.calls.create(episode=episode, started_at=timezone.now(), outcome=CallOutcome.DISSUADED)
    client, address = signed_in(clerk), reverse("warn:review", args=[episode.pk])
    page = client.get(address).content.decode()
    assert "换一双眼睛" in page
    assert 'name="verdict"' not in page
    answer = client.post(address, filled_in(verdict=Review.Verdict.AGREED), follow=True)
    assert "换一双眼睛" in answer.content.decode()
    assert not Review.objects.exists()


def test_reviews_of_another_area_do_not_exist(small_town: SmallTown, signed_in: SignedIn) -> None:
    episode = up_for_review(small_town)
    foreign = signed_in(Staff.objects.get(username="foreign_clerk"))
    address = reverse("warn:review", args=[episode.pk])
    assert foreign.get(address).status_code == 404
    assert foreign.post(address, filled_in(verdict="agreed")).status_code == 404
    assert address not in foreign.get(reverse("warn:reviews")).content.decode()
    assert signed_in(small_town.staff["grid"]).get(address).status_code == 403


def test_an_episode_not_up_for_review_leads_to_its_page(
    small_town: SmallTown, signed_in: SignedIn
) -> None:
    episode = warned(small_town)
    answer = signed_in(small_town.staff["leader"]).get(reverse("warn:review", args=[episode.pk]))
    assert answer.url == reverse("warn:episode", args=[episode.pk])


def test_reviews_ask_the_database_a_dozen_times_at_most(
    small_town: SmallTown, signed_in: SignedIn
) -> None:
    episodes = [up_for_review(small_town, n) for n in range(4)]
    client = signed_in(small_town.staff["leader"])
    assert queries_of(client, reverse("warn:reviews")) <= MOST_QUERIES
    assert queries_of(client, reverse("warn:review", args=[episodes[0].pk])) <= MOST_QUERIES


# --- answers to senders ------------------------------------------------------------------------------


def imported(town: SmallTown, clerk: Client) -> Batch:
    """A list of three residents and one row that cannot be used, imported."""
    text = io.StringIO()
    rows = [
        [f"YJ{n}", phone_of(n)[3:] if n < 4 else "138001", "海兰村", "刷单返利"]
        for n in range(1, 5)
    ]
    csv.writer(text).writerows([["编号", "手机号码", "所属村社区", "预警类型"], *rows])
    file = SimpleUploadedFile("county.csv", text.getvalue().encode("gb18030"))
    clerk.post(reverse("warn:intake"), {"sender": "县反诈中心", "file": file})
    batch = Batch.objects.get()
    clerk.post(reverse("warn:confirm", args=[batch.pk]))
    run_tasks()
    batch.refresh_from_db()
    assert batch.state == Batch.State.DONE
    return batch


def closed_first_row(town: SmallTown) -> Episode:
    """The first resident was dissuaded; the episode is closed."""
    episode = rung(town, Episode.objects.get(resident=town.residents[0]))
    if episode.state == Episode.State.REVIEW:
        after.review(episode, town.staff["leader"], "agreed", "", uuid4())
    return episode


def test_the_file_is_the_senders_list_with_what_became_of_each_row(
    small_town: SmallTown, signed_in: SignedIn
) -> None:
    clerk = signed_in(small_town.staff["clerk"])
    batch = imported(small_town, clerk)
    closed_first_row(small_town)
    answer = clerk.post(reverse("warn:answers_file", args=[batch.pk]), WHY)
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    header, *rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert header == ["编号", "手机号码", "所属村社区", "预警类型", "结果", "阶段", "联系时间"]
    assert [r[0] for r in rows] == ["YJ1", "YJ2", "YJ3", "YJ4"]
    assert [r[4] for r in rows] == ["已劝阻", "处置中", "处置中", "未导入，已退回"]
    assert rows[0][6].startswith(f"{timezone.localtime():%Y-%m-%d}")


def test_taking_the_file_tells_the_closed_rows_once_and_is_written_down(
    small_town: SmallTown, signed_in: SignedIn
) -> None:
    clerk = signed_in(small_town.staff["clerk"])
    batch = imported(small_town, clerk)
    closed_first_row(small_town)
    page = clerk.get(reverse("warn:answers"))
    assert dict(page.context["senders"])["县反诈中心"].untold == 1
    clerk.post(reverse("warn:answers_file", args=[batch.pk]), WHY)
    first = Signal.objects.get(answered_at__isnull=False)
    clerk.post(reverse("warn:answers_file", args=[batch.pk]), WHY)
    assert Signal.objects.get(answered_at__isnull=False).answered_at == first.answered_at
    told = clerk.get(reverse("warn:answers")).context["rows"][0][1]
    assert (told.answered, told.untold, told.open) == (1, 0, 2)
    exports = AuditEntry.objects.filter(verb="export")
    assert [e.detail["what"] for e in exports] == ["answers", "answers"]
    assert AuditEntry.objects.filter(verb="answer_sender").count() == 2


def test_a_list_whose_file_was_deleted_says_so(small_town: SmallTown, signed_in: SignedIn) -> None:
    clerk = signed_in(small_town.staff["clerk"])
    batch = imported(small_town, clerk)
    batch.content = ""
    batch.save()
    assert "原件已按保存期限删除" in clerk.get(reverse("warn:answers")).content.decode()
    answer = clerk.post(reverse("warn:answers_file", args=[batch.pk]), WHY, follow=True)
    assert "不能再按原样反馈" in answer.content.decode()
    assert not AuditEntry.objects.filter(verb="answer_sender").exists()


def test_answers_belong_to_the_area_and_to_those_who_export(
    small_town: SmallTown, signed_in: SignedIn
) -> None:
    batch = imported(small_town, signed_in(small_town.staff["clerk"]))
    foreign = signed_in(Staff.objects.get(username="foreign_clerk"))
    address = reverse("warn:answers_file", args=[batch.pk])
    assert foreign.post(address).status_code == 404
    assert foreign.get(reverse("warn:answers")).context["rows"] == []
    assert signed_in(small_town.staff["officer"]).post(address).status_code == 403
    # Reading a page changes nothing: the file is asked for with a button.
    assert signed_in(small_town.staff["clerk"]).get(address).status_code == 405


def test_answers_ask_the_database_a_dozen_times_at_most(
    small_town: SmallTown, signed_in: SignedIn
) -> None:
    clerk = signed_in(small_town.staff["clerk"])
    imported(small_town, clerk)
    assert queries_of(clerk, reverse("warn:answers")) <= MOST_QUERIES


def rows_of(answer: Any) -> list[list[Any]]:
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    return [[cell.value for cell in row] for row in sheet.iter_rows()][1:]


def test_a_list_in_clear_needs_a_reason_that_is_kept(
    small_town: SmallTown, signed_in: SignedIn
) -> None:
    clerk = signed_in(small_town.staff["clerk"])
    batch = imported(small_town, clerk)
    address = reverse("warn:answers_file", args=[batch.pk])
    for reason in ("", "12012345678 要"):
        answer = clerk.post(address, {"reason": reason})
        assert answer.status_code == 302
    assert not AuditEntry.objects.filter(verb__in=("export", "answer_sender")).exists()
    clerk.post(address, WHY)
    detail = AuditEntry.objects.get(verb="export").detail
    assert (detail["reason"], detail["rows"]) == (WHY["reason"], 4)


def test_who_may_not_look_behind_the_masks_gets_a_masked_copy_which_answers_nobody(
    small_town: SmallTown, signed_in: SignedIn
) -> None:
    batch = imported(small_town, signed_in(small_town.staff["clerk"]))
    closed_first_row(small_town)
    leader = signed_in(small_town.staff["leader"])
    assert "取脱敏副本" in leader.get(reverse("warn:answers")).content.decode()
    rows = rows_of(leader.post(reverse("warn:answers_file", args=[batch.pk])))
    assert [row[0] for row in rows] == ["YJ1", "YJ2", "YJ3", "YJ4"]
    assert rows[0][4] == "已劝阻"
    assert not any(phone_of(n)[3:] in str(rows) for n in range(1, 4))
    detail = AuditEntry.objects.get(verb="export").detail
    assert (detail["masked"], detail["rows"]) == (True, 4)
    assert not Signal.objects.exclude(answered_at=None).exists()


# --- what senders were told is no longer so ------------------------------------------------------


def told(town: SmallTown, episode: Episode) -> Signal:
    """The sender was told the result."""
    signal = Signal.objects.get(episode=episode)
    after.answer_sender([signal], town.staff["clerk"])
    return Signal.objects.get(pk=signal.pk)


def test_dissuaded_then_paid_is_told_again(small_town: SmallTown) -> None:
    episode = closed(small_town)
    assert told(small_town, episode).result == Episode.Outcome.DISSUADED
    follow_up(small_town, episode, FollowUp.Outcome.PAID)
    visit(small_town, episode, VisitOutcome.PAID)
    review(small_town, now(episode))
    signal = Signal.objects.get(episode=episode)
    assert (signal.result, signal.answered_at) == (Episode.Outcome.PAID, None)


def test_the_same_result_again_is_no_news(small_town: SmallTown) -> None:
    episode = closed(small_town)
    before = told(small_town, episode).answered_at
    follow_up(small_town, episode, FollowUp.Outcome.CONTACTED_AGAIN)
    ring(small_town, episode, CallOutcome.DISSUADED)
    review(small_town, now(episode))
    assert Signal.objects.get(episode=episode).answered_at == before


# --- four eyes -----------------------------------------------------------------------------------


@pytest.mark.parametrize("deed", ["note", "order_visit", "stop", "tick", "find"])
def test_whoever_had_a_hand_in_it_may_not_review_it(small_town: SmallTown, deed: str) -> None:
    two = small_town.staff["leader"]
    for role in ("officer", "clerk"):
        Duty.objects.create(staff=two, role=role, place=small_town.town)
    episode = arrive_unknown(small_town) if deed == "find" else arrive(small_town)
    match deed:
        case "note":
            after.add_note(episode, two, "问过儿子了")
        case "order_visit":
            visits.order_visit(episode, two)
        case "stop":
            calls.start_stop_payment(episode, two)
        case "tick":
            stop = calls.start_stop_payment(episode, small_town.staff["officer"])
            calls.tick(stop, two, "rang_110", True)
        case "find":
            visits.found_person(tasks.claim(todo(episode, Task.Kind.FIND), two), two, None)
    Episode.objects.filter(pk=episode.pk).update(state=Episode.State.REVIEW, closed_at=None)
    with pytest.raises(FourEyes):
        after.review(now(episode), two, "agreed", "", uuid4())
    after.review(now(episode), small_town.staff["head"], "agreed", "", uuid4())


def test_a_stand_in_counts_as_whom_they_stand_in_for(small_town: SmallTown) -> None:
    clerk, officer = small_town.staff["clerk"], small_town.staff["officer"]
    Absence.objects.create(
        staff=clerk, stand_in=officer, starts_at=timezone.now() - timedelta(hours=1),
        ends_at=timezone.now() + timedelta(hours=8),
    )  # fmt: skip
    episode = arrive(small_town)
    ring(small_town, episode, CallOutcome.DISSUADED)
    with pytest.raises(FourEyes):
        after.review(now(episode), clerk, "agreed", "", uuid4())


# --- follow-ups that reach nobody, or contradict themselves --------------------------------------


def test_a_follow_up_that_reaches_nobody_is_tried_again_and_then_somebody_goes(
    small_town: SmallTown,
) -> None:
    episode = closed(small_town)
    for tries in (1, 2):
        follow_up(small_town, episode, FollowUp.Outcome.UNREACHABLE)
        task = todo(episode, Task.Kind.FOLLOW_UP, 3)
        assert 23.9 < minutes_until(task.starts_at) / 60 <= 24
        assert (task.claimed_by, task.due_at > task.starts_at) == (None, True)
        assert now(episode).state == Episode.State.CLOSED
        assert FollowUp.objects.count() == tries
    follow_up(small_town, episode, FollowUp.Outcome.UNREACHABLE)
    assert Task.Kind.VISIT in open_kinds(episode)
    assert now(episode).state == Episode.State.OPEN
    visit(small_town, episode, VisitOutcome.DISSUADED)
    assert now(episode).outcome == Episode.Outcome.DISSUADED


@pytest.mark.parametrize(("day", "answer"), [(3, "moved"), (30, "unreported"), (30, "reported")])
def test_money_that_moved_contradicts_all_is_well(
    small_town: SmallTown, signed_in: SignedIn, day: int, answer: str
) -> None:
    task = follow_up_due(small_town, day)
    client = signed_in(small_town.staff["grid"])
    address = reverse("warn:follow_up", args=[task.pk])
    form = filled_in(outcome=FollowUp.Outcome.FINE, q_money_since=answer)
    page = client.post(address, form)
    assert page.status_code == 422
    assert "马上走止付" in page.content.decode()
    notes = after.FollowUpNotes(FollowUp.Outcome.FINE, answers={"money_since": answer})
    with pytest.raises(Contradiction):
        after.record_follow_up(task, small_town.staff["grid"], notes, uuid4())
    assert not FollowUp.objects.exists()
    client.post(address, form | {"outcome": FollowUp.Outcome.PAID})
    assert StopPayment.objects.filter(episode__resident=task.episode.resident).exists()
