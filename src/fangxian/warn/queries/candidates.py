"""Whom to give a task by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from fangxian.town.access import ABILITIES
from fangxian.town.models import Staff
from fangxian.town.queries import on_shift
from fangxian.town.queries.duties import acting_duties, codes_above
from fangxian.warn.actions.after import acted_on
from fangxian.warn.actions.tasks import NEEDS
from fangxian.warn.assignment import Map, minutes
from fangxian.warn.models import Task


@dataclass(frozen=True)
class Candidate:
    """Somebody who may do a task: what they hold already, and whether they are here."""

    staff: Staff
    role: str
    load: int
    on_shift: bool
    km: float | None
    stands_in_for: Staff | None = None


def candidates(task: Task, now: datetime) -> list[Candidate]:
    """Who may do `task`: duty at its place or above, present; best first (as assignment.py).

    For reviews without those who acted on the episode. Six queries, however many people.
    """
    need = NEEDS[task.kind]
    duties = [
        d for d in acting_duties(codes_above(task.place.code), now) if need in ABILITIES[d.role]
    ]
    people = {d.staff_id: d for d in sorted(duties, key=lambda d: len(d.place.prefix))}
    if task.kind == Task.Kind.REVIEW:
        acted = acted_on(task.episode)
        people = {pk: d for pk, d in people.items() if pk not in acted}
    here = on_shift(people, now)
    load, town = _load(list(people), now), Map()
    found = [
        Candidate(
            staff=d.staff,
            role=d.get_role_display(),
            load=load.get(pk, 0),
            on_shift=pk in here,
            km=town.km(d, task.place),
            stands_in_for=d.held_for,
        )
        for pk, d in people.items()
    ]
    return sorted(
        found, key=lambda c: (not c.on_shift, minutes(task.kind, c.load, c.km), c.staff.pk)
    )


def _load(staff: Sequence[int], now: datetime) -> dict[int, int]:
    rows = (
        Task.objects.filter(state=Task.State.TODO, assigned_to__in=staff, starts_at__lte=now)
        .order_by()
        .values("assigned_to")
        .annotate(n=Count("pk"))
    )
    return {row["assigned_to"]: row["n"] for row in rows}
