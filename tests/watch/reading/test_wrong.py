"""What is wrong with an event is told: where, why, and what came; the others go on."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from living import busy_days

from fangxian.watch.reading import Read, of_batch, of_lines, of_table

NOW = datetime(2026, 6, 1, tzinfo=UTC)
CALL: dict[str, Any] = {
    "specversion": "1.0",
    "id": "e1",
    "source": "county",
    "type": "call.ended",
    "time": "2026-03-01T08:00:00+08:00",
    "subject": "+8612000000001",
    "data": {"seconds": 5},
}


def line(data: dict[str, Any] | None = None, **more: Any) -> bytes:
    event = CALL | more
    return json.dumps(event | {"data": event["data"] | (data or {})}).encode()


def sms(**data: Any) -> bytes:
    return json.dumps(CALL | {"type": "sms.received", "data": data}).encode()


def read(given: bytes) -> Read:
    return of_lines([line(id="before"), given, line(id="after")], "x.jsonl", now=NOW)


@pytest.mark.parametrize(
    ("given", "key"),
    [
        (line()[:-9], "not_json"),
        (b"[1]", "not_json"),
        (line() + line(), "not_json"),
        (b'{"specversion": NaN}', "not_json"),
        (b"\xff\xfe", "not_json"),
        (b"[" * 100_000, "not_json"),
        (line(specversion="0.3"), "not_cloudevent"),
        (json.dumps({"id": "e1"}).encode(), "not_cloudevent"),
        (json.dumps(CALL | {"data": "text"}).encode(), "not_cloudevent"),
        (line(dataschema="urn:fangxian:event:2"), "other_schema"),
        (line(id=""), "missing"),
        (line(id=None), "missing"),
        (line(subject=""), "missing"),
        (line({"seconds": None}), "missing"),
        (line(type="transfer.requested"), "missing"),
        (line(type="app.installed"), "missing"),
        (line(type="call.began"), "unknown_type"),
        (line(time="2026-03-01T08:00:00"), "no_zone"),
        (line(time="2026-03-01 08:00"), "no_zone"),
        (line(time="2026-02-30T08:00:00Z"), "not_a_time"),
        (line(time="yesterday"), "not_a_time"),
        (line(time=1_772_307_000), "not_a_time"),
        (line(time="1970-01-01T00:00:09Z"), "too_early"),
        (line(time="2026-06-03T00:00:01Z"), "too_late"),
        (line({"seconds": -1}), "out_of_range"),
        (line({"rings": -1}), "out_of_range"),
        (line({"amount": -1}, type="transfer.requested"), "out_of_range"),
        (sms(text_score=1.01), "out_of_range"),
        (line({"link_score": -0.1}, type="link.visited"), "out_of_range"),
        (line({"seconds": 1.5}), "not_a_number"),
        (line({"seconds": "0x1F"}), "not_a_number"),
        (line({"seconds": 1 << 40}), "not_a_number"),
        (line({"seconds": True}), "not_a_number"),
        (sms(text_score="nan"), "not_a_number"),
        (line({"family": "perhaps"}), "not_yes_or_no"),
        (line({"other": ["+8612000000002"]}), "not_text"),
        (line({"other": "\ud800"}), "not_text"),
        (line({"other_kind": "moon"}), "unlisted"),
        (sms(code="gym"), "unlisted"),
        (line({"app": "game"}, type="app.installed"), "unlisted"),
        (line(id="x" * 301), "too_long"),
        (line(subject="x" * 301), "too_long"),
        (sms(text="诈" * 100_001), "too_long"),
        (b'{"id": "' + b"x" * 2_000_001, "too_large"),
    ],
)
def test_a_wrong_event_is_set_aside_and_the_others_go_on(given: bytes, key: str) -> None:
    found = read(given)
    [wrong] = found.wrong
    assert wrong.reason.key == key
    assert wrong.where == "x.jsonl:2"
    assert wrong.raw == given.decode(errors="replace")[:2_000]
    assert found.events["id"].to_pylist() == ["before", "after"]


@pytest.mark.parametrize(
    ("given", "column", "value"),
    [
        (line(time="2026-03-01t00:00:00z"), "time", datetime(2026, 3, 1, tzinfo=UTC)),
        (line(time="2026-03-01T08:00:00.1234567+08:00"), "time", datetime(2026, 3, 1, 0, 0, 0, 123456, UTC)),
        (line({"seconds": "12"}), "seconds", 12),
        (line({"seconds": 12.0}), "seconds", 12),
        (json.dumps(CALL, indent=2).encode(), "seconds", 5),
        (line({"amount": str((1 << 63) - 1)}, type="transfer.requested"), "amount", (1 << 63) - 1),
        (line({"family": "TRUE"}), "family", True),
        (line({"other": 95588}), "other", "95588"),
        (line({"other": ""}), "other", None),
        (line({"newer": 1}, newer=1), "seconds", 5),
        (line(dataschema="urn:fangxian:event:1"), "seconds", 5),
        (sms(text="诈" * 100_000), "text", "诈" * 100_000),
    ],
)  # fmt: skip
def test_what_can_be_understood_is(given: bytes, column: str, value: object) -> None:
    found = read(given)
    assert found.wrong == []
    assert found.events[column][1].as_py() == value


def test_what_a_type_does_not_have_is_left_out_wrong_or_not() -> None:
    found = read(sms(seconds=-1, amount="much", text="hi"))
    assert found.wrong == []
    assert found.events["seconds"].to_pylist() == [5, None, 5]
    assert found.events["text"].to_pylist() == [None, "hi", None]


def test_an_event_without_data_is_one_where_none_is_needed() -> None:
    event = {k: v for k, v in CALL.items() if k != "data"} | {"type": "report.filed"}
    assert read(json.dumps(event).encode()).wrong == []


def test_empty_lines_are_no_events_but_count() -> None:
    found = of_lines([b"", b" \r\n", line(), b"{"], "x", now=NOW)
    assert [w.where for w in found.wrong] == ["x:4"]
    assert len(found.events) == 1


def test_now_is_the_wall_clock_where_none_is_given() -> None:
    ahead = [datetime.now(UTC) + timedelta(days=days) for days in (1, 3)]
    found = of_lines([line(id=t.isoformat(), time=t.isoformat()) for t in ahead], "x")
    assert [w.reason.key for w in found.wrong] == ["too_late"]


@pytest.mark.parametrize(
    ("body", "media", "key"),
    [
        (line(), "text/html", "other_media"),
        (b"{", "application/cloudevents+json", "not_json"),
        (b"[" + line() + b"]", "application/cloudevents+json", "not_cloudevent"),
        (line(), "application/cloudevents-batch+json", "not_cloudevent"),
        (b"[1]", "application/cloudevents-batch+json", "not_json"),
    ],
)
def test_a_body_that_is_not_what_it_says_is_set_aside(body: bytes, media: str, key: str) -> None:
    found = of_batch(body, media, now=NOW)
    assert [w.reason.key for w in found.wrong] == [key]
    assert len(found.events) == 0


def test_a_table_is_cast_where_it_can_be_and_told_where_not() -> None:
    table = pa.table(
        {
            "id": [1, 2, 3, 4],
            "source": ["a"] * 4,
            "type": pa.array(["transfer.requested"] * 4).dictionary_encode(),
            "time": ["2026-03-01T00:00:00Z"] * 3 + ["soon"],
            "resident": ["r"] * 4,
            "amount": [100.0, 0.5, float("nan"), 7],
            "new_payee": [1, 0, 1, 0],
            "of_the_county": ["x"] * 4,
        }
    )
    found = of_table(table, "x.parquet", first=11, now=NOW)
    assert [(w.where, w.reason.key) for w in found.wrong] == [
        ("x.parquet:12", "not_a_number"), ("x.parquet:13", "missing"), ("x.parquet:14", "not_a_time"),
    ]  # fmt: skip
    assert json.loads(found.wrong[0].raw)["amount"] == 0.5
    [event] = found.events.to_pylist()
    assert (event["id"], event["amount"], event["new_payee"]) == ("1", 100, True)


def test_a_table_with_times_without_zone_is_told_to_be() -> None:
    table = busy_days(1, 3, 1)
    at = table.column_names.index("time")
    table = table.set_column(at, "time", table["time"].cast(pa.timestamp("us")))
    assert {w.reason.key for w in of_table(table, "x", now=NOW).wrong} == {"no_zone"}


def test_what_was_set_aside_does_not_print_personal_data() -> None:
    assert "+8612000000001" not in repr(read(line(type="other")).wrong)
