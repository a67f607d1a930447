"""What the runner itself writes between two checkpoints: warnings, and events set aside.

    warnings/000012.jsonl   each warning as it was told, in order; the last line of an id holds
    aside/000012.jsonl      what was wrong or too late, with the reason
    shadow/000012.jsonl     what a second book would have told

Held in memory until the checkpoint of that number is made: files of a checkpoint that is not there
are dropped at the start, for its events come again.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa

from .. import on_disk
from ..alerts import Alert
from ..reading import LATE, Reason, Wrong

FOLDERS = ("warnings", "aside", "shadow")
# Bytes that may wait for a checkpoint before the watch does.
ROOM = 64 << 20


class Output:
    """Of one number."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.alerts: list[Alert] = []
        self.octets = 0
        self._lines: dict[str, list[bytes]] = {folder: [] for folder in FOLDERS}

    def add_alerts(self, alerts: Iterable[Alert]) -> None:
        """As they were told."""
        for alert in alerts:
            self.alerts.append(alert)
            self._add("warnings", alert.written())

    def add_shadow(self, alerts: Iterable[Alert]) -> None:
        """Those that nobody is told."""
        for alert in alerts:
            self._add("shadow", alert.written())

    def add_wrong(self, wrong: Iterable[Wrong], counted: Counter[str]) -> None:
        """What could not be read, counted by its reason."""
        for one in wrong:
            counted[one.reason.key] += 1
            self._add("aside", wrong_line(one))

    def add_events(self, reason: Reason, events: pa.Table, counted: Counter[str]) -> None:
        """Events that could be read and not be used, counted by the reason."""
        counted[reason.key] += len(events)
        for line in event_lines(reason, events):
            self._add("aside", line)

    def add_late(self, late: pa.Table) -> None:
        """Events that came too late."""
        for line in event_lines(LATE, late):
            self._add("aside", line)

    def write(self, folder: Path) -> None:
        """Into their files, safe on the disk. Raises OSError; may then be called again."""
        for name, lines in self._lines.items():
            if lines:
                place = folder / name
                place.mkdir(exist_ok=True)
                content = b"".join(lines)
                on_disk.put(place / on_disk.named(self.number, ".jsonl"), partial(_write, content))

    def _add(self, folder: str, line: str) -> None:
        octets = line.encode("utf-8", "replace") + b"\n"
        self._lines[folder].append(octets)
        self.octets += len(octets)


def drop_after(folder: Path, number: int) -> None:
    """Files of checkpoints that were never made."""
    for name in FOLDERS:
        for later, path in on_disk.numbered(folder / name, ".jsonl").items():
            if later > number:
                path.unlink()


def wrong_line(one: Wrong) -> str:
    """What could not be read, as it is set aside."""
    says = {"zh": one.reason.says.zh, "en": one.reason.says.en}
    return _json({"reason": one.reason.key, "says": says, "where": one.where, "raw": one.raw})


def event_lines(reason: Reason, events: pa.Table) -> Iterator[str]:
    """Events that could be read and not be used, as they are set aside."""
    says = {"zh": reason.says.zh, "en": reason.says.en}
    for row in events.to_pylist():
        yield _json({"reason": reason.key, "says": says, "event": _plain(row)})


def _write(content: bytes, file: BinaryIO) -> None:
    file.write(content)


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Without what is null, times in ISO 8601."""
    return {
        name: value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
        for name, value in row.items()
        if value is not None
    }


def _json(row: dict[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))
