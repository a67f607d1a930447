"""Masked texts, each once, and which of them belong together.

Two wordings are alike if their sketches share a band and agree in six of ten places (likeness.py): a property
of the two alone. Those joined by a chain of alike ones are one group, so that the groups are the
same in whatever order the wordings came.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .bands import Bands
from .likeness import ENOUGH, PLACES, sketches
from .masking import FEWEST, letters

_CHUNK = 256
Numbers = NDArray[np.int32]
Joined = tuple[int, int]


class Wordings:
    """Wordings by number, from 0; groups by the number of one of their wordings, the root."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.numbers: dict[str, int] = {}
        self.marks: NDArray[np.uint8] = np.empty((0, PLACES), np.uint8)
        self.parents: Numbers = np.empty(0, np.int32)
        self.bands = Bands()

    def add(self, texts: Sequence[str]) -> tuple[list[int], list[Joined]]:
        """The number of each masked text, and which groups became one: (root that stays, other)."""
        joined: list[Joined] = []
        new = [text for text in dict.fromkeys(texts) if text not in self.numbers]
        for start in range(0, len(new), _CHUNK):
            self._add_new(new[start : start + _CHUNK], joined)
        return [self.numbers[text] for text in texts], joined

    def _add_new(self, texts: Sequence[str], joined: list[Joined]) -> None:
        first = len(self.texts)
        self._make_room(first + len(texts))
        for number, text in enumerate(texts, first):
            self.numbers[text] = number
            self.parents[number] = number
        self.texts += texts
        compared = [letters(text) for text in texts]
        long = [number for number, text in enumerate(compared) if len(text) >= FEWEST]
        marks, keys = sketches([compared[number] for number in long])
        for number, mark, key in zip(long, marks, keys, strict=True):
            who = first + number
            self.marks[who] = mark
            self._join_alike(who, self.bands.sharing(key), joined)
            self.bands.add(who, key)

    def _join_alike(self, who: int, sharing: Numbers, joined: list[Joined]) -> None:
        others = sharing[self.roots(sharing) != self.root(who)]
        if not len(others):
            return
        others = np.unique(others)
        agree = (self.marks[others] == self.marks[who]).sum(axis=1)
        for root in np.unique(self.roots(others[agree >= ENOUGH])).tolist():
            stays, goes = sorted((root, self.root(who)))
            self.parents[goes] = stays
            joined.append((stays, goes))

    def root(self, number: int) -> int:
        """The root of the group that a wording is in."""
        while (parent := int(self.parents[number])) != number:
            self.parents[number] = self.parents[parent]
            number = parent
        return number

    def roots(self, numbers: Numbers) -> Numbers:
        """The same for many."""
        found = self.parents[numbers]
        while not np.array_equal(above := self.parents[found], found):
            found = above
        self.parents[numbers] = found
        return found

    def keep(self, kept: Numbers) -> Numbers:
        """Throw away all wordings but these (ascending). Groups stay as they are.

        Returns the new number of each old one, -1 for those that went.
        """
        renumbered = np.full(len(self.texts), -1, np.int32)
        renumbered[kept] = np.arange(len(kept), dtype=np.int32)
        roots = self.roots(np.arange(len(self.texts), dtype=np.int32))[kept]
        # The root may have gone: the least wording that is left stands for the group.
        _, first, group = np.unique(roots, return_index=True, return_inverse=True)
        self.parents = first[group].astype(np.int32)
        self.marks = self.marks[kept]
        self.texts = [self.texts[number] for number in kept.tolist()]
        self.numbers = {text: number for number, text in enumerate(self.texts)}
        keys, who = self.bands.all()
        left = renumbered[who] >= 0
        self.bands.replace(keys[left], renumbered[who[left]])
        return renumbered

    def _make_room(self, count: int) -> None:
        if count > len(self.parents):
            more = max(1_024, count + count // 2) - len(self.parents)
            self.parents = np.concatenate((self.parents, np.zeros(more, np.int32)))
            self.marks = np.concatenate((self.marks, np.zeros((more, PLACES), np.uint8)))
