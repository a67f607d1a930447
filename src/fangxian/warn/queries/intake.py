"""What a list would do: every row judged against the town before anything is written."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from fangxian.exchange.characters import plain, tidy
from fangxian.exchange.columns import (
    SHEET_KEY,
    UNSURE,
    Field,
    Guess,
    guess_columns,
    mapping_from,
    mapping_problems,
)
from fangxian.exchange.masking import without_numbers
from fangxian.exchange.phones import display, mask, parse_number
from fangxian.exchange.tables import Table, read_pasted, read_table
from fangxian.town.models import Staff
from fangxian.town.sealed import mask_name
from fangxian.warn.models import Batch, Sender

from .fates import Fates
from .judging import JudgedRow
from .judging import Reading as Reading
from .visible import visible_batches

# What can become of a row, in the order in which the preview counts them.
BECOMES = ("new", "unknown", "reopened", "merged", "known_before", "refused")
_PIECE = 500
_LONGEST_NOTE = 120
_BETWEEN_HAN = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")


def table_of(batch: Batch) -> Table:
    """The list of a batch, read again from its sealed content."""
    raw = base64.b64decode(batch.content.clear)
    if not batch.filename:
        return read_pasted(raw.decode())
    return read_table(raw, batch.filename.clear, batch.columns.get(SHEET_KEY, ""))


@dataclass
class Preview:
    """What a list would do, masked, ready to be stored and shown page by page."""

    counts: dict[str, int] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)
    title: list[str] = field(default_factory=list)
    warnings: list[dict[str, Any]] = field(default_factory=list)
    columns: list[dict[str, Any]] = field(default_factory=list)
    # Why the columns do not suffice: then no row is judged, and nothing can be imported.
    unclear: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def load(cls, text: str) -> Preview:
        return cls(**json.loads(text)) if text else cls()


def as_text(value: Preview | list[dict[str, Any]]) -> str:
    """JSON for a sealed column."""
    data = value.__dict__ if isinstance(value, Preview) else value
    return json.dumps(data, ensure_ascii=False)


def preview_of(batch: Batch, table: Table) -> Preview:
    """Judge every row of `table` as the batch maps its columns."""
    preview = Preview(
        warnings=[w.as_json(with_value=False) for w in table.warnings],
        columns=columns_of(batch, table),
    )
    if problems := mapping_problems(mapping_from(table, batch.columns)):
        preview.unclear = [p.as_json() for p in problems]
        return preview
    reading, fates = Reading.of(batch, table), Fates(batch.by, batch.sender)
    counts: Counter[str] = Counter()
    judged = list(reading.judged(reading.rows))
    usable = [j for j in judged if not j.problems]
    becomes: dict[int, str] = {}
    for start in range(0, len(usable), _PIECE):
        piece = usable[start : start + _PIECE]
        for j, fate in zip(piece, fates.of([j.signal() for j in piece]), strict=True):
            becomes[j.row.index] = fate
    for j in judged:
        fate = becomes.get(j.row.index, "refused")
        counts[fate] += 1
        preview.rows.append(_shown_row(j, fate))
    preview.counts = {b: counts[b] for b in BECOMES}
    return preview


def _shown_row(judged: JudgedRow, becomes: str) -> dict[str, Any]:
    row = judged.row
    return {
        "row": row.number,
        "becomes": becomes,
        "name": mask_name(row.name),
        "phones": [mask(p) for p in row.e164s],
        "place": judged.place.name,
        "kind": judged.kind,
        "grade": row.grade or "yellow",
        "at": row.occurred_at.isoformat() if row.occurred_at else "",
        "has_time": row.occurred_has_time,
        # A suspect's number is no resident's: it is shown, so that a wrong column is seen.
        "risk": display(row.risk_number) if row.risk_number.startswith("+") else row.risk_number,
        "note": without_numbers(row.note)[:_LONGEST_NOTE],
        "paid": row.paid,
        "loss": row.loss_fen or 0,
        # The wrong value is shown as written: the clerk must find it in the list.
        "problems": [p.as_json(with_value=True) for p in judged.problems],
        "remarks": [p.as_json(with_value=True) for p in judged.remarks],
    }


def columns_of(batch: Batch, table: Table) -> list[dict[str, Any]]:
    """Each column with its key, label, field ("" where not used), why, and whether to look at it."""
    known = {f.value for f in Field}
    guesses = guess_columns(table, batch.sender.columns or {})
    columns = []
    for index, key in enumerate(table.keys):
        chosen = batch.columns.get(key, "")
        chosen = chosen if chosen in known else ""
        guess = guesses.get(index)
        if chosen and (guess is None or guess.field != chosen):
            guess = Guess(Field(chosen), 1.0, "guess_chosen")
        columns.append(
            {
                "key": key,
                "label": table.header[index],
                "field": chosen,
                "code": guess.code if guess and chosen else "",
                "params": dict(guess.params) if guess and chosen else {},
                "unsure": bool(guess and chosen and guess.confidence < UNSURE),
            }
        )
    return columns


def number_of(text: str) -> str:
    """E.164 of a number typed into the form, or empty."""
    parsed = parse_number(text, settings.DEFAULT_AREA_CODE)
    return parsed.e164 if parsed else ""


def sender_named(name: str) -> str:
    """A sender's name as it is kept: the known one, if only spaces, width or case differ."""
    wanted = _key(name)
    known = Sender.objects.order_by("id").values_list("name", flat=True)
    return next((n for n in known if _key(n) == wanted), _BETWEEN_HAN.sub("", tidy(name)))


def _key(name: str) -> str:
    return "".join(plain(name).split()).casefold()


def handed_in_before(who: Staff, data: bytes, sender_name: str) -> Batch | None:
    """The list of the same bytes that was handed in for another sender, if `who` may see it."""
    digest = hashlib.sha256(settings.KEYS.index + data).hexdigest()
    return (
        visible_batches(who)
        .filter(digest=digest)
        .exclude(state=Batch.State.CANCELLED)
        .exclude(sender__name=sender_name)
        .first()
    )
