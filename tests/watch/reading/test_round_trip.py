"""What is written in our columns is read as it was, through every door; and no bytes crash one."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from living import busy_days

from fangxian.watch.events import APPS, CODES, COLUMNS, OTHER_KINDS, SCHEMA, TYPES, WORD
from fangxian.watch.reading import Read, as_lines, lines, of_batch, of_lines, of_table, read_files

NOW = datetime(2026, 6, 1, tzinfo=UTC)
MEDIA = (
    "application/cloudevents+json",
    "application/cloudevents-batch+json; charset=utf-8",
    "application/x-ndjson",
    "text/html",
)
ENDINGS = (".parquet", ".csv", ".csv.gz", ".jsonl", ".ndjson.gz", ".txt")
few = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))

names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
score = st.floats(0, 1, width=32)
seconds = st.integers(0, (1 << 31) - 1)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "other": names, "other_kind": st.sampled_from(OTHER_KINDS), "family": st.booleans(),
    "outgoing": st.booleans(), "seconds": seconds, "rings": seconds, "text": names,
    "text_score": score, "code": st.sampled_from(CODES), "url": names, "link_score": score,
    "app": st.sampled_from(APPS), "amount": st.integers(0, (1 << 62)),
    "new_payee": st.booleans(), "campaign": names,
}  # fmt: skip


@st.composite
def some_events(draw: st.DrawFn) -> pa.Table:
    """A few events of every type, each column filled or (where it may be) not."""
    rows = []
    for n in range(draw(st.integers(1, 8))):
        of = draw(st.sampled_from(TYPES))
        moment = st.datetimes(datetime(2015, 1, 1), datetime(2026, 6, 1), timezones=st.just(UTC))  # noqa: DTZ001
        row = {"id": f"{n}{draw(names)}", "source": draw(names), "type": of, "time": draw(moment)}
        row["resident"] = draw(names)
        for column in COLUMNS[5:]:
            if of in column.of and (column.needed or draw(st.booleans())):
                row[column.name] = draw(VALUES[column.name])
        rows.append(row)
    return pa.Table.from_pylist(rows, SCHEMA)


def as_csv(events: pa.Table) -> bytes:
    plain = [pa.string() if f.type == WORD else f.type for f in events.schema]
    into = io.BytesIO()
    table = events.cast(pa.schema([(f.name, t) for f, t in zip(events.schema, plain, strict=True)]))
    pyarrow.csv.write_csv(table, into)
    return into.getvalue()


def the_same(read: Read, events: pa.Table) -> None:
    assert read.wrong == []
    assert read.events.schema.equals(SCHEMA, check_metadata=True)
    assert read.events.to_pylist() == events.to_pylist()


@few
@given(events=some_events())
def test_events_come_back_from_json_lines_as_they_were(events: pa.Table) -> None:
    the_same(of_lines(as_lines(events), "x", now=NOW), events)
    body = b"\n".join(as_lines(events)) + b"\n"
    the_same(of_batch(body, "application/x-ndjson", now=NOW), events)
    array = b"[" + b",".join(as_lines(events)) + b"]"
    the_same(of_batch(array, "application/cloudevents-batch+json", now=NOW), events)
    one = of_batch(as_lines(events)[0], "application/cloudevents+json", now=NOW)
    the_same(one, events.slice(0, 1))


@few
@given(events=some_events())
def test_events_come_back_from_csv_and_parquet_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, events: pa.Table
) -> None:
    folder = tmp_path_factory.mktemp("events")
    (folder / "a.csv").write_bytes(as_csv(events))
    (folder / "b.csv.gz").write_bytes(gzip.compress(as_csv(events)))
    pq.write_table(events, folder / "c.parquet")
    (folder / "d.jsonl.gz").write_bytes(gzip.compress(b"\n".join(as_lines(events))))
    reads = list(read_files([folder], now=NOW))
    assert len(reads) == 4
    for read in reads:
        the_same(read, events)


@few
@given(given=st.lists(st.binary(max_size=60), max_size=6), media=st.sampled_from(MEDIA))
def test_any_bytes_are_set_aside_and_crash_nothing(given: list[bytes], media: str) -> None:
    read = of_lines(given, "x", now=NOW)
    assert len(read.wrong) == sum(bool(line.strip()) for line in given)
    of_batch(b"\n".join(given), media, now=NOW)


@few
@given(
    data=st.data(),
    ending=st.sampled_from(ENDINGS),
    seed=st.integers(0, 99),
)
def test_a_damaged_file_of_any_kind_crashes_nothing(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, ending: str, seed: int
) -> None:
    path = tmp_path_factory.mktemp("events") / f"a{ending}"
    events = busy_days(seed, 30, 3)
    if ending == ".parquet":
        pq.write_table(events, path)
    else:
        text = as_csv(events) if "csv" in ending else b"\n".join(as_lines(events))
        path.write_bytes(gzip.compress(text) if ending.endswith("gz") else text)
    octets = bytearray(path.read_bytes())
    for at, value in data.draw(st.lists(st.tuples(st.integers(0, len(octets) - 1), st.binary(max_size=3)), max_size=5)):  # fmt: skip
        octets[at : at + 1] = value
    path.write_bytes(octets[: data.draw(st.integers(0, len(octets)))])
    for read in read_files([path], now=NOW):
        assert read.events.schema.equals(SCHEMA)
        read.events.validate(full=True)


@pytest.mark.parametrize("constant", ["Infinity", "-Infinity", "NaN"])
@pytest.mark.parametrize("member", ["id", "seconds"])
def test_what_is_no_number_is_no_json(constant: str, member: str) -> None:
    lines = as_lines(busy_days(1, 5, 1))
    lines[2] = lines[2].replace(b'"data": {', f'"data": {{"{member}": {constant}, '.encode())
    found = of_lines(lines, "x", now=NOW)
    assert [(w.where, w.reason.key) for w in found.wrong] == [("x:3", "not_json")]
    assert len(found.events) == 4


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)  # fmt: skip


@few
@given(events=some_events(), data=st.data())
def test_both_ways_of_parsing_read_the_same(events: pa.Table, data: st.DataObject) -> None:
    given = []
    for line in as_lines(events):
        event = json.loads(line)
        for _ in range(data.draw(st.integers(0, 2))):
            member = data.draw(
                st.sampled_from(["id", "time", "subject", "data", "dataschema", "x"])
            )
            event[member] = data.draw(JSON)
        if isinstance(event["data"], dict) and data.draw(st.booleans()):
            event["data"][data.draw(st.sampled_from([c.name for c in COLUMNS]))] = data.draw(JSON)
        given.append(json.dumps(event).encode())
    fast = of_lines(given, "x", now=NOW)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "_by_arrow", lambda _: None)
        slow = of_lines(given, "x", now=NOW)
    assert fast.wrong == slow.wrong
    assert fast.events.to_pylist() == slow.events.to_pylist()


STRANGE: list[Callable[[int], pa.Array]] = [
    lambda n: pa.array([[1]] * n),
    lambda n: pa.array([{"a": 1}] * n),
    lambda n: pa.array([b"\xff\xfe", b"1"] * n, pa.binary())[:n],
    lambda n: pa.Array.from_buffers(
        pa.string(), n, pa.array([b"\xc3("] * n, pa.binary()).buffers()
    ),
    lambda n: pa.array([Decimal("1.50")] * n),
    lambda n: pa.array([date(2026, 1, 1)] * n),
    lambda n: pa.array([timedelta(1)] * n),
    lambda n: pa.array([np.nan, np.inf, -np.inf, 1e300, 0.5] * n)[:n],
    lambda n: pa.array([(1 << 64) - 1] * n, pa.uint64()),
    lambda n: pa.array([3, None] * n).dictionary_encode()[:n],
    lambda n: pa.array(["1", "0.5", "true", "2026-02-30T00:00:00Z"] * n, pa.string_view())[:n],
    lambda n: pa.array([1 << 62] * n, pa.timestamp("s", "Asia/Shanghai")),
    lambda n: pa.array([1 << 40] * n, pa.timestamp("ns")),
    lambda n: pa.array([True] * n),
    lambda n: pa.nulls(n),
    lambda n: pa.chunked_array([pa.array(["x"]), pa.array(["y"] * (n - 1), pa.string())]),
]  # fmt: skip


@few
@given(data=st.data(), count=st.integers(1, 6))
def test_a_table_of_any_types_crashes_nothing(data: st.DataObject, count: int) -> None:
    columns = busy_days(1, count, 3)
    for name in data.draw(st.sets(st.sampled_from([c.name for c in COLUMNS]), min_size=1)):
        array = data.draw(st.sampled_from(STRANGE))(count)
        columns = columns.set_column(columns.column_names.index(name), name, array)
    read = of_table(columns, "x", now=NOW)
    assert len(read.events) + len(read.wrong) == count
    read.events.validate(full=True)


def test_a_file_written_by_the_simulators_schema_is_read_whole(tmp_path: Path) -> None:
    events = busy_days(3, 5_000, 100)
    pq.write_table(events, tmp_path / "events.parquet", row_group_size=700)
    pieces = list(read_files([tmp_path], now=NOW))
    assert pa.concat_tables([p.events for p in pieces]).to_pylist() == events.to_pylist()
