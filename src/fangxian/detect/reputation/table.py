"""Reading a reputation table: one number in microseconds, many at once with NumPy.

The file is mapped, so processes share its pages and opening costs nothing. Every look-up asks the
length of the journal first: that is how an appeal upheld in another process is seen at once.
"""

from __future__ import annotations

import mmap
import os
import threading
from bisect import bisect_left
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple

from .form import (
    HEADER_SIZE,
    VALUE,
    Header,
    ReputationError,
    Secret,
    day_number,
    day_of,
    read_header,
)
from .journal import journal_path, read
from .reports import hashes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Standing(NamedTuple):
    """What reports say of a number: `score` is their weights, each halved with every half-life since
    its day; `last` is the day of the last one, `reports` how many there were (65535: that or more)."""

    score: float
    last: date
    reports: int


class Mapped(NamedTuple):
    """One table file, mapped."""

    header: Header
    data: mmap.mmap
    keys: memoryview

    def keys_array(self) -> NDArray[np.uint64]:
        import numpy as np

        return np.frombuffer(self.data, "<u8", self.header.entries, HEADER_SIZE)

    def values_array(self) -> NDArray[np.void]:
        import numpy as np

        start = HEADER_SIZE + 8 * self.header.entries
        return np.frombuffer(self.data, value_type(), self.header.entries, start)


class _State(NamedTuple):
    """What a look-up needs, in one piece: a thread that has it is not disturbed by a newer one."""

    table: Mapped
    hidden: frozenset[int]
    read_to: int
    journal_size: int
    unfinished: int


def value_type() -> np.dtype[np.void]:
    import numpy as np

    return np.dtype([("score", "<f4"), ("day", "<u2"), ("count", "<u2")])


def map_table(path: Path, secret: Secret) -> Mapped:
    """Map the table at `path`. Raises ReputationError if there is none, if it is foreign, of another
    version, not whole, or made with another secret."""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            header = read_header(file.read(HEADER_SIZE), size, path.name)
            if header.key_check != secret.check:
                raise ReputationError(f"{path.name}：密钥与号码信誉表不符")
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except FileNotFoundError:
        raise ReputationError(f"{path.name}：没有这个号码信誉表，请先建表") from None
    keys = memoryview(data)[HEADER_SIZE : HEADER_SIZE + 8 * header.entries].cast("Q")
    return Mapped(header, data, keys)


