"""Whether a row of a register names somebody who is registered already. Writes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from ..masks import mask_name
from ..models import Phone, Place, Resident
from ..sealed import blind_index

Match = Literal["", "known", "unclear"]


@dataclass(frozen=True)
class Person:
    """What tells people apart. `born`: year or None; `card`: blind index of the ID number or ""."""

    name: str
    born: int | None
    card: str
    place: int

    def is_another(self, other: Person) -> bool:
        """Two ID numbers, or two years of birth, are two people."""
        return bool(
            (self.card and other.card and self.card != other.card)
            or (self.born and other.born and self.born != other.born)
        )


class KnownResidents:
    """The residents whom some rows may name, by ID number, by name and phone, by name and place.

    Rows that were found new are added, so that a register that says somebody twice adds them once.
    """

    def __init__(self, rows: Iterable[Any]) -> None:
        """`rows`: ResidentRow, usable ones (each has a place)."""
        rows = list(rows)
        self._cards: dict[str, list[Person]] = defaultdict(list)
        self._phones: dict[tuple[str, str], list[Person]] = defaultdict(list)
        self._places: dict[tuple[str, int], list[Person]] = defaultdict(list)
        alive = Resident.objects.filter(erased_at=None)
        for cards in _chunks({_card(row.id_number) for row in rows} - {""}):
            for person in _people(alive.filter(id_index__in=cards)):
                self._cards[person.card].append(person)
        for indexes in _chunks({blind_index(p) for row in rows for p in row.phones}):
            phones = Phone.objects.filter(index__in=indexes, resident__erased_at=None)
            for phone in phones.select_related("resident").only(
                "index", *(f"resident__{column}" for column in _COLUMNS)
            ):
                person = _person(phone.resident)
                self._phones[person.name, phone.index].append(person)
        for person in _people(alive.filter(place__in={row.place.pk for row in rows})):
            self._places[person.name, person.place].append(person)

    def match(self, row: Any) -> tuple[Match, Person | None]:
        """What a row is: "known", "unclear" (perhaps that person, perhaps not), "" for new.

        Known: the ID number with the name; the name with a phone of theirs; the name in the same
        place with the same year of birth where the row has no phone. An ID number or a year of
        birth that differs is somebody else, except at one's own phone under one's own name, where
        it is more likely a slip: unclear.
        """
        this = _row_person(row)
        unclear: Person | None = None
        for other in self._cards.get(this.card, []):
            if other.name == this.name:
                return "known", other
            unclear = other
        for index in map(blind_index, row.phones):
            for other in self._phones.get((this.name, index), []):
                if not this.is_another(other):
                    return "known", other
                if not (this.card and other.card):
                    unclear = other
        for other in self._places.get((this.name, this.place), []):
            if this.is_another(other):
                continue
            if not row.phones and this.born == other.born:
                return "known", other
            if not row.phones or (this.born and this.born == other.born):
                unclear = unclear or other
        return ("unclear", unclear) if unclear else ("", None)

    def add(self, row: Any) -> None:
        """Remember a row that was found new."""
        this = _row_person(row)
        if this.card:
            self._cards[this.card].append(this)
        for phone in row.phones:
            self._phones[this.name, blind_index(phone)].append(this)
        self._places[this.name, this.place].append(this)


def mark_known(rows: Iterable[Any]) -> None:
    """Set `match` of usable rows; an unclear one says of whom it reminds."""
    usable = [row for row in rows if not row.problems]
    known = KnownResidents(usable)
    for row in usable:
        row.match, other = known.match(row)
        if not row.match:
            known.add(row)
        if row.match == "unclear" and other is not None:
            row.remarks.append(
                _("可能就是已登记的%(name)s（%(born)s）：请核对后单独登记")
                % {"name": mask_name(other.name), "born": other.born or _("出生年份不详")}
            )


_COLUMNS = ("name", "birth_year", "id_index", "place_id")


def _people(rows: QuerySet[Resident]) -> Iterator[Person]:
    return map(_person, rows.only(*_COLUMNS).iterator(2000))


def _person(resident: Resident) -> Person:
    return Person(resident.name.clear, resident.birth_year, resident.id_index, resident.place_id)


def _row_person(row: Any) -> Person:
    place: Place = row.place
    return Person(row.name, row.birth_year, _card(row.id_number), place.pk)


def _card(number: str) -> str:
    index: Any = Resident._meta.get_field("id_index")
    return str(index.index_of(number))


def _chunks(values: set[str], size: int = 900) -> Iterator[list[str]]:
    """SQLite takes a thousand parameters at most."""
    ordered = sorted(values)
    return (ordered[i : i + size] for i in range(0, len(ordered), size))
