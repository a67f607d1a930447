"""Which sheet of a workbook is the list."""

from __future__ import annotations

from django.db import transaction

from fangxian.exchange.columns import SHEET_KEY, guess_columns, mapping_of, remember
from fangxian.town import audit
from fangxian.town.access import Ability, access_of
from fangxian.town.models import Staff
from fangxian.warn.models import Batch
from fangxian.warn.queries.intake import Preview, as_text, preview_of

from .errors import Refused
from .intake import table_of


@transaction.atomic
def choose_sheet(batch: Batch, by: Staff, sheet: str) -> Preview:
    """Read another sheet of the workbook: its columns are guessed, the preview is made anew.

    Raises Refused for a sheet that is not there or empty, or a list that is no longer open.
    """
    access_of(by).check(Ability.TAKE_IN, batch.place.code)
    batch = (
        Batch.objects.select_for_update(of=("self",))
        .select_related("place", "sender", "by")
        .get(pk=batch.pk)
    )
    batch.columns = {SHEET_KEY: sheet}
    table = table_of(batch)
    if batch.state != Batch.State.PREVIEW or table.sheet != sheet:
        raise Refused
    batch.columns = remember(table, mapping_of(guess_columns(table, batch.sender.columns)))
    batch.total = len(table.rows)
    preview = preview_of(batch, table)
    batch.preview = as_text(preview)
    batch.save()
    audit.record(by, "set_columns", batch, what="sheet")
    return preview
