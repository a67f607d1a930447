"""Periods, rates, alarms and timeliness."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson

from fangxian.measure.alarm import look_for_rise
from fangxian.measure.periods import (
    Period,
    comparable,
    months_until,
    period_of,
    periods_between,
    twelve_month_sums,
)
from fangxian.measure.rates import funnel, rate_per_10k, share, shrunken
from fangxian.measure.timeliness import timeliness

days = st.dates(date(2000, 1, 1), date(2099, 12, 31))
units = st.sampled_from(["month", "quarter", "year"])


@given(days, units)
def test_a_day_lies_in_its_period_and_periods_touch(day: date, unit) -> None:
    period = period_of(day, unit)
    assert period.start <= day < period.end
    assert period.previous().end == period.start
    assert period.next().start == period.end
    assert period.previous().next() == period


def test_labels_in_both_languages() -> None:
    third = period_of(date(2026, 8, 9), "quarter")
    assert (third.label("zh"), third.label("en")) == ("2026年第三季度", "Q3 2026")
    assert period_of(date(2026, 11, 1), "month").label("en") == "Nov 2026"


def test_an_unfinished_quarter_is_compared_with_as_many_days() -> None:
    earlier, current, whole = comparable(Period("quarter", date(2026, 10, 1)), date(2026, 11, 24))
    assert not whole
    assert current == (date(2026, 10, 1), date(2026, 11, 25))
    assert (earlier[1] - earlier[0]) == (current[1] - current[0])


@given(days, units, st.integers(0, 400))
def test_compared_ranges_never_leave_their_periods(day: date, unit, later: int) -> None:
    period = period_of(day, unit)
    earlier, current, whole = comparable(period, day + timedelta(days=later))
    assert period.previous().start <= earlier[0] <= earlier[1] <= period.start
    assert period.start <= current[0] <= current[1] <= period.end
    assert whole == (period.end <= day + timedelta(days=later))


def test_months_until_cross_the_year() -> None:
    assert months_until(date(2026, 2, 9), 3) == [
        date(2025, 12, 1),
        date(2026, 1, 1),
        date(2026, 2, 1),
    ]
    assert len(list(periods_between(date(2025, 5, 3), date(2026, 11, 2), "quarter"))) == 7


def test_twelve_month_sums_begin_with_the_twelfth() -> None:
    assert twelve_month_sums([1] * 13) == [None] * 11 + [12, 12]


@given(st.integers(0, 50), st.integers(1, 100_000))
def test_a_rate_lies_in_its_interval(events: int, people: int) -> None:
    rate = rate_per_10k(events, people)
    assert rate.value is not None
    assert rate.low <= rate.value <= rate.high


def test_the_poisson_interval_is_garwoods() -> None:
    rate = rate_per_10k(3, 10_000)
    assert poisson.sf(2, rate.low) == pytest.approx(0.025, abs=1e-6)
    assert poisson.cdf(3, rate.high) == pytest.approx(0.025, abs=1e-6)


def test_shares_at_the_edges() -> None:
    assert share(0, 0).value is None
    assert (share(5, 5).high, share(0, 5).low) == (1.0, 0.0)
    assert share(45, 50).low == pytest.approx(0.782, abs=0.001)


def test_funnel_limits_narrow_with_size_and_hold_the_overall_rate() -> None:
    small, large = funnel([500, 5000], 50, 50_000)
    assert large.high95 - large.low95 < small.high95 - small.low95
    for limit in (small, large):
        assert limit.low998 <= limit.low95 <= 10.0 <= limit.high95 <= limit.high998


def test_a_small_village_is_pulled_further_to_the_mean_than_a_large_one() -> None:
    events, people = [3, 300, 20, 40], [300, 30_000, 10_000, 10_000]
    rates = shrunken(events, people)
    overall = sum(events) / sum(people) * 10_000
    assert abs(rates[0] - overall) < abs(rates[1] - overall)
    assert rates[0] > overall


def test_a_short_history_says_nothing() -> None:
    assert look_for_rise([3] * 11, 30).limit is None


def test_false_alarms_stay_rare_when_nothing_changes() -> None:
    rng = np.random.default_rng(20231030)
    alarms = [
        look_for_rise(rng.poisson(3, 12).tolist(), int(rng.poisson(3))).is_rise for _ in range(2000)
    ]
    assert sum(alarms) / len(alarms) <= 0.012


def test_a_tripling_is_noticed_mostly() -> None:
    rng = np.random.default_rng(7)
    seen = [
        look_for_rise(rng.poisson(4, 12).tolist(), int(rng.poisson(14))).is_rise for _ in range(300)
    ]
    assert sum(seen) / len(seen) >= 0.8


NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def minutes(n: float) -> timedelta:
    return timedelta(minutes=n)


def test_open_calls_are_counted_not_dropped() -> None:
    rows = [
        (NOON - minutes(60), NOON - minutes(55), NOON - minutes(57)),
        (NOON - minutes(60), NOON - minutes(55), NOON - minutes(40)),
        (NOON - minutes(60), NOON - minutes(55), None),
        (NOON - minutes(2), NOON + minutes(3), None),
    ]
    found = timeliness(rows, NOON)
    assert (found.in_time, found.late, found.overdue, found.running) == (1, 1, 1, 1)
    assert found.judged == 3


def test_the_median_is_not_known_while_most_still_wait() -> None:
    rows = [(NOON - minutes(30), NOON, None)] * 3 + [(NOON - minutes(30), NOON, NOON - minutes(28))]
    found = timeliness(rows, NOON)
    assert found.median_minutes is None


@given(st.lists(st.integers(1, 500), min_size=1, max_size=40))
def test_when_all_are_done_the_median_is_the_ordinary_one(waits: list[int]) -> None:
    rows = [(NOON - minutes(w), NOON, NOON) for w in waits]
    expected = sorted(waits)[(len(waits) + 1) // 2 - 1]
    assert timeliness(rows, NOON).median_minutes == pytest.approx(expected)
