"""Whom a warning is about, in which episode: read for many at once, before anything is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from fangxian.town import audit
from fangxian.town.access import Ability, access_of
from fangxian.town.models import Phone, Place, Resident
from fangxian.warn.clock import merge_window
from fangxian.warn.models import Episode, Grade, Signal

from .arriving import NewSignal
from .register import Register, same_name


@dataclass(eq=False)
class Person:
    """A resident, saved or not yet, and the episode a new signal joins.

    `ours`: whether who takes in may do so where this person lives. `reachable`: whether there is
    a number to ring. `became`: what this action made of the episode, "" until it touched it.
    """

    resident: Resident
    ours: bool = True
    reachable: bool = True
    episode: Episode | None = None
    signals: list[Signal] = field(default_factory=list)
    became: str = ""
    new_phones: list[Phone] = field(default_factory=list)

    def becoming(self) -> str:
        """What one more signal makes of the episode: "new", "merged", or "reopened"."""
        if self.episode is None:
            return "new"
        return "merged" if self.episode.state == Episode.State.OPEN else "reopened"

    @property
    def was_forwarded(self) -> bool:
        """Whether all that is known of this person came from outside (see `Reading.person`)."""
        return not self.resident.found and all(s.forwarded for s in self.signals)


def known(marks: Mapping[str, bool], now: datetime) -> tuple[dict[str, Signal], list[Signal]]:
    """The signals that are here already, by fingerprint, and those that were once.

    `marks`: fingerprint -> whether it is timeless. In the same words and without any time, a
    warning is the same one while its episode is open or could be opened again (clock.merge_window,
    domain.md §2); a hundred days later it is a second one.
    """
    here: dict[str, Signal] = {}
    past: list[Signal] = []
    rows = Signal.objects.filter(fingerprint__in=set(marks)).select_related("episode__place")
    for signal in rows:
        if marks[signal.fingerprint] and _is_over(signal.episode, now):
            past.append(signal)
        else:
            here[signal.fingerprint] = signal
    return here, past


def _is_over(episode: Episode, now: datetime) -> bool:
    window = merge_window(Grade(episode.grade))
    return episode.state == Episode.State.CLOSED and now - episode.last_signal_at > window


@dataclass
class Reading:
    """Everybody the arriving signals may be about, read in a handful of queries."""

    by: audit.Actor
    register: Register
    at_phone: dict[str, list[Person]] = field(default_factory=dict)
    persons: dict[int, Person] = field(default_factory=dict)
    made: list[Person] = field(default_factory=list)

    @classmethod
    def of(
        cls,
        by: audit.Actor,
        arriving: Sequence[NewSignal],
        indexes: Sequence[list[str]],
        register: Register,
        now: datetime,
    ) -> Reading:
        """Read who has these phones (`indexes`: blind indexes of each signal's phones), whom the
        register knows by ID number or name, and their episodes."""
        reading = cls(by, register)
        rows = (
            Phone.objects.filter(index__in={i for of in indexes for i in of})
            .filter(resident__erased_at=None)
            .select_related("resident__place")
            # Those we know come before those somebody seeks.
            .order_by("-resident__found", "id")
        )
        for phone in rows:
            reading.at_phone.setdefault(phone.index, []).append(reading._person(phone.resident))
        register.catch_up()
        named = {pk for new in arriving if isinstance(pk := register.find(new), int)}
        wanted = Resident.objects.filter(pk__in=named, erased_at=None).select_related("place")
        for resident in wanted.prefetch_related("phones"):
            reading._person(resident).reachable = bool(resident.phones.all())
        reading._episodes(now)
        return reading

    def _person(self, resident: Resident) -> Person:
        if resident.pk not in self.persons:
            self.persons[resident.pk] = Person(resident, self.is_ours(resident.place))
        return self.persons[resident.pk]

    def is_ours(self, place: Place) -> bool:
        """Whether who takes in may do so at `place`; the system may everywhere."""
        if isinstance(self.by, str):
            return True
        return access_of(self.by).may(Ability.TAKE_IN, place.code)

    def _episodes(self, now: datetime) -> None:
        """The open episode of each; else the last one closed, if its window is still open."""
        oldest = now - merge_window(Grade.RED)
        rows = Episode.objects.filter(resident__in=list(self.persons))
        recent = (
            rows.filter(last_signal_at__gte=oldest) | rows.exclude(state=Episode.State.CLOSED)
        ).select_related("place")
        for episode in recent.order_by("last_signal_at"):
            person = self.persons[episode.resident_id]
            kept = person.episode
            if episode.state != Episode.State.CLOSED or (
                not _is_over(episode, now) and (kept is None or kept.state == Episode.State.CLOSED)
            ):
                episode.resident, person.episode = person.resident, episode
        joined = {p.episode.pk: p for p in self.persons.values() if p.episode}
        earlier = Signal.objects.filter(episode__in=list(joined)).select_related("sender")
        for signal in earlier.order_by("received_at", "pk"):
            joined[signal.episode_id].signals.append(signal)

    def everybody(self) -> list[Person]:
        """All who were read, and all who are to be made."""
        return [*self.persons.values(), *self.made]

    def person(self, new: NewSignal, indexes: list[str]) -> tuple[Person, bool]:
        """Whom a signal is about, and whether the list gives another name than we have.

        The phone decides, for it is the phone that is at risk; of several people at one landline,
        the one with the given name. Else the ID number, else name and birth year or address.
        Nobody: a person to be found. Somebody outside the area of who takes in: a person to be
        found there, by those responsible there; what they know of that resident is not touched.
        """
        at_phone = [p for i in dict.fromkeys(indexes) for p in self.at_phone.get(i, [])]
        named = [p for p in at_phone if same_name(new.name, p.resident.name.clear)]
        found = next((p for group in (named, at_phone) for p in group if p.ours), None)
        if found is None and not at_phone:
            found = self._in_register(new)
        if found is not None and found.ours:
            self._reached_at(found, new, indexes)
            differs = bool(new.name) and not named and bool(found.resident.name)
            return found, differs and bool(at_phone)
        outside = found or next(iter(named or at_phone), None)
        if outside is None:
            return self._sought(new, indexes, new), False
        waiting = next((p for p in at_phone if not p.ours and p.was_forwarded), None)
        return waiting or self._sought(new, indexes, outside.resident, ours=False), False

    def _in_register(self, new: NewSignal) -> Person | None:
        found = self.register.find(new)
        return self.persons.get(found) if isinstance(found, int) else found

    def _sought(
        self, new: NewSignal, indexes: list[str], at: NewSignal | Resident, ours: bool = True
    ) -> Person:
        resident = Resident(
            name=new.name,
            id_number=new.id_number,
            birth_year=new.birth_year,
            place=at.place,
            found=False,
            last_known_area=new.address,
        )
        person = Person(resident, ours, reachable=bool(new.phones))
        self.made.append(person)
        self._reached_at(person, new, indexes)
        if ours:
            self.register.expect(person, new)
        return person

    def _reached_at(self, person: Person, new: NewSignal, indexes: list[str]) -> None:
        """The numbers at risk are rung: those of the signal that nobody has are this person's."""
        if person.resident.pk and any(i in self.at_phone for i in indexes):
            return
        for index, number in dict(zip(indexes, new.phones, strict=True)).items():
            there = self.at_phone.setdefault(index, [])
            if person not in there:
                there.append(person)
                person.new_phones.append(
                    Phone(resident=person.resident, number=number, index=index)
                )
        person.reachable = person.reachable or bool(person.new_phones)
