"""How precise each signal was found: by what officers record, for whoever sees the board."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.utils import timezone

from fangxian.measure.feedback import Tally
from fangxian.measure.periods import period_of
from fangxian.report.queries.signals import (
    found_by_signal,
    found_in_all,
    found_together,
    shipped_words,
)
from fangxian.town.models import AuditEntry
from fangxian.warn.actions import after
from fangxian.warn.actions.forgetting import forget_words
from fangxian.warn.actions.visits import found_person
from fangxian.warn.models import Basis, Episode, Grade, Signal
from town_of_tests import SmallTown
from warn.call_town import arrive, claimed, review, ring, todo, visit

TALK, CODE = ("long_risky_talk", 1), ("bank_code_without_family", 1)


@pytest.fixture(autouse=True)
def nothing_in_the_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    """An episode that is not red closes at once."""
    monkeypatch.setattr(after, "SAMPLE_PERCENT", 0)


def warned(town: SmallTown, n: int = 1, *rests_on: tuple[str, int], **more: Any) -> Episode:
    """A warning of the watch about resident n, yellow if nothing else is said."""
    return arrive(town, n, more.pop("grade", Grade.YELLOW), rests_on=rests_on or (TALK,), **more)


def found(town: SmallTown, signal: tuple[str, int] = TALK, who: str = "leader") -> Tally:
    """What the reader is told of a signal."""
    rows = found_by_signal(town.staff[who], timezone.localdate())
    return next((r.all for r in rows if (r.name, r.version) == signal), Tally())


@pytest.mark.parametrize(
    ("outcome", "stage", "counted"),
    [
        ("dissuaded", "trusting", Tally(going_on=1)),
        ("dissuaded", "isolated", Tally(going_on=1)),
        ("dissuaded", "contacted", Tally(tried=1)),
        ("dissuaded", "unknown", Tally(tried=1)),
        # A talk took place, but nobody had contacted the resident.
        ("dissuaded", "none", Tally(nothing=1)),
        ("false_alarm", "unknown", Tally(nothing=1)),
        ("unreachable", "unknown", Tally(open=1)),
        # Somebody goes to the door: not dealt with yet.
        ("refused", "trusting", Tally(open=1)),
    ],
)
def test_what_an_officer_records_becomes_a_finding(
    small_town: SmallTown, outcome: str, stage: str, counted: Tally
) -> None:
    ring(small_town, warned(small_town), outcome, stage=stage)
    assert found(small_town) == counted


def test_money_that_moved_counts_once_reviewed(small_town: SmallTown) -> None:
    episode = warned(small_town)
    ring(small_town, episode, "paid", stage="paid")
    visit(small_town, episode, "dissuaded")
    assert found(small_town) == Tally(open=1)
    review(small_town, episode, "agreed")
    assert found(small_town) == Tally(going_on=1)


def test_whoever_nobody_finds_is_not_judged(small_town: SmallTown) -> None:
    episode = warned(small_town, 77, place=small_town.villages[0])
    found_person(
        claimed(small_town, todo(episode, "find"), "village"), small_town.staff["village"], None
    )
    assert found(small_town) == Tally(not_reached=1)
    assert found(small_town).precision.value is None


def test_a_warning_raised_while_its_episode_runs_counts_once(small_town: SmallTown) -> None:
    episode = warned(small_town)
    assert warned(small_town, 1, TALK, CODE, grade=Grade.ORANGE) == episode
    assert (found(small_town), found(small_town, CODE)) == (Tally(open=1), Tally(open=1))
    ring(small_town, episode, "false_alarm")
    assert (found(small_town), found(small_town, CODE)) == (Tally(nothing=1), Tally(nothing=1))
    assert found_in_all(small_town.staff["leader"], timezone.localdate()) == Tally(nothing=1)
    [together] = found_together(small_town.staff["leader"], timezone.localdate())
    assert (together.signals, together.judged, together.right) == ((CODE, TALK), 1, 0)


def test_a_warning_that_reopens_an_episode_has_a_finding_of_its_own(small_town: SmallTown) -> None:
    episode = warned(small_town)
    ring(small_town, episode, "false_alarm")
    assert warned(small_town) == episode
    assert found(small_town) == Tally(open=1), "open again: what was found may change"
    ring(small_town, episode, "dissuaded", stage="trusting")
    assert found(small_town) == Tally(going_on=1, nothing=1)


def test_two_episodes_of_one_person_are_one_once_they_are_joined(small_town: SmallTown) -> None:
    known, sought = warned(small_town), warned(small_town, 77, place=small_town.villages[0])
    assert found(small_town) == Tally(open=2)
    task = claimed(small_town, todo(sought, "find"), "village")
    found_person(task, small_town.staff["village"], known.resident)
    assert found(small_town) == Tally(open=1)


def test_another_version_is_counted_apart(small_town: SmallTown) -> None:
    ring(small_town, warned(small_town, 1), "false_alarm")
    ring(small_town, warned(small_town, 2, (TALK[0], 2)), "dissuaded", stage="trusting")
    assert found(small_town) == Tally(nothing=1)
    assert found(small_town, (TALK[0], 2)) == Tally(going_on=1)


def test_quarters_are_those_in_which_the_episode_opened(small_town: SmallTown) -> None:
    this = period_of(timezone.localdate(), "quarter")
    for n, quarter in enumerate((this, this.previous(), this.year_ago(), this.year_ago().previous()), 1):  # fmt: skip
        episode = warned(small_town, n)
        opened = timezone.now() - (timezone.localdate() - quarter.start)
        Episode.objects.filter(pk=episode.pk).update(opened_at=opened)
    [signal] = found_by_signal(small_town.staff["leader"], timezone.localdate())
    shown = [this.year_ago(), this.previous(), this]
    assert list(signal.quarters) == [q.start for q in shown], "five quarters are shown, not six"
    assert set(signal.quarters.values()) == {Tally(open=1)}


def test_another_town_is_not_counted_and_a_village_sees_its_own(small_town: SmallTown) -> None:
    warned(small_town, 1)  # the first village
    warned(small_town, 4)  # the second
    assert found(small_town).warnings == 2
    assert found(small_town, who="village").warnings == 1
    assert found(small_town, who="foreign").warnings == 0


def test_what_is_forgotten_of_a_person_leaves_the_counts(small_town: SmallTown) -> None:
    episode = warned(small_town)
    ring(small_town, episode, "dissuaded", stage="trusting")
    forget_words([episode.pk], visits=True)
    assert found(small_town) == Tally(going_on=1)


# --- the page -------------------------------------------------------------------------------------
@pytest.fixture
def judged_town(small_town: SmallTown) -> SmallTown:
    """Twelve warnings with a shipped signal, nine of them right; three with a town's own signal."""
    for n in range(1, 13):
        episode = warned(small_town, n, TALK, *([("own_signal", 4)] if n < 4 else []))
        ring(small_town, episode, "dissuaded" if n < 10 else "false_alarm", stage="trusting")
    warned(small_town, 13)
    return small_town


