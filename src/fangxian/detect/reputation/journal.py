"""The journal beside a table: which numbers were cleared since it was built, and when it was rebuilt.

One line each, written whole and flushed to the disk before `clear` returns; a reader looks at the
length of the file at every look-up, so it notices at the next one. The journal is never shortened:
reports that come in late, of a day before the clearing, must not count either.

    clear <key, 16 hex digits> <day> <CRC-32 of what stands before>
    built <entries, 16 hex digits> <day> <CRC-32>

A line that a crash cut short is put aside by the next writer, into a file that ends in `.torn`, and
logged. A line that is bad while good ones follow is damage, and nothing is read: better no answer
than one that brings a cleared number back.
"""

from __future__ import annotations

import fcntl
import logging
import os
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Literal, NamedTuple

from .form import ReputationError, Secret, day_number

_log = logging.getLogger(__name__)
_TITLE = "fangxian reputation journal 1 "
_LINE = re.compile(rb"((clear|built) ([0-9a-f]{16}) (\d{4}-\d\d-\d\d)) ([0-9a-f]{8})", re.ASCII)


class Entry(NamedTuple):
    """One line: at which byte it begins, what happened, to which key, on which day (a number)."""

    at: int
    what: Literal["clear", "built"]
    key: int
    day: int


class Tail(NamedTuple):
    """What was read from some place on: whole lines, where they end, bytes of an unfinished one."""

    entries: list[Entry]
    end: int
    unfinished: int


def journal_path(table: Path) -> Path:
    return table.with_name(table.name + ".journal")


def clear(table: Path | str, number: str, key: bytes, today: date) -> None:
    """Uphold an appeal: `number` (E.164) has no standing any more, for every reader at once.

    `today` is the day it was decided on: reports of later days count anew, those of that day and
    before never again. `key` is the secret of the table. On return it is on the disk; repeating it
    does no harm. Raises ReputationError where there is no table of that secret.
    """
    secret = Secret(key)
    digest = secret.digest(number)
    day_number(today)
    with writing(journal_path(Path(table)), secret) as file:
        append(file, "clear", int.from_bytes(digest, "little"), today)


@contextmanager
def writing(path: Path, secret: Secret, create: bool = False) -> Iterator[int]:
    """The journal, held by this writer alone, its end in order. Gives the file descriptor."""
    flags = os.O_RDWR | os.O_APPEND | (os.O_CREAT if create else 0)
    try:
        file = os.open(path, flags, 0o640)
    except FileNotFoundError:
        raise ReputationError(f"{path.name}：没有这份日志，请先建表") from None
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        if create and _is_new(file, secret):
            os.ftruncate(file, 0)
            os.write(file, _title(secret))
            os.fsync(file)
        _put_torn_aside(file, path, secret)
        yield file
    finally:
        os.close(file)


def _is_new(file: int, secret: Secret) -> bool:
    """Empty, or its first line was cut short: nothing can have been written behind it."""
    title = _title(secret)
    found = os.pread(file, len(title), 0)
    return found != title and title.startswith(found)


def append(file: int, what: Literal["clear", "built"], key: int, day: date) -> None:
    body = f"{what} {key:016x} {day:%Y-%m-%d}".encode()
    os.write(file, body + f" {zlib.crc32(body):08x}\n".encode())
    os.fsync(file)


def read(file: int, start: int, path: Path, secret: Secret) -> Tail:
    """The lines from byte `start` on; from 0, after the title is checked."""
    if start == 0:
        start = _check_title(file, path, secret)
    data = os.pread(file, max(0, os.fstat(file).st_size - start), start)
    entries: list[Entry] = []
    end = start
    bad = None
    for line in data.splitlines(keepends=True):
        entry = _entry(line, end if bad is None else start)
        if entry is None:
            bad = end if bad is None else bad
        elif bad is not None:
            raise ReputationError(
                f"{path.name}：第 {bad} 字节处的一行已损坏，其后还有内容，请从备份恢复"
            )
        else:
            entries.append(entry)
            end += len(line)
    return Tail(entries, end, start + len(data) - end)


def _entry(line: bytes, at: int) -> Entry | None:
    found = _LINE.fullmatch(line[:-1]) if line.endswith(b"\n") else None
    if found is None or int(found[5], 16) != zlib.crc32(found[1]):
        return None
    what: Literal["clear", "built"] = "clear" if found[2] == b"clear" else "built"
    day = date.fromisoformat(found[4].decode())
    return Entry(at, what, int(found[3], 16), day_number(day))


def _title(secret: Secret) -> bytes:
    return f"{_TITLE}{secret.check.hex()}\n".encode()


def _check_title(file: int, path: Path, secret: Secret) -> int:
    title = _title(secret)
    found = os.pread(file, len(title), 0)
    if found == title:
        return len(title)
    if found.startswith(_TITLE.encode()) and len(found) == len(title):
        raise ReputationError(f"{path.name}：密钥与号码信誉表不符")
    raise ReputationError(f"{path.name}：不是号码信誉表的日志，或已损坏，请从备份恢复")


def _put_torn_aside(file: int, path: Path, secret: Secret) -> None:
    tail = read(file, 0, path, secret)
    if not tail.unfinished:
        return
    aside = path.with_name(path.name + ".torn")
    with aside.open("ab") as kept:
        kept.write(os.pread(file, tail.unfinished, tail.end) + b"\n")
        kept.flush()
        os.fsync(kept.fileno())
    os.ftruncate(file, tail.end)
    os.fsync(file)
    _log.warning(
        "%s：末尾 %d 字节没有写完，已移到 %s；写到一半的那次申诉请重新登记",
        path.name,
        tail.unfinished,
        aside.name,
    )
