"""What a number did in the last hour and day, against a plain count."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from fangxian.watch.callers import BUSY, Callers, Done, Profiles
from fangxian.watch.callers.kernel import FORGOTTEN
from fangxian.watch.keyed import ABSENT, EMPTY, Keyed, hashed, numbered

NUMBERS = np.array([1, 2, 3], np.uint64)


def some_done(rng: np.random.Generator, count: int) -> Done:
    return Done(
        number=rng.choice(NUMBERS, count),
        resident=rng.integers(100, 112, count).astype(np.uint64),
        call=rng.random(count) < 0.7,
        seconds=((rng.random(count) < 0.5) * rng.integers(1, 60, count)).astype(np.int32),
        rings=rng.integers(-1, 8, count).astype(np.int32),
        bad=rng.random(count) < 0.3,
    )


def plainly(steps: np.ndarray, done: Done, number: int, edge: int) -> dict[str, float]:
    """The definition, one event at a time."""
    rows = list(zip(steps.tolist(), *(column.tolist() for column in done), strict=True))
    busy = Counter(row[:2] for row in rows)
    own = [row for row in rows if row[1] == number and row[0] < edge and busy[row[:2]] >= BUSY]
    cells = sorted({row[0] for row in own})
    if not cells or edge - cells[-1] > FORGOTTEN:
        own, cells = [], [edge]
    first = cells[0]
    for one, other in pairwise(cells):
        first = other if other - one > FORGOTTEN else first
    hour = (edge - 1) // 6
    near = [row for row in own if row[0] >= edge - 6]
    day = [row for row in own if hour - 24 < row[0] // 6 <= hour]
    calls, texts = [r for r in near if r[3]], [r for r in near if not r[3]]
    talked = [r for r in calls if r[4] > 0]
    day_calls = [r for r in day if r[3]]

    def share(part: int, whole: int) -> float:
        return part / whole if whole else float("nan")

    return {
        "calls": len(calls),
        "callees": len({r[2] for r in near}),
        "answered_share": share(len(talked), len(calls)),
        "short_share": share(sum(r[4] < 20 for r in talked), len(talked)),
        "dropped_share": share(sum(r[4] == 0 and 0 <= r[5] <= 3 for r in calls), len(calls)),
        "texts": len(texts),
        "bad_share": share(sum(r[6] for r in texts), len(texts)),
        "calls_day": len(day_calls),
        "callees_day": len({r[2] for r in day}),
        "answered_share_day": share(sum(r[4] > 0 for r in day_calls), len(day_calls)),
        "busy_hours": share(edge - first, 6) if own else float("nan"),
    }


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 1 << 30),
    span=st.sampled_from([30, 200, 6000]),
    forgets=st.booleans(),
)
def test_profiles_are_what_a_plain_count_says(seed: int, span: int, forgets: bool) -> None:
    rng = np.random.default_rng(seed)
    steps = np.sort(rng.integers(1000, 1000 + span, 300))
    if span > 30:  # enough in one cell to be busy
        steps = steps // 37 * 37
    done, callers = some_done(rng, len(steps)), Callers()
    for step in np.unique(steps).tolist():
        callers.wait(steps[steps == step], done.among(steps == step))
        callers.settle(step + 1)
        if forgets:
            callers.forget()
        for edge in (step + 1, step):
            places, known = callers.look_up(NUMBERS, edge)
            for number, place in zip(NUMBERS.tolist(), places.tolist(), strict=True):
                profiles = Profiles.of(known)._asdict()
                told = {name: float(column[place]) for name, column in profiles.items()}
                wanted = plainly(steps, done, number, edge)
                alike = [np.isclose(told[name], wanted[name], equal_nan=True) for name in wanted]
                assert all(alike), (edge, number)


def test_who_is_never_busy_takes_no_memory() -> None:
    callers = Callers()
    numbers = np.arange(1, 10_001, dtype=np.uint64).repeat(BUSY - 1)
    nothing = np.zeros(len(numbers), np.int32)
    yes = np.ones(len(numbers), bool)
    callers.wait(np.full(len(numbers), 7), Done(numbers, numbers, yes, nothing, nothing, ~yes))
    callers.settle(8)
    assert len(callers) == 0


def test_a_number_that_is_null_is_nobody() -> None:
    callers = Callers()
    numbers = np.full(9, EMPTY)
    nothing = np.zeros(9, np.int32)
    yes = np.ones(9, bool)
    callers.wait(np.full(9, 7), Done(numbers, numbers, yes, nothing, nothing, ~yes))
    callers.settle(8)
    places, known = callers.look_up(numbers, 8)
    assert places.tolist() == [0] * 9
    assert not known[0].any()


@given(st.lists(st.integers(1, 50)), st.lists(st.integers(1, 50)))
def test_a_table_finds_what_was_put_in_it_and_nothing_else(
    put: list[int], asked: list[int]
) -> None:
    table = Keyed(room=2)
    keys = np.array(put, np.uint64)
    places = table.places(keys)
    table.values[places] = keys.astype(np.int64) * 2
    found = table.get(np.array(asked, np.uint64)).tolist()
    assert found == [2 * key if key in put else ABSENT for key in asked]
    assert len(table) == len(set(put))


@given(st.lists(st.integers(1, 9)))
def test_keys_are_numbered_as_they_are_first_met(keys: list[int]) -> None:
    numbers, names = numbered(np.array(keys, np.uint64))
    assert names[numbers].tolist() == keys
    assert names.tolist() == list(dict.fromkeys(keys))


def test_a_name_has_one_hash_however_it_is_kept() -> None:
    names = ["+8612000000001", "", "王", None, "+8612000000001"]
    plain = hashed(pa.array(names))
    assert (plain == hashed(pa.array(names).dictionary_encode())).all()
    assert (
        plain[1:] == hashed(pa.chunked_array([names[:2], names[2:]], pa.string()).slice(1))
    ).all()
    assert plain[0] == plain[4]
    assert plain[3] == EMPTY
    assert len(set(plain.tolist())) == 4


def test_names_that_are_much_alike_have_hashes_that_are_not() -> None:
    near = [f"{head}{n:0{width}}" for head in ("", "+8612", "a long name ") for width in (1, 8, 9) for n in range(10_000)]  # fmt: skip
    names = sorted({*near, *(name + " " for name in near), *("\0" * n for n in range(40))})
    keys = hashed(pa.array(names))
    assert len(np.unique(keys)) == len(names)
    for bits in (keys & np.uint64(255), keys >> np.uint64(56)):
        counts = np.bincount(bits.astype(np.int64), minlength=256)
        assert counts.std() < 1.3 * (len(names) / 256) ** 0.5
