"""The quarter's comparison, against the table of the field and against brute force."""

from math import comb, inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fangxian.measure.change import (
    Verdict,
    compare_counts,
    events_to_be_clear,
    ratio_interval,
)

counts = st.integers(0, 60)
# A sum is right or wrong, however busy the machine is.
in_its_own_time = settings(deadline=None)


@pytest.mark.parametrize(
    ("before", "after", "p", "low", "high"),
    [
        (5, 1, 0.22, 0.004, 1.79),
        (10, 2, 0.039, 0.02, 0.94),
        (24, 12, 0.065, 0.23, 1.04),
        (40, 20, 0.013, 0.28, 0.88),
    ],
)
def test_the_measured_table_is_reproduced(before, after, p, low, high) -> None:
    change = compare_counts(before, after)
    assert change.p == pytest.approx(p, abs=0.005)
    assert change.low == pytest.approx(low, abs=0.006)
    assert change.high == pytest.approx(high, abs=0.006)


def test_five_to_one_is_too_few_to_judge_and_says_so_in_both_languages() -> None:
    change = compare_counts(5, 1)
    assert change.verdict is Verdict.TOO_FEW
    zh = change.sentence("zh", "第二季度", "第三季度")
    assert zh.startswith("第三季度 1 起，第二季度 5 起（−80%）。")
    assert zh.endswith("不足以判断。")
    assert "−99.6% 到 +79%" in zh
    assert change.sentence("en", "Q2", "Q3").endswith("Too few to judge.")


def test_forty_to_twenty_is_clearly_lower_and_back_is_clearly_higher() -> None:
    assert compare_counts(40, 20).verdict is Verdict.CLEARLY_LOWER
    assert compare_counts(20, 40).verdict is Verdict.CLEARLY_HIGHER


def test_twenty_four_to_twelve_is_only_possibly_lower() -> None:
    assert compare_counts(24, 12).verdict is Verdict.MAY_BE_LOWER


def test_nothing_and_nothing_says_so_without_a_range() -> None:
    change = compare_counts(0, 0)
    assert (change.low, change.high, change.percent) == (0.0, inf, None)
    assert "两期都没有案件" in change.sentence("zh", "上月", "本月")


@in_its_own_time
@given(counts, counts)
def test_p_equals_the_sum_over_all_splits_that_are_no_likelier(before: int, after: int) -> None:
    total = before + after
    weights = [comb(total, k) for k in range(total + 1)]
    reference = sum(w for w in weights if w <= weights[after]) / 2**total
    assert compare_counts(before, after).p == pytest.approx(reference, rel=1e-6)


@in_its_own_time
@given(counts, counts)
def test_swapping_the_periods_inverts_the_interval(before: int, after: int) -> None:
    low, high = ratio_interval(before, after, 1, 1, 0.95)
    back_low, back_high = ratio_interval(after, before, 1, 1, 0.95)
    assert back_low == pytest.approx(0 if high == inf else 1 / high, rel=1e-6)
    assert low == pytest.approx(0 if back_high == inf else 1 / back_high, rel=1e-6)


@in_its_own_time
@given(counts, counts, st.floats(0.1, 10), st.floats(0.1, 10))
def test_the_interval_holds_the_observed_ratio(before, after, days_before, days_after) -> None:
    change = compare_counts(before, after, days_before, days_after)
    if before:
        ratio = (after / days_after) / (before / days_before)
        assert change.low <= ratio * (1 + 1e-9)
        assert change.high >= ratio * (1 - 1e-9)


def test_the_interval_covers_at_least_as_often_as_it_says() -> None:
    """Exact coverage for a true ratio of 0.5 and 8 expected before, summed over all outcomes."""
    from scipy.stats import poisson

    covered = 0.0
    for before in range(60):
        for after in range(60):
            low, high = ratio_interval(before, after, 1, 1, 0.95)
            if low <= 0.5 <= high:
                covered += poisson.pmf(before, 8) * poisson.pmf(after, 4)
    assert covered >= 0.95


def test_how_many_cases_a_clear_halving_takes() -> None:
    assert events_to_be_clear(0.5) == 28
    assert compare_counts(28, 14).verdict is Verdict.CLEARLY_LOWER
    # 25 -> 12 is clear, but more than a halving.
    assert all(
        compare_counts(n, n // 2).verdict is not Verdict.CLEARLY_LOWER for n in range(2, 28, 2)
    )


@pytest.mark.parametrize("wrong", [(-1, 2, 1, 1), (1, -2, 1, 1), (1, 2, 0, 1), (1, 2, 1, -1)])
def test_impossible_counts_are_refused(wrong) -> None:
    with pytest.raises(ValueError, match="must"):
        compare_counts(*wrong)
