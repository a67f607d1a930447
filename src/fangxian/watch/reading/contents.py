"""What events said, by their ids: so that a second one with the same id and another content is told.

Only hashes are kept, 32 bytes an event at most half full. The watch itself drops repeats; it cannot
tell which of them differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ..events import SCHEMA
from ..keyed import ABSENT, Keyed, Keys, hashed, stirred
from .casting import Bools

_SAYS = [name for name in SCHEMA.names if name not in ("id", "source")]
# Keeps a hash apart from ABSENT.
_POSITIVE = np.uint64((1 << 63) - 1)


class Contents:
    """A memory of ids and contents. What was not met since the last but one `turn` is forgotten."""

    def __init__(self) -> None:
        self._young, self._old = Keyed(), Keyed()

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    @property
    def octets(self) -> int:
        """Bytes of memory."""
        return self._young.octets + self._old.octets

    def others(self, events: pa.Table) -> Bools:
        """Which events (events.SCHEMA) have another content than the first one of their id and
        source, in this table or before it; the first ones are remembered."""
        keys, says = _keys(events), _contents(events)
        first = np.unique(keys, return_index=True)[1]
        known = self._known(keys)
        fresh = first[known[first] == ABSENT]
        met = first[known[first] != ABSENT]
        # Room is made by `places`: `values` is another array after it.
        for some, content in ((fresh, says[fresh]), (met, known[met])):
            places = self._young.places(keys[some])
            self._young.values[places] = content
        other: Bools = self._young.get(keys) != says
        return other

    def turn(self) -> None:
        """Begin a new page: what was not met since the turn before is forgotten."""
        self._young, self._old = Keyed(), self._young

    def laid_down(self) -> dict[str, NDArray[Any]]:
        """Copies, for a checkpoint."""
        pages = {"young": self._young, "old": self._old}
        return {f"{n}_{k}": a for n, page in pages.items() for k, a in page.laid_down().items()}

    def take_up(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """In place of what is there. Raises KeyError for what was not laid down here."""
        for name, page in (("young", self._young), ("old", self._old)):
            page.take_up({part: arrays[f"{name}_{part}"] for part in ("keys", "values")})

    def _known(self, keys: Keys) -> NDArray[np.int64]:
        young = self._young.get(keys)
        return np.where(young != ABSENT, young, self._old.get(keys))


def _keys(events: pa.Table) -> Keys:
    return stirred(hashed(events["id"]), hashed(events["source"]))


def _contents(events: pa.Table) -> NDArray[np.int64]:
    total = np.zeros(len(events), np.uint64)
    for name in _SAYS:
        total = stirred(total, _hashes(events[name]))
    return (total & _POSITIVE).astype(np.int64)


def _hashes(column: pa.ChunkedArray) -> Keys:
    """A number for each value, 0 for null."""
    if column.null_count == len(column):
        return np.zeros(len(column), np.uint64)
    given = column.type
    if (
        pa.types.is_dictionary(given)
        or pa.types.is_string(given)
        or pa.types.is_large_string(given)
    ):
        return hashed(column)
    plain = column.combine_chunks()
    if pa.types.is_floating(given):
        numbers = np.asarray(plain.fill_null(0).to_numpy(zero_copy_only=False), np.float64)
    else:
        whole = plain.cast(pa.int8() if pa.types.is_boolean(given) else pa.int64())
        numbers = np.asarray(whole.fill_null(0).to_numpy(zero_copy_only=False), np.int64)
    keys = numbers.view(np.uint64) * np.uint64(2) + np.uint64(1)
    keys[np.asarray(plain.is_null())] = 0
    return keys
