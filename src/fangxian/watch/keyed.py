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

Keys = NDArray[np.uint64]
Ints = NDArray[np.int64]

# No name has this hash: it marks an empty place.
EMPTY = np.uint64(0)
ABSENT = np.int64(-1)
_PRIME, _BASIS = np.uint64(0x100000001B3), np.uint64(0xCBF29CE484222325)
_M1, _M2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def hashed(names: pa.Array | pa.ChunkedArray) -> Keys:
    """A 64-bit hash of each string; of null `EMPTY`."""
    if isinstance(names, pa.ChunkedArray):
        names = names.combine_chunks()
    if pa.types.is_dictionary(names.type):
        own = hashed(names.dictionary)
        places = names.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        of_each: Keys = np.append(own, EMPTY)[places]
        return of_each
    names = names.cast(pa.large_string())
    _, raw, data = names.buffers()
    ends = np.frombuffer(raw, np.int64)[names.offset : names.offset + len(names) + 1]
    octets = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
    keys: Keys = _hashes(octets, ends)
    if names.null_count:
        keys[names.is_null().to_numpy(zero_copy_only=False)] = EMPTY
    return keys


def hashed_one(name: str) -> int:
    """The hash of one string."""
    octets = np.frombuffer(name.encode(), np.uint8)
    return int(_hashes(octets, np.array([0, len(octets)]))[0])


def stirred(keys: Keys, salt: Keys) -> Keys:
    """A key for each pair of keys, never `EMPTY`."""
    mixed: Keys = _pairs(keys, salt)
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
        self._grow(len(keys))
        at, self.filled = _placed(self.keys, keys, self.filled)
        found: Ints = at
        return found

    def get(self, keys: Keys) -> Ints:
        """The value of each key, ABSENT for one that is not there."""
        found: Ints = _found(self.keys, self.values, keys)
        return found

    def laid_down(self) -> dict[str, NDArray[Any]]:
        """Keys and values, without the empty places."""
        there = self.keys != EMPTY
        return {"keys": self.keys[there], "values": self.values[there]}

    def take_up(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """In place of what is there."""
        self._refill(arrays["keys"], arrays["values"])

    def keep(self, kept: NDArray[np.bool_]) -> None:
        """Forget the keys whose place is not in `kept`."""
        self._refill(self.keys[kept], self.values[kept])

    def keep_rows(self, kept: NDArray[np.bool_]) -> None:
        """Where values are rows of a table: forget the keys of rows that are not kept, and give the
        others their new place."""
        place = np.cumsum(kept) - 1
        there = (self.values != ABSENT) & kept[np.maximum(self.values, 0)]
        self.values[there] = place[self.values[there]]
        self.keep(there)

    def _grow(self, by: int) -> None:
        if 2 * (self.filled + by) <= len(self.keys):
            return
        there = self.keys != EMPTY
        self._refill(self.keys[there], self.values[there], by)

    def _refill(self, keys: Keys, values: Ints, more: int = 0) -> None:
        room = 1 << 12
        while room < 2 * (len(keys) + more):
            room *= 2
        self._clear(room)
        at, self.filled = _placed(self.keys, keys, 0)
        self.values[at] = values


@njit(cache=True)
def _hashes(octets: Any, ends: Any) -> Any:
    """FNV-1a, stirred, for it leaves the low bits of like names alike (splitmix64)."""
    keys = np.empty(len(ends) - 1, np.uint64)
    for i in range(len(keys)):
        x = _BASIS
        for j in range(ends[i], ends[i + 1]):
            x = (x ^ uint64(octets[j])) * _PRIME
        keys[i] = _mix(x)
    return keys


@njit(inline="always")
def _mix(x: Any) -> Any:
    x = uint64(x ^ (x >> uint64(30))) * _M1
    x = uint64(x ^ (x >> uint64(27))) * _M2
    x = uint64(x ^ (x >> uint64(31)))
    return x if x != EMPTY else uint64(1)


@njit(cache=True)
def _pairs(keys: Any, salt: Any) -> Any:
    mixed = np.empty(len(keys), np.uint64)
    for i in range(len(keys)):
        mixed[i] = _mix(uint64(keys[i] * _PRIME) ^ salt[i])
    return mixed


@njit(cache=True)
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


@njit(cache=True)
def _placed(table: Any, keys: Any, filled: Any) -> Any:
    mask = uint64(len(table) - 1)
    places = np.empty(len(keys), np.int64)
    for i in range(len(keys)):
        at = uint64(keys[i] & mask)
        while table[at] != keys[i]:
            if table[at] == EMPTY:
                table[at] = keys[i]
                filled += 1
                break
            at = uint64(at + uint64(1)) & mask
        places[i] = at
    return places, filled


@njit(cache=True)
def _found(table: Any, values: Any, keys: Any) -> Any:
    mask = uint64(len(table) - 1)
    out = np.empty(len(keys), np.int64)
    for i in range(len(keys)):
        at = uint64(keys[i] & mask)
        while table[at] != keys[i] and table[at] != EMPTY:
            at = uint64(at + uint64(1)) & mask
        out[i] = values[at] if table[at] == keys[i] else ABSENT
    return out
