"""Warnings into a folder, a file of JSON lines for each batch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .. import on_disk
from ..alerts import Alert
from ..sinks import Unavailable


class LinesFolder:
    """`000012.jsonl`: the warnings of batch 12, whole or not there, in place of an earlier one. Of the
    lines of one id the last holds."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def numbered(self, number: int) -> OneFile:
        """Where those of a batch go."""
        return OneFile(self._folder / on_disk.named(number, ".jsonl"))


class OneFile:
    """No file where there is no warning."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def send(self, alerts: Sequence[Alert]) -> None:
        """Raises Unavailable where the disk is full or gone."""
        content = "".join(alert.written() + "\n" for alert in alerts).encode()

        def write(file: Any) -> None:
            file.write(content)

        try:
            if content:
                on_disk.put(self._path, write)
            else:
                self._path.unlink(missing_ok=True)
        except OSError as error:
            raise Unavailable(f"{error.strerror}: {self._path}") from error
