"""A warning comes in: the same one once, graded, urgent enough."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from fangxian.town import audit, events
from fangxian.town.models import AuditEntry, Place
from fangxian.warn.actions.signals import NewSignal, take_in
from fangxian.warn.clock import fire_due
from fangxian.warn.grading import Reason
from fangxian.warn.models import Batch, Episode, Escalation, Grade, Sender, Signal, Task
from fangxian.warn.queries.timeline import timeline
from town_of_tests import SmallTown, phone_of
from warn.call_town import arrive, minutes_until, now, open_kinds, ring, todo

AT = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
HERE = Place(code="990101101201", name="海兰村")
COUNTY, BANK = Sender(pk=1, name="县中心"), Sender(pk=2, name="银行")


# --- what is the same warning -----------------------------------------------------------------------


def mark(sender: Sender = COUNTY, **facts: Any) -> str:
    return NewSignal(**{"place": HERE, "phones": (phone_of(1),), **facts}).fingerprint(sender)


def test_a_reference_says_what_is_the_same_whatever_else_changed() -> None:
    assert mark(reference="A1", note="一", grade=Grade.RED) == mark(reference="A1", note="二")
    assert mark(reference="A1") != mark(reference="A2")


def test_two_senders_with_one_number_sent_two_warnings() -> None:
    assert mark(reference="A1") != mark(BANK, reference="A1")


def test_one_reference_about_two_people_is_two_warnings() -> None:
    """Some senders number the order, not the person."""
    assert mark(reference="A1") != mark(reference="A1", phones=(phone_of(2),))


def test_without_a_reference_person_moment_kind_and_suspect_number_decide() -> None:
    same = {"occurred_at": AT, "kind": "fake_police", "risk_number": "+8610000000"}
    assert mark(**same) == mark(**same, note="补充", grade=Grade.RED)
    for other in (
        {"occurred_at": AT + timedelta(minutes=1)}, {"kind": "romance"}, {"risk_number": "+85200"},
        {"phones": (phone_of(2),)},
    ):  # fmt: skip
        assert mark(**{**same, **other}) != mark(**same)


def test_with_the_time_of_issue_alone_a_later_issue_is_a_second_warning() -> None:
    march, june = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 6, 9, tzinfo=UTC)
    assert mark(issued_at=march) == mark(issued_at=march, note="补充")
    assert mark(issued_at=march) != mark(issued_at=june)
    assert mark(issued_at=march) != mark()


def long_ago(episode: Episode, days: int = 100, state: str = "closed") -> None:
    """As if the episode had had its last signal so many days ago."""
    then = timezone.now() - timedelta(days=days)
    Episode.objects.filter(pk=episode.pk).update(
        state=state, closed_at=then if state == "closed" else None, last_signal_at=then
    )
    Signal.objects.filter(episode=episode).update(received_at=then)


def became(town: SmallTown, **facts: Any) -> tuple[str, Episode]:
    """Take in a warning about resident 1; what became of it."""
    new = NewSignal(**{"place": town.town, "phones": (phone_of(1),), **facts})
    (taken,) = take_in(town.staff["clerk"], town.sender, "file", [new])
    return taken.became, taken.signal.episode


@pytest.mark.parametrize("when", ["no time", "another time of issue"])
def test_a_second_danger_a_hundred_days_later_opens_an_episode(small_town, when: str) -> None:
    times = {"no time": (None, None), "another time of issue": (AT - timedelta(days=100), AT)}[when]
    word, first = became(small_town, issued_at=times[0], grade=Grade.RED)
    assert word == "new"
    long_ago(first)
    word, second = became(small_town, issued_at=times[1], grade=Grade.RED)
    assert word == "new"
    assert second != first
    assert "call" in open_kinds(second)
    assert became(small_town, issued_at=times[1], grade=Grade.RED) == ("known_before", second)


@pytest.mark.parametrize(("days", "state"), [(2, "closed"), (100, "open"), (100, "review")])
def test_without_any_time_the_same_words_are_the_same_while_the_danger_is_not_over(
    small_town: SmallTown, days: int, state: str
) -> None:
    _, first = became(small_town, grade=Grade.RED)
    long_ago(first, days, state)
    assert became(small_town, grade=Grade.RED) == ("known_before", first)


def test_a_warning_with_a_time_or_a_number_is_the_same_for_ever(small_town: SmallTown) -> None:
    for facts in ({"issued_at": AT}, {"occurred_at": AT}, {"reference": "A1"}):
        _, first = became(small_town, **facts)
        long_ago(first)
        assert became(small_town, **facts) == ("known_before", first)


def test_the_order_of_two_phones_does_not_matter() -> None:
    both = (phone_of(1), phone_of(2))
    assert mark(phones=both) == mark(phones=both[::-1])


def test_a_fingerprint_is_keyed_so_that_nobody_guesses_a_phone_from_it(settings) -> None:
    before = mark(reference="A1")
    settings.KEYS = type(settings.KEYS)(**{**vars(settings.KEYS), "index": b"another key" * 3})
    assert mark(reference="A1") != before


# --- in which episode, how urgent ---------------------------------------------------------------------


def test_the_grade_of_an_open_episode_never_falls(small_town: SmallTown) -> None:
    episode = arrive(small_town, grade=Grade.RED)
    arrive(small_town, grade=Grade.BLUE)
    assert now(episode).grade == Grade.RED


def test_a_second_sender_within_a_day_raises_what_waits(small_town: SmallTown) -> None:
    episode = arrive(small_town, grade=Grade.ORANGE)
    assert minutes_until(todo(episode, "call").due_at) > 5
    bank = Sender.objects.create(name="镇信用社")
    new = NewSignal(place=small_town.town, phones=(phone_of(1),), grade=Grade.BLUE)
    take_in("system", bank, "form", [new])
    assert now(episode).grade == Grade.RED
    assert minutes_until(todo(episode, "call").due_at) <= 5


def test_a_late_call_that_turns_red_is_heard_again(small_town: SmallTown) -> None:
    episode = arrive(small_town, grade=Grade.ORANGE)
    past = timezone.now() - timedelta(minutes=20)
    Task.objects.filter(episode=episode).update(due_at=past, alarm_at=past)
    fire_due()
    quiet = todo(episode, "call").alarm_at
    arrive(small_town, grade=Grade.RED)
    call = todo(episode, "call")
    assert (call.grade, call.level) == (Grade.RED, 0)
    assert call.alarm_at < quiet
    fire_due(timezone.now() + timedelta(minutes=6))
    assert Escalation.objects.filter(task=call).count() >= 2


def test_a_sender_who_says_that_money_moved_makes_it_red(small_town: SmallTown) -> None:
    episode = arrive(small_town, grade=Grade.BLUE, paid=True, loss_fen=5_000_00)
    assert episode.grade == Grade.RED
    assert minutes_until(todo(episode, "call").due_at) <= 5
    assert Reason.say(episode.reasons[-1]) == "县反诈中心说明已损失 5,000.00 元"


def test_the_same_file_under_a_mistyped_sender_is_no_second_body(small_town: SmallTown) -> None:
    clerk = small_town.staff["clerk"]
    for name in ("县反诈中心", "县反炸中心"):
        sender, _ = Sender.objects.get_or_create(name=name)
        batch = Batch.objects.create(
            sender=sender, by=clerk, place=small_town.town, digest="d" * 64, state="done"
        )
        new = NewSignal(place=small_town.town, phones=(phone_of(1),), row=2, reference="A")
        take_in(clerk, sender, "file", [new], batch)
    episode = Episode.objects.get()
    assert episode.signals.count() == 2
    assert [reason["code"] for reason in episode.reasons] == ["sender"]
    assert episode.grade == Grade.YELLOW


def test_a_less_urgent_warning_leaves_what_waits_as_it_is(small_town: SmallTown) -> None:
    episode = arrive(small_town, grade=Grade.ORANGE)
    before = todo(episode, "call")
    arrive(small_town, grade=Grade.BLUE)
    assert todo(episode, "call").due_at == before.due_at


def test_a_worse_warning_during_the_pause_after_an_unanswered_call_ends_the_pause(
    small_town: SmallTown,
) -> None:
    episode = arrive(small_town, grade=Grade.BLUE)
    ring(small_town, episode, "unreachable")
    assert todo(episode, "call").starts_at > timezone.now()
    arrive(small_town, grade=Grade.RED)
    assert todo(episode, "call").starts_at <= timezone.now()


def test_the_kind_follows_the_gravest_signal_and_of_equals_the_newest(small_town) -> None:
    episode = arrive(small_town, kind="other", grade=Grade.YELLOW)
    for kind, grade, follows in (
        ("fake_loan", Grade.YELLOW, "fake_loan"),
        ("screen_sharing", Grade.RED, "screen_sharing"),
        ("romance", Grade.YELLOW, "screen_sharing"),
        ("other", Grade.RED, "screen_sharing"),
        ("fake_police", Grade.RED, "fake_police"),
    ):
        arrive(small_town, kind=kind, grade=grade)
        assert now(episode).kind == follows


def test_a_change_of_kind_is_written_into_the_chain(small_town: SmallTown) -> None:
    episode = arrive(small_town, kind="fake_loan", grade=Grade.YELLOW)
    assert not AuditEntry.objects.filter(verb="kind_changed").exists()
    arrive(small_town, kind="screen_sharing")
    entry = AuditEntry.objects.get(verb="kind_changed")
    assert entry.thing_id == str(episode.pk)
    assert (entry.detail["was"], entry.detail["kind"]) == ("fake_loan", "screen_sharing")
    told = [event.says for event in timeline(now(episode), [], [], [])]
    assert any(says.startswith("类型改为") for says in told)


def test_the_open_episode_takes_the_signal_also_when_a_closed_one_is_fresher(small_town) -> None:
    open_ = arrive(small_town)
    Episode.objects.create(
        resident=small_town.residents[0], place=small_town.grids[0], grade=1, state="closed",
        closed_at=timezone.now(), last_signal_at=timezone.now() + timedelta(minutes=1),
    )  # fmt: skip
    assert arrive(small_town).pk == open_.pk


def test_when_a_call_was_first_due_is_kept_also_when_it_becomes_more_urgent(small_town) -> None:
    episode = arrive(small_town, grade=Grade.BLUE)
    first = now(episode).first_call_due_at
    arrive(small_town, grade=Grade.RED)
    assert now(episode).first_call_due_at == first
    assert first is not None


def test_a_reopened_episode_is_told_as_reopened_not_as_new(small_town: SmallTown) -> None:
    opened: list[Episode] = []
    listener = lambda sender, episode, **_: opened.append(episode)  # noqa: E731
    events.episode_opened.connect(listener)
    try:
        episode = arrive(small_town)
        ring(small_town, episode, "dissuaded")
        again = NewSignal(place=small_town.town, phones=(phone_of(1),), reference="again")
        taken = take_in("system", small_town.sender, "form", [again])
    finally:
        events.episode_opened.disconnect(listener)
    assert [t.became for t in taken] == ["reopened"]
    assert opened == [episode]


# --- many at once -------------------------------------------------------------------------------------


def test_a_list_says_for_each_row_what_became_of_it_in_order(small_town: SmallTown) -> None:
    rows = [
        NewSignal(place=small_town.town, phones=(phone_of(n),), reference=str(r), row=r)
        for r, n in enumerate((1, 2, 1, 1), 2)
    ]
    rows.append(rows[0])
    taken = take_in("system", small_town.sender, "file", rows)
    assert [t.became for t in taken] == ["new", "new", "merged", "merged", "known_before"]
    assert [t.signal.row for t in taken] == [2, 3, 4, 5, 2]
    assert taken[0].signal.episode.reasons[1] == {"code": "several_signals", "count": 3}


def test_a_list_that_fails_half_way_leaves_nothing(small_town: SmallTown) -> None:
    rows = [
        NewSignal(place=small_town.town, phones=(phone_of(n),), reference=str(n), grade=grade)
        for n, grade in ((1, Grade.RED), (2, 99))
    ]
    with pytest.raises(ValueError, match="99"):
        take_in("system", small_town.sender, "file", rows)
    assert (Signal.objects.count(), Episode.objects.count(), Task.objects.count()) == (0, 0, 0)
    assert audit.verify() == (0, [])


def test_a_list_of_one_resident_costs_few_queries_whatever_its_length(
    small_town: SmallTown, django_assert_max_num_queries: Any
) -> None:
    def rows(first: int, count: int) -> list[NewSignal]:
        return [
            NewSignal(place=small_town.town, phones=(phone_of(1),), reference=str(n))
            for n in range(first, first + count)
        ]

    arrive(small_town)
    # One insert a row, and a dozen for the rest.
    with django_assert_max_num_queries(20 + 25):
        take_in("system", small_town.sender, "file", rows(0, 20))
