"""A second content of an id is told from a repeat, and remembered as long as it can matter."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from living import BEGIN, SECOND, busy_days

from fangxian.watch.callers import STEP
from fangxian.watch.events import SCHEMA
from fangxian.watch.met import OTHER, Met, ids_of, says_of
from fangxian.watch.watching import Watch

CALL: dict[str, Any] = {
    "id": "e1", "source": "county", "type": "call.ended", "time": BEGIN, "seconds": 5,
    "resident": "+8612000000001",
}  # fmt: skip


def others(met: Met, events: pa.Table) -> list[bool]:
    """Which events are another content than the first one of their id."""
    cells = events["time"].cast(pa.int64()).to_numpy() // STEP
    clock = met.laid_down()["cell"][0]
    found: list[bool] = (
        met.meet(ids_of(events), says_of(events, {}), cells, clock) == OTHER
    ).tolist()
    return found


def calls(*changed: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist([CALL | one for one in changed], SCHEMA)


def test_a_second_content_of_an_id_is_told_and_a_repeat_is_not() -> None:
    given = calls({}, {"seconds": 9}, {}, {"source": "bank"}, {"rings": 0})
    assert others(Met(), given) == [False, True, False, False, True]


def test_contents_are_remembered_for_two_cells_and_survive_a_checkpoint() -> None:
    met = Met()

    def other(cells: int, **changed: Any) -> bool:
        # Somebody else's event: the clock goes on.
        others(met, calls({"id": f"clock {cells}", "time": BEGIN + cells * STEP}))
        return others(met, calls(changed))[0]

    assert not other(0)
    assert other(0, seconds=6)
    assert other(1, seconds=6)
    again = Met()
    again.take_up(met.laid_down())
    met = again
    # It was met a cell before, so it is kept a cell more.
    assert other(2, seconds=6)
    assert not other(4, seconds=6)
    assert len(met) == 2


@pytest.mark.parametrize("size", [1, 3, 40])
def test_the_same_are_told_however_events_are_cut_into_tables(size: int) -> None:
    rows = busy_days(3, 120, 4).to_pylist()
    for n in range(0, 100, 7):
        rows.insert(n + 2, rows[n] | {"text": "another"})
    events = pa.Table.from_pylist(rows, SCHEMA)
    met = Met()
    found = [others(met, events.slice(at, size)) for at in range(0, len(events), size)]
    together = [one for some in found for one in some]
    assert together == others(Met(), events)
    assert sum(together) > 5


def test_every_column_is_content() -> None:
    # Within a cell, so that nothing is forgotten.
    events = busy_days(2, 40, 0.1).slice(1)
    for name in SCHEMA.names[2:]:
        there = [n for n, value in enumerate(events[name].to_pylist()) if value is not None]
        if not there:
            continue
        changed = events.to_pylist()
        value = changed[there[0]][name]
        changed[there[0]][name] = {
            bool: lambda v: not v,
            str: lambda v: v + "x",
            datetime: lambda v: v + timedelta(microseconds=1),
        }.get(type(value), lambda v: v + 1)(value)
        met = Met()
        assert not any(others(met, events))
        found = others(met, pa.Table.from_pylist(changed, SCHEMA))
        assert [n for n, one in enumerate(found) if one] == there[:1], name


def test_a_column_that_nobody_else_fills_makes_no_other_content() -> None:
    events = busy_days(2, 40, 0.1)
    met = Met()
    others(met, events)
    for n in range(len(events)):
        assert not any(others(met, events.slice(n, 1)))


def test_another_content_moves_no_clock() -> None:
    watch = Watch()
    hours = {"time": BEGIN + 12 * STEP, "seconds": 9}
    given = calls({}, {"id": "e2", "time": BEGIN + 60 * SECOND}, hours, {}, {"id": "e3"})
    for at in range(len(given)):
        answer = watch.take(given.slice(at, 1))
        assert len(answer.others) == (at == 2)
        assert not len(answer.late)
    assert vars(watch.counts) == {"taken": 3, "repeated": 1, "late": 0, "crowded": 0}


def test_memory_is_that_of_two_cells() -> None:
    met = Met()
    for n in range(50):
        times = [{"id": f"{n}-{k}", "time": BEGIN + n * STEP + k * SECOND} for k in range(20)]
        others(met, calls(*times))
    assert len(met) <= 40
