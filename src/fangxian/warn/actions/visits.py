"""The visit at the door, and finding the person a warning means."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from fangxian.town import audit
from fangxian.town.access import Ability, access_of
from fangxian.town.models import Phone, Resident, Staff
from fangxian.warn.clock import Clocks
from fangxian.warn.models import (
    Contact,
    Episode,
    Grade,
    Stage,
    Task,
    Visit,
    VisitOutcome,
)

from . import after, tasks
from .calls import money_moved
from .errors import AlreadyDone


@dataclass(frozen=True)
class VisitNotes:
    """What the grid worker tapped at the door. `checks` are ids of the phone check -> done."""

    outcome: str
    stage: str = Stage.UNKNOWN
    worry_before: int | None = None
    worry_after: int | None = None
    checks: dict[str, bool] = field(default_factory=dict)
    notes: str = ""


@transaction.atomic
def order_visit(episode: Episode, by: Staff) -> Task:
    """Send somebody to the door within the door time of the episode's grade."""
    access_of(by).check(Ability.CALL, episode.place.code)
    audit.hold()
    episode = Episode.objects.select_related("place", "resident").get(pk=episode.pk)
    if episode.state == Episode.State.CLOSED:
        raise AlreadyDone
    after.open_again(episode)
    due = Clocks.now().door_due(Grade(episode.grade), timezone.now())
    task = tasks.order(episode, Task.Kind.VISIT, due)
    audit.record(by, "order_visit", episode, task=task.pk, due=due)
    return task


@transaction.atomic
def record_visit(task: Task, by: Staff, notes: VisitNotes, form_key: UUID) -> Visit:
    """Write down a visit and let the episode move on. Idempotent by `form_key`.

    Nobody home: again in a quarter of the door time. Raises NotYours, AlreadyDone.
    """
    audit.hold()
    earlier = Visit.objects.filter(form_key=form_key).first()
    if earlier:
        return earlier
    task = tasks.held(task, by)
    episode, now = task.episode, timezone.now()
    access_of(by).check(Ability.VISIT, task.place.code)
    visit = Visit.objects.create(
        episode=episode,
        task=task,
        form_key=form_key,
        by=by,
        body=by.department,
        at=now,
        outcome=notes.outcome,
        stage=notes.stage,
        worry_before=notes.worry_before,
        worry_after=notes.worry_after,
        checks=notes.checks,
        notes=notes.notes,
    )
    Contact.objects.create(
        resident=episode.resident, episode=episode, body=by.department, by=by, how="visit", at=now
    )
    if notes.stage not in (Stage.UNKNOWN, ""):
        episode.stage = notes.stage
    audit.record(by, "visit", episode, outcome=notes.outcome, visit=visit.pk, stage=notes.stage)
    if notes.outcome == VisitOutcome.NOT_HOME:
        episode.save()
        clocks, grade = Clocks.now(), Grade(episode.grade)
        task.due_at = clocks.door_due(grade, now)
        task.starts_at = now + (task.due_at - now) / 4
        task.alarm_at, task.claimed_by, task.claimed_until = task.due_at, None, None
        task.save()
        return visit
    tasks.finish(task, by, now)
    if notes.outcome != VisitOutcome.MOVED:
        episode.reached_at = episode.reached_at or now
    episode.save()
    match notes.outcome:
        case VisitOutcome.DISSUADED | VisitOutcome.REFUSED:
            # Who still refuses at the door has been told face to face: the last step there is.
            after.deal_with(episode, Episode.Outcome.DISSUADED, by)
        case VisitOutcome.FALSE_ALARM:
            after.deal_with(episode, Episode.Outcome.FALSE_ALARM, by)
        case VisitOutcome.PAID:
            money_moved(episode, by, visit=False)
            after.deal_with(episode, Episode.Outcome.PAID, by)
        case VisitOutcome.MOVED:
            episode.resident.found = False
            episode.resident.save(update_fields=["found"])
            due = Clocks.now().door_due(Grade(episode.grade), now)
            tasks.order(episode, Task.Kind.FIND, due)
    return visit


@transaction.atomic
def found_person(task: Task, by: Staff, resident: Resident | None) -> Episode:
    """Answer "find this person": it is `resident` of our register, or (None) nobody here.

    The warning's phones move to the resident found; an open episode of that resident takes in
    this one's signals, so that there stays one. Nobody here: closed as not found, if no call
    reached anyone.
    """
    audit.hold()
    task = tasks.held(task, by)
    episode = task.episode
    access_of(by).check(Ability.VISIT, task.place.code)
    tasks.finish(task, by)
    if resident is None:
        audit.record(by, "not_found", episode)
        if episode.reached_at is None:
            after.deal_with(episode, Episode.Outcome.NOT_FOUND, by)
        return episode
    access_of(by).check(Ability.SEE_RESIDENTS, resident.place.code)
    unknown = episode.resident
    if resident.pk == unknown.pk:
        Resident.objects.filter(pk=unknown.pk).update(found=True)
        audit.record(by, "found", episode, resident=resident.pk)
        return episode
    had = set(resident.phones.values_list("index", flat=True))
    for phone in Phone.objects.filter(resident=unknown).exclude(index__in=had):
        phone.resident = resident
        phone.save()
    other = Episode.objects.filter(resident=resident).exclude(state=Episode.State.CLOSED).first()
    if other:
        return _join(episode, other, by)
    episode.resident, episode.place = resident, resident.place
    episode.save()
    Task.objects.filter(episode=episode, state=Task.State.TODO).update(place=resident.place)
    Contact.objects.filter(episode=episode).update(resident=resident)
    audit.record(by, "found", episode, resident=resident.pk, was=unknown.pk)
    return episode


def _join(episode: Episode, into: Episode, by: Staff) -> Episode:
    """Move all signals and deeds of `episode` into `into`, and close the first without outcome."""
    for related in ("signals", "calls", "visits", "follow_ups", "messages", "notes", "contacts"):
        if related == "contacts":
            Contact.objects.filter(episode=episode).update(episode=into, resident=into.resident)
        else:
            getattr(episode, related).update(episode=into)
    tasks.cancel_open(episode)
    tasks.cancel_open(episode, Task.Kind.FOLLOW_UP)
    episode.state, episode.closed_at = Episode.State.CLOSED, timezone.now()
    episode.save()
    into.grade = min(into.grade, episode.grade)
    into.last_signal_at = max(into.last_signal_at, episode.last_signal_at)
    into.save()
    audit.record(by, "joined", into, episode=episode.pk)
    return into