class Reputation:
    """An open table. May be used by several threads, and kept open for as long as the program runs:
    clearings and rebuilt tables are noticed at the next look-up. Raises ReputationError where the
    table or its journal cannot be used."""

    def __init__(self, path: Path | str, key: bytes) -> None:
        self._path, self._secret = Path(path), Secret(key)
        self._lock = threading.Lock()
        try:
            self._journal = os.open(journal_path(self._path), os.O_RDONLY)
        except FileNotFoundError:
            raise ReputationError(
                f"{journal_path(self._path).name}：没有这份日志，号码信誉表不能单独使用，请从备份恢复或重建"
            ) from None
        try:
            self._state = self._open()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Reputation:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __len__(self) -> int:
        """How many numbers the table holds, with those cleared since it was built."""
        return self._current().table.header.entries

    def close(self) -> None:
        """Let go of the journal; the mapping goes with the last array that was taken from it."""
        if self._journal >= 0:
            os.close(self._journal)
            self._journal = -1

    @property
    def half_life(self) -> float:
        """In days."""
        return self._current().table.header.half_life

    @property
    def unfinished(self) -> int:
        """Bytes at the end of the journal that are no whole line: a crash cut them short, and the
        next writer puts them aside."""
        return self._current().unfinished

    def of(self, number: str, on: date) -> Standing | None:
        """The standing of one E.164 number (or service number) on a day; None for a number without
        reports, and for one that was cleared. On a day before the last report the score is that of
        the last report's day. Raises ValueError for a number of another form."""
        key = int.from_bytes(self._secret.digest(number), "little")
        state = self._current()
        table = state.table
        at = bisect_left(table.keys, key, *_around(table, key))
        if at == table.header.entries or table.keys[at] != key or key in state.hidden:
            return None
        score, day, count = VALUE.unpack_from(
            table.data, HEADER_SIZE + 8 * table.header.entries + VALUE.size * at
        )
        age = day_number(on) - day
        if age > 0:
            score *= 2.0 ** (-age / table.header.half_life)
        return Standing(score, day_of(day), count)

    def scores(self, numbers: Sequence[str], on: date) -> NDArray[np.float32]:
        """The scores of many numbers on a day, in their order; 0 where `of` gives None."""
        return self.scores_of_keys(self.keys_of(numbers), on)

    def keys_of(self, numbers: Sequence[str]) -> NDArray[np.uint64]:
        """The keys of many numbers, for those who look the same ones up again and again."""
        return hashes(numbers, self._secret)

    def scores_of_keys(self, keys: NDArray[np.uint64], on: date) -> NDArray[np.float32]:
        """As `scores`, for keys from `keys_of`."""
        import numpy as np

        state = self._current()
        scores = np.zeros(len(keys), dtype=np.float32)
        table = state.table
        if not table.header.entries or not len(keys):
            return scores
        # In order: neighbours are found in the same pages.
        order = np.argsort(keys)
        ordered, held = keys[order], table.keys_array()
        at = np.minimum(np.searchsorted(held, ordered), len(held) - 1)
        known = held[at] == ordered
        if state.hidden:
            known &= ~np.isin(ordered, np.array(sorted(state.hidden), dtype="<u8"))
        values = table.values_array()[at[known]]
        age = np.maximum(day_number(on) - values["day"].astype(np.int64), 0)
        scores[order[known]] = values["score"] * np.exp2(-age / table.header.half_life)
        return scores

    def _current(self) -> _State:
        if self._journal < 0:
            raise ReputationError(f"{self._path.name}：号码信誉表已经关闭")
        state, now = self._state, os.fstat(self._journal)
        if now.st_size == state.journal_size and not state.unfinished and now.st_nlink:
            return state
        with self._lock:
            # Looked at again: another thread may have read on while this one waited.
            self._state = self._caught_up(self._state, os.fstat(self._journal))
            return self._state

    def _caught_up(self, state: _State, now: os.stat_result) -> _State:
        if not now.st_nlink or now.st_size < state.read_to:
            raise ReputationError(
                f"{journal_path(self._path).name}：日志被换掉或截短，请从备份恢复后重新打开"
            )
        tail = read(self._journal, state.read_to, journal_path(self._path), self._secret)
        if any(entry.what == "built" for entry in tail.entries):
            return self._open()
        hidden = state.hidden | {entry.key for entry in tail.entries}
        size = tail.end + tail.unfinished
        return _State(state.table, hidden, tail.end, size, tail.unfinished)

    def _open(self) -> _State:
        """The table as it is now, and what was cleared since it was built."""
        table = map_table(self._path, self._secret)
        tail = read(self._journal, 0, journal_path(self._path), self._secret)
        hidden = frozenset(
            e.key for e in tail.entries if e.what == "clear" and e.at >= table.header.journal
        )
        return _State(table, hidden, tail.end, tail.end + tail.unfinished, tail.unfinished)


def _around(table: Mapped, key: int) -> tuple[int, int]:
    """Where in the table `key` must be, if it is there: hashes lie evenly, so its rank is known to
    within a few times the root of their count."""
    count = table.header.entries
    guess = key * count >> 64
    reach = int(4 * count**0.5) + 4
    low, high = max(0, guess - reach), min(count, guess + reach)
    if (low and table.keys[low - 1] >= key) or (high < count and table.keys[high - 1] < key):
        return 0, count
    return low, high
