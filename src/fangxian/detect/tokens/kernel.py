"""Texts into tokens and n-grams, compiled: one pass over code points, no Python per character.

The same rules as arrays.py, which needs no compiler; tests hold the two to the same answers. All
in one file: numba keeps compiled code by the age of the file in which it stands, and would go on
using an old version of a function from another.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, uint32, uint64

from . import rules
from .hints import FIRST, NUMERAL, SINGLE
from .rules import ALONE, CLASS_SHIFT, DIGIT, DOT, GONE, LATIN, LONG_FROM, MARK, SEVERAL

_PLAIN = np.uint32(rules.PLAIN)
_SHORT, _LONG, _LINK = (np.uint32(x) for x in (rules.SHORT_NUMBER, rules.LONG_NUMBER, rules.LINK))
_SEED, _STEP = np.uint32(rules.SEED), np.uint32(rules.STEP)
_M1, _M2 = np.uint32(0x7FEB352D), np.uint32(0x846CA68B)
_SUFFIXES = np.array(sorted(rules.word(s) for s in rules.SUFFIXES), np.uint32)
_MASKS = np.array(sorted(rules.word(w) for w in rules.MASK_WORDS), np.uint32)
_MASK_TOKENS = np.array(
    [t for _, t in sorted((rules.word(w), t) for w, t in rules.MASK_WORDS.items())],
    np.uint32,
)
_HTTP, _HTTPS, _WWW = (np.uint32(rules.word(w)) for w in ("http", "https", "www"))
_COLON, _SLASH, _HYPHEN, _BRACKET = (np.uint32(ord(c)) for c in ":/-(")


@njit(inline="always")
def mix(x: Any) -> Any:
    # Of two 32-bit numbers numba makes a product of 64.
    x = uint32(x ^ x >> uint32(16))
    x = uint32(x * _M1)
    x = uint32(x ^ x >> uint32(15))
    x = uint32(x * _M2)
    return uint32(x ^ x >> uint32(16))


@njit(inline="always")
def _among(sorted_words: Any, x: Any) -> Any:
    """Where `x` stands in a short sorted array, or -1."""
    lo, hi = 0, len(sorted_words)
    while lo < hi:
        mid = (lo + hi) // 2
        if sorted_words[mid] < x:
            lo = mid + 1
        else:
            hi = mid
    return lo if lo < len(sorted_words) and sorted_words[lo] == x else -1


@njit(cache=True)
def _latin(values: Any, at: Any, end: Any) -> Any:
    """The word that begins at `at`: its end, its token."""
    x = _SEED
    while at < end:
        v = values[at]
        if v >> CLASS_SHIFT != LATIN:
            break
        x = uint32(x * _STEP + (v & _PLAIN))
        at += 1
    return at, mix(x)


@njit(cache=True)
def _link_in(values: Any, at: Any, end: Any) -> Any:
    """Where in the run of ASCII `at` to `end` a link begins, or -1."""
    begin = at  # of the name before the dot
    i = at
    while i < end:
        v = values[i]
        k = v >> CLASS_SHIFT
        if k == LATIN:
            after, token = _latin(values, i, end)
            if token in (_HTTP, _HTTPS):
                if (
                    after + 2 < end
                    and (values[after] & _PLAIN) == _COLON
                    and (values[after + 1] & _PLAIN) == _SLASH
                ):
                    return i
            elif token == _WWW and after + 1 < end and values[after] >> CLASS_SHIFT == DOT:
                return i
            i = after
        elif k == DOT:
            if i > begin and i + 1 < end and values[i + 1] >> CLASS_SHIFT == LATIN:
                after, token = _latin(values, i + 1, end)
                closed = after == end
                if not closed:
                    nk = values[after] >> CLASS_SHIFT
                    closed = nk != DIGIT and (values[after] & _PLAIN) != _HYPHEN
                if closed and _among(_SUFFIXES, token) >= 0:
                    return begin
            i += 1
        elif k == MARK and (v & _PLAIN) != _HYPHEN:
            begin = i + 1
            i += 1
        else:
            i += 1
    return -1


@njit(cache=True)
def read(values: Any, begin: Any, end: Any, tokens: Any, starts: Any, ends: Any, at: Any) -> Any:
    """Write the tokens of one text behind the `at` that are there; returns how many there are then.

    `values`: entries of the table, without GONE. `starts`, `ends`: where each token stands in it.
    """
    first = at
    i = begin
    while i < end:
        v = values[i]
        k = v >> CLASS_SHIFT
        if k == ALONE:
            tokens[at] = mix(uint32((v & _PLAIN) + _SEED))
            starts[at] = i
            ends[at] = i + 1
            at += 1
            i += 1
        elif LATIN <= k <= MARK:
            stop = i + 1
            while stop < end:
                nk = values[stop] >> CLASS_SHIFT
                if nk < LATIN or nk > MARK:
                    break
                stop += 1
            link = _link_in(values, i, stop)
            at = _run(values, i, stop if link < 0 else link, tokens, starts, ends, first, at)
            if link >= 0:
                tokens[at] = _LINK
                starts[at] = link
                ends[at] = stop
                at += 1
            i = stop
        else:
            i += 1
    return at


@njit(cache=True)
def _run(
    values: Any, i: Any, end: Any, tokens: Any, starts: Any, ends: Any, first: Any, at: Any
) -> Any:
    """The words and numbers of a run of ASCII."""
    while i < end:
        k = values[i] >> CLASS_SHIFT
        if k == LATIN:
            after, token = _latin(values, i, end)
            masked = _among(_MASKS, token)
            if masked >= 0:
                token = _MASK_TOKENS[masked]
            if token != uint32(0):
                tokens[at] = token
                starts[at] = i
                ends[at] = after
                at += 1
            i = after
        elif k == DIGIT:
            after = i
            while after < end and values[after] >> CLASS_SHIFT == DIGIT:
                after += 1
            digits = after - i
            token = _LONG if digits >= LONG_FROM else _SHORT
            # 1,000.00 and 138 0000 0000 are one number.
            joined = (
                at > first
                and (tokens[at - 1] == _SHORT or tokens[at - 1] == _LONG)
                and i - ends[at - 1] <= 1
            )
            if joined:
                whole = digits + _digits_between(values, starts[at - 1], ends[at - 1])
                tokens[at - 1] = _LONG if whole >= LONG_FROM else _SHORT
                ends[at - 1] = after
            else:
                tokens[at] = token
                starts[at] = i
                ends[at] = after
                at += 1
            i = after
        else:
            i += 1
    return at


@njit(cache=True)
def _digits_between(values: Any, i: Any, end: Any) -> Any:
    n = 0
    while i < end:
        n += values[i] >> CLASS_SHIFT == DIGIT
        i += 1
    return n


@njit(inline="always")
def gram(before: Any, token: Any) -> Any:
    """rules.gram"""
    return mix(uint32(uint32(before * _SEED) ^ token))


@njit(cache=True)
def odd(values: Any, offsets: Any, marks: Any, pairs: Any, gapped: Any) -> Any:
    """Which texts must be undone before they are read: those with a hint (hints.py)."""
    n = len(offsets) - 1
    found = np.zeros(n, np.bool_)
    for i in range(n):
        found[i] = _has_hint(values, offsets[i], offsets[i + 1], marks, pairs, gapped)
    return found


@njit(inline="always")
def _in(sorted_pairs: Any, pair: Any) -> Any:
    at = np.searchsorted(sorted_pairs, pair)
    return at < len(sorted_pairs) and sorted_pairs[at] == pair


@njit(cache=True)
def _has_hint(values: Any, begin: Any, end: Any, marks: Any, pairs: Any, gapped: Any) -> Any:
    before, stood = uint32(0), begin
    run = numerals = 0
    for i in range(begin, end):
        v = values[i]
        k = v >> CLASS_SHIFT
        plain = v & _PLAIN
        mark = marks[plain & uint32(0xFFFF)]
        if k in (GONE, SEVERAL) or mark & SINGLE:
            return True
        if ALONE <= k <= DIGIT:
            if marks[before & uint32(0xFFFF)] & FIRST:
                pair = (uint64(before) << uint64(32)) | uint64(plain)
                if _in(pairs, pair) or (i - stood > 1 and _in(gapped, pair)):
                    return True
            before, stood = plain, i
            if k == DIGIT or mark & NUMERAL:
                run += 1
                numerals += mark & NUMERAL > 0
                # A telephone number spelled out: undo wants three numerals among seven digits.
                if run >= 7 and numerals >= 3:
                    return True
            else:
                run = numerals = 0
        elif (
            plain == _BRACKET
            and begin < i < end - 1
            and values[i - 1] >> CLASS_SHIFT == ALONE
            and values[i + 1] >> CLASS_SHIFT == LATIN
        ):
            return True
    return False


@njit(cache=True)
def log_odds(values: Any, offsets: Any, weights: Any, scale: Any, bias: Any) -> Any:
    """What model/weights.py says, without writing down the n-grams."""
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
            if j >= 3:
                total += weights[g2 & mask] + weights[g3 & mask] + weights[g4 & mask]
            elif j == 2:
                total += weights[g2 & mask] + weights[g3 & mask]
            elif j == 1:
                total += weights[g2 & mask]
        grams = 4 * have - 6 if have >= 3 else 2 * have - (have > 0)
        out[i] = bias + scale * total / np.sqrt(max(grams, 1))
    return out


@njit(cache=True)
def _hashes(tokens: Any, end: Any, out: Any, at: Any) -> Any:
    """Write the hashes of all n-grams of the first `end` tokens; returns the new `at`."""
    g1 = g2 = g3 = uint32(0)
    for i in range(end):
        t = tokens[i]
        g4 = gram(g3, t)
        g3 = gram(g2, t)
        g2 = gram(g1, t)
        g1 = t
        out[at] = mix(t)
        at += 1
        if i >= 1:
            out[at] = g2
            at += 1
        if i >= 2:
            out[at] = g3
            at += 1
        if i >= 3:
            out[at] = g4
            at += 1
    return at


@njit(cache=True)
def grams(values: Any, offsets: Any) -> Any:
    """(offsets, hashes) of the n-grams of many texts, whose code points stand in one array."""
    n = len(offsets) - 1
    tokens = np.empty(len(values) + 1, np.uint32)
    starts = np.empty(len(values) + 1, np.int64)
    ends = np.empty(len(values) + 1, np.int64)
    out = np.empty(4 * len(values) + 4, np.uint32)
    where = np.zeros(n + 1, np.int64)
    at = 0
    for i in range(n):
        have = read(values, offsets[i], offsets[i + 1], tokens, starts, ends, 0)
        at = _hashes(tokens, have, out, at)
        where[i + 1] = at
    return where, out[:at]
