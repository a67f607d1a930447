"""The precision of a signal, against references that count and compute in another way."""

from __future__ import annotations

import math
from datetime import date
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from fangxian.measure.feedback import (
    Claim,
    Counted,
    Finding,
    Tally,
    expected,
    precision_by_signal,
    shift_that_fits,
)

SUMMER, AUTUMN = date(2026, 7, 1), date(2026, 10, 1)
rows = st.lists(
    st.builds(
        Counted,
        st.sampled_from(["long_talk", "bank_code"]),
        st.integers(1, 2),
        st.sampled_from([SUMMER, AUTUMN]),
        st.sampled_from(Finding),
        st.integers(1, 40),
    ),
    max_size=30,
)


@given(rows)
def test_every_warning_is_counted_once_in_its_version_and_quarter(given_rows) -> None:
    found = precision_by_signal(given_rows)
    assert sum(s.all.warnings for s in found) == sum(row.warnings for row in given_rows)
    for signal in found:
        own = [r for r in given_rows if (r.name, r.version) == (signal.name, signal.version)]
        for quarter, tally in signal.quarters.items():
            for finding in Finding:
                same = [r for r in own if (r.quarter, r.finding) == (quarter, finding)]
                assert getattr(tally, finding.value) == sum(r.warnings for r in same)
        assert list(signal.quarters) == sorted({r.quarter for r in own})
    assert [s.all.judged for s in found] == sorted((s.all.judged for s in found), reverse=True)


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_precision_is_the_exact_binomial_interval_of_the_judged_alone(
    going_on: int, tried: int, nothing: int, unjudged: int
) -> None:
    tally = Tally(going_on=going_on, tried=tried, nothing=nothing, open=unjudged)
    assert tally.warnings == tally.judged + unjudged
    if not tally.judged:
        assert tally.precision.value is None
        return
    reference = binomtest(going_on + tried, going_on + tried + nothing).proportion_ci()
    assert tally.precision.low == pytest.approx(reference.low)
    assert tally.precision.high == pytest.approx(reference.high)
    low, high = tally.whatever_the_unjudged_are or (0, 0)
    assert low <= tally.precision.value <= high


def test_three_of_three_is_no_percentage() -> None:
    assert not Tally(going_on=3).says_enough
    assert Tally(going_on=3).precision.low == pytest.approx(0.292, abs=0.001)
    assert Tally(going_on=6, nothing=4).says_enough


def test_without_warnings_nothing_is_claimed() -> None:
    assert Tally().precision.value is None
    assert Tally().whatever_the_unjudged_are is None
    assert precision_by_signal([]) == []


def log_odds(p: float) -> float:
    return math.log(p / (1 - p))


def test_claims_that_are_all_the_same_shift_by_the_difference_of_log_odds() -> None:
    """With one claim the shift can be written down: from the claim to each end of the interval."""
    ends = binomtest(30, 40).proportion_ci(confidence_level=0.99)
    low, high = shift_that_fits([Claim(-1.5, 40)], 30)
    assert low == pytest.approx(log_odds(ends.low) + 1.5)
    assert high == pytest.approx(log_odds(ends.high) + 1.5)


@given(st.lists(st.tuples(st.floats(-6, 6), st.integers(1, 50)), min_size=1, max_size=6), st.data())
def test_shifted_claims_expect_the_ends_of_what_was_found(pairs, data) -> None:
    claims = [Claim(*pair) for pair in pairs]
    judged = sum(c.judged for c in claims)
    right = data.draw(st.integers(0, judged))
    ends = binomtest(right, judged).proportion_ci(confidence_level=0.99)
    for shift, share in zip(shift_that_fits(claims, right), (ends.low, ends.high), strict=True):
        if abs(shift) == inf:
            assert share == (0 if shift < 0 else 1)
        else:
            moved = expected(Claim(c.log_odds + shift, c.judged) for c in claims)
            assert moved == pytest.approx(share * judged, rel=1e-6)


def test_a_book_that_is_right_is_left_alone() -> None:
    low, high = shift_that_fits([Claim(log_odds(0.3), 50), Claim(log_odds(0.7), 50)], 50)
    assert low < 0 < high


def test_nothing_judged_fits_nothing() -> None:
    with pytest.raises(ValueError, match="nothing to fit"):
        shift_that_fits([], 0)
