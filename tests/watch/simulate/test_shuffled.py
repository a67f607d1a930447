"""Events out of order stay within the allowed lateness, each at least once."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest

from fangxian.watch.events import SCHEMA
from fangxian.watch.simulate import shuffled

LATENESS = timedelta(minutes=20)


def test_no_event_is_older_than_the_newest_before_it_by_more_than_the_lateness(town) -> None:
    table = shuffled(town.events.slice(0, 20_000), LATENESS, 3, 1)
    times = np.asarray(table["time"].cast(pa.int64()))
    late = np.maximum.accumulate(times) - times
    assert late.max() <= LATENESS // timedelta(microseconds=1)
    assert late.max() > 0
    assert table.schema.equals(SCHEMA, check_metadata=True)


def test_every_event_arrives_one_to_so_many_times(town) -> None:
    some = town.events.slice(0, 5000)
    arrived = Counter(shuffled(some, LATENESS, 3, 1)["id"].to_pylist())
    assert set(arrived) == set(some["id"].to_pylist())
    assert set(arrived.values()) == {1, 2, 3}


def test_the_same_seed_gives_the_same_order_and_another_another(town) -> None:
    some = town.events.slice(0, 1000)
    one, again, other = (shuffled(some, LATENESS, 2, seed) for seed in (1, 1, 2))
    assert one.equals(again)
    assert not one.equals(other)


def test_without_lateness_and_copies_it_is_as_it_was(town) -> None:
    some = town.events.slice(0, 1000)
    assert shuffled(some, timedelta(0), 1, 5).equals(some.combine_chunks())


@pytest.mark.parametrize(("lateness", "copies"), [(timedelta(seconds=-1), 1), (LATENESS, 0)])
def test_a_negative_lateness_and_no_copy_are_refused(
    town, lateness: timedelta, copies: int
) -> None:
    with pytest.raises(ValueError, match="实际是"):
        shuffled(town.events.slice(0, 10), lateness, copies, 1)
