"""What would become of each warning of a list: worked out as the import does, nothing written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

from fangxian.town.models import Staff
from fangxian.town.sealed import blind_index
from fangxian.warn.actions.arriving import NewSignal
from fangxian.warn.actions.register import Register
from fangxian.warn.actions.whom import Person, Reading, known
from fangxian.warn.models import Episode, Sender

# Stands for every episode that is open by now: only its state is looked at.
_OPEN = Episode(state=Episode.State.OPEN)


@dataclass
class Fates:
    """The fates of a list's warnings, piece by piece and in order; remembers who was met before.

    "new" or "merged" or "reopened" episode, "unknown" (new, of a person to be found), or
    "known_before". Who lives outside the area of `by` counts as not known: what others have on
    that resident is not told.
    """

    by: Staff
    sender: Sender
    now: datetime = field(default_factory=timezone.now)
    register: Register = field(default_factory=Register)
    _marks: set[str] = field(default_factory=set)
    _reached: dict[str, Person] = field(default_factory=dict)
    _expected: list[tuple[Person, NewSignal]] = field(default_factory=list)
    _open: set[int] = field(default_factory=set)

    def of(self, arriving: Sequence[NewSignal]) -> list[str]:
        """The fate of each, in the same order."""
        indexes = [[blind_index(p) for p in new.phones] for new in arriving]
        marks = [new.fingerprint(self.sender) for new in arriving]
        timeless = {m: new.is_timeless for m, new in zip(marks, arriving, strict=True)}
        here, _ = known(timeless, self.now)
        hidden = {m for m, signal in here.items() if signal.forwarded}
        self._marks |= here.keys() - hidden
        self.register.open_for(arriving)
        reading = Reading.of(self.by, arriving, indexes, self.register, self.now)
        self._remind(reading, {i for of in indexes for i in of})
        return [self._one(reading, *each) for each in zip(arriving, marks, indexes, strict=True)]

    def _remind(self, reading: Reading, indexes: set[str]) -> None:
        """Tell a new piece whom the pieces before would have added, and what they opened."""
        for index in indexes & self._reached.keys():
            there = reading.at_phone.setdefault(index, [])
            person = self._reached[index]
            if all(p.resident != person.resident for p in there):
                there.append(person)
        for person, new in self._expected:
            self.register.expect(person, new)
        for pk in self._open & reading.persons.keys():
            reading.persons[pk].episode = _OPEN

    def _one(self, reading: Reading, new: NewSignal, mark: str, indexes: list[str]) -> str:
        if mark in self._marks:
            return "known_before"
        self._marks.add(mark)
        before = len(reading.made)
        person, _ = reading.person(new, indexes)
        for phone in person.new_phones:
            self._reached[phone.index] = person
        if len(reading.made) > before and person.ours and (new.id_number or not new.phones):
            self._expected.append((person, new))
        became = person.becoming() if person.ours else "unknown"
        # From now on it is open.
        person.episode = _OPEN
        if person.resident.pk:
            self._open.add(person.resident.pk)
        return "unknown" if became == "new" and not person.resident.found else became
