"""My work: one list, ordered by what burns."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from fangxian.town.sealed import mask_name
from fangxian.warn.actions.calls import CallNotes, record_call
from fangxian.warn.actions.tasks import claim
from fangxian.warn.models import CallOutcome, Episode, Grade, Task
from fangxian.warn.queries.desk import my_work
from warn.desk_town import given_to, let_pass, task_of, warned

SignedIn = Callable[..., Client]


def sections(who: Any, **options: Any) -> dict[str, list[int]]:
    """Part -> ids of episodes, as `who` sees them now; what burns is the part above all others."""
    work = my_work(who, timezone.now(), **options)
    parts = [("burning", work.burning), *work.sections]
    return {key: [row.task.episode_id for row in rows] for key, rows in parts if rows}


def version_shown(client: Client, path: str = "/work/") -> str:
    """The version that a page says it shows."""
    return client.get(path).content.decode().split("v=")[1].split('"')[0]


def test_what_i_hold_stands_first_then_what_climbed_then_mine_then_what_is_free(
    small_town: Any,
) -> None:
    chief, officer = small_town.staff["chief"], small_town.staff["officer"]
    held, mine, free = (warned(small_town, n) for n in range(3))
    claim(task_of(held), officer)
    given_to(task_of(mine), officer)
    given_to(task_of(free), None)
    assert sections(officer) == {"claimed": [held.pk], "mine": [mine.pk], "free": [free.pk]}
    let_pass(task_of(free), timedelta(minutes=1))
    assert sections(chief) == {"burning": [free.pk]}
    assert [row.section for row in my_work(chief, timezone.now()).burning] == ["climbed"]


def test_a_fresh_red_call_burns_more_than_a_blue_one_that_is_days_late(small_town: Any) -> None:
    officer = small_town.staff["officer"]
    blue = warned(small_town, 0, Grade.BLUE)
    let_pass(given_to(task_of(blue), officer), timedelta(days=3))
    orange = warned(small_town, 1, Grade.ORANGE)
    let_pass(given_to(task_of(orange), officer), timedelta(minutes=2))
    red = warned(small_town, 2, Grade.RED)
    given_to(task_of(red), officer)
    yellow = warned(small_town, 3, Grade.YELLOW)
    given_to(task_of(yellow), officer)
    assert sections(officer) == {"burning": [red.pk, orange.pk, blue.pk], "mine": [yellow.pk]}


def test_what_burns_stands_above_whatever_is_mine_and_is_never_cut(
    small_town: Any, signed_in: SignedIn
) -> None:
    officer = small_town.staff["officer"]
    own = task_of(warned(small_town, 0, Grade.BLUE))
    given_to(own, officer)
    copies = [Task(**values(own, day=n)) for n in range(1, 71)]
    Task.objects.bulk_create(copies)
    red = warned(small_town, 1, Grade.RED)
    let_pass(given_to(task_of(red), small_town.staff["officer2"]), timedelta(minutes=20))
    work = my_work(officer, timezone.now())
    assert [row.task.episode_id for row in work.burning] == [red.pk]
    assert (work.total, work.counts, work.page.paginator.num_pages) == (72, {"mine": 71}, 2)
    client = signed_in(officer)
    for page, rows in (("", 61), ("2", 12), ("99", 12), ("x", 61)):
        text = client.get("/work/", {"page": page}).content.decode()
        assert text.count('class="desk-badge"') == rows
        assert text.index(f"/work/episodes/{red.pk}/") < text.index("派给我的 <")
    version = version_shown(client, "/work/?page=2")
    assert client.get("/work/rows/", {"page": "2", "v": version}).status_code == 204


def test_more_than_a_page_that_burns_is_all_on_the_page(small_town: Any) -> None:
    own = let_pass(task_of(warned(small_town, 0, Grade.BLUE)), timedelta(minutes=1))
    Task.objects.bulk_create(Task(**values(own, day=n)) for n in range(1, 71))
    assert len(my_work(small_town.staff["officer"], timezone.now()).burning) == 71


def values(task: Task, **other: Any) -> dict[str, Any]:
    """The columns of a task, some of them otherwise, to make another one like it."""
    kept = {f.attname: getattr(task, f.attname) for f in Task._meta.concrete_fields}
    return {k: v for k, v in kept.items() if k != "id"} | other


def test_a_task_a_colleague_holds_is_not_offered(small_town: Any) -> None:
    episode = warned(small_town)
    claim(task_of(episode), small_town.staff["officer2"])
    assert sections(small_town.staff["officer"]) == {}


def test_a_claim_that_ran_out_is_offered_again(small_town: Any) -> None:
    episode = warned(small_town)
    task = claim(task_of(episode), small_town.staff["officer2"])
    Task.objects.filter(pk=task.pk).update(
        claimed_until=timezone.now() - timedelta(seconds=1), assigned_to=None
    )
    assert sections(small_town.staff["officer"]) == {"free": [episode.pk]}


def test_only_mine_leaves_out_what_is_free(small_town: Any) -> None:
    officer = small_town.staff["officer"]
    mine, free = warned(small_town, 0), warned(small_town, 1)
    given_to(task_of(mine), officer)
    given_to(task_of(free), None)
    assert sections(officer, mine_only=True) == {"mine": [mine.pk]}


def test_a_grid_worker_sees_visits_of_the_own_grid_and_no_calls(small_town: Any) -> None:
    grid, officer = small_town.staff["grid"], small_town.staff["officer"]
    here, elsewhere = warned(small_town, 0), warned(small_town, 1)
    assert sections(grid) == {}
    for episode in (here, elsewhere):
        notes = CallNotes(outcome=CallOutcome.REFUSED, started_at=timezone.now())
        record_call(claim(task_of(episode), officer), officer, notes, uuid4())
    assert sections(grid) == {"mine": [here.pk]}
    # Nobody answers for the second grid itself, so the village has the visit there.
    assert sections(small_town.staff["village"])["mine"] == [elsewhere.pk]


def test_nobody_is_offered_the_review_of_own_work(small_town: Any) -> None:
    officer, clerk = small_town.staff["officer"], small_town.staff["clerk"]
    episode = warned(small_town, 0, Grade.RED)
    notes = CallNotes(outcome=CallOutcome.DISSUADED, started_at=timezone.now())
    record_call(claim(task_of(episode), officer), officer, notes, uuid4())
    assert Episode.objects.get(pk=episode.pk).state == Episode.State.REVIEW
    assert sections(clerk) == {"free": [episode.pk]}
    episode.calls.update(by=clerk)
    assert sections(clerk) == {}


def test_a_next_try_and_a_follow_up_stand_below_until_their_time(small_town: Any) -> None:
    officer = small_town.staff["officer"]
    tried, reached = warned(small_town, 0, Grade.YELLOW), warned(small_town, 1, Grade.YELLOW)
    for episode, outcome in (
        (tried, CallOutcome.UNREACHABLE),
        (reached, CallOutcome.DISSUADED),
    ):
        task = claim(given_to(task_of(episode), officer), officer)
        record_call(task, officer, CallNotes(outcome, timezone.now()), uuid4())
    work = my_work(officer, timezone.now())
    coming = [(row.task.episode_id, row.task.kind, row.task.day) for row in work.upcoming]
    assert coming == [(tried.pk, Task.Kind.CALL, 0), (reached.pk, Task.Kind.FOLLOW_UP, 3)]
    Task.objects.filter(episode=tried).update(starts_at=timezone.now())
    assert sections(officer)["mine"] == [tried.pk]


def test_the_page_shows_masked_names_and_one_button_a_row(
    small_town: Any, signed_in: SignedIn
) -> None:
    officer = small_town.staff["officer"]
    held, mine, free = (warned(small_town, n, Grade.RED) for n in range(3))
    claim(task_of(held), officer)
    given_to(task_of(mine), officer)
    given_to(task_of(free), None)
    page = signed_in(officer).get("/work/").content.decode()
    for resident in small_town.residents[:3]:
        assert mask_name(resident.name.clear) in page
        assert resident.name.clear not in page
    for word in ("继续", "去办", "领取", "电话劝阻", "红色", "刷单返利"):
        assert word in page
    assert page.count("btn-lg") == 3


def test_the_list_answers_204_until_something_on_it_changes(
    small_town: Any, signed_in: SignedIn
) -> None:
    officer = small_town.staff["officer"]
    episode = warned(small_town)
    given_to(task_of(episode), officer)
    client = signed_in(officer)
    version = version_shown(client)
    assert client.get("/work/rows/", {"v": version}).status_code == 204
    # Work elsewhere is no reason to redraw.
    warned(small_town, resident=small_town.stranger)
    assert client.get("/work/rows/", {"v": version}).status_code == 204
    claim(task_of(episode), officer)
    changed = client.get("/work/rows/", {"v": version})
    assert changed.status_code == 200
    assert "继续" in changed.content.decode()


def test_the_list_changes_at_the_moment_a_clock_runs_out(
    small_town: Any, signed_in: SignedIn
) -> None:
    officer = small_town.staff["officer"]
    task = given_to(task_of(warned(small_town)), officer)
    client = signed_in(officer)
    version = version_shown(client)
    before = my_work(officer, task.due_at - timedelta(seconds=1))
    after = my_work(officer, task.due_at + timedelta(seconds=1))
    assert before.version == version
    assert after.version != version


@pytest.mark.parametrize(
    "role", ["head", "clerk", "officer", "village", "grid", "educator", "system", "auditor"]
)
def test_everybody_may_open_it_and_is_told_when_there_is_nothing(
    small_town: Any, signed_in: SignedIn, role: str
) -> None:
    answer = signed_in(small_town.staff[role]).get("/work/")
    assert answer.status_code == 200
    assert "没有" in answer.content.decode()


def test_whoever_is_not_signed_in_is_sent_to_the_door(client: Client, db: None) -> None:
    assert client.get("/work/").status_code == 302
    assert client.get("/work/rows/").status_code == 302


def test_a_longer_list_asks_no_more_of_the_database(
    small_town: Any, signed_in: SignedIn, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(small_town.staff["officer"])
    for n in range(6):
        warned(small_town, n)
    client.get("/work/")
    with django_assert_max_num_queries(12):
        assert client.get("/work/").content.decode().count("desk-badge") == 6


def test_the_list_speaks_english(small_town: Any, signed_in: SignedIn) -> None:
    given_to(task_of(warned(small_town)), small_town.staff["officer"])
    page = signed_in(small_town.staff["officer"], language="en").get("/work/").content.decode()
    assert "Assigned to me" in page
    assert "Start" in page


@pytest.mark.browser
def test_what_i_opened_stays_open_when_the_list_is_renewed(live_town: Any, open_page: Any) -> None:
    officer = live_town.staff["officer"]
    tried = warned(live_town, 0, Grade.YELLOW)
    task = claim(given_to(task_of(tried), officer), officer)
    record_call(task, officer, CallNotes(CallOutcome.UNREACHABLE, timezone.now()), uuid4())
    page = open_page(officer, width=360)
    page.goto("/work/")
    page.get_by_text("今后 7 天：1 件").click()
    assert page.locator("#upcoming[open]").count() == 1
    fresh = warned(live_town, 1, Grade.RED)
    page.locator(f'.desk-row a[href="/work/episodes/{fresh.pk}/"]').wait_for()
    assert page.locator("#upcoming[open]").count() == 1


@pytest.mark.browser
@pytest.mark.database
def test_of_two_who_tap_at_once_one_gets_the_task_and_the_other_is_told(
    live_town: Any, open_page: Any
) -> None:
    given_to(task_of(warned(live_town, 0, Grade.RED)), None)
    first, second = (open_page(live_town.staff[who], width=360) for who in ("officer", "officer2"))
    for page in (first, second):
        page.goto("/work/")
    for page in (first, second):
        page.get_by_role("button", name="领取").click()
    second.get_by_text("刚刚已被另一位同事领取").wait_for()
    assert Task.objects.get(claimed_by__isnull=False).claimed_by == live_town.staff["officer"]
