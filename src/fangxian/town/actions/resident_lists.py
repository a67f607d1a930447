"""Registers of residents: handed in, their columns corrected, imported."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from fangxian.exchange.tables import read_pasted, read_table

from .. import audit
from ..access import Ability, check
from ..models import Household, Level, Phone, Place, Resident, ResidentList, Staff
from ..queries.resident_lists import MOST_ROWS, Column, ResidentRow, guess, read_residents, table_of
from ..sealed import blind_index
from .errors import Refused

# Rows in one transaction: an officer who claims a call meanwhile waits a fraction of a second.
CHUNK = 300


@dataclass
class ImportResult:
    """What became of the rows of a register."""

    added: int = 0
    households: int = 0
    known: int = 0
    refused: int = 0


@transaction.atomic
def hand_in_residents(by: Staff, place: Place, filename: str, data: bytes) -> ResidentList:
    """Keep a register until it is confirmed (at most a day) and guess its columns.

    `place` is a grid or village: where rows belong that name no place. `filename` is empty for a
    pasted table (UTF-8). Raises exchange.UnreadableTable; Refused for too many rows.
    """
    check(by, Ability.EDIT_RESIDENTS, place.code)
    if place.level not in (Level.VILLAGE, Level.GRID):
        raise Refused(_("请选择名册所属的村社区或网格。"))
    table = read_table(data, filename) if filename else read_pasted(data.decode())
    if len(table.rows) > MOST_ROWS:
        raise Refused(
            _("名册有 %(rows)d 行，一次最多 %(most)d 行，请分几份导入。")
            % {"rows": len(table.rows), "most": MOST_ROWS}
        )
    handed = ResidentList.objects.create(
        by=by,
        place=place,
        filename=filename[:100],
        content=base64.b64encode(data).decode(),
        columns=guess(table),
    )
    audit.record(by, "residents_handed_in", handed, rows=len(table.rows), place=place.code)
    return handed


@transaction.atomic
def set_resident_columns(by: Staff, handed: ResidentList, chosen: Mapping[str, str]) -> None:
    """Correct what the columns are: table key -> Column value, "" for unused ones."""
    _refuse_others(by, handed)
    allowed = {"", *Column.values}
    handed.columns = {
        key: chosen[key] if chosen.get(key) in allowed else before
        for key, before in handed.columns.items()
    }
    handed.save(update_fields=["columns"])


def import_residents(by: Staff, handed: ResidentList) -> ImportResult:
    """Import the rows that can be used; those known already are skipped, so that a register may
    be imported again. Chunks of 300 rows, a transaction each; the content is dropped at the end.

    Raises Refused when no column is the name.
    """
    _refuse_others(by, handed)
    if Column.NAME not in handed.columns.values():
        raise Refused(_("请先指出哪一列是姓名。"))
    rows = read_residents(table_of(handed), handed.columns, by, handed.place, timezone.localdate())
    result = ImportResult(
        known=sum(row.becomes == "known" for row in rows),
        refused=sum(row.becomes == "refused" for row in rows),
    )
    new = [row for row in rows if row.becomes == "new"]
    homes = _homes({row.place.pk for row in new if row.place and row.address})
    for start in range(0, len(new), CHUNK):
        result.households += _import_chunk(by, handed, new[start : start + CHUNK], homes)
    result.added = len(new)
    with transaction.atomic():
        handed.result, handed.done_at = asdict(result), timezone.now()
        handed.save(update_fields=["result", "done_at"])
        audit.record(by, "residents_imported", handed, **handed.result)
    return result


@transaction.atomic
def drop_resident_list(by: Staff, handed: ResidentList) -> None:
    """Give up a register; what was imported stays."""
    _refuse_others(by, handed)
    audit.record(by, "residents_list_dropped", handed)
    handed.delete()


@transaction.atomic
def _import_chunk(
    by: Staff,
    handed: ResidentList,
    rows: Sequence[ResidentRow],
    homes: dict[tuple[int, str], Household],
) -> int:
    """Write some rows. Returns how many households were new; adds them to `homes`."""
    fresh: dict[tuple[int, str], Household] = {}
    for row in rows:
        assert row.place is not None  # noqa: S101  a row without place has problems
        check(by, Ability.EDIT_RESIDENTS, row.place.code)
        key = (row.place.pk, row.address)
        if row.address and key not in homes and key not in fresh:
            fresh[key] = Household(grid=row.place, address=row.address)
    Household.objects.bulk_create(fresh.values())
    homes.update(fresh)
    made = Resident.objects.bulk_create(
        Resident(
            name=row.name,
            id_number=row.id_number,
            birth_year=row.birth_year,
            place=row.place,
            household=homes.get((row.place.pk, row.address)) if row.place else None,
            tags=list(row.tags),
        )
        for row in rows
    )
    Phone.objects.bulk_create(
        Phone(resident=resident, number=number, index=blind_index(number))
        for resident, row in zip(made, rows, strict=True)
        for number in row.phones
    )
    audit.record(by, "residents_added", handed, count=len(made), households=len(fresh))
    return len(fresh)


def _homes(places: set[int]) -> dict[tuple[int, str], Household]:
    """Households in these places by address, so that a family joins the one that exists."""
    rows = Household.objects.filter(grid__in=places)
    return {(home.grid_id, home.address.clear): home for home in rows}


def _refuse_others(by: Staff, handed: ResidentList) -> None:
    if handed.by_id != by.pk:
        raise PermissionDenied(Ability.EDIT_RESIDENTS)
    check(by, Ability.EDIT_RESIDENTS, handed.place.code)
    if handed.done_at:
        raise Refused(_("这份名册已经导入过了。"))
