"""Which events were met before, by their ids: repeats, and other contents under an id that is taken.

Only hashes are kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numba import njit, uint64
from numpy.typing import NDArray

from .events import SCHEMA, whole
from .keyed import Keyed, Keys, hashed, is_text, pair_of, place_of, stirred
from .laid import Arrays, part, under

# Of an event: new; the same as the first one of its id and source; another than that.
NEW, AGAIN, OTHER = np.uint8(0), np.uint8(1), np.uint8(2)

_SAYS = [name for name in SCHEMA.names if name not in ("id", "source")]
# Events for which a page has room at first.
_ROOM = 1 << 11
# Keeps a hash apart from ABSENT.
_POSITIVE = np.uint64((1 << 63) - 1)


class Met:
    """A memory of ids and contents for two cells of event time: what comes again after that is late,
    as long as lateness is a cell at most."""

    def __init__(self) -> None:
        self._young, self._old = Keyed(), Keyed()
        self._cell = 0  # of the newest event so far

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    @property
    def octets(self) -> int:
        """Bytes of memory."""
        return self._young.octets + self._old.octets

    def meet(
        self, ids: Keys, says: NDArray[np.int64], cells: NDArray[np.int64], clock: int
    ) -> NDArray[np.uint8]:
        """NEW, AGAIN or OTHER for each event, by the hashes of its id and of its content, the cell it
        lies in and the one of the newest event before them all. An event with another content than the
        first one of its id moves no clock. However events are cut into batches, it says the same."""
        which = np.zeros(len(ids), np.uint8)
        self._turn_to(clock)
        at = 0
        while True:
            young, old = self._young, self._old
            young.make_room(min(len(ids) - at, max(_ROOM, len(young))))
            at, young.filled = _met(
                young.keys, young.values, young.filled, old.keys, old.values,
                ids, says, cells, at, self._cell, which,
            )  # fmt: skip
            if at == len(ids):
                return which
            self._turn_to(int(cells[at]))

    def laid_down(self) -> Arrays:
        """Copies, for a checkpoint."""
        pages = {"young": self._young, "old": self._old}
        arrays: Arrays = {"cell": np.array([self._cell], np.int64)}
        for name, page in pages.items():
            arrays |= under(f"{name}_", page.laid_down())
        return arrays

    def take_up(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """In place of what is there. Raises KeyError for what was not laid down here."""
        for name, page in (("young", self._young), ("old", self._old)):
            page.take_up(part(arrays, f"{name}_"))
        self._cell = int(arrays["cell"][0])

    def _turn_to(self, cell: int) -> None:
        """A new page for each cell: what was not met since the one before is forgotten."""
        if cell > self._cell:
            self._old = self._young if cell == self._cell + 1 else Keyed()
            self._young, self._cell = Keyed(), cell


def ids_of(events: pa.Table) -> Keys:
    """A hash of the id and the source of each event."""
    return stirred(hashed(events["id"]), hashed(events["source"]))


def says_of(events: pa.Table, known: Mapping[str, Keys]) -> NDArray[np.int64]:
    """A hash of all else that each event says. `known`: hashes of columns that are there already."""
    total = np.zeros(len(events), np.uint64)
    for name in _SAYS:
        column = events[name]
        if name in known:
            total = stirred(total, known[name])
        elif column.null_count == len(column):
            total = stirred(total, np.uint64(0))
        elif is_text(column.type):
            total = stirred(total, hashed(column))
        else:
            _stir_in(total, *_as_numbers(whole(column)))
    return (total & _POSITIVE).view(np.int64)


def _as_numbers(plain: pa.Array) -> tuple[NDArray[Any], NDArray[np.uint8], int]:
    """Values as whole numbers of the same bits, where null is nought or one in a bit (none: no
    null), and the place of the first of these."""
    valid, data = plain.buffers()
    bits = np.frombuffer(valid, np.uint8) if plain.null_count else np.zeros(0, np.uint8)
    begin, end = plain.offset, plain.offset + len(plain)
    if pa.types.is_boolean(plain.type):
        octets = np.frombuffer(data, np.uint8)[: end // 8 + 1]
        numbers: NDArray[Any] = np.unpackbits(octets, bitorder="little")[begin:end]
    else:
        width = np.int32 if plain.type.bit_width == 32 else np.int64
        numbers = np.frombuffer(data, width)[begin:end]
    return numbers, bits, begin


@njit(cache=True, nogil=True)
def _stir_in(total: Any, numbers: Any, bits: Any, begin: Any) -> None:
    for i in range(len(total)):
        at = begin + i
        there = not len(bits) or bits[at >> 3] >> (at & 7) & 1
        key = uint64(numbers[i]) * uint64(2) + uint64(1) if there else uint64(0)
        total[i] = pair_of(total[i], key)


@njit(cache=True, nogil=True)
def _met(
    young: Any, of_young: Any, filled: Any, old: Any, of_old: Any,
    ids: Any, says: Any, cells: Any, begin: Any, clock: Any, which: Any,
) -> Any:  # fmt: skip
    """Up to an event that moves the clock or for which there is no room: (its place, how many are in
    `young`)."""
    for i in range(begin, len(ids)):
        at = place_of(young, ids[i])
        if young[at] == ids[i]:
            which[i] = AGAIN if of_young[at] == says[i] else OTHER
            continue
        before = place_of(old, ids[i])
        if old[before] == ids[i]:
            said = of_old[before]
            which[i] = AGAIN if said == says[i] else OTHER
        elif cells[i] > clock:
            return i, filled
        else:
            said = says[i]
        if 2 * filled >= len(young):
            return i, filled
        young[at], of_young[at] = ids[i], said
        filled += 1
    return len(ids), filled
