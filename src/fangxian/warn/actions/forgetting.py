"""What is forgotten of a warning: the words and numbers about a person go, what is counted stays."""

from __future__ import annotations

import base64
from collections.abc import Collection

from django.db.models import Exists, OuterRef, Q, QuerySet

from fangxian.exchange.columns import Field, column_of, mapping_from
from fangxian.exchange.tables import Table, UnreadableTable, read_table
from fangxian.exchange.writing import write_table
from fangxian.warn.models import (
    Batch,
    Call,
    FollowUp,
    Message,
    Note,
    RefusedRow,
    Review,
    RowDone,
    Signal,
    Visit,
)
from fangxian.warn.queries.intake import table_of

# What stands in a row of which nothing else is left: an empty one would be skipped.
_BLACKED_OUT = "—"


def _told() -> list[tuple[QuerySet, dict[str, object]]]:  # type: ignore[type-arg]
    """Rows with words or numbers about a person, and how each is emptied. Visits come apart:
    their notes are kept for longer."""
    return [
        (Signal.objects.exclude(note=b"", risk_number=b""), {"note": "", "risk_number": ""}),
        (Call.objects.exclude(notes=b""), {"notes": ""}),
        (FollowUp.objects.exclude(notes=b""), {"notes": ""}),
        (Review.objects.exclude(notes=b""), {"notes": ""}),
        (Note.objects.exclude(text=b""), {"text": ""}),
        (Message.objects.exclude(phone=None), {"phone": None}),
    ]


def something_told() -> Q:
    """The condition that an episode still holds words or numbers about a person."""
    left = Q()
    for rows, _emptied in _told():
        left |= Q(Exists(rows.filter(episode=OuterRef("pk"))))
    return left


def forget_words(episodes: Collection[int], *, visits: bool = False) -> None:
    """Empty what was told of these episodes (primary keys); `visits`: the notes of visits, too.

    Outcomes, stages, answers tapped and times stay: they say nothing of who it was.
    """
    for rows, emptied in _told():
        rows.filter(episode__in=episodes).update(**emptied)
    if visits:
        Visit.objects.filter(episode__in=episodes).exclude(notes=b"").update(notes="")


def forget_file(batches: QuerySet[Batch]) -> int:
    """Delete the list as it was handed in, its name, its preview and its refused rows; what it
    brought stays counted. Returns how many lists."""
    keys = list(batches.values_list("pk", flat=True))
    RefusedRow.objects.filter(batch__in=keys).delete()
    return Batch.objects.filter(pk__in=keys).update(content="", preview="", filename="")


def forget_rows(episodes: Collection[int]) -> None:
    """Black out what the imported lists say in the rows that became signals of these episodes."""
    done = RowDone.objects.filter(signal__episode__in=episodes, batch__state=Batch.State.DONE)
    rows: dict[int, set[int]] = {}
    for batch, row in done.exclude(batch__content=b"").values_list("batch", "row"):
        rows.setdefault(batch, set()).add(row)
    for handed_in in Batch.objects.filter(pk__in=rows):
        _black_out(handed_in, rows[handed_in.pk])


def _black_out(batch: Batch, rows: set[int]) -> None:
    """Only the sender's own number stays in these rows, so that the others can still be answered.

    The file becomes a csv with every row on its old line. Where that cannot be read back as the
    same list, nothing of the file is kept: the others are then answered without it.
    """
    try:
        table = table_of(batch)
        data = _without(table, rows, column_of(mapping_from(table, batch.columns), Field.REFERENCE))
        again = read_table(data, "list.csv")
        same = (again.keys, again.row_numbers) == (table.keys, table.row_numbers)
    except UnreadableTable:
        same = False
    batch.filename = "list.csv" if same else ""
    batch.content = base64.b64encode(data).decode() if same else ""
    batch.save(update_fields=["filename", "content"])


def _without(table: Table, rows: set[int], kept: int | None) -> bytes:
    lines: dict[int, list[object]] = {}
    for number, row in zip(table.row_numbers, table.rows, strict=True):
        if number in rows:
            row = [cell if column == kept else "" for column, cell in enumerate(row)]
            row = row if any(row) else [_BLACKED_OUT, *row[1:]]
        lines[number] = list(row)
    if table.has_header:
        lines[min(lines, default=2) - 1] = list(table.header)
    last = max(lines, default=0)
    first, *rest = [lines.get(number, []) for number in range(1, last + 1)] or [[]]
    return write_table([str(cell or "") for cell in first], rest, "", "csv")
