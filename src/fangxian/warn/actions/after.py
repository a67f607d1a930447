"""After the call: follow-ups, review by a second pair of eyes, closing, answering the sender."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from fangxian.town import audit, events
from fangxian.town.access import Ability, access_of
from fangxian.town.models import Staff
from fangxian.warn.clock import FOLLOW_UP_DAYS, Clocks
from fangxian.warn.models import (
    Contact,
    Episode,
    FollowUp,
    Grade,
    Note,
    Review,
    Signal,
    Task,
)
from fangxian.warn.queries.eyes import who_acted

from . import tasks
from .errors import AlreadyDone, Contradiction, FourEyes, Refused
from .messages import queue_message

# One in ten of the episodes that are not red is looked at again; all red ones are.
SAMPLE_PERCENT = 10
REVIEW_WITHIN = timedelta(days=2)
# A follow-up may be made from its day on, for three days.
FOLLOW_UP_LASTS = timedelta(days=3)
# A follow-up that reaches nobody is tried again the next day; the third such try sends somebody.
FOLLOW_UP_TRIES = 3
_ALWAYS_REVIEWED = (Episode.Outcome.PAID, Episode.Outcome.REFUSED)
_FOLLOWED_UP = (Episode.Outcome.DISSUADED, Episode.Outcome.REFUSED, Episode.Outcome.PAID)


def in_sample(episode: Episode) -> bool:
    """Whether a second person must look: all red, all paid, all that would not be dissuaded, and a
    keyed tenth of the rest.

    Keyed by number, so that nobody can know beforehand and nobody can choose.
    """
    if episode.grade == Grade.RED or episode.outcome in _ALWAYS_REVIEWED:
        return True
    text = f"review|{episode.pk}|{episode.reopened}"
    digest = hmac.new(settings.KEYS.audit, text.encode(), hashlib.sha256).digest()
    return digest[0] * 256 + digest[1] < 65536 * SAMPLE_PERCENT // 100


def deal_with(episode: Episode, outcome: str, by: audit.Actor) -> None:
    """The danger is dealt with: plan follow-ups, then review or close. Inside the caller's action.

    A false alarm or an unknown person is not followed up. A later talk does not undo that money
    moved: the outcome stays "paid".
    """
    talks = (Episode.Outcome.DISSUADED, Episode.Outcome.REFUSED)
    if not (episode.outcome == Episode.Outcome.PAID and outcome in talks):
        episode.outcome = outcome
    outcome = episode.outcome
    now = timezone.now()
    if outcome == Episode.Outcome.DISSUADED:
        queue_message(episode, "after_call")
    if outcome in _FOLLOWED_UP:
        for day in FOLLOW_UP_DAYS:
            start = now + timedelta(days=day)
            tasks.order(
                episode,
                Task.Kind.FOLLOW_UP,
                start + FOLLOW_UP_LASTS,
                starts_at=start,
                day=day,
                to=by if isinstance(by, Staff) and _may_follow_up(by, episode) else None,
            )
    tasks.cancel_open(episode)
    if in_sample(episode):
        episode.state = Episode.State.REVIEW
        episode.save()
        tasks.order(episode, Task.Kind.REVIEW, now + REVIEW_WITHIN)
        return
    close(episode, by)


def _may_follow_up(by: Staff, episode: Episode) -> bool:
    return access_of(by).may(tasks.NEEDS[Task.Kind.FOLLOW_UP], episode.place.code)


def close(episode: Episode, by: audit.Actor) -> None:
    """Close an episode inside the caller's action; follow-ups stay planned.

    A signal that reopened it gets its own result; those before keep theirs. Where none came, or
    money moved after all, what senders were told is no longer so: they are to be told again.
    """
    episode.state, episode.closed_at = Episode.State.CLOSED, timezone.now()
    episode.save()
    if episode.outcome:
        signals = Signal.objects.filter(episode=episode).exclude(result=episode.outcome)
        fresh = signals.filter(result="")
        if episode.outcome != Episode.Outcome.PAID and fresh.exists():
            signals = fresh
        signals.update(result=episode.outcome, answered_at=None)
    audit.record(by, "close", episode, outcome=episode.outcome)
    events.episode_closed.send(Episode, episode=episode, by=by)


def acted_on(episode: Episode) -> set[int]:
    """Ids of staff who had a hand in it, or stand in for somebody who had: they may not review."""
    return who_acted([episode.pk]).get(episode.pk, set())


@transaction.atomic
def review(episode: Episode, by: Staff, verdict: str, notes: str, form_key: UUID) -> Review:
    """A second person agrees (the episode closes) or sends it back (somebody rings again).

    Raises FourEyes for anyone who acted on the episode, AlreadyDone if it is not up for review.
    """
    audit.hold()
    earlier = Review.objects.filter(form_key=form_key).first()
    if earlier:
        return earlier
    access_of(by).check(Ability.REVIEW, episode.place.code)
    episode = Episode.objects.select_related("place", "resident").get(pk=episode.pk)
    if episode.state != Episode.State.REVIEW:
        raise AlreadyDone
    if by.pk in acted_on(episode):
        raise FourEyes
    if verdict == Review.Verdict.SENT_BACK and episode.resident.erased_at:
        raise Refused(_("这位居民的身份信息已按规定删除，无法再联系，不能退回重办。"))
    done = Review.objects.create(
        episode=episode, by=by, verdict=verdict, notes=notes, form_key=form_key
    )
    task = Task.objects.filter(
        episode=episode, kind=Task.Kind.REVIEW, state=Task.State.TODO
    ).first()
    if task:
        tasks.finish(task, by)
    audit.record(by, "review", episode, verdict=verdict)
    if verdict == Review.Verdict.AGREED:
        close(episode, by)
    else:
        open_again(episode)
        order_call(episode)
    return done


def open_again(episode: Episode) -> None:
    """Take an episode back from review or the archive, inside the caller's action.

    It goes on where the resident lives now: the place may have been merged, or left, meanwhile.
    Nobody reviews it; the caller orders what is to be done. Nothing if it is open.
    """
    if episode.state == Episode.State.OPEN:
        return
    episode.place = episode.resident.place
    episode.state, episode.closed_at = Episode.State.OPEN, None
    episode.reopened += 1
    episode.save()
    tasks.cancel_open(episode, Task.Kind.REVIEW)


def in_hand(episode: Episode) -> Episode:
    """The open episode of the same resident: another that is not closed, or this one, reopened.

    A resident has one episode that is not closed, so trouble heard of late goes there.
    """
    not_closed = Episode.objects.filter(resident=episode.resident_id).exclude(
        state=Episode.State.CLOSED
    )
    current = not_closed.select_related("resident", "place").first() or episode
    open_again(current)
    return current


def order_call(episode: Episode) -> Task:
    """Somebody rings, within the call time of the grade. Inside the caller's action."""
    due = Clocks.now().call_due(Grade(episode.grade), timezone.now())
    return tasks.order(episode, Task.Kind.CALL, due)


