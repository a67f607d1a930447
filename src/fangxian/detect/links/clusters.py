"""Names that are one name told again: so that none of them stands on both sides of a test.

For training and measuring only. Two names are in one cluster if, hyphens left out, they are the
same but for digits (of five letters or more; of three or four, but for what digits they are), one
slip apart (of seven characters or more), or have half of their three-character pieces in common
(of eight or more). A chain of such pairs is one cluster.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

_COMMON = 1_500  # a piece in more names than this ties nothing together


def clusters_of(names: list[str]) -> NDArray[np.int64]:
    """For each registered name the number of its cluster: the place of its first member."""
    parent = list(range(len(names)))

    def top(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    def join(i: int, j: int) -> None:
        a, b = sorted((top(i), top(j)))
        parent[b] = a

    first: dict[tuple[str, str], int] = {}
    for i, name in enumerate(names):
        for key in _keys(name):
            join(first.setdefault(key, i), i)
    for i, j in _alike_pairs(names):
        join(i, j)
    return np.array([top(i) for i in range(len(names))], np.int64)


def _keys(name: str) -> Iterator[tuple[str, str]]:
    """Whoever has a key in common is in one cluster."""
    flat = name.replace("-", "")
    yield "same", flat
    letters = re.sub(r"\d", "", flat)
    if len(letters) >= 5:
        yield "letters", letters
    elif len(letters) >= 3 and letters != flat:
        yield "masked", re.sub(r"\d+", "0", flat)
    if len(flat) >= 7:
        yield "slip", flat
        for i in range(len(flat)):
            yield "slip", flat[:i] + flat[i + 1 :]


def _alike_pairs(names: list[str]) -> Iterator[tuple[int, int]]:
    found: dict[str, list[int]] = defaultdict(list)
    sets: list[set[str]] = []
    for i, name in enumerate(names):
        ends = f"^{name.replace('-', '')}$"
        cut = {ends[k : k + 3] for k in range(len(ends) - 2)} if len(ends) >= 10 else set()
        common: Counter[int] = Counter()
        for piece in cut:
            if len(found[piece]) < _COMMON:
                common.update(found[piece])
        for j, count in common.items():
            if count >= 4 and count / (len(cut) + len(sets[j]) - count) >= 0.5:
                yield i, j
        for piece in cut:
            found[piece].append(i)
        sets.append(cut)


def folds_of(clusters: NDArray[np.int64], count: int, seed: int) -> NDArray[np.int64]:
    """Whole clusters dealt out to `count` folds of nearly the same size, the biggest first."""
    sizes = Counter(clusters.tolist())
    order = np.random.default_rng(seed).permutation(np.unique(clusters)).tolist()
    load, fold = [0] * count, {}
    for cluster in sorted(order, key=lambda c: -sizes[c]):
        fold[cluster] = load.index(min(load))
        load[fold[cluster]] += sizes[cluster]
    return np.array([fold[c] for c in clusters.tolist()], np.int64)
