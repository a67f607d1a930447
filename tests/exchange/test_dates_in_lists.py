"""A date cell gives the moment it means, in UTC, or says why it cannot be one."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangxian.exchange.dates import Moment, parse_moment
from fangxian.exchange.problems import Problem

TODAY = date(2026, 11, 24)
SHANGHAI = ZoneInfo("Asia/Shanghai")
HALF_PAST_TWO = datetime(2026, 3, 5, 14, 30, tzinfo=SHANGHAI)


def moment(cell: object, **options: object) -> Moment:
    found = parse_moment(cell, today=TODAY, **options)  # type: ignore[arg-type]
    assert isinstance(found, Moment), found
    return found


def refusal(cell: object) -> str:
    found = parse_moment(cell, today=TODAY, column_label="来电时间")  # type: ignore[arg-type]
    assert isinstance(found, Problem), found
    return found.code


@pytest.mark.parametrize(
    "cell",
    [
        "2026-03-05 14:30",
        "2026/3/5 14:30:00",
        "2026.3.5 14:30",
        "2026年3月5日 14时30分",
        "2026年3月5日14:30",
        "2026年03月05日 下午2:30",
        "26年3月5日下午2点半",
        "2026-03-05T14:30:00+08:00",
        "2026-03-05T06:30:00Z",
        "2026-03-05 14:30:00.000",
        "20260305143000",
        "202603051430",
        "20260305 14:30",
        "2026年3月5日（星期四）14:30",
        "２０２６－０３－０５　１４：３０",
        "2026-3-5 2:30 PM",
        "3月5日 14:30",
        "2026年3月5日14点30",
        46086.6041666667,
        "46086.6041666667",
        datetime(2026, 3, 5, 14, 30),  # noqa: DTZ001  cells of a workbook have no zone
    ],
)
def test_a_moment_is_read_however_it_is_written(cell: object) -> None:
    assert moment(cell) == Moment(HALF_PAST_TWO.astimezone(UTC), has_time=True)


@pytest.mark.parametrize(
    "cell",
    ["2026-03-05", "2026年3月5日", "20260305", 20260305, 20260305.0, "3月5号", "2026/03/05", 46086, 46086.0, date(2026, 3, 5), "2026-03-05 00:00:00", datetime(2026, 3, 5)],  # noqa: DTZ001
)  # fmt: skip
def test_a_day_without_a_time_starts_at_midnight_of_the_sender_and_says_so(cell: object) -> None:
    assert moment(cell) == Moment(datetime(2026, 3, 4, 16, tzinfo=UTC), has_time=False)


def test_a_day_without_a_year_is_the_latest_that_is_not_in_the_future() -> None:
    assert moment("11月25日").at.astimezone(SHANGHAI).date() == date(2026, 11, 25)
    assert moment("11月26日").at.astimezone(SHANGHAI).date() == date(2025, 11, 26)
    assert moment("2月29日").at.astimezone(SHANGHAI).date() == date(2024, 2, 29)


def test_serials_of_the_1904_epoch_are_four_years_later() -> None:
    assert moment(46086 - 1462, date_1904=True) == moment(46086)


def test_noon_midnight_and_the_small_hours_are_told_apart() -> None:
    def clock(cell: str) -> str:
        return f"{moment(cell).at.astimezone(SHANGHAI):%d %H:%M}"

    assert clock("2026年3月5日 中午12:30") == "05 12:30"
    assert clock("2026年3月5日 中午1点") == "05 13:00"
    assert clock("2026年3月5日 凌晨12:10") == "05 00:10"
    assert clock("2026年3月5日 晚上8点") == "05 20:00"
    assert clock("2026年3月5日 24:00") == "06 00:00"


def test_a_zone_in_the_cell_wins_over_the_sender_s() -> None:
    assert moment("2026-03-05T14:30:00+09:00").at == HALF_PAST_TWO.astimezone(UTC) - timedelta(
        hours=1
    )


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("2062-11-01", "date_future"),
        ("2026-11-26", "date_future"),
        ("1999-12-31", "date_too_old"),
        ("0026-03-05", "date_too_old"),
        ("2026-02-30", "date_impossible"),
        ("2026-03-05 25:00", "date_impossible"),
        ("05/03/2026", "date_ambiguous"),
        ("14:30", "date_only_time"),
        (time(14, 30), "date_only_time"),
        ("昨天", "date_form"),
        ("待定", "date_form"),
        ("2026-03-05至2026-03-06", "date_form"),
        (True, "date_form"),
        (17, "date_form"),
    ],
)
def test_what_is_no_moment_is_refused_for_its_own_reason(cell: object, code: str) -> None:
    assert refusal(cell) == code


def test_the_day_and_month_of_a_foreign_date_are_used_when_only_one_reading_is_possible() -> None:
    assert moment("13/3/2026") == moment("2026-03-13")
    assert moment("3/13/2026") == moment("2026-03-13")
    assert moment("3/3/2026") == moment("2026-03-03")


def test_the_message_names_column_and_value() -> None:
    problem = parse_moment("2062-11-01", today=TODAY, column_label="来电时间")
    assert isinstance(problem, Problem)
    assert problem.say("zh", 33) == "第 33 行“来电时间”：2062-11-01 在将来，请核对日期"


LOCAL = st.datetimes(min_value=datetime(2000, 1, 2), max_value=datetime(2026, 11, 24))  # noqa: DTZ001
FORMS = st.sampled_from(
    ["%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y年%m月%d日 %H时%M分%S秒", "%Y%m%d%H%M%S", "%Y.%m.%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"]
)  # fmt: skip


@given(LOCAL, FORMS)
def test_any_moment_in_any_form_comes_back_to_the_second(at: datetime, form: str) -> None:
    expected = at.replace(microsecond=0, tzinfo=SHANGHAI)
    assert moment(at.strftime(form)).at == expected.astimezone(UTC)


@given(LOCAL)
def test_a_serial_comes_back_to_the_second(at: datetime) -> None:
    at = at.replace(microsecond=0)
    serial = (at - datetime(1899, 12, 30)) / timedelta(days=1)  # noqa: DTZ001
    assert moment(serial).at == at.replace(tzinfo=SHANGHAI).astimezone(UTC)


@given(
    st.one_of(
        st.text(max_size=60), st.floats(), st.integers(), st.datetimes(), st.dates(), st.times()
    )
)
def test_no_cell_makes_the_parser_fail(cell: object) -> None:
    found = parse_moment(cell, today=TODAY)  # type: ignore[arg-type]
    if isinstance(found, Problem):
        assert found.say("zh") != found.say("en")
    else:
        assert found.at.utcoffset() == timedelta(0)


@given(
    st.from_regex(
        r"[0-9]{0,4}[年/.-]?[0-9]{1,2}[月/.-]?[0-9]{1,2}日? ?[0-9]{0,2}[:点]?[0-9]{0,2}",
        fullmatch=True,
    )
)
def test_nothing_that_resembles_a_date_makes_the_parser_fail(cell: str) -> None:
    assert isinstance(parse_moment(cell, today=TODAY), (Moment, Problem))
