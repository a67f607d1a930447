"""Residents, their phones and households: made, changed, revealed, erased."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import audit, events
from ..access import Ability, check
from ..models import Household, Level, Phone, Place, Resident, Tag
from ..sealed import blind_index
from .errors import Refused

E164 = re.compile(r"^\+[1-9]\d{6,14}$")
# What `reveal` shows, and the columns that `edit_resident` may change.
REVEALABLE = ("name", "id_number", "phone", "address", "last_known_area")
EDITABLE = ("name", "id_number", "birth_year", "household", "place", "tags", "found")


class RevealReason(models.TextChoices):
    """Why somebody looks at what is masked."""

    CALL = "call", gettext_lazy("联系居民")
    VISIT = "visit", gettext_lazy("上门见面")
    CHECK = "check", gettext_lazy("核对身份")
    ASKED = "asked", gettext_lazy("居民本人要求")
    OTHER = "other", gettext_lazy("其他（写明）")


@transaction.atomic
def add_resident(
    by: audit.Actor,
    place: Place,
    name: str,
    *,
    phones: Sequence[str] = (),
    id_number: str = "",
    birth_year: int | None = None,
    household: Household | None = None,
    tags: Collection[str] = (),
) -> Resident:
    """Make a resident. `phones` are E.164. With a household, its grid is the place.

    Raises Refused for an empty name, an unknown tag, a year or a number that cannot be.
    """
    place = household.grid if household else place
    check(by, Ability.EDIT_RESIDENTS, place.code)
    resident = Resident(
        name=_name(name),
        id_number=id_number.strip(),
        birth_year=_birth_year(birth_year),
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
    check(by, Ability.EDIT_RESIDENTS, resident.place.code)
    if unknown := set(changes) - set(EDITABLE):
        raise TypeError(f"edit_resident cannot change {sorted(unknown)}")
    _refuse_erased(resident)
    cleaned: dict[str, Callable[[Any], Any]] = {
        "name": _name,
        "birth_year": _birth_year,
        "tags": _tags,
    }
    for field, value in changes.items():
        setattr(resident, field, cleaned[field](value) if field in cleaned else value)
    if resident.household and ("household" in changes or "place" in changes):
        if "household" in changes:
            resident.place = resident.household.grid
        elif resident.household.grid_id != resident.place_id:
            resident.household = None
    check(by, Ability.EDIT_RESIDENTS, resident.place.code)
    resident.save()
    audit.record(by, "resident_edited", resident, fields=sorted(changes))
    return resident


@transaction.atomic
def add_phone(by: audit.Actor, resident: Resident, e164: str, note: str = "") -> Phone:
    """Add a number (E.164); one that is there already is returned as it is."""
    check(by, Ability.EDIT_RESIDENTS, resident.place.code)
    _refuse_erased(resident)
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
    """Take away a number that no longer reaches the resident."""
    check(by, Ability.EDIT_RESIDENTS, phone.resident.place.code)
    audit.record(by, "phone_removed", phone.resident, phone=phone.pk)
    phone.delete()


@transaction.atomic
def reveal(
    by: audit.Actor,
    resident: Resident,
    field: str,
    reason: str,
    note: str = "",
    phone: Phone | None = None,
) -> str:
    """The clear text of one masked value, with the reason written into the audit chain.

    `field`: name, id_number, phone (`phone`, or the first), address or last_known_area.
    `reason` is a RevealReason; OTHER needs a `note`. A note must not carry a number itself.
    Raises PermissionDenied, or Refused without a proper reason or when there is nothing to show.
    """
    check(by, Ability.REVEAL, resident.place.code)
    note = note.strip()[:100]
    if reason not in RevealReason.values:
        raise Refused(_("请先选择查看的理由。"))
    if reason == RevealReason.OTHER and len(note) < 2:
        raise Refused(_("选择“其他”时请写明理由。"))
    if re.search(r"\d[\d\s-]{5,}\d", note):
        raise Refused(_("理由里不要写电话或证件号码。"))
    value = _masked(resident, field, phone)
    if not value:
        raise Refused(_("这一项没有登记。"))
    audit.record(
        by,
        "reveal",
        resident,
        field=field,
        reason=reason,
        note=note or None,
        phone=phone.pk if phone else None,
    )
    return str(value.clear)


def _masked(resident: Resident, field: str, phone: Phone | None) -> Any:
    if field == "phone":
        if phone is not None and phone.resident_id != resident.pk:
            raise Refused(_("这个号码不是这位居民的。"))
        found = phone or resident.phones.first()
        return found.number if found else None
    if field == "address":
        return resident.household.address if resident.household else None
    if field in ("name", "id_number", "last_known_area"):
        return getattr(resident, field)
    raise TypeError(f"reveal: unknown field {field!r}")


@transaction.atomic
def erase_resident(by: audit.Actor, resident: Resident) -> None:
    """Replace the identity by a pseudonym: the row stays for counting, nothing says who it was.

    Asked for by the resident (个人信息保护法 Art. 47) or due by the retention table.
    """
    check(by, Ability.EDIT_RESIDENTS, resident.place.code)
    if resident.erased_at:
        return
    resident.phones.all().delete()
    resident.name = resident.id_number = resident.last_known_area = ""
    resident.household, resident.tags = None, []
    # The decade is enough for counting by age.
    resident.birth_year = resident.birth_year // 10 * 10 if resident.birth_year else None
    resident.erased_at = timezone.now()
    resident.save()
    audit.record(by, "resident_erased", resident)
    events.resident_erased.send(Resident, resident=resident, by=by)


@transaction.atomic
def add_household(
    by: audit.Actor, grid: Place, address: str, lat: float | None = None, lon: float | None = None
) -> Household:
    """Make a household in a grid (or in a village that has no grids)."""
    check(by, Ability.EDIT_RESIDENTS, grid.code)
    household = Household.objects.create(
        grid=_home(grid), address=_address(address), lat=lat, lon=lon
    )
    audit.record(by, "household_added", household, place=grid.code)
    return household


@transaction.atomic
def edit_household(
    by: audit.Actor, household: Household, *, grid: Place | None = None, address: str | None = None
) -> Household:
    """Correct the address, or move the household and all who live in it to another grid."""
    check(by, Ability.EDIT_RESIDENTS, household.grid.code)
    changed = []
    if address is not None and household.address != address.strip():
        household.address = _address(address)
        changed.append("address")
    if grid is not None and grid.pk != household.grid_id:
        check(by, Ability.EDIT_RESIDENTS, grid.code)
        household.grid = _home(grid)
        household.residents.update(place=grid)
        changed.append("grid")
    if changed:
        household.save()
        audit.record(by, "household_edited", household, fields=changed)
    return household


def _refuse_erased(resident: Resident) -> None:
    if resident.erased_at:
        raise Refused(_("这位居民的身份信息已按规定删除，不能再改。"))


def _name(name: Any) -> str:
    text = str(name.clear if hasattr(name, "clear") else name).strip()
    if not text:
        raise Refused(_("姓名不能空着。"))
    return text[:60]


def _birth_year(year: int | None) -> int | None:
    latest = timezone.localdate().year
    if year is not None and not 1900 <= year <= latest:
        raise Refused(_("出生年份应在 1900 至 %(latest)s 之间。") % {"latest": latest})
    return year


def _tags(tags: Collection[str]) -> list[str]:
    if unknown := set(tags) - set(Tag.values):
        raise Refused(_("没有“%(tag)s”这个标签。") % {"tag": sorted(unknown)[0]})
    return [t for t in Tag.values if t in set(tags)]


def _e164(number: str) -> str:
    if not E164.match(number):
        raise Refused(_("号码应是带国家区号的完整号码，例如 +86120…。"))
    return number


def _home(grid: Place) -> Place:
    if grid.level not in (Level.GRID, Level.VILLAGE) or grid.valid_to:
        raise Refused(_("住户要登记在现有的网格或村社区里。"))
    return grid


def _address(address: str) -> str:
    if not address.strip():
        raise Refused(_("地址不能空着。"))
    return address.strip()[:200]
