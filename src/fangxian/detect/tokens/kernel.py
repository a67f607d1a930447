"""Texts into tokens and n-grams, compiled: no Python per character.

The same rules as arrays.py, which needs no compiler; tests hold the two to the same answers.

Numba keeps compiled code by the content of the file in which a function stands, and would go on with
old rules from another. MADE_WITH, here and in looking.py and hashing.py, stands for the content of
those: a test says what it must be.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import int64, njit, uint32, uint64

from . import rules
from .hashing import places, stirred, total
from .looking import READ, among, kind
from .rules import DIGIT, DOT, LATIN, LONG_FROM, MARK

MADE_WITH = "3611b4177e4af2c7"

_PLAIN = np.uint32(rules.PLAIN)
_RUNS, _ALONE_SHIFT = np.uint32(rules.RUNS), np.uint32(rules.STANDS.bit_length() - 1)
_SEED, _STEP = np.uint32(rules.SEED), np.uint32(rules.STEP)
# Tokens and words are stirred (rules.mix) together when all are there, so here they are as before.
_SHORT, _LONG, _LINK = (
    np.uint32(rules.unmix(x)) for x in (rules.SHORT_NUMBER, rules.LONG_NUMBER, rules.LINK)
)
_SUFFIXES = np.array(sorted(rules.letters(s) for s in rules.SUFFIXES), np.uint32)
_MASKS = np.array([rules.letters(w) for w in rules.MASK_WORDS], np.uint32)
_MASK_TOKENS = np.array([rules.unmix(t) for t in rules.MASK_WORDS.values()], np.uint32)
_NOTHING = np.uint32(rules.unmix(0))
_HTTP, _HTTPS, _WWW = (np.uint32(rules.letters(w)) for w in ("http", "https", "www"))
_COLON, _SLASH, _HYPHEN = (np.uint32(ord(c)) for c in ":/-")
_BLOCK = 8192  # characters


@njit(inline="always")
def _word(values: Any, at: Any, end: Any) -> Any:
    """The word that begins at `at`: its end, and its letters as one number."""
    x = _SEED
    while at < end:
        v = values[uint64(at)]
        if kind(v) != LATIN:
            break
        x = uint32(x * _STEP + (v & _PLAIN))
        at += 1
    return at, x


@njit(cache=True)
def _link_in(values: Any, at: Any, end: Any) -> Any:
    """Where in the run of ASCII `at` to `end` a link begins, or -1."""
    begin = at  # of the name before the dot
    i = at
    while i < end:
        v = values[i]
        k = kind(v)
        if k == LATIN:
            after, token = _word(values, i, end)
            if token in (_HTTP, _HTTPS):
                if (
                    after + 2 < end
                    and (values[after] & _PLAIN) == _COLON
                    and (values[after + 1] & _PLAIN) == _SLASH
                ):
                    return i
            elif token == _WWW and after + 1 < end and kind(values[after]) == DOT:
                return i
            i = after
        elif k == DOT:
            if i > begin and i + 1 < end and kind(values[i + 1]) == LATIN:
                after, token = _word(values, i + 1, end)
                closed = after == end
                if not closed:
                    nk = kind(values[after])
                    closed = nk != DIGIT and (values[after] & _PLAIN) != _HYPHEN
                if closed and among(_SUFFIXES, token) >= 0:
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

    `values`: entries of the table, without GONE. `tokens` still are to be `stirred`. `starts`,
    `ends`: where each token stands in the text, or None. Places are unsigned: of others numba asks
    whether they count from the end.
    """
    first = at
    i = begin
    # Of a run of ASCII that may have a link: where it ends, where that begins, how far words reach.
    stop = words = begin
    link = int64(-1)
    digits = last = begin  # of the last token, where it is a number: how many, and its end
    while True:
        # Mostly Chinese: written whether it counts or not, which is cheaper than to guess wrong.
        while i < end:
            v = values[uint64(i)]
            if v & _RUNS:
                break
            tokens[uint64(at)] = uint32((v & _PLAIN) + _SEED)
            if starts is not None:
                starts[uint64(at)] = i
                ends[uint64(at)] = i + 1
            at += int64(uint32(v >> _ALONE_SHIFT) & uint32(1))
            i += 1
        if i >= end:
            return at
        k = kind(v)
        begin = i
        limit = words if i < stop else end
        token = _SEED
        i += 1
        if k == LATIN:
            token = uint32(token * _STEP + (v & _PLAIN))
            while i < limit:
                v = values[uint64(i)]
                if kind(v) != LATIN:
                    break
                token = uint32(token * _STEP + (v & _PLAIN))
                i += 1
        elif k == DIGIT:
            while i < limit and kind(values[uint64(i)]) == DIGIT:
                i += 1
        if begin >= stop and i < end:
            v = values[uint64(i)]
            if v & _RUNS or v & _PLAIN == _COLON:
                stop, link = _run(values, begin, end)
                words = stop if link < 0 else link
        if begin == link:
            i = stop
            token = _LINK
            digits = 0
        elif k == LATIN:
            for m in range(len(_MASKS)):
                if _MASKS[m] == token:
                    token = _MASK_TOKENS[m]
                    break
            digits = 0
            if token == _NOTHING:
                continue
        elif k == DIGIT:
            # 1,000.00 and 138 0000 0000 are one number.
            before = tokens[uint64(at - 1)] if at > first else _NOTHING
            if before in (_SHORT, _LONG) and begin - last <= 1:
                at -= 1
                digits += i - begin
                if starts is not None:
                    begin = starts[uint64(at)]
            else:
                digits = i - begin
            token = _LONG if digits >= LONG_FROM else _SHORT
        else:
            continue
        tokens[uint64(at)] = token
        if starts is not None:
            starts[uint64(at)] = begin
            ends[uint64(at)] = i
        at += 1
        last = i


