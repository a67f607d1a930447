"""Settings: clocks, working hours, days off, and what they mean."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from fangxian.town.models import AuditEntry
from fangxian.warn.actions import rules
from fangxian.warn.actions.errors import Refused
from fangxian.warn.clock import Clocks
from fangxian.warn.models import ClockRule, DayOff, Grade, WorkingHours
from fangxian.warn.queries.clocks import examples
from warn.desk_town import task_of, warned

SignedIn = Callable[..., Client]
SENSIBLE = {
    Grade.RED: rules.ClockTimes(3, 45, False),
    Grade.ORANGE: rules.ClockTimes(20, 180, False),
    Grade.YELLOW: rules.ClockTimes(120, 600, True),
    Grade.BLUE: rules.ClockTimes(600, 1800, True),
}
OFFICE_WEEK = {day: (time(9), time(17)) for day in range(5)}


def as_form(
    clocks: dict[Grade, rules.ClockTimes], hours: dict[int, tuple[time, time]]
) -> dict[str, Any]:
    """What the browser sends for these rules."""
    sent: dict[str, Any] = {}
    for grade, times in clocks.items():
        sent[f"{grade.key}_call"] = times.call_minutes
        sent[f"{grade.key}_door"] = times.door_minutes
        if times.working_hours_only:
            sent[f"{grade.key}_working"] = "on"
    for day, (opens, closes) in hours.items():
        sent |= {f"works_{day}": "on", f"opens_{day}": opens, f"closes_{day}": closes}
    return sent


def test_saved_clocks_hold_for_the_next_warning(small_town: Any, signed_in: SignedIn) -> None:
    client = signed_in(small_town.staff["system"])
    answer = client.post("/work/settings/", as_form(SENSIBLE, OFFICE_WEEK), follow=True)
    assert "已保存" in answer.content.decode()
    task = task_of(warned(small_town, 0, Grade.RED))
    assert (task.due_at - task.starts_at).total_seconds() == pytest.approx(180, abs=2)
    assert WorkingHours.objects.count() == 5
    assert set(
        AuditEntry.objects.filter(verb__startswith="set_").values_list("verb", flat=True)
    ) == {
        "set_clock",
        "set_hours",
    }


def test_how_fast_alarms_climb_and_when_to_try_again_is_set_on_the_same_page(
    small_town: Any, signed_in: SignedIn
) -> None:
    client = signed_in(small_town.staff["system"])
    sent = as_form(SENSIBLE, OFFICE_WEEK) | {"red_climb": 3, "yellow_retry": 90}
    client.post("/work/settings/", sent)
    red, yellow = (ClockRule.objects.get(grade=g) for g in (Grade.RED, Grade.YELLOW))
    assert (red.climb_minutes, red.retry_minutes) == (3, None)
    assert (yellow.climb_minutes, yellow.retry_minutes) == (None, 90)
    page = client.get("/work/settings/").content.decode()
    for name, value in (("red_climb", 3), ("red_retry", 10), ("yellow_retry", 90)):
        assert re.search(rf'name="{name}" value="{value}"', page)
    zone = timezone.get_default_timezone()
    friday = datetime(2026, 11, 27, 16, 30, tzinfo=zone)
    # Half an hour on Friday, the other hour of the ninety minutes on Monday from nine.
    again = datetime(2026, 11, 30, 10, 0, tzinfo=zone)
    assert Clocks.now().retry_at(Grade.YELLOW, friday) == again


def test_saving_the_same_again_writes_nothing(small_town: Any) -> None:
    system = small_town.staff["system"]
    for _twice in range(2):
        rules.set_clocks(system, SENSIBLE)
        rules.set_hours(system, OFFICE_WEEK)
    assert AuditEntry.objects.filter(verb="set_clock").count() == 4
    assert AuditEntry.objects.filter(verb="set_hours").count() == 1


def test_a_change_is_written_down_with_what_it_was(small_town: Any) -> None:
    system = small_town.staff["system"]
    rules.set_clocks(system, SENSIBLE)
    rules.set_clocks(system, SENSIBLE | {Grade.RED: rules.ClockTimes(4, 45, False)})
    entry = AuditEntry.objects.filter(verb="set_clock").last()
    assert entry is not None
    assert (entry.detail["was"], entry.detail["now"]) == (
        [3, 45, False, None, None],
        [4, 45, False, None, None],
    )


@pytest.mark.parametrize(
    ("grade", "times", "says"),
    [
        (Grade.RED, rules.ClockTimes(31, 60, False), "红色：电话不能超过 30 分钟"),
        (Grade.RED, rules.ClockTimes(5, 60, True), "红色：夜里也要计时"),
        (Grade.ORANGE, rules.ClockTimes(60, 50, False), "橙色：电话至少 1 分钟，上门不早于电话"),
        (Grade.ORANGE, rules.ClockTimes(200, 300, False), "橙色不能比黄色慢"),
        (Grade.BLUE, rules.ClockTimes(600, 30_000, True), "蓝色：电话至少 1 分钟"),
        (Grade.RED, rules.ClockTimes(5, 60, False, 31, 10), "红色：升级间隔不能超过 30 分钟"),
        (Grade.BLUE, rules.ClockTimes(600, 1800, True, 0, 10), "蓝色：升级间隔至少 1 分钟"),
        (Grade.BLUE, rules.ClockTimes(600, 1800, True, 9, 30_000), "蓝色：再打间隔至少 1 分钟"),
    ],
)
def test_clocks_that_make_no_sense_are_refused_with_a_sentence(
    small_town: Any, grade: Grade, times: rules.ClockTimes, says: str
) -> None:
    with pytest.raises(Refused, match=says):
        rules.set_clocks(small_town.staff["system"], SENSIBLE | {grade: times})
    assert not ClockRule.objects.exists()


def test_the_page_refuses_with_the_sentence_and_keeps_what_was_typed(
    small_town: Any, signed_in: SignedIn
) -> None:
    wrong = SENSIBLE | {Grade.RED: rules.ClockTimes(29, 61, True)}
    answer = signed_in(small_town.staff["system"]).post(
        "/work/settings/", as_form(wrong, OFFICE_WEEK)
    )
    assert answer.status_code == 422
    assert "红色：夜里也要计时" in answer.content.decode()
    assert 'value="61"' in answer.content.decode()
    assert not ClockRule.objects.exists()


@pytest.mark.parametrize(
    ("hours", "says"),
    [({}, "至少要有一天上班"), ({0: (time(17), time(9))}, "星期一：结束时间要晚于开始时间")],
)
def test_hours_that_make_no_sense_are_refused_with_a_sentence(
    small_town: Any, hours: dict[int, tuple[time, time]], says: str
) -> None:
    with pytest.raises(Refused, match=says):
        rules.set_hours(small_town.staff["system"], hours)


def test_a_working_day_without_times_is_asked_for_them(
    small_town: Any, signed_in: SignedIn
) -> None:
    sent = as_form(SENSIBLE, OFFICE_WEEK) | {"works_6": "on"}
    answer = signed_in(small_town.staff["system"]).post("/work/settings/", sent)
    assert "星期日：请填上班的开始和结束时间" in answer.content.decode()


def test_the_examples_say_what_a_friday_evening_means(small_town: Any) -> None:
    rules.set_clocks(small_town.staff["system"], SENSIBLE)
    rules.set_hours(small_town.staff["system"], OFFICE_WEEK)
    zone = timezone.get_default_timezone()
    shown = examples(Clocks.now(), datetime(2026, 3, 4, 12, tzinfo=zone))
    friday = next(e for e in shown if e.at == datetime(2026, 3, 6, 18, tzinfo=zone))
    due = {grade: call for grade, call, _door in friday.due}
    assert due[Grade.RED] == datetime(2026, 3, 6, 18, 3, tzinfo=zone)
    # Two working hours after Friday 18:00: the office opens on Monday at nine.
    assert due[Grade.YELLOW] == datetime(2026, 3, 9, 11, tzinfo=zone)
    # Ten hours: eight on Monday, two on Tuesday.
    assert due[Grade.BLUE] == datetime(2026, 3, 10, 11, tzinfo=zone)


def test_the_preview_shows_what_is_typed_before_it_is_saved(
    small_town: Any, signed_in: SignedIn
) -> None:
    client = signed_in(small_town.staff["system"])
    text = client.post("/work/settings/preview/", as_form(SENSIBLE, OFFICE_WEEK)).content.decode()
    assert "星期五 18:00 来的预警" in text
    # Yellow has two working hours: Friday 18:00 is over, so Monday from nine.
    assert re.search(r"电话不晚于 星期一 \S+ 11:00", text)
    assert not ClockRule.objects.exists()
    wrong = as_form(SENSIBLE, {})
    text = client.post("/work/settings/preview/", wrong).content.decode()
    assert "至少要有一天上班" in text
    text = client.post("/work/settings/preview/", {"red_call": "x"}).content.decode()
    assert "有一格没有填好" in text


def test_days_off_are_added_as_a_run_once_and_dropped(small_town: Any, signed_in: SignedIn) -> None:
    client = signed_in(small_town.staff["system"])
    year = timezone.localdate().year + 1
    run = {"since": f"{year}-10-01", "until": f"{year}-10-07", "name": "国庆节"}
    assert (
        "已加上 7 天" in client.post("/work/settings/days-off/", run, follow=True).content.decode()
    )
    again = client.post("/work/settings/days-off/", run, follow=True).content.decode()
    assert "已经是休息日" in again
    assert f"{year}-10-03" in again
    drop = {"day": f"{year}-10-03"}
    client.post("/work/settings/days-off/drop/", drop)
    client.post("/work/settings/days-off/drop/", drop)
    assert not DayOff.objects.filter(day=date(year, 10, 3)).exists()
    assert DayOff.objects.count() == 6
    assert AuditEntry.objects.filter(verb="day_off_dropped").count() == 1


def test_an_endless_holiday_is_refused(small_town: Any, signed_in: SignedIn) -> None:
    answer = signed_in(small_town.staff["system"]).post(
        "/work/settings/days-off/", {"since": "2030-01-01", "until": "2031-01-01", "name": "长假"}
    )
    assert answer.status_code == 422
    assert "一次最多 31 天" in answer.content.decode()
    assert not DayOff.objects.exists()


@pytest.mark.parametrize("role", ["head", "clerk", "officer", "security", "auditor"])
def test_only_the_system_administrator_sets_rules(
    small_town: Any, signed_in: SignedIn, role: str
) -> None:
    client = signed_in(small_town.staff[role])
    assert client.get("/work/settings/").status_code == 403
    assert client.post("/work/settings/days-off/drop/").status_code == 403
    for act in (
        lambda: rules.set_clocks(small_town.staff[role], SENSIBLE),
        lambda: rules.set_hours(small_town.staff[role], OFFICE_WEEK),
        lambda: rules.add_days_off(small_town.staff[role], [(date(2030, 1, 1), "元旦")]),
        lambda: rules.drop_day_off(small_town.staff[role], date(2030, 1, 1)),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_the_settings_speak_english(small_town: Any, signed_in: SignedIn) -> None:
    text = (
        signed_in(small_town.staff["system"], language="en").get("/work/settings/").content.decode()
    )
    assert "A warning on Friday at 18:00" in text
