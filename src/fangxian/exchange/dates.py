"""Moments as people write them: 2026年3月5日 下午2:30, 46086.604, 20260305, 3月5日 14点半."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from .cells import Cell, cell_text, is_blank
from .characters import one_line
from .problems import Problem, shown

SHANGHAI = ZoneInfo("Asia/Shanghai")
_FIRST_YEAR = 2000
# Serials from 1954 to 2173: smaller numbers in a date column are counts or mistakes.
_SERIALS = (20_000.0, 100_000.0)
_EPOCH_1900, _EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001  local time

_DATE = re.compile(
    r"(?P<y>\d{4}|\d{2}(?=年))\s*[年/.\-]\s*(?P<m>\d{1,2})\s*[月/.\-]\s*(?P<d>\d{1,2})\s*[日号]?"
    r"|(?<!\d)(?P<cy>20\d{2})(?P<cm>[01]\d)(?P<cd>[0-3]\d)(?=\D|\d{4}(?:\d\d)?(?!\d)|$)"
    r"|(?P<sm>\d{1,2})\s*月\s*(?P<sd>\d{1,2})\s*[日号]?"
    r"|(?P<a>\d{1,2})[/.\-](?P<b>\d{1,2})[/.\-](?P<ey>\d{4})(?!\d)"
)
_TIME = re.compile(
    r"(?P<half>凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|晚|[ap]\.?m\.?)?\s*"
    r"(?P<h>\d{1,2})\s*(?:[:时點点]\s*(?P<half_past>半)?(?P<mi>\d{1,2})?\s*分?\s*"
    r"(?:[:]?\s*(?P<s>\d{1,2})(?:[.,]\d{1,9})?\s*秒?)?)"
    r"\s*(?P<late>[ap]\.?m\.?)?"
    r"|(?P<ch>[0-2]\d)(?P<cmi>[0-5]\d)(?P<cs>[0-5]\d)?",
    re.I,
)
_ZONE = re.compile(
    r"\s*(?:(?P<utc>Z)|(?:UTC|GMT)?(?P<sign>[+-])(?P<zh>\d{2}):?(?P<zm>\d{2}))$", re.I
)
_WEEKDAY = re.compile(r"[(（]?(?:星期|周|礼拜)[一二三四五六日天][)）]?")
_WEEK = re.compile("[期周拜]")
_NUMBER = re.compile(r"\d{5}(?:\.\d+)?")
_AFTER_NOON = ("下午", "傍晚", "晚上", "晚", "pm", "p.m", "p.m.")
_NOON = ("中午",)
_BEFORE_NOON = ("am", "a.m", "a.m.", "凌晨", "上午")


@dataclass(frozen=True)
class Moment:
    """A moment in UTC. `has_time` is False where only the day was given: then it is 00:00 of that
    day in the sender's time zone."""

    at: datetime
    has_time: bool


def parse_moment(
    value: Cell,
    *,
    today: date,
    tz: tzinfo = SHANGHAI,
    date_1904: bool = False,
    column_label: str = "",
    clock: Cell = "",
) -> Moment | Problem:
    """Read the date, and the time of day if there is one, of a cell.

    `tz` is the zone the sender writes in; a zone written in the cell itself wins. `date_1904` is
    the workbook's epoch. A date without a year is the latest that is not in the future. Before 2000
    or later than one day after `today` (in `tz`) is a problem; so is 05/03/2026, which is two
    days depending on the reader. `clock` is the time of day where it has a cell of its own;
    one that cannot be read leaves the day as it is.
    """
    if not is_blank(clock):
        read = parse_moment(
            value, today=today, tz=tz, date_1904=date_1904, column_label=column_label
        )
        return _joined(read, clock, today, tz)
    found = _read(value, today, date_1904)
    if isinstance(found, str):
        return Problem(found, column_label, shown(cell_text(value)))
    moment, has_time = found
    if moment.year < _FIRST_YEAR - 1:
        return Problem("date_too_old", column_label, shown(cell_text(value)))
    if moment.year > today.year + 1:
        return Problem("date_future", column_label, shown(cell_text(value)))
    aware = moment if moment.tzinfo else moment.replace(tzinfo=tz)
    local = aware.astimezone(tz)
    if local.year < _FIRST_YEAR:
        return Problem("date_too_old", column_label, shown(cell_text(value)))
    if local.date() > today + timedelta(days=1):
        return Problem("date_future", column_label, shown(cell_text(value)))
    return Moment(aware.astimezone(UTC), has_time)


def is_time_only(value: Cell) -> bool:
    """Whether a cell holds a time of day and no day: 14:30, 下午2点半."""
    return isinstance(value, time) or (
        isinstance(value, str) and _read(value, date(_FIRST_YEAR, 1, 1), False) == "date_only_time"
    )


def _joined(read: Moment | Problem, clock: Cell, today: date, tz: tzinfo) -> Moment | Problem:
    """The day of one cell and the time of another; a whole moment in either is enough."""
    if isinstance(read, Moment) and not read.has_time:
        day = read.at.astimezone(tz).date()
        whole = parse_moment(f"{day.isoformat()} {cell_text(clock)}", today=today, tz=tz)
        read = whole if isinstance(whole, Moment) else read
    if isinstance(read, Problem) or not read.has_time:
        alone = parse_moment(clock, today=today, tz=tz)
        read = alone if isinstance(alone, Moment) and alone.has_time else read
    return read


