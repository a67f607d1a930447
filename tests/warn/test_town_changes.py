"""When the town changes: open work goes to where people live now and to whoever answers there."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from fangxian.town.actions import (
    edit_resident,
    hand_over,
    merge_place,
    split_place,
)
from fangxian.town.models import AuditEntry, Department, Duty, Place, Staff
from fangxian.warn.actions import calls, tasks, town_changes, visits
from fangxian.warn.models import FollowUp, Task
from fangxian.warn.queries.visible import visible_tasks
from town_of_tests import SmallTown, run_tasks
from warn.call_town import arrive, claimed, closed, follow_up, now, todo


def colleague(town: SmallTown, place: Place, role: str, name: str = "new") -> Staff:
    """Somebody with one duty, from yesterday on."""
    body: Department = town.departments["police" if role == "officer" else "committee"]
    made = Staff.objects.create_user(name, name=f"{name}乙", department=body)
    since = timezone.now() - timedelta(days=1)
    Duty.objects.create(staff=made, role=role, place=place, starts_at=since)
    return made


def settled(town: SmallTown) -> None:
    """The places are older than a day, so that they can be merged today."""
    Place.objects.update(valid_from=timezone.localdate() - timedelta(days=30))
    for grid in town.grids:
        grid.refresh_from_db()


def test_after_a_merger_the_worker_of_the_new_grid_sees_the_work(small_town: SmallTown) -> None:
    settled(small_town)
    old, into = small_town.grids[0], small_town.grids[1]
    heir = colleague(small_town, into, "grid")
    task = visits.order_visit(arrive(small_town, 1), small_town.staff["officer"])
    assert task.assigned_to == small_town.staff["grid"]
    tasks.claim(task, small_town.staff["grid"])
    assert not visible_tasks(heir).exists()
    merge_place(small_town.staff["clerk"], old, into)
    task.refresh_from_db()
    assert (task.place, now(task.episode).place) == (into, into)
    assert (task.assigned_to, task.claimed_by) == (heir, None)
    assert task in visible_tasks(Staff.objects.get(pk=heir.pk))
    assert AuditEntry.objects.filter(verb="moved_along").count() == 1


def test_what_is_closed_stays_counted_where_it_was_and_its_follow_ups_move(
    small_town: SmallTown,
) -> None:
    settled(small_town)
    episode = closed(small_town)
    old, into = small_town.grids[0], small_town.grids[1]
    merge_place(small_town.staff["clerk"], old, into)
    assert now(episode).place == old
    assert todo(episode, Task.Kind.FOLLOW_UP, 3).place == into
    follow_up(small_town, episode, FollowUp.Outcome.CONTACTED_AGAIN)
    assert now(episode).place == into
    assert todo(episode, Task.Kind.CALL).place == into


def test_a_merged_village_takes_the_work_of_its_grids_along(small_town: SmallTown) -> None:
    settled(small_town)
    episode = arrive(small_town, 1)
    merge_place("system", small_town.villages[0], small_town.villages[1])
    place = now(episode).place
    assert place.parent == small_town.villages[1]
    assert {t.place for t in episode.tasks.filter(state="todo")} == {place}


def test_who_moves_takes_the_open_warning_along(small_town: SmallTown) -> None:
    episode = arrive(small_town, 1)
    edit_resident(
        small_town.staff["clerk"], episode.resident, place=small_town.grids[1], household=None
    )
    assert now(episode).place == small_town.grids[1]
    assert todo(episode, Task.Kind.CALL).place == small_town.grids[1]


def test_a_split_grid_parts_the_work_with_the_people(small_town: SmallTown) -> None:
    settled(small_town)
    episode = arrive(small_town, 1)
    made = split_place(
        small_town.staff["clerk"], small_town.grids[0], "新网格", [episode.resident.household]
    )
    assert now(episode).place == made


def test_a_duty_that_is_handed_over_takes_its_unfinished_work_along(small_town: SmallTown) -> None:
    heir = Staff.objects.create_user(
        "heir", name="接手乙", department=small_town.departments["committee"]
    )
    task = visits.order_visit(arrive(small_town, 1), small_town.staff["officer"])
    tasks.claim(task, small_town.staff["grid"])
    duty = Duty.objects.get(staff=small_town.staff["grid"])
    hand_over(small_town.staff["clerk"], duty, heir)
    task.refresh_from_db()
    assert (task.assigned_to, task.claimed_by, task.claimed_until) == (heir, None, None)
    assert AuditEntry.objects.filter(verb="assign", thing_id=str(task.pk)).count() == 1
    town_changes.duty_handed_over(Duty, duty=Duty.objects.get(pk=duty.pk), to=heir, by="system")
    assert AuditEntry.objects.filter(verb="assign", thing_id=str(task.pk)).count() == 1


def test_who_still_answers_for_the_place_goes_on_talking(small_town: SmallTown) -> None:
    officer = small_town.staff["officer"]
    village = Duty.objects.create(
        staff=officer, role="officer", place=small_town.villages[0],
        starts_at=timezone.now() - timedelta(days=2),
    )  # fmt: skip
    task = todo(arrive(small_town, 1), Task.Kind.CALL)
    Task.objects.filter(pk=task.pk).update(assigned_to=officer)
    task = claimed(small_town, task, "officer")
    calls.show_number(task, officer, task.episode.resident.phones.get())
    hand_over(small_town.staff["clerk"], village, small_town.staff["officer2"])
    task.refresh_from_db()
    assert task.claimed_by == officer
    assert task.assigned_to == small_town.staff["officer2"]


def test_a_handover_planned_for_later_moves_the_work_on_its_day(
    small_town: SmallTown, monkeypatch
) -> None:
    heir = Staff.objects.create_user(
        "heir", name="接手乙", department=small_town.departments["committee"]
    )
    task = visits.order_visit(arrive(small_town, 1), small_town.staff["officer"])
    duty = Duty.objects.get(staff=small_town.staff["grid"])
    hand_over(small_town.staff["clerk"], duty, heir, timezone.now() + timedelta(days=2))
    run_tasks()
    task.refresh_from_db()
    assert task.assigned_to == small_town.staff["grid"]
    later = timezone.now() + timedelta(days=2, minutes=1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    town_changes.hand_on.call(duty.pk, heir.pk)
    task.refresh_from_db()
    assert task.assigned_to == heir
