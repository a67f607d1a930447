"""Which wordings share a band with a new one: sorted keys in a few levels, 384 bytes a wording.

What is new is in a dictionary; 1,024 wordings at a time it becomes a sorted level, and levels of
about the same size are merged, so that there are few of them and each key is moved few times.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .likeness import BANDS

_FRESH = 1_024
Keys = NDArray[np.uint64]
Who = NDArray[np.int32]


class Bands:
    """Keys of bands and the wordings (numbers from 0) that have them."""

    def __init__(self) -> None:
        self._levels: list[tuple[Keys, Who]] = []
        self._fresh: dict[int, list[int]] = {}
        self._count = 0

    def add(self, who: int, keys: Keys) -> None:
        """Wording `who` has these keys (32)."""
        for key in keys.tolist():
            self._fresh.setdefault(key, []).append(who)
        self._count += 1
        if self._count >= _FRESH:
            self._settle()

    def sharing(self, keys: Keys) -> Who:
        """Wordings that share one of the keys (32), each as often as it shares one."""
        found: list[Any] = [
            who[a:b]
            for level, who in self._levels
            for a, b in zip(
                np.searchsorted(level, keys, "left").tolist(),
                np.searchsorted(level, keys, "right").tolist(),
                strict=True,
            )
            if a < b
        ]
        fresh = [w for key in keys.tolist() for w in self._fresh.get(key, ())]
        return np.concatenate([*found, np.array(fresh, np.int32)])

    def all(self) -> tuple[Keys, Who]:
        """Everything, as one sorted level: what is saved."""
        self._settle()
        keys = np.concatenate([np.empty(0, np.uint64), *(k for k, _ in self._levels)])
        who = np.concatenate([np.empty(0, np.int32), *(w for _, w in self._levels)])
        order = np.argsort(keys, kind="stable")
        self._levels = [(keys[order], who[order])]
        return self._levels[0]

    def replace(self, keys: Keys, who: Who) -> None:
        """Hold these instead; `keys` ascend."""
        self._levels, self._fresh, self._count = [(keys, who)], {}, 0

    def _settle(self) -> None:
        if not self._fresh:
            return
        keys = np.fromiter(self._fresh, np.uint64, len(self._fresh))
        times = np.array([len(who) for who in self._fresh.values()])
        who = np.fromiter(
            (w for ws in self._fresh.values() for w in ws), np.int32, int(times.sum())
        )
        keys = np.repeat(keys, times)
        order = np.argsort(keys, kind="stable")
        self._levels.append((keys[order], who[order]))
        self._fresh, self._count = {}, 0
        while len(self._levels) > 1 and len(self._levels[-2][0]) < 4 * len(self._levels[-1][0]):
            (a, wa), (b, wb) = self._levels.pop(-2), self._levels.pop()
            keys, who = np.concatenate((a, b)), np.concatenate((wa, wb))
            # Two ascending runs: what "stable" does is one merge.
            order = np.argsort(keys, kind="stable")
            self._levels.append((keys[order], who[order]))


BYTES_A_WORDING = BANDS * (8 + 4)