def _read(value: Cell, today: date, date_1904: bool) -> tuple[datetime, bool] | str:
    """Local or aware datetime and whether it has a time of day; or the code of a problem."""
    if isinstance(value, bool):
        return "date_form"
    if isinstance(value, datetime):
        return value, value.time() != time(0)
    if isinstance(value, date):
        return datetime.combine(value, time(0)), False
    if isinstance(value, time):
        return "date_only_time"
    if isinstance(value, (int, float)) and _SERIALS[0] <= value < _SERIALS[1]:
        return _from_serial(float(value), date_1904)
    text = one_line(cell_text(value))[:60].lstrip("'")
    if _NUMBER.fullmatch(text) and _SERIALS[0] <= float(text) < _SERIALS[1]:
        return _from_serial(float(text), date_1904)
    try:
        return _from_text(text, today)
    except (ValueError, OverflowError):
        # 2月30日, 25:00: the shape of a date, but no such day or time.
        return "date_impossible"


def _from_serial(serial: float, date_1904: bool) -> tuple[datetime, bool]:
    """Days since the workbook's epoch; the fraction is the time, rounded to the second."""
    seconds = round(serial * 86_400)
    moment = (_EPOCH_1904 if date_1904 else _EPOCH_1900) + timedelta(seconds=seconds)
    return moment, bool(seconds % 86_400)


def _from_text(text: str, today: date) -> tuple[datetime, bool] | str:
    """ValueError where the parts are there but no such day or time exists."""
    if _WEEK.search(text):
        text = _WEEKDAY.sub(" ", text)
    match = _DATE.search(text)
    if match is None:
        return "date_only_time" if _TIME.fullmatch(text.strip()) else "date_form"
    day = _day(match, today)
    if day is None:
        return "date_ambiguous"
    before, rest = text[: match.start()].strip(), text[match.end() :]
    if zone := _ZONE.search(rest):
        rest = rest[: zone.start()]
    rest = rest.strip().lstrip("Tt,，").strip()
    if before and not rest:
        before, rest = "", before
    if before:
        return "date_form"
    if not rest:
        return datetime.combine(day, time(0)), False
    clock = _TIME.fullmatch(rest)
    if clock is None:
        return "date_form"
    moment = datetime.combine(day, time(0)) + _time_of_day(clock)
    # Databases write a bare day as 00:00:00.
    has_time = rest not in ("00:00:00", "0:00:00", "00:00:00.000", "000000")
    return (moment.replace(tzinfo=_zone_of(zone)) if zone else moment), has_time


def _day(match: re.Match[str], today: date) -> date | None:
    """The day, or None where day and month cannot be told apart. ValueError: no such day."""
    part = {k: int(v) for k, v in match.groupdict().items() if v is not None}
    if "y" in part:
        return date(part["y"] + (2000 if len(match["y"]) == 2 else 0), part["m"], part["d"])
    if "cy" in part:
        return date(part["cy"], part["cm"], part["cd"])
    if "sm" in part:
        return _latest(part["sm"], part["sd"], today)
    first, second = part["a"], part["b"]
    if first <= 12 and second <= 12 and first != second:
        return None
    return date(part["ey"], *((second, first) if first > 12 else (first, second)))


def _latest(month: int, day: int, today: date) -> date:
    """The latest such day that is not after tomorrow; 29 February looks back to a leap year."""
    for year in range(today.year + 1, today.year - 8, -1):
        try:
            candidate = date(year, month, day)
        except ValueError:
            continue
        if candidate <= today + timedelta(days=1):
            return candidate
    raise ValueError(f"no day {month}-{day}")


def _time_of_day(match: re.Match[str]) -> timedelta:
    """Time since midnight; 24:00 is the next midnight. ValueError: no such time."""
    if match["ch"] is not None:
        hour, minute, second = int(match["ch"]), int(match["cmi"]), int(match["cs"] or 0)
    else:
        hour, second = int(match["h"]), int(match["s"] or 0)
        minute = 30 if match["half_past"] else int(match["mi"] or 0)
    half = (match["half"] or match["late"] or "").lower()
    # 中午 12:30 is half past twelve, 中午 1:30 is in the afternoon.
    if hour < (12 if half in _AFTER_NOON else 3 if half in _NOON else 0):
        hour += 12
    elif half in _BEFORE_NOON and hour == 12:
        hour = 0
    if hour > 24 or minute > 59 or second > 59 or (hour == 24 and (minute or second)):
        raise ValueError(f"{hour}:{minute}:{second}")
    return timedelta(hours=hour, minutes=minute, seconds=second)


def _zone_of(match: re.Match[str]) -> tzinfo:
    if match["utc"]:
        return UTC
    offset = timedelta(hours=int(match["zh"]), minutes=int(match["zm"]))
    return timezone(-offset if match["sign"] == "-" else offset)
