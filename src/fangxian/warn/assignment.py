"""Who should do a task: the duty tree says who may, then roster, load and distance choose.

The order, best first:

1. Nobody whose department keeps a roster and who is not on it now, while anybody else answers.
2. The nearer role (`DOERS`): the grid worker knows the door, village staff the village.
3. Of one role, who is on the roster now.
4. The fewest minutes: what lies on the desk already, and for a visit the way there.
5. A fixed order, so that the same state gives the same choice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from math import cos, hypot, radians

from django.db.models import Count

from fangxian.town.models import Duty, Place, Role, Shift, Staff
from fangxian.town.queries import on_shift
from fangxian.town.queries.duties import acting_duties, codes_above

from .models import Task

# Who does what, best first.
DOERS: dict[str, tuple[str, ...]] = {
    Task.Kind.CALL: (Role.OFFICER,),
    Task.Kind.FIND: (Role.GRID, Role.VILLAGE, Role.OFFICER),
    Task.Kind.VISIT: (Role.GRID, Role.VILLAGE, Role.OFFICER),
    Task.Kind.FOLLOW_UP: (Role.OFFICER, Role.VILLAGE),
    Task.Kind.REVIEW: (),
}
# Kinds for which somebody has to go there; a call is as near from anywhere.
ON_FOOT = (Task.Kind.FIND, Task.Kind.VISIT)
# What one more task on the desk means (a claim for a call lasts as long), and a way by road of
# 30 km/h. Estimates: what matters is that a longer list and a longer way weigh in one unit.
MINUTES_A_TASK = 20.0
MINUTES_A_KM = 2.0
# Where neither position is known: the width of a town, so that who is known to be near goes first.
KM_UNKNOWN = 10.0
# A department that put anybody on the roster within a week of now keeps one.
ROSTER_IS_KEPT = timedelta(days=7)
_KM_PER_DEGREE = 111.2
Position = tuple[float, float]


def minutes(kind: str, load: int, km: float | None) -> float:
    """How long it takes until somebody is at it: the list before it, then the way (visits)."""
    way = MINUTES_A_KM * (KM_UNKNOWN if km is None else km) if kind in ON_FOOT else 0.0
    return MINUTES_A_TASK * load + way


@dataclass(frozen=True)
class Roster:
    """Who is on the roster at one moment, and whose department keeps none: those may be there."""

    here: set[int]
    kept_by: set[int]

    @classmethod
    def of(cls, people: Iterable[Staff], at: datetime) -> Roster:
        """Two queries, however many people."""
        staff = list(people)
        kept = Shift.objects.filter(
            staff__department__in={s.department_id for s in staff},
            starts_at__lt=at + ROSTER_IS_KEPT,
            ends_at__gt=at - ROSTER_IS_KEPT,
        )
        bodies = set(kept.order_by().values_list("staff__department", flat=True).distinct())
        return cls(on_shift([s.pk for s in staff], at), bodies)

    def is_off(self, staff: Staff) -> bool:
        """Whether the roster says that `staff` is not there."""
        return staff.pk not in self.here and staff.department_id in self.kept_by


class Map:
    """Where places and people are; a place without a centre is where the one above it is."""

    @cached_property
    def _centres(self) -> dict[str, Position]:
        rows = Place.objects.filter(valid_to=None, lat__isnull=False)
        found = rows.values_list("code", "lat", "lon")
        return {code: (lat, lon) for code, lat, lon in found if lat is not None and lon is not None}

    def centre(self, place: Place) -> Position | None:
        """The centre of a place, or of the nearest one above it that has one."""
        if place.lat is not None and place.lon is not None:
            return place.lat, place.lon
        return next((at for c in codes_above(place.code) if (at := self._centres.get(c))), None)

    def km(self, duty: Duty, place: Place) -> float | None:
        """From whoever acts in `duty` to `place`; None where either position is unknown.

        Somebody whose own position nobody wrote down is where the duty is.
        """
        staff = duty.staff
        if staff.lat is not None and staff.lon is not None:
            here: Position | None = (staff.lat, staff.lon)
        else:
            here = self.centre(duty.place)
        there = self.centre(place)
        return distance_km(here, there) if here and there else None


def distance_km(here: Position, there: Position) -> float:
    """Flat-earth distance in km between two positions (latitude, longitude in degrees)."""
    east = (here[1] - there[1]) * cos(radians(there[0]))
    return hypot(here[0] - there[0], east) * _KM_PER_DEGREE


@dataclass
class Assigner:
    """Chooses for many tasks with the state read once; its own choices count as load."""

    at: datetime
    load: Counter[int] = field(default_factory=Counter)
    _map: Map = field(default_factory=Map)
    _rosters: dict[tuple[int, str], Roster] = field(default_factory=dict)
    _doers: dict[tuple[int, str], list[tuple[int, Duty]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        counts = (
            # A follow-up in 30 days is nobody's work today.
            Task.objects.filter(
                state=Task.State.TODO, assigned_to__isnull=False, starts_at__lte=self.at
            )
            .values("assigned_to")
            .annotate(n=Count("id"))
        )
        self.load.update({row["assigned_to"]: row["n"] for row in counts})

    def choose(self, kind: str, place: Place, besides: Iterable[int] = ()) -> Staff | None:
        """The member of staff for a task of `kind` at `place`, or None when nobody answers.

        `besides` are ids of staff who must not get it.
        """
        refused = set(besides)
        doers = [(n, d) for n, d in self._who(kind, place) if d.staff_id not in refused]
        if not doers:
            return None
        roster = self._rosters[place.pk, kind]
        best = min(doers, key=lambda doer: self._order(kind, place, roster, *doer))[1].staff
        self.load[best.pk] += 1
        return best

    def _who(self, kind: str, place: Place) -> list[tuple[int, Duty]]:
        """Who may do it, each with the number of their role; who has two is in the nearer one."""
        key = (place.pk, kind)
        if key not in self._doers:
            found: dict[int, tuple[int, Duty]] = {}
            # A duty says who acts in it: the stand-in of whoever is away.
            duties = acting_duties(codes_above(place.code), self.at)
            for n, role in enumerate(DOERS[kind]):
                own = [d for d in duties if d.role == role]
                nearest = max((len(d.place.prefix) for d in own), default=0)
                for duty in own:
                    if len(duty.place.prefix) == nearest:
                        found.setdefault(duty.staff_id, (n, duty))
            self._doers[key] = list(found.values())
            self._rosters[key] = Roster.of([d.staff for _n, d in found.values()], self.at)
        return self._doers[key]

    def _order(
        self, kind: str, place: Place, roster: Roster, role: int, duty: Duty
    ) -> tuple[bool, int, bool, float, int]:
        """What is smaller goes first; see the top of this file."""
        staff = duty.staff
        km = self._map.km(duty, place) if kind in ON_FOOT else None
        effort = minutes(kind, self.load[staff.pk], km)
        return roster.is_off(staff), role, staff.pk not in roster.here, effort, staff.pk