@dataclass(frozen=True)
class FollowUpNotes:
    """What was heard 3 or 30 days later. Worry is 1-5 or None; answers: question -> option key."""

    outcome: str
    worry: int | None = None
    answers: dict[str, str] = field(default_factory=dict)
    notes: str = ""

    @property
    def money_moved(self) -> bool:
        """Whether an answer says that money moved since the last talk (script.yaml follow_up)."""
        return self.answers.get("money_since") in ("moved", "reported", "unreported")


@transaction.atomic
def record_follow_up(task: Task, by: Staff, notes: FollowUpNotes, form_key: UUID) -> FollowUp:
    """Write down a follow-up. Contacted again or paid opens the episode again. Idempotent.

    Nobody reached: again the next day; the third time somebody goes there. Raises Contradiction
    when the answers say that money moved and the outcome does not.
    """
    audit.hold()
    earlier = FollowUp.objects.filter(form_key=form_key).first()
    if earlier:
        return earlier
    task = tasks.held(task, by)
    episode = task.episode
    access_of(by).check(Ability.VISIT, task.place.code)
    if notes.money_moved and notes.outcome != FollowUp.Outcome.PAID:
        raise Contradiction
    done = FollowUp.objects.create(
        episode=episode,
        task=task,
        by=by,
        day=task.day,
        form_key=form_key,
        outcome=notes.outcome,
        worry=notes.worry,
        answers=notes.answers,
        notes=notes.notes,
    )
    Contact.objects.create(
        resident=episode.resident, episode=episode, body=by.department, by=by, how="follow_up"
    )
    audit.record(by, "follow_up", episode, day=task.day, outcome=notes.outcome)
    if notes.outcome == FollowUp.Outcome.UNREACHABLE:
        _not_reached(task, by)
        return done
    tasks.finish(task, by)
    if notes.outcome in (FollowUp.Outcome.CONTACTED_AGAIN, FollowUp.Outcome.PAID):
        _worse_again(episode, by, paid=notes.outcome == FollowUp.Outcome.PAID)
    return done


def _not_reached(task: Task, by: Staff) -> None:
    """Plan the next try of a follow-up; a text after the first, somebody at the door after all."""
    now, episode = timezone.now(), task.episode
    tries = FollowUp.objects.filter(task=task, outcome=FollowUp.Outcome.UNREACHABLE).count()
    if tries < FOLLOW_UP_TRIES:
        tasks.let_go(task)
        task.starts_at = now + timedelta(days=1)
        tasks.start_clock(task, task.starts_at + FOLLOW_UP_LASTS)
        task.save()
        if tries == 1:
            queue_message(episode, "follow_up")
        return
    tasks.finish(task, by, now)
    current = in_hand(episode)
    tasks.order(current, Task.Kind.VISIT, Clocks.now().door_due(Grade(current.grade), now))


def _worse_again(episode: Episode, by: Staff, paid: bool) -> None:
    """Trouble at a follow-up: the resident's open episode, or this one reopened, gets a call."""
    current = in_hand(episode)
    order_call(current)
    if paid:
        from .calls import money_moved  # the two call each other; imported where it is used

        money_moved(current, by)


@transaction.atomic
def answer_sender(signals: Sequence[Signal], by: audit.Actor) -> int:
    """Mark results of closed episodes as told to their sender (export or API). Returns how many.

    The caller has chosen the signals from what `by` may export.
    """
    audit.hold()
    fresh = [s.pk for s in signals if s.answered_at is None and s.result]
    if fresh:
        Signal.objects.filter(pk__in=fresh).update(answered_at=timezone.now())
    audit.record(by, "answer_sender", None, signals=len(signals), fresh=len(fresh))
    return len(fresh)


@transaction.atomic
def add_note(episode: Episode, by: Staff, text: str) -> Note:
    """A free remark on the timeline."""
    audit.hold()
    access_of(by).check(Ability.VISIT, episode.place.code)
    note = Note.objects.create(episode=episode, by=by, text=text)
    audit.record(by, "note", episode, note=note.pk)
    return note
