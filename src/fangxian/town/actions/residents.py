"""Residents and their phones: made, changed, erased."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from .. import audit, events
from ..access import Ability, check
from ..models import Document, Household, Phone, Place, Resident, Tag
from ..sealed import blind_index
from .errors import Refused
from .identities import agree, identity
from .places import open_place

E164 = re.compile(r"^\+[1-9]\d{6,14}$")
# The columns that `edit_resident` may change.
EDITABLE = (
    "name",
    "id_number",
    "document",
    "birth_year",
    "household",
    "place",
    "tags",
    "found",
)


@transaction.atomic
def add_resident(
    by: audit.Actor,
    place: Place,
    name: str,
    *,
    phones: Sequence[str] = (),
    id_number: str = "",
    document: str = Document.ID_CARD,
    birth_year: int | None = None,
    household: Household | None = None,
    tags: Collection[str] = (),
) -> Resident:
    """Make a resident. `phones` are E.164. With a household, its grid is the place. `id_number` is
    checked as its `document` wants it; an ID card gives the year of birth.

    Raises Refused for an empty name, an unknown tag, a year or a number that cannot be, a place
    that is closed.
    """
    audit.hold()
    if household:
        household.refresh_from_db()
        place = household.grid
    check(by, Ability.EDIT_RESIDENTS, open_place(place).code)
    number, year = identity(id_number, document, birth_year)
    resident = Resident(
        name=_name(name),
        id_number=number,
        document=document,
        birth_year=year,
        household=household,
        place=place,
        tags=_tags(tags),
    )
    resident.save()
    Phone.objects.bulk_create(
        Phone(resident=resident, number=number, index=blind_index(number))
        for number in dict.fromkeys(_e164(p) for p in phones)
    )
    audit.record(by, "resident_added", resident, place=place.code, phones=len(phones))
    return resident


@transaction.atomic
def edit_resident(by: audit.Actor, resident: Resident, **changes: Any) -> Resident:
    """Change columns of `EDITABLE`; moving needs the ability at both places. Raises Refused."""
    if unknown := set(changes) - set(EDITABLE):
        raise TypeError(f"edit_resident cannot change {sorted(unknown)}")
    old = _taken(by, resident).place
    number, document = resident.id_number.clear, resident.document
    cleaned: dict[str, Callable[[Any], Any]] = {"name": _name, "tags": _tags}
    for field, value in changes.items():
        setattr(resident, field, cleaned[field](value) if field in cleaned else value)
    _identify(resident, number, document)
    if "household" in changes and resident.household:
        resident.household.refresh_from_db()
        resident.place = resident.household.grid
    elif resident.household and resident.household.grid_id != resident.place_id:
        resident.household = None
    if resident.place_id != old.pk:
        check(by, Ability.EDIT_RESIDENTS, open_place(resident.place).code)
    # Only what was asked for: a page opened before somebody else's change keeps that change.
    identified = {"id_number", "document"} & set(changes)
    derived = {"id_number", "id_index", "birth_year"} if identified else set()
    resident.save(update_fields={*changes, *derived, "place", "household"})
    audit.record(by, "resident_edited", resident, fields=sorted(changes))
    if resident.place_id != old.pk:
        events.residents_moved.send(
            Resident, residents=[resident.pk], old=old, into=resident.place, by=by
        )
    return resident


@transaction.atomic
def add_phone(by: audit.Actor, resident: Resident, e164: str, note: str = "") -> Phone:
    """Add a number (E.164); one that is there already is returned as it is."""
    _taken(by, resident)
    number = _e164(e164)
    phone, made = Phone.objects.get_or_create(
        resident=resident,
        index=blind_index(number),
        defaults={"number": number, "note": note.strip()[:20]},
    )
    if made:
        audit.record(by, "phone_added", resident, phone=phone.pk)
    return phone


@transaction.atomic
def remove_phone(by: audit.Actor, phone: Phone) -> None:
    """Take away a number that no longer reaches the resident. Twice is once."""
    audit.hold()
    check(by, Ability.EDIT_RESIDENTS, phone.resident.place.code)
    key = phone.pk
    if Phone.objects.filter(pk=key).delete()[0]:
        audit.record(by, "phone_removed", phone.resident, phone=key)


@transaction.atomic
def erase_resident(by: audit.Actor, resident: Resident) -> None:
    """Replace the identity by a pseudonym: the row stays for counting, nothing says who it was.

    Asked for by the resident (个人信息保护法 Art. 47) or due by the retention table.
    """
    audit.hold()
    resident.refresh_from_db()
    check(by, Ability.EDIT_RESIDENTS, resident.place.code)
    if resident.erased_at:
        return
    indexes = list(resident.phones.values_list("index", flat=True))
    resident.phones.all().delete()
    resident.name = resident.id_number = resident.last_known_area = ""
    resident.document = Document.ID_CARD
    resident.household, resident.tags = None, []
    # The decade is enough for counting by age.
    resident.birth_year = resident.birth_year // 10 * 10 if resident.birth_year else None
    resident.erased_at = timezone.now()
    resident.save()
    audit.record(by, "resident_erased", resident)
    events.resident_erased.send(Resident, resident=resident, indexes=indexes, by=by)


def _taken(by: audit.Actor, resident: Resident) -> Resident:
    """`resident` as it is now, under the writers' lock. Raises PermissionDenied; Refused when the
    identity was erased meanwhile: a page that was open must not bring it back."""
    audit.hold()
    resident.refresh_from_db()
    check(by, Ability.EDIT_RESIDENTS, resident.place.code)
    if resident.erased_at:
        raise Refused(_("这位居民的身份信息已按规定删除，不能再改。"))
    return resident


def _identify(resident: Resident, before: str, document_before: str) -> None:
    """Check what a changed form says about the identity, against what stays."""
    number = str(resident.id_number.clear)
    if (number, resident.document) != (before, document_before):
        resident.id_number, resident.birth_year = identity(
            number, resident.document, resident.birth_year
        )
    else:
        resident.birth_year = agree(number, resident.document, resident.birth_year)


def _name(name: Any) -> str:
    text = str(name.clear if hasattr(name, "clear") else name).strip()
    if not text:
        raise Refused(_("姓名不能空着。"))
    return text[:60]


def _tags(tags: Collection[str]) -> list[str]:
    if unknown := set(tags) - set(Tag.values):
        raise Refused(_("没有“%(tag)s”这个标签。") % {"tag": sorted(unknown)[0]})
    return [t for t in Tag.values if t in set(tags)]


def _e164(number: str) -> str:
    if not E164.match(number):
        raise Refused(_("号码应是带国家区号的完整号码，例如 +86120…。"))
    return number
