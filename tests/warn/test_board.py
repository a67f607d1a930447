"""The board of the duty desk, the wall, what climbed, and handing tasks over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from fangxian.town.models import Absence, AuditEntry, Shift
from fangxian.town.sealed import mask_name
from fangxian.warn.actions.alarms import see_alarm
from fangxian.warn.actions.calls import CallNotes, record_call
from fangxian.warn.actions.errors import Refused
from fangxian.warn.actions.tasks import claim
from fangxian.warn.models import CallOutcome, Escalation, Grade, Task
from fangxian.warn.queries.board import Wanted, board
from fangxian.warn.queries.candidates import candidates
from warn.desk_town import given_to, let_pass, task_of, warned

SignedIn = Callable[..., Client]


def groups(who: Any, **wanted: Any) -> dict[str, list[int]]:
    found = board(who, timezone.now(), Wanted(**wanted))
    return {key: [row.task.episode_id for row in rows] for key, rows in found.groups if rows}


def version_of(client: Client, path: str) -> str:
    return client.get(path).content.decode().split("v=")[1].split('"')[0]


# --- the board --------------------------------------------------------------------------------


def test_the_board_groups_late_soon_held_and_waiting(small_town: Any) -> None:
    clerk, officer = small_town.staff["clerk"], small_town.staff["officer"]
    late, soon, held, later = (
        warned(small_town, n, grade)
        for n, grade in enumerate((Grade.ORANGE, Grade.ORANGE, Grade.ORANGE, Grade.BLUE))
    )
    let_pass(task_of(late), timedelta(minutes=5))
    claim(task_of(held), officer)
    assert groups(clerk) == {
        "burning": [late.pk],
        "soon": [soon.pk],
        "held": [held.pk],
        "waiting": [later.pk],
    }


def test_a_late_task_stays_burning_while_somebody_holds_it(small_town: Any) -> None:
    episode = warned(small_town)
    let_pass(task_of(episode), timedelta(minutes=5))
    claim(task_of(episode), small_town.staff["officer"])
    assert groups(small_town.staff["clerk"]) == {"burning": [episode.pk]}


def test_a_follow_up_is_not_on_the_board_before_its_day(small_town: Any) -> None:
    officer = small_town.staff["officer"]
    episode = warned(small_town, 0, Grade.YELLOW)
    notes = CallNotes(CallOutcome.DISSUADED, timezone.now())
    record_call(claim(task_of(episode), officer), officer, notes, uuid4())
    Task.objects.filter(kind=Task.Kind.REVIEW).delete()
    assert groups(officer) == {}
    Task.objects.filter(episode=episode, day=3).update(starts_at=timezone.now())
    assert groups(officer) == {"routine": [episode.pk]}


def test_the_board_is_narrowed_by_village_grade_and_kind(
    small_town: Any, signed_in: SignedIn
) -> None:
    clerk = small_town.staff["clerk"]
    first, second = warned(small_town, 0, Grade.RED), warned(small_town, 3, Grade.BLUE)
    assert groups(clerk, village=small_town.villages[1].prefix) == {"waiting": [second.pk]}
    assert groups(clerk, grade=Grade.RED) == {"soon": [first.pk]}
    assert groups(clerk, kind=Task.Kind.VISIT) == {}
    page = signed_in(clerk).get("/work/board/", {"village": small_town.villages[1].prefix})
    assert f"/work/episodes/{second.pk}/" in page.content.decode()
    assert f"/work/episodes/{first.pk}/" not in page.content.decode()


def test_nonsense_in_the_filter_shows_everything(small_town: Any, signed_in: SignedIn) -> None:
    episode = warned(small_town)
    page = signed_in(small_town.staff["clerk"]).get("/work/board/?village=9&grade=x&kind=;--")
    assert f"/work/episodes/{episode.pk}/" in page.content.decode()


def test_the_counts_say_what_is_open_late_unreached_and_reached_today(small_town: Any) -> None:
    clerk, officer = small_town.staff["clerk"], small_town.staff["officer"]
    warned(small_town, 0, Grade.RED)
    let_pass(task_of(warned(small_town, 1, Grade.ORANGE)), timedelta(minutes=5))
    reached = warned(small_town, 2, Grade.YELLOW)
    refused = CallNotes(CallOutcome.REFUSED, timezone.now())
    record_call(claim(task_of(reached), officer), officer, refused, uuid4())
    counts = board(clerk, timezone.now()).counts
    assert [counts.by_grade[g] for g in Grade] == [1, 1, 1, 0]
    assert (counts.open, counts.late, counts.unreached, counts.reached_today) == (3, 1, 2, 1)


def test_an_area_ends_at_its_border(small_town: Any, signed_in: SignedIn) -> None:
    episode = warned(small_town, resident=small_town.stranger)
    assert groups(small_town.staff["clerk"]) == {}
    # A call at once, and, as whose it is was told from outside, a look at the door.
    assert groups(small_town.foreign) == {"soon": [episode.pk], "waiting": [episode.pk]}
    page = signed_in(small_town.staff["grid"]).get("/work/board/")
    assert "没有未办的事" in page.content.decode()


@pytest.mark.parametrize("path", ["/work/board/", "/work/board/rows/", "/work/wall/"])
@pytest.mark.parametrize("role", ["educator", "system", "security", "auditor"])
def test_those_who_see_no_episodes_see_no_board(
    small_town: Any, signed_in: SignedIn, role: str, path: str
) -> None:
    assert signed_in(small_town.staff[role]).get(path).status_code == 403


@pytest.mark.parametrize(
    ("page", "rows"), [("/work/board/", "/work/board/rows/"), ("/work/wall/", "/work/wall/rows/")]
)
def test_the_board_answers_204_until_something_changes(
    small_town: Any, signed_in: SignedIn, page: str, rows: str
) -> None:
    task = task_of(warned(small_town))
    client = signed_in(small_town.staff["clerk"])
    version = version_of(client, page)
    assert client.get(rows, {"v": version}).status_code == 204
    claim(task, small_town.staff["officer"])
    changed = client.get(rows, {"v": version})
    assert changed.status_code == 200
    assert small_town.staff["officer"].name in changed.content.decode()


def test_a_new_red_warning_and_a_clock_that_runs_out_ring_and_a_release_does_not(
    small_town: Any,
) -> None:
    clerk, officer = small_town.staff["clerk"], small_town.staff["officer"]
    now = timezone.now()
    yellow = task_of(warned(small_town, 0, Grade.YELLOW))
    assert board(clerk, now).newest == 0
    red = warned(small_town, 1, Grade.RED)
    rung = board(clerk, timezone.now())
    assert (rung.alerts, rung.newest) == (1, int(task_of(red).starts_at.timestamp()))
    claim(task_of(red), officer)
    assert board(clerk, timezone.now()).alerts == 0
    moment = yellow.due_at + timedelta(seconds=1)
    assert board(clerk, moment).newest == int(yellow.due_at.timestamp())


def test_an_alert_that_does_not_fit_on_the_wall_is_counted_and_rings(small_town: Any) -> None:
    clerk, now = small_town.staff["clerk"], timezone.now()
    tasks = [task_of(warned(small_town, n, Grade.RED)) for n in range(3)]
    for n, task in enumerate(tasks):
        began = now - timedelta(minutes=3 - n)
        Task.objects.filter(pk=task.pk).update(starts_at=began, due_at=now + timedelta(minutes=n))
    seen = board(clerk, now + timedelta(seconds=1), most=1)
    # The first clock ran out a moment ago; the others wait unheld.
    assert (len(list(seen.rows)), seen.alerts, seen.newest) == (1, 3, int(now.timestamp()))
    warned(small_town, 3, Grade.RED)
    grown = board(clerk, timezone.now(), most=1)
    assert grown.alerts == 4
    assert grown.newest >= seen.newest
    assert grown.version != seen.version


def test_the_wall_is_masked_and_has_only_sound_here_and_language_to_press(
    small_town: Any, signed_in: SignedIn
) -> None:
    warned(small_town, 0, Grade.RED)
    page = signed_in(small_town.staff["chief"]).get("/work/wall/").content.decode()
    name = small_town.residents[0].name.clear
    assert mask_name(name) in page
    assert name not in page
    assert "data-sound" in page
    assert page.count("<button") == 3
    assert "<a " not in page


def test_a_full_board_asks_no_more_of_the_database(
    small_town: Any, signed_in: SignedIn, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(small_town.staff["clerk"])
    for n in range(6):
        warned(small_town, n)
    client.get("/work/board/")
    for path in ("/work/board/", "/work/board/rows/", "/work/wall/"):
        with django_assert_max_num_queries(12):
            client.get(path)


def test_what_does_not_fit_is_counted(small_town: Any) -> None:
    for n in range(5):
        warned(small_town, n)
    found = board(small_town.staff["clerk"], timezone.now(), most=2)
    assert (len(list(found.rows)), found.cut) == (2, 3)


# --- what climbed -----------------------------------------------------------------------------


def test_the_leader_sees_the_breach_with_who_should_have_acted(
    small_town: Any, signed_in: SignedIn
) -> None:
    officer, chief = small_town.staff["officer"], small_town.staff["chief"]
    task = given_to(task_of(warned(small_town, 0, Grade.RED)), officer)
    let_pass(task, timedelta(minutes=1))
    page = signed_in(chief).get("/work/alarms/").content.decode()
    assert f"应由 {officer.name} 办" in page
    assert f"第 1 级 {chief.name}" in page
    assert "我看到了" in page
    # It climbed to the leader of the station only; the clerk sees it among the area's breaches.
    clerk_page = signed_in(small_town.staff["clerk"]).get("/work/alarms/").content.decode()
    assert "没有告警升级到您这里" in clerk_page
    assert f"应由 {officer.name} 办" in clerk_page


def test_a_breach_is_seen_even_while_the_worker_stands_still(
    small_town: Any, signed_in: SignedIn
) -> None:
    task = task_of(warned(small_town))
    Task.objects.filter(pk=task.pk).update(due_at=timezone.now() - timedelta(hours=1))
    assert not Escalation.objects.exists()
    page = signed_in(small_town.staff["head"]).get("/work/alarms/").content.decode()
    assert f"/work/episodes/{task.episode_id}/" in page


def test_who_may_not_assign_sees_only_what_climbed_to_them(
    small_town: Any, signed_in: SignedIn
) -> None:
    let_pass(task_of(warned(small_town)), timedelta(hours=1))
    page = signed_in(small_town.staff["village"]).get("/work/alarms/").content.decode()
    assert "辖区内超时的" not in page


def test_seen_is_noted_once_and_leaves_my_work_but_not_the_alarms(
    small_town: Any, signed_in: SignedIn
) -> None:
    chief = small_town.staff["chief"]
    task = let_pass(task_of(warned(small_town, 0, Grade.RED)), timedelta(minutes=1))
    client = signed_in(chief)
    assert "升级到我这里" in client.get("/work/").content.decode()
    for _twice in range(2):
        assert client.post(f"/work/alarms/{task.pk}/seen/").status_code == 302
    assert AuditEntry.objects.filter(verb="alarm_seen").count() == 1
    page = client.get("/work/alarms/").content.decode()
    assert "已看到" in page
    assert f"/work/episodes/{task.episode_id}/" in page
    assert f"/work/episodes/{task.episode_id}/" not in client.get("/work/").content.decode()


def test_nobody_marks_an_alarm_seen_that_was_not_theirs(small_town: Any) -> None:
    task = let_pass(task_of(warned(small_town, 0, Grade.RED)), timedelta(minutes=1))
    with pytest.raises(Refused, match="不是通知您的"):
        see_alarm(task, small_town.staff["clerk"])
    assert not Escalation.objects.exclude(seen_at=None).exists()


def test_what_was_done_late_stays_visible_for_a_week(small_town: Any, signed_in: SignedIn) -> None:
    officer = small_town.staff["officer"]
    episode = warned(small_town)
    task = claim(let_pass(task_of(episode), timedelta(hours=2)), officer)
    record_call(task, officer, CallNotes(CallOutcome.DISSUADED, timezone.now()), uuid4())
    page = signed_in(small_town.staff["head"]).get("/work/alarms/").content.decode()
    assert "最近 7 天超时后才办的：1 件" in page
    assert "2\xa0小时" in page


# --- handing over -----------------------------------------------------------------------------


def test_candidates_are_those_with_duty_and_ability_present_first_by_shift_then_load(
    small_town: Any,
) -> None:
    staff, task = small_town.staff, task_of(warned(small_town, 0))
    given_to(task, staff["officer2"])
    now = timezone.now()
    assert [c.staff.username for c in candidates(task, now)] == ["officer", "officer2"]
    Shift.objects.create(
        staff=staff["officer2"],
        starts_at=now - timedelta(hours=1),
        ends_at=now + timedelta(hours=1),
    )
    first = candidates(task, now)[0]
    assert (first.staff.username, first.on_shift, first.load) == ("officer2", True, 1)
    Absence.objects.create(
        staff=staff["officer2"],
        stand_in=staff["clerk"],
        starts_at=now - timedelta(hours=1),
        ends_at=now + timedelta(hours=1),
    )
    named = {c.staff.username: c.stands_in_for for c in candidates(task, now)}
    assert named == {"officer": None, "clerk": staff["officer2"]}


def test_a_review_is_not_offered_to_who_acted(small_town: Any) -> None:
    officer, clerk = small_town.staff["officer"], small_town.staff["clerk"]
    episode = warned(small_town, 0, Grade.RED)
    notes = CallNotes(CallOutcome.DISSUADED, timezone.now())
    record_call(claim(task_of(episode), officer), officer, notes, uuid4())
    review = task_of(episode, Task.Kind.REVIEW)
    names = {c.staff.username for c in candidates(review, timezone.now())}
    assert names == {"head", "leader", "chief", "clerk"}
    episode.calls.update(by=clerk)
    assert "clerk" not in {c.staff.username for c in candidates(review, timezone.now())}


def test_a_clerk_assigns_from_the_board_and_comes_back_to_it(
    small_town: Any, signed_in: SignedIn
) -> None:
    clerk, officer = small_town.staff["clerk"], small_town.staff["officer2"]
    task = given_to(task_of(warned(small_town)), None)
    client = signed_in(clerk)
    board_page = "/work/board/?grade=2"
    dialog = client.get(
        f"/work/tasks/{task.pk}/assign/", {"back": board_page}, headers={"hx-request": "true"}
    ).content.decode()
    assert officer.name in dialog
    assert "<html" not in dialog
    done = client.post(f"/work/tasks/{task.pk}/assign/", {"to": officer.pk, "back": board_page})
    assert (done.status_code, done.url) == (302, board_page)
    assert Task.objects.get(pk=task.pk).assigned_to == officer


def test_assigning_refuses_whoever_cannot_do_it_and_leaves_the_house_for_nobody(
    small_town: Any, signed_in: SignedIn
) -> None:
    task = given_to(task_of(warned(small_town)), None)
    client = signed_in(small_town.staff["clerk"])
    answer = client.post(
        f"/work/tasks/{task.pk}/assign/",
        {"to": small_town.staff["educator"].pk, "back": "//elsewhere.example/"},
        follow=True,
    )
    assert "请从名单里选一个人" in answer.content.decode()
    assert answer.redirect_chain[0][0] == f"/work/episodes/{task.episode_id}/"
    assert Task.objects.get(pk=task.pk).assigned_to is None


@pytest.mark.parametrize(("who", "status"), [("officer", 403), ("foreign_clerk", 404)])
def test_assigning_is_for_those_who_may_at_that_place(
    small_town: Any, signed_in: SignedIn, who: str, status: int
) -> None:
    task = task_of(warned(small_town))
    client = signed_in(small_town.staff[who])
    assert client.get(f"/work/tasks/{task.pk}/assign/").status_code == status
    assert client.post(f"/work/alarms/{task.pk}/seen/").status_code == (
        404 if who == "foreign_clerk" else 302
    )


# --- in a browser -----------------------------------------------------------------------------


@pytest.mark.browser
def test_a_new_warning_appears_without_a_reload_and_is_counted_in_the_title(
    live_town: Any, open_page: Any
) -> None:
    page = open_page(live_town.staff["clerk"])
    page.goto("/work/board/")
    page.evaluate("window.sameWindow = true")
    assert not page.title().startswith("(")
    episode = warned(live_town, 0, Grade.RED)
    row = page.locator(f'a[href="/work/episodes/{episode.pk}/"]')
    row.wait_for()
    # The count follows the rows by a moment.
    page.wait_for_function("document.title.startsWith('(1)')")
    claim(task_of(episode), live_town.staff["officer"])
    page.get_by_text(f"{live_town.staff['officer'].name} 正在办").wait_for()
    page.wait_for_function("!document.title.startsWith('(')")
    assert page.evaluate("window.sameWindow")


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1440])
def test_a_clerk_assigns_in_a_dialog_over_the_board(
    live_town: Any, open_page: Any, width: int
) -> None:
    task = given_to(task_of(warned(live_town, 0)), None)
    page = open_page(live_town.staff["clerk"], width=width)
    page.goto("/work/board/")
    page.get_by_role("link", name="指派").click()
    page.get_by_role("dialog").get_by_text("officer甲").first.click()
    page.get_by_role("button", name="派给此人").click()
    page.get_by_text("已派给officer甲。").wait_for()
    assert page.url.endswith("/work/board/")
    assert Task.objects.get(pk=task.pk).assigned_to is not None


@pytest.mark.browser
def test_a_screen_that_was_signed_out_shows_nobody_any_more(live_town: Any, open_page: Any) -> None:
    episode = warned(live_town, 0, Grade.RED)
    page = open_page(live_town.staff["clerk"])
    page.goto("/work/board/")
    page.locator(f'a[href="/work/episodes/{episode.pk}/"]').wait_for()
    page.context.clear_cookies()
    page.wait_for_url("**/sign-in/?next=/work/board/")


@pytest.mark.browser
@pytest.mark.parametrize("path", ["/work/", "/work/board/", "/work/alarms/", "/work/episodes/"])
def test_nothing_runs_over_the_edge_of_a_phone(live_town: Any, open_page: Any, path: str) -> None:
    chief = live_town.staff["chief"]
    let_pass(task_of(warned(live_town, 0, Grade.RED)), timedelta(minutes=1))
    page = open_page(chief, width=360)
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
