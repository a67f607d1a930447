"""Changing the data key: every sealed value is sealed again with the newest key.

Put the new key first in FANGXIAN_DATA_KEYS, keep the old one behind it, run `fangxian keys
rotate`, then drop the old key. Reading goes on meanwhile: both keys open.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.db import models, transaction

from . import audit
from .sealed import Sealed, SealedField, active_key, key_of

BATCH = 500


def sealed_columns() -> Iterator[tuple[type[models.Model], SealedField]]:
    """Every column of every room that holds sealed values."""
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if isinstance(field, SealedField):
                yield model, field


def reseal() -> dict[str, int]:
    """Seal everything not sealed with the active key anew, a batch a transaction.

    Returns how many values of each column ("town.resident.name") were changed. May be stopped
    and run again. Raises CannotOpen when a value's old key is missing; what was done stays.
    """
    changed: dict[str, int] = {}
    for model, field in sealed_columns():
        count = sum(_batches(model, field))
        if count:
            changed[field.column_label] = count
    with transaction.atomic():
        audit.record(audit.SYSTEM, "keys_rotated", None, key=active_key(), values=changed)
    return changed


def stale() -> dict[str, int]:
    """How many values of each column another key than the active one seals: 0 left, key may go."""
    counts: dict[str, int] = {}
    for model, field in sealed_columns():
        values = model._default_manager.values_list(field.attname, flat=True).iterator(2000)
        left = sum(1 for value in values if _is_stale(value))
        if left:
            counts[field.column_label] = left
    return counts


def _is_stale(value: Sealed) -> bool:
    return bool(value) and key_of(value.stored()) != active_key()


def _batches(model: type[models.Model], field: SealedField) -> Iterator[int]:
    last: object = None
    while True:
        with transaction.atomic():
            rows = model._default_manager.order_by("pk")
            if last is not None:
                rows = rows.filter(pk__gt=last)
            # Locked, so that an edit made meanwhile is not written over with the older text.
            batch = list(rows.select_for_update().only("pk", field.attname)[:BATCH])
            old = [row for row in batch if _is_stale(getattr(row, field.attname))]
            for row in old:
                setattr(row, field.attname, getattr(row, field.attname).clear)
            model._default_manager.bulk_update(old, [field.attname])
        yield len(old)
        if len(batch) < BATCH:
            return
        last = batch[-1].pk
