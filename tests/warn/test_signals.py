"""A warning comes in: the same one once, about the right person, graded, urgent enough."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from fangxian.town import audit, events
from fangxian.town.models import Household, Phone, Place, Resident
from fangxian.town.sealed import blind_index
from fangxian.warn.actions.signals import NewSignal, same_name, take_in
from fangxian.warn.models import Episode, Grade, Sender, Signal, Task
from town_of_tests import SmallTown, phone_of
from warn.call_town import arrive, minutes_until, now, ring, todo

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


def test_the_order_of_two_phones_does_not_matter() -> None:
    both = (phone_of(1), phone_of(2))
    assert mark(phones=both) == mark(phones=both[::-1])


def test_a_fingerprint_is_keyed_so_that_nobody_guesses_a_phone_from_it(settings) -> None:
    before = mark(reference="A1")
    settings.KEYS = type(settings.KEYS)(**{**vars(settings.KEYS), "index": b"another key" * 3})
    assert mark(reference="A1") != before


# --- about whom ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "known", "same"),
    [("王秀英", "王秀英", True), ("王*英", "王秀英", True), ("王××", "王秀英", True),
     ("王某某", "王秀英", True), ("王*", "王秀英", False), ("李*英", "王秀英", False),
     ("", "王秀英", False), ("王秀英", "", False)],
)  # fmt: skip
def test_a_name_masked_by_its_sender_fits_the_name_it_masks(given, known, same) -> None:
    assert same_name(given, known) is same


def family(town: SmallTown) -> tuple[Resident, Resident]:
    """Two who share a landline: Wang Xiuying and her husband."""
    line = "+862300000001"
    husband = Resident.objects.create(
        name="赵大海", place=town.grids[0], household=Household.objects.get(grid=town.grids[0])
    )
    for resident in (town.residents[0], husband):
        Phone.objects.create(resident=resident, number=line, index=blind_index(line))
    return town.residents[0], husband


def test_of_a_family_at_one_landline_the_one_who_is_named(small_town: SmallTown) -> None:
    wife, husband = family(small_town)
    line = ("+862300000001",)
    assert arrive(small_town, phones=line, name="赵*海").resident == husband
    assert arrive(small_town, phones=line, name="王秀英").resident == wife


def test_a_family_and_no_name_is_the_one_who_had_the_number_first(small_town: SmallTown) -> None:
    wife, _ = family(small_town)
    assert arrive(small_town, phones=("+862300000001",)).resident == wife
    assert not Signal.objects.get().name_differs


def test_an_erased_person_is_nobody_and_has_to_be_found(small_town: SmallTown) -> None:
    Resident.objects.filter(pk=small_town.residents[0].pk).update(erased_at=timezone.now())
    episode = arrive(small_town)
    assert episode.resident != small_town.residents[0]
    assert not episode.resident.found


def test_a_person_known_by_the_second_phone_is_known(small_town: SmallTown) -> None:
    episode = arrive(small_town, phones=(phone_of(70), phone_of(2)))
    assert episode.resident == small_town.residents[1]


def test_a_warning_without_a_phone_is_somebody_to_find(small_town: SmallTown) -> None:
    episode = arrive(small_town, phones=(), name="钱多多", address="海兰村5组")
    assert not episode.resident.found
    assert episode.resident.last_known_area.clear == "海兰村5组"
    assert todo(episode, "find")


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


def test_an_unclear_kind_becomes_clear_and_a_clear_one_stays(small_town: SmallTown) -> None:
    episode = arrive(small_town, kind="other")
    arrive(small_town, kind="romance")
    assert now(episode).kind == "romance"
    arrive(small_town, kind="fake_loan")
    assert now(episode).kind == "romance"


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
