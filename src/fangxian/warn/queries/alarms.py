"""Clocks that ran out: what climbed to whom, and how late it is or was."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import F, Prefetch
from django.db.models.functions import Coalesce

from fangxian.town.models import Staff
from fangxian.warn.models import Escalation, Task

from .desk import IN_DANGER, Row, by_what_burns
from .visible import visible_tasks


@dataclass(frozen=True)
class Breach:
    """A task whose clock ran out: how late it is or was, and who was told when."""

    task: Task
    now: datetime
    told: list[Escalation] = field(default_factory=list)
    me: int = 0

    @property
    def met_at(self) -> datetime | None:
        """When somebody turned to the resident: a talk that began in time and was long is not late.

        The moment the number was shown, else when the task was done; None while nobody has.
        """
        return self.task.done_at and (self.task.began_at or self.task.done_at)

    @property
    def late_by(self) -> timedelta:
        return (self.met_at or self.now) - self.task.due_at

    @property
    def row(self) -> Row:
        return Row(self.task, self.now)

    @property
    def unseen(self) -> bool:
        """It climbed to the reader, who has not marked it seen."""
        return any(e.told_id == self.me and e.seen_at is None for e in self.told)


_CHAIN = Prefetch(
    "escalations",
    Escalation.objects.select_related("told").order_by("round", "level"),
    to_attr="chain",
)


def climbed_to(who: Staff, now: datetime) -> list[Breach]:
    """Open tasks whose clock ran out and climbed to `who`; those not yet seen first."""
    mine = Escalation.objects.filter(told=who, task__state=Task.State.TODO, round=F("task__round"))
    tasks = by_what_burns(visible_tasks(who).filter(pk__in=mine.values("task")), now)
    climbed = _breaches(tasks.prefetch_related(_CHAIN), who, now)
    return sorted(climbed, key=lambda b: not b.unseen)


def breaches(who: Staff, now: datetime) -> list[Breach]:
    """Every task of the area that is past its time, whether or not an alarm reached anybody.

    Drawn from the due times, not from the alarms: a worker that stands still hides no breach.
    """
    late = visible_tasks(who).filter(state=Task.State.TODO, due_at__lt=now, kind__in=IN_DANGER)
    return _breaches(by_what_burns(late, now).prefetch_related(_CHAIN)[:200], who, now)


def breaches_ended(who: Staff, now: datetime, days: int = 7) -> list[Breach]:
    """Tasks of the last `days` days that were begun too late, latest first (`Breach.met_at`)."""
    done = visible_tasks(who).annotate(met=Coalesce("began_at", "done_at"))
    done = done.filter(
        state=Task.State.DONE,
        kind__in=IN_DANGER,
        done_at__gte=now - timedelta(days=days),
        met__gt=F("due_at"),
    )
    done = done.select_related("done_by").order_by("-done_at")
    return _breaches(done.prefetch_related(_CHAIN)[:50], who, now)


def _breaches(tasks: Iterable[Task], who: Staff, now: datetime) -> list[Breach]:
    return [Breach(task, now, task.chain, who.pk) for task in tasks]  # type: ignore[attr-defined]
