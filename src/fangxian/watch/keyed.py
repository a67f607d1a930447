"""A table from 64-bit keys to numbers, compiled: the watch's memory of numbers and of events.

Open addressing with linear probing, at most half full. A key is a hash of a name (`hashed`): of ten
million names two share one with a probability of 3 in a million, and would be taken for one number.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numba import njit, uint64
from numpy.typing import NDArray

from .events import whole
from .laid import Arrays

Keys = NDArray[np.uint64]
Ints = NDArray[np.int64]

# No name has this hash: it marks an empty place.
EMPTY = np.uint64(0)
ABSENT = np.int64(-1)
_ODD, _BASIS = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xCBF29CE484222325)
_M1, _M2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def hashed(names: pa.Array | pa.ChunkedArray) -> Keys:
    """A 64-bit hash of each string; of null `EMPTY`."""
    if isinstance(names, pa.ChunkedArray):
        names = whole(names)
    if pa.types.is_dictionary(names.type):
        own = hashed(names.dictionary)
        indices = names.indices.fill_null(-1) if names.null_count else names.indices
        of_each: Keys = np.append(own, EMPTY)[indices.to_numpy()]
        return of_each
    _, raw, data = names.buffers()
    width = np.int64 if pa.types.is_large_string(names.type) else np.int32
    ends = np.frombuffer(raw, width)[names.offset : names.offset + len(names) + 1]
    octets = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
    keys: Keys = _hashes(octets, ends)
    if names.null_count:
        keys[names.is_null().to_numpy(zero_copy_only=False)] = EMPTY
    return keys


def is_text(type_: pa.DataType) -> bool:
    """Whether a column of it can be `hashed`."""
    kinds = pa.types
    return bool(
        kinds.is_dictionary(type_) or kinds.is_string(type_) or kinds.is_large_string(type_)
    )


def hashed_one(name: str) -> int:
    """The hash of one string."""
    octets = np.frombuffer(name.encode(), np.uint8)
    return int(_hashes(octets, np.array([0, len(octets)]))[0])


def stirred(keys: Keys, salt: Keys | np.uint64) -> Keys:
    """A key for each pair of keys (or each key and the one), never `EMPTY`."""
    mixed: Keys = _pairs(keys, np.broadcast_to(salt, keys.shape))
    return mixed


def numbered(keys: Keys) -> tuple[Ints, Keys]:
    """(number of each key from 0 on in the order they are first met, the keys by number)."""
    room = 1 << 10
    while room < 2 * len(keys):
        room *= 2
    numbers, names = _numbered(keys, room)
    return numbers, names


class Keyed:
    """Key -> int64. `values` of keys not met are ABSENT."""

    def __init__(self, room: int = 1 << 12) -> None:
        self._clear(room)

    def _clear(self, room: int) -> None:
        self.keys = np.zeros(room, np.uint64)
        self.values = np.full(room, ABSENT)
        self.filled = 0

    def __len__(self) -> int:
        return self.filled

    @property
    def octets(self) -> int:
        """Bytes of memory."""
        return self.keys.nbytes + self.values.nbytes

    def places(self, keys: Keys) -> Ints:
        """The place of each key in `values`, made where it was not there (its value is ABSENT).
        Ask for `values` afterwards: the table may have grown."""
        self.make_room(len(keys))
        at, self.filled = _placed(self.keys, keys, self.filled)
        found: Ints = at
        return found

    def get(self, keys: Keys) -> Ints:
        """The value of each key, ABSENT for one that is not there."""
        found: Ints = _found(self.keys, self.values, keys)
        return found

    def make_room(self, more: int) -> None:
        """For so many keys more: `keys` and `values` are other arrays after it."""
        if 2 * (self.filled + more) > len(self.keys):
            there = self.keys != EMPTY
            self._refill(self.keys[there], self.values[there], more)

    def laid_down(self) -> Arrays:
        """Keys and values, without the empty places."""
        there = self.keys != EMPTY
        return {"keys": self.keys[there], "values": self.values[there]}

    def take_up(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """In place of what is there."""
        self._refill(arrays["keys"], arrays["values"])

    def keep(self, kept: NDArray[np.bool_]) -> None:
        """Forget the keys whose place is not in `kept`."""
        self._refill(self.keys[kept], self.values[kept])

    def let_go(self, stale: NDArray[np.bool_]) -> None:
        """Forget the keys whose place is in `stale`, once they are a quarter: a few are not worth making
        the table anew. Of places that are empty it does not matter."""
        there = self.keys != EMPTY
        if 4 * int((stale & there).sum()) > self.filled:
            self.keep(there & ~stale)

    def keep_rows(self, kept: NDArray[np.bool_]) -> None:
        """Where values are rows of a table: forget the keys of rows that are not kept, and give the
        others their new place."""
        place = np.cumsum(kept) - 1
        there = (self.values != ABSENT) & kept[np.maximum(self.values, 0)]
        self.values[there] = place[self.values[there]]
        self.keep(there)

    def _refill(self, keys: Keys, values: Ints, more: int = 0) -> None:
        room = 1 << 12
        while room < 2 * (len(keys) + more):
            room *= 2
        self._clear(room)
        at, self.filled = _placed(self.keys, keys, 0)
        self.values[at] = values


@njit(cache=True, nogil=True)
def _hashes(octets: Any, ends: Any) -> Any:
    """Eight octets at a time, each word stirred in (splitmix64 without its end), and the length."""
    keys = np.empty(len(ends) - 1, np.uint64)
    for i in range(len(keys)):
        at, end = uint64(ends[i]), uint64(ends[i + 1])
        x = _BASIS ^ (end - at)
        while at + uint64(8) <= end:
            word = uint64(0)
            for j in range(uint64(8)):
                word |= uint64(octets[at + uint64(j)]) << uint64(8 * j)
            x = (x ^ word) * _M1
            x ^= x >> uint64(27)
            at += uint64(8)
        word = uint64(0)
        while at < end:
            word = word << uint64(8) | uint64(octets[at])
            at += uint64(1)
        keys[i] = _mix((x ^ word) * _ODD)
    return keys


@njit(inline="always")
def place_of(table: Any, key: Any) -> Any:
    """Where a key stands in a table of keys that is not full, or the empty place for it."""
    mask = uint64(len(table) - 1)
    at = uint64(key & mask)
    while table[at] != key and table[at] != EMPTY:
        at = uint64(at + uint64(1)) & mask
    return at


@njit(inline="always")
def _mix(x: Any) -> Any:
    x = uint64(x ^ (x >> uint64(30))) * _M1
    x = uint64(x ^ (x >> uint64(27))) * _M2
    x = uint64(x ^ (x >> uint64(31)))
    return x if x != EMPTY else uint64(1)


@njit(inline="always")
def pair_of(key: Any, salt: Any) -> Any:
    """A key for a pair of keys, never `EMPTY`."""
    return _mix(uint64(key * _ODD) ^ salt)


@njit(cache=True, nogil=True)
def _pairs(keys: Any, salt: Any) -> Any:
    mixed = np.empty(len(keys), np.uint64)
    for i in range(len(keys)):
        mixed[i] = pair_of(keys[i], salt[i])
    return mixed


@njit(cache=True, nogil=True)
def _numbered(keys: Any, room: Any) -> Any:
    table = np.zeros(room, np.uint64)
    number = np.empty(room, np.int64)
    mask = uint64(room - 1)
    numbers = np.empty(len(keys), np.int64)
    names = np.empty(len(keys), np.uint64)
    met = 0
    for i in range(len(keys)):
        at = uint64(keys[i] & mask)
        while table[at] != keys[i]:
            if table[at] == EMPTY:
                table[at] = keys[i]
                number[at] = met
                names[met] = keys[i]
                met += 1
                break
            at = uint64(at + uint64(1)) & mask
        numbers[i] = number[at]
    return numbers, names[:met].copy()


@njit(cache=True, nogil=True)
def _placed(table: Any, keys: Any, filled: Any) -> Any:
    places = np.empty(len(keys), np.int64)
    for i in range(len(keys)):
        at = place_of(table, keys[i])
        if table[at] == EMPTY:
            table[at] = keys[i]
            filled += 1
        places[i] = at
    return places, filled


@njit(cache=True, nogil=True)
def _found(table: Any, values: Any, keys: Any) -> Any:
    out = np.empty(len(keys), np.int64)
    for i in range(len(keys)):
        at = place_of(table, keys[i])
        out[i] = values[at] if table[at] == keys[i] else ABSENT
    return out
