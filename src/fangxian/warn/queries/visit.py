"""What somebody at the door, or looking for a person, needs on the screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django.utils.translation import get_language

from fangxian.detect.kinds import kind_name
from fangxian.exchange.phones import parse_number
from fangxian.town.access import Ability, access_of, under
from fangxian.town.codes import code_of
from fangxian.town.models import Phone, Place, Resident, Staff
from fangxian.town.queries import visible_residents
from fangxian.town.queries.people import MOST_BY_NAME
from fangxian.town.sealed import blind_index
from fangxian.warn.grading import Reason
from fangxian.warn.models import Task

from .desk import person
from .visible import visible_tasks

MOST_CANDIDATES = 30


def tasks_at_doors(who: Staff, kind: str) -> QuerySet[Task]:
    """Tasks of a kind in the area where `who` goes to doors."""
    rows = visible_tasks(who).filter(kind=kind)
    rows = rows.select_related(
        "episode__place__parent", "episode__resident__household", "place__parent"
    )
    return access_of(who).within(rows, Ability.VISIT)


@dataclass(frozen=True)
class DoorSheet:
    """Who is behind the door and why, masked; and the visitor's own spoken code of today."""

    task: Task
    person: str
    fraud: str
    reasons: list[str]
    age: int | None
    code: str
    mine: bool
    waits_until: datetime | None

    @property
    def address_field(self) -> str:
        """Which field of the resident tells where to go; empty where nothing does."""
        resident = self.task.episode.resident
        if resident.household:
            return "address"
        return "last_known_area" if resident.last_known_area else ""

    @property
    def address(self) -> str:
        """Where to go, masked."""
        resident = self.task.episode.resident
        return str(resident.household.address if resident.household else resident.last_known_area)


def door_sheet(task: Task, by: Staff) -> DoorSheet:
    """The sheet of a task from `tasks_at_doors`. No query."""
    episode, now = task.episode, timezone.now()
    born, until = episode.resident.birth_year, task.claimed_until
    return DoorSheet(
        task=task,
        person=person(episode.resident),
        fraud=kind_name(episode.kind).of(get_language() or "zh"),
        reasons=[Reason.say(reason) for reason in episode.reasons],
        age=timezone.localtime(now).year - born if born else None,
        code=code_of(by, timezone.localdate()),
        mine=task.claimed_by_id == by.pk and until is not None and until > now,
        waits_until=task.starts_at if task.starts_at > now else None,
    )


@dataclass(frozen=True)
class Candidates:
    """Who it might be. `problem`: "" | "phone" (not a number) | "no_name" | "too_many"."""

    residents: Sequence[Resident] = ()
    problem: str = ""
    more: bool = False


def at_phone(who: Staff, unknown: Resident, text: str) -> Candidates:
    """Visible residents with exactly this phone number, in any form people write it."""
    number = parse_number(text, settings.DEFAULT_AREA_CODE)
    if number is None:
        return Candidates(problem="phone")
    rows = _others(who, unknown).filter(phones__index=blind_index(number.e164)).distinct()
    return Candidates(list(rows[:MOST_CANDIDATES]))


def of_like_name(who: Staff, unknown: Resident, village: Place) -> Candidates:
    """Visible residents of `village` whose name begins like that of `unknown` and is as long.

    Lists write names wrongly or masked (王*英); the first character and the length survive both.
    At most MOST_BY_NAME names are opened.
    """
    name = unknown.name.clear
    if not name:
        return Candidates(problem="no_name")
    rows = _others(who, unknown).filter(under([village.prefix]))
    names = rows.select_related(None).prefetch_related(None).only("pk", "name", "place")
    opened = list(names[: MOST_BY_NAME + 1])
    if len(opened) > MOST_BY_NAME:
        return Candidates(problem="too_many")
    alike = [
        r.pk for r in opened if len(clear := r.name.clear) == len(name) and clear[:1] == name[:1]
    ]
    shown = alike[:MOST_CANDIDATES]
    return Candidates(list(rows.filter(pk__in=shown)), more=len(alike) > len(shown))


def _others(who: Staff, unknown: Resident) -> QuerySet[Resident]:
    rows = visible_residents(who).filter(found=True).exclude(pk=unknown.pk)
    return rows.prefetch_related(Prefetch("phones", Phone.objects.order_by("pk"))).order_by(
        "place__code", "pk"
    )
