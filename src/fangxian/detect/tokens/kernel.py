"""Texts into tokens and n-grams, compiled: one pass over code points, no Python per character.

The same rules as arrays.py, which needs no compiler; tests hold the two to the same answers. All
in one file: numba keeps compiled code by the age of the file in which it stands, and would go on
using an old version of a function from another.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import int32, int64, njit, uint32, uint64

from . import rules, seen
from .rules import ALONE, CLASS_SHIFT, DIGIT, DOT, GONE, LATIN, LONG_FROM, MARK, SEVERAL
from .seen import AFTER_LATIN, BEFORE_LATIN, FIRST_FOLLOWER, WITHOUT_GAP

# What is to be done with a text: read it; look up its characters first; fold it first, for some
# characters are none or several; undo it first.
READ, UNKNOWN, TO_FOLD, TO_UNDO = range(4)

_PLAIN = np.uint32(rules.PLAIN)
_RUNS, _ALONE_SHIFT = np.uint32(rules.RUNS), np.uint32(rules.STANDS.bit_length() - 1)
_SEED, _STEP = np.uint32(rules.SEED), np.uint32(rules.STEP)
_M1, _M2 = np.uint32(0x7FEB352D), np.uint32(0x846CA68B)
# Tokens and words are stirred (rules.mix) together when all are there, so here they are as before.
_SHORT, _LONG, _LINK = (
    np.uint32(rules.unmix(x)) for x in (rules.SHORT_NUMBER, rules.LONG_NUMBER, rules.LINK)
)
_SUFFIXES = np.array(sorted(rules.letters(s) for s in rules.SUFFIXES), np.uint32)
_MASKS = np.array([rules.letters(w) for w in rules.MASK_WORDS], np.uint32)
_MASK_TOKENS = np.array([rules.unmix(t) for t in rules.MASK_WORDS.values()], np.uint32)
_NOTHING = np.uint32(rules.unmix(0))
_HTTP, _HTTPS, _WWW = (np.uint32(rules.letters(w)) for w in ("http", "https", "www"))
_COLON, _SLASH, _HYPHEN, _BRACKET, _STAR = (np.uint32(ord(c)) for c in ":/-(*")
_FOLLOWERS = np.array([ord(c) for c in seen.FOLLOWERS], np.uint32)
_CLASS = np.uint32(15)
_SPELLS, _ASIDE, _ODD, _KNOWN = (
    np.uint32(bit) for bit in (seen.SPELLS, seen.ASIDE, seen.ODD, seen.KNOWN)
)
_SPELLS_SHIFT, _LETTER_SHIFT, _KNOWN_SHIFT = (
    np.uint32(bit.bit_length() - 1) for bit in (seen.SPELLS, seen.LETTER, seen.KNOWN)
)
# Of letters one behind the other: here something stood between. In the place of KNOWN.
_GAP = _KNOWN
_BLOCK = 8192  # code points


@njit(inline="always")
def kind(value: Any) -> Any:
    """The class of an entry of the table (rules.py)."""
    return uint32(value >> uint32(CLASS_SHIFT)) & _CLASS


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
                if closed and _among(_SUFFIXES, token) >= 0:
                    return begin
            i += 1
        elif k == MARK and (v & _PLAIN) != _HYPHEN:
            begin = i + 1
            i += 1
        else:
            i += 1
    return -1


@njit(inline="always")
def stirred(tokens: Any, begin: Any, end: Any) -> None:
    """Make tokens of what `read` wrote."""
    for j in range(end - begin):
        tokens[uint64(begin + j)] = mix(tokens[uint64(begin + j)])


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
            if (before == _SHORT or before == _LONG) and begin - last <= 1:
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


@njit(inline="always")
def gram(before: Any, token: Any) -> Any:
    """rules.gram"""
    return mix(uint32(uint32(before * _SEED) ^ token))


@njit(cache=True)
def decoded(octets: Any, offsets: Any) -> Any:
    """(code points, offsets) of texts in UTF-8; what is none becomes U+FFFD."""
    n = len(offsets) - 1
    codes = np.empty(offsets[n] - offsets[0], np.uint32)
    where = np.zeros(n + 1, np.int64)
    at = 0
    for i in range(n):
        p, end = offsets[i], offsets[i + 1]
        while p < end:
            left = end - p
            b = uint32(octets[uint64(p)])
            if b < 0x80:
                p += 1
            elif left > 2 and b & uint32(0xF0) == 0xE0:
                b = uint32((b & uint32(0x0F)) << uint32(12))
                b |= (octets[uint64(p + 1)] & uint32(0x3F)) << uint32(6)
                b |= octets[uint64(p + 2)] & uint32(0x3F)
                p += 3
            elif left > 1 and b & uint32(0xE0) == 0xC0:
                b = uint32((b & uint32(0x1F)) << uint32(6)) | (octets[uint64(p + 1)] & uint32(0x3F))
                p += 2
            elif left > 3 and b & uint32(0xF8) == 0xF0:
                b = uint32((b & uint32(0x07)) << uint32(18))
                b |= (octets[uint64(p + 1)] & uint32(0x3F)) << uint32(12)
                b |= (octets[uint64(p + 2)] & uint32(0x3F)) << uint32(6)
                b |= octets[uint64(p + 3)] & uint32(0x3F)
                b = b if b < 0x110000 else uint32(0xFFFD)
                p += 4
            else:
                b = uint32(0xFFFD)
                p += 1
            codes[uint64(at)] = b
            at += 1
        where[i + 1] = at
    return codes[:at], where


@njit(cache=True)
def log_odds(
    codes: Any,
    offsets: Any,
    known: Any,
    bits: Any,
    buckets: Any,
    spellings: Any,
    shape: Any,
    aside: Any,
    inside: Any,
    undone: Any,
    weights: Any,
    scale: Any,
    bias: Any,
) -> Any:
    """(log-odds of fraud, state) of each text: what model/weights.py says of it, without writing
    down the n-grams. Only where the state is READ the log-odds are those of the text.

    `codes`: code points of the texts, one text behind the other. `known` to `inside`: what
    seen.py knows; `undone`: the texts were undone, so that no disguise is looked for.
    """
    n = len(offsets) - 1
    room = _room(offsets)
    values = np.empty(room, np.uint32)
    tokens = np.empty(room, np.uint32)
    letters = np.empty(room, np.uint32)
    h3 = np.empty(room, np.uint32)
    h4 = np.empty(room, np.uint32)
    where = np.empty(n + 1, np.int64)
    odds = np.zeros(n, np.float32)
    states = np.zeros(n, np.uint8)
    first = 0
    while first < n:
        last = _block(offsets, first)
        base = offsets[first]
        for j in range(offsets[last] - base):
            values[j] = known[codes[uint64(base + j)]]
        _states(
            values, letters, offsets, first, last, bits, buckets, spellings, shape, aside, inside,
            undone, where, states,
        )  # fmt: skip
        at = 0
        for i in range(first, last):
            where[i] = at
            if states[i] == READ:
                begin, end = offsets[i] - base, offsets[i + 1] - base
                at = read(values, begin, end, tokens, None, None, at)
        where[last] = at
        stirred(tokens, 0, at)
        # The letters are not needed any more: their place is that of the pairs.
        _hash(tokens, at, letters, h3, h4)
        for i in range(first, last):
            at, have = where[i], where[i + 1] - where[i]
            total = _total(tokens, letters, h3, h4, at, have, weights)
            grams = 4 * have - 6 if have >= 3 else 2 * have - (have > 0)
            odds[i] = bias + scale * total / np.sqrt(max(grams, 1))
        first = last
    return odds, states


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


@njit(inline="always")
def _hash(tokens: Any, n: Any, h2: Any, h3: Any, h4: Any) -> Any:
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
def _total(h1: Any, h2: Any, h3: Any, h4: Any, at: Any, have: Any, weights: Any) -> Any:
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


@njit(cache=True)
def states(
    codes: Any,
    offsets: Any,
    known: Any,
    bits: Any,
    buckets: Any,
    spellings: Any,
    shape: Any,
    aside: Any,
    inside: Any,
) -> Any:
    """The states of texts alone: which must be undone before they are read."""
    n = len(offsets) - 1
    values = known[codes]
    letters = np.empty(len(codes) + 1, np.uint32)
    where = np.empty(n + 1, np.int64)
    found = np.zeros(n, np.uint8)
    _states(
        values, letters, offsets, 0, n, bits, buckets, spellings, shape, aside, inside,
        False, where, found,
    )  # fmt: skip
    return found


@njit(inline="always")
def _states(
    values: Any,
    letters: Any,
    offsets: Any,
    first: Any,
    last: Any,
    bits: Any,
    buckets: Any,
    spellings: Any,
    shape: Any,
    aside: Any,
    inside: Any,
    undone: Any,
    where: Any,
    states: Any,
) -> Any:
    """Write whether the texts `first` to `last` can be read as they stand. `letters` and `where`
    are for use in between: the letters of text i are `where[i]` to `where[i + 1]`."""
    n = uint64(0)
    base = offsets[first]
    for i in range(first, last):
        where[i] = n
        begin, end = offsets[i] - base, offsets[i + 1] - base
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
        elif undone:
            states[i] = READ
        elif some & _ODD:
            states[i] = TO_UNDO
            for j in range(begin, end):
                if kind(values[uint64(j)]) in (GONE, SEVERAL):
                    states[i] = TO_FOLD
        elif some & _ASIDE and _beside(values[begin:end], end - begin, aside, inside):
            states[i] = TO_UNDO
        else:
            begin = n
            gap = uint32(0)
            for j in range(offsets[i] - base, end):
                v = values[uint64(j)]
                letter = uint32(uint32(v >> _LETTER_SHIFT) & uint32(1))
                letters[n] = v ^ gap
                n += uint64(letter)
                # KNOWN is gone from what stands next to the letter before it.
                gap = uint32(letter << _KNOWN_SHIFT)
            # A telephone number spelled out: undo wants three numerals among seven digits.
            if numerals >= 3 and _spelled_number(letters[begin:n], n - begin):
                states[i] = TO_UNDO
    where[last] = n
    if undone:
        return
    for i in range(first, last):
        hinted = uint32(0)
        for j in range(where[i], where[i + 1] - 1):
            h = pair_hash(letters[uint64(j)], letters[uint64(j + 1)])
            hinted = uint32(hinted | uint32(bits[h >> uint32(5)] >> uint32(h & uint32(31))))
        if hinted & uint32(1):
            own = letters[where[i] : where[i + 1]]
            if _any_spelled(own, len(own), bits, buckets, spellings, shape):
                states[i] = TO_UNDO


@njit(inline="always")
def pair_hash(one: Any, other: Any) -> Any:
    """seen.pair_hash"""
    one = uint32(uint32(one & _PLAIN) * _SEED)
    return uint32(uint32(one + uint32(uint32(other & _PLAIN) * _M1)) >> uint32(12))


@njit(cache=True)
def _spelled_number(letters: Any, n: Any) -> Any:
    run = numerals = 0
    for j in range(n):
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
def _any_spelled(letters: Any, n: Any, bits: Any, buckets: Any, spellings: Any, shape: Any) -> Any:
    """Whether there is a whole spelling."""
    for j in range(n - 1):
        h = pair_hash(letters[j], letters[j + 1])
        if bits[h >> uint32(5)] >> uint32(h & uint32(31)) & uint32(1):
            if _spelled(letters, n, j, h >> uint32(8), buckets, spellings, shape):
                return True
    return False


@njit(inline="always")
def _spelled(
    letters: Any, n: Any, j: Any, bucket: Any, buckets: Any, spellings: Any, shape: Any
) -> Any:
    """Whether letters `j` and `j` + 1 are part of a whole spelling."""
    for s in range(buckets[bucket], buckets[bucket + uint32(1)]):
        length, at, barred = shape[s, 0], shape[s, 1], shape[s, 2]
        begin = j - at
        end = begin + length
        if begin < 0 or end > n:
            continue
        same = 0
        gaps = uint32(0)
        while same < length and letters[begin + same] & _PLAIN == spellings[s, same]:
            gaps |= letters[begin + same] & _GAP if same else uint32(0)
            same += 1
        if same == length and not _barred(letters, n, begin, end, gaps, barred):
            return True
    return False


@njit(cache=True)
def _barred(letters: Any, n: Any, begin: Any, end: Any, gaps: Any, barred: Any) -> Any:
    if barred & WITHOUT_GAP and not gaps:
        return True
    if barred & AFTER_LATIN and begin and not letters[begin] & _GAP:
        if kind(letters[begin - 1]) == LATIN:
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
    return _among(sorted_pairs, uint64(one & _PLAIN) << uint64(32) | uint64(other & _PLAIN)) >= 0


@njit(cache=True)
def _beside(values: Any, n: Any, aside: Any, inside: Any) -> Any:
    """Whether some mark is a disguise for what stands beside it."""
    for i in range(n):
        v = values[i]
        if not v & _ASIDE:
            continue
        if v & _PLAIN == _BRACKET:
            if 0 < i < n - 1 and kind(values[i - 1]) == ALONE:
                if kind(values[i + 1]) == LATIN:
                    return True
        elif v & _PLAIN == _STAR:
            # Of one or two marks this is one.
            for left in range(max(i - 2, 0), i):
                for right in range(i + 1, min(left + 4, n)):
                    if _in(inside, values[left], values[right]):
                        return True
        elif i and _in(aside, values[i - 1], v):
            return True
        elif i < n - 1 and _in(aside, v, values[i + 1]):
            return True
    return False


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
    out = np.empty(4 * len(values) + 4, np.uint32)
    where = np.zeros(n + 1, np.int64)
    at = 0
    for i in range(n):
        have = read(values, offsets[i], offsets[i + 1], tokens, None, None, 0)
        stirred(tokens, 0, have)
        at = _hashes(tokens, have, out, at)
        where[i + 1] = at
    return where, out[:at]
