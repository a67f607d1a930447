"""An append-only journal: what a sender that cannot send again has handed over.

    journal/000007.log   records, one after another: length, checksum, kind, body

A record counts once it is on the disk, many at a time. What a crash left half written is cut off at the
next start. Files are dropped when a checkpoint is past them.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from fangxian.detect.kinds import Words

from .. import on_disk
from .say import Say

HEAD = struct.Struct("<IIB")
# What a body is: lines of JSON (or one object), or an array.
LINES, ARRAY = 0, 1
# Bytes of a file before the next is begun, and those read at once.
SEGMENT, AT_ONCE = 64 << 20, 8 << 20
# No record is longer: a length above it is no length.
LONGEST = 64 << 20
END = ".log"
# Bytes that the watch may be behind before senders have to wait.
ROOM = 256 << 20

Place = tuple[int, int]  # number of a file, and bytes of it


class Record(NamedTuple):
    """`place`: where it stands."""

    kind: int
    body: bytes
    place: Place


class Journal:
    """The writing side. One process at a time."""

    def __init__(self, folder: Path, after: int = 0) -> None:
        """Cuts off what is half written. Files are numbered above `after`."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        there = on_disk.numbered(folder, END)
        if there:
            _cut(list(there.values())[-1])
        self._number = max(after, *there, 0)
        self._file, self._length, self._failed = -1, 0, False
        self._begin()

    def append(self, bodies: Sequence[tuple[int, bytes]]) -> int:
        """Kinds and bodies; on the disk when this returns the number of bytes. Raises OSError, and
        then none of them is there."""
        if self._length >= SEGMENT or self._failed:
            self._begin()
        octets = b"".join(part for kind, body in bodies for part in (_head(kind, body), body))
        try:
            _write_all(self._file, octets)
            os.fdatasync(self._file)
        except OSError:
            # After a failed sync nobody knows what is on the disk: what was not promised is cut. The
            # reader may have been there already, so what comes goes into another file.
            self._failed = True
            os.ftruncate(self._file, self._length)
            raise
        self._length += len(octets)
        return len(octets)

    def close(self) -> None:
        """May be called twice."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _begin(self) -> None:
        path = self.folder / on_disk.named(self._number + 1, END)
        new = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        on_disk.keep_names(self.folder)
        self.close()
        self._number, self._file, self._length, self._failed = self._number + 1, new, 0, False


class Reader:
    """The reading side, in the same process or in another. `place`: of the next record."""

    def __init__(self, folder: Path, start: Place | None, say: Say) -> None:
        self._folder, self._say = folder, say
        self.place: Place = start or (0, 0)

    def read(self) -> list[Record]:
        """What has come, some megabytes at most; nothing where nothing has."""
        number, offset = self.place
        path = self._folder / on_disk.named(number, END)
        found, torn = _records(path, number, offset)
        if found:
            last = found[-1]
            self.place = (number, last.place[1] + HEAD.size + len(last.body))
            return found
        later = [n for n in on_disk.numbered(self._folder, END) if n > number]
        if not later:
            return []
        # Only now is it sure that nothing is added to this one any more.
        found, torn = _records(path, number, offset)
        if found:
            return self.read()
        if torn > 0:
            self._say(
                Words(
                    f"日志 {path.name} 第 {offset} 字节起有 {torn} 字节损坏，跳过",
                    f"journal {path.name} is damaged from byte {offset}: {torn} bytes passed over",
                )
            )
        self.place = (later[0], 0)
        return self.read()


def drop_before(folder: Path, place: Place) -> None:
    """Files all of whose records stand before `place`."""
    for number, path in on_disk.numbered(folder, END).items():
        if number < place[0]:
            path.unlink(missing_ok=True)


def octets_after(folder: Path, place: Place) -> int:
    """How many bytes of records stand after `place`."""
    total = 0
    for number, path in on_disk.numbered(folder, END).items():
        if number >= place[0]:
            total += path.stat().st_size - (place[1] if number == place[0] else 0)
    return total


def _head(kind: int, body: bytes) -> bytes:
    return HEAD.pack(len(body), _checksum(kind, body), kind)


def _checksum(kind: int, body: bytes) -> int:
    return zlib.crc32(body, kind)


def _write_all(file: int, octets: bytes) -> None:
    left = memoryview(octets)
    while left:
        left = left[os.write(file, left) :]


def _records(path: Path, number: int, offset: int) -> tuple[list[Record], int]:
    """Whole records from `offset` on, and how many bytes follow that are none."""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            file.seek(offset)
            octets = file.read(AT_ONCE)
            if len(octets) >= HEAD.size:
                length = HEAD.unpack_from(octets)[0]
                if AT_ONCE < HEAD.size + length <= LONGEST + HEAD.size:
                    octets += file.read(HEAD.size + length - len(octets))
    except FileNotFoundError:
        return [], 0
    found = list(_whole(octets, number, offset))
    return found, (0 if found else size - offset)


def _whole(octets: bytes, number: int, offset: int) -> Iterator[Record]:
    at = 0
    while len(octets) - at >= HEAD.size:
        length, checksum, kind = HEAD.unpack_from(octets, at)
        body = octets[at + HEAD.size : at + HEAD.size + length]
        if len(body) < length or _checksum(kind, body) != checksum:
            return
        yield Record(kind, body, (number, offset + at))
        at += HEAD.size + length


def _cut(path: Path) -> None:
    """Off its end, what was left half written."""
    number, offset = 0, 0
    while True:
        found, torn = _records(path, number, offset)
        if not found:
            break
        offset = found[-1].place[1] + HEAD.size + len(found[-1].body)
    if torn > 0:
        with path.open("r+b") as file:
            file.truncate(offset)
            os.fsync(file.fileno())
