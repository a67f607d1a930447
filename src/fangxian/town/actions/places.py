"""The tree of places: opened, renamed, closed, merged."""

from __future__ import annotations

from datetime import date, datetime, time

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from .. import audit, events
from ..access import Ability, check
from ..models import DIGITS, Duty, Household, Level, Place, Resident
from .errors import Refused

_LEVELS = list(Level)


@transaction.atomic
def add_place(
    by: audit.Actor,
    parent: Place | None,
    name: str,
    code: str = "",
    *,
    valid_from: date | None = None,
    lat: float | None = None,
    lon: float | None = None,
) -> Place:
    """Make a place one level below `parent` (None: a province, from the machine itself only).

    `code`: 12 digits, a grid's 15; without one the next free number below the parent is taken.
    Raises Refused for a code that is taken or does not begin with the parent's digits.
    """
    if parent is None and by != audit.SYSTEM:
        raise PermissionDenied(Ability.EDIT_PLACES)
    if parent is not None:
        check(by, Ability.EDIT_PLACES, parent.code)
        _refuse_closed(parent)
        if parent.level == Level.GRID:
            raise Refused(_("网格下面不能再设地区。"))
    level = _LEVELS[_LEVELS.index(Level(parent.level)) + 1] if parent else Level.PROVINCE
    if not name.strip():
        raise Refused(_("名称不能空着。"))
    audit.hold()
    place = Place(
        code=_free_code(parent, level, code.strip()),
        name=name.strip()[:60],
        level=level,
        parent=parent,
        valid_from=valid_from or timezone.localdate(),
        lat=lat,
        lon=lon,
    )
    place.save()
    audit.record(by, "place_added", place, code=place.code)
    return place


@transaction.atomic
def rename_place(by: audit.Actor, place: Place, name: str) -> Place:
    """Give a place another name; its code and history stay."""
    check(by, Ability.EDIT_PLACES, place.code)
    _refuse_closed(place)
    if not name.strip():
        raise Refused(_("名称不能空着。"))
    audit.record(by, "place_renamed", place, before=place.name, after=name.strip())
    place.name = name.strip()[:60]
    place.save(update_fields=["name"])
    return place


@transaction.atomic
def close_place(by: audit.Actor, place: Place, on: date | None = None) -> None:
    """Close an empty place; `on` is the first day on which it no longer exists (today or before).

    Duties there end. Raises Refused while places, households or residents are left in it.
    """
    check(by, Ability.EDIT_PLACES, place.code)
    day = _closing_day(place, on)
    if place.children.filter(valid_to=None).exists():
        raise Refused(_("“%(place)s”下面还有地区，请先停用或并入别处。") % {"place": place.name})
    left = place.residents.filter(erased_at=None).count() + place.households.count()
    if left:
        raise Refused(_("“%(place)s”里还有居民或住户，请改用“并入别处”。") % {"place": place.name})
    _end_duties(by, place, day)
    place.valid_to = day
    place.save(update_fields=["valid_to"])
    audit.record(by, "place_closed", place, code=place.code, on=day)


@transaction.atomic
def merge_place(by: audit.Actor, old: Place, into: Place, on: date | None = None) -> None:
    """Merge `old` into `into` (same level): people, households and grids move, `old` closes.

    A grid that moves gets a code below `into` and keeps its grid workers; duties for `old` itself
    end. Rooms move what is open there on the event `place_merged`.
    """
    check(by, Ability.EDIT_PLACES, old.code)
    check(by, Ability.EDIT_PLACES, into.code)
    _refuse_closed(into)
    day = _closing_day(old, on)
    if old.pk == into.pk or old.level != into.level:
        raise Refused(_("只能并入另一个同级的地区。"))
    if old.level not in (Level.GRID, Level.VILLAGE):
        raise Refused(_("只有村社区和网格可以合并。"))
    audit.hold()
    for grid in old.children.filter(valid_to=None):
        moved = add_place(by, into, grid.name, valid_from=day, lat=grid.lat, lon=grid.lon)
        keep_on = list(Duty.objects.at(timezone.now()).filter(place=grid))
        _move(by, grid, moved, day)
        Duty.objects.bulk_create(
            Duty(
                staff=d.staff, role=d.role, place=moved, starts_at=max(_midnight(day), d.starts_at)
            )
            for d in keep_on
        )
    _move(by, old, into, day)


def _move(by: audit.Actor, old: Place, into: Place, day: date) -> None:
    homes = Household.objects.filter(grid=old).update(grid=into)
    people = Resident.objects.filter(place=old).update(place=into)
    _end_duties(by, old, day)
    old.valid_to = day
    old.save(update_fields=["valid_to"])
    audit.record(by, "place_merged", old, into=into.pk, households=homes, residents=people, on=day)
    events.place_merged.send(Place, old=old, into=into, by=by)


def _end_duties(by: audit.Actor, place: Place, day: date) -> None:
    """End the duties for a place that closes; those that had not begun are dropped."""
    ends = _midnight(day)
    Duty.objects.filter(place=place, starts_at__gte=ends).delete()
    for duty in Duty.objects.filter(place=place, starts_at__lt=ends).exclude(ends_at__lte=ends):
        duty.ends_at = ends
        duty.save(update_fields=["ends_at"])
        audit.record(by, "duty_ended", duty, at=ends)


def _closing_day(place: Place, on: date | None) -> date:
    _refuse_closed(place)
    day = on or timezone.localdate()
    if day > timezone.localdate():
        raise Refused(_("停用日期只能是今天或以前。"))
    if day <= place.valid_from:
        raise Refused(_("停用日期应晚于启用日期 %(day)s。") % {"day": place.valid_from.isoformat()})
    return day


def _refuse_closed(place: Place) -> None:
    if place.valid_to:
        raise Refused(_("“%(place)s”已经停用。") % {"place": place.name})


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=timezone.get_default_timezone())


def _free_code(parent: Place | None, level: Level, code: str) -> str:
    """The given code, checked, or the next free one below the parent."""
    prefix = parent.prefix if parent else ""
    length = 15 if level == Level.GRID else 12
    if code:
        padding = code[DIGITS[level] :]
        if not (code.isascii() and code.isdigit() and len(code) == length) or padding.strip("0"):
            raise Refused(
                _("代码应是 %(length)d 位数字，%(level)s之后的位数补 0。")
                % {"length": length, "level": level.label}
            )
        if not code.startswith(prefix):
            raise Refused(_("代码应以上级的 %(prefix)s 开头。") % {"prefix": prefix})
        if Place.objects.filter(code=code, valid_to=None).exists():
            raise Refused(_("代码 %(code)s 已被使用。") % {"code": code})
        return code
    size = DIGITS[level] - len(prefix)
    # Numbers of closed places are not given out again: old reports name them.
    used = {
        int(c[len(prefix) : DIGITS[level]])
        for c in Place.objects.filter(level=level, code__startswith=prefix).values_list(
            "code", flat=True
        )
    }
    following = max(used, default=0) + 1
    if following >= 10**size:
        raise Refused(_("“%(place)s”下面的编号已用完。") % {"place": parent.name if parent else ""})
    return f"{prefix}{following:0{size}d}".ljust(length, "0")
