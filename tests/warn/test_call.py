"""The guided call in the hands of an officer: claim, ring, write down."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from fangxian.town.codes import code_of
from fangxian.town.models import AuditEntry, Department, Phone
from fangxian.town.sealed import blind_index
from fangxian.warn.actions import tasks
from fangxian.warn.models import Call, CallOutcome, Contact, Episode, Grade, Stage, Task
from town_of_tests import SmallTown, phone_of, red_call
from warn.call_town import arrive, claimed, ring, todo

SignedIn = Callable[..., Client]
MOST_QUERIES = 12
HTMX = {"HX-Request": "true"}


def call_of(town: SmallTown, grade: Grade = Grade.RED, **more: Any) -> Task:
    """A call about Wang Xiuying that waits."""
    return todo(arrive(town, grade=grade, kind="fake_police", **more), "call")


def in_hand(town: SmallTown, grade: Grade = Grade.RED) -> Task:
    """The same, claimed by the officer."""
    return claimed(town, call_of(town, grade), "officer")


def page(task: Task) -> str:
    return reverse("warn:call", args=[task.pk])


def tapped(**facts: Any) -> dict[str, Any]:
    """A form as it is sent."""
    return {"form_key": str(uuid4()), "started_at": timezone.now().isoformat(), **facts}


def text_of(response: Any) -> str:
    return response.content.decode()


def said(response: Any) -> str:
    """The sentence shown after going on."""
    return " ".join(str(message) for message in response.context["messages"])


# --- claiming -------------------------------------------------------------------------------------


def test_claiming_goes_on_to_the_call(small_town: SmallTown, signed_in: SignedIn) -> None:
    task = call_of(small_town)
    answer = signed_in(small_town.staff["officer"]).post(reverse("warn:claim", args=[task.pk]))
    assert answer.url == page(task)
    assert Task.objects.get(pk=task.pk).claimed_by == small_town.staff["officer"]


@pytest.mark.parametrize("kind", ["visit", "find", "follow_up"])
def test_claiming_goes_on_to_the_page_of_the_kind(small_town, signed_in, kind: str) -> None:
    episode = arrive(small_town)
    task = Task.objects.create(
        episode=episode, kind=kind, day=3, place=episode.place, grade=1, due_at=timezone.now()
    )
    answer = signed_in(small_town.staff["officer"]).post(reverse("warn:claim", args=[task.pk]))
    assert answer.url == reverse(f"warn:{kind}", args=[task.pk])


def test_what_a_colleague_took_a_moment_ago_is_said_and_one_is_back_at_work(
    small_town: SmallTown, signed_in: SignedIn
) -> None:
    task = in_hand(small_town)
    officer2 = signed_in(small_town.staff["officer2"])
    answer = officer2.post(reverse("warn:claim", args=[task.pk]), follow=True)
    assert answer.redirect_chain[0][0] == reverse("warn:my_work")
    assert "刚刚已被另一位同事领取" in said(answer)


def test_a_third_body_is_asked_for_a_reason_and_may_go_on_with_one(
    small_town: SmallTown, signed_in: SignedIn
) -> None:
    task = call_of(small_town, Grade.BLUE)
    for name in ("甲单位", "乙单位"):
        Contact.objects.create(
            resident=task.episode.resident, episode=task.episode, how="call",
            body=Department.objects.create(name=name, kind="town_hall"),
            by=small_town.staff["clerk"],
        )  # fmt: skip
    officer, address = signed_in(small_town.staff["officer"]), reverse("warn:claim", args=[task.pk])
    asked = officer.post(address)
    assert asked.status_code == 409
    assert 'name="because"' in text_of(asked)
    assert officer.post(address, {"because": "家属来电"}).url == page(task)
    assert AuditEntry.objects.get(verb="claim").detail["because"] == "家属来电"


def test_an_open_page_keeps_its_claim_without_a_new_deed_in_the_chain(
    small_town: SmallTown, signed_in: SignedIn
) -> None:
    task = in_hand(small_town)
    soon = timezone.now() + timedelta(minutes=1)
    Task.objects.filter(pk=task.pk).update(claimed_until=soon)
    officer, address = signed_in(small_town.staff["officer"]), reverse("warn:claim", args=[task.pk])
    assert officer.post(address, headers=HTMX).status_code == 204
    assert Task.objects.get(pk=task.pk).claimed_until > soon
    assert AuditEntry.objects.filter(verb="claim").count() == 1


def test_an_open_page_says_when_its_claim_is_lost(small_town, signed_in) -> None:
    task = in_hand(small_town)
    Task.objects.filter(pk=task.pk).update(claimed_by=small_town.staff["officer2"])
    officer = signed_in(small_town.staff["officer"])
    answer = officer.post(reverse("warn:claim", args=[task.pk]), headers=HTMX)
    assert answer.status_code == 200
    assert "刚刚已被另一位同事领取" in text_of(answer)


def test_a_call_that_is_given_back_is_anybodys(small_town, signed_in) -> None:
    task = in_hand(small_town)
    signed_in(small_town.staff["officer"]).post(reverse("warn:release", args=[task.pk]))
    assert Task.objects.get(pk=task.pk).claimed_by is None


# --- who sees what --------------------------------------------------------------------------------


def test_a_call_outside_the_area_is_not_there(small_town: SmallTown, signed_in) -> None:
    task, foreign = call_of(small_town), signed_in(small_town.foreign)
    assert foreign.get(page(task)).status_code == 404
    for name in ("claim", "release", "show_number"):
        assert foreign.post(reverse(f"warn:{name}", args=[task.pk])).status_code == 404


@pytest.mark.parametrize("who", ["grid", "village", "clerk", "leader", "auditor"])
def test_who_does_not_ring_residents_has_no_call_page(small_town, signed_in, who) -> None:
    task = call_of(small_town)
    assert signed_in(small_town.staff[who]).get(page(task)).status_code == 403
    assert (
        signed_in(small_town.staff[who]).post(reverse("warn:claim", args=[task.pk])).status_code
        == 403
    )


def test_before_it_is_claimed_a_page_shows_no_script_and_no_phone(small_town, signed_in) -> None:
    shown = text_of(signed_in(small_town.staff["officer"]).get(page(call_of(small_town))))
    assert "领取这通电话" in shown
    assert "王*英" in shown
    assert "120****0001" not in shown
    assert "fx-say" not in shown


def test_a_call_that_a_colleague_makes_says_who(small_town, signed_in) -> None:
    shown = text_of(signed_in(small_town.staff["officer2"]).get(page(in_hand(small_town))))
    assert f"{small_town.staff['officer']} 正在打这通电话" in shown
    assert "领取这通电话" not in shown


def test_a_call_whose_time_has_not_come_says_from_when_on(small_town, signed_in) -> None:
    task = call_of(small_town)
    Task.objects.filter(pk=task.pk).update(starts_at=timezone.now() + timedelta(hours=1))
    shown = text_of(signed_in(small_town.staff["officer"]).get(page(task)))
    assert "起可以再打" in shown
    assert "领取这通电话" not in shown


def test_the_page_in_hand_has_the_code_the_station_and_everything_masked(
    small_town: SmallTown, signed_in: SignedIn, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://fangxian.example"
    officer = small_town.staff["officer"]
    shown = text_of(signed_in(officer).get(page(in_hand(small_town))))
    code = code_of(officer, timezone.localdate())
    assert code in shown
    assert " ".join(code) in shown
    assert "金峰派出所" in shown
    assert "https://fangxian.example/ask/caller/" in shown
    assert "120****0001" in shown
    for secret in ("王秀英", phone_of(1)[3:], phone_of(1), "12000000001"):
        assert secret not in shown


def test_the_page_gives_the_questions_and_the_advice_of_this_kind_of_fraud(
    small_town: SmallTown, signed_in: SignedIn
) -> None:
    from fangxian.warn.script import call_script

    shown = text_of(signed_in(small_town.staff["officer"]).get(page(in_hand(small_town))))
    script = call_script("fake_police", "zh")
    for line in (*script.advice, script.learn, *(q.asks for q in script.questions)):
        assert line in shown
    assert shown.count('value="yes"') == len(script.questions)


def test_a_resident_without_a_phone_is_said_to_be_found_first(small_town, signed_in) -> None:
    task = in_hand(small_town)
    Phone.objects.filter(resident=task.episode.resident).delete()
    shown = text_of(signed_in(small_town.staff["officer"]).get(page(task)))
    assert "没有电话" in shown
    assert 'name="unanswered"' not in shown


def test_the_page_costs_few_queries(small_town, signed_in, django_assert_max_num_queries) -> None:
    task, officer = in_hand(small_town), signed_in(small_town.staff["officer"])
    officer.get(page(task))
    with django_assert_max_num_queries(MOST_QUERIES):
        officer.get(page(task))


# --- the number ------------------------------------------------------------------------------------


def show(client: Client, task: Task, phone: Any, **more: Any) -> Any:
    return client.post(reverse("warn:show_number", args=[task.pk]), {"phone": phone}, **more)


def test_a_tap_shows_the_number_and_every_look_is_in_the_chain(small_town, signed_in) -> None:
    task, officer = in_hand(small_town), signed_in(small_town.staff["officer"])
    phone = small_town.residents[0].phones.get()
    shown = text_of(show(officer, task, phone.pk, headers=HTMX))
    assert f'href="tel:{phone_of(1)}"' in shown
    assert "120 0000 0001" in shown
    assert "<html" not in shown
    entry = AuditEntry.objects.get(verb="reveal")
    assert (entry.thing_id, entry.detail["reason"]) == (str(phone.pk), "call")
    # Without JavaScript it is a page of its own, and another look.
    assert "回到通话页" in text_of(show(officer, task, phone.pk))
    assert AuditEntry.objects.filter(verb="reveal").count() == 2


def test_who_does_not_hold_the_call_sees_no_number(small_town, signed_in) -> None:
    task, phone = in_hand(small_town), small_town.residents[0].phones.get()
    answer = show(signed_in(small_town.staff["officer2"]), task, phone.pk, headers=HTMX)
    assert "tel:" not in text_of(answer)
    assert not AuditEntry.objects.filter(verb="reveal").exists()


@pytest.mark.parametrize("phone", ["", "x", "0", "9" * 30])
def test_a_number_that_is_none_is_not_there(small_town, signed_in, phone: str) -> None:
    assert (
        show(signed_in(small_town.staff["officer"]), in_hand(small_town), phone).status_code == 404
    )


def test_the_number_of_somebody_else_is_not_there(small_town, signed_in) -> None:
    other = small_town.residents[1].phones.get().pk
    task, officer = in_hand(small_town), signed_in(small_town.staff["officer"])
    assert show(officer, task, other).status_code == 404


def test_several_phones_have_a_button_each(small_town: SmallTown, signed_in) -> None:
    Phone.objects.create(
        resident=small_town.residents[0], number="+862300000001", note="家里",
        index=blind_index("+862300000001"),
    )  # fmt: skip
    shown = text_of(signed_in(small_town.staff["officer"]).get(page(in_hand(small_town))))
    assert shown.count("显示号码") == 2
    assert "家里" in shown


# --- writing down ------------------------------------------------------------------------------------


def test_what_was_tapped_is_written_down(small_town: SmallTown, signed_in: SignedIn) -> None:
    task = in_hand(small_town)
    form = tapped(
        outcome="dissuaded", stage="isolated", worry_before="5", worry_after="2",
        q_line_open="yes", q_money_or_code="no", notes=" 孙女在旁边 ",
    )  # fmt: skip
    answer = signed_in(small_town.staff["officer"]).post(page(task), form, follow=True)
    call = Call.objects.get()
    assert (call.outcome, call.stage) == (CallOutcome.DISSUADED, Stage.ISOLATED)
    assert (call.worry_before, call.worry_after) == (5, 2)
    assert call.answers == {"line_open": True, "money_or_code": False}
    assert call.notes.clear == "孙女在旁边"
    assert answer.redirect_chain[0][0] == reverse("warn:my_work")
    assert "3 天和 30 天后会提醒回访" in said(answer)


def test_the_outcome_alone_is_enough(small_town: SmallTown, signed_in: SignedIn) -> None:
    signed_in(small_town.staff["officer"]).post(
        page(in_hand(small_town)), tapped(outcome="false_alarm")
    )
    call = Call.objects.get()
    assert (call.stage, call.worry_before, call.answers) == (Stage.UNKNOWN, None, {})


def test_nobody_answers_is_one_tap_on_the_page_and_says_when_to_try_again(
    small_town: SmallTown, signed_in: SignedIn
) -> None:
    task = in_hand(small_town)
    officer = signed_in(small_town.staff["officer"])
    assert "第三次没打通就请人上门" in text_of(officer.get(page(task)))
    answer = officer.post(page(task), tapped(unanswered="1"), follow=True)
    again = timezone.localtime(todo(task.episode, "call").starts_at)
    assert "没打通，已记下。" in said(answer)
    assert f"{again:%H:%M} 再打。" in said(answer)
    assert Call.objects.get().outcome == CallOutcome.UNREACHABLE


def test_the_button_nobody_answered_counts_more_than_a_tile_tapped_before(
    small_town: SmallTown, signed_in: SignedIn
) -> None:
    signed_in(small_town.staff["officer"]).post(
        page(in_hand(small_town)), tapped(unanswered="1", outcome="dissuaded")
    )
    assert Call.objects.get().outcome == CallOutcome.UNREACHABLE


def test_the_third_time_nobody_answers_a_grid_worker_is_named(small_town, signed_in) -> None:
    episode = arrive(small_town)
    for _ in range(2):
        ring(small_town, episode, CallOutcome.UNREACHABLE)
    task = claimed(small_town, todo(episode, "call"), "officer")
    officer = signed_in(small_town.staff["officer"])
    assert "这次再没打通，就请人上门" in text_of(officer.get(page(task)))
    answer = officer.post(page(task), tapped(unanswered="1"), follow=True)
    assert f"已请网格员上门：{small_town.staff['grid']}" in said(answer)


def test_the_wrong_person_is_said_to_be_looked_for(small_town, signed_in) -> None:
    answer = signed_in(small_town.staff["officer"]).post(
        page(in_hand(small_town)), tapped(outcome="wrong_person"), follow=True
    )
    assert "已请人查找此人" in said(answer)


def test_money_that_moved_leads_straight_to_the_race(small_town, signed_in) -> None:
    task = in_hand(small_town)
    answer = signed_in(small_town.staff["officer"]).post(page(task), tapped(outcome="paid"))
    assert answer.url == reverse("warn:stop_payment", args=[task.episode_id])


def test_without_an_outcome_nothing_is_written_and_nothing_tapped_is_lost(
    small_town: SmallTown, signed_in: SignedIn
) -> None:
    form = tapped(worry_before="4", stage="trusting", q_line_open="yes", notes="等孙女回来")
    answer = signed_in(small_town.staff["officer"]).post(page(in_hand(small_town)), form)
    shown = text_of(answer)
    assert answer.status_code == 422
    assert "请点选通话结果" in shown
    assert "等孙女回来" in shown
    assert form["form_key"] in shown
    for name, value in (("worry_before", "4"), ("stage", "trusting"), ("q_line_open", "yes")):
        assert f'name="{name}" value="{value}" form="call-record" checked' in shown
    assert Call.objects.count() == 0


@pytest.mark.parametrize(
    "wrong",
    [{"outcome": "maybe"}, {"worry_before": "6"}, {"stage": "x"}, {"form_key": "1"},
     {"started_at": "gestern"}, {"q_line_open": "perhaps"}, {"notes": "长" * 2001}],
)  # fmt: skip
def test_what_no_tile_offers_is_refused(small_town, signed_in, wrong: dict[str, str]) -> None:
    form = {**tapped(outcome="dissuaded"), **wrong}
    task, officer = in_hand(small_town), signed_in(small_town.staff["officer"])
    assert officer.post(page(task), form).status_code == 422
    assert Call.objects.count() == 0


def test_a_form_sent_twice_writes_once_and_ends_in_the_same_place(small_town, signed_in) -> None:
    task, form = in_hand(small_town), tapped(outcome="dissuaded")
    officer = signed_in(small_town.staff["officer"])
    assert {officer.post(page(task), form).url for _ in range(2)} == {reverse("warn:my_work")}
    assert Call.objects.count() == 1


def test_a_call_begins_when_it_began_but_not_yesterday_and_not_tomorrow(
    small_town: SmallTown, signed_in: SignedIn
) -> None:
    now = timezone.now()
    for n, (began, kept) in enumerate(
        ((-timedelta(minutes=9), True), (-timedelta(hours=9), False), (timedelta(hours=1), False)),
        1,
    ):
        task = claimed(small_town, todo(arrive(small_town, n), "call"), "officer")
        form = tapped(outcome="refused", started_at=(now + began).isoformat())
        signed_in(small_town.staff["officer"]).post(page(task), form)
        started = Call.objects.get(episode=task.episode).started_at
        assert (started == now + began) is kept
        assert started <= timezone.now()


def test_a_call_that_somebody_else_took_over_meanwhile_is_not_thrown_away(
    small_town: SmallTown, signed_in: SignedIn
) -> None:
    task = in_hand(small_town)
    Task.objects.filter(pk=task.pk).update(claimed_by=small_town.staff["officer2"])
    officer = signed_in(small_town.staff["officer"])
    form = tapped(outcome="dissuaded", stage="trusting", notes="她答应不转了")
    answer = officer.post(page(task), form)
    shown = text_of(answer)
    assert answer.status_code == 409
    assert "电话 · 接通，已劝阻 · 已经相信 · 她答应不转了" in shown
    note = reverse("warn:note", args=[task.episode_id])
    assert f'action="{note}"' in shown
    officer.post(note, {"text": "电话：接通，已劝阻；她答应不转了"})
    assert task.episode.notes.get().text.clear.endswith("她答应不转了")
    assert Call.objects.count() == 0


def test_a_call_that_is_written_down_leads_to_its_episode(small_town, signed_in) -> None:
    task = in_hand(small_town)
    officer = signed_in(small_town.staff["officer"])
    officer.post(page(task), tapped(outcome="dissuaded"))
    answer = officer.get(page(task))
    assert answer.url == reverse("warn:episode", args=[task.episode_id])


def test_each_try_has_a_draft_of_its_own(small_town: SmallTown, signed_in) -> None:
    """An old draft would bring its form key along, and the new try would pass for the old one."""
    episode = arrive(small_town)
    officer, drafts = signed_in(small_town.staff["officer"]), set()
    for _ in range(2):
        task = claimed(small_town, todo(episode, "call"), "officer")
        drafts.add(text_of(officer.get(page(task))).split('data-draft="')[1].split('"')[0])
        officer.post(page(task), tapped(unanswered="1"))
    assert len(drafts) == 2
    assert Episode.objects.get().calls.count() == 2


def test_a_reason_that_names_the_resident_stands_masked_in_the_audit_chain(
    small_town: SmallTown,
) -> None:
    task = red_call(small_town)
    tasks.claim(task, small_town.staff["officer"], "王秀英的女儿 12000000008 来电")
    assert AuditEntry.objects.get(verb="claim").detail["because"] == "王*英的女儿 *** 来电"