@njit(cache=True)
def _run(values: Any, i: Any, end: Any) -> Any:
    """Where the run of ASCII that begins at `i` ends, and where a link begins in it, or -1."""
    stop = i
    while stop < end:
        k = kind(values[uint64(stop)])
        if uint32(k - uint32(LATIN)) > uint32(MARK - LATIN):
            break
        stop += 1
    return stop, _link_in(values, i, stop)


@njit(cache=True)
def log_odds(values: Any, offsets: Any, states: Any, weights: Any, scale: Any, bias: Any) -> Any:
    """What model/weights.py says of each text whose state is READ, without writing down the
    n-grams; 0 for others. `values`: entries of the table, of one text behind the other."""
    n = len(offsets) - 1
    room = _room(offsets)
    tokens = np.empty(room, np.uint32)
    h2 = np.empty(room, np.uint32)
    h3 = np.empty(room, np.uint32)
    h4 = np.empty(room, np.uint32)
    where = np.empty(n + 1, np.int64)
    odds = np.zeros(n, np.float32)
    first = 0
    while first < n:
        last = _block(offsets, first)
        at = 0
        for i in range(first, last):
            where[i] = at
            if states[i] == READ:
                at = read(values, offsets[i], offsets[i + 1], tokens, None, None, at)
        where[last] = at
        stirred(tokens, 0, at)
        places(tokens, at, h2, h3, h4)
        for i in range(first, last):
            at, have = where[i], where[i + 1] - where[i]
            if states[i] == READ:
                grams = 4 * have - 6 if have >= 3 else 2 * have - (have > 0)
                summed = total(tokens, h2, h3, h4, at, have, weights)
                odds[i] = bias + scale * summed / np.sqrt(max(grams, 1))
        first = last
    return odds


@njit(inline="always")
def _block(offsets: Any, first: Any) -> Any:
    """The end of the texts that are worked on together: so many that vectors are filled, and so few
    that all stays near the processor."""
    last = first + 1
    while last < len(offsets) - 1 and offsets[last + 1] - offsets[first] <= _BLOCK:
        last += 1
    return last


@njit(inline="always")
def _room(offsets: Any) -> Any:
    """What a block needs at most."""
    room = _BLOCK
    for i in range(len(offsets) - 1):
        room = max(room, offsets[i + 1] - offsets[i])
    return room + 1


@njit(cache=True)
def grams(values: Any, offsets: Any) -> Any:
    """(offsets, hashes) of the n-grams of many texts: those of rules.MOST_GRAMS."""
    n = len(offsets) - 1
    tokens = np.empty(len(values) + 1, np.uint32)
    h2, h3, h4 = np.empty_like(tokens), np.empty_like(tokens), np.empty_like(tokens)
    out = np.empty(4 * len(values) + 4, np.uint32)
    where = np.zeros(n + 1, np.int64)
    at = 0
    for i in range(n):
        have = read(values, offsets[i], offsets[i + 1], tokens, None, None, 0)
        stirred(tokens, 0, have)
        places(tokens, have, h2, h3, h4)
        size = have
        for hashes in (tokens, h2, h3, h4):
            for j in range(size):
                out[at + j] = hashes[j]
            at += max(size, 0)
            size -= 1
        where[i + 1] = at
    return where, out[:at]
