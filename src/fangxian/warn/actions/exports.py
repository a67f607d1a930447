"""Tables that leave the house are written down: who, what, how many rows."""

from __future__ import annotations

from django.db import transaction

from fangxian.town import audit
from fangxian.town.access import Ability, access_of
from fangxian.town.models import Staff


@transaction.atomic
def note_export(by: Staff, what: str, rows: int, **narrowed: object) -> None:
    """Write down an export of `rows` rows of `what`, and to what the list was narrowed.

    `narrowed` holds no personal data: a phone that was searched for is not among it.
    """
    access_of(by).check(Ability.EXPORT)
    audit.record(by, "export", None, what=what, rows=rows, **narrowed)
