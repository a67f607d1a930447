"""Lists: handed in, their columns corrected, confirmed, and imported chunk by chunk.

A confirmed list is a promise: its rows land, whatever happens to the worker (decision 6).
"""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_tasks import task

from fangxian.exchange.columns import (
    SHEET_KEY,
    guess_columns,
    mapping_from,
    mapping_of,
    mapping_problems,
    remember,
)
from fangxian.exchange.tables import Table, read_pasted, read_table
from fangxian.town import audit
from fangxian.town.access import Ability, access_of, visible_places
from fangxian.town.models import Staff
from fangxian.warn.models import Batch, RefusedRow, RowDone, Sender, Signal
from fangxian.warn.queries.intake import Preview, Reading, as_text, preview_of

from .errors import Refused
from .signals import NewSignal, Taken, take_in

# Rows in one transaction: long enough to be fast, short enough that an officer who claims a call
# meanwhile waits a fraction of a second.
CHUNK = 200


class ColumnsUnclear(Refused):
    """The columns cannot be used as mapped; the sentences say what is missing."""


def table_of(batch: Batch) -> Table:
    """The list of a batch, read again from its sealed content."""
    raw = base64.b64decode(batch.content.clear)
    if not batch.filename:
        return read_pasted(raw.decode())
    return read_table(raw, batch.filename.clear, batch.columns.get(SHEET_KEY, ""))


@transaction.atomic
def hand_in(by: Staff, sender: Sender, filename: str, data: bytes) -> tuple[Batch, bool]:
    """Take a list of `sender`, guess its columns and work out what would happen.

    `filename` is empty for a pasted table (UTF-8). Returns the batch and whether it is new: the
    same file of the same sender again is the same batch. Raises exchange.UnreadableTable.
    """
    access_of(by).check(Ability.TAKE_IN)
    audit.hold()
    digest = hashlib.sha256(settings.KEYS.index + data).hexdigest()
    earlier = (
        Batch.objects.filter(sender=sender, digest=digest)
        .exclude(state=Batch.State.CANCELLED)
        .first()
    )
    if earlier:
        return earlier, False
    sheet = sender.columns.get(SHEET_KEY, "")
    table = read_table(data, filename, sheet) if filename else read_pasted(data.decode())
    guesses = guess_columns(table, sender.columns)
    place = visible_places(by, Ability.TAKE_IN).order_by("code").first()
    if place is None:
        raise Refused
    batch = Batch(
        sender=sender,
        by=by,
        place=place,
        filename=filename,
        content=base64.b64encode(data).decode(),
        digest=digest,
        columns=remember(table, mapping_of(guesses)),
        total=len(table.rows),
    )
    batch.preview = as_text(preview_of(batch, table))
    batch.save()
    audit.record(by, "hand_in", batch, rows=batch.total, sender=sender.pk)
    return batch, True


@transaction.atomic
def set_columns(batch: Batch, by: Staff, chosen: dict[str, str]) -> Preview:
    """Correct which column is what (table key -> field or ""), and work out the preview anew."""
    access_of(by).check(Ability.TAKE_IN, batch.place.code)
    batch = Batch.objects.select_for_update(of=("self",)).select_related("place").get(pk=batch.pk)
    _still_open(batch)
    table = table_of(batch)
    batch.columns = remember(table, mapping_from(table, chosen))
    preview = preview_of(batch, table)
    batch.preview = as_text(preview)
    batch.save()
    audit.record(by, "set_columns", batch)
    return preview


@transaction.atomic
def confirm(batch: Batch, by: Staff) -> Batch:
    """Import the list: remembered columns become the sender's, the worker begins at once.

    Confirming twice imports once. Raises ColumnsUnclear when the columns do not suffice.
    """
    access_of(by).check(Ability.TAKE_IN, batch.place.code)
    batch = Batch.objects.select_for_update(of=("self",)).select_related("sender").get(pk=batch.pk)
    if batch.state in (Batch.State.QUEUED, Batch.State.RUNNING, Batch.State.DONE):
        return batch
    _still_open(batch)
    table = table_of(batch)
    if problems := mapping_problems(mapping_from(table, batch.columns)):
        raise ColumnsUnclear(" ".join(p.say("zh") for p in problems))
    batch.state, batch.confirmed_at = Batch.State.QUEUED, timezone.now()
    batch.save()
    batch.sender.columns = {**batch.sender.columns, **batch.columns}
    batch.sender.save(update_fields=["columns"])
    audit.record(by, "confirm", batch, rows=batch.total)
    import_batch.enqueue(batch.pk)
    return batch


