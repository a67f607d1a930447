"""Episodes: finding them, and one with all that belongs to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from fangxian.detect.kinds import kind_name
from fangxian.exchange.phones import parse_number
from fangxian.town.access import Ability, access_of, under
from fangxian.town.models import Level, Phone, Place, Staff
from fangxian.town.sealed import blind_index
from fangxian.warn.actions.tasks import NEEDS
from fangxian.warn.grading import Reason
from fangxian.warn.models import Episode, Grade, Signal, Stage, StopPayment, Task

from .desk import Row, person
from .timeline import Event, timeline
from .visible import visible_episodes

# Shorter runs of digits are episode numbers; with a "#" in front longer ones are, too.
_NUMBER = re.compile(r"^#\s*(\d{1,15})$|^(\d{1,6})$")


@dataclass(frozen=True)
class Wanted:
    """What a list of episodes is narrowed to; empty means all.

    `village` is a prefix of place codes; `since` and `until` are local days of opening, both
    inclusive; `text` is an episode number, a whole phone number, or a sender's reference.
    """

    state: str = ""
    grade: int | None = None
    kind: str = ""
    village: str = ""
    since: date | None = None
    until: date | None = None
    text: str = ""


def find_episodes(
    who: Staff, wanted: Wanted, ability: Ability = Ability.SEE_EPISODES
) -> QuerySet[Episode]:
    """Episodes in the area where `who` holds `ability`, narrowed to `wanted`, latest first."""
    rows = visible_episodes(who, ability)
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    if wanted.grade:
        rows = rows.filter(grade=wanted.grade)
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    if wanted.village:
        rows = rows.filter(under([wanted.village]))
    if wanted.since:
        rows = rows.filter(opened_at__gte=_midnight(wanted.since))
    if wanted.until:
        rows = rows.filter(opened_at__lt=_midnight(wanted.until + timedelta(days=1)))
    if wanted.text:
        rows = rows.filter(_matching(wanted.text))
    return rows.order_by("-opened_at", "-id")


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=timezone.get_default_timezone())


def _matching(text: str) -> Q:
    """Phones are stored sealed and found by their blind index: only whole ones can be found."""
    matching = Q(pk__in=Signal.objects.filter(reference=text).values("episode"))
    if number := _NUMBER.match(text):
        return matching | Q(pk=int(number[1] or number[2]))
    if phone := parse_number(text, settings.DEFAULT_AREA_CODE):
        found = Phone.objects.filter(index=blind_index(phone.e164))
        return matching | Q(resident__in=found.values("resident"))
    return matching


def state_counts(rows: QuerySet[Episode]) -> dict[str, int]:
    """How many of `rows` are in each state."""
    found = rows.order_by().values("state").annotate(n=Count("pk"))
    return {row["state"]: row["n"] for row in found}


def with_open_tasks(rows: QuerySet[Episode]) -> QuerySet[Episode]:
    """With `open_tasks` on each episode: what is to do now, nearest first."""
    tasks = (
        Task.objects.filter(state=Task.State.TODO, starts_at__lte=timezone.now())
        .select_related("assigned_to", "claimed_by")
        .order_by("due_at")
    )
    return rows.prefetch_related(Prefetch("tasks", tasks, to_attr="open_tasks"))


# --- one episode ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Page:
    """One episode with all that belongs to it. `tasks` are the open ones, with their clocks."""

    episode: Episode
    reasons: list[str]
    signals: list[Signal]
    senders: int
    tasks: list[Row]
    phones: list[Phone]
    stop: StopPayment | None
    events: list[Event]
    earlier: int
    age: int | None

    @property
    def fraud(self) -> str:
        """The name of the kind of fraud, in the reader's language."""
        return fraud_name(self.episode)

    @property
    def person(self) -> str:
        return person(self.episode.resident)

    @property
    def name_differs(self) -> bool:
        return any(signal.name_differs for signal in self.signals)


def episode_page(who: Staff, pk: int, now: datetime) -> Page:
    """All of one episode. Seven queries, however much happened. Raises Episode.DoesNotExist."""
    others = (
        Episode.objects.filter(resident=OuterRef("resident"), opened_at__lt=OuterRef("opened_at"))
        .order_by()
        .values("resident")
        .annotate(n=Count("pk"))
        .values("n")
    )
    rows = visible_episodes(who).select_related("place__parent", "stop_payment__by")
    episode = rows.annotate(earlier=Coalesce(Subquery(others), 0)).get(pk=pk)
    signals = list(episode.signals.select_related("sender"))
    tasks = list(
        episode.tasks.select_related("assigned_to", "claimed_by", "place").order_by("due_at", "id")
    )
    for task in tasks:
        task.episode = episode
    phones = list(Phone.objects.filter(resident=episode.resident_id))
    born, access = episode.resident.birth_year, access_of(who)
    return Page(
        episode=episode,
        reasons=[Reason.say(reason) for reason in episode.reasons],
        signals=signals,
        senders=len({signal.sender_id for signal in signals}),
        tasks=[
            Row(task, now, doable=access.may(NEEDS[task.kind], task.place.code))
            for task in tasks
            if task.state == Task.State.TODO
        ],
        phones=phones,
        stop=getattr(episode, "stop_payment", None),
        events=timeline(episode, signals, tasks, phones),
        earlier=episode.earlier,
        age=timezone.localtime(now).year - born if born else None,
    )


# --- as a table -------------------------------------------------------------------------------


def export_header() -> list[str]:
    """The columns of an export, in the reader's language."""
    return [
        _("编号"), _("等级"), _("类型"), _("阶段"), _("状态"), _("结果"), _("居民"), _("村社区"),
        _("地点"), _("来文时间"), _("电话时限"), _("首次电话"), _("见到或接通"), _("办结"),
        _("重新打开次数"),
    ]  # fmt: skip


def export_rows(episodes: QuerySet[Episode]) -> Iterator[list[object]]:
    """Episodes as rows under `export_header`, names masked; times local, to the minute."""
    villages = dict(Place.objects.filter(level=Level.VILLAGE).values_list("code", "name"))
    for e in episodes.iterator(chunk_size=1000):
        yield [
            e.pk, str(Grade(e.grade).label), fraud_name(e),
            str(Stage(e.stage).label), e.get_state_display(), e.get_outcome_display(),
            person(e.resident), villages.get(e.place.code[:12], ""), e.place.name,
            _minute(e.opened_at), _minute(e.first_call_due_at), _minute(e.first_call_at),
            _minute(e.reached_at), _minute(e.closed_at), e.reopened,
        ]  # fmt: skip


def fraud_name(episode: Episode) -> str:
    """The name of the kind of fraud, in the reader's language."""
    return kind_name(episode.kind).of(get_language() or "zh")


def _minute(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""
