"""Warnings as they stand in the files of a state: read again, to compare and to replay."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from .. import on_disk
from ..alerts import Alert, Event, Told


def last_lines(folder: Path, since: int = 0, until: int | None = None) -> dict[str, str]:
    """Of each warning in the files from number `since` up to `until` (None: all of them), by its id, the
    line written last."""
    found = {}
    for line in _lines(folder, since, until):
        found[json.loads(line)["id"]] = line
    return found


def read_again(lines: Mapping[str, str]) -> dict[str, Alert]:
    """The warnings of such lines: the reverse of `Alert.written`."""
    return {id_: _alert(json.loads(line)) for id_, line in lines.items()}


def _lines(folder: Path, since: int, until: int | None) -> Iterator[str]:
    for number, path in on_disk.numbered(folder, ".jsonl").items():
        if number >= since and (until is None or number <= until):
            yield from path.read_text("utf-8").splitlines()


def _alert(row: dict[str, Any]) -> Alert:
    return Alert(
        id=row["id"],
        resident=row["resident"],
        day=(date.fromisoformat(row["day"]) - date(1970, 1, 1)).days,
        grade=row["grade"],
        score=row["score"],
        stage=row["stage"],
        kind=row["kind"],
        signals=tuple(
            Told(s["name"], s["version"], _time(s["at"]), tuple(s["events"]))
            for s in row["signals"]
        ),
        events=tuple(
            Event(
                _time(e["at"]), e["id"], e["source"], e["type"], e["other"],
                tuple(e["facts"].items()),
            )
            for e in row["events"]
        ),
        raised=tuple((step["grade"], _time(step["at"])) for step in row["raised"]),
    )  # fmt: skip


def _time(moment: str) -> int:
    """Microseconds, of what `alerts.moment` wrote."""
    at = datetime.fromisoformat(moment)
    return int(at.replace(microsecond=0).timestamp()) * 1_000_000 + at.microsecond
