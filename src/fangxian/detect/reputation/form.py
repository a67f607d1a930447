"""The file of a reputation table: its form, and how a number becomes a key in it.

    header    64 bytes, see `Header`
    keys      N x uint64, ascending: the numbers, hashed
    values    N x 8 bytes: score (float32) as of `last`, `last` (uint16), reports counted (uint16)

Little-endian throughout; days count from 1970-01-01. A number is written nowhere: its key is the
first 64 bits of BLAKE2b of the E.164 form, keyed with a secret that is handed in. Without the secret
a stolen table says nothing of anybody; with it all eleven-digit numbers can be tried in a day, so
it is kept where the secrets are. Two of ten million numbers share a key once in 370,000 tables.
"""

from __future__ import annotations

import hashlib
import re
import struct
import zlib
from datetime import date
from typing import NamedTuple

# A number that was closed stays closed for at least 90 days before another person gets it (电信服务
# 规范, Order 36 of 2005): with a half-life of 30 days a report then counts an eighth at most, and a
# number that goes on being reported stays as bad as it was.
HALF_LIFE = 30.0
MAGIC = b"fxreput\n"
VERSION = 1
HEADER_SIZE = 64
MOST_COUNT = 0xFFFF
_HEADER = struct.Struct("<8sIQd8sQI")
_CHECKED = struct.Struct("<I")
VALUE = struct.Struct("<fHH")
_EPOCH = date(1970, 1, 1).toordinal()
_LAST_DAY = 0xFFFF
_SHORTEST_SECRET = 16
# A mobile number without +86 would get another key than with it, and nobody would ever find it.
_CANONICAL = re.compile(r"\+[1-9]\d{6,14}|(?!0)(?!1(?!06)\d{10}$)\d{3,20}", re.ASCII)


class ReputationError(Exception):
    """The table or its journal cannot be used; the text says which and what to do."""


class Header(NamedTuple):
    """What stands in front of the keys. `half_life` in days; `key_check` tells a wrong secret;
    `journal` is how many bytes of the journal the table has taken in; `built` is a day."""

    entries: int
    half_life: float
    key_check: bytes
    journal: int
    built: int

    def pack(self) -> bytes:
        body = _HEADER.pack(MAGIC, VERSION, *self)
        return (body + _CHECKED.pack(zlib.crc32(body))).ljust(HEADER_SIZE, b"\0")

    @property
    def file_size(self) -> int:
        return HEADER_SIZE + self.entries * (8 + VALUE.size)


def read_header(data: bytes, size: int, name: str) -> Header:
    """The header of a file of `size` bytes. Raises ReputationError naming the file if it is not a
    whole table of this version."""
    if data[: len(MAGIC)] != MAGIC:
        raise ReputationError(f"{name}：不是号码信誉表")
    if len(data) < HEADER_SIZE:
        raise ReputationError(f"{name}：号码信誉表不完整，文件头只有 {len(data)} 字节")
    _, version, *fields = _HEADER.unpack_from(data)
    if version != VERSION:
        raise ReputationError(
            f"{name}：号码信誉表是第 {version} 版，本程序只读第 {VERSION} 版，请重建"
        )
    (checked,) = _CHECKED.unpack_from(data, _HEADER.size)
    if checked != zlib.crc32(data[: _HEADER.size]):
        raise ReputationError(f"{name}：号码信誉表的文件头已损坏，请重建")
    header = Header(*fields)
    if size != header.file_size:
        raise ReputationError(
            f"{name}：号码信誉表应有 {header.file_size} 字节，实际 {size} 字节，文件不完整，请重建"
        )
    return header


class Secret:
    """The secret that numbers are hashed with: at least 16 bytes, the same for all who use a table."""

    def __init__(self, key: bytes) -> None:
        if not isinstance(key, bytes) or not _SHORTEST_SECRET <= len(key) <= 64:
            raise ValueError("号码信誉表的密钥应为 16 至 64 字节的 bytes")
        self._hasher = hashlib.blake2b(key=key, digest_size=8)
        self.check = hashlib.blake2b(
            b"key check", key=key, digest_size=8, person=b"fxreput"
        ).digest()

    def digest(self, number: str) -> bytes:
        """Eight bytes, little-endian, for one number: "+86…", "+852…", or a service number's bare
        digits. Raises ValueError for any other form, which would never be found again."""
        if not isinstance(number, str) or not _CANONICAL.fullmatch(number):
            raise ValueError("号码应为 E.164 形式（如 +86 开头，无空格）或服务短号，实际不是")
        hasher = self._hasher.copy()
        hasher.update(number.encode())
        return hasher.digest()


def day_number(day: date) -> int:
    """Days since 1970-01-01. Raises ValueError for a day before that, or after 2149."""
    number = day.toordinal() - _EPOCH
    if not 0 <= number <= _LAST_DAY:
        raise ValueError(f"日期应在 1970 年至 2149 年之间，实际是 {day:%Y-%m-%d}")
    return number


def day_of(number: int) -> date:
    return date.fromordinal(_EPOCH + number)
