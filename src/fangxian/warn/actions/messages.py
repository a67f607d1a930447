"""Text messages: queued with the change that causes them, sent by the worker."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from fangxian.exchange.phones import parse_number
from fangxian.town import audit
from fangxian.town.models import Phone
from fangxian.warn.models import Episode, Message
from fangxian.warn.providers import SendFailed, provider

MOST_ATTEMPTS = 5


def queue_message(episode: Episode, template: str, language: str = "zh") -> Message | None:
    """Queue a text to the resident's first mobile, inside the caller's action.

    None when no mobile is known. The worker sends it after the transaction is durable.
    """
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
