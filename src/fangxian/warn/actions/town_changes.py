"""What changes in the town changes here, too: places and duties pass on, an identity is erased.

Receivers of town/events.py, in the sender's transaction and under its lock. Each is safe to repeat.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django_tasks import task as worker_task

from fangxian.town import audit
from fangxian.town.access import ABILITIES, Access, access_of, under
from fangxian.town.models import Duty, Place, Resident, Staff
from fangxian.warn.assignment import Assigner
from fangxian.warn.models import Episode, Task

from . import after, tasks
from .forgetting import forget_rows, forget_words


def place_merged(
    sender: object, old: Place, into: Place, by: audit.Actor, **_kwargs: object
) -> None:
    """What is open at `old` goes on at `into`. What is closed stays counted where it was."""
    episodes = Episode.objects.filter(place=old).exclude(state=Episode.State.CLOSED)
    _move(episodes, Task.objects.filter(place=old), into, by)


def residents_moved(
    sender: object, residents: Collection[int], into: Place, by: audit.Actor, **_kwargs: object
) -> None:
    """What is open about residents who moved goes on where they live now."""
    episodes = Episode.objects.filter(resident__in=residents).exclude(state=Episode.State.CLOSED)
    _move(
        episodes.exclude(place=into),
        Task.objects.filter(episode__resident__in=residents).exclude(place=into),
        into,
        by,
    )


def duty_handed_over(
    sender: object, duty: Duty, to: Staff, by: audit.Actor, **_kwargs: object
) -> None:
    """Unfinished work of a duty goes to whoever takes it over, on the day of the handover."""
    if duty.pk is None:
        # It had not begun: nothing was done by it yet.
        return
    if duty.ends_at is not None and duty.ends_at > timezone.now():
        hand_on.using(run_after=duty.ends_at).enqueue(duty.pk, to.pk)
        return
    _hand_on(duty, to, by)


@worker_task()
def hand_on(duty_id: int, to_id: int) -> None:
    """A handover planned earlier has come, unless the duty was dropped meanwhile."""
    with transaction.atomic():
        audit.hold()
        duty = Duty.objects.select_related("place").filter(pk=duty_id).first()
        if duty is not None:
            _hand_on(duty, Staff.objects.get(pk=to_id), audit.SYSTEM)


def resident_erased(sender: object, resident: Resident, by: audit.Actor, **_kwargs: object) -> None:
    """Nobody rings any more, and the words about this person go in every record.

    An episode up for review is still reviewed: what was done can be judged without the name.
    """
    episodes = list(Episode.objects.filter(resident=resident).select_related("place", "resident"))
    for episode in episodes:
        keep = episode.state == Episode.State.REVIEW
        kinds = [kind for kind in Task.Kind if not (keep and kind == Task.Kind.REVIEW)]
        tasks.cancel_open(episode, *kinds)
        if episode.state == Episode.State.OPEN:
            after.close(episode, by)
    keys = [episode.pk for episode in episodes]
    forget_words(keys, visits=True)
    forget_rows(keys)
    audit.record_all(by, [audit.Entry("forgotten", episode, {}) for episode in episodes])


# --- how work passes on --------------------------------------------------------------------------


def _move(episodes: QuerySet[Episode], work: QuerySet[Task], into: Place, by: audit.Actor) -> None:
    moved = list(episodes.select_related("place"))
    open_work = list(work.filter(state=Task.State.TODO).values_list("pk", flat=True))
    Episode.objects.filter(pk__in=[e.pk for e in moved]).update(place=into)
    Task.objects.filter(pk__in=open_work).update(place=into)
    audit.record_all(
        by,
        [audit.Entry("moved_along", e, {"was": e.place.code, "to": into.code}) for e in moved],
    )
    _settle(Task.objects.filter(pk__in=open_work), by)


def _hand_on(duty: Duty, to: Staff, by: audit.Actor) -> None:
    here = Task.objects.filter(under([duty.place.prefix]), state=Task.State.TODO)
    kinds = [kind for kind, need in tasks.NEEDS.items() if need in ABILITIES[duty.role]]
    _settle(here, by, _Successor(duty.staff_id, to, kinds))


@dataclass(frozen=True)
class _Successor:
    """`to` takes over tasks of these kinds that were assigned to `was` (a primary key)."""

    was: int
    to: Staff
    kinds: Collection[str]


@dataclass
class _May:
    """Who may do a task now; each person's duties are read once."""

    now: datetime
    known: dict[int, Access] = field(default_factory=dict)

    def do(self, who: Staff, task: Task) -> bool:
        if who.pk not in self.known:
            # At a moment: what an instance kept may be from before the change.
            self.known[who.pk] = access_of(who, self.now)
        return self.known[who.pk].may(tasks.NEEDS[task.kind], task.place.code)


def _settle(work: QuerySet[Task], by: audit.Actor, successor: _Successor | None = None) -> None:
    """Give tasks to somebody who may do them; who may no longer loses the claim."""
    now = timezone.now()
    may, assigner = _May(now), Assigner(now)
    entries: list[audit.Entry] = []
    for task in work.select_related("place", "assigned_to", "claimed_by").order_by("due_at", "pk"):
        was, held = task.assigned_to, task.claimed_by
        if held is not None and not may.do(held, task):
            tasks.let_go(task)
        task.assigned_to = _doer(task, may, assigner, successor)
        if (task.assigned_to, task.claimed_by) == (was, held):
            continue
        task.save()
        if task.assigned_to != was:
            to = task.assigned_to.pk if task.assigned_to else None
            entries.append(audit.Entry("assign", task, {"to": to}))
        else:
            entries.append(audit.Entry("release", task, {"was": held.pk if held else None}))
    audit.record_all(by, entries)


def _doer(task: Task, may: _May, assigner: Assigner, successor: _Successor | None) -> Staff | None:
    was = task.assigned_to
    if (
        successor is not None
        and was is not None
        and was.pk == successor.was
        and task.kind in successor.kinds
        and may.do(successor.to, task)
    ):
        return successor.to
    if was is not None and may.do(was, task):
        return was
    return assigner.choose(task.kind, task.place)
