"""Residents, households and staff that somebody may see."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from fangxian.exchange.phones import parse_number

from ..access import Ability, access_of, under
from ..models import ApiToken, Duty, Household, Phone, Place, Resident, Staff, Tag
from ..sealed import blind_index

# Names are encrypted: to look for one, every name in the area must be opened, 11 µs each (measured
# on 2 cores: 22,000 in 0.24 s). A town fits; a county chooses a village first.
MOST_BY_NAME = 30_000


def residents_by_phone(e164: str) -> QuerySet[Resident]:
    """Residents reached at a phone number (E.164). Not narrowed to anybody's area: for intake."""
    return Resident.objects.filter(phones__index=blind_index(e164), erased_at=None).distinct()


def visible_residents(
    who: Staff | ApiToken, ability: Ability = Ability.SEE_RESIDENTS
) -> QuerySet[Resident]:
    """Residents in the area where `who` holds `ability`; not those whose identity was erased."""
    rows = Resident.objects.filter(erased_at=None).select_related(
        "place__parent", "household__grid"
    )
    return access_of(who).within(rows, ability)


@dataclass(frozen=True)
class Found:
    """What a search gave. `by`: "", "phone", "name", or "too_many" (choose a smaller area)."""

    rows: QuerySet[Resident]
    by: str = ""


def find_residents(
    who: Staff, text: str = "", village: Place | None = None, tag: str = ""
) -> Found:
    """Visible residents: all, of a village, with a tag, with a whole phone number, or by name.

    A number (any form people write) is looked up by its blind index. A name, or part of one, is
    compared with at most MOST_BY_NAME opened names; with more in the area nothing is opened.
    """
    rows = visible_residents(who).order_by("place__code", "pk")
    rows = rows.prefetch_related(Prefetch("phones", Phone.objects.order_by("pk")))
    if village is not None:
        rows = rows.filter(under([village.prefix]))
    if tag in Tag.values:
        # JSON lists are searched alike on SQLite and PostgreSQL only as text; tags are our words.
        rows = rows.filter(tags__icontains=f'"{tag}"')
    text = text.strip()
    if not text:
        return Found(rows)
    if sum(ch.isdigit() for ch in text) >= 5:
        number = parse_number(text, settings.DEFAULT_AREA_CODE)
        index = blind_index(number.e164) if number else ""
        return Found(rows.filter(phones__index=index).distinct(), "phone")
    if rows.count() > MOST_BY_NAME:
        return Found(rows.none(), "too_many")
    names = rows.select_related(None).prefetch_related(None).only("pk", "name", "place")
    named = [resident.pk for resident in names if text in resident.name.clear]
    return Found(rows.filter(pk__in=named), "name")


def visible_households(
    who: Staff | ApiToken, ability: Ability = Ability.SEE_RESIDENTS
) -> QuerySet[Household]:
    """Households of grids in the area where `who` holds `ability`."""
    return access_of(who).within(Household.objects.select_related("grid"), ability, "grid")


def visible_staff(who: Staff, ability: Ability) -> QuerySet[Staff]:
    """Staff with a duty in the area where `who` holds `ability`, and those without any duty."""
    inside = access_of(who).within(Duty.objects.all(), ability)
    idle = Duty.objects.filter(staff=OuterRef("pk"))
    if not access_of(who).may(ability):
        return Staff.objects.none()
    return (
        Staff.objects.filter(Q(pk__in=inside.values("staff")) | ~Exists(idle))
        .select_related("department")
        .order_by("department", "id")
    )
