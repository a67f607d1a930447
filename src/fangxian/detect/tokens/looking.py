"""Looking texts up, compiled: from UTF-8 or code points to entries of the table, and which texts must
be undone before they are read. What it knows is in seen.py. For changes see kernel.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, uint32, uint64

from . import rules, seen
from .rules import ALONE, CLASS_SHIFT, DIGIT, GONE, LATIN, SEVERAL
from .seen import AFTER_LATIN, BEFORE_LATIN, FIRST_FOLLOWER, WITH_MARK, WITHOUT_GAP

# What is to be done with a text: read it; look up its characters first; fold it first, for some
# characters are none or several; put the word in place of its one odd spelling first; undo it first.
READ, UNKNOWN, TO_FOLD, TO_MEND, TO_UNDO = range(5)

MADE_WITH = "78fc0b055ccf1b1c"

_PLAIN, _SEED = np.uint32(rules.PLAIN), np.uint32(rules.SEED)
_OTHER = np.uint32(seen.OTHER)
_BRACKET, _STAR = (np.uint32(ord(c)) for c in "(*")
_FOLLOWERS = np.array([ord(c) for c in seen.FOLLOWERS], np.uint32)
_CLASS = np.uint32(15)
_SPELLS, _ASIDE, _ODD, _LETTER, _KNOWN = (
    np.uint32(bit) for bit in (seen.SPELLS, seen.ASIDE, seen.ODD, seen.LETTER, seen.KNOWN)
)
_SPELLS_SHIFT, _LETTER_SHIFT, _KNOWN_SHIFT = (
    np.uint32(bit.bit_length() - 1) for bit in (seen.SPELLS, seen.LETTER, seen.KNOWN)
)
# Of letters one behind the other: here something stood between, and more than spaces. In the places
# of KNOWN and of ODD, which no letter here is.
_GAP, _MARK = _KNOWN, _ODD
_SPACE = np.uint32(ord(" "))


@njit(inline="always")
def kind(value: Any) -> Any:
    """The class of an entry of the table (rules.py)."""
    return uint32(value >> uint32(CLASS_SHIFT)) & _CLASS


@njit(inline="always")
def among(sorted_words: Any, x: Any) -> Any:
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
def decoded(octets: Any, offsets: Any) -> Any:
    """(code points, offsets, whether that was all UTF-8) of texts in UTF-8."""
    n = len(offsets) - 1
    codes = np.empty(offsets[n] - offsets[0], np.uint32)
    where = np.zeros(n + 1, np.int64)
    at = 0
    wrong = False
    for i in range(n):
        p, end = offsets[i], offsets[i + 1]
        while p < end:
            left = end - p
            b = uint32(octets[uint64(p)])
            if b < 0x80:
                p += 1
            elif left > 2 and b & uint32(0xF0) == 0xE0:
                c, d = uint32(octets[uint64(p + 1)]), uint32(octets[uint64(p + 2)])
                wrong |= (c & d & uint32(0xC0)) != 0x80 or (c | d) & uint32(0x40) != 0
                b = uint32((b & uint32(0x0F)) << uint32(12) | (c & uint32(0x3F)) << uint32(6))
                b |= d & uint32(0x3F)
                wrong |= b < 0x800 or 0xD800 <= b < 0xE000
                p += 3
            elif left > 1 and b & uint32(0xE0) == 0xC0:
                c = uint32(octets[uint64(p + 1)])
                b = uint32((b & uint32(0x1F)) << uint32(6) | (c & uint32(0x3F)))
                wrong |= c & uint32(0xC0) != 0x80 or b < 0x80
                p += 2
            elif left > 3 and b & uint32(0xF8) == 0xF0:
                b &= uint32(0x07)
                for k in range(1, 4):
                    c = uint32(octets[uint64(p + k)])
                    wrong |= c & uint32(0xC0) != 0x80
                    b = uint32(b << uint32(6) | (c & uint32(0x3F)))
                wrong |= b < 0x10000 or b > 0x10FFFF
                b = min(b, uint32(0x10FFFF))
                p += 4
            else:
                wrong = True
                p += 1
            codes[uint64(at)] = b
            at += 1
        where[i + 1] = at
    return codes[:at], where, not wrong


@njit(cache=True)
def look(
    codes: Any, offsets: Any, undone: Any, known: Any, bits: Any, buckets: Any, spellings: Any,
    shape: Any, aside: Any, inside: Any,
) -> Any:  # fmt: skip
    """(entries of the table, state of each text, and of those to be mended which spelling stands at
    which character). `codes`: code points of the texts, one text behind the other; `undone`: they
    were undone, so that no disguise is looked for; `known` to `inside`: what seen.py knows."""
    n = len(offsets) - 1
    odd = np.zeros((n, 2), np.int64)
    values = np.empty(len(codes), np.uint32)
    for j in range(len(codes)):
        values[j] = known[codes[j]]
    states = np.zeros(n, np.uint8)
    if undone:
        for i in range(n):
            for j in range(offsets[i], offsets[i + 1]):
                if not values[uint64(j)] & _KNOWN:
                    states[i] = UNKNOWN
        return values, states, odd
    letters = np.empty(len(codes) + 1, np.uint32)
    where = np.empty(n + 1, np.int64)
    at = uint64(0)
    for i in range(n):
        where[i] = at
        begin, end = offsets[i], offsets[i + 1]
        # Of two numbers of 32 bits numba makes one of 64, of which half as many go into a vector.
        every = _KNOWN
        some = numerals = uint32(0)
        for j in range(begin, end):
            v = values[uint64(j)]
            every = uint32(every & v)
            some = uint32(some | v)
            numerals = uint32(numerals + uint32(uint32(v >> _SPELLS_SHIFT) & uint32(1)))
        if not every & _KNOWN:
            states[i] = UNKNOWN
        elif some & _ODD:
            states[i] = TO_UNDO
            for j in range(begin, end):
                if kind(values[uint64(j)]) in (GONE, SEVERAL):
                    states[i] = TO_FOLD
        elif some & _ASIDE and _beside(values[begin:end], end - begin, aside, inside):
            states[i] = TO_UNDO
        else:
            at = _letters(values, begin, end, letters, at)
            # A telephone number spelled out: undo wants three numerals among seven digits.
            if numerals >= 3 and _spelled_number(letters[where[i] : at]):
                states[i] = TO_UNDO
    where[n] = at
    # Not before all letters are written: those just written cannot be read as vectors yet.
    for i in range(n):
        hinted = uint32(0)
        for j in range(where[i], where[i + 1] - 1):
            h = pair_hash(letters[uint64(j)], letters[uint64(j + 1)])
            hinted = uint32(hinted | uint32(bits[h >> uint32(5)] >> uint32(h & uint32(31))))
        if hinted & uint32(1):
            own = letters[where[i] : where[i + 1]]
            number, s, at = _spelled(own, len(own), bits, buckets, spellings, shape)
            if number:
                one = number == 1 and states[i] == READ and shape[s, 3]
                states[i] = TO_MEND if one else TO_UNDO
                odd[i] = s, _character(values[offsets[i] : offsets[i + 1]], at) if one else 0
    return values, states, odd


@njit(inline="always")
def _character(values: Any, letter: Any) -> Any:
    """Where in a text its letter number `letter` stands."""
    at = 0
    while letter or not values[at] & _LETTER:
        letter -= values[at] & _LETTER != 0
        at += 1
    return at


@njit(inline="always")
def _letters(values: Any, begin: Any, end: Any, letters: Any, at: Any) -> Any:
    """Write the letters alone behind the `at` that are there; returns how many there are then."""
    gap = mark = uint32(0)
    for j in range(begin, end):
        v = values[uint64(j)]
        letter = uint32(uint32(v >> _LETTER_SHIFT) & uint32(1))
        letters[at] = uint32(v ^ gap) | mark
        at += uint64(letter)
        # KNOWN is gone from what stands next to the letter before it.
        gap = uint32(letter << _KNOWN_SHIFT)
        mark = (
            uint32(0) if letter else uint32(mark | (_MARK if v & _PLAIN != _SPACE else uint32(0)))
        )
    return at


@njit(inline="always")
def pair_hash(one: Any, other: Any) -> Any:
    """seen.pair_hash"""
    one = uint32(uint32(one & _PLAIN) * _SEED)
    return uint32(uint32(one + uint32(uint32(other & _PLAIN) * _OTHER)) >> uint32(12))


@njit(cache=True)
def _spelled_number(letters: Any) -> Any:
    run = numerals = 0
    for j in range(len(letters)):
        v = letters[j]
        if kind(v) == DIGIT or v & _SPELLS:
            run += 1
            numerals += v & _SPELLS != 0
            if run >= 7 and numerals >= 3:
                return True
        else:
            run = numerals = 0
    return False


@njit(cache=True)
def _spelled(letters: Any, n: Any, bits: Any, buckets: Any, spellings: Any, shape: Any) -> Any:
    """How many whole spellings there are, and of the last which it is and at which letter. Two also
    where there is one that marks stand in or next to, on which it may depend."""
    number = which = where = 0
    for j in range(n - 1):
        h = pair_hash(letters[j], letters[j + 1])
        if not bits[h >> uint32(5)] >> uint32(h & uint32(31)) & uint32(1):
            continue
        bucket = h >> uint32(8)
        for s in range(buckets[bucket], buckets[bucket + uint32(1)]):
            length, begin, bars = shape[s, 0], j - shape[s, 1], shape[s, 2]
            end = begin + length
            if begin < 0 or end > n:
                continue
            same = 0
            gaps = uint32(0)
            while same < length and letters[begin + same] & _PLAIN == spellings[s, same]:
                gaps |= letters[begin + same] & (_GAP | _MARK) if same else uint32(0)
                same += 1
            if same < length or _barred(letters, n, begin, end, gaps, bars):
                continue
            # What follows may come next to it, where both are Chinese.
            if bars >= FIRST_FOLLOWER and end < n and kind(letters[end - 1]) != LATIN:
                gaps |= letters[end] & _GAP
            number += 2 if gaps else 1
            which, where = s, begin
    if number == 1:
        # In a text without Chinese nothing is undone.
        number = 2
        for j in range(n):
            if letters[j] & _PLAIN > 127:
                number = 1
    return number, which, where


@njit(cache=True)
def _barred(letters: Any, n: Any, begin: Any, end: Any, gaps: Any, barred: Any) -> Any:
    if barred & WITHOUT_GAP and not gaps:
        return True
    if barred & WITH_MARK and gaps & _MARK:
        return True
    next_to = begin and not letters[begin] & _GAP
    if next_to and barred & AFTER_LATIN and kind(letters[begin - 1]) == LATIN:
        return True
    if end < n and not letters[end] & _GAP:
        if barred & BEFORE_LATIN and kind(letters[end]) == LATIN:
            return True
        for k in range(len(_FOLLOWERS)):
            if barred & (FIRST_FOLLOWER << k) and letters[end] & _PLAIN == _FOLLOWERS[k]:
                return True
    return False


@njit(inline="always")
def _in(sorted_pairs: Any, one: Any, other: Any) -> Any:
    return among(sorted_pairs, uint64(one & _PLAIN) << uint64(32) | uint64(other & _PLAIN)) >= 0


@njit(cache=True)
def _beside(values: Any, n: Any, aside: Any, inside: Any) -> Any:
    """Whether some mark is a disguise for what stands beside it."""
    for i in range(n):
        v = values[i]
        if not v & _ASIDE:
            continue
        if v & _PLAIN == _BRACKET:
            within = 0 < i < n - 1
            if within and kind(values[i - 1]) == ALONE and kind(values[i + 1]) == LATIN:
                return True
        elif v & _PLAIN == _STAR or kind(v) == ALONE:
            # A mark that is read as a letter: between those of a word it is a mark. Of one or two.
            for left in range(max(i - 2, 0), i):
                for right in range(i + 1, min(left + 4, n)):
                    if _in(inside, values[left], values[right]):
                        return True
        elif (i and _in(aside, values[i - 1], v)) or (i < n - 1 and _in(aside, v, values[i + 1])):
            return True
    return False
