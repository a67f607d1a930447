"""Households: made, corrected, moved with all who live in them."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from .. import audit, events
from ..access import Ability, check
from ..models import Household, Level, Place, Resident
from .errors import Refused
from .places import open_place


@transaction.atomic
def add_household(by: audit.Actor, grid: Place, address: str) -> Household:
    """Make a household in a grid (or in a village that has no grids)."""
    audit.hold()
    check(by, Ability.EDIT_RESIDENTS, grid.code)
    household = Household.objects.create(grid=_home(grid), address=_address(address))
    audit.record(by, "household_added", household, place=grid.code)
    return household


@transaction.atomic
def edit_household(
    by: audit.Actor, household: Household, *, grid: Place | None = None, address: str | None = None
) -> Household:
    """Correct the address, or move the household and all who live in it to another grid."""
    audit.hold()
    household.refresh_from_db()
    old = household.grid
    check(by, Ability.EDIT_RESIDENTS, old.code)
    changed, moved = [], []
    if address is not None and household.address != address.strip():
        household.address = _address(address)
        changed.append("address")
    if grid is not None and grid.pk != household.grid_id:
        check(by, Ability.EDIT_RESIDENTS, grid.code)
        household.grid = _home(grid)
        moved = list(household.residents.values_list("pk", flat=True))
        household.residents.update(place=grid)
        changed.append("grid")
    if changed:
        household.save(update_fields=changed)
        audit.record(by, "household_edited", household, fields=changed, residents=len(moved))
    if moved:
        events.residents_moved.send(Resident, residents=moved, old=old, into=household.grid, by=by)
    return household


def _home(grid: Place) -> Place:
    if grid.level not in (Level.GRID, Level.VILLAGE):
        raise Refused(_("住户要登记在现有的网格或村社区里。"))
    return open_place(grid)


def _address(address: str) -> str:
    if not address.strip():
        raise Refused(_("地址不能空着。"))
    return address.strip()[:200]
