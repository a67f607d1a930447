"""The grade of an episode and the reasons for it: plain rules, each of which can be read aloud.

A grade decides how soon a person rings, nothing else; no rule acts on a resident.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from fangxian.town.models import Resident, Tag

from .models import Grade, Signal, Stage

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
    fast kinds are at least orange; money that moved is red.
    """
    first = min(signals, key=lambda s: (s.grade, s.received_at))
    grade = Grade(first.grade)
    reasons = [Reason("sender", {"sender": first.sender.name, "grade": int(grade)})]
    steps: list[Reason] = []
    latest = max(s.received_at for s in signals)
    near = [s for s in signals if latest - s.received_at <= _NEAR]
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
    if stage == Stage.PAID:
        steps.append(Reason("paid"))
        grade = Grade.RED
    return grade, reasons + steps
