"""The board: counts as they were worked, the honest sentence, and nobody else's figures."""

from __future__ import annotations

import io
from datetime import date, datetime, time, timedelta
from typing import Any

import openpyxl
import pytest
from django.utils import timezone

from fangxian.measure.periods import months_until, period_of
from fangxian.report.queries import board as queries
from fangxian.warn.models import Case, Episode, StopPayment, Visit
from town_of_tests import SmallTown, red_call


def case(town: SmallTown, day: date, grid: int = 0, **more: Any) -> Case:
    return Case.objects.create(
        kind="task_rebate", place=town.grids[grid], happened_on=day, channel="sms",
        by=town.staff["clerk"], **more,
    )  # fmt: skip


@pytest.fixture
def five_then_one(small_town: SmallTown) -> SmallTown:
    """The last whole quarter has one case, the one before five."""
    last = period_of(timezone.localdate(), "quarter").previous()
    case(small_town, last.start + timedelta(days=10), loss_fen=2_000_000)
    for n in range(5):
        case(small_town, last.previous().start + timedelta(days=n * 9))
    return small_town


def test_five_to_one_is_shown_and_said_to_prove_little(five_then_one, signed_in) -> None:
    text = signed_in(five_then_one.staff["leader"]).get("/board/").content.decode()
    assert "1 起" in text
    assert "5 起（−80%）" in text
    assert "不足以判断" in text
    english = signed_in(five_then_one.staff["leader"], "en").get("/board/").content.decode()
    assert "Too few to judge" in english
    assert "CNY 20,000" in english


def test_a_withdrawn_case_does_not_count(five_then_one, signed_in) -> None:
    Case.objects.filter(loss_fen=2_000_000).update(withdrawn_at=timezone.now())
    text = signed_in(five_then_one.staff["leader"]).get("/board/").content.decode()
    assert "0 起" in text


def test_another_villages_case_is_not_mine_to_see(five_then_one, signed_in) -> None:
    Case.objects.update(place=five_then_one.grids[4])
    text = signed_in(five_then_one.staff["village"]).get("/board/").content.decode()
    assert "两期都没有案件" in text
    foreign = f"/board/?place={five_then_one.villages[1].code}"
    assert signed_in(five_then_one.staff["village"]).get(foreign).status_code == 404


def test_months_are_the_towns_own_and_not_greenwichs(small_town: SmallTown) -> None:
    """Half past midnight on the first belongs to the new month, though it is still the old in UTC."""
    zone = timezone.get_default_timezone()
    episode = red_call(small_town).episode
    moment = datetime(2026, 3, 1, 0, 30, tzinfo=zone)
    Episode.objects.filter(pk=episode.pk).update(
        opened_at=moment, first_call_due_at=moment, first_call_at=moment, reached_at=moment
    )
    Visit.objects.create(
        episode=episode, by=small_town.staff["grid"], outcome="dissuaded",
        at=datetime(2026, 2, 28, 23, 59, tzinfo=zone),
    )  # fmt: skip
    months = months_until(date(2026, 4, 10), 4)
    scope = queries.Scope(small_town.staff["leader"], None, months[0], date(2026, 4, 11))
    counted = {m.first.month: m for m in queries.by_month(scope, [], months)}
    assert [counted[n].warnings for n in (1, 2, 3, 4)] == [0, 0, 1, 0]
    assert [counted[n].visits for n in (1, 2, 3, 4)] == [0, 1, 0, 0]
    assert (counted[3].called_in_time, counted[3].calls_due, counted[3].reached) == (1, 1, 1)
    assert counted[3].reached_in_time == 1


def test_a_late_call_and_one_never_made_are_not_in_time(small_town: SmallTown) -> None:
    now = timezone.now()
    due = now - timedelta(minutes=55)
    for n, first_call in ((1, now), (2, None)):
        Episode.objects.filter(pk=red_call(small_town, n).episode_id).update(
            opened_at=now - timedelta(hours=1), first_call_due_at=due, first_call_at=first_call
        )
    red_call(small_town, 3)
    months = months_until(timezone.localdate(), 2)
    today = timezone.localdate() + timedelta(days=1)
    scope = queries.Scope(small_town.staff["leader"], None, months[0], today)
    this = queries.by_month(scope, [], months)[-1]
    assert (this.warnings, this.calls_due, this.called_in_time) == (3, 2, 0)


def test_a_dial_that_nobody_answered_is_in_time_but_nobody_was_reached(
    small_town: SmallTown,
) -> None:
    now = timezone.now()
    for n, reached in ((1, None), (2, now), (3, now - timedelta(minutes=9))):
        Episode.objects.filter(pk=red_call(small_town, n).episode_id).update(
            first_call_due_at=now - timedelta(minutes=5),
            first_call_at=now - timedelta(minutes=9),
            reached_at=reached,
        )
    months = months_until(timezone.localdate(), 1)
    today = timezone.localdate() + timedelta(days=1)
    this = queries.by_month(
        queries.Scope(small_town.staff["leader"], None, months[0], today), [], months
    )[-1]
    assert (this.called_in_time, this.reached, this.reached_in_time) == (3, 2, 1)


