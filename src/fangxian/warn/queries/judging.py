"""Every row of a list judged against the town: whose it is, and why it cannot be used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone

from fangxian.detect.kinds import match_kind
from fangxian.exchange.columns import mapping_from
from fangxian.exchange.problems import Problem, shown
from fangxian.exchange.tables import Table
from fangxian.exchange.warning_lists import WarningRow, read_rows
from fangxian.town.access import Ability, access_of, visible_places
from fangxian.town.models import Level, Phone, Place, Resident
from fangxian.town.sealed import blind_index
from fangxian.warn.actions.arriving import NewSignal
from fangxian.warn.models import Batch, Grade

from .whereabouts import Surroundings, Whereabouts

_PIECE = 500


@dataclass(frozen=True)
class JudgedRow:
    """One row: what it says, where it belongs, and why it cannot be used."""

    row: WarningRow
    place: Place
    kind: str
    problems: tuple[Problem, ...]
    remarks: tuple[Problem, ...]

    @property
    def number(self) -> int:
        number: int = self.row.number
        return number

    def signal(self) -> NewSignal:
        """The row as the actions take it in."""
        row = self.row
        return NewSignal(
            place=self.place,
            phones=row.e164s,
            name=row.name,
            id_number=row.id_number,
            birth_year=row.birth_year,
            address=row.address or row.area,
            kind=self.kind,
            grade=Grade[(row.grade or "yellow").upper()],
            reference=row.reference,
            occurred_at=row.occurred_at,
            issued_at=row.issued_at,
            risk_number=row.risk_number,
            note=row.note,
            paid=row.paid,
            loss_fen=row.loss_fen,
            row=row.number,
        )


@dataclass
class Reading:
    """A list with its columns, read against the area of the batch."""

    batch: Batch
    rows: list[WarningRow]
    around: Surroundings
    town: str

    @classmethod
    def of(cls, batch: Batch, table: Table) -> Reading:
        """Read the rows of `table` as the batch maps its columns."""
        mapping = mapping_from(table, batch.columns)
        rows = list(
            read_rows(
                table,
                mapping,
                today=timezone.localdate(),
                default_area_code=settings.DEFAULT_AREA_CODE,
            )
        )
        places = visible_places(batch.by, Ability.TAKE_IN).select_related("parent")
        return cls(batch, rows, Surroundings.of(places), batch.place.name)

    def judged(self, rows: Sequence[WarningRow]) -> Iterator[JudgedRow]:
        """Judge rows in order; the database is asked once per 500 rows."""
        for start in range(0, len(rows), _PIECE):
            yield from self._judge(rows[start : start + _PIECE])

    def _judge(self, rows: Sequence[WarningRow]) -> Iterator[JudgedRow]:
        of_row = [[blind_index(p) for p in row.e164s] for row in rows]
        ours = self._ours({i for indexes in of_row for i in indexes})
        for row, indexes in zip(rows, of_row, strict=True):
            yield self._one(row, next((ours[i] for i in indexes if i in ours), None))

    def _ours(self, indexes: set[str]) -> dict[str, Resident]:
        """Who of our area has these phones. Of others nothing is said, not even that they are known."""
        found = (
            Phone.objects.filter(index__in=indexes, resident__erased_at=None)
            .select_related("resident__place")
            .order_by("-resident__found", "id")
        )
        access, ours = access_of(self.batch.by), dict[str, Resident]()
        for phone in found:
            if access.may(Ability.TAKE_IN, phone.resident.place.code):
                ours.setdefault(phone.index, phone.resident)
        return ours

    def _one(self, row: WarningRow, resident: Resident | None) -> JudgedRow:
        problems, remarks = list(row.problems), list(row.remarks)
        where = self._where(row)
        said = self._about(row, where, knows=resident is not None)
        # By a phone one can ask where its owner lives; by a village nobody knows, nobody is found.
        if said and resident is None and (where.elsewhere or not row.phones):
            problems.append(said)
        elif said:
            remarks.append(said)
        kind = match_kind(row.kind_text) if row.kind_text else "other"
        place = resident.place if resident else where.place or self.batch.place
        return JudgedRow(row, place, kind, tuple(problems), tuple(remarks))

    def _where(self, row: WarningRow) -> Whereabouts:
        """What the village column says; the address where that column is empty or names only a
        town. An address elsewhere beside a village of ours is where somebody is registered."""
        area, address = self.around.look(row.area), self.around.look(row.address)
        vague = not area.elsewhere and (area.place is None or area.place.level == Level.TOWN)
        return address if not row.area or (vague and address.place) else area

    def _about(self, row: WarningRow, where: Whereabouts, knows: bool) -> Problem | None:
        """What a person should know of the place a row names; None where it is one of ours."""
        value = shown(where.village or row.area or row.address)
        if where.place:
            return None
        if where.elsewhere and not knows:
            params = {"region": where.elsewhere, "town": self.town}
            return Problem("outside_region", value=value, params=params)
        if where.likely:
            return Problem("likely_village", value=value, params={"village": where.likely})
        named = bool(row.area or where.village or where.elsewhere)
        return Problem("unknown_area", value=value) if named else None
