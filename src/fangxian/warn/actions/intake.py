"""Lists: handed in, their columns corrected, confirmed; how they land is in importing.py.

A confirmed list is a promise: its rows land, whatever happens to the worker (decision 6).
"""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

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
from fangxian.town.models import ApiToken, Staff
from fangxian.warn.models import Batch, Sender, Signal
from fangxian.warn.queries.intake import Preview, as_text, preview_of, table_of

from .errors import Refused
from .importing import import_batch
from .signals import NewSignal, Taken, take_in


class ColumnsUnclear(Refused):
    """The columns cannot be used as mapped; the sentences say what is missing."""


def hand_in(by: Staff, sender: Sender, filename: str, data: bytes) -> tuple[Batch, bool]:
    """Take a list of `sender`, guess its columns and work out what would happen.

    `filename` is empty for a pasted table (UTF-8). Returns the batch and whether it is new: the
    same file of the same sender again is the same batch. Raises exchange.UnreadableTable.
    A large list is read for seconds: before the transaction, while others write.
    """
    access_of(by).check(Ability.TAKE_IN)
    digest = hashlib.sha256(settings.KEYS.index + data).hexdigest()
    if earlier := _handed_in(sender, digest):
        return earlier, False
    sheet = sender.columns.get(SHEET_KEY, "")
    table = read_table(data, filename, sheet) if filename else read_pasted(data.decode())
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
        columns=remember(table, mapping_of(guess_columns(table, sender.columns))),
        total=len(table.rows),
    )
    batch.preview = as_text(preview_of(batch, table))
    with transaction.atomic():
        audit.hold()
        if earlier := _handed_in(sender, digest):
            return earlier, False
        batch.save()
        audit.record(by, "hand_in", batch, rows=batch.total, sender=sender.pk)
    return batch, True


def _handed_in(sender: Sender, digest: str) -> Batch | None:
    rows = Batch.objects.filter(sender=sender, digest=digest)
    return rows.exclude(state=Batch.State.CANCELLED).first()


def set_columns(batch: Batch, by: Staff, chosen: dict[str, str]) -> Preview:
    """Correct which column is what (table key -> field or ""), and work out the preview anew."""
    access_of(by).check(Ability.TAKE_IN, batch.place.code)
    table = table_of(batch)
    batch.columns = remember(table, mapping_from(table, chosen))
    return keep_reading(batch, by, table, what="columns")


def keep_reading(batch: Batch, by: Staff, table: Table, what: str) -> Preview:
    """Keep how an open list is now read, and what it would do. Raises Refused if it is not open."""
    preview = preview_of(batch, table)
    with transaction.atomic():
        audit.hold()
        _still_open(Batch.objects.get(pk=batch.pk))
        batch.preview, batch.total = as_text(preview), len(table.rows)
        batch.save(update_fields=["columns", "preview", "total"])
        audit.record(by, "set_columns", batch, what=what)
    return preview


def confirm(batch: Batch, by: Staff) -> Batch:
    """Import the list: remembered columns become the sender's, the worker begins at once.

    Confirming twice imports once. Raises ColumnsUnclear when the columns do not suffice.
    """
    access_of(by).check(Ability.TAKE_IN, batch.place.code)
    table = table_of(batch) if batch.state == Batch.State.PREVIEW else None
    with transaction.atomic():
        audit.hold()
        batch = Batch.objects.select_related("sender").get(pk=batch.pk)
        if batch.state in (Batch.State.QUEUED, Batch.State.RUNNING, Batch.State.DONE):
            return batch
        _still_open(batch)
        if table is None or table.sheet != batch.columns.get(SHEET_KEY, table.sheet):
            raise Refused  # somebody chose another sheet at this very moment
        if problems := mapping_problems(mapping_from(table, batch.columns)):
            raise ColumnsUnclear(" ".join(p.say("zh") for p in problems))
        batch.state, batch.confirmed_at = Batch.State.QUEUED, timezone.now()
        batch.save(update_fields=["state", "confirmed_at"])
        batch.sender.columns = {**batch.sender.columns, **batch.columns}
        batch.sender.save(update_fields=["columns"])
        audit.record(by, "confirm", batch, rows=batch.total)
        import_batch.enqueue(batch.pk)
    return batch


@transaction.atomic
def cancel(batch: Batch, by: Staff) -> Batch:
    """Put a list away that was not confirmed; its content is deleted at once."""
    access_of(by).check(Ability.TAKE_IN, batch.place.code)
    audit.hold()
    batch = Batch.objects.get(pk=batch.pk)
    _still_open(batch)
    batch.state, batch.finished_at = Batch.State.CANCELLED, timezone.now()
    batch.content = batch.preview = ""
    batch.save()
    audit.record(by, "cancel", batch)
    return batch


def _still_open(batch: Batch) -> None:
    if batch.state != Batch.State.PREVIEW:
        raise Refused


@transaction.atomic
def take_in_one(by: Staff, sender: Sender, new: NewSignal) -> Taken:
    """One warning typed into the form."""
    access_of(by).check(Ability.TAKE_IN, new.place.code)
    return take_in(by, sender, Signal.Source.FORM, [new])[0]


@transaction.atomic
def add_sender(by: Staff | ApiToken, name: str) -> Sender:
    """A sender, made once per name."""
    audit.hold()
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
