"""Months and quarters as half-open ranges of local dates (Asia/Shanghai by the caller)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Language = Literal["zh", "en"]
Unit = Literal["month", "quarter", "year"]
_MONTHS: dict[Unit, int] = {"month": 1, "quarter": 3, "year": 12}
_ORDINALS = "一二三四"
_NAMES = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@dataclass(frozen=True)
class Period:
    """A calendar month, quarter or year: `start` inclusive, `end` exclusive, local dates."""

    unit: Unit
    start: date

    @property
    def end(self) -> date:
        """The first day after the period."""
        return _add_months(self.start, _MONTHS[self.unit])

    @property
    def days(self) -> int:
        """Length in days."""
        return (self.end - self.start).days

    def previous(self) -> Period:
        """The period of the same unit just before."""
        return Period(self.unit, _add_months(self.start, -_MONTHS[self.unit]))

    def next(self) -> Period:
        """The period of the same unit just after."""
        return Period(self.unit, self.end)

    def year_ago(self) -> Period:
        """The same period one year earlier."""
        return Period(self.unit, _add_months(self.start, -12))

    def is_whole(self, today: date) -> bool:
        """Whether the period is over: its counts will not grow any more."""
        return self.end <= today

    def label(self, language: Language) -> str:
        """2026年第三季度 / Q3 2026; 2026年11月 / Nov 2026; 2026年 / 2026."""
        year, month = self.start.year, self.start.month
        if self.unit == "year":
            return f"{year}年" if language == "zh" else str(year)
        if self.unit == "month":
            return f"{year}年{month}月" if language == "zh" else f"{_NAMES[month - 1]} {year}"
        quarter = (month - 1) // 3
        return (
            f"{year}年第{_ORDINALS[quarter]}季度" if language == "zh" else f"Q{quarter + 1} {year}"
        )


def period_of(day: date, unit: Unit) -> Period:
    """The month, quarter or year that `day` lies in."""
    size = _MONTHS[unit]
    return Period(unit, date(day.year, (day.month - 1) // size * size + 1, 1))


def comparable(period: Period, today: date) -> tuple[tuple[date, date], tuple[date, date], bool]:
    """The two date ranges to compare for `period` and the one before, and whether it is whole.

    An unfinished period is compared with as many days of the earlier one: (start, today + 1)
    against the first days of the previous period, never more than that has.
    """
    earlier = period.previous()
    if period.is_whole(today):
        return (earlier.start, earlier.end), (period.start, period.end), True
    end = max(period.start, min(period.end, today + timedelta(days=1)))
    days = min((end - period.start).days, earlier.days)
    return (earlier.start, earlier.start + timedelta(days=days)), (period.start, end), False


def months_until(last: date, count: int) -> list[date]:
    """First days of the `count` months that end with the month of `last`, oldest first."""
    this = date(last.year, last.month, 1)
    return [_add_months(this, -k) for k in range(count - 1, -1, -1)]


def twelve_month_sums(counts: Sequence[int]) -> list[int | None]:
    """Sum of each month and the eleven before; None where fewer are known."""
    return [sum(counts[i - 11 : i + 1]) if i >= 11 else None for i in range(len(counts))]


def periods_between(first: date, last: date, unit: Unit) -> Iterator[Period]:
    """All periods from that of `first` to that of `last`, oldest first."""
    period = period_of(first, unit)
    while period.start <= last:
        yield period
        period = period.next()


def _add_months(first: date, months: int) -> date:
    index = first.year * 12 + first.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)
