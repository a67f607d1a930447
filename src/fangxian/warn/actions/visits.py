"""The visit at the door, and finding the person a warning means."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from fangxian.detect.kinds import OTHER
from fangxian.detect.kinds import Stage as DetectStage
from fangxian.town import audit
from fangxian.town.access import Ability, access_of
from fangxian.town.models import Resident, Staff
from fangxian.warn.assignment import Assigner
from fangxian.warn.clock import Clocks
from fangxian.warn.models import (
    Contact,
    Episode,
    Grade,
    Stage,
    StopPayment,
    Task,
    Visit,
    VisitOutcome,
)

from . import after, signals, tasks
from .calls import money_moved
from .errors import AlreadyDone
from .messages import queue_message


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
    queue_message(episode, "visit_soon")
    return task


@transaction.atomic
def record_visit(task: Task, by: Staff, notes: VisitNotes, form_key: UUID) -> Visit:
    """Write down a visit and let the episode move on. Idempotent by `form_key`.

    Nobody home: again in a quarter of the door time. Refused: somebody else goes once more, and
    the second time the leader is shown it for review. Raises NotYours, AlreadyDone.
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
        case VisitOutcome.REFUSED if notes.stage != Stage.PAID:
            _refused(episode, visit)
        case VisitOutcome.DISSUADED | VisitOutcome.REFUSED | VisitOutcome.PAID:
            if notes.outcome == VisitOutcome.PAID or notes.stage == Stage.PAID:
                money_moved(episode, by, visit=False)
            after.deal_with(episode, Episode.Outcome.DISSUADED, by)
        case VisitOutcome.FALSE_ALARM:
            after.deal_with(episode, Episode.Outcome.FALSE_ALARM, by)
        case VisitOutcome.MOVED:
            episode.resident.found = False
            episode.resident.save(update_fields=["found"])
            due = Clocks.now().door_due(Grade(episode.grade), now)
            tasks.order(episode, Task.Kind.FIND, due)
    return visit


def _refused(episode: Episode, visit: Visit) -> None:
    """Told face to face, in vain: another face tries within the door time. In vain again, it is
    reviewed, whatever the grade: a leader sees it, and the sender is told as it is."""
    by, now = visit.by, visit.at
    before = Visit.objects.filter(episode=episode, outcome=VisitOutcome.REFUSED).exclude(
        pk=visit.pk
    )
    if before.filter(at__gte=episode.last_signal_at).exists():
        after.deal_with(episode, Episode.Outcome.REFUSED, by)
        return
    due = Clocks.now().door_due(Grade(episode.grade), now)
    other = Assigner(now).choose(Task.Kind.VISIT, episode.place, besides=[by.pk])
    tasks.order(episode, Task.Kind.VISIT, due, starts_at=now + (due - now) / 4, to=other)


@transaction.atomic
def found_person(task: Task, by: Staff, resident: Resident | None) -> Episode:
    """Answer "find this person": it is `resident` of our register, or (None) nobody here.

    An open episode of the resident found takes in this one, so that there stays one; otherwise
    the episode is now about that resident. Either way somebody rings, unless somebody is to ring
    or go there already. Nobody here: closed as not found, unless a call reached somebody.
    Returns the episode that goes on. Raises NotYours, AlreadyDone.
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
        else:
            _go_on(episode)
        return episode
    access_of(by).check(Ability.SEE_RESIDENTS, resident.place.code)
    sought = episode.resident
    if resident.pk == sought.pk:
        Resident.objects.filter(pk=sought.pk).update(found=True)
    else:
        _take_phones(sought, resident)
        other = _open_episode_of(resident)
        if other:
            return _join(episode, other, by)
        episode.resident, episode.place = resident, resident.place
        episode.save()
        Contact.objects.filter(episode=episode).update(resident=resident)
        _bring_tasks(episode)
    audit.record(by, "found", episode, resident=resident.pk, was=sought.pk)
    _go_on(episode)
    return episode


def _take_phones(sought: Resident, found: Resident) -> None:
    """The phones at which somebody was sought belong to who was found.

    Phones of a known resident stay, unless there is only one: that is the one which was rung and
    which somebody else answered.
    """
    phones = list(sought.phones.all())
    if sought.found and len(phones) != 1:
        return
    had = set(found.phones.values_list("index", flat=True))
    for phone in phones:
        if phone.index not in had:
            phone.resident = found
            phone.save()


def _open_episode_of(resident: Resident) -> Episode | None:
    rows = Episode.objects.filter(resident=resident).exclude(state=Episode.State.CLOSED)
    return rows.select_related("resident", "place").first()


def _bring_tasks(episode: Episode) -> None:
    """Open tasks go to where the resident lives, and to somebody who may act there."""
    assigner = Assigner(timezone.now())
    for task in Task.objects.filter(episode=episode, state=Task.State.TODO):
        task.place, doer = episode.place, task.assigned_to
        if doer and not access_of(doer).may(tasks.NEEDS[task.kind], task.place.code):
            task.assigned_to = assigner.choose(task.kind, task.place)
            task.claimed_by = task.claimed_until = None
        task.save()


def _go_on(episode: Episode) -> None:
    """Somebody rings, unless somebody is to ring or to go there already."""
    kinds = (Task.Kind.CALL, Task.Kind.VISIT)
    if not episode.tasks.filter(kind__in=kinds, state=Task.State.TODO).exists():
        after.order_call(episode)


def _join(episode: Episode, into: Episode, by: Staff) -> Episode:
    """Move signals and deeds of `episode` into `into`, as if they had arrived there.

    `into` is graded anew and opens again if it waited for review; `episode` closes without an
    outcome and counts as nothing.
    """
    for rows in (
        episode.signals, episode.calls, episode.visits, episode.follow_ups, episode.messages,
        episode.notes, episode.reviews, episode.cases,
    ):  # fmt: skip
        rows.update(episode=into)
    Contact.objects.filter(episode=episode).update(episode=into, resident=into.resident)
    if not StopPayment.objects.filter(episode=into).exists():
        StopPayment.objects.filter(episode=episode).update(episode=into)
    tasks.cancel_open(episode)
    tasks.cancel_open(episode, Task.Kind.FOLLOW_UP)
    now = timezone.now()
    episode.state, episode.closed_at = Episode.State.CLOSED, now
    episode.save()
    became = "merged" if into.state == Episode.State.OPEN else "reopened"
    after.open_again(into)
    _take_over(episode, into)
    signals.regrade(into, list(into.signals.select_related("sender")), now)
    signals.order_tasks(into, became, Clocks.now(), Assigner(now), now)
    _go_on(into)
    audit.record(by, "joined", into, episode=episode.pk)
    return into


def _take_over(episode: Episode, into: Episode) -> None:
    """What was known of `episode` is known of `into`: the nearer danger, the earlier call."""
    into.grade = min(into.grade, episode.grade)
    into.stage = DetectStage.deepest([DetectStage(into.stage), DetectStage(episode.stage)])
    into.kind = episode.kind if into.kind == OTHER else into.kind
    if episode.outcome == Episode.Outcome.PAID:
        into.outcome = episode.outcome
    into.last_signal_at = max(into.last_signal_at, episode.last_signal_at)
    for moment in ("first_call_at", "reached_at"):
        known = [m for m in (getattr(into, moment), getattr(episode, moment)) if m]
        setattr(into, moment, min(known, default=None))
