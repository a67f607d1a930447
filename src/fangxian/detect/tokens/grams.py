"""N-grams of tokens into places of a table, compiled."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, uint32

from .kernel import mix, read
from .rules import SEED

_SEED = np.uint32(SEED)


@njit(inline="always")
def gram(before: Any, token: Any) -> Any:
    """rules.gram"""
    return mix(uint32(uint32(before * _SEED) ^ token))


@njit(cache=True)
def count_of(tokens: Any) -> Any:
    """How many n-grams of one to four tokens a text of so many tokens has."""
    n = 0
    for size in range(4):
        n += max(0, tokens - size)
    return n


@njit(cache=True)
def places(tokens: Any, begin: Any, end: Any, mask: Any, out: Any, at: Any) -> Any:
    """Write the places of all n-grams of the tokens `begin` to `end`; returns the new `at`."""
    g1 = g2 = g3 = uint32(0)
    for i in range(begin, end):
        t = tokens[i]
        have = i - begin
        g4 = gram(g3, t)
        g3 = gram(g2, t)
        g2 = gram(g1, t)
        g1 = t
        out[at] = mix(t) & mask
        at += 1
        if have >= 1:
            out[at] = g2 & mask
            at += 1
        if have >= 2:
            out[at] = g3 & mask
            at += 1
        if have >= 3:
            out[at] = g4 & mask
            at += 1
    return at


@njit(cache=True)
def all_places(values: Any, offsets: Any, mask: Any) -> Any:
    """(offsets, places) of the n-grams of many texts, whose code points stand in one array."""
    n = len(offsets) - 1
    tokens = np.empty(len(values) + 1, np.uint32)
    starts = np.empty(len(values) + 1, np.int64)
    ends = np.empty(len(values) + 1, np.int64)
    out = np.empty(4 * len(values) + 4, np.uint32)
    where = np.zeros(n + 1, np.int64)
    at = 0
    for i in range(n):
        have = read(values, offsets[i], offsets[i + 1], tokens, starts, ends, 0)
        at = places(tokens, 0, have, mask, out, at)
        where[i + 1] = at
    return where, out[:at]


@njit(cache=True)
def score(values: Any, offsets: Any, weights: Any, scale: Any, bias: Any) -> Any:
    """Log-odds of many texts by a table of small integers: the sum over n-grams by the root of how
    many there are."""
    n = len(offsets) - 1
    mask = uint32(len(weights) - 1)
    out = np.empty(n, np.float32)
    longest = 0
    for i in range(n):
        longest = max(longest, offsets[i + 1] - offsets[i])
    tokens = np.empty(longest + 1, np.uint32)
    starts = np.empty(longest + 1, np.int64)
    ends = np.empty(longest + 1, np.int64)
    for i in range(n):
        have = read(values, offsets[i], offsets[i + 1], tokens, starts, ends, 0)
        total = 0
        g1 = g2 = g3 = uint32(0)
        for j in range(have):
            t = tokens[j]
            g4 = gram(g3, t)
            g3 = gram(g2, t)
            g2 = gram(g1, t)
            g1 = t
            total += weights[mix(t) & mask]
            if j >= 1:
                total += weights[g2 & mask]
            if j >= 2:
                total += weights[g3 & mask]
            if j >= 3:
                total += weights[g4 & mask]
        grams = 4 * have - 6 if have >= 3 else (3 if have == 2 else have)
        out[i] = bias + scale * total / np.sqrt(grams) if grams else bias
    return out
