"""The grade of an episode and the reasons for it: plain rules, each of which can be read aloud.

A grade decides how soon a person rings, nothing else; no rule acts on a resident.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from fangxian.detect.kinds import OTHER
from fangxian.town.models import Resident, Tag

from .models import Batch, Grade, Signal, Stage

# Kinds in which the loss comes within the hour of the first talk: never below orange.
FAST_KINDS = frozenset({"screen_sharing", "fake_police", "fake_customer_service"})
ELDER_AGE = 70
_NEAR = timedelta(hours=24)


@dataclass(frozen=True)
class Reason:
    """One reason for a grade, as data; `say` puts it into the reader's language."""

    code: str
    facts: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, **self.facts}

    @staticmethod
    def say(data: dict[str, Any]) -> str:
        """A stored reason in the current language."""
        texts = {
            "sender": _("%(sender)s定为%(grade)s"),
            "several_senders": _("24 小时内有 %(count)s 家单位预警"),
            "several_signals": _("24 小时内有 %(count)s 条预警"),
            "fast_kind": _("这类骗局往往一小时内转账"),
            "elder_alone": _("%(age)s 岁老人独居"),
            "was_victim": _("以前受过骗"),
            "paid": _("已经转账"),
            "sender_says_paid": _("%(sender)s说明已经转账"),
            "sender_says_lost": _("%(sender)s说明已损失 %(yuan)s 元"),
        }
        facts = dict(data)
        if "grade" in facts:
            facts["grade"] = Grade(facts["grade"]).label
        return texts[data["code"]] % facts


def grade_of(
    signals: Sequence[Signal], resident: Resident, stage: str, now: datetime
) -> tuple[Grade, list[Reason]]:
    """The grade that the signals and what is known of the resident call for, with all reasons.

    The most urgent sender's grade counts; several senders or three signals within a day, an elder
    living alone and an earlier loss each raise by one step, all together by no more than two;
    fast kinds are at least orange; money that moved is red, also when only a sender says so.
    """
    first = min(signals, key=lambda s: (s.grade, s.received_at))
    grade = Grade(first.grade)
    reasons = [Reason("sender", {"sender": first.sender.name, "grade": int(grade)})]
    steps: list[Reason] = []
    latest = max(s.received_at for s in signals)
    near = _once_each([s for s in signals if latest - s.received_at <= _NEAR])
    senders = {s.sender_id for s in near}
    if len(senders) > 1:
        steps.append(Reason("several_senders", {"count": len(senders)}))
    elif len(near) > 2:
        steps.append(Reason("several_signals", {"count": len(near)}))
    if resident.birth_year and Tag.LIVES_ALONE in resident.tags:
        age = now.year - resident.birth_year
        if age >= ELDER_AGE:
            steps.append(Reason("elder_alone", {"age": age}))
    if Tag.WAS_VICTIM in resident.tags:
        steps.append(Reason("was_victim"))
    grade = Grade(max(Grade.RED, grade - min(len(steps), 2)))
    if any(s.kind in FAST_KINDS for s in signals):
        steps.append(Reason("fast_kind"))
        grade = min(grade, Grade.ORANGE)
    paid = _paid(signals, stage)
    return (Grade.RED if paid else grade), [*reasons, *steps, *paid]


def _paid(signals: Sequence[Signal], stage: str) -> list[Reason]:
    """Who says that money moved: we ourselves, and each sender once, with the largest sum named."""
    reasons = [Reason("paid")] if stage == Stage.PAID else []
    told: dict[str, int] = {}
    for signal in signals:
        if signal.paid or signal.loss_fen:
            name = signal.sender.name
            told[name] = max(told.get(name, 0), signal.loss_fen or 0)
    for name, fen in told.items():
        sum_of = {"yuan": f"{fen / 100:,.2f}"} if fen else {}
        reasons.append(
            Reason("sender_says_lost" if fen else "sender_says_paid", {"sender": name, **sum_of})
        )
    return reasons


def _once_each(signals: Sequence[Signal]) -> list[Signal]:
    """The signals without those that came again in the same file under another sender's name.

    One body's file handed in twice, once under a mistyped name, is not two bodies that warn.
    """
    if len({s.sender_id for s in signals}) < 2 or len({s.batch_id for s in signals}) < 2:
        return list(signals)
    batches = {s.batch_id for s in signals if s.batch_id}
    files = dict(Batch.objects.filter(pk__in=batches).values_list("pk", "digest"))
    first: dict[object, Signal] = {}
    for n, signal in enumerate(signals):
        file = files.get(signal.batch_id) if signal.batch_id else None
        first.setdefault((file, signal.row) if file else n, signal)
    return list(first.values())


def kind_of(signals: Sequence[Signal]) -> str:
    """The kind that the call's script should be about: the gravest signal's, of equals the newest.

    "" where no signal names one. Signals come in the order in which they were received.
    """
    named = [(s, n) for n, s in enumerate(signals) if s.kind != OTHER]
    if not named:
        return ""
    gravest, _n = max(named, key=lambda one: (-_urgency(one[0]), one[0].received_at, one[1]))
    return str(gravest.kind)


def _urgency(signal: Signal) -> int:
    """The grade by the signal alone; smaller is nearer."""
    if signal.paid or signal.loss_fen:
        return Grade.RED
    return min(signal.grade, Grade.ORANGE) if signal.kind in FAST_KINDS else signal.grade
