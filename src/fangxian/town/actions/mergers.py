"""Places that become one, and a grid that becomes two: who lives there moves, history stays."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from .. import audit, events
from ..access import Ability, check
from ..models import Duty, Household, Level, Place, Resident
from .errors import Refused
from .places import add_place, closing_day, end_duties, midnight, open_place, refuse_closed


@transaction.atomic
def merge_place(by: audit.Actor, old: Place, into: Place, on: date | None = None) -> None:
    """Merge `old` into `into` (same level) on a day, today or before: people, households and
    grids move, `old` closes.

    A grid that moves gets a code below `into` and keeps its grid workers, each to the end that was
    set; duties for `old` itself end. Rooms move what is open there on the event `place_merged`.
    """
    audit.hold()
    old.refresh_from_db()
    check(by, Ability.EDIT_PLACES, old.code)
    check(by, Ability.EDIT_PLACES, open_place(into).code)
    refuse_closed(old)
    day = closing_day(old, on, to_come=False)
    if old.pk == into.pk or old.level != into.level:
        raise Refused(_("只能并入另一个同级的地区。"))
    if old.level not in (Level.GRID, Level.VILLAGE):
        raise Refused(_("只有村社区和网格可以合并。"))
    if into.valid_from > day:
        raise Refused(
            _("“%(place)s”从 %(day)s 起才启用。")
            % {"place": into.name, "day": into.valid_from.isoformat()}
        )
    for grid in old.children.filter(Q(valid_to=None) | Q(valid_to__gt=day)):
        moved = add_place(by, into, grid.name, valid_from=day, lat=grid.lat, lon=grid.lon)
        _take_along(by, grid, moved, day)
        _move(by, grid, moved, day)
    _move(by, old, into, day)


@transaction.atomic
def split_place(
    by: audit.Actor,
    old: Place,
    name: str,
    households: Collection[Household] = (),
    residents: Collection[Resident] = (),
) -> Place:
    """Make a second grid beside `old`; these households with all who live in them, and these
    residents who have no household, live there from today on. `old` goes on.

    Raises Refused when nobody was chosen, or somebody who does not live in `old`.
    """
    audit.hold()
    old.refresh_from_db()
    check(by, Ability.EDIT_PLACES, old.code)
    open_place(old)
    if old.level != Level.GRID or old.parent is None:
        raise Refused(_("只有网格可以拆分。"))
    homes = Household.objects.filter(pk__in=[h.pk for h in households], grid=old)
    alone = Resident.objects.filter(
        pk__in=[r.pk for r in residents], place=old, household=None, erased_at=None
    )
    if homes.count() != len(households) or alone.count() != len(residents):
        raise Refused(_("选中的住户或居民已不在“%(place)s”。") % {"place": old.name})
    if not households and not residents:
        raise Refused(_("请选择要划到新网格的住户。"))
    made = add_place(by, old.parent, name, lat=old.lat, lon=old.lon)
    within = Resident.objects.filter(household__in=homes)
    moved = [*within.values_list("pk", flat=True), *alone.values_list("pk", flat=True)]
    homes.update(grid=made)
    Resident.objects.filter(pk__in=moved).update(place=made)
    audit.record(
        by, "place_split", old, made=made.pk, households=len(households), residents=len(moved)
    )
    if moved:
        events.residents_moved.send(Resident, residents=moved, old=old, into=made, by=by)
    return made


def _take_along(by: audit.Actor, grid: Place, moved: Place, day: date) -> None:
    """The duties for a grid go on at its successor, each to its own end."""
    begins = midnight(day)
    for duty in Duty.objects.filter(place=grid).filter(Q(ends_at=None) | Q(ends_at__gt=begins)):
        taken = Duty.objects.create(
            staff=duty.staff,
            role=duty.role,
            place=moved,
            leads=duty.leads,
            starts_at=max(begins, duty.starts_at),
            ends_at=duty.ends_at,
        )
        audit.record(
            by,
            "duty_given",
            taken,
            staff=taken.staff_id,
            role=taken.role,
            place=moved.code,
            to=taken.ends_at,
            instead_of=duty.pk,
        )


def _move(by: audit.Actor, old: Place, into: Place, day: date) -> None:
    homes = Household.objects.filter(grid=old).update(grid=into)
    people = Resident.objects.filter(place=old).update(place=into)
    end_duties(by, old, day)
    old.valid_to = day
    old.save(update_fields=["valid_to"])
    audit.record(by, "place_merged", old, into=into.pk, households=homes, residents=people, on=day)
    events.place_merged.send(Place, old=old, into=into, on=day, by=by)
