"""Which sheet of a workbook is the list."""

from __future__ import annotations

from fangxian.exchange.columns import SHEET_KEY, guess_columns, mapping_of, remember
from fangxian.town.access import Ability, access_of
from fangxian.town.models import Staff
from fangxian.warn.models import Batch
from fangxian.warn.queries.intake import Preview, table_of

from .errors import Refused
from .intake import keep_reading


def choose_sheet(batch: Batch, by: Staff, sheet: str) -> Preview:
    """Read another sheet of the workbook: its columns are guessed, the preview is made anew.

    Raises Refused for a sheet that is not there or empty, or a list that is no longer open.
    """
    access_of(by).check(Ability.TAKE_IN, batch.place.code)
    batch.columns = {SHEET_KEY: sheet}
    table = table_of(batch)
    if table.sheet != sheet:
        raise Refused
    batch.columns = remember(table, mapping_of(guess_columns(table, batch.sender.columns)))
    return keep_reading(batch, by, table, what="sheet")
