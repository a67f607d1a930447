"""What the one who rings needs on the screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from fangxian.detect.kinds import kind_name
from fangxian.exchange.problems import language_of
from fangxian.town.codes import code_of
from fangxian.town.models import Phone, Staff
from fangxian.warn.actions.calls import TRIES
from fangxian.warn.clock import Clocks
from fangxian.warn.grading import Reason
from fangxian.warn.models import Call, CallOutcome, Grade, Task
from fangxian.warn.script import CallScript, call_script, filled


@dataclass(frozen=True)
class CallSheet:
    """Everything on the call page: who, why, what to say, and what the next failed try means."""

    task: Task
    kind: str
    reasons: list[str]
    age: int | None
    phones: list[Phone]
    code: str
    script: CallScript
    tries: int
    retry_at: Any
    last_try: bool


def call_sheet(task: Task, by: Staff) -> CallSheet:
    """The sheet for one call. Four queries: phones, earlier tries, clock rules, working hours."""
    episode = task.episode
    resident = episode.resident
    language = language_of(get_language() or "zh")
    now = timezone.now()
    tries = Call.objects.filter(task=task, outcome=CallOutcome.UNREACHABLE).count()
    script = filled(call_script(episode.kind, language), spoken(by))
    return CallSheet(
        task=task,
        kind=kind_name(episode.kind).of(language),
        reasons=[Reason.say(r) for r in episode.reasons],
        age=now.year - resident.birth_year if resident.birth_year else None,
        phones=list(resident.phones.all()),
        code=code_of(by, timezone.localdate()),
        script=script,
        tries=tries,
        retry_at=Clocks.now().retry_at(Grade(episode.grade), now),
        last_try=tries + 1 >= TRIES,
    )


def spoken(by: Staff) -> dict[str, str]:
    """What the scripts leave open, as it is said aloud."""
    return {
        "code": " ".join(code_of(by, timezone.localdate())),
        "officer": by.name,
        "station": str(by.department or _("派出所")),
        "station_phone": settings.STATION_PHONE or _("门上卡片印的号码"),
        "page": _("防线网页上的“来电核对”"),
    }
