"""Registers of residents: handed in, their columns corrected, confirmed, imported by the worker.

A confirmed register is a promise: its rows land, whatever happens to the worker (decision 6).
"""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping, Sequence

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import task

from fangxian.exchange.tables import read_pasted, read_table

from .. import audit
from ..access import Ability, access_of, check
from ..models import Household, Level, Phone, Place, Resident, ResidentList, Staff
from ..queries.known_residents import mark_known
from ..queries.resident_lists import MOST_ROWS, Column, ResidentRow, guess, read_rows, table_of
from ..sealed import blind_index
from .errors import Refused

# Rows in one transaction: an officer who claims a call meanwhile waits a fraction of a second.
CHUNK = 300
# Seconds between two chunks in which the others write: SQLite's waiting writers look every tenth.
BREATH = 0.12


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
        total=len(table.rows),
    )
    audit.record(by, "residents_handed_in", handed, rows=handed.total, place=place.code)
    return handed


@transaction.atomic
def set_resident_columns(by: Staff, handed: ResidentList, chosen: Mapping[str, str]) -> None:
    """Correct what the columns are: table key -> Column value, "" for unused ones."""
    _taken(by, handed)
    allowed = {"", *Column.values}
    handed.columns = {
        key: chosen[key] if chosen.get(key) in allowed else before
        for key, before in handed.columns.items()
    }
    handed.save(update_fields=["columns"])
    # Without the headers: what a stranger's table calls its columns is not ours to keep.
    used = sorted(filter(None, handed.columns.values()))
    audit.record(by, "residents_columns_set", handed, columns=used)


@transaction.atomic
def confirm_residents(by: Staff, handed: ResidentList) -> ResidentList:
    """Import a register: the worker begins at once. Confirming twice imports once.

    Rows that can be used are registered; those known already are skipped, so that a register may
    be imported again; unclear and unusable ones are counted. Raises Refused when no column is the
    name.
    """
    _own(by, handed)
    if handed.confirmed_at:
        return handed
    if Column.NAME not in handed.columns.values():
        raise Refused(_("请先指出哪一列是姓名。"))
    handed.confirmed_at = timezone.now()
    handed.save(update_fields=["confirmed_at"])
    audit.record(by, "residents_confirmed", handed, rows=handed.total)
    import_resident_list.enqueue(handed.pk)
    return handed


@transaction.atomic
def drop_resident_list(by: Staff, handed: ResidentList) -> None:
    """Give up a register that was not confirmed."""
    _taken(by, handed)
    audit.record(by, "residents_list_dropped", handed)
    handed.delete()


@transaction.atomic
def note_rows_taken_out(by: Staff, handed: ResidentList, rows: int) -> None:
    """Write down that rows which were not registered were taken out as a file."""
    _own(by, handed)
    audit.record(by, "residents_rows_exported", handed, rows=rows)


@task()
def import_resident_list(pk: int) -> int:
    """Import a confirmed register to its end; started again, it goes on after the last whole
    chunk. Returns how many residents it added."""
    handed = ResidentList.objects.select_related("by", "place").filter(pk=pk).first()
    # Deleted meanwhile (retention), or done by another worker.
    if handed is None or handed.done_at or not handed.confirmed_at:
        return 0
    rows = read_rows(
        table_of(handed),
        handed.columns,
        handed.by,
        handed.place,
        timezone.localdate(handed.confirmed_at),
    )
    while import_residents_chunk(handed, rows):
        time.sleep(BREATH)
    return int(handed.result.get("added", 0))


@transaction.atomic
def import_residents_chunk(handed: ResidentList, rows: Sequence[ResidentRow]) -> bool:
    """Import the next rows and move the counter with them. Returns whether there is more."""
    audit.hold()
    handed.refresh_from_db(fields=["next_row", "result", "done_at"])
    if handed.done_at:
        return False
    part = rows[handed.next_row : handed.next_row + CHUNK]
    _refuse_closed(handed.by, part)
    # Under the lock, against what is registered now: two registers at once add nobody twice.
    mark_known(part)
    households = _register(handed, [row for row in part if row.becomes == "new"])
    counts = {"households": households}
    for row in part:
        counts[_COUNTED[row.becomes]] = counts.get(_COUNTED[row.becomes], 0) + 1
    handed.result = {
        key: handed.result.get(key, 0) + counts.get(key, 0)
        for key in ("households", *_COUNTED.values())
    }
    handed.next_row += len(part)
    if handed.next_row >= len(rows):
        handed.done_at, handed.content = timezone.now(), ""
        audit.record(handed.by, "residents_imported", handed, **handed.result)
    handed.save(update_fields=["result", "next_row", "done_at", "content"])
    return handed.done_at is None


_COUNTED = {"new": "added", "known": "known", "unclear": "unclear", "refused": "refused"}


def _refuse_closed(by: Staff, rows: Sequence[ResidentRow]) -> None:
    """Places that closed, or left the area of whoever imports, since the register was read."""
    today = Place.objects.at(timezone.localdate()).filter(valid_to=None)
    places = today.in_bulk({row.place.pk for row in rows if row.place})
    for row in rows:
        if row.place and not row.problems:
            place = places.get(row.place.pk)
            if place is None or not access_of(by).may(Ability.EDIT_RESIDENTS, place.code):
                row.problems.append(_("“%(place)s”已经停用。") % {"place": row.place.name})


def _register(handed: ResidentList, rows: Sequence[ResidentRow]) -> int:
    """Write some rows. Returns how many households were new."""
    homes = _homes({row.place.pk for row in rows if row.place and row.address})
    fresh: dict[tuple[int, str], Household] = {}
    for row in rows:
        assert row.place is not None  # noqa: S101  a row without place has problems
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
    audit.record(handed.by, "residents_added", handed, count=len(made), households=len(fresh))
    return len(fresh)


def _homes(places: set[int]) -> dict[tuple[int, str], Household]:
    """Households in these places by address, so that a family joins the one that exists."""
    rows = Household.objects.filter(grid__in=places)
    return {(home.grid_id, home.address.clear): home for home in rows}


def _own(by: Staff, handed: ResidentList) -> None:
    """The register as it is now, under the writers' lock. Raises PermissionDenied."""
    audit.hold()
    handed.refresh_from_db()
    if handed.by_id != by.pk:
        raise PermissionDenied(Ability.EDIT_RESIDENTS)
    check(by, Ability.EDIT_RESIDENTS, handed.place.code)


def _taken(by: Staff, handed: ResidentList) -> None:
    _own(by, handed)
    if handed.done_at:
        raise Refused(_("这份名册已经导入过了。"))
    if handed.confirmed_at:
        raise Refused(_("这份名册正在导入，不能再改。"))