def test_villages_stand_in_the_order_of_their_codes_never_of_their_cases(five_then_one) -> None:
    Case.objects.update(place=five_then_one.grids[5])
    places = [five_then_one.town, *five_then_one.villages]
    start = date(2020, 1, 1)
    scope = queries.Scope(five_then_one.staff["leader"], None, start, date(2100, 1, 1))
    rows = queries.by_village(scope, places, scope.cases())
    assert [(v.name, v.residents, v.cases) for v in rows] == [("海兰村", 3, 0), ("青石村", 3, 6)]


def test_the_export_is_a_table_and_written_down(five_then_one, signed_in) -> None:
    from fangxian.town.models import AuditEntry

    answer = signed_in(five_then_one.staff["clerk"]).get("/board/export/")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    # From the month of the first record on: 5 cases began in the quarter before the last.
    first = period_of(timezone.localdate(), "quarter").previous().previous().start
    assert sheet["A2"].value == f"{first:%Y-%m}"
    assert sheet.max_row <= 1 + 9
    assert AuditEntry.objects.filter(verb="export").exists()
    assert signed_in(five_then_one.staff["educator"]).get("/board/export/").status_code == 403


def test_the_document_to_print_says_the_same(five_then_one, signed_in) -> None:
    text = signed_in(five_then_one.staff["leader"]).get("/board/print/").content.decode()
    assert "不足以判断" in text
    assert "data-print" in text


@pytest.mark.parametrize("period", ["quarter:junk", "month:2026-13-01", "quarter:"])
def test_a_period_that_is_none_is_not_found(small_town, signed_in, period: str) -> None:
    client = signed_in(small_town.staff["leader"])
    assert client.get(f"/board/?period={period}").status_code == 404


# --- "was warned, paid anyway" -------------------------------------------------------------------
@pytest.mark.parametrize(
    ("reached", "paid", "told"),
    [
        (None, None, False),  # never reached
        (timedelta(days=-2), None, True),  # reached, paid two days later
        (timedelta(hours=0), None, False),  # the same day, nobody knows which came first
        (timedelta(days=1), None, False),  # reached the day after
        (timedelta(hours=0), timedelta(hours=2), True),  # the race knows: paid two hours later
        (timedelta(hours=0), timedelta(hours=-2), False),  # had paid when reached
    ],
)
def test_warned_and_paid_counts_who_was_spoken_to_before(
    small_town: SmallTown, signed_in: Any, reached: Any, paid: Any, told: bool
) -> None:
    quarter = period_of(timezone.localdate(), "quarter").previous()
    noon = timezone.make_aware(datetime.combine(quarter.start, time(12))) + timedelta(days=40)
    episode = red_call(small_town).episode
    Episode.objects.filter(pk=episode.pk).update(
        opened_at=noon - timedelta(days=3), reached_at=None if reached is None else noon + reached
    )
    if paid is not None:
        StopPayment.objects.create(
            episode=episode, by=small_town.staff["officer"], paid_at=noon + paid
        )
    made = case(small_town, noon.date(), episode=episode)
    scope = queries.Scope(small_town.staff["leader"], None, quarter.start, quarter.end)
    assert [c.told_before for c in scope.cases()] == [told]
    page = signed_in(small_town.staff["leader"]).get(f"/work/cases/{made.pk}/").content.decode()
    assert ("预警过，仍然被骗" in page) is told
    assert ("转账之前还没有和本人说上话" in page) is not told


def test_what_was_typed_in_the_race_is_not_typed_again(small_town: SmallTown, signed_in) -> None:
    officer = small_town.staff["officer"]
    episode = red_call(small_town).episode
    yesterday = timezone.now() - timedelta(days=1)
    StopPayment.objects.create(
        episode=episode, by=officer, paid_at=yesterday, stopped_fen=1_200_000
    )
    page = signed_in(officer).get(f"/work/cases/new/?episode={episode.pk}").content.decode()
    assert 'value="12000' in page
    assert f'value="{timezone.localdate(yesterday)}"' in page


# --- before the records began --------------------------------------------------------------------
def test_months_before_the_first_record_are_not_months_without_cases(
    small_town: SmallTown, signed_in: Any
) -> None:
    this = timezone.localdate().replace(day=1)
    for day in (2, 3):
        case(small_town, (this - timedelta(days=1)).replace(day=day))
    text = signed_in(small_town.staff["leader"]).get("/board/").content.decode()
    assert "多于偶然波动" not in text
    quarter = period_of((this - timedelta(days=1)), "quarter")
    page = f"/board/?period=quarter:{quarter.start}"
    text = signed_in(small_town.staff["leader"]).get(page).content.decode()
    assert "没有完整的记录，还不能和它比较" in text


def test_a_town_in_its_first_month_has_a_board(small_town: SmallTown, signed_in: Any) -> None:
    case(small_town, timezone.localdate())
    assert signed_in(small_town.staff["leader"]).get("/board/").status_code == 200
