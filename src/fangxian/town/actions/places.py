"""The tree of places: opened, renamed, dated, closed. Merging and splitting: mergers.py."""

from __future__ import annotations

from datetime import date, datetime, time

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from .. import audit
from ..access import Ability, check
from ..days import EARLIEST, LATEST, out_of_reach
from ..models import DIGITS, Duty, Level, Place
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
    `valid_from`: the first day on which it exists (today); one to come plans it.
    Raises Refused for a code that is taken on some of those days or does not begin with the
    parent's digits.
    """
    audit.hold()
    begins = _day(valid_from or timezone.localdate())
    if parent is None and by != audit.SYSTEM:
        raise PermissionDenied(Ability.EDIT_PLACES)
    if parent is not None:
        parent.refresh_from_db()
        check(by, Ability.EDIT_PLACES, parent.code)
        refuse_closed(parent)
        if parent.level == Level.GRID:
            raise Refused(_("网格下面不能再设地区。"))
        if begins < parent.valid_from:
            raise Refused(
                _("启用日期不能早于上级的启用日期 %(day)s。")
                % {"day": parent.valid_from.isoformat()}
            )
    level = _LEVELS[_LEVELS.index(Level(parent.level)) + 1] if parent else Level.PROVINCE
    place = Place(
        code=_free_code(parent, level, code.strip()),
        name=_name(name),
        level=level,
        parent=parent,
        valid_from=begins,
        lat=lat,
        lon=lon,
    )
    _refuse_taken(place)
    place.save()
    audit.record(by, "place_added", place, code=place.code, valid_from=begins)
    return place


@transaction.atomic
def rename_place(by: audit.Actor, place: Place, name: str) -> Place:
    """Give a place another name; its code and history stay."""
    audit.hold()
    place.refresh_from_db()
    check(by, Ability.EDIT_PLACES, place.code)
    refuse_closed(place)
    before, place.name = place.name, _name(name)
    place.save(update_fields=["name"])
    audit.record(by, "place_renamed", place, before=before, after=place.name)
    return place


@transaction.atomic
def redate_place(
    by: audit.Actor, place: Place, valid_from: date, valid_to: date | None = None
) -> Place:
    """Correct the first day of a place, or plan, move or take back its closing.

    Raises Refused for one that is closed already, for a place with people that would not exist
    today, for a closing that `close_place` would refuse, and for days on which another place has
    the code.
    """
    audit.hold()
    place.refresh_from_db()
    check(by, Ability.EDIT_PLACES, place.code)
    _refuse_ended(place)
    before = (place.valid_from, place.valid_to)
    place.valid_from = _day(valid_from)
    if place.valid_from > timezone.localdate() and _people(place):
        raise Refused(
            _("“%(place)s”里已有居民或住户，启用日期不能在以后。") % {"place": place.name}
        )
    if place.parent and place.valid_from < place.parent.valid_from:
        raise Refused(
            _("启用日期不能早于上级的启用日期 %(day)s。")
            % {"day": place.parent.valid_from.isoformat()}
        )
    place.valid_to = None
    if valid_to is not None:
        _refuse_used(place)
        place.valid_to = closing_day(place, valid_to)
        end_duties(by, place, place.valid_to)
    _refuse_taken(place)
    place.save(update_fields=["valid_from", "valid_to"])
    audit.record(
        by, "place_redated", place, before=before, after=(place.valid_from, place.valid_to)
    )
    return place


@transaction.atomic
def close_place(by: audit.Actor, place: Place, on: date | None = None) -> None:
    """Close an empty place; `on` is the first day on which it no longer exists (today).

    A day to come plans it: until then the place exists, but takes in nobody new. Duties there end.
    Raises Refused while places, households or residents are left in it.
    """
    audit.hold()
    place.refresh_from_db()
    check(by, Ability.EDIT_PLACES, place.code)
    refuse_closed(place)
    day = closing_day(place, on)
    _refuse_used(place)
    end_duties(by, place, day)
    place.valid_to = day
    place.save(update_fields=["valid_to"])
    audit.record(by, "place_closed", place, code=place.code, on=day)


def open_place(place: Place) -> Place:
    """`place` as it is now, under the writers' lock. Raises Refused unless people may be
    registered there today: it has begun, and no closing is planned."""
    place.refresh_from_db()
    refuse_closed(place)
    if place.valid_from > timezone.localdate():
        raise Refused(
            _("“%(place)s”从 %(day)s 起才启用。")
            % {"place": place.name, "day": place.valid_from.isoformat()}
        )
    return place


def refuse_closed(place: Place) -> None:
    """Raises Refused for a place that is closed, or whose closing is planned."""
    if place.valid_to and place.valid_to > timezone.localdate():
        raise Refused(
            _("“%(place)s”将于 %(day)s 停用。")
            % {"place": place.name, "day": place.valid_to.isoformat()}
        )
    _refuse_ended(place)


def end_duties(by: audit.Actor, place: Place, day: date) -> None:
    """End the duties for a place that closes; those that would begin later are dropped."""
    ends = midnight(day)
    rows = Duty.objects.filter(place=place).filter(Q(ends_at=None) | Q(ends_at__gt=ends))
    for duty in rows:
        dropped = duty.starts_at >= ends
        # Recorded first: what is deleted has no key any more.
        audit.record(
            by, "duty_ended", duty, staff=duty.staff_id, role=duty.role, at=ends, dropped=dropped
        )
        if dropped:
            duty.delete()
        else:
            duty.ends_at = ends
            duty.save(update_fields=["ends_at"])


def closing_day(place: Place, on: date | None, to_come: bool = True) -> date:
    """The day on which a place ceases to exist, checked. `to_come`: it may be planned."""
    day = _day(on or timezone.localdate())
    if day > timezone.localdate() and not to_come:
        raise Refused(_("停用日期只能是今天或以前。"))
    if day <= place.valid_from:
        raise Refused(_("停用日期应晚于启用日期 %(day)s。") % {"day": place.valid_from.isoformat()})
    return day


def midnight(day: date) -> datetime:
    """The moment at which a local day begins."""
    return datetime.combine(day, time(), tzinfo=timezone.get_default_timezone())


def _refuse_ended(place: Place) -> None:
    if place.valid_to and place.valid_to <= timezone.localdate():
        raise Refused(_("“%(place)s”已经停用。") % {"place": place.name})


def _refuse_used(place: Place) -> None:
    today = timezone.localdate()
    if place.children.filter(Q(valid_to=None) | Q(valid_to__gt=today)).exists():
        raise Refused(_("“%(place)s”下面还有地区，请先停用或并入别处。") % {"place": place.name})
    if _people(place):
        raise Refused(_("“%(place)s”里还有居民或住户，请改用“并入别处”。") % {"place": place.name})


def _people(place: Place) -> int:
    return place.residents.filter(erased_at=None).count() + place.households.count()


def _refuse_taken(place: Place) -> None:
    """On every day a code means one place; the writers' lock makes the look and the write one."""
    others = Place.objects.filter(code=place.code).exclude(pk=place.pk)
    others = others.filter(Q(valid_to=None) | Q(valid_to__gt=place.valid_from))
    if place.valid_to:
        others = others.filter(valid_from__lt=place.valid_to)
    other = others.first()
    if other is not None:
        raise Refused(
            _("代码 %(code)s 已被使用：%(name)s，%(begins)s 至 %(ends)s。")
            % {
                "code": place.code,
                "name": other.name,
                "begins": other.valid_from.isoformat(),
                "ends": other.valid_to.isoformat() if other.valid_to else "…",
            }
        )


def _day(day: date) -> date:
    if not EARLIEST <= day <= LATEST:
        raise Refused(out_of_reach())
    return day


def _name(name: str) -> str:
    if not name.strip():
        raise Refused(_("名称不能空着。"))
    return name.strip()[:60]


def _free_code(parent: Place | None, level: Level, code: str) -> str:
    """The given code, its form checked, or the next free one below the parent."""
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
