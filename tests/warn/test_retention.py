"""What the first line forgets, when, and what stays counted."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone

from fangxian.exchange.writing import write_table
from fangxian.town import retention
from fangxian.town.actions import erase_resident
from fangxian.town.models import AuditEntry, Phone, Resident
from fangxian.warn.actions import after, intake, tasks
from fangxian.warn.actions.errors import Refused
from fangxian.warn.models import (
    Batch,
    Call,
    CallOutcome,
    Delivery,
    Episode,
    FollowUp,
    Message,
    Note,
    RefusedRow,
    Review,
    Signal,
    Task,
    Visit,
    VisitOutcome,
    Webhook,
)
from fangxian.warn.queries.after import answers_of
from fangxian.warn.queries.intake import table_of
from town_of_tests import SmallTown, phone_of, run_tasks
from warn.call_town import (
    arrive,
    arrive_unknown,
    follow_up,
    now,
    open_kinds,
    review,
    ring,
    todo,
    visit,
)

MUST_GO = "陈小花欠款"


def shifted(days: int) -> None:
    """Let `days` pass: everything closed, visited and handed in was that much earlier."""
    back = timedelta(days=days)
    for episode in Episode.objects.exclude(closed_at=None):
        Episode.objects.filter(pk=episode.pk).update(
            closed_at=episode.closed_at - back, last_signal_at=episode.last_signal_at - back
        )
    for visited in Visit.objects.all():
        Visit.objects.filter(pk=visited.pk).update(at=visited.at - back)
    for batch in Batch.objects.all():
        Batch.objects.filter(pk=batch.pk).update(
            created_at=batch.created_at - back,
            finished_at=batch.finished_at and batch.finished_at - back,
        )


def ended() -> dict[str, int]:
    return {d.rule: d.how_many for d in retention.run()}


def worked(town: SmallTown, episode: Episode) -> Episode:
    """The whole walk, with a word about the person in every record; closed."""
    Signal.objects.filter(episode=episode).update(note=MUST_GO, risk_number=phone_of(88))
    ring(town, episode, CallOutcome.REFUSED, notes=MUST_GO)
    after.add_note(now(episode), town.staff["officer2"], MUST_GO)
    visit(town, episode, VisitOutcome.DISSUADED, notes=MUST_GO)
    if now(episode).state == Episode.State.REVIEW:
        review(town, episode)
    Review.objects.update(notes=MUST_GO)
    follow_up(town, episode, FollowUp.Outcome.FINE)
    FollowUp.objects.update(notes=MUST_GO)
    return now(episode)


def words_of(episode: Episode) -> list[str]:
    kept: list[str] = []
    for rows, name in (
        (Signal, "note"), (Signal, "risk_number"), (Call, "notes"), (FollowUp, "notes"),
        (Review, "notes"), (Note, "text"), (Visit, "notes"),
    ):  # fmt: skip
        values = rows._default_manager.filter(episode=episode).values_list(name, flat=True)
        kept += [f"{rows.__name__}.{name}" for value in values if value]
    return kept


def test_the_words_of_a_resolved_warning_go_after_90_days_and_those_of_a_visit_after_a_year(
    small_town: SmallTown,
) -> None:
    episode = worked(small_town, arrive(small_town))
    assert len(words_of(episode)) == 7
    shifted(89)
    assert "warning_words" not in ended()
    shifted(2)
    assert ended()["warning_words"] == 1
    assert words_of(episode) == ["Visit.notes"]
    shifted(365 - 91 + 1)
    assert ended() == {"visit_notes": 1}
    assert words_of(episode) == []
    assert ended() == {}


def test_an_open_warning_is_not_forgotten(small_town: SmallTown) -> None:
    episode = arrive_unknown(small_town)
    Signal.objects.filter(episode=episode).update(note=MUST_GO)
    Episode.objects.filter(pk=episode.pk).update(opened_at=timezone.now() - timedelta(days=900))
    assert ended() == {}
    assert words_of(episode) == ["Signal.note"]


def test_who_is_known_only_from_a_warning_becomes_a_pseudonym(small_town: SmallTown) -> None:
    episode = arrive_unknown(small_town)
    resident = episode.resident
    Resident.objects.filter(pk=resident.pk).update(name="陈小花", last_known_area="海兰村3组12号")
    ring(small_town, episode, CallOutcome.DISSUADED)
    review(small_town, episode)
    shifted(91)
    assert ended()["warned_persons"] == 1
    resident = Resident.objects.get(pk=resident.pk)
    assert resident.erased_at
    assert not resident.name
    assert not resident.last_known_area
    assert not Phone.objects.filter(resident=resident).exists()
    assert not Task.objects.filter(episode=episode, state=Task.State.TODO).exists()
    assert AuditEntry.objects.filter(verb="resident_erased", actor="system").count() == 1
    assert ended() == {}


def test_who_is_on_the_register_stays_on_it(small_town: SmallTown) -> None:
    worked(small_town, arrive(small_town))
    shifted(2000)
    assert "warned_persons" not in ended()
    assert Resident.objects.get(pk=small_town.residents[0].pk).name.clear == "王秀英"


def test_who_is_warned_of_again_is_not_forgotten_meanwhile(small_town: SmallTown) -> None:
    episode = arrive_unknown(small_town)
    ring(small_town, episode, CallOutcome.DISSUADED)
    review(small_town, episode)
    shifted(91)
    again = arrive_unknown(small_town)
    assert again.pk != episode.pk
    assert "warned_persons" not in ended()


def test_texts_no_longer_say_to_which_phone_they_went(small_town: SmallTown) -> None:
    episode = worked(small_town, arrive(small_town))
    Message.objects.create(
        episode=episode, phone=episode.resident.phones.first(), template="unreachable", kind="other"
    )
    shifted(91)
    ended()
    assert set(Message.objects.values_list("phone", flat=True)) == {None}


def handed_in(town: SmallTown, numbers: list[str], confirm: bool = True) -> Batch:
    rows = [
        [f"YJ{n}", "陈小花" * (len(number) > 6), number, "海兰村", "刷单返利"]
        for n, number in enumerate(numbers)
    ]
    data = write_table(["编号", "姓名", "手机号码", "所属村社区", "预警类型"], rows, "", "csv")
    batch, _new = intake.hand_in(town.staff["clerk"], town.sender, "陈小花.csv", data)
    if confirm:
        intake.confirm(batch, town.staff["clerk"])
        run_tasks()
    return Batch.objects.get(pk=batch.pk)


def test_a_list_goes_90_days_after_its_last_warning_with_its_refused_rows(
    small_town: SmallTown,
) -> None:
    batch = handed_in(small_town, [phone_of(1)[3:], phone_of(2)[3:], "138001"])
    assert RefusedRow.objects.count() == 1
    first, second = Episode.objects.order_by("pk")
    for episode in (first, second):
        ring(small_town, episode, CallOutcome.FALSE_ALARM)
    Episode.objects.filter(pk=first.pk).exclude(state="closed").update(
        state="closed", closed_at=timezone.now()
    )
    Episode.objects.filter(pk=second.pk).update(state="open", closed_at=None)
    shifted(91)
    assert "lists" not in ended()
    Episode.objects.filter(pk=second.pk).update(
        state="closed", closed_at=timezone.now() - timedelta(days=91)
    )
    assert ended()["lists"] == 1
    batch.refresh_from_db()
    assert not any([batch.content, batch.filename, batch.preview])
    assert not RefusedRow.objects.exists()
    assert (batch.total, batch.refused) == (3, 1)
    assert "lists" not in ended()


def test_a_list_nobody_confirmed_goes_after_a_week(small_town: SmallTown) -> None:
    batch = handed_in(small_town, [phone_of(1)[3:]], confirm=False)
    shifted(8)
    assert ended() == {"unconfirmed_lists": 1}
    batch.refresh_from_db()
    assert batch.state == Batch.State.CANCELLED
    assert not any([batch.content, batch.filename, batch.preview])


def counted(signed_in: Any, town: SmallTown) -> list[Any]:
    client = signed_in(town.staff["leader"])
    board = client.get("/board/").context
    episodes = client.get(reverse("warn:episodes")).context["counts"]
    picked = {key: board[key] for key in ("months", "kinds", "villages") if key in board}
    return [episodes, picked, Signal.objects.count(), Call.objects.count(), Visit.objects.count()]


def test_what_is_forgotten_stays_counted(small_town: SmallTown, signed_in: Any) -> None:
    worked(small_town, arrive(small_town))
    ring(small_town, unknown := arrive_unknown(small_town), CallOutcome.DISSUADED)
    review(small_town, unknown)
    shifted(91)
    before = counted(signed_in, small_town)
    assert {"warning_words", "warned_persons"} <= set(ended())
    assert counted(signed_in, small_town) == before


def test_the_retention_page_shows_what_the_first_line_forgets(
    small_town: SmallTown, signed_in: Any
) -> None:
    worked(small_town, arrive(small_town))
    shifted(91)
    page = signed_in(small_town.staff["auditor"]).get(reverse("town:retention")).content.decode()
    assert "只在已办结的预警里出现过的人" in page
    retention.run()
    rows = retention.outlook()
    assert all(row.due_now == 0 for row in rows)


def test_an_erased_identity_goes_everywhere_at_once(small_town: SmallTown) -> None:
    batch = handed_in(small_town, [phone_of(1)[3:], phone_of(2)[3:]])
    mine, other = Episode.objects.order_by("pk")
    assert mine.resident == small_town.residents[0]
    Signal.objects.filter(episode=mine).update(note=MUST_GO, risk_number=phone_of(88))
    after.add_note(mine, small_town.staff["officer"], MUST_GO)
    task = tasks.claim(todo(mine, Task.Kind.CALL), small_town.staff["officer"])
    erase_resident(small_town.staff["officer"], mine.resident)
    task.refresh_from_db()
    assert (task.state, task.claimed_by, task.alarm_at) == (Task.State.CANCELLED, None, None)
    assert now(mine).state == Episode.State.CLOSED
    assert words_of(mine) == []
    batch.refresh_from_db()
    table = table_of(batch)
    assert table.rows[0][0] == "YJ0"
    assert not any(table.rows[0][1:])
    assert phone_of(2)[3:] in [str(cell) for cell in table.rows[1]]
    assert now(other).state == Episode.State.OPEN
    answers = answers_of(batch, table, small_town.staff["clerk"])
    assert [bool(text) for text in next(iter(answers.added.values()))] == [True, True]
    erase_resident(small_town.staff["officer"], mine.resident)
    assert AuditEntry.objects.filter(verb="forgotten").count() == 1


def test_a_workbook_with_lines_above_its_header_keeps_its_row_numbers(
    small_town: SmallTown,
) -> None:
    book = openpyxl.Workbook()
    for line in (
        ["2026年11月预警名单"], [], ["编号", "姓名", "手机号码", "所属村社区"],
        ["YJ1", "王秀英", phone_of(1)[3:], "海兰村"], ["YJ2", "李建国", phone_of(2)[3:], "海兰村"],
    ):  # fmt: skip
        book.active.append(line)
    out = io.BytesIO()
    book.save(out)
    clerk = small_town.staff["clerk"]
    batch, _new = intake.hand_in(clerk, small_town.sender, "名单.xlsx", out.getvalue())
    intake.confirm(batch, clerk)
    run_tasks()
    batch.refresh_from_db()
    before = table_of(batch)
    erase_resident(clerk, small_town.residents[1])
    batch.refresh_from_db()
    after_all = table_of(batch)
    assert after_all.row_numbers == before.row_numbers
    assert [row[1] for row in after_all.rows] == ["王秀英", ""]


def test_an_erased_identity_up_for_review_is_reviewed_but_not_sent_back(
    small_town: SmallTown,
) -> None:
    episode = arrive(small_town)
    ring(small_town, episode, CallOutcome.DISSUADED)
    erase_resident(small_town.staff["officer"], episode.resident)
    assert open_kinds(episode) == {Task.Kind.REVIEW}
    with pytest.raises(Refused, match="身份信息已按规定删除"):
        review(small_town, episode, "sent_back")
    review(small_town, episode)
    assert now(episode).outcome == Episode.Outcome.DISSUADED


def test_what_a_webhook_was_told_goes_after_three_months(small_town: SmallTown) -> None:
    hook = Webhook.objects.create(url="https://county.example/", secret="s", place=small_town.town)
    today = timezone.now()
    kept, gone, waiting = (
        Delivery.objects.create(webhook=hook, body={}, delivered_at=at).pk
        for at in (today - timedelta(days=89), today - timedelta(days=91), None)
    )
    retention.run(today)
    assert set(Delivery.objects.values_list("pk", flat=True)) == {kept, waiting}
    assert gone not in (kept, waiting)
