"""What could not be used, where it stood and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import pyarrow as pa

from fangxian.detect.kinds import Words

from ..events import APPS, CODES, COLUMNS, OTHER_KINDS, TYPES, VERSION, Column

# Characters kept of what came.
MOST_RAW = 2_000
DATA_SCHEMA = f"urn:fangxian:event:{VERSION}"
NEEDED = tuple(c.name for c in COLUMNS if c.needed and c.of == TYPES)
# Characters of what names something, and of what somebody wrote.
LONGEST_NAME, LONGEST_TEXT = 300, 100_000
# Bytes of a line: a text of LONGEST_TEXT with every character escaped still fits.
LONGEST_LINE = 2_000_000


class Place(NamedTuple):
    """Where reading goes on: `row` rows of `file` were read or set aside; DONE: no more of it."""

    file: str
    row: int


DONE = 1 << 62


class Reason(NamedTuple):
    """`key` for machines and counters: it stays. `says` for people, with what was expected."""

    key: str
    says: Words


@dataclass(frozen=True)
class Wrong:
    """What was set aside. `where`: of which line or row ("events.csv:17"); `raw`: what came, its
    first 2,000 characters. `raw` is left out of what is printed: it holds personal data."""

    where: str
    reason: Reason
    raw: str = field(repr=False)


@dataclass(frozen=True)
class Read:
    """`events` in events.SCHEMA, and what was `wrong`. Of files: reading goes on at `after`."""

    events: pa.Table
    wrong: list[Wrong]
    after: Place | None = None


def _reason(key: str, zh: str, en: str) -> Reason:
    return Reason(key, Words(zh, en))


NOT_JSON = _reason(
    "not_json", "不是一个完整的 JSON 对象", "no whole JSON object; expected one event a line"
)
NOT_CLOUDEVENT = _reason(
    "not_cloudevent",
    "不是 CloudEvents 1.0：应有 specversion “1.0”，data 应为对象或不写",
    'no CloudEvent 1.0: expected specversion "1.0", and data as an object or left out',
)
OTHER_SCHEMA = _reason(
    "other_schema",
    f"dataschema 是别的格式或版本，应为 {DATA_SCHEMA}",
    f"dataschema names another format or version, expected {DATA_SCHEMA}",
)
OTHER_MEDIA = _reason(
    "other_media",
    "Content-Type 应为 application/cloudevents+json、application/cloudevents-batch+json 或 "
    "application/x-ndjson",
    "expected Content-Type application/cloudevents+json, application/cloudevents-batch+json or "
    "application/x-ndjson",
)
TOO_LARGE = _reason(
    "too_large",
    f"一行超过 {LONGEST_LINE:,} 字节",
    f"a line of more than {LONGEST_LINE:,} bytes",
)
BAD_FILE = _reason(
    "bad_file",
    "文件残缺、损坏或读不了，其余部分没有读",
    "the file is cut off, damaged or cannot be read; the rest of it was not read",
)
BAD_GROUP = _reason(
    "bad_group",
    "文件中的一组行损坏，这一组没有读",
    "a group of rows of the file is damaged; none of it was read",
)
OTHER_FILE = _reason(
    "other_file",
    "不是事件文件：应为 .parquet、.csv、.jsonl 或 .ndjson",
    "no file of events: expected .parquet, .csv, .jsonl or .ndjson",
)
OUT_OF_ORDER = _reason(
    "out_of_order",
    "文件名排在已读过的文件之前，没有读：后来的文件，名字也应排在后面",
    "its name comes before that of a file that was read, so it was not: later files need later names",
)
OTHER_HEADER = _reason(
    "other_header",
    f"列名不对：缺少 {'、'.join(NEEDED)} 中的列",
    f"other columns: expected at least {', '.join(NEEDED)}",
)
BAD_ROW = _reason(
    "bad_row",
    "这一行的格数与表头不同，或引号没有成对",
    "a row with more or fewer cells than the header, or with a quote that does not end",
)
UNKNOWN_TYPE = _reason(
    "unknown_type", f"type 应为 {'、'.join(TYPES)} 之一", f"type is one of {', '.join(TYPES)}"
)
NO_ZONE = _reason(
    "no_zone",
    "time 没有时区：应如 2026-03-01T08:00:00+08:00",
    "time has no zone: expected one such as 2026-03-01T08:00:00+08:00",
)
NOT_A_TIME = _reason(
    "not_a_time",
    "time 不是时刻：应如 2026-03-01T08:00:00+08:00",
    "time is no time: expected one such as 2026-03-01T08:00:00+08:00",
)
TOO_EARLY = _reason(
    "too_early", "time 早于 2015 年：时钟不对", "time is before 2015: a clock is wrong"
)
TOO_LATE = _reason(
    "too_late",
    "time 比现在晚两天以上：时钟不对",
    "time is more than two days ahead of now: a clock is wrong",
)
OTHER_CONTENT = _reason(
    "other_content",
    "同一 id 和 source 先前来过，内容不同；先来的算数",
    "the same id and source came before with another content; the first one counts",
)

LATE = _reason(
    "late",
    "来得太迟：比它新十分钟以上的事件已经来过",
    "it came too late: events more than ten minutes newer had come before",
)


def _of_each(key: str, zh: str, en: str) -> dict[str, Reason]:
    return {c.name: _reason(key, f"{c.name} {zh}", f"{c.name} {en}") for c in COLUMNS}


def _expected(column: Column) -> Reason:
    if pa.types.is_timestamp(column.type):
        return NOT_A_TIME
    if pa.types.is_boolean(column.type):
        return _reason(
            "not_yes_or_no",
            f"{column.name} 应为 true 或 false",
            f"{column.name} is neither true nor false",
        )
    if pa.types.is_integer(column.type):
        return _reason(
            "not_a_number", f"{column.name} 应为整数", f"{column.name} is no whole number"
        )
    if pa.types.is_floating(column.type):
        return _reason("not_a_number", f"{column.name} 应为数", f"{column.name} is no number")
    return _reason(
        "not_text", f"{column.name} 应为文字（UTF-8）", f"{column.name} is no text (UTF-8)"
    )


LISTED = {"other_kind": OTHER_KINDS, "code": CODES, "app": APPS}
# By column.
MISSING = _of_each("missing", "必须有", "is needed")
TOO_LONG = _of_each("too_long", "太长", "is too long") | {
    "text": _reason(
        "too_long",
        f"text 超过 {LONGEST_TEXT:,} 字",
        f"text has more than {LONGEST_TEXT:,} characters",
    )
}
NOT_OF_TYPE = {c.name: _expected(c) for c in COLUMNS}
OUT_OF_RANGE = {
    name: _reason("out_of_range", f"{name} 应{zh}", f"{name} is {en}")
    for name, zh, en in (
        ("seconds", "不小于 0", "less than 0"),
        ("rings", "不小于 0", "less than 0"),
        ("amount", "不小于 0", "less than 0"),
        ("text_score", "在 0 到 1 之间", "not from 0 to 1"),
        ("link_score", "在 0 到 1 之间", "not from 0 to 1"),
    )
}
UNLISTED = {
    name: _reason(
        "unlisted", f"{name} 应为 {'、'.join(words)} 之一", f"{name} is one of {', '.join(words)}"
    )
    for name, words in LISTED.items()
}


def all_reasons() -> list[Reason]:
    """Every reason there is, those of columns one after the other."""
    single = [value for value in globals().values() if isinstance(value, Reason)]
    tables = (MISSING, TOO_LONG, NOT_OF_TYPE, OUT_OF_RANGE, UNLISTED)
    return list(dict.fromkeys(single + [reason for table in tables for reason in table.values()]))
