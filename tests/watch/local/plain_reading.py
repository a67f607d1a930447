"""Small stand-ins for what reading/ and sinks/ do: Parquet in pieces, lines of JSON, sinks that tell."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from fangxian.detect.kinds import Words
from fangxian.watch.alerts import Alert
from fangxian.watch.events import SCHEMA


class Reason(NamedTuple):
    key: str
    says: Words


class Wrong(NamedTuple):
    where: str
    reason: Reason
    raw: str


class Read(NamedTuple):
    events: pa.Table
    wrong: list[Wrong]
    after: tuple[str, int] | None = None


NOT_JSON = Reason("not_json", Words("不是 JSON", "no JSON"))
NO_RESIDENT = Reason("missing", Words("没有 resident", "no resident"))


def files_in_pieces(size: int) -> Callable[..., Iterator[Read]]:
    """Parquet files, `size` rows at once; a row whose resident is "nobody" is wrong."""

    def read(paths: Sequence[Path], start: tuple[str, int] | None) -> Iterator[Read]:
        for path in sorted(file for folder in paths for file in folder.iterdir()):
            if start and path.name < start[0]:
                continue
            row = start[1] if start and path.name == start[0] else 0
            table = pq.read_table(path, schema=SCHEMA)
            while row < len(table):
                piece = table.slice(row, size)
                wrong = [
                    Wrong(f"{path.name}:{row + n + 1}", NO_RESIDENT, one)
                    for n, one in enumerate(piece["resident"].to_pylist())
                    if one == "nobody"
                ]
                bad = pa.compute.equal(piece["resident"], "nobody")
                row += len(piece)
                yield Read(piece.filter(pa.compute.invert(bad)), wrong, (path.name, row))

    return read


def of_lines(lines: Sequence[bytes], where: str) -> Read:
    """CloudEvents, one a line."""
    rows, wrong = [], []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            about = {name: row[name] for name in ("id", "source", "type")}
            about |= {"resident": row["subject"], "time": datetime.fromisoformat(row["time"])}
            rows.append(row.get("data", {}) | about)
        except (ValueError, KeyError, TypeError):
            wrong.append(Wrong(f"{where}:{number}", NOT_JSON, line.decode(errors="replace")[:2000]))
    return Read(pa.Table.from_pylist(rows, SCHEMA), wrong)


def of_batch(body: bytes, content_type: str, where: str = "body") -> Read:
    if content_type.startswith("application/cloudevents-batch+json"):
        try:
            lines = [json.dumps(row).encode() for row in json.loads(body)]
        except ValueError:
            return of_lines([body], where)
        return of_lines(lines, where)
    return of_lines(body.splitlines(), where)


def as_lines(events: pa.Table) -> list[bytes]:
    """The reverse of `of_lines`."""
    lines = []
    for row in events.to_pylist():
        event = {"specversion": "1.0", "subject": row.pop("resident")}
        event |= {name: row.pop(name) for name in ("id", "source", "type")}
        event["time"] = row.pop("time").isoformat()
        event["data"] = {name: value for name, value in row.items() if value is not None}
        lines.append(json.dumps(event).encode())
    return lines


@dataclass
class Told:
    """A sink in memory: by id, as told last. `away`: raises so often before it takes anything."""

    away: int = 0
    by_id: dict[str, str] = field(default_factory=dict)

    def send(self, alerts: Sequence[Alert]) -> None:
        if self.away:
            self.away -= 1
            raise ConnectionError("nobody there")
        self.by_id |= {alert.id: alert.written() for alert in alerts}


class ToFile:
    """A sink that outlives the process: appends what it is told, and is sure of it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def send(self, alerts: Sequence[Alert]) -> None:
        with self._path.open("ab") as file:
            file.writelines(alert.written().encode() + b"\n" for alert in alerts)
            file.flush()
            os.fsync(file.fileno())


class ByNumber:
    """A sink of a file for each checkpoint."""

    def __init__(self, folder: Path, number: int = 0) -> None:
        self._folder, self._number = folder, number

    def numbered(self, number: int) -> ByNumber:
        return ByNumber(self._folder, number)

    def send(self, alerts: Sequence[Alert]) -> None:
        path = self._folder / f"{self._number:06d}.jsonl"
        path.unlink(missing_ok=True)
        if alerts:
            new = path.with_suffix(".new")
            new.write_text("".join(alert.written() + "\n" for alert in alerts))
            new.replace(path)


def last_by_id(lines: Sequence[str]) -> dict[str, str]:
    """Each warning as it was told last. A line that a killed writer left half is none."""
    found = {}
    for line in lines:
        try:
            found[json.loads(line)["id"]] = line
        except ValueError:
            continue
    return found


def lines_of(folder: Path) -> list[str]:
    """Of all files of a folder, in order."""
    return [
        line for path in sorted(folder.glob("*.jsonl")) for line in path.read_text().splitlines()
    ]
