"""Who should do a task: the duty tree says who may, then roster, load and distance choose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from math import cos, hypot, radians

from django.db.models import Count

from fangxian.town.models import Duty, Place, Role, Staff
from fangxian.town.queries import duty_of, on_shift

from .models import Task

# Who does what, best first; the next role is asked only where the first has nobody.
DOERS: dict[str, tuple[str, ...]] = {
    Task.Kind.CALL: (Role.OFFICER,),
    Task.Kind.FIND: (Role.GRID, Role.VILLAGE, Role.OFFICER),
    Task.Kind.VISIT: (Role.GRID, Role.VILLAGE, Role.OFFICER),
    Task.Kind.FOLLOW_UP: (Role.OFFICER, Role.VILLAGE),
    Task.Kind.REVIEW: (),
}
_KM_PER_DEGREE = 111.2


@dataclass
class Assigner:
    """Chooses for many tasks with the state read once; its own choices count as load."""

    at: datetime
    load: Counter[int] = field(default_factory=Counter)
    _here: dict[int, bool] = field(default_factory=dict)
    _duties: dict[tuple[int, str], list[Duty]] = field(default_factory=dict)

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
        for role in DOERS[kind]:
            people = self._people(place, role)
            people = [s for s in people if s.pk not in refused]
            if people:
                best = min(people, key=lambda s: self._order(s, place))
                self.load[best.pk] += 1
                return best
        return None

    def _people(self, place: Place, role: str) -> list[Staff]:
        key = (place.pk, role)
        if key not in self._duties:
            self._duties[key] = duty_of(place, role, self.at)
        # duty_of has put the stand-in in the place of who is away.
        return list({duty.staff_id: duty.staff for duty in self._duties[key]}.values())

    def _order(self, staff: Staff, place: Place) -> tuple[bool, int, float, int]:
        """On the roster first, then the shortest list, then the nearest, then a fixed order."""
        if staff.pk not in self._here:
            self._here[staff.pk] = bool(on_shift([staff.pk], self.at))
        return (not self._here[staff.pk], self.load[staff.pk], distance_km(staff, place), staff.pk)


def distance_km(staff: Staff, place: Place) -> float:
    """Flat-earth distance in km, good for a county; 0 where either position is unknown."""
    if staff.lat is None or staff.lon is None or place.lat is None or place.lon is None:
        return 0.0
    east = (staff.lon - place.lon) * cos(radians(place.lat))
    return hypot(staff.lat - place.lat, east) * _KM_PER_DEGREE
