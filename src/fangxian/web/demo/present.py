"""What is going on in the demo town today: taken in and worked on by the real actions."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from django.utils import timezone

from fangxian.town.models import Resident, Role, Staff
from fangxian.warn.actions.calls import CallNotes, record_call
from fangxian.warn.actions.signals import NewSignal, Taken, take_in
from fangxian.warn.actions.tasks import claim
from fangxian.warn.models import CallOutcome, Episode, Grade, Sender, Signal, Stage, Task

from .town import Town
from .watched import SENDER

# grade, how many minutes ago it came in, kind, and what has been done since
TODAY = (
    (Grade.RED, 1, "screen_sharing", ""),
    (Grade.RED, 9, "fake_police", ""),
    (Grade.RED, 50, "fake_customer_service", "dissuaded"),
    (Grade.ORANGE, 4, "fake_loan", ""),
    (Grade.ORANGE, 12, "task_rebate", "claimed"),
    (Grade.ORANGE, 41, "fake_investment", ""),
    (Grade.ORANGE, 120, "task_rebate", "unreachable"),
    (Grade.ORANGE, 200, "elder_fraud", "refused"),
    (Grade.YELLOW, 20, "fake_shopping", ""),
    (Grade.YELLOW, 45, "romance", ""),
    (Grade.YELLOW, 80, "fake_loan", "unknown"),
    (Grade.YELLOW, 100, "expired_card_sms", ""),
    (Grade.YELLOW, 150, "fake_credit_record", "dissuaded"),
    (Grade.YELLOW, 160, "game_trade", ""),
    (Grade.BLUE, 90, "points_exchange", ""),
    (Grade.BLUE, 200, "parcel_card", ""),
    (Grade.BLUE, 300, "task_rebate", "unknown"),
    (Grade.BLUE, 420, "fake_shopping", "dissuaded"),
)

# Of these the watch has told, by their place above: the signals behind it.
FROM_THE_WATCH = {
    5: ("overseas_number_talk", "new_site_then_bank_code"),
    8: ("fraud_text", "opened_link_of_text"),
}


def build_present(town: Town, rng: Random, now: datetime) -> None:
    """Take in today's signals, move them back to when they came, and do part of the work."""
    senders = list(Sender.objects.order_by("id"))
    busy = set(Episode.objects.exclude(state="closed").values_list("resident_id", flat=True))
    recent = Episode.objects.filter(last_signal_at__gte=now - timedelta(days=4))
    busy |= set(recent.values_list("resident_id", flat=True))
    free = [
        r
        for r in rng.sample(town.residents, 400)
        if r.birth_year and now.year - r.birth_year > 18 and r.pk not in busy
        # What the demo shows must not change with who happens to be drawn.
        and not r.tags and town.phones.get(r.pk)
    ]  # fmt: skip
    clerk = town.staff[Role.CLERK][0]
    watch = Sender.objects.get(name=SENDER)
    for n, (grade, minutes, kind, done) in enumerate(TODAY):
        sender = watch if n in FROM_THE_WATCH else senders[n % 3]
        taken = _take_in(town, clerk, sender, free[n], grade, kind, done, rng, n, now)
        _move_back(taken.signal.episode, timedelta(minutes=minutes))
        _work(taken.signal.episode, done)


def _take_in(
    town: Town,
    clerk: Staff,
    sender: Sender,
    resident: Resident,
    grade: Grade,
    kind: str,
    done: str,
    rng: Random,
    n: int,
    now: datetime,
) -> Taken:
    if done == "unknown":
        new = NewSignal(
            place=rng.choice(town.villages),
            phones=(f"+86120{99000000 + n:08d}",),
            address=f"{town.villages[n % 12].name}附近",
            kind=kind,
            grade=grade,
            reference=f"YJ{now:%Y%m%d}9{n:04d}",
            occurred_at=now,
        )
    else:
        new = NewSignal(
            place=resident.place,
            phones=(town.phones[resident.pk][0].number.clear,),
            name=resident.name.clear,
            kind=kind,
            grade=grade,
            reference=f"YJ{now:%Y%m%d}9{n:04d}",
            occurred_at=now,
            risk_number=f"+86100{rng.randrange(10**8):08d}",
            rests_on=tuple((name, 1) for name in FROM_THE_WATCH.get(n, ())),
        )
    source = Signal.Source.API if n in FROM_THE_WATCH else Signal.Source.FILE
    return take_in(clerk, sender, source, [new])[0]


def _move_back(episode: Episode, by: timedelta) -> None:
    """As if it had come in earlier: the demo does not wait for its own clocks."""
    episode.refresh_from_db()
    episode.opened_at -= by
    episode.last_signal_at -= by
    if episode.first_call_due_at:
        episode.first_call_due_at -= by
    episode.save()
    episode.signals.update(received_at=episode.opened_at)
    for task in episode.tasks.all():
        task.made_at -= by
        task.starts_at -= by
        task.due_at -= by
        if task.alarm_at:
            task.alarm_at -= by
        task.save()


def _work(episode: Episode, done: str) -> None:
    if done in ("", "unknown"):
        return
    task = Task.objects.select_related("assigned_to", "place", "episode").get(
        episode=episode, kind=Task.Kind.CALL, state=Task.State.TODO
    )
    officer = task.assigned_to
    if officer is None:
        return
    claim(task, officer)
    if done == "claimed":
        return
    outcome = {
        "dissuaded": CallOutcome.DISSUADED,
        "refused": CallOutcome.REFUSED,
        "unreachable": CallOutcome.UNREACHABLE,
    }[done]
    reached = outcome != CallOutcome.UNREACHABLE
    notes = CallNotes(
        outcome=outcome,
        started_at=timezone.now() - timedelta(minutes=6),
        stage=Stage.TRUSTING if reached else Stage.UNKNOWN,
        worry_before=4 if reached else None,
        worry_after=2 if reached else None,
    )
    record_call(task, officer, notes, UUID(int=1_000_000 + episode.pk))
