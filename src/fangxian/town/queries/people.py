"""Residents, households and staff that somebody may see."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from ..access import Ability, access_of
from ..models import ApiToken, Duty, Household, Resident, Staff
from ..sealed import blind_index


def residents_by_phone(e164: str) -> QuerySet[Resident]:
    """Residents reached at a phone number (E.164). Not narrowed to anybody's area: for intake."""
    return Resident.objects.filter(phones__index=blind_index(e164), erased_at=None).distinct()


def visible_residents(
    who: Staff | ApiToken, ability: Ability = Ability.SEE_RESIDENTS
) -> QuerySet[Resident]:
    """Residents in the area where `who` holds `ability`; not those whose identity was erased."""
    rows = Resident.objects.filter(erased_at=None).select_related("place", "household__grid")
    return access_of(who).within(rows, ability)


def visible_households(
    who: Staff | ApiToken, ability: Ability = Ability.SEE_RESIDENTS
) -> QuerySet[Household]:
    """Households of grids in the area where `who` holds `ability`."""
    return access_of(who).within(Household.objects.select_related("grid"), ability, "grid__code")


def visible_staff(who: Staff, ability: Ability) -> QuerySet[Staff]:
    """Staff with a duty in the area where `who` holds `ability`, and those without any duty."""
    inside = access_of(who).within(Duty.objects.all(), ability)
    if not access_of(who).may(ability):
        return Staff.objects.none()
    return (
        Staff.objects.filter(Q(pk__in=inside.values("staff")) | Q(duties=None))
        .select_related("department")
        .order_by("department", "id")
    )
