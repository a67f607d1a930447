"""The audit chain: every state change, reveal, export and sign-in, each link made over the last.

A link is HMAC-SHA-256 over the previous link and the entry, with a key that is not in the
database; whoever can write the tables but lacks the key can neither change, nor drop, nor
reorder, nor cut off entries without `verify` saying where.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from .models import ApiToken, AuditEntry, AuditHead, Staff

# Whoever acts when no person does: the clock, the retention job, an import that goes on.
SYSTEM = "system"
Actor = Staff | ApiToken | str
START = "0" * 64
# What each verb is called on the audit page; rooms add theirs with `name_verbs`.
_WORDS: dict[str, str | Promise] = {}
# Where the current request comes from; set by the sign-in middleware, written with each entry.
origin: ContextVar[str] = ContextVar("origin", default="")


def name_verbs(words: Mapping[str, str | Promise]) -> None:
    """Say what verbs are called (lazy translations); each room does, when it is loaded."""
    _WORDS.update(words)


def words_for(verb: str) -> str:
    """A verb in the reader's language; the verb itself where nobody named it."""
    return str(_WORDS.get(verb, verb))


@dataclass(frozen=True)
class Entry:
    """What to write down: a verb of the domain, the thing it was done to, and bare facts."""

    verb: str
    thing: models.Model | None
    detail: dict[str, Any]


def name_of(actor: Actor) -> str:
    """`staff:12`, `token:3` or `system`: never a name, so that the chain outlives people."""
    if isinstance(actor, str):
        return actor
    return f"{'token' if isinstance(actor, ApiToken) else 'staff'}:{actor.pk}"


def hold() -> AuditHead:
    """Take the writers' lock now: one writer at a time until this transaction ends.

    Actions that look first and write then (is there an open episode?) begin with it, so that on
    PostgreSQL, too, nobody can slip in between; on SQLite a transaction has the lock anyway.
    """
    return AuditHead.objects.select_for_update().filter(id=1).first() or _new_head()


def record(actor: Actor, verb: str, thing: models.Model | None = None, **detail: Any) -> None:
    """Append one entry, inside the caller's transaction. `detail` holds no personal data."""
    record_all(actor, [Entry(verb, thing, detail)])


def record_all(actor: Actor, entries: Iterable[Entry]) -> None:
    """Append many entries with one lock and one insert (imports)."""
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("audit.record belongs inside an action")
    head = hold()
    if head.last_seq and head.seal != _seal(head):
        raise RuntimeError("the audit head was changed from outside; run `fangxian audit verify`")
    rows, at, where = [], timezone.now(), origin.get()
    for entry in entries:
        detail = {**entry.detail, "from": where} if where else entry.detail
        row = AuditEntry(
            seq=head.last_seq + 1,
            at=at,
            actor=name_of(actor),
            verb=entry.verb,
            thing=entry.thing._meta.model_name or "" if entry.thing else "",
            thing_id=str(entry.thing.pk) if entry.thing else "",
            detail=json.loads(json.dumps(detail, default=str)),
            previous=head.last_link,
        )
        row.link = _link(row)
        head.last_seq, head.last_link = row.seq, row.link
        rows.append(row)
    AuditEntry.objects.bulk_create(rows, batch_size=500)
    head.seal = _seal(head)
    head.save()


def _new_head() -> AuditHead:
    head = AuditHead(first_previous=START, last_link=START)
    head.seal = _seal(head)
    # Two first entries at once make one head; the second waits for the first.
    AuditHead.objects.bulk_create([head], ignore_conflicts=True)
    return AuditHead.objects.select_for_update().get(id=1)


def _mac(text: str) -> str:
    return hmac.new(settings.KEYS.audit, text.encode(), hashlib.sha256).hexdigest()


def _link(row: AuditEntry) -> str:
    at = row.at.astimezone(UTC).isoformat(timespec="microseconds")
    facts = [row.seq, at, row.actor, row.verb, row.thing, row.thing_id, row.detail, row.previous]
    return _mac(json.dumps(facts, sort_keys=True, ensure_ascii=False))


def _seal(head: AuditHead) -> str:
    return _mac(f"{head.first_seq}|{head.first_previous}|{head.last_seq}|{head.last_link}")


@dataclass(frozen=True)
class Finding:
    """One thing wrong with the chain: at which entry, and what."""

    seq: int
    what: str


def verify() -> tuple[int, list[Finding]]:
    """Read the whole chain. Returns how many entries were read and what is wrong (at most 20)."""
    head = AuditHead.objects.filter(id=1).first()
    findings: list[Finding] = []
    if head is None:
        rows = AuditEntry.objects.count()
        return rows, [Finding(0, _("链头记录不见了"))] if rows else []
    if head.last_seq and head.seal != _seal(head):
        findings.append(Finding(head.last_seq, _("链头记录被改动过")))
    expected, previous, read = head.first_seq, head.first_previous, 0
    for row in AuditEntry.objects.order_by("seq").iterator(chunk_size=2000):
        read += 1
        if row.seq != expected:
            findings.append(
                Finding(expected, _("从这里起缺 %(count)d 条") % {"count": row.seq - expected})
            )
        elif row.previous != previous:
            findings.append(Finding(row.seq, _("与前一条接不上")))
        if row.link != _link(row):
            findings.append(Finding(row.seq, _("内容被改动过")))
        expected, previous = row.seq + 1, row.link
        if len(findings) >= 20:
            return read, findings
    if (expected - 1, previous) != (head.last_seq, head.last_link):
        says = _("末尾缺失，最后一条应是 %(last)d") % {"last": head.last_seq}
        findings.append(Finding(expected, says))
    return read, findings


@transaction.atomic
def prune(before: datetime) -> int:
    """Drop entries older than `before` from the front of the chain and say so in the chain.

    Returns how many. The head remembers the link before the first kept entry, under its seal.
    """
    head = AuditHead.objects.select_for_update().filter(id=1).first()
    old = AuditEntry.objects.filter(at__lt=before)
    last = old.order_by("-seq").first()
    if head is None or last is None:
        return 0
    # Sequence, not time, bounds the deletion: a clock set back must not leave a hole.
    dropped = AuditEntry.objects.filter(seq__lte=last.seq).delete()[0]
    head.first_seq, head.first_previous = last.seq + 1, last.link
    head.seal = _seal(head)
    head.save()
    record(SYSTEM, "audit_pruned", None, entries=dropped, up_to=last.seq)
    return dropped


def anchor() -> dict[str, Any]:
    """The end of the chain, to be kept outside the database."""
    head = AuditHead.objects.filter(id=1).first()
    return {"seq": head.last_seq, "link": head.last_link} if head else {"seq": 0, "link": START}


def compare(kept: dict[str, Any]) -> list[Finding]:
    """Whether the chain still holds the entry an earlier `anchor` named. A whole database put
    back to an older day passes `verify`; it does not pass this."""
    seq, link = int(kept["seq"]), str(kept["link"])
    if seq == 0:
        return []
    row = AuditEntry.objects.filter(seq=seq).first()
    if row is None:
        head = AuditHead.objects.filter(id=1).first()
        if head is not None and seq < head.first_seq:
            return []
        return [Finding(seq, "the anchored entry is missing")]
    return [] if row.link == link else [Finding(seq, "differs from the anchor")]
