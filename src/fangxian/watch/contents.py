"""What events said, by their ids: so that a second one with the same id and another content is told.

Only hashes are kept. The watch itself drops repeats; it cannot tell which of them differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from .callers import STEP
from .events import SCHEMA
from .keyed import ABSENT, Keyed, Keys, hashed, stirred

Bools: TypeAlias = NDArray[np.bool_]

_SAYS = [name for name in SCHEMA.names if name not in ("id", "source")]
# Keeps a hash apart from ABSENT.
_POSITIVE = np.uint64((1 << 63) - 1)


class Contents:
    """A memory of ids and contents, for ten to twenty minutes of event time: who sends an event again
    later than that is late."""

    def __init__(self) -> None:
        self._young, self._old = Keyed(), Keyed()
        self._step = 0  # cell of the newest event so far

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    @property
    def octets(self) -> int:
        """Bytes of memory."""
        return self._young.octets + self._old.octets

    def others(self, events: pa.Table) -> Bools:
        """Which events (events.SCHEMA) have another content than the first one of their id and
        source, in this table or before it; the first ones are remembered. However events are cut into
        tables, the same ones are told."""
        keys, says = _keys(events), _contents(events)
        steps = np.asarray(events["time"].cast(pa.int64()).to_numpy(), np.int64) // STEP
        newest = np.maximum.accumulate(np.concatenate([[self._step], steps]))[1:]
        found = np.zeros(len(keys), bool)
        bounds = [0, *(np.flatnonzero(np.diff(newest)) + 1).tolist(), len(keys)]
        for begin, end in pairwise(bounds) if len(keys) else ():
            self._turn_to(int(newest[begin]))
            found[begin:end] = self._others(keys[begin:end], says[begin:end])
        return found

    def laid_down(self) -> dict[str, NDArray[Any]]:
        """Copies, for a checkpoint."""
        pages = {"young": self._young, "old": self._old}
        arrays = {f"{n}_{k}": a for n, page in pages.items() for k, a in page.laid_down().items()}
        return arrays | {"step": np.array([self._step], np.int64)}

    def take_up(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """In place of what is there. Raises KeyError for what was not laid down here."""
        for name, page in (("young", self._young), ("old", self._old)):
            page.take_up({part: arrays[f"{name}_{part}"] for part in ("keys", "values")})
        self._step = int(arrays["step"][0])

    def _turn_to(self, step: int) -> None:
        """A new page for each cell: what was not met since the one before is forgotten."""
        if step > self._step:
            self._old = self._young if step == self._step + 1 else Keyed()
            self._young, self._step = Keyed(), step

    def _others(self, keys: Keys, says: NDArray[np.int64]) -> Bools:
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
