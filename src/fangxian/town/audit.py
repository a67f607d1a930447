"""The audit chain: every state change, reveal, export and sign-in, each link made over the last.

A link is HMAC-SHA-256 over the previous link and the entry, with a key that is not in the
database; whoever can write the tables but lacks the key can neither change, nor drop, nor
reorder, nor cut off entries without `verify` saying where. Emptied tables and an older head with
its tail cut off are told by an anchor outside the database (anchors.py).
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
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from . import anchors
from .masks import without_identities
from .models import ApiToken, AuditEntry, AuditHead, Staff

# Whoever acts when no person does: the clock, the retention job, an import that goes on.
SYSTEM = "system"
Actor = Staff | ApiToken | str
START = "0" * 64
# Facts that a person typed: long numbers in them are masked, whoever writes the entry.
FREE_TEXTS = ("note", "reason", "why", "because")
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
    kept = _refuse_broken(head)
    rows, at, where = [], timezone.now(), origin.get()
    for entry in entries:
        detail = {**entry.detail, "from": where} if where else {**entry.detail}
        for key in FREE_TEXTS:
            if isinstance(detail.get(key), str):
                detail[key] = without_identities(detail[key])
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
    if anchors.is_behind(kept, head.last_seq):
        seq, link = head.last_seq, head.last_link
        # Only what is committed: a file ahead of the chain would cry wolf.
        transaction.on_commit(lambda: anchors.keep(seq, link))


def _refuse_broken(head: AuditHead) -> anchors.Anchor | None:
    """Nothing is added to a chain that was cut or changed: it would be buried under new entries.

    Returns the kept anchor. Raises RuntimeError.
    """
    kept = anchors.kept()
    if head.seal != _seal(head) or (kept is not None and head.last_seq < kept["seq"]):
        raise RuntimeError("the audit head was changed from outside; run `fangxian audit verify`")
    return kept


def _new_head() -> AuditHead:
    if AuditEntry.objects.exists() or anchors.kept() is not None:
        raise RuntimeError("the audit head is missing; run `fangxian audit verify`")
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


def verify(against_kept: bool = True) -> tuple[int, list[Finding]]:
    """Read the whole chain. Returns how many entries were read and what is wrong (at most 20).

    Entries may be added meanwhile. A chain that is whole renews the kept anchor; without
    `against_kept` (an older backup put back on purpose) the anchor is neither asked nor renewed.
    """
    while True:
        head = AuditHead.objects.filter(id=1).first()
        read, findings, end = _walk(head)
        now = AuditHead.objects.filter(id=1).first()
        # A pruning meanwhile moved the beginning: read again.
        if head is None or now is None or now.first_seq == head.first_seq or not findings:
            break
    # The head only grows: what was read before it cannot lie behind it.
    if now is not None and end > now.last_seq and not findings:
        findings.append(Finding(now.last_seq + 1, _("链头之后还有记录")))
    if against_kept:
        findings += _compare_kept()
        if head is not None and not findings:
            _renew_kept(head)
    return read, findings[:20]


def _walk(head: AuditHead | None) -> tuple[int, list[Finding], int]:
    """Every entry against the one before, and the chain against a head that was read first.

    Returns how many were read, what is wrong, and the last sequence.
    """
    findings: list[Finding] = []
    if head is None:
        rows = AuditEntry.objects.count()
        return rows, [Finding(0, _("链头记录不见了"))] if rows else [], 0
    if head.seal != _seal(head):
        findings.append(Finding(head.last_seq, _("链头记录被改动过")))
    expected, previous, read = head.first_seq, head.first_previous, 0
    at_head = previous if head.last_seq < head.first_seq else ""
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
        at_head = row.link if row.seq == head.last_seq else at_head
        if len(findings) >= 20:
            return read, findings, row.seq
    if expected <= head.last_seq:
        says = _("末尾缺失，最后一条应是 %(last)d") % {"last": head.last_seq}
        findings.append(Finding(expected, says))
    elif at_head != head.last_link:
        findings.append(Finding(head.last_seq, _("与链头接不上")))
    return read, findings, expected - 1


def _compare_kept() -> list[Finding]:
    try:
        kept = anchors.kept()
    except anchors.AnchorDamaged:
        return [Finding(0, _("库外保存的锚点文件被改动过"))]
    return compare(kept) if kept is not None else []


def _renew_kept(head: AuditHead) -> None:
    seq, link = head.last_seq, head.last_link
    if seq:
        transaction.on_commit(lambda: anchors.keep(seq, link))


def renew_anchor(even_back: bool = False) -> list[Finding]:
    """Let the kept anchor name today's end of the chain, unless the chain contradicts the old one.

    Returns what contradicts. `even_back`: an older backup was just put back on purpose.
    """
    head = AuditHead.objects.filter(id=1).first()
    findings = [] if even_back else _compare_kept()
    if head is not None and not findings:
        _renew_kept(head)
    return findings


def prunable(before: datetime) -> QuerySet[AuditEntry]:
    """The front of the chain in which every entry is older than `before`.

    One fresh entry ends it: an entry with a wrong date, stamped while a clock was off, must not
    take the fresh ones before it along.
    """
    fresh = AuditEntry.objects.filter(at__gte=before).order_by("seq").values("seq")[:1]
    first_fresh = fresh.first()
    old = AuditEntry.objects.filter(at__lt=before)
    return old.filter(seq__lt=first_fresh["seq"]) if first_fresh else old


@transaction.atomic
def prune(before: datetime, most: int | None = None) -> int:
    """Drop entries older than `before` from the front of the chain and say so in the chain.

    At most `most` entries, if given. Returns how many. The head remembers the link before the
    first kept entry, under its seal.
    """
    head = hold()
    _refuse_broken(head)
    old = list(prunable(before).order_by("seq").values_list("seq", "link")[:most])
    if not old:
        return 0
    last, link = old[-1]
    dropped = AuditEntry.objects.filter(seq__lte=last).delete()[0]
    head.first_seq, head.first_previous = last + 1, link
    head.seal = _seal(head)
    head.save()
    record(SYSTEM, "audit_pruned", None, entries=dropped, up_to=last)
    return dropped


def anchor() -> anchors.Anchor:
    """The end of the chain, to be kept outside the database."""
    head = AuditHead.objects.filter(id=1).first()
    return anchors.sign(head.last_seq, head.last_link) if head else anchors.sign(0, START)


def compare(kept: Mapping[str, Any]) -> list[Finding]:
    """Whether the chain still holds the entry an earlier `anchor` named. A whole database put
    back to an older day passes the walk of the chain; it does not pass this."""
    if not anchors.is_ours(kept):
        return [Finding(0, _("不是本系统的锚点，或被改动过"))]
    seq, link = int(kept["seq"]), str(kept["link"])
    if seq == 0:
        return []
    row = AuditEntry.objects.filter(seq=seq).first()
    if row is None:
        head = AuditHead.objects.filter(id=1).first()
        if head is not None and head.seal == _seal(head) and seq < head.first_seq:
            return []
        return [Finding(seq, _("锚点记下的这一条不见了"))]
    return [] if row.link == link else [Finding(seq, _("与锚点记下的不同"))]
