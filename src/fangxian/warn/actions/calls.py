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
from fangxian.warn.grading import Reason
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
    audit.hold()
    task = tasks.held(task, by)
    access_of(by).check(Ability.REVEAL, task.place.code)
    if task.claimed_by_id != by.pk or phone.resident_id != task.episode.resident_id:
        raise NotYours
    # A visit begins at the door, not with a call ahead.
    if task.began_at is None and task.kind in (Task.Kind.CALL, Task.Kind.FOLLOW_UP):
        task.began_at = timezone.now()
        task.save(update_fields=["began_at"])
    audit.record(by, "reveal", phone, field="number", reason="call", task=task.pk)
    return str(phone.number.clear)


@transaction.atomic
def record_call(task: Task, by: Staff, notes: CallNotes, form_key: UUID) -> Call:
    """Write down one call to the resident and let the episode move on.

    Idempotent by `form_key`. Raises NotYours if another officer holds the task, AlreadyDone if
    it is finished.
    """
    audit.hold()
    earlier = Call.objects.filter(form_key=form_key).first()
    if earlier:
        return earlier
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
        started_at=_began(task, notes, now),
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


def _began(task: Task, notes: CallNotes, now: datetime) -> datetime:
    """When the call began: when the number was shown, which the server saw. What the page says
    (it was opened then) counts only where the officer rang a number known from elsewhere."""
    return task.began_at or min(notes.started_at, now)


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
    if outcome == CallOutcome.PAID or _paid_by_the_way(episode, call):
        money_moved(episode, by)
        return
    match outcome:
        case CallOutcome.DISSUADED:
            after.deal_with(episode, Episode.Outcome.DISSUADED, by)
        case CallOutcome.FALSE_ALARM:
            after.deal_with(episode, Episode.Outcome.FALSE_ALARM, by)
        case CallOutcome.REFUSED:
            tasks.order(episode, Task.Kind.VISIT, clocks.door_due(grade, now))
            queue_message(episode, "visit_soon")
        case CallOutcome.WRONG_PERSON:
            tasks.order(episode, Task.Kind.FIND, clocks.door_due(grade, now))


def _paid_by_the_way(episode: Episode, call: Call) -> bool:
    """Whether a call that ended well or badly still means a visit, because money moved.

    The officer found the stage "paid" and nobody has begun to stop the payment; or the race was
    begun during this very call, and whoever was sent to the door is on the way.
    """
    if call.outcome not in (CallOutcome.DISSUADED, CallOutcome.REFUSED):
        return False
    if call.stage == Stage.PAID and not StopPayment.objects.filter(episode=episode).exists():
        return True
    return (
        episode.outcome == Episode.Outcome.PAID
        and Task.objects.filter(
            episode=episode, kind=Task.Kind.VISIT, state=Task.State.TODO
        ).exists()
    )


def _unreachable(episode: Episode, task: Task, clocks: Clocks, by: Staff) -> None:
    """Plan the next try; from the third on, somebody goes to the door."""
    now, grade = timezone.now(), Grade(episode.grade)
    tries = Call.objects.filter(task=task, outcome=CallOutcome.UNREACHABLE).count()
    if tries < TRIES:
        task.starts_at = clocks.retry_at(grade, now)
        tasks.start_clock(task, clocks.call_due(grade, task.starts_at))
        task.claimed_by = task.claimed_until = task.began_at = None
        task.save()
        return
    tasks.finish(task, by, now)
    tasks.order(episode, Task.Kind.VISIT, clocks.door_due(grade, now))
    queue_message(episode, "unreachable")


def money_moved(episode: Episode, by: Staff, *, visit: bool = True) -> StopPayment:
    """Money moved: the episode is red, the stop-payment clock runs, somebody goes there.

    `visit` is False where somebody is there already. Inside the caller's action.
    """
    after.open_again(episode)
    episode.stage, episode.outcome = Stage.PAID, Episode.Outcome.PAID
    episode.grade = Grade.RED
    if not any(reason["code"] == "paid" for reason in episode.reasons):
        episode.reasons = [*episode.reasons, Reason("paid").as_json()]
    episode.save()
    clocks, now = Clocks.now(), timezone.now()
    tasks.tighten(episode, clocks, now)
    stop, made = StopPayment.objects.get_or_create(episode=episode, defaults={"by": by})
    if made:
        audit.record(by, "stop_payment", episode, started=stop.started_at)
    if visit:
        tasks.order(episode, Task.Kind.VISIT, clocks.door_due(Grade.RED, now))
    return stop


@transaction.atomic
def start_stop_payment(episode: Episode, by: Staff) -> StopPayment:
    """Start the stop-payment checklist while the resident is still on the line.

    A closed episode opens again, or the resident's open one is taken: `.episode` says which.
    """
    access_of(by).check(Ability.VISIT, episode.place.code)
    audit.hold()
    episode = Episode.objects.select_related("place", "resident").get(pk=episode.pk)
    return money_moved(after.in_hand(episode), by)


@transaction.atomic
def tick(stop: StopPayment, by: Staff, step: str, done: bool) -> StopPayment:
    """Tick a step of the stop-payment checklist, or take the tick back. Idempotent."""
    access_of(by).check(Ability.VISIT, stop.episode.place.code)
    audit.hold()
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
    """The race is over; `stopped_fen` is what the bank held back, in fen, once it is known.

    A bank may answer after the race: the amount may be added later, once.
    """
    access_of(by).check(Ability.VISIT, stop.episode.place.code)
    audit.hold()
    stop = StopPayment.objects.select_for_update().get(pk=stop.pk)
    if stop.ended_at is None or (stop.stopped_fen is None and stopped_fen is not None):
        stop.ended_at, stop.stopped_fen = stop.ended_at or timezone.now(), stopped_fen
        stop.save()
        audit.record(by, "stop_payment_ended", stop, stopped_fen=stopped_fen)
    return stop
