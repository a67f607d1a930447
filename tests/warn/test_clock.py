"""Clocks: when something is due, and that what is due fires once, in order, also after a stop."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from fangxian.town.models import Absence, Duty, Role
from fangxian.warn import clock
from fangxian.warn.actions.signals import NewSignal, take_in
from fangxian.warn.clock import Clocks, Rota
from fangxian.warn.models import ClockRule, DayOff, Escalation, Grade, Task, WorkingHours
from town_of_tests import SmallTown, phone_of

ZONE = ZoneInfo("Asia/Shanghai")
EVERY_DAY = dict.fromkeys(range(7), (time(8), time(20)))
WEEKDAYS = dict.fromkeys(range(5), (time(9), time(17)))


def by_the_minute(rota: Rota, start: datetime, minutes: int) -> datetime:
    """The reference: walk minute by minute and count those in which the rota works."""
    moment, left = start, minutes
    while left:
        window = rota.window(moment.astimezone(ZONE).date())
        if window and window[0] <= moment < window[1]:
            left -= 1
        moment += timedelta(minutes=1)
    return moment


starts = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(  # noqa: DTZ001
    lambda d: d.replace(second=0, microsecond=0, tzinfo=UTC)
)


@settings(max_examples=60, deadline=None)
@given(starts, st.integers(1, 3000), st.sampled_from([EVERY_DAY, WEEKDAYS]))
def test_working_time_equals_a_walk_minute_by_minute(start, minutes, hours) -> None:
    rota = Rota(hours, frozenset({date(2026, 10, 1), date(2026, 10, 2)}))
    assert rota.after(start, timedelta(minutes=minutes)) == by_the_minute(rota, start, minutes)


@given(starts, st.integers(0, 5000), st.integers(0, 5000))
def test_more_time_is_never_due_earlier(start, one, two) -> None:
    rota = Rota(WEEKDAYS, frozenset())
    low, high = sorted((one, two))
    assert rota.after(start, timedelta(minutes=low)) <= rota.after(start, timedelta(minutes=high))


def test_a_town_that_never_works_counts_all_time() -> None:
    start = datetime(2026, 11, 24, tzinfo=UTC)
    assert Rota({}, frozenset()).after(start, timedelta(hours=1)) == start + timedelta(hours=1)


@pytest.mark.django_db
def test_red_counts_the_night_and_yellow_waits_for_the_morning() -> None:
    clocks, night = Clocks.now(), datetime(2026, 11, 24, 23, 0, tzinfo=ZONE)
    assert clocks.call_due(Grade.RED, night) == night + timedelta(minutes=5)
    assert clocks.door_due(Grade.RED, night) == night + timedelta(hours=1)
    assert clocks.call_due(Grade.YELLOW, night) == datetime(2026, 11, 25, 12, 0, tzinfo=ZONE)


@pytest.mark.django_db
def test_a_town_sets_its_own_clocks_hours_and_days_off() -> None:
    ClockRule.objects.create(
        grade=Grade.RED, call_minutes=3, door_minutes=40, working_hours_only=False
    )
    for weekday in range(5):
        WorkingHours.objects.create(weekday=weekday, opens=time(9), closes=time(17))
    DayOff.objects.create(day=date(2026, 11, 25))
    clocks, evening = Clocks.now(), datetime(2026, 11, 24, 16, 0, tzinfo=ZONE)
    assert clocks.call_due(Grade.RED, evening) == evening + timedelta(minutes=3)
    # One hour on Tuesday; Wednesday is off; three on Thursday.
    assert clocks.call_due(Grade.YELLOW, evening) == datetime(2026, 11, 26, 12, 0, tzinfo=ZONE)


# --- alarms ----------------------------------------------------------------------------------


def waiting_call(town: SmallTown, n: int, late_by: timedelta, now: datetime) -> Task:
    """A red call of resident n that fell due `late_by` before `now`."""
    new = NewSignal(place=town.town, phones=(phone_of(n),), grade=Grade.RED, reference=str(n))
    episode = take_in("system", town.sender, "form", [new])[0].signal.episode
    task = Task.objects.get(episode=episode, kind="call")
    Task.objects.filter(pk=task.pk).update(due_at=now - late_by, alarm_at=now - late_by)
    return task


NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


def test_what_is_not_due_does_not_fire_and_a_second_later_it_does(small_town: SmallTown) -> None:
    waiting_call(small_town, 1, timedelta(seconds=-1), NOW)
    assert clock.fire_due(NOW) == 0
    assert clock.fire_due(NOW + timedelta(seconds=1)) == 1
    assert clock.fire_due(NOW + timedelta(seconds=1)) == 0


def test_a_breach_climbs_to_the_leader_of_the_station_then_to_the_head(small_town) -> None:
    task = waiting_call(small_town, 1, timedelta(0), NOW)
    clock.fire_due(NOW)
    clock.fire_due(NOW + timedelta(minutes=5))
    told = [e.told for e in Escalation.objects.filter(task=task).order_by("level")]
    assert told == [small_town.staff["chief"], small_town.staff["head"]]


def test_a_worker_that_was_down_fires_everything_once_and_oldest_first(small_town) -> None:
    waiting_call(small_town, 1, timedelta(minutes=2), NOW)
    waiting_call(small_town, 2, timedelta(minutes=9), NOW)
    waiting_call(small_town, 3, timedelta(minutes=1), NOW)
    clock.fire_due(NOW)
    fired = list(Escalation.objects.order_by("id").values_list("task__episode__resident", "level"))
    first, second, third = (r.pk for r in small_town.residents[:3])
    assert fired == [(second, 1), (second, 2), (first, 1), (third, 1)]
    assert clock.fire_due(NOW) == 0


def test_two_workers_never_fire_the_same_level(small_town: SmallTown) -> None:
    task = waiting_call(small_town, 1, timedelta(0), NOW)
    seen_by_both = Task.objects.get(pk=task.pk), Task.objects.get(pk=task.pk)
    assert [clock.fire(t, NOW) for t in seen_by_both] == [True, False]
    assert Escalation.objects.filter(task=task).count() == 1


def test_a_step_up_waits_for_the_morning_where_the_clock_does(small_town: SmallTown) -> None:
    task = waiting_call(small_town, 1, timedelta(0), NOW)
    evening = datetime(2026, 11, 24, 19, 50, tzinfo=ZONE)
    Task.objects.filter(pk=task.pk).update(grade=Grade.YELLOW, due_at=evening, alarm_at=evening)
    clock.fire_due(evening)
    task.refresh_from_db()
    # Ten minutes of the two hours in the evening, the rest from eight in the morning.
    assert task.alarm_at == datetime(2026, 11, 25, 9, 50, tzinfo=ZONE)


def test_a_town_sets_how_fast_alarms_climb_and_when_to_try_again(small_town: SmallTown) -> None:
    ClockRule.objects.create(
        grade=Grade.RED, call_minutes=5, door_minutes=60, climb_minutes=2, retry_minutes=7
    )
    task = waiting_call(small_town, 1, timedelta(0), NOW)
    clock.fire_due(NOW)
    task.refresh_from_db()
    assert task.alarm_at == NOW + timedelta(minutes=2)
    assert Clocks.now().retry_at(Grade.RED, NOW) == NOW + timedelta(minutes=7)
    assert Clocks.now().climb_at(Grade.ORANGE, NOW) == NOW + timedelta(minutes=30)


def test_a_done_task_rings_no_more(small_town: SmallTown) -> None:
    task = waiting_call(small_town, 1, timedelta(0), NOW)
    Task.objects.filter(pk=task.pk).update(state="done")
    assert clock.fire_due(NOW) == 0


def test_the_chain_ends_and_the_clock_falls_silent(small_town: SmallTown) -> None:
    task = waiting_call(small_town, 1, timedelta(0), NOW)
    clock.fire_due(NOW + timedelta(days=2))
    task.refresh_from_db()
    assert task.alarm_at is None
    assert Escalation.objects.filter(task=task).count() == 2


def test_a_chain_that_ended_counts_only_who_was_told(small_town: SmallTown) -> None:
    task = waiting_call(small_town, 1, timedelta(0), NOW)
    clock.fire_due(NOW + timedelta(days=2))
    task.refresh_from_db()
    assert task.level == Escalation.objects.filter(task=task).count() == 2


@pytest.mark.parametrize("seed", range(6))
def test_after_a_stop_the_same_alarms_fire_as_if_it_had_never_stopped(
    small_town: SmallTown, seed: int
) -> None:
    """The reference: a worker that looks every minute. The other one slept for hours."""
    chance = Random(seed)
    tasks = [
        waiting_call(small_town, n, timedelta(minutes=chance.randint(-200, 200)), NOW)
        for n in range(1, 7)
    ]
    for task in tasks:
        Task.objects.filter(pk=task.pk).update(grade=chance.choice(list(Grade)))

    def told() -> list[tuple[int, int, int | None]]:
        return list(Escalation.objects.order_by("id").values_list("task", "level", "told"))

    before = list(Task.objects.order_by("pk").values("pk", "alarm_at", "level"))
    for minute in range(-200, 240):
        clock.fire_due(NOW + timedelta(minutes=minute))
    awake = told()
    Escalation.objects.all().delete()
    for row in before:
        Task.objects.filter(pk=row["pk"]).update(alarm_at=row["alarm_at"], level=row["level"])
    clock.fire_due(NOW + timedelta(minutes=239))
    assert told() == awake
    assert len(awake) >= 6


def test_an_alarm_says_who_answers_where_the_one_above_is_away(small_town: SmallTown) -> None:
    task = waiting_call(small_town, 1, timedelta(0), NOW)
    now = timezone.now()
    Absence.objects.create(
        staff=small_town.staff["chief"], stand_in=small_town.staff["clerk"],
        starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=1),
    )  # fmt: skip
    clock.fire_due(NOW)
    assert Escalation.objects.get(task=task).told == small_town.staff["clerk"]


def test_a_breach_above_whom_nobody_is_still_stands_on_the_board(small_town: SmallTown) -> None:
    task = waiting_call(small_town, 1, timedelta(0), NOW)
    Duty.objects.filter(role=Role.LEADER).delete()
    clock.fire_due(NOW)
    assert Escalation.objects.get(task=task).told is None


def test_an_alarm_that_cannot_be_fired_keeps_no_other_from_firing(small_town, monkeypatch) -> None:
    broken = waiting_call(small_town, 1, timedelta(minutes=3), NOW)
    sound = waiting_call(small_town, 2, timedelta(minutes=1), NOW)
    climb = clock.climb

    def fails_once_asked(task: Task, level: int):
        if task.pk == broken.pk:
            raise ValueError("no such place")
        return climb(task, level)

    monkeypatch.setattr(clock, "climb", fails_once_asked)
    assert clock.fire_due(NOW) == 1
    assert Escalation.objects.get().task == sound
    monkeypatch.undo()
    assert clock.fire_due(NOW) == 1


def test_the_next_alarm_is_the_soonest(small_town: SmallTown) -> None:
    waiting_call(small_town, 1, timedelta(minutes=-7), NOW)
    waiting_call(small_town, 2, timedelta(minutes=-3), NOW)
    assert clock.next_alarm() == NOW + timedelta(minutes=3)


def test_the_merge_window_is_longer_for_red() -> None:
    assert clock.merge_window(Grade.RED) == timedelta(hours=72)
    assert clock.merge_window(Grade.BLUE) == timedelta(hours=24)
