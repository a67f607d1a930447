"""Warnings as lines of JSON (`Alert.written`), into a file or onto the terminal.

A warning that changes is written again: of the lines of one id the last one holds.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from ..alerts import Alert
from .sink import Unavailable

# How each line begins (Alert.written).
_BEGINS = b'{"day":"'


class _Last:
    """What was written last of each warning: the same is not written twice in a row."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}

    def news(self, alerts: Sequence[Alert]) -> tuple[str, dict[str, int]]:
        """The lines that say something new, and what `keep` is given once they are written."""
        lines, last = [], dict[str, int]()
        for alert in alerts:
            line = alert.written()
            if last.get(alert.id, self._last.get(alert.id)) != hash(line):
                lines.append(line + "\n")
                last[alert.id] = hash(line)
        return "".join(lines), last

    def keep(self, last: dict[str, int]) -> None:
        """They were written."""
        self._last |= last

    def remember(self, line: bytes) -> None:
        """A line that was written before. Raises ValueError, KeyError, TypeError for another one."""
        text = line.decode()
        self._last[json.loads(text)["id"]] = hash(text)


class Out:
    """Onto an open stream, such as sys.stdout: who reads it after a crash may see lines again."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._last = _Last()

    def send(self, alerts: Sequence[Alert]) -> None:
        """Raises Unavailable where the reader is gone."""
        try:
            lines, last = self._last.news(alerts)
            self._stream.write(lines)
            self._stream.flush()
        except OSError as error:
            raise Unavailable(str(error)) from error
        self._last.keep(last)


class JsonLines:
    """Into a file, appended to. A line that a crash left half is cut off; what stands in the file
    is not written again."""

    def __init__(self, path: Path) -> None:
        """Raises ValueError where the file holds something else, OSError where it cannot be had."""
        self._last = _Last()
        self._file = path.open("a+b", buffering=0)
        self._whole = self._read(path)

    def _read(self, path: Path) -> int:
        """Remember the lines there are. Returns where the last whole one ends."""
        self._file.seek(0)
        whole = 0
        for number, line in enumerate(self._file, 1):
            try:
                if not line.endswith(b"\n"):
                    _could_be_half(line)
                    break
                self._last.remember(line[:-1])
            except (ValueError, KeyError, TypeError) as wrong:
                raise ValueError(
                    f"{path}:{number} 不是预警，请换一个文件 (no warning there; take another file)"
                ) from wrong
            whole += len(line)
        if whole < path.stat().st_size:
            self._file.truncate(whole)
        return whole

    def send(self, alerts: Sequence[Alert]) -> None:
        """On the disk when it returns. Raises Unavailable where the disk is full or gone."""
        try:
            # What an earlier try left half.
            self._file.truncate(self._whole)
            text, last = self._last.news(alerts)
            octets = text.encode()
            self._file.write(octets)
            os.fsync(self._file.fileno())
        except OSError as error:
            raise Unavailable(f"{error.strerror}: {self._file.name}") from error
        self._whole += len(octets)
        self._last.keep(last)

    def close(self) -> None:
        """No more is sent."""
        self._file.close()


def _could_be_half(line: bytes) -> None:
    """Raises ValueError for what no crash can have left of a warning: it is somebody's, and stays."""
    if line[: len(_BEGINS)] != _BEGINS[: len(line)]:
        raise ValueError("not the beginning of a warning")
