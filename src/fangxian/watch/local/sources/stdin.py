"""Standard input: lines of JSON, each on the disk before the watch sees it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from fangxian.detect.kinds import Words

from ..journal import LINES, ROOM, Journal, Place, octets_after
from ..say import Say
from .bodies import Reading
from .journalled import forget, journalled
from .source import Batch, Position

# Bytes read at once; of a line with no end as many are kept as tell what it was.
AT_ONCE, LONGEST, TOLD = 1 << 20, 8 << 20, 4_000


class Stdin:
    """`stream` in lines, journalled in `folder`; its end is the end of all events. What was read from
    the pipe and not yet written when the process was killed is gone: let the sender speak HTTP where
    that matters."""

    def __init__(self, stream: BinaryIO, folder: Path, reading: Reading, say: Say) -> None:
        self._stream, self._folder, self._reading, self._say = stream, folder, reading, say
        self._closed = threading.Event()
        self._ended = threading.Event()
        self._read_to: Place = (0, 0)

    def batches(self, start: Position) -> Iterator[Batch]:
        """What is in the journal, then what comes."""
        self._read_to = (start[0], start[1]) if start else (0, 0)
        journal = Journal(self._folder, after=self._read_to[0])
        threading.Thread(
            target=self._write, args=(journal,), name="standard input", daemon=True
        ).start()
        for batch in journalled(self._folder, start, self._reading, self._ended.is_set, self._say):
            yield batch
            self._read_to = (batch.position[0], batch.position[1])

    def done(self, position: Position) -> None:
        """Files of the journal before it are dropped."""
        forget(self._folder, position)

    def close(self) -> None:
        """Reads no more."""
        self._closed.set()

    def _write(self, journal: Journal) -> None:
        """Pieces of whole lines. Where the watch is far behind, the pipe waits."""
        rest = b""
        while not self._closed.is_set():
            octets = self._stream.read1(AT_ONCE)  # type: ignore[attr-defined]
            lines, end, begun = (rest + octets).rpartition(b"\n")
            if not octets:
                lines, begun = rest, b""
            if len(begun) > LONGEST:
                # Reading sets it aside as no JSON; its next pieces are lines of their own.
                lines, begun = lines + end + begun[:TOLD], b""
            rest = begun
            if lines:
                while octets_after(self._folder, self._read_to) > ROOM and not self._closed.wait(
                    0.05
                ):
                    pass
                self._append(journal, lines)
            if not octets:
                break
        journal.close()
        self._ended.set()

    def _append(self, journal: Journal, lines: bytes) -> None:
        """A full disk makes the pipe wait."""
        tries = 0
        while not self._closed.is_set():
            try:
                journal.append([(LINES, lines)])
                return
            except OSError as wrong:
                if not tries:
                    self._say(
                        Words(
                            f"日志写不下去（{wrong}），每秒再试，标准输入在等",
                            f"the journal cannot be written ({wrong}); trying every second, standard input waits",
                        )
                    )
                tries += 1
                self._closed.wait(1.0)
