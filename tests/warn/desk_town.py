"""What the tests of the desk say to the small town: a warning came, its clock ran out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from fangxian.warn.actions.signals import NewSignal, take_in
from fangxian.warn.clock import fire_due
from fangxian.warn.models import Episode, Grade, Signal, Task


def warned(town: Any, n: int = 0, grade: Grade = Grade.ORANGE, **facts: Any) -> Episode:
    """A warning about the n-th resident came in; the episode it became."""
    resident = facts.pop("resident", None) or town.residents[n]
    new = NewSignal(
        place=resident.place,
        phones=(resident.phones.first().number.clear,),
        grade=grade,
        kind=facts.pop("kind", "task_rebate"),
        **facts,
    )
    taken = take_in(town.staff["clerk"], town.sender, Signal.Source.FORM, [new])
    return Episode.objects.get(pk=taken[0].signal.episode_id)


def task_of(episode: Episode, kind: str = Task.Kind.CALL) -> Task:
    """The open task of a kind."""
    return Task.objects.get(episode=episode, kind=kind, state=Task.State.TODO)


def given_to(task: Task, staff: Any) -> Task:
    """As if the assignment had chosen `staff` (or nobody)."""
    task.assigned_to = staff
    task.save()
    return task


def let_pass(task: Task, late: timedelta) -> Task:
    """Move the task back, so that its clock ran out `late` ago, and let the alarms fire."""
    shift = timezone.now() - late - task.due_at
    for name in ("made_at", "starts_at", "due_at", "alarm_at"):
        moment = getattr(task, name)
        setattr(task, name, moment + shift if moment else None)
    task.save()
    fire_due()
    return task
