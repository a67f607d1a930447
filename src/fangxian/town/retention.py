"""How long what is kept, in code, and the job that deletes or pseudonymises on time.

Each room registers its rules when it is loaded (`rule` in its AppConfig.ready); the retention
page shows this table, what was deleted when, and what goes next. Periods: domain.md §4.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import CharField, Count, QuerySet, Value
from django.utils import timezone
from django.utils.functional import Promise

from . import audit
from .models import Deletion

logger = logging.getLogger(__name__)
# Rows in one transaction, and the seconds after a whole one in which the others write: SQLite's
# waiting writers look every tenth of a second.
BATCH, BREATH = 500, 0.12
Words = str | Promise


@dataclass(frozen=True)
class Rule:
    """One line of the table.

    `key` names it for ever (rows of Deletion refer to it). `due(before)` gives what is older than
    a moment; `end(rows)` deletes or pseudonymises at most a batch of them and returns how many.
    """

    key: str
    what: Words
    keeps: timedelta
    does: Words
    why: Words
    due: Callable[[datetime], QuerySet]  # type: ignore[type-arg]
    end: Callable[[QuerySet], int]  # type: ignore[type-arg]


_RULES: dict[str, Rule] = {}


def rule(
    key: str,
    what: Words,
    keeps: timedelta,
    does: Words,
    why: Words,
    *,
    due: Callable[[datetime], QuerySet],  # type: ignore[type-arg]
    end: Callable[[QuerySet], int],  # type: ignore[type-arg]
) -> Rule:
    """Put a line into the table (see Rule). Raises ValueError when the key is taken."""
    if key in _RULES:
        raise ValueError(f"retention rule {key!r} is registered twice")
    _RULES[key] = Rule(key, what, keeps, does, why, due, end)
    return _RULES[key]


def rules() -> list[Rule]:
    """The table, in the order in which the rooms registered."""
    return list(_RULES.values())


def run(now: datetime | None = None) -> list[Deletion]:
    """End what is past its time, by every rule. Returns one row for each rule that ended any.

    Batches of 500, a transaction each, so that nobody waits long for the lock; stopped half-way,
    the next run goes on. Running twice ends nothing twice.
    """
    moment = now or timezone.now()
    done = [_run_one(r, moment) for r in rules()]
    for finding in audit.renew_anchor():
        # Once a day without anybody asking: a chain cut off must not wait for the auditor.
        logger.critical("audit chain, entry %s: %s", finding.seq, finding.what)
    return [deletion for deletion in done if deletion is not None]


def _run_one(rule: Rule, moment: datetime) -> Deletion | None:
    before, row = moment - rule.keeps, None
    for keys in _batches(rule, before):
        with transaction.atomic():
            # The lock before any row, as every action takes it: two orders are a deadlock.
            audit.hold()
            # Somebody may have ended some since they were looked up.
            rows = rule.due(before).filter(pk__in=keys)
            if not rows.exists():
                continue
            count = rule.end(rows)
            row = row or Deletion(rule=rule.key, at=moment, how_many=0, older_than=before)
            row.how_many += count
            row.save()
            audit.record(audit.SYSTEM, "retained_no_longer", row, rule=rule.key, count=count)
        if not count:
            # What is called due for ever is a fault of the rule, not a thing to keep silent about.
            raise RuntimeError(f"retention rule {rule.key!r} left its {len(keys)} rows")
        if len(keys) == BATCH:
            time.sleep(BREATH)
    return row


def _batches(rule: Rule, before: datetime) -> Iterator[list[Any]]:
    """Keys of what is due, looked up without the lock: in a large town that takes its time. Each
    row is looked at once."""
    rows = rule.due(before).order_by("pk").values_list("pk", flat=True)
    keys = list(rows[:BATCH])
    while keys:
        yield keys
        keys = list(rows.filter(pk__gt=keys[-1])[:BATCH])


@dataclass(frozen=True)
class Outlook:
    """What one rule will end: how much is due now, and within the coming week."""

    rule: Rule
    due_now: int
    due_in_a_week: int


def outlook(now: datetime | None = None) -> list[Outlook]:
    """What will be deleted next, by rule: counted in one query, however many rules there are."""
    moment = now or timezone.now()
    found: list[Rule] = rules()
    parts = [
        _counted(r.due(at - r.keeps), f"{r.key}|{when}")
        for r in found
        for when, at in (("now", moment), ("week", moment + timedelta(days=7)))
    ]
    counts = dict(parts[0].union(*parts[1:], all=True)) if parts else {}
    return [
        Outlook(r, counts.get(f"{r.key}|now", 0), counts.get(f"{r.key}|week", 0)) for r in found
    ]


def _counted(rows: QuerySet, name: str) -> QuerySet:  # type: ignore[type-arg]
    """`rows` as one row (name, count); none when there are none."""
    label = Value(name, output_field=CharField())
    named = rows.order_by().annotate(counted_as=label).values("counted_as")
    counted: QuerySet = named.annotate(n=Count("pk")).values_list("counted_as", "n")  # type: ignore[type-arg]
    return counted
