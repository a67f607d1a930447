"""CSV: a header with our names, in any order; UTF-8 or GB 18030; an empty cell is no value."""

from __future__ import annotations

import codecs
import csv
import json
from collections.abc import Iterator
from datetime import datetime
from itertools import chain

import numpy as np
import pyarrow as pa

from .casting import PLAIN
from .checking import Faults, typed
from .loose import column_of
from .tables import judged
from .wrong import BAD_ROW, NEEDED, Read

# Octets by which the coding of a file is told.
_SAMPLE = 1 << 20


class Delimited:
    """The rows of a csv, from its lines with their ends. `header`: its names, () if it has none."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._line, self._size = "", 0
        # Strict, so that a quote without an end is told and does not swallow the rest in silence.
        self._reader = csv.reader(self._remembered(_texts(lines)), strict=True)
        row, _ = self._next()
        self.header = tuple(name.strip() for name in row or ())

    @property
    def is_ours(self) -> bool:
        """Whether it has the columns that every event needs."""
        return set(NEEDED) <= set(self.header)

    def skip(self, rows: int) -> None:
        """Pass over rows that were read before."""
        for _ in range(rows):
            if self._next()[0] is None:
                return

    def read(
        self,
        where: str,
        first: int,
        most: tuple[int, int],
        now: datetime | None,
    ) -> tuple[Read, int] | None:
        """The next rows, at most so many and about so many characters, and how many they were; None
        at the end. `where`, `first`, `now`: as in `of_table`."""
        rows: list[list[str]] = []
        numbers: list[int] = []
        bad: dict[int, str] = {}
        count, end = 0, self._size + most[1]
        while count < most[0] and self._size < end:
            row, whole = self._next()
            if row is None:
                break
            count += 1
            if not row and whole:
                continue
            if not whole or len(row) != len(self.header):
                bad[len(rows)] = self._line if not whole else ",".join(row)
                row = [""] * len(self.header)
            rows.append(row)
            numbers.append(first + count - 1)
        if not count:
            return None
        faults = Faults(len(rows))
        faults.mark(BAD_ROW, np.isin(np.arange(len(rows)), list(bad)))

        def told(row: int) -> tuple[str, str]:
            cells = {n: cell for n, cell in zip(self.header, rows[row], strict=True) if cell}
            raw = bad.get(row) or json.dumps(cells, ensure_ascii=False)
            return f"{where}:{numbers[row]}", raw.encode(errors="replace").decode()

        return judged(typed(self._table(rows, faults), faults), faults, told, now), count

    def _table(self, rows: list[list[str]], faults: Faults) -> pa.Table:
        columns = dict(zip(self.header, zip(*rows, strict=True), strict=True)) if rows else {}
        return pa.table(
            {
                name: column_of(list(columns.get(name, ())), pa.string(), name, faults)
                for name in PLAIN
                if name in self.header
            }
        )

    def _next(self) -> tuple[list[str] | None, bool]:
        """The next row and whether it could be read; None at the end."""
        try:
            return next(self._reader), True
        except StopIteration:
            return None, True
        except csv.Error:
            return [], False

    def _remembered(self, texts: Iterator[str]) -> Iterator[str]:
        for self._line in texts:
            self._size += len(self._line)
            yield self._line


def _texts(lines: Iterator[bytes]) -> Iterator[str]:
    """Text of lines; octets that are none become lone surrogates, which no column takes."""
    sample, size = [], 0
    for line in lines:
        sample.append(line)
        size += len(line)
        if size >= _SAMPLE:
            break
    if sample:
        sample[0] = sample[0].removeprefix(codecs.BOM_UTF8)
    coding = _coding(b"".join(sample))
    for line in chain(sample, lines):
        yield line.decode(coding, "surrogateescape")


def _coding(sample: bytes) -> str:
    for coding in ("utf-8", "gb18030"):
        try:
            sample.decode(coding)
        except UnicodeDecodeError:
            continue
        return coding
    return "utf-8"
