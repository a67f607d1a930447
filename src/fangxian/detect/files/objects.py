"""A jsonl: an object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .opening import Lines, UnreadableFile
from .pieces import ADDED, Counted, Say, judged, listed, place_of, refuse_checked

Object = dict[str, Any]


def check_jsonl(path: Path, out: Path, column: str | None, say: Say) -> Counted:
    """Write the jsonl again with ADDED in each object, in UTF-8."""
    counted = Counted()
    with out.open("w", encoding="utf-8") as target:
        for row, added in judged(_objects(path, column), counted, say):
            target.write(_written(row | dict(zip(ADDED, added, strict=True))))
            target.write("\n")
    if not counted.rows:
        raise UnreadableFile(f"{path.name} is empty")
    return counted


def _written(row: Object) -> str:
    """As it is read, but for a row with half a character (a lone surrogate), which no coding has."""
    line = json.dumps(row, ensure_ascii=False)
    try:
        line.encode()
    except UnicodeEncodeError:
        return json.dumps(row)
    return line


def _objects(path: Path, column: str | None) -> Iterator[tuple[Object, str, int]]:
    lines = Lines(path)
    for line in lines:
        if not line.strip():
            continue
        where = f"{path.name} line {lines.number}"
        if lines.damaged:
            raise UnreadableFile(f"{where} holds bytes that are neither UTF-8 nor GB 18030")
        try:
            # Raw tabs and the like in a string are let pass: what is meant is plain.
            row = json.loads(line, strict=False)
        except (ValueError, RecursionError) as wrong:
            raise UnreadableFile(f"{where} is no JSON: {wrong}") from wrong
        if not isinstance(row, dict):
            raise UnreadableFile(
                f"{where}: expected an object with {column or 'text'!r}, got {type(row).__name__}"
            )
        names = list(row)
        at = place_of(names, column)
        if at is None:
            raise UnreadableFile(
                f"{where}: expected an object with {column or 'text'!r}; it has {listed(names)}"
            )
        refuse_checked(names, where)
        yield row, _text(row[names[at]], f"{where}, {names[at]!r}"), len(line)


def _text(value: object, where: str) -> str:
    if value is None:
        return ""
    if isinstance(value, (list, dict, bool)):
        raise UnreadableFile(f"{where}: expected a text, got {type(value).__name__}")
    return str(value)
