"""The same events say the same, however they come (decision 19)."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from living import BEGIN, SECOND, busy_days

from fangxian.watch.alerts import alert_of, moments, runs
from fangxian.watch.callers import BUSY, Profiles
from fangxian.watch.callers.reported import FORGOTTEN as REPORT_FORGOTTEN
from fangxian.watch.callers.since import FORGOTTEN, GROUPS, KNOWN, LEARNING
from fangxian.watch.events import SCHEMA
from fangxian.watch.facts import (
    BAD_TEXT,
    FACTS,
    UNKNOWN,
    add_profiles,
    event_facts,
)
from fangxian.watch.hopes import MOST
from fangxian.watch.keyed import hashed_one
from fangxian.watch.sight import LATENESS
from fangxian.watch.signals import Seen, firings, shipped_book
from fangxian.watch.state import laid_down, taken_up
from fangxian.watch.watching import END, Watch

CELL = 600_000_000


def watched(events: pa.Table, sizes: list[int], watch: Watch | None = None) -> dict[str, str]:
    """The warnings at the end, by id, of events that come in batches of these sizes, in turn."""
    watch = watch or Watch()
    told: dict[str, str] = {}
    at = n = 0
    while at < len(events):
        size = sizes[n % len(sizes)]
        answer = watch.take(events.slice(at, size))
        assert not len(answer.late)
        told |= {alert.id: alert.written() for alert in answer.alerts}
        at, n = at + size, n + 1
    return told | {alert.id: alert.written() for alert in watch.finish()}


def by_the_book(events: pa.Table) -> dict[str, str]:
    """The warnings as decision 19 defines them, from all events at once, with nothing clever."""
    book = shipped_book()
    times = np.asarray(events["time"].cast(pa.int64()).to_numpy())
    facts = event_facts(events)
    rows = events.to_pylist()
    counted = [_before(rows, facts, times, i) for i in range(len(rows))]
    add_profiles(facts, Profiles.of(np.array(counted, np.int32)), np.arange(len(rows)))
    facts["known_for"] = np.array([_known_for(rows, times, i) for i in range(len(rows))])
    others = [_of_others(rows, times, i) for i in range(len(rows))]
    for name in others[0]:
        facts[name] = np.array([told[name] for told in others])
    types = np.array([row["type"] for row in rows])
    asked = np.column_stack(
        [(types == event.type) & event.among(facts, len(rows)) for event in book.events]
    )
    known = np.nan_to_num(np.array([facts[name] for name in FACTS]).T, nan=UNKNOWN).tolist()
    seen = defaultdict(list)
    for i, (row, time, marks) in enumerate(zip(rows, times.tolist(), asked.tolist(), strict=True)):
        bits = sum(1 << bit for bit, is_so in enumerate(marks) if is_so)
        other = row["other"] or ""
        leads = re.search(r"site\d\.example", row["text"] or "")
        link = leads[0] if leads and row["type"] == "sms.received" else ""
        event = Seen(
            time, row["id"], row["source"], bits, row["type"], other, tuple(known[i]), link
        )
        seen[row["resident"]].append(event)
    told = {}
    for resident, own in seen.items():
        found = list(firings(book, sorted(e for e in own if e.marks), END))
        for run in runs(moments(found)):
            alert = alert_of(resident, found, run)
            told[alert.id] = alert.written()
    return told


def _before(rows: list[dict], facts: dict, times: np.ndarray, i: int) -> list[int]:
    """What the other side of event `i` did in cells that were settled before it."""
    if rows[i]["type"] not in ("call.ended", "sms.received"):
        return [0] * 11
    edge = (times[i] - LATENESS) // CELL

    def counts(j: int) -> bool:
        outgoing = rows[j]["outgoing"] and rows[j]["type"] == "call.ended"
        told = rows[j]["type"] in ("call.ended", "sms.received") and not outgoing
        return told and rows[j]["other"] == rows[i]["other"]

    own = [(int(times[j] // CELL), j) for j in range(len(rows)) if counts(j)]
    busy = Counter(cell for cell, _ in own)
    own = [(cell, j) for cell, j in own if busy[cell] >= BUSY and cell < edge]
    if not own:
        return [0] * 11
    in_hour = [j for cell, j in own if cell >= edge - 6]
    hour = (edge - 1) // 6
    in_day = [j for cell, j in own if hour - 24 < cell // 6 <= hour]
    calls = [j for j in in_hour if rows[j]["type"] == "call.ended"]
    texts = [j for j in in_hour if rows[j]["type"] == "sms.received"]
    talked = [j for j in calls if rows[j]["seconds"] > 0]
    return [
        len(calls),
        len({rows[j]["resident"] for j in in_hour}),
        len(talked),
        sum(rows[j]["seconds"] < 20 for j in talked),
        sum(rows[j]["seconds"] == 0 and rows[j]["rings"] <= 3 for j in calls),
        len(texts),
        sum(bool(facts["text_score"][j] >= BAD_TEXT) for j in texts),
        sum(rows[j]["type"] == "call.ended" for j in in_day),
        len({rows[j]["resident"] for j in in_day}),
        sum(rows[j]["type"] == "call.ended" and rows[j]["seconds"] > 0 for j in in_day),
        int(edge) - own[0][0],
    ]


def _known_for(rows: list[dict], times: np.ndarray, i: int) -> float:
    """For how many seconds the other side of event `i` had been seen."""
    edge = int((times[i] - LATENESS) // CELL)
    cells = sorted({int(time // CELL) for time in times})
    if not rows[i]["other"] or edge - cells[0] < LEARNING or cells[0] >= edge:
        return float("nan")
    seen = {int(times[j] // CELL) for j, row in enumerate(rows) if row["other"] == rows[i]["other"]}
    first = last = None
    for cell in sorted(cell for cell in seen if cell < edge):
        first = cell if last is None or cell - last > FORGOTTEN else first
        last = cell
    if last is None or first is None or edge - last > FORGOTTEN:
        return 0.0
    return (KNOWN * 6 if first - cells[0] < LEARNING else edge - first) * 600.0


def _seen_before(
    rows: list[dict], times: np.ndarray, i: int, who: Callable[[dict], str | None]
) -> list[tuple[int, str]]:
    """(cell, who) of those of all events before the edge of event `i` of which `who` says somebody."""
    edge = int((times[i] - LATENESS) // CELL)
    seen = [(int(time // CELL), who(row)) for time, row in zip(times, rows, strict=True)]
    return sorted((cell, one) for cell, one in seen if cell < edge and one)


def _groups(seen: list[tuple[int, str]], edge: int) -> float:
    """Of eight, as long as it is not forgotten."""
    groups, last = set[int](), -FORGOTTEN
    for cell, who in seen:
        groups = groups if cell - last <= FORGOTTEN else set()
        groups, last = groups | {hashed_one(who) % GROUPS}, cell
    return float(len(groups)) if edge - last <= FORGOTTEN else 0.0


def _people(seen: list[tuple[int, str]], edge: int) -> float:
    """Each once, as long as they are not forgotten."""
    counted, count, last = dict[str, int](), 0, -REPORT_FORGOTTEN
    for cell, who in seen:
        if cell - counted.get(who, -REPORT_FORGOTTEN) <= REPORT_FORGOTTEN:
            continue
        count = count + 1 if cell - last <= REPORT_FORGOTTEN else 1
        counted[who] = last = cell
    return float(count) if edge - last <= REPORT_FORGOTTEN else 0.0


def _of_others(rows: list[dict], times: np.ndarray, i: int) -> dict[str, float]:
    """The facts that other events tell of the other side of event `i`, and of its campaign."""
    edge, own = int((times[i] - LATENESS) // CELL), rows[i]
    nan = float("nan")
    told = dict.fromkeys(("reach", "reports", "campaign_senders", "campaign_reports"), nan)

    def reporter(row: dict) -> str | None:
        return row["resident"] if row["type"] == "report.filed" else None

    def sender(row: dict) -> str | None:
        return row["other"] if row["type"] == "sms.received" else None

    def found(name: str, who: Callable[[dict], str | None]) -> list[tuple[int, str]]:
        alike = own[name]
        return _seen_before(rows, times, i, lambda row: who(row) if row[name] == alike else None)

    if own["other"]:
        told["reach"] = _groups(found("other", lambda row: row["resident"]), edge)
        told["reports"] = _people(found("other", reporter), edge)
    if own["campaign"]:
        told["campaign_senders"] = _groups(found("campaign", sender), edge)
        told["campaign_reports"] = _people(found("campaign", reporter), edge)
    return told


def shuffled(events: pa.Table, seed: int, copies: int) -> pa.Table:
    """Another order, within the allowed lateness, and some events several times."""
    rng = np.random.default_rng(seed)
    rows = np.repeat(np.arange(len(events)), rng.integers(1, copies + 1, len(events)))
    times = np.asarray(events["time"].cast(pa.int64()).to_numpy())[rows]
    arrive = times + rng.integers(0, LATENESS, len(rows))
    return events.take(pa.array(rows[np.argsort(arrive, kind="stable")]))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("hours", [2, 30, 150])
def test_batches_of_any_size_say_what_the_definition_says(seed: int, hours: int) -> None:
    events = busy_days(seed, 400, hours)
    wanted = by_the_book(events)
    assert wanted
    assert watched(events, [len(events)]) == wanted
    assert watched(events, [7, 1, 40]) == wanted


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 1 << 30),
    hours=st.sampled_from([0.5, 3, 26, 100, 400, 2000]),
    count=st.integers(1, 300),
    copies=st.integers(1, 5),
    sizes=st.lists(st.integers(1, 90), min_size=1, max_size=4),
)
def test_any_order_within_the_lateness_says_the_same(
    seed: int, hours: float, count: int, copies: int, sizes: list[int]
) -> None:
    events = busy_days(seed, count, hours)
    wanted = watched(events, [len(events)])
    assert watched(shuffled(events, seed + 1, copies), sizes) == wanted


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 1 << 30),
    hours=st.sampled_from([3, 26, 100]),
    sizes=st.lists(st.integers(5, 90), min_size=1, max_size=3),
)
def test_a_watch_laid_down_and_taken_up_says_the_same(
    seed: int, hours: float, sizes: list[int]
) -> None:
    events = busy_days(seed, 250, hours)
    wanted = watched(events, [len(events)])
    watch, told, at = Watch(), {}, 0
    for size in sizes * (250 // sum(sizes) + 1):
        told |= {alert.id: alert.written() for alert in watch.take(events.slice(at, size)).alerts}
        watch, at = taken_up(laid_down(watch), shipped_book()), at + size
    assert told | {alert.id: alert.written() for alert in watch.finish()} == wanted


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 1 << 30), at=st.integers(50, 400))
def test_what_was_laid_down_stays_as_it_was_while_the_watch_goes_on(seed: int, at: int) -> None:
    events, watch = busy_days(seed, 500, 100), Watch()
    watch.take(events.slice(0, at))
    laid = laid_down(watch)
    then = {name: array.copy() for name, array in laid.items()}
    watch.take(events.slice(at))
    watch.finish()
    assert all((laid[name] == array).all() for name, array in then.items())


def test_a_switchboard_takes_no_more_memory_than_a_busy_person() -> None:
    rows = [
        {
            "id": f"{n}", "source": "test", "type": "call.ended", "time": BEGIN + n * SECOND,
            "resident": "+8612000000000", "other_kind": "overseas", "seconds": 600, "family": False,
        }
        for n in range(MOST + 50)
    ]  # fmt: skip
    watch = Watch()
    watch.take(pa.Table.from_pylist(rows, SCHEMA))
    assert watch.counts.crowded == 50
