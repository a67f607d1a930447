"""Warnings as Parquet: a file for each checkpoint, so that a repeated one takes its place."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ..alerts import Alert
from ..on_disk import put
from .sink import Unavailable

TIME = pa.timestamp("us", "UTC")
SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("resident", pa.string()),
        ("day", pa.date32()),
        ("grade", pa.string()),
        ("score", pa.float64()),
        ("stage", pa.string()),
        ("kind", pa.string()),
        (
            "signals",
            pa.list_(
                pa.struct(
                    [
                        ("name", pa.string()),
                        ("version", pa.int32()),
                        ("at", TIME),
                        ("events", pa.list_(pa.string())),
                    ]
                )
            ),
        ),
        (
            "events",
            pa.list_(
                pa.struct(
                    [
                        ("at", TIME),
                        ("id", pa.string()),
                        ("source", pa.string()),
                        ("type", pa.string()),
                        ("other", pa.string()),
                        ("facts", pa.string()),  # JSON: numbers, words, yes and no
                    ]
                )
            ),
        ),
        ("raised", pa.list_(pa.struct([("grade", pa.string()), ("at", TIME)]))),
    ],
    metadata={"fangxian.warnings": "1"},
)


class ParquetFolder:
    """A folder of `warnings-<number>.parquet`. Of a warning that stands in several files the one
    with the highest number holds."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def numbered(self, number: int) -> Numbered:
        """The sink of one checkpoint: its one `send` takes the place of an earlier one."""
        return Numbered(self._folder / f"warnings-{number:08d}.parquet")


class Numbered:
    """One file, whole or not there."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def send(self, alerts: Sequence[Alert]) -> None:
        """On the disk when it returns. Raises Unavailable where the disk is full or gone."""
        table = pa.Table.from_pylist([_row(alert) for alert in alerts], SCHEMA)
        try:
            put(self._path, lambda file: pq.write_table(table, file))
        except OSError as error:
            raise Unavailable(f"{error.strerror}: {self._path}") from error


def _row(alert: Alert) -> dict[str, Any]:
    return {
        "id": alert.id,
        "resident": alert.resident,
        "day": date(1970, 1, 1) + timedelta(days=alert.day),
        "grade": alert.grade,
        "score": alert.score,
        "stage": alert.stage,
        "kind": alert.kind,
        "signals": [told._asdict() for told in alert.signals],
        "events": [
            event._asdict() | {"facts": json.dumps(dict(event.facts), ensure_ascii=False)}
            for event in alert.events
        ],
        "raised": [{"grade": grade, "at": at} for grade, at in alert.raised],
    }
