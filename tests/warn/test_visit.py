"""The visit at the door, and finding the person a warning means: what the pages do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from fangxian.town.codes import code_of
from fangxian.town.models import AuditEntry, Resident
from fangxian.warn.actions import after, tasks, visits
from fangxian.warn.actions.signals import NewSignal, take_in
from fangxian.warn.models import (
    Episode,
    Grade,
    Signal,
    Stage,
    StopPayment,
    Task,
    Visit,
    VisitOutcome,
)
from fangxian.warn.queries.after import result_words
from town_of_tests import SmallTown, phone_of
from warn.desk_town import task_of, warned

SignedIn = Callable[..., Client]
MOST_QUERIES = 12


def visit_ordered(town: SmallTown, n: int = 0, grade: Grade = Grade.ORANGE) -> Task:
    """An officer sent somebody to the door of the n-th resident."""
    return visits.order_visit(warned(town, n, grade), town.staff["officer"])


def claimed_visit(town: SmallTown, who: str = "grid") -> Task:
    return tasks.claim(visit_ordered(town), town.staff[who])


def filled_in(**facts: Any) -> dict[str, Any]:
    return {"form_key": str(uuid4()), "outcome": VisitOutcome.DISSUADED, **facts}


def queries_of(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def unknown_person(town: SmallTown, name: str = "王秀兰", phone: int = 55) -> Task:
    """A warning about somebody the register does not know; the task to find them."""
    new = NewSignal(place=town.grids[0], phones=(phone_of(phone),), name=name, grade=Grade.ORANGE)
    taken = take_in(town.staff["clerk"], town.sender, Signal.Source.FORM, [new])
    episode = Episode.objects.get(pk=taken[0].signal.episode_id)
    if not Task.objects.filter(episode=episode, kind=Task.Kind.FIND).exists():
        tasks.order(episode, Task.Kind.FIND, timezone.now())
    return task_of(episode, Task.Kind.FIND)


# --- the visit ---------------------------------------------------------------------------------


def test_the_visit_page_shows_who_masked_and_ones_own_code(
    small_town: SmallTown, signed_in: SignedIn
) -> None:
    task, grid = claimed_visit(small_town), small_town.staff["grid"]
    text = signed_in(grid).get(reverse("warn:visit", args=[task.pk])).content.decode()
    assert code_of(grid, timezone.localdate()) in text
    assert "王*英" in text
    assert "王秀英" not in text
    assert "海兰村*组*号" in text
    assert "海兰村1组1号" not in text
    assert "海兰1号网格" in text
    assert "{officer}" not in text


def test_the_address_is_shown_for_the_asking_and_written_down(
    small_town: SmallTown, signed_in: SignedIn
) -> None:
    task, resident = claimed_visit(small_town), small_town.residents[0]
    client = signed_in(small_town.staff["grid"])
    page = client.get(reverse("warn:visit", args=[task.pk])).content.decode()
    where = reverse("town:reveal", args=[resident.pk])
    assert f'action="{where}"' in page
    shown = client.post(
        where, {"field": "address", "reason": "visit"}, headers={"hx-request": "true"}
    )
    assert "海兰村1组1号" in shown.content.decode()
    entry = AuditEntry.objects.get(verb="reveal")
    assert (entry.detail["field"], entry.detail["reason"]) == ("address", "visit")


def test_whoever_has_not_claimed_the_visit_is_asked_to(
    small_town: SmallTown, signed_in: SignedIn
) -> None:
    task = visit_ordered(small_town)
    client = signed_in(small_town.staff["grid"])
    page = client.get(reverse("warn:visit", args=[task.pk])).content.decode()
    assert reverse("warn:claim", args=[task.pk]) in page
    assert 'name="outcome"' not in page


def test_a_visit_is_written_down_as_it_was_tapped(
    small_town: SmallTown, signed_in: SignedIn
) -> None:
    task = claimed_visit(small_town)
    answer = signed_in(small_town.staff["grid"]).post(
        reverse("warn:visit", args=[task.pk]),
        filled_in(
            stage=Stage.TRUSTING, worry_before="5", worry_after="2",
            checks=["stopped_sharing"], notes="女儿也在",
        ),
    )  # fmt: skip
    assert answer.status_code == 302
    made = Visit.objects.get()
    assert (made.outcome, made.stage) == (VisitOutcome.DISSUADED, Stage.TRUSTING)
    assert (made.worry_before, made.worry_after) == (5, 2)
    assert made.checks["stopped_sharing"] is True
    assert made.checks["left_call"] is False
    assert made.notes.clear == "女儿也在"
    task.refresh_from_db()
    assert task.state == Task.State.DONE


def test_two_taps_write_one_visit(small_town: SmallTown, signed_in: SignedIn) -> None:
    task, client = claimed_visit(small_town), signed_in(small_town.staff["grid"])
    form, address = filled_in(), reverse("warn:visit", args=[task.pk])
    assert client.post(address, form).status_code == 302
    assert client.post(address, form).url == reverse("warn:my_work")
    assert Visit.objects.count() == 1


def test_without_an_outcome_nothing_is_written_and_the_page_says_what_is_missing(
    small_town: SmallTown, signed_in: SignedIn
) -> None:
    task = claimed_visit(small_town)
    answer = signed_in(small_town.staff["grid"]).post(
        reverse("warn:visit", args=[task.pk]),
        {"form_key": str(uuid4()), "checks": ["left_call"], "worry_before": "4"},
    )
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "请点选上门结果" in text
    assert 'value="left_call" id="check-left_call" checked' in text
    assert not Visit.objects.exists()


def test_nobody_home_means_again_later(small_town: SmallTown, signed_in: SignedIn) -> None:
    task, client = claimed_visit(small_town), signed_in(small_town.staff["grid"])
    address = reverse("warn:visit", args=[task.pk])
    client.post(address, filled_in(outcome=VisitOutcome.NOT_HOME))
    task.refresh_from_db()
    assert task.state == Task.State.TODO
    assert task.starts_at > timezone.now()
    page = client.get(address).content.decode()
    assert "还没到时间" in page
    assert reverse("warn:claim", args=[task.pk]) not in page


def test_money_that_moved_leads_to_the_checklist(
    small_town: SmallTown, signed_in: SignedIn
) -> None:
    task = claimed_visit(small_town)
    answer = signed_in(small_town.staff["grid"]).post(
        reverse("warn:visit", args=[task.pk]), filled_in(outcome=VisitOutcome.PAID)
    )
    assert answer.url == reverse("warn:stop_payment", args=[task.episode_id])
    assert StopPayment.objects.filter(episode=task.episode_id).exists()


def test_who_does_not_live_here_is_looked_for(small_town: SmallTown, signed_in: SignedIn) -> None:
    task = claimed_visit(small_town)
    signed_in(small_town.staff["grid"]).post(
        reverse("warn:visit", args=[task.pk]), filled_in(outcome=VisitOutcome.MOVED)
    )
    assert task_of(task.episode, Task.Kind.FIND)


def test_a_visit_another_one_holds_cannot_be_written_down(
    small_town: SmallTown, signed_in: SignedIn
) -> None:
    task = claimed_visit(small_town, "officer")
    address = reverse("warn:visit", args=[task.pk])
    form = filled_in(notes="儿子在家陪着")
    answer = signed_in(small_town.staff["grid"]).post(address, form)
    shown = answer.content.decode()
    assert answer.status_code == 409
    assert "正由另一位同事处理" in shown
    # What was heard at the door is not thrown away: it may become a note.
    assert "上门 · 见到本人，已劝阻 · 儿子在家陪着" in shown
    assert reverse("warn:note", args=[task.episode_id]) in shown
    assert not Visit.objects.exists()


@pytest.mark.parametrize("kind", ["visit", "find", "follow_up"])
def test_tasks_of_another_area_do_not_exist(
    small_town: SmallTown, signed_in: SignedIn, kind: str
) -> None:
    task = tasks.order(warned(small_town), kind, timezone.now(), day=3 * (kind == "follow_up"))
    address = reverse(f"warn:{kind}", args=[task.pk])
    assert signed_in(small_town.foreign).get(address).status_code == 404
    assert signed_in(small_town.foreign).post(address, {"outcome": "fine"}).status_code == 404
    # A grid worker of another grid, too.
    other = tasks.order(warned(small_town, 1), kind, timezone.now(), day=3 * (kind == "follow_up"))
    address = reverse(f"warn:{kind}", args=[other.pk])
    assert signed_in(small_town.staff["grid"]).get(address).status_code == 404
    assert signed_in(small_town.staff["educator"]).get(address).status_code == 403


def test_a_visit_page_asks_the_database_a_dozen_times_at_most(
    small_town: SmallTown, signed_in: SignedIn
) -> None:
    task, client = claimed_visit(small_town), signed_in(small_town.staff["grid"])
    assert queries_of(client, reverse("warn:visit", args=[task.pk])) <= MOST_QUERIES


# --- who is it? ----------------------------------------------------------------------------------


def claimed_find(town: SmallTown, who: str = "village", **facts: Any) -> Task:
    return tasks.claim(unknown_person(town, **facts), town.staff[who])


def test_a_whole_phone_number_finds_the_resident_who_has_it(
    small_town: SmallTown, signed_in: SignedIn
) -> None:
    task = claimed_find(small_town)
    client, address = (
        signed_in(small_town.staff["village"]),
        reverse("warn:find", args=[task.pk]),
    )
    found = client.post(address, {"phone": "120 0000 0001"}, follow=True)
    assert found.redirect_chain == [(f"{address}?sought=1", 302)]
    text = found.content.decode()
    assert "就是他/她" in text
    assert "王秀英" not in text
    assert (
        "看不出这是电话号码" in client.post(address, {"phone": "12"}, follow=True).content.decode()
    )
    elsewhere = client.post(address, {"phone": phone_of(99)}, follow=True).content.decode()
    assert "名册里没有对得上的人" in elsewhere


def test_a_village_shows_those_of_the_same_surname_and_length(
    small_town: SmallTown, signed_in: SignedIn
) -> None:
    task = claimed_find(small_town)
    client = signed_in(small_town.staff["village"])
    address = reverse("warn:find", args=[task.pk])
    text = client.get(address, {"village": small_town.villages[0].code}).content.decode()
    # By the whole button: a phone's key may be the same number as a resident's.
    assert f'name="answer" value="{small_town.residents[0].pk}"' in text
    assert f'name="answer" value="{small_town.residents[1].pk}"' not in text


def test_this_is_the_person_moves_the_warning_to_the_resident(
    small_town: SmallTown, signed_in: SignedIn
) -> None:
    task, resident = claimed_find(small_town), small_town.residents[0]
    client, address = (
        signed_in(small_town.staff["village"]),
        reverse("warn:find", args=[task.pk]),
    )
    assert client.post(address, {"answer": str(resident.pk)}).status_code == 302
    task.refresh_from_db()
    assert task.state == Task.State.DONE
    assert task.episode.resident == resident
    assert resident.phones.count() == 2
    again = client.post(address, {"answer": str(resident.pk)}, follow=True)
    assert "已经办完" in again.content.decode()
    assert AuditEntry.objects.filter(verb="found").count() == 1


def test_nobody_of_ours_closes_a_warning_that_reached_nobody(
    small_town: SmallTown, signed_in: SignedIn
) -> None:
    task = claimed_find(small_town)
    signed_in(small_town.staff["village"]).post(
        reverse("warn:find", args=[task.pk]), {"answer": "nobody"}
    )
    assert Episode.objects.get(pk=task.episode_id).outcome == Episode.Outcome.NOT_FOUND


def test_a_newcomer_is_registered_once_and_is_the_person(
    small_town: SmallTown, signed_in: SignedIn
) -> None:
    task = claimed_find(small_town)
    form = {"answer": "new", "name": "王秀兰", "place": str(small_town.grids[1].pk)}
    client, address = (
        signed_in(small_town.staff["village"]),
        reverse("warn:find", args=[task.pk]),
    )
    before = Resident.objects.count()
    client.post(address, form)
    client.post(address, form)
    assert Resident.objects.count() == before + 1
    episode = Episode.objects.get(pk=task.episode_id)
    assert episode.resident.name.clear == "王秀兰"
    assert episode.place == small_town.grids[1]


def test_a_newcomer_needs_a_name_and_a_grid_of_ones_own(
    small_town: SmallTown, signed_in: SignedIn
) -> None:
    task = claimed_find(small_town)
    answer = signed_in(small_town.staff["village"]).post(
        reverse("warn:find", args=[task.pk]),
        {"answer": "new", "name": "", "place": str(small_town.foreign_grid.pk)},
    )
    assert answer.status_code == 422
    task.refresh_from_db()
    assert task.state == Task.State.TODO


def test_a_grid_worker_who_may_not_register_says_the_person_is_here(
    small_town: SmallTown, signed_in: SignedIn
) -> None:
    task = claimed_find(small_town, "grid")
    client, address = (
        signed_in(small_town.staff["grid"]),
        reverse("warn:find", args=[task.pk]),
    )
    page = client.get(address).content.decode()
    assert 'value="new"' not in page
    client.post(address, {"answer": "here"})
    assert Resident.objects.get(pk=task.episode.resident_id).found


def test_a_resident_of_another_area_cannot_be_the_answer(
    small_town: SmallTown, signed_in: SignedIn
) -> None:
    task = claimed_find(small_town)
    answer = signed_in(small_town.staff["village"]).post(
        reverse("warn:find", args=[task.pk]), {"answer": str(small_town.stranger.pk)}
    )
    assert answer.status_code == 404
    task.refresh_from_db()
    assert task.state == Task.State.TODO


def test_a_search_asks_the_database_a_dozen_times_at_most(
    small_town: SmallTown, signed_in: SignedIn
) -> None:
    task, client = claimed_find(small_town), signed_in(small_town.staff["village"])
    address = reverse("warn:find", args=[task.pk])
    village = small_town.villages[0].code
    assert queries_of(client, f"{address}?village={village}") <= MOST_QUERIES


# --- refused at the door -------------------------------------------------------------------------


def test_refused_at_the_door_is_not_dissuaded_and_somebody_else_goes_once_more(
    small_town: SmallTown, signed_in: SignedIn
) -> None:
    task = claimed_visit(small_town)
    client = signed_in(small_town.staff["grid"])
    form = filled_in(outcome=VisitOutcome.REFUSED)
    answer = client.post(reverse("warn:visit", args=[task.pk]), form, follow=True)
    assert "再去一次" in answer.content.decode()
    episode = Episode.objects.get(pk=task.episode_id)
    assert (episode.state, episode.outcome) == (Episode.State.OPEN, "")
    again = task_of(episode, Task.Kind.VISIT)
    assert again.assigned_to not in (None, small_town.staff["grid"])


def test_refused_twice_is_looked_at_by_a_leader_and_told_as_it_is(small_town: SmallTown) -> None:
    task = claimed_visit(small_town)
    episode = task.episode
    for who in ("grid", "village"):
        task = task_of(episode, Task.Kind.VISIT)
        Task.objects.filter(pk=task.pk).update(starts_at=timezone.now())
        notes = visits.VisitNotes(VisitOutcome.REFUSED)
        visits.record_visit(
            tasks.claim(task, small_town.staff[who]), small_town.staff[who], notes, uuid4()
        )
    episode.refresh_from_db()
    assert (episode.state, episode.outcome) == (Episode.State.REVIEW, Episode.Outcome.REFUSED)
    assert task_of(episode, Task.Kind.REVIEW)
    assert episode.tasks.filter(kind=Task.Kind.FOLLOW_UP, state=Task.State.TODO).count() == 2
    after.review(episode, small_town.staff["leader"], "agreed", "", uuid4())
    assert Signal.objects.get(episode=episode).result == "refused"
    assert result_words(Signal.objects.select_related("episode").get()) == "不听劝"
