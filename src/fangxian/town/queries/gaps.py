"""What is wrong with the duty tree: gaps and overlaps, each said in a sentence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from ..access import Ability, visible_places
from ..models import Absence, Department, Duty, Level, Place, Role, Staff
from .duties import codes_above
from .places import short_name

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Gap:
    """`place` has nobody in `role` from `starts` to `ends` (aware; `ends` None: no end in sight).

    `away` is who holds the duty but is away without a stand-in, if that is the reason. With a
    `department`, what is missing is the leader of that department.
    """

    place: Place
    role: str
    starts: datetime
    ends: datetime | None
    away: Staff | None = None
    department: Department | None = None

    @property
    def when(self) -> str:
        """从11月27日（星期五）起."""
        return span_words(self.starts, self.ends)

    @property
    def sentence(self) -> str:
        """海兰村7网格从11月27日（星期五）起没有网格员。"""
        if self.department:
            return _("%(department)s%(when)s没有分管领导。") % {
                "department": self.department.name,
                "when": span_words(self.starts, self.ends),
            }
        facts = {
            "place": full_name(self.place),
            "role": str(Role(self.role).label).lower(),
            "when": span_words(self.starts, self.ends),
            "who": self.away.name if self.away else "",
        }
        if self.away:
            return _("%(place)s%(when)s没有%(role)s（%(who)s请假，无人替班）。") % facts
        return _("%(place)s%(when)s没有%(role)s。") % facts


@dataclass(frozen=True)
class Overlap:
    """Several people hold at once what one person should hold."""

    place: Place
    role: str
    people: tuple[Staff, ...]
    starts: datetime
    ends: datetime | None

    @property
    def sentence(self) -> str:
        facts = {
            "place": full_name(self.place),
            "role": str(Role(self.role).label).lower(),
            "when": span_words(self.starts, self.ends),
            "people": pgettext("between names", "、").join(str(p) for p in self.people),
            "count": len(self.people),
        }
        if len(self.people) == 1:
            return _("%(people)s在%(place)s的%(role)s职责%(when)s登记了两次。") % facts
        return _("%(place)s%(when)s同时有 %(count)s 名%(role)s：%(people)s。") % facts


@dataclass
class _Book:
    """Everything needed to look at duties between two moments, read in four queries."""

    start: datetime
    end: datetime
    places: list[Place]
    duties: list[Duty]
    away: dict[int, list[Span]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def read(cls, start: datetime, end: datetime, who: Staff) -> _Book:
        places = list(
            visible_places(who, Ability.SEE_DUTIES).select_related("parent").order_by("code")
        )
        wanted = {c for p in places for c in codes_above(p.code)}
        rows = (
            Duty.objects.filter(place__code__in=wanted, starts_at__lt=end, staff__is_active=True)
            .filter(Q(ends_at=None) | Q(ends_at__gt=start))
            .select_related("staff__department", "place__parent", "leads")
        )
        book = cls(start, end, places, list(rows))
        absences = list(
            Absence.objects.filter(starts_at__lt=end, ends_at__gt=start).select_related("stand_in")
        )
        everywhere: dict[int, list[Span]] = defaultdict(list)
        for absence in absences:
            everywhere[absence.staff_id].append((absence.starts_at, absence.ends_at))
        for absence in absences:
            span = (absence.starts_at, absence.ends_at)
            stand_in = absence.stand_in
            if stand_in is None or not stand_in.is_active:
                book.away[absence.staff_id].append(span)
            else:
                # Only while the stand-in is away, too, does the place stand empty.
                book.away[absence.staff_id] += [
                    (max(a, span[0]), min(b, span[1]))
                    for a, b in everywhere[stand_in.pk]
                    if a < span[1] and b > span[0]
                ]
        return book

    def span(self, duty: Duty) -> Span:
        return max(duty.starts_at, self.start), min(duty.ends_at or self.end, self.end)

    def present(self, duty: Duty) -> list[Span]:
        """When the duty is held and somebody acts in it."""
        return _without([self.span(duty)], self.away.get(duty.staff_id, []))


def gaps(start: datetime, end: datetime, who: Staff) -> list[Gap]:
    """Where nobody answers between two moments (aware), in the area `who` sees, by place.

    Every grid needs a grid worker; every village its staff, a clerk and an officer (who may hold
    the town as a whole); the town its head, and a clerk and an officer for warnings that tell no
    village. A gap that lasts to `end` and beyond has no `ends`.
    """
    return _gaps(_Book.read(start, end, who))


def overlaps(start: datetime, end: datetime, who: Staff) -> list[Overlap]:
    """Where two people answer for what is one person's, between two moments (aware).

    One grid worker a grid, one department's clerk a village, one leader a department, one head
    a town; and nobody holds the same duty twice.
    """
    return _overlaps(_Book.read(start, end, who))


def gaps_and_overlaps(
    start: datetime, end: datetime, who: Staff
) -> tuple[list[Gap], list[Overlap]]:
    """Both, read once."""
    book = _Book.read(start, end, who)
    return _gaps(book), _overlaps(book)


def _gaps(book: _Book) -> list[Gap]:
    start, end = book.start, book.end
    by_place: dict[tuple[str, str], list[Duty]] = defaultdict(list)
    for duty in book.duties:
        if duty.role != Role.LEADER or duty.leads_id is None:
            by_place[duty.place.code, duty.role].append(duty)
    found: list[Gap] = []
    for place in book.places:
        for role, above in _NEEDED.get(place.level, ()):
            codes = codes_above(place.code) if above else [place.code]
            held = [d for code in codes for d in by_place[code, role]]
            covered = [span for d in held for span in book.present(d)]
            for begin, stop in _without([(start, end)], covered):
                missing = next((d for d in held if _holds(d, begin)), None)
                found.append(
                    Gap(
                        place,
                        role,
                        begin,
                        stop if stop < end else None,
                        missing.staff if missing else None,
                    )
                )
    return found + _unled(book)


def _unled(book: _Book) -> list[Gap]:
    """Departments whose people took places, but which no leader leads."""
    places: dict[Department, Place] = {}
    for duty in book.duties:
        if duty.role in (Role.CLERK, Role.OFFICER) and duty.staff.department:
            places.setdefault(duty.staff.department, duty.place)
    found: list[Gap] = []
    for department, place in places.items():
        covered = [s for d in book.duties if d.leads_id == department.pk for s in book.present(d)]
        found += [
            Gap(place, Role.LEADER, a, b if b < book.end else None, department=department)
            for a, b in _without([(book.start, book.end)], covered)
        ]
    return found


# What each level needs: the role, and whether a duty for a place above counts.
_NEEDED: dict[str, tuple[tuple[str, bool], ...]] = {
    Level.GRID: ((Role.GRID, False),),
    Level.VILLAGE: ((Role.VILLAGE, False), (Role.CLERK, True), (Role.OFFICER, True)),
    Level.TOWN: ((Role.LEADER, True), (Role.CLERK, True), (Role.OFFICER, True)),
}


def _overlaps(book: _Book) -> list[Overlap]:
    end = book.end
    seen = {p.code for p in book.places}
    groups: dict[tuple[Any, ...], list[Duty]] = defaultdict(list)
    for duty in book.duties:
        if duty.place.code in seen:
            groups[duty.place.code, duty.role, duty.leads_id].append(duty)
    found: list[Overlap] = []
    for (_code, role, _leads), duties in groups.items():
        duties.sort(key=lambda d: (d.starts_at, d.pk))
        for i, one in enumerate(duties):
            for other in duties[i + 1 :]:
                begin, stop = max(book.span(one)[0], book.span(other)[0]), _end(one, other)
                if (stop is None or begin < stop) and begin < end and _too_many(one, other):
                    people = (
                        (one.staff,) if one.staff_id == other.staff_id else (one.staff, other.staff)
                    )
                    found.append(
                        Overlap(
                            one.place, role, people, begin, stop if stop and stop < end else None
                        )
                    )
    return sorted(found, key=lambda o: (o.place.code, o.starts))


def _too_many(one: Duty, other: Duty) -> bool:
    if one.staff_id == other.staff_id or one.role in (Role.GRID, Role.LEADER):
        return True
    return one.role == Role.CLERK and one.staff.department_id != other.staff.department_id


def _end(one: Duty, other: Duty) -> datetime | None:
    return min((d.ends_at for d in (one, other) if d.ends_at), default=None)


def _holds(duty: Duty, at: datetime) -> bool:
    return duty.starts_at <= at and (duty.ends_at is None or at < duty.ends_at)


def _without(spans: list[Span], covered: Iterable[Span]) -> list[Span]:
    """What remains of `spans` outside `covered`, in order."""
    for begin, stop in sorted(covered):
        spans = [
            piece
            for a, b in spans
            for piece in ((a, min(b, begin)), (max(a, stop), b))
            if piece[0] < piece[1]
        ]
    return spans


def span_words(starts: datetime, ends: datetime | None) -> str:
    """从11月27日（星期五）起, or 11月27日（周五）至12月2日（星期三）. Local time; hours unless midnight."""
    if ends is None:
        return _("从%(start)s起") % {"start": moment_words(starts)}
    return _("%(start)s至%(end)s") % {"start": moment_words(starts), "end": moment_words(ends)}


def moment_words(at: datetime) -> str:
    """11月27日（星期五）, with the hour where it is not midnight."""
    local = timezone.localtime(at)
    form = _("n月j日（D）") if (local.hour, local.minute) == (0, 0) else _("n月j日（D）H:i")
    return formats.date_format(local, form)


def full_name(place: Place) -> str:
    """海兰村7网格: a grid is named with its village unless its name says so already."""
    parent = place.parent
    if (
        place.level != Level.GRID
        or parent is None
        or place.name.startswith(short_name(parent.name))
    ):
        return place.name
    return f"{parent.name}{place.name}"
