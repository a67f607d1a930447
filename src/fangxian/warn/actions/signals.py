"""Taking in signals: each finds its resident, meets the resident's episode, and starts the clocks.

One function for one signal or five hundred. What costs time and needs no lock is done before it
(`Ready`); what is read under the lock, is read for all at once; what is written, is written in the
caller's one transaction, in bulk.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from fangxian.town import audit, events
from fangxian.town.models import Phone, Resident
from fangxian.town.sealed import blind_index
from fangxian.warn.assignment import Assigner
from fangxian.warn.clock import Clocks
from fangxian.warn.grading import grade_of, kind_of
from fangxian.warn.models import Basis, Batch, Episode, Grade, Sender, Signal, Task

from . import tasks
from .arriving import NewSignal as NewSignal
from .arriving import keyed
from .register import Register
from .whom import Person, Reading, known

# How long an import may go on with who was on duty and what the clocks were.
_READY_LASTS = timedelta(seconds=20)


@dataclass
class Taken:
    """What became of one signal: `new` episode, `merged`, `reopened`, or `known_before`.

    `forwarded`: its resident lives outside the sender's area. Those responsible there look into
    it, and `became` says "new" whatever happened: what they have on that resident is not told.
    """

    signal: Signal
    became: str
    forwarded: bool = False


@dataclass
class Ready:
    """What taking in needs to know of the town, read before the writers' lock is taken.

    An import keeps it from chunk to chunk: `ready_for` renews what may have changed meanwhile.
    """

    clocks: Clocks = field(default_factory=Clocks.now)
    assigner: Assigner = field(default_factory=lambda: Assigner(timezone.now()))
    register: Register = field(default_factory=Register)

    def ready_for(self, arriving: Sequence[NewSignal]) -> Ready:
        """Itself, or a fresh one in its place, with the register opened for `arriving`."""
        fresh = self
        if timezone.now() - self.assigner.at > _READY_LASTS:
            fresh = Ready(register=self.register)
        fresh.register.open_for(arriving)
        return fresh


def take_in(
    by: audit.Actor,
    sender: Sender,
    source: str,
    arriving: Sequence[NewSignal],
    batch: Batch | None = None,
    ready: Ready | None = None,
) -> list[Taken]:
    """Take in signals of one sender, in order. Returns what became of each, in the same order.

    The caller has checked that `by` may take in at each place; whoever turns out to live outside
    the area of `by` is forwarded to those responsible there. Idempotent by fingerprint.
    """
    ready = ready or Ready().ready_for(arriving)
    marks = [new.fingerprint(sender) for new in arriving]
    indexes = [[blind_index(p) for p in new.phones] for new in arriving]
    with transaction.atomic():
        audit.hold()
        now = timezone.now()
        here, past = known(
            {m: new.is_timeless for m, new in zip(marks, arriving, strict=True)}, now
        )
        for old in past:
            # The mark belongs to the latest of its words.
            old.fingerprint = keyed(f"{old.fingerprint}|{old.pk}")
            old.save(update_fields=["fingerprint"])
        reading = Reading.of(by, arriving, indexes, ready.register, now)
        desk = _Desk(by, sender, source, batch, reading, ready, now, here)
        taken = [desk.take(*one) for one in zip(arriving, marks, indexes, strict=True)]
        desk.write()
    return taken


@dataclass
class _Desk:
    """One arrival of signals: first all are met with their persons, then all is written."""

    by: audit.Actor
    sender: Sender
    source: str
    batch: Batch | None
    reading: Reading
    ready: Ready
    now: datetime
    here: dict[str, Signal]
    touched: list[Person] = field(default_factory=list)
    signals: list[Signal] = field(default_factory=list)
    bases: list[Basis] = field(default_factory=list)

    def take(self, new: NewSignal, mark: str, indexes: list[str]) -> Taken:
        """Let one signal meet its person and episode, in memory."""
        if mark in self.here:
            there = self.here[mark]
            if there.forwarded or not self.reading.is_ours(there.episode.place):
                return Taken(there, "new", forwarded=True)
            return Taken(there, "known_before")
        person, differs = self.reading.person(new, indexes)
        became = self._episode(person, new)
        signal = Signal(
            episode=person.episode,
            sender=self.sender,
            source=self.source,
            batch=self.batch,
            row=new.row,
            reference=new.reference,
            fingerprint=mark,
            kind=new.kind,
            grade=new.grade,
            occurred_at=new.occurred_at,
            received_at=self.now,
            risk_number=new.risk_number,
            note=new.note,
            name_differs=differs,
            paid=new.paid,
            loss_fen=new.loss_fen,
            forwarded=not person.ours,
        )
        self.here[mark] = signal
        self.signals.append(signal)
        self.bases += [Basis(signal=signal, name=n, version=v) for n, v in new.rests_on]
        person.signals.append(signal)
        if not person.became:
            self.touched.append(person)
        if person.became not in ("new", "reopened"):
            person.became = became
        return Taken(signal, "new" if signal.forwarded else became, signal.forwarded)

    def _episode(self, person: Person, new: NewSignal) -> str:
        """The episode a signal joins: the open one; one closed within the window; else a new one."""
        became = person.becoming()
        episode = person.episode = person.episode or Episode(
            resident=person.resident,
            place=person.resident.place,
            grade=new.grade,
            kind=new.kind,
            opened_at=self.now,
        )
        episode.last_signal_at = self.now
        if became == "reopened":
            episode.state, episode.closed_at, episode.outcome = Episode.State.OPEN, None, ""
            episode.reopened += 1
            # It goes on where the resident lives now.
            episode.place = person.resident.place
        return became

    def write(self) -> None:
        """Write what `take` put together: in bulk what is new, one by one what was there."""
        made = self.reading.made
        Resident.objects.bulk_create([p.resident for p in made])
        Phone.objects.bulk_create([n for p in self.reading.everybody() for n in p.new_phones])
        entries: list[audit.Entry] = []
        episodes = [(p, _of(p)) for p in self.touched]
        was = [episode.kind for _, episode in episodes]
        for person, episode in episodes:
            _grade(episode, person.signals, self.now)
        fresh = [(p, e) for p, e in episodes if e.pk is None]
        there = [(p, e) for p, e in episodes if e.pk is not None]
        first = [task for p, e in fresh for task in self._first_tasks(p, e)]
        Episode.objects.bulk_create([e for _, e in fresh])
        Task.objects.bulk_create(first)
        for _, episode in there:
            episode.save()
        Signal.objects.bulk_create(self.signals)
        Basis.objects.bulk_create(self.bases)
        for person, episode in there:
            self._go_on(person, episode)
        for signal in self.signals:
            facts = {"signal": signal.pk, "source": self.source}
            entries.append(audit.Entry("signal", signal.episode, facts))
        for (_, episode), kind in zip(episodes, was, strict=True):
            entries.append(audit.Entry("graded", episode, {"grade": int(episode.grade)}))
            if episode.kind != kind:
                facts = {"kind": episode.kind, "was": kind}
                entries.append(audit.Entry("kind_changed", episode, facts))
        audit.record_all(self.by, entries)
        for _, episode in fresh:
            events.episode_opened.send(Episode, episode=episode, by=self.by)

    def _first_tasks(self, person: Person, episode: Episode) -> list[Task]:
        """The tasks of an episode that is not in the database yet."""
        asked = _asked_for(episode, person.reachable, self.ready.clocks, self.now)
        episode.first_call_due_at = asked.get(Task.Kind.CALL)
        return [
            Task(
                episode=episode,
                kind=kind,
                place=episode.place,
                grade=episode.grade,
                made_at=self.now,
                starts_at=self.now,
                due_at=due,
                alarm_at=due,
                assigned_to=self.ready.assigner.choose(kind, episode.place),
            )
            for kind, due in asked.items()
        ]

    def _go_on(self, person: Person, episode: Episode) -> None:
        """What an episode that was there already asks for now."""
        clocks, assigner = self.ready.clocks, self.ready.assigner
        order_tasks(episode, person.became, clocks, assigner, self.now)
        if person.new_phones and person.became == "merged":
            # Until now there was no number to ring.
            due = clocks.call_due(Grade(episode.grade), self.now)
            tasks.order(episode, Task.Kind.CALL, due, assigner=assigner)


def _of(person: Person) -> Episode:
    assert person.episode is not None  # noqa: S101  everybody touched has one
    return person.episode


def _grade(episode: Episode, signals: Sequence[Signal], now: datetime) -> None:
    grade, reasons = grade_of(signals, episode.resident, episode.stage, now)
    episode.grade = min(grade, Grade(episode.grade)) if episode.pk else grade
    episode.reasons = [r.as_json() for r in reasons]
    episode.kind = kind_of(signals) or episode.kind


def regrade(episode: Episode, signals: Sequence[Signal], now: datetime) -> None:
    """Grade an episode anew and save it. An open episode's grade never falls by a new signal."""
    _grade(episode, signals, now)
    episode.save()


def order_tasks(
    episode: Episode, became: str, clocks: Clocks, assigner: Assigner, now: datetime
) -> None:
    """What an episode that is reopened or merged asks for. Inside the caller's action.

    Merged: what is still to be done becomes as urgent as the episode now is.
    """
    if became == "merged":
        tasks.tighten(episode, clocks, now)
        return
    tasks.cancel_open(episode, Task.Kind.REVIEW)
    reachable = episode.resident.phones.exists()
    for kind, due in _asked_for(episode, reachable, clocks, now).items():
        tasks.order(episode, kind, due, assigner=assigner)


def _asked_for(
    episode: Episode, reachable: bool, clocks: Clocks, now: datetime
) -> dict[Task.Kind, datetime]:
    """Which tasks begin an episode, and when they are due: a call where there is a number to ring,
    the door where there is none; a search for whom nobody knows."""
    grade = Grade(episode.grade)
    asked: dict[Task.Kind, datetime] = {}
    if reachable:
        asked[Task.Kind.CALL] = clocks.call_due(grade, now)
    if not episode.resident.found:
        asked[Task.Kind.FIND] = clocks.door_due(grade, now)
    elif not reachable:
        asked[Task.Kind.VISIT] = clocks.door_due(grade, now)
    return asked
