"""Taking in signals: each finds its resident, meets the resident's episode, and starts the clocks.

One function for one signal or five hundred: what is read, is read for all at once; what is
written, is written in the caller's one transaction.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from fangxian.town import audit, events
from fangxian.town.models import Phone, Place, Resident
from fangxian.town.sealed import blind_index
from fangxian.warn.assignment import Assigner
from fangxian.warn.clock import Clocks, merge_window
from fangxian.warn.grading import grade_of
from fangxian.warn.models import Batch, Episode, Grade, Sender, Signal, Task

from . import tasks


@dataclass(frozen=True)
class NewSignal:
    """A warning as it comes in. Phones are E.164; times aware; `place` the smallest place known."""

    place: Place
    phones: tuple[str, ...] = ()
    name: str = ""
    id_number: str = ""
    address: str = ""
    kind: str = "other"
    grade: Grade = Grade.YELLOW
    reference: str = ""
    occurred_at: datetime | None = None
    risk_number: str = ""
    note: str = ""
    row: int | None = None

    def fingerprint(self, sender: Sender) -> str:
        """Same sender, same warning -> same fingerprint; keyed, since it holds a phone.

        With a reference number the sender itself says what is the same; else the person, the
        moment, the kind and the suspect number do.
        """
        who = sorted(self.phones) or [self.name, self.address]
        what = (
            [self.reference]
            if self.reference
            else [
                self.occurred_at.isoformat() if self.occurred_at else "",
                self.kind,
                self.risk_number,
            ]
        )
        text = "|".join([str(sender.pk), *who, "#", *what])
        return hmac.new(settings.KEYS.index, text.encode(), hashlib.sha256).hexdigest()


@dataclass
class Taken:
    """What became of one signal: `new` episode, `merged`, `reopened`, or `known_before`."""

    signal: Signal
    became: str


@dataclass
class _Reading:
    """What is known before anything is written, read in a handful of queries."""

    known: dict[str, Signal] = field(default_factory=dict)
    at_phone: dict[str, list[Resident]] = field(default_factory=dict)
    episodes: dict[int, Episode] = field(default_factory=dict)
    signals: dict[int, list[Signal]] = field(default_factory=dict)


@transaction.atomic
def take_in(
    by: audit.Actor,
    sender: Sender,
    source: str,
    arriving: Sequence[NewSignal],
    batch: Batch | None = None,
) -> list[Taken]:
    """Take in signals of one sender, in order. Returns what became of each, in the same order.

    The caller has checked that `by` may take in at each place. Idempotent by fingerprint.
    """
    audit.hold()
    now = timezone.now()
    marks = [new.fingerprint(sender) for new in arriving]
    reading = _read(arriving, marks, now)
    clocks, assigner = Clocks.now(), Assigner(now)
    entries: list[audit.Entry] = []
    taken: list[Taken] = []
    touched: dict[int, tuple[Episode, str]] = {}
    for new, mark in zip(arriving, marks, strict=True):
        if mark in reading.known:
            taken.append(Taken(reading.known[mark], "known_before"))
            continue
        resident, differs = _resident(reading, new)
        episode, became = _episode(reading, resident, new, now)
        signal = Signal(
            episode=episode,
            sender=sender,
            source=source,
            batch=batch,
            row=new.row,
            reference=new.reference,
            fingerprint=mark,
            kind=new.kind,
            grade=new.grade,
            occurred_at=new.occurred_at,
            received_at=now,
            risk_number=new.risk_number,
            note=new.note,
            name_differs=differs,
        )
        signal.save()
        reading.known[mark] = signal
        reading.signals.setdefault(episode.pk, []).append(signal)
        if episode.pk in touched and touched[episode.pk][1] in ("new", "reopened"):
            touched[episode.pk] = (episode, touched[episode.pk][1])
        else:
            touched[episode.pk] = (episode, became)
        taken.append(Taken(signal, became))
        entries.append(
            audit.Entry("signal", episode, {"signal": signal.pk, "source": source, "as": became})
        )
    for episode, became in touched.values():
        regrade(episode, reading.signals[episode.pk], now)
        order_tasks(episode, became, clocks, assigner, now)
        entries.append(audit.Entry("graded", episode, {"grade": int(episode.grade)}))
    audit.record_all(by, entries)
    for episode, became in touched.values():
        if became == "new":
            events.episode_opened.send(Episode, episode=episode, by=by)
    return taken


def _read(arriving: Sequence[NewSignal], marks: list[str], now: datetime) -> _Reading:
    reading = _Reading()
    found = Signal.objects.filter(fingerprint__in=set(marks)).select_related("episode")
    reading.known = {s.fingerprint: s for s in found}
    wanted = {blind_index(p) for new in arriving for p in new.phones}
    phones = (
        Phone.objects.filter(index__in=wanted, resident__erased_at=None)
        .select_related("resident", "resident__place")
        .order_by("id")
    )
    for phone in phones:
        reading.at_phone.setdefault(phone.index, []).append(phone.resident)
    residents = {r.pk for rs in reading.at_phone.values() for r in rs}
    oldest = now - merge_window(Grade.RED)
    recent = (
        Episode.objects.filter(resident__in=residents, last_signal_at__gte=oldest)
        | Episode.objects.filter(resident__in=residents).exclude(state=Episode.State.CLOSED)
    ).select_related("resident", "place")
    for episode in recent.order_by("last_signal_at"):
        is_open = episode.state != Episode.State.CLOSED
        in_window = now - episode.last_signal_at <= merge_window(Grade(episode.grade))
        kept = reading.episodes.get(episode.resident_id)
        if is_open or (in_window and (kept is None or kept.state == Episode.State.CLOSED)):
            reading.episodes[episode.resident_id] = episode
    earlier = Signal.objects.filter(
        episode__in=[e.pk for e in reading.episodes.values()]
    ).select_related("sender")
    for signal in earlier:
        reading.signals.setdefault(signal.episode_id, []).append(signal)
    return reading


def _resident(reading: _Reading, new: NewSignal) -> tuple[Resident, bool]:
    """The resident a signal is about, and whether the list gives another name for the phone.

    The phone decides, for it is the phone that is at risk; of several people at one landline, the
    one with the given name. Nobody at the phone: a resident to be found.
    """
    indexes = [blind_index(p) for p in new.phones]
    candidates = [r for i in indexes for r in reading.at_phone.get(i, [])]
    named = [r for r in candidates if same_name(new.name, r.name.clear)]
    if named or candidates:
        resident = (named or candidates)[0]
        differs = bool(new.name) and not named and bool(resident.name)
        return resident, differs
    resident = Resident(
        name=new.name,
        id_number=new.id_number,
        place=new.place,
        found=False,
        last_known_area=new.address,
    )
    resident.save()
    Phone.objects.bulk_create(
        Phone(resident=resident, number=p, index=i)
        for p, i in dict(zip(new.phones, indexes, strict=True)).items()
    )
    for index in indexes:
        reading.at_phone.setdefault(index, []).append(resident)
    return resident, False


def same_name(given: str, known: str) -> bool:
    """Whether a name of a list, perhaps masked by its sender (王*芳), may be the known name."""
    if not given or not known or len(given) != len(known):
        return False
    return all(a == b or a in "*＊×某" for a, b in zip(given, known, strict=True))


def _episode(
    reading: _Reading, resident: Resident, new: NewSignal, now: datetime
) -> tuple[Episode, str]:
    """The episode a signal joins: the open one; one closed within the window; else a new one."""
    episode = reading.episodes.get(resident.pk)
    if episode is None:
        episode = Episode.objects.create(
            resident=resident,
            place=resident.place,
            grade=new.grade,
            kind=new.kind,
            opened_at=now,
            last_signal_at=now,
        )
        reading.episodes[resident.pk] = episode
        return episode, "new"
    episode.last_signal_at = now
    if episode.kind == "other":
        episode.kind = new.kind
    if episode.state == Episode.State.OPEN:
        return episode, "merged"
    episode.state, episode.closed_at, episode.outcome = Episode.State.OPEN, None, ""
    episode.reopened += 1
    return episode, "reopened"


def regrade(episode: Episode, signals: Sequence[Signal], now: datetime) -> None:
    """Grade an episode anew and save it. An open episode's grade never falls by a new signal."""
    grade, reasons = grade_of(signals, episode.resident, episode.stage, now)
    episode.grade = min(grade, Grade(episode.grade)) if episode.pk else grade
    episode.reasons = [r.as_json() for r in reasons]
    episode.save()


