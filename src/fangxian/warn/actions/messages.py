"""Text messages: queued with the change that causes them, sent by the worker.

Advice comes by text no more than once a day; that somebody is on the way is always said, once.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from fangxian.exchange.phones import parse_number
from fangxian.town import audit
from fangxian.town.models import Phone
from fangxian.warn.clock import Rota
from fangxian.warn.models import Episode, Grade, Message
from fangxian.warn.providers import SendFailed, provider

from .tasks import BODIES_A_DAY, bodies_today

MOST_ATTEMPTS = 5
# Text, then telephone, then face to face (domain.md §2): where the danger is near, somebody rings
# within minutes, and a text just before would only frighten.
WARNED_BY_TEXT = (Grade.YELLOW, Grade.BLUE)
_ADVICE = ("warned", "after_call", "follow_up")
_A_DAY = timedelta(days=1)


def warn_by_text(sender: object, episode: Episode, by: audit.Actor, **_kwargs: object) -> None:
    """Receiver of events.episode_opened: the kind of fraud is told by text while a call can wait."""
    if episode.grade in WARNED_BY_TEXT:
        text_warning.enqueue(episode.pk)


# Behind a list that is still being imported: thousands of texts would keep it from landing.
@task(priority=-10)
def text_warning(episode_id: int) -> None:
    """Tell the kind of fraud by text in working hours, unless somebody was quicker or two bodies
    reached the resident today."""
    now = timezone.now()
    opens = Rota.of_town().after(now, timedelta())
    if opens > now:
        text_warning.using(run_after=opens).enqueue(episode_id)
        return
    with transaction.atomic():
        audit.hold()
        episode = Episode.objects.select_related("resident").get(pk=episode_id)
        waits = episode.state == Episode.State.OPEN and episode.first_call_at is None
        if waits and episode.grade in WARNED_BY_TEXT and len(bodies_today(episode)) < BODIES_A_DAY:
            queue_message(episode, "warned")


def queue_message(episode: Episode, template: str, language: str = "zh") -> Message | None:
    """Queue a text to the resident's first mobile, inside the caller's action.

    None when no mobile is known, when the same text went out within a day, or, for advice, any
    text did. The worker sends it after the transaction is durable.
    """
    today = Message.objects.filter(
        episode__resident=episode.resident_id, made_at__gt=timezone.now() - _A_DAY
    )
    if template not in _ADVICE:
        today = today.filter(template=template)
    if today.exists():
        return None
    phone = next((p for p in episode.resident.phones.all() if _is_mobile(p)), None)
    if phone is None:
        return None
    message = Message.objects.create(
        episode=episode, phone=phone, template=template, kind=episode.kind, language=language
    )
    send_message.enqueue(message.pk)
    return message


def _is_mobile(phone: Phone) -> bool:
    """A text to a landline reaches nobody: +86 10 … is Beijing, not a mobile."""
    number = parse_number(phone.number.clear)
    return number is not None and number.kind == "mobile"


@task()
def send_message(message_id: int) -> str:
    """Hand one message to the provider; run again, it does nothing once sent.

    The message's own key goes along, so that a provider can drop a second copy after a crash
    between sending and noting it.
    """
    message = Message.objects.select_related("phone", "episode").get(pk=message_id)
    if message.state == Message.State.SENT or message.phone is None:
        return message.state
    try:
        answer = provider().send(message)
    except SendFailed as failure:
        return _note(message, Message.State.FAILED, str(failure))
    return _note(message, Message.State.SENT, answer)


@transaction.atomic
def _note(message: Message, state: str, answer: str) -> str:
    message.attempts += 1
    message.answer = answer[:120]
    if state == Message.State.SENT:
        message.sent_at = timezone.now()
    elif message.attempts < MOST_ATTEMPTS:
        state = Message.State.QUEUED
        pause = timedelta(minutes=2**message.attempts)
        send_message.using(run_after=timezone.now() + pause).enqueue(message.pk)
    message.state = state
    message.save()
    audit.record(audit.SYSTEM, "message", message, state=state, template=message.template)
    return state