def test_the_page_gives_counts_before_percentages(judged_town: SmallTown, signed_in) -> None:
    text = signed_in(judged_town.staff["leader"]).get("/board/signals/").content.decode()
    assert shipped_words()["long_risky_talk"].zh in text
    assert "75%（43%–95%）" in text
    assert "own_signal" in text
    assert "3 / 3，条数太少（29%–100%）" in text
    assert "没有判定的 1 条若全是误报，查实率是 69%；若全属实，是 77%。" in text
    english = signed_in(judged_town.staff["leader"], "en").get("/board/signals/").content.decode()
    assert "75% (43%–95%)" in english
    assert "3 of 3, too few to judge" in english
    assert shipped_words()["long_risky_talk"].en in english


def test_without_signals_the_page_says_where_they_come_from(small_town, signed_in) -> None:
    arrive(small_town)
    text = signed_in(small_town.staff["leader"]).get("/board/signals/").content.decode()
    assert "还没有写明信号的预警" in text
    assert "data-chart" not in text


def test_with_nothing_judged_no_precision_is_said(small_town, signed_in) -> None:
    warned(small_town)
    text = signed_in(small_town.staff["leader"]).get("/board/signals/").content.decode()
    assert "还没有一条判定过" in text
    assert "data-chart" not in text


def test_no_personal_data_stands_in_page_print_or_file(judged_town: SmallTown, signed_in) -> None:
    client = signed_in(judged_town.staff["clerk"])
    for page in ("", "print/", "export/"):
        text = client.get(f"/board/signals/{page}").content.decode()
        assert "long_risky_talk" in text
        for secret in ("王秀英", "王", "李建国", "1200000000", "0001"):
            assert secret not in text, f"{secret} in {page}"


def test_the_export_is_a_csv_and_written_down(judged_town: SmallTown, signed_in) -> None:
    answer = signed_in(judged_town.staff["clerk"]).get("/board/signals/export/")
    assert answer["Content-Type"].startswith("text/csv")
    header, first, second = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert first[:2] == ["long_risky_talk", "1"]
    row = dict(zip(header, first, strict=True))
    assert (row["预警"], row["已判定"], row["属实"], row["误报"]) == ("13", "12", "9", "3")
    assert float(row["查实率"]) == 0.75
    assert second[:2] == ["own_signal", "4"]
    entry = AuditEntry.objects.filter(verb="export").latest("pk")
    assert "signals" in str(entry.detail)


def test_only_who_sees_the_board_opens_it_and_only_who_exports_takes_it_out(
    judged_town: SmallTown, signed_in
) -> None:
    status = {
        who: [signed_in(judged_town.staff[who]).get(f"/board/signals/{p}").status_code
              for p in ("", "print/", "export/")]
        for who in ("leader", "officer", "educator", "grid", "system", "auditor")
    }  # fmt: skip
    assert status == {
        "leader": [200, 200, 200], "officer": [200, 200, 403], "educator": [200, 200, 403],
        "grid": [403, 403, 403], "system": [403, 403, 403], "auditor": [403, 403, 403],
    }  # fmt: skip


def test_the_pages_ask_the_database_a_fixed_number_of_questions(
    judged_town: SmallTown, signed_in, django_assert_max_num_queries
) -> None:
    client = signed_in(judged_town.staff["leader"])
    client.get("/board/signals/")
    with django_assert_max_num_queries(12):
        client.get("/board/signals/")
    assert Basis.objects.count() == 16
    assert Signal.objects.count() == 13
