"""What a list would do: every row judged against the town before anything is written."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.utils import timezone

from fangxian.detect.kinds import match_kind
from fangxian.exchange.columns import Field, mapping_from
from fangxian.exchange.phones import mask, parse_number
from fangxian.exchange.problems import Problem
from fangxian.exchange.tables import Table
from fangxian.exchange.warning_lists import WarningRow, read_rows
from fangxian.town.access import Ability, access_of, visible_places
from fangxian.town.models import Phone, Place, Resident
from fangxian.town.queries import PlaceFinder
from fangxian.town.sealed import blind_index, mask_name
from fangxian.warn.actions.signals import NewSignal
from fangxian.warn.models import Batch, Episode, Grade, Signal

# What can become of a row, in the order in which the preview counts them.
BECOMES = ("new", "unknown", "merged", "known_before", "refused")
_PIECE = 500


@dataclass(frozen=True)
class JudgedRow:
    """One row: what it says, where it belongs, and what would become of it."""

    row: WarningRow
    place: Place
    kind: str
    problems: tuple[Problem, ...]
    remarks: tuple[Problem, ...]
    becomes: str

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
            address=row.address or row.area,
            kind=self.kind,
            grade=Grade[(row.grade or "yellow").upper()],
            reference=row.reference,
            occurred_at=row.occurred_at,
            risk_number=row.risk_number,
            note=row.note,
            row=row.number,
        )


@dataclass
class Reading:
    """A list with its columns, read against the area of the batch."""

    batch: Batch
    rows: list[WarningRow]
    finder: PlaceFinder
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
        places = visible_places(batch.by, Ability.TAKE_IN)
        return cls(batch, rows, PlaceFinder(places), batch.place.name)

    def judged(self, rows: Sequence[WarningRow]) -> Iterator[JudgedRow]:
        """Judge rows in order; the database is asked once per 500 rows."""
        for start in range(0, len(rows), _PIECE):
            yield from self._judge(rows[start : start + _PIECE])

    def _judge(self, rows: Sequence[WarningRow]) -> Iterator[JudgedRow]:
        indexes = {blind_index(p) for row in rows for p in row.e164s}
        found = (
            Phone.objects.filter(index__in=indexes, resident__erased_at=None)
            .select_related("resident__place")
            .order_by("id")
        )
        residents: dict[str, Resident] = {}
        for phone in found:
            residents.setdefault(phone.index, phone.resident)
        busy = set(
            Episode.objects.filter(resident__in={r.pk for r in residents.values()})
            .exclude(state=Episode.State.CLOSED)
            .values_list("resident_id", flat=True)
        )
        kept: list[tuple[WarningRow, Resident | None]] = []
        for row in rows:
            known = [residents[i] for p in row.e164s if (i := blind_index(p)) in residents]
            kept.append((row, known[0] if known else None))
        judged = [self._one(row, resident, busy) for row, resident in kept]
        marks = {j.number: j.signal().fingerprint(self.batch.sender) for j in judged}
        before = set(
            Signal.objects.filter(fingerprint__in=set(marks.values())).values_list(
                "fingerprint", flat=True
            )
        )
        for j in judged:
            if not j.problems and marks[j.number] in before:
                j = replace(j, becomes="known_before")
            yield j

    def _one(self, row: WarningRow, resident: Resident | None, busy: set[int]) -> JudgedRow:
        problems, remarks = list(row.problems), list(row.remarks)
        place = self.finder.find(row.area) if row.area else None
        if place is None and row.address:
            place = self.finder.find(row.address)
        if resident is not None:
            if not access_of(self.batch.by).may(Ability.TAKE_IN, resident.place.code):
                problems.append(Problem("outside_area", value=row.area, params={"town": self.town}))
            elif row.area and place is None:
                remarks.append(Problem("unknown_area", value=row.area))
            place = resident.place
        elif place is None and row.area:
            problems.append(Problem("outside_area", value=row.area, params={"town": self.town}))
        kind = match_kind(row.kind_text) if row.kind_text else "other"
        becomes = "refused" if problems else "unknown" if resident is None else "new"
        if (resident is not None and not problems and (resident.pk in busy or row.repeats)) or (
            resident is None and row.repeats and not problems
        ):
            becomes = "merged"
        return JudgedRow(
            row, place or self.batch.place, kind, tuple(problems), tuple(remarks), becomes
        )


@dataclass
class Preview:
    """What a list would do, masked, ready to be stored and shown page by page."""

    counts: dict[str, int] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)
    title: list[str] = field(default_factory=list)
    warnings: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def load(cls, text: str) -> Preview:
        return cls(**json.loads(text)) if text else cls()


def as_text(value: Preview | list[dict[str, Any]]) -> str:
    """JSON for a sealed column."""
    data = value.__dict__ if isinstance(value, Preview) else value
    return json.dumps(data, ensure_ascii=False)


def preview_of(batch: Batch, table: Table) -> Preview:
    """Judge every row of `table` as the batch maps its columns."""
    reading = Reading.of(batch, table)
    preview = Preview(warnings=[w.as_json(with_value=False) for w in table.warnings])
    counts: Counter[str] = Counter()
    for judged in reading.judged(reading.rows):
        row = judged.row
        counts[judged.becomes] += 1
        preview.rows.append(
            {
                "row": row.number,
                "becomes": judged.becomes,
                "name": mask_name(row.name),
                "phones": [mask(p) for p in row.e164s],
                "place": judged.place.name,
                "kind": judged.kind,
                "grade": row.grade or "yellow",
                "at": row.occurred_at.isoformat() if row.occurred_at else "",
                # The wrong value is shown as written: the clerk must find it in the list.
                "problems": [p.as_json(with_value=True) for p in judged.problems],
                "remarks": [p.as_json(with_value=True) for p in judged.remarks],
            }
        )
    preview.counts = {b: counts[b] for b in BECOMES}
    return preview


def column_examples(table: Table, columns: dict[str, str]) -> list[dict[str, Any]]:
    """For the mapping form: each column with its key, samples as written, and its field."""
    known = {f.value for f in Field}
    return [
        {
            "key": key,
            "label": table.header[i],
            "field": columns.get(key, "") if columns.get(key, "") in known else "",
        }
        for i, key in enumerate(table.keys)
    ]


def number_of(text: str) -> str:
    """E.164 of a number typed into the form, or empty."""
    parsed = parse_number(text, settings.DEFAULT_AREA_CODE)
    return parsed.e164 if parsed else ""
