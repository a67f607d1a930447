"""Finding somebody by ID number, or by name and birth year or address, where no phone says who.

Names and ID numbers are sealed, so a village's are opened in memory (decision 4) and kept there
only as keyed marks. That costs a moment in a large town: it is done before the writers' lock is
taken, and once for a whole list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Max, QuerySet

from fangxian.town.access import under
from fangxian.town.models import DIGITS, Phone, Place, Resident
from fangxian.town.sealed import blind_index

from .arriving import NewSignal

if TYPE_CHECKING:
    from .whom import Person

_TOWN, _VILLAGE = DIGITS["town"], DIGITS["village"]


def same_name(given: str, known: str) -> bool:
    """Whether a name of a list, perhaps masked by its sender (王*芳), may be the known name."""
    if not given or not known or len(given) != len(known):
        return False
    return all(a == b or a in "*＊×某" for a, b in zip(given, known, strict=True))


@dataclass
class Register:
    """The towns whose ID numbers and the villages whose names were opened so far."""

    _towns: set[str] = field(default_factory=set)
    _villages: set[str] = field(default_factory=set)
    _marks: dict[str, set[int]] = field(default_factory=dict)
    _expected: dict[str, Person] = field(default_factory=dict)
    _last: int = 0

    def open_for(self, arriving: Iterable[NewSignal]) -> None:
        """Open what is needed to find those of `arriving` whose phones nobody has."""
        unclear = [new for new in arriving if new.id_number or (new.name and not new.phones)]
        with_phone = {blind_index(p) for new in unclear for p in new.phones}
        here = set(Phone.objects.filter(index__in=with_phone).values_list("index", flat=True))
        unclear = [n for n in unclear if not any(blind_index(p) in here for p in n.phones)]
        towns = {n.place.code[:_TOWN] for n in unclear if n.id_number} - self._towns
        villages = {n.place.code[:_VILLAGE] for n in unclear if not n.phones} - self._villages
        if not towns and not villages:
            return
        if not self._towns and not self._villages:
            self._last = Resident.objects.aggregate(last=Max("pk"))["last"] or 0
        before = Resident.objects.filter(pk__lte=self._last)
        for resident in _rows(before, towns):
            self._remember(resident, _id_mark(resident.id_number.clear))
        for resident in _rows(before, villages):
            self._remember(resident, *_name_marks(resident))
        self._towns |= towns
        self._villages |= villages

    def catch_up(self) -> None:
        """Read whom others added since: one query where anything is open, else none."""
        self._expected.clear()
        if not self._towns and not self._villages:
            return
        since = Resident.objects.filter(pk__gt=self._last)
        for resident in _rows(since, self._towns | self._villages):
            self._remember(resident, _id_mark(resident.id_number.clear), *_name_marks(resident))
            self._last = max(self._last, resident.pk)

    def find(self, new: NewSignal) -> int | Person | None:
        """The one whom `new` names without doubt: an id, or a person about to be added."""
        by_id, *by_name = _marks_of(new)
        for marks in ([by_id], by_name):
            found = {pk for mark in marks for pk in self._marks.get(mark, ())}
            if len(found) == 1:
                return found.pop()
            if found:
                return None
        return next((self._expected[m] for m in (by_id, *by_name) if m in self._expected), None)

    def expect(self, person: Person, new: NewSignal) -> None:
        """`new` is about somebody who is about to be added; the next row may be so, too."""
        for mark in _marks_of(new):
            if mark:
                self._expected.setdefault(mark, person)

    def _remember(self, resident: Resident, *marks: str) -> None:
        for mark in marks:
            if mark:
                self._marks.setdefault(mark, set()).add(resident.pk)


def _rows(rows: QuerySet[Resident], areas: set[str]) -> Iterator[Resident]:
    """Those of `rows` who live in the areas (prefixes of place codes)."""
    if not areas:
        return iter(())
    found = rows.filter(under(areas), erased_at=None).select_related("place__parent", "household")
    return found.order_by("pk").iterator(2000)


def _id_mark(number: str) -> str:
    return blind_index(f"id|{number.upper()}") if number else ""


def _name_marks(resident: Resident) -> list[str]:
    name, place = resident.name.clear, resident.place
    if not name:
        return []
    where = [resident.household.address.clear] if resident.household else []
    if not resident.found:
        where.append(resident.last_known_area.clear)
    facts = [f"at|{_bare(text, place)}" for text in where]
    if resident.birth_year:
        facts.append(f"born|{resident.birth_year}")
    return [_name_mark(name, place, fact) for fact in facts]


def _marks_of(new: NewSignal) -> list[str]:
    """The mark of the ID number ("" without one), then those of the name where no phone is given.

    A name beside a phone that nobody has says too little: it is somebody's new number, or a child's.
    """
    marks = [_id_mark(new.id_number)]
    if new.name and not new.phones:
        marks.append(_name_mark(new.name, new.place, f"at|{_bare(new.address, new.place)}"))
        if new.birth_year:
            marks.append(_name_mark(new.name, new.place, f"born|{new.birth_year}"))
    return marks


def _name_mark(name: str, place: Place, fact: str) -> str:
    return blind_index(f"name|{place.code[:_VILLAGE]}|{name}|{fact}")


def _bare(address: str, place: Place) -> str:
    """An address without spaces and without the village's name, which some lists repeat."""
    text = "".join(address.split())
    village = place.parent if len(place.code) > _VILLAGE and place.parent else place
    return text.rpartition(village.name)[2]
