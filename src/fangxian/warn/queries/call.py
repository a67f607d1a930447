"""What the one who rings needs on the screen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from fangxian.detect.kinds import kind_name
from fangxian.exchange.problems import language_of
from fangxian.town.access import Ability, access_of
from fangxian.town.codes import code_of
from fangxian.town.models import Phone, Staff
from fangxian.warn.actions.calls import TRIES
from fangxian.warn.clock import Clocks
from fangxian.warn.grading import Reason
from fangxian.warn.models import Call, CallOutcome, Grade, StopPayment, Task
from fangxian.warn.script import CallScript, CheckItem, call_script, filled

from .desk import person
from .visible import visible_tasks


def tasks_to_ring(who: Staff) -> QuerySet[Task]:
    """Calls in the area where `who` rings residents."""
    rows = visible_tasks(who).filter(kind=Task.Kind.CALL)
    rows = rows.select_related("episode__place", "place__parent")
    return access_of(who).within(rows, Ability.CALL)


@dataclass(frozen=True)
class CallSheet:
    """Everything on the call page: who, why, what to say, and what the next failed try means.

    `tries` are the calls of this task that nobody answered. `phones` are masked when printed.
    """

    task: Task
    person: str
    fraud: str
    reasons: list[str]
    age: int | None
    phones: list[Phone]
    code: str
    page: str
    script: CallScript
    mine: bool
    holder: Staff | None
    waits_until: datetime | None
    tries: int
    retry_at: datetime
    stop: StopPayment | None

    @property
    def last_try(self) -> bool:
        """Whether one more call that nobody answers sends somebody to the door."""
        return self.tries + 1 >= TRIES

    @property
    def draft(self) -> str:
        """Names what was tapped during this try; the next try begins with nothing tapped."""
        return f"{self.task.pk}-{self.tries}"


def call_sheet(task: Task, by: Staff) -> CallSheet:
    """The sheet for one call of `tasks_to_ring`. Six queries at most: phones, earlier tries,
    clock rules, working hours, days off, a stop-payment race."""
    episode, now = task.episode, timezone.now()
    resident, born = episode.resident, episode.resident.birth_year
    held = task.claimed_until is not None and task.claimed_until > now
    return CallSheet(
        task=task,
        person=person(resident),
        fraud=kind_name(episode.kind).of(get_language() or "zh"),
        reasons=[Reason.say(r) for r in episode.reasons],
        age=timezone.localtime(now).year - born if born else None,
        phones=list(resident.phones.all()),
        code=code_of(by, timezone.localdate()),
        page=_public_page(),
        script=script_of(task, by),
        mine=held and task.claimed_by_id == by.pk,
        holder=task.claimed_by if held else None,
        waits_until=task.starts_at if task.starts_at > now else None,
        tries=Call.objects.filter(task=task, outcome=CallOutcome.UNREACHABLE).count(),
        retry_at=Clocks.now().retry_at(Grade(episode.grade), now),
        stop=StopPayment.objects.filter(episode=episode).select_related("episode__place").first(),
    )


def script_of(task: Task, by: Staff) -> CallScript:
    """The call script of the episode's kind in the reader's language, as `by` says it."""
    language = language_of(get_language() or "zh")
    return filled(_script(task.episode.kind, language), spoken(by))


def _script(kind: str, language: str) -> CallScript:
    return call_script(kind, language, station_phone=bool(settings.STATION_PHONE))


def _public_page() -> str:
    """Where residents look up a caller, as set; "" where only this machine's own address is set
    (the page is then named as the officer's browser sees it)."""
    host = urlsplit(settings.PUBLIC_URL).hostname or ""
    if host in ("", "localhost", "127.0.0.1", "::1"):
        return ""
    return str(settings.PUBLIC_URL.rstrip("/") + reverse("ask:caller"))


def spoken(by: Staff) -> dict[str, str]:
    """What the scripts leave open, as it is said aloud."""
    return {
        "code": " ".join(code_of(by, timezone.localdate())),
        "officer": by.name,
        "station": str(by.department or pgettext("话术", "派出所")),
        "station_phone": settings.STATION_PHONE,
        "page": _("防线网页上的“来电核对”"),
    }


def stop_steps(stop: StopPayment, by: Staff) -> list[tuple[CheckItem, datetime | None]]:
    """The steps of the stop-payment checklist, and when each was ticked (None: not yet)."""
    language = language_of(get_language() or "zh")
    script = filled(_script(stop.episode.kind, language), spoken(by))
    ticked = {key: datetime.fromisoformat(at) for key, at in stop.steps.items()}
    return [(item, ticked.get(item.key)) for item in script.stop_payment]
