"""The call: showing the number to the one who rings, and writing down how it went."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from fangxian.town import audit
from fangxian.town.access import Ability, access_of
from fangxian.town.models import Phone, Staff
from fangxian.warn.clock import Clocks
from fangxian.warn.models import (
    Call,
    CallOutcome,
    Contact,
    Episode,
    Grade,
    Stage,
    StopPayment,
    Task,
)

from . import after, tasks
from .errors import NotYours
from .messages import queue_message

# "Three unreachable tries on a red episode become a visit within the hour"; for other grades the
# third does, too, within the grade's own door time.
TRIES = 3


@dataclass(frozen=True)
class CallNotes:
    """What the officer tapped. Worry is 1-5 or None; `answers` are question keys -> yes/no."""

    outcome: str
    started_at: datetime
    stage: str = Stage.UNKNOWN
    worry_before: int | None = None
    worry_after: int | None = None
    answers: dict[str, bool] = field(default_factory=dict)
    notes: str = ""


@transaction.atomic
def show_number(task: Task, by: Staff, phone: Phone) -> str:
    """The clear number, for the one who holds the task. Audited like every reveal."""
    task = tasks.held(task, by)
    access_of(by).check(Ability.REVEAL, task.place.code)
    if task.claimed_by_id != by.pk or phone.resident_id != task.episode.resident_id:
        raise NotYours
    audit.record(by, "reveal", phone, field="number", reason="call", task=task.pk)
    return str(phone.number.clear)


@transaction.atomic
def record_call(task: Task, by: Staff, notes: CallNotes, form_key: UUID) -> Call:
    """Write down one call to the resident and let the episode move on.

    Idempotent by `form_key`. Raises NotYours if another officer holds the task, AlreadyDone if
    it is finished.
    """
    earlier = Call.objects.filter(form_key=form_key).first()
    if earlier:
        return earlier
    audit.hold()
    task = tasks.held(task, by)
    episode = task.episode
    access_of(by).check(Ability.CALL, task.place.code)
    now = timezone.now()
    call = Call.objects.create(
        episode=episode,
        task=task,
        form_key=form_key,
        by=by,
        body=by.department,
        started_at=min(notes.started_at, now),
        ended_at=now,
        outcome=notes.outcome,
        stage=notes.stage,
        worry_before=notes.worry_before,
        worry_after=notes.worry_after,
        answers=notes.answers,
        notes=notes.notes,
    )
    Contact.objects.create(
        resident=episode.resident, episode=episode, body=by.department, by=by, how="call", at=now
    )
    episode.first_call_at = episode.first_call_at or call.started_at
    if notes.stage not in (Stage.UNKNOWN, ""):
        episode.stage = notes.stage
    audit.record(by, "call", episode, outcome=notes.outcome, call=call.pk, stage=notes.stage)
    _move_on(episode, task, call, by)
    return call


def _move_on(episode: Episode, task: Task, call: Call, by: Staff) -> None:
    """What the outcome of a call means for the episode."""
    clocks, now, grade = Clocks.now(), call.ended_at, Grade(episode.grade)
    outcome = call.outcome
    if outcome == CallOutcome.UNREACHABLE:
        episode.save()
        _unreachable(episode, task, clocks, by)
        return
    tasks.finish(task, by, now)
    if outcome != CallOutcome.WRONG_PERSON:
        episode.reached_at = episode.reached_at or now
    episode.save()
    match outcome:
        case CallOutcome.DISSUADED:
            after.deal_with(episode, Episode.Outcome.DISSUADED, by)
        case CallOutcome.FALSE_ALARM:
            after.deal_with(episode, Episode.Outcome.FALSE_ALARM, by)
        case CallOutcome.PAID:
            money_moved(episode, by)
        case CallOutcome.REFUSED:
            tasks.order(episode, Task.Kind.VISIT, clocks.door_due(grade, now))
        case CallOutcome.WRONG_PERSON:
            tasks.order(episode, Task.Kind.FIND, clocks.door_due(grade, now))


def _unreachable(episode: Episode, task: Task, clocks: Clocks, by: Staff) -> None:
    """Plan the next try; from the third on, somebody goes to the door."""
    now, grade = timezone.now(), Grade(episode.grade)
    tries = Call.objects.filter(task=task, outcome=CallOutcome.UNREACHABLE).count()
    if tries < TRIES:
        task.starts_at = clocks.retry_at(grade, now)
        task.due_at = clocks.call_due(grade, task.starts_at)
        task.alarm_at = task.due_at
        task.claimed_by = task.claimed_until = None
        task.save()
        return
    tasks.finish(task, by, now)
    tasks.order(episode, Task.Kind.VISIT, clocks.door_due(grade, now))
    queue_message(episode, "unreachable")


def money_moved(episode: Episode, by: Staff, paid_at: datetime | None = None) -> StopPayment:
    """Money moved: the episode is red, the stop-payment clock runs, somebody goes there."""
    episode.stage, episode.outcome = Stage.PAID, Episode.Outcome.PAID
    if episode.grade != Grade.RED:
        episode.grade = Grade.RED
        episode.reasons = [*episode.reasons, {"code": "paid"}]
    episode.save()
    stop, made = StopPayment.objects.get_or_create(
        episode=episode, defaults={"by": by, "paid_at": paid_at}
    )
    if made:
        audit.record(by, "stop_payment", episode, started=stop.started_at)
    now = timezone.now()
    tasks.order(episode, Task.Kind.VISIT, Clocks.now().door_due(Grade.RED, now))
    return stop


@transaction.atomic
def start_stop_payment(episode: Episode, by: Staff) -> StopPayment:
    """Start the stop-payment checklist while the resident is still on the line."""
    access_of(by).check(Ability.VISIT, episode.place.code)
    audit.hold()
    episode = Episode.objects.select_related("place").get(pk=episode.pk)
    return money_moved(episode, by)


@transaction.atomic
def tick(stop: StopPayment, by: Staff, step: str, done: bool) -> StopPayment:
    """Tick a step of the stop-payment checklist, or take the tick back. Idempotent."""
    access_of(by).check(Ability.VISIT, stop.episode.place.code)
    stop = StopPayment.objects.select_for_update().get(pk=stop.pk)
    if done == (step in stop.steps):
        return stop
    if done:
        stop.steps[step] = timezone.now().isoformat()
    else:
        del stop.steps[step]
    stop.save()
    audit.record(by, "stop_step", stop, step=step, done=done)
    return stop


@transaction.atomic
def end_stop_payment(stop: StopPayment, by: Staff, stopped_fen: int | None) -> StopPayment:
    """The race is over; `stopped_fen` is what the bank held back, in fen."""
    access_of(by).check(Ability.VISIT, stop.episode.place.code)
    stop = StopPayment.objects.select_for_update().get(pk=stop.pk)
    if stop.ended_at is None:
        stop.ended_at, stop.stopped_fen = timezone.now(), stopped_fen
        stop.save()
        audit.record(by, "stop_payment_ended", stop, stopped_fen=stopped_fen)
    return stop
