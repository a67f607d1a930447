"""The page of the documentation on events, made from what the code knows of them."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pyarrow as pa

from fangxian.detect.kinds import Words

from ..events import COLUMNS, SCHEMA, TYPES, VERSION, WORD, Column
from .lines import ARRAY, LINES, ONE
from .writing import as_lines
from .wrong import LONGEST_NAME, LONGEST_TEXT, all_reasons

_EXAMPLE = {
    "id": "e-000017",
    "source": "urn:county:telecom",
    "type": "call.ended",
    "time": 1_772_307_042 * 1_000_000,
    "resident": "+8612000000001",
    "other": "+8612900000007",
    "other_kind": "virtual",
    "outgoing": False,
    "seconds": 840,
    "rings": 6,
}


def schema_page(language: str) -> str:
    """In Markdown, in `language` ("zh", "en")."""
    return "\n".join(_lines(language)).rstrip() + "\n"


def _lines(language: str) -> Iterator[str]:
    def in_words(zh: str, en: str) -> str:
        return Words(zh, en).of(language)

    yield in_words("# 监测的事件\n", "# Events of the watch\n")
    yield in_words(
        f"第 {VERSION} 版。以后可以增加列，已有的列不改变意思；不认识的列会被忽略。一行是一个事件。"
        "同样的列写在 Parquet、CSV（有表头，UTF-8 或 GB 18030，空格子表示没有）和 CloudEvent 的 "
        "`data` 里。号码可以换成加密钥的散列值：同一个号码总是同一个值就行。\n",
        f"Version {VERSION}. A column may be added later, none changes its meaning; unknown ones are "
        "ignored. One row is one event. The same columns stand in Parquet, in CSV (with a header, "
        "UTF-8 or GB 18030, an empty cell is no value) and in the `data` of a CloudEvent. Numbers "
        "may be keyed hashes: the same number must always be the same value.\n",
    )
    yield from _columns(language)
    yield in_words("\n## 哪种事件有哪些列\n", "\n## Which event has which columns\n")
    yield in_words(
        f"都有 {_quoted(c.name for c in COLUMNS if c.of == TYPES)}。**粗体**的必须有。"
        "一种事件没有的列，写了也不算。\n",
        f"All have {_quoted(c.name for c in COLUMNS if c.of == TYPES)}. Those in **bold** are needed. "
        "What a type does not have is left out, whatever it says.\n",
    )
    yield in_words("|类型|列|\n|---|---|", "|type|columns|\n|---|---|")
    for of in TYPES:
        own = [c for c in COLUMNS if of in c.of and c.of != TYPES]
        yield f"|`{of}`|{', '.join(f'**`{c.name}`**' if c.needed else f'`{c.name}`' for c in own)}|"
    yield in_words("\n## 写成 JSON\n", "\n## As JSON\n")
    yield in_words(
        "CloudEvents 1.0，structured 方式。`resident` 写作 `subject`；`dataschema` 可以不写；"
        "`time` 按 RFC 3339，必须有时区。每行一个，或者一次请求里：\n",
        "CloudEvents 1.0 in structured mode. `resident` is `subject`; `dataschema` may be left out; "
        "`time` follows RFC 3339 and needs its zone. One a line, or in a request:\n",
    )
    yield f"- `{ONE}`: {in_words('一个', 'one')}"
    yield f"- `{ARRAY}`: {in_words('一个数组', 'an array')}"
    yield f"- `{'`, `'.join(LINES)}`: {in_words('每行一个', 'one a line')}\n"
    example = as_lines(pa.Table.from_pylist([_EXAMPLE], SCHEMA))[0]
    yield f"```json\n{json.dumps(json.loads(example), ensure_ascii=False, indent=2)}\n```"
    yield in_words("\n## 为什么放在一边\n", "\n## Why an event is set aside\n")
    yield in_words(
        f"用不了的不丢弃：连同位置和原因放在一边，其余照常。名称最长 {LONGEST_NAME} 字，"
        f"内容和网址最长 {LONGEST_TEXT:,} 字。\n",
        "Nothing is dropped: what cannot be used is set aside with its place and reason, and the "
        f"rest goes on. Names have at most {LONGEST_NAME} characters, texts and addresses "
        f"{LONGEST_TEXT:,}.\n",
    )
    yield in_words("|原因|说明|\n|---|---|", "|reason|says|\n|---|---|")
    told = dict[str, list[str]]()
    for reason in all_reasons():
        told.setdefault(reason.key, []).append(reason.says.of(language))
    for key, says in told.items():
        more = in_words("；等", "; and so on") if len(says) > 2 else ""
        yield f"|`{key}`|{in_words('；', '; ').join(says[:2])}{more}|"


def _columns(language: str) -> Iterator[str]:
    yield Words("|列|类型|必须|意思|", "|column|type|needed|meaning|").of(language)
    yield "|---|---|:-:|---|"
    for column in COLUMNS:
        yield (
            f"|`{column.name}`|{_written(column)}|{'✓' if column.needed else ''}"
            f"|{column.says.of(language)}|"
        )


def _written(column: Column) -> str:
    texts = (WORD, pa.string(), pa.large_string())
    return "string" if column.type in texts else str(column.type)


def _quoted(names: Iterator[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