def order_tasks(
    episode: Episode, became: str, clocks: Clocks, assigner: Assigner, now: datetime
) -> None:
    """What an episode that is new, reopened or merged asks for. Inside the caller's action."""
    grade = Grade(episode.grade)
    if became in ("new", "reopened"):
        tasks.cancel_open(episode, Task.Kind.REVIEW)
        call = tasks.order(episode, Task.Kind.CALL, clocks.call_due(grade, now), assigner=assigner)
        if became == "new":
            episode.first_call_due_at = call.due_at
            episode.save(update_fields=["first_call_due_at"])
        if not episode.resident.found:
            tasks.order(episode, Task.Kind.FIND, clocks.door_due(grade, now), assigner=assigner)
        return
    # Merged: what is still to be done becomes as urgent as the episode now is.
    for task in Task.objects.filter(
        episode=episode,
        state=Task.State.TODO,
        kind__in=(Task.Kind.CALL, Task.Kind.VISIT, Task.Kind.FIND),
    ):
        if task.grade <= grade:
            continue
        due = (clocks.call_due if task.kind == Task.Kind.CALL else clocks.door_due)(grade, now)
        task.grade, task.starts_at, task.due_at = grade, now, min(task.due_at, due)
        if task.level == 0:
            task.alarm_at = task.due_at
        task.save()
