"""What the tests of the walk say to the small town: a warning came, somebody rang, somebody went."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.utils import timezone

from fangxian.warn.actions import after, calls, tasks, visits
from fangxian.warn.actions.after import FollowUpNotes
from fangxian.warn.actions.calls import CallNotes
from fangxian.warn.actions.signals import NewSignal, take_in
from fangxian.warn.actions.visits import VisitNotes
from fangxian.warn.models import Call, Episode, FollowUp, Grade, Review, Task, Visit
from town_of_tests import SmallTown, phone_of


def arrive(town: SmallTown, n: int = 1, grade: Grade = Grade.RED, **more: Any) -> Episode:
    """A warning about resident n comes in."""
    facts = {"place": town.town, "phones": (phone_of(n),), "reference": uuid4().hex, **more}
    new = NewSignal(grade=grade, **facts)
    return take_in(town.staff["clerk"], town.sender, "form", [new])[0].signal.episode


def arrive_unknown(town: SmallTown, n: int = 77, grade: Grade = Grade.RED) -> Episode:
    """A warning about a phone that nobody here has."""
    return arrive(town, n, grade, place=town.villages[0])


def todo(episode: Episode, kind: str, day: int = 0) -> Task:
    """The open task of a kind."""
    rows = Task.objects.select_related("place", "episode", "assigned_to")
    return rows.get(episode=episode, kind=kind, day=day, state=Task.State.TODO)


def open_kinds(episode: Episode) -> set[str]:
    """Kinds of the tasks still to do."""
    rows = Task.objects.filter(episode=episode, state=Task.State.TODO)
    return set(rows.values_list("kind", flat=True))


def claimed(town: SmallTown, task: Task, who: str) -> Task:
    """The task, its time having come, claimed by `who`."""
    Task.objects.filter(pk=task.pk).update(starts_at=timezone.now())
    return tasks.claim(task, town.staff[who])


def ring(town: SmallTown, episode: Episode, outcome: str, **more: Any) -> Call:
    """The officer claims the call and writes down how it went."""
    task = claimed(town, todo(episode, Task.Kind.CALL), "officer")
    notes = CallNotes(outcome=outcome, started_at=timezone.now(), **more)
    return calls.record_call(task, town.staff["officer"], notes, uuid4())


def visit(town: SmallTown, episode: Episode, outcome: str, **more: Any) -> Visit:
    """The grid worker claims the visit and writes down how it went."""
    task = claimed(town, todo(episode, Task.Kind.VISIT), "grid")
    return visits.record_visit(
        task, town.staff["grid"], VisitNotes(outcome=outcome, **more), uuid4()
    )


def follow_up(town: SmallTown, episode: Episode, outcome: str, day: int = 3) -> FollowUp:
    """The officer claims the follow-up and writes down how it went."""
    task = claimed(town, todo(episode, Task.Kind.FOLLOW_UP, day), "officer")
    return after.record_follow_up(
        task, town.staff["officer"], FollowUpNotes(outcome=outcome), uuid4()
    )


def review(town: SmallTown, episode: Episode, verdict: str = "agreed") -> Review:
    """The leader looks at it a second time."""
    return after.review(episode, town.staff["leader"], verdict, "", uuid4())


def closed(town: SmallTown, n: int = 1, grade: Grade = Grade.RED) -> Episode:
    """An episode that was dealt with by a call, and closed."""
    episode = arrive(town, n, grade)
    ring(town, episode, "dissuaded")
    fresh = Episode.objects.get(pk=episode.pk)
    if fresh.state == Episode.State.REVIEW:
        review(town, fresh)
    return now(episode)


def now(episode: Episode) -> Episode:
    """The episode as the database has it."""
    return Episode.objects.select_related("place", "resident").get(pk=episode.pk)


def minutes_until(moment: datetime) -> float:
    return (moment - timezone.now()).total_seconds() / 60