@transaction.atomic
def cancel(batch: Batch, by: Staff) -> Batch:
    """Put a list away that was not confirmed; its content is deleted at once."""
    access_of(by).check(Ability.TAKE_IN, batch.place.code)
    batch = Batch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    _still_open(batch)
    batch.state, batch.finished_at = Batch.State.CANCELLED, timezone.now()
    batch.content = batch.preview = ""
    batch.save()
    audit.record(by, "cancel", batch)
    return batch


def _still_open(batch: Batch) -> None:
    if batch.state != Batch.State.PREVIEW:
        raise Refused


@task()
def import_batch(batch_id: int) -> int:
    """Import a confirmed list to its end; started again, it goes on after the last whole chunk.

    Returns how many rows there were.
    """
    batch = Batch.objects.select_related("sender", "place", "by").get(pk=batch_id)
    if batch.state in (Batch.State.DONE, Batch.State.CANCELLED):
        return batch.total
    reading = Reading.of(batch, table_of(batch))
    while import_chunk(batch, reading):
        pass
    return batch.total


@transaction.atomic
def import_chunk(batch: Batch, reading: Reading) -> bool:
    """Import the next rows and move the counter with them. Returns whether there is more."""
    audit.hold()
    batch.refresh_from_db(fields=["state", "next_row", "made", "merged", "known_before", "refused"])
    if batch.state == Batch.State.DONE:
        return False
    rows = reading.rows[batch.next_row : batch.next_row + CHUNK]
    usable: list[NewSignal] = []
    refused: list[RefusedRow] = []
    for row in reading.judged(rows):
        if row.problems:
            text = as_text([p.as_json() for p in row.problems])
            refused.append(RefusedRow(batch=batch, row=row.number, problems=text))
        else:
            usable.append(row.signal())
    taken = take_in(batch.by, batch.sender, Signal.Source.FILE, usable, batch)
    RefusedRow.objects.bulk_create(refused, ignore_conflicts=True)
    RowDone.objects.bulk_create(
        [
            RowDone(batch=batch, row=new.row or 0, signal=t.signal)
            for new, t in zip(usable, taken, strict=True)
        ],
        ignore_conflicts=True,
    )
    _count(batch, taken, len(refused))
    batch.next_row += len(rows)
    batch.state = Batch.State.RUNNING
    if batch.next_row >= batch.total:
        batch.state, batch.finished_at = Batch.State.DONE, timezone.now()
        batch.preview = ""
        audit.record(batch.by, "imported", batch, rows=batch.total, refused=batch.refused)
    batch.save()
    return batch.state == Batch.State.RUNNING


def _count(batch: Batch, taken: list[Taken], refused: int) -> None:
    batch.made += sum(t.became == "new" for t in taken)
    batch.merged += sum(t.became in ("merged", "reopened") for t in taken)
    batch.known_before += sum(t.became == "known_before" for t in taken)
    batch.refused += refused


@transaction.atomic
def take_in_one(by: Staff, sender: Sender, new: NewSignal) -> Taken:
    """One warning typed into the form."""
    access_of(by).check(Ability.TAKE_IN, new.place.code)
    return take_in(by, sender, Signal.Source.FORM, [new])[0]


@transaction.atomic
def add_sender(by: Staff, name: str) -> Sender:
    """A sender, made once per name."""
    access_of(by).check(Ability.TAKE_IN)
    sender, made = Sender.objects.get_or_create(name=name.strip())
    if made:
        audit.record(by, "sender", sender)
    return sender


@transaction.atomic
def forget_columns(by: Staff, sender: Sender) -> None:
    """Forget a sender's saved columns, so that the next list is guessed afresh."""
    access_of(by).check(Ability.TAKE_IN)
    Sender.objects.filter(pk=sender.pk).update(columns={})
    audit.record(by, "forget_columns", sender)


@transaction.atomic
def note_export(by: Staff, batch: Batch, rows: int) -> None:
    """Write down that refused rows were taken out as a file."""
    audit.record(by, "export", batch, what="refused_rows", rows=rows)


# How long an unconfirmed list is kept before the retention job deletes it.
UNCONFIRMED_LASTS = timedelta(days=7)
