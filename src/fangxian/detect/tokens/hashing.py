"""Hashing n-grams and adding their weights, compiled. The rules are those of rules.py; for changes see
kernel.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import int32, njit, uint32, uint64

from . import rules

MADE_WITH = "188e2069528df503"

_SEED = np.uint32(rules.SEED)
_M1, _M2 = np.uint32(0x7FEB352D), np.uint32(0x846CA68B)


@njit(inline="always")
def mix(x: Any) -> Any:
    # Of two 32-bit numbers numba makes a product of 64.
    x = uint32(x ^ x >> uint32(16))
    x = uint32(x * _M1)
    x = uint32(x ^ x >> uint32(15))
    x = uint32(x * _M2)
    return uint32(x ^ x >> uint32(16))


@njit(inline="always")
def gram(before: Any, token: Any) -> Any:
    """rules.gram"""
    return mix(uint32(uint32(before * _SEED) ^ token))


@njit(inline="always")
def stirred(tokens: Any, begin: Any, end: Any) -> None:
    """Make tokens of what `read` wrote."""
    for j in range(end - begin):
        tokens[uint64(begin + j)] = mix(tokens[uint64(begin + j)])


@njit(inline="always")
def places(tokens: Any, n: Any, h2: Any, h3: Any, h4: Any) -> Any:
    """The places of n-grams by their first token; the last of a text reach into the next one.
    `tokens` become their own places."""
    # Counted from nought: of other loops the compiler makes no vectors.
    for j in range(n - 1):
        h2[j] = gram(tokens[j], tokens[j + 1])
    for j in range(n - 2):
        h3[j] = gram(h2[j], tokens[j + 2])
    for j in range(n - 3):
        h4[j] = gram(h3[j], tokens[j + 3])
    for j in range(n):
        tokens[j] = mix(tokens[j])


@njit(inline="always")
def total(h1: Any, h2: Any, h3: Any, h4: Any, at: Any, have: Any, weights: Any) -> Any:
    """The sum of the weights of all n-grams, gathered from four places at a time."""
    mask = uint32(len(weights) - 1)
    t1 = t2 = t3 = t4 = int32(0)
    for i in range(have - 3):
        j = uint64(at + i)
        t1 += weights[h1[j] & mask]
        t2 += weights[h2[j] & mask]
        t3 += weights[h3[j] & mask]
        t4 += weights[h4[j] & mask]
    for i in range(max(have - 3, 0), have):
        j = uint64(at + i)
        t1 += weights[h1[j] & mask]
        if i < have - 1:
            t2 += weights[h2[j] & mask]
        if i < have - 2:
            t3 += weights[h3[j] & mask]
    return t1 + t2 + t3 + t4
