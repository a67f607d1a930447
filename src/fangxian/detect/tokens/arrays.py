"""Texts into tokens by NumPy alone: what kernel.py does, for machines without numba and for the few
texts for which starting it would take longer than reading them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import rules
from .rules import ALONE, CLASS_SHIFT, DIGIT, DOT, LATIN, LONG_FROM, LONG_NUMBER, MARK, SHORT_NUMBER

Ints = NDArray[np.int64]
Words = NDArray[np.uint32]

_SUFFIXES = np.array(sorted(rules.word(s) for s in rules.SUFFIXES), np.uint32)
_MASK_WORDS = np.array(sorted(rules.word(w) for w in rules.MASK_WORDS), np.uint32)
_MASK_TOKENS = np.array(
    [t for _, t in sorted((rules.word(w), t) for w, t in rules.MASK_WORDS.items())], np.uint32
)
_HTTP, _WWW = [rules.word("http"), rules.word("https")], rules.word("www")
_16, _15, _M1, _M2 = (np.uint32(x) for x in (16, 15, 0x7FEB352D, 0x846CA68B))
_STEP, _SEED = np.uint32(rules.STEP), np.uint32(rules.SEED)


class Tokens(NamedTuple):
    """The tokens of many texts: `ids`, where each stands in the code points, and `offsets`: text i
    has the tokens `offsets[i]` to `offsets[i + 1]`."""

    ids: Words
    starts: Ints
    ends: Ints
    offsets: Ints


class Grams(NamedTuple):
    """The hashes of the n-grams of many texts; those of text i are `offsets[i]` to
    `offsets[i + 1]`, in no order. The place in a table of 2^b entries is the low b bits."""

    offsets: Ints
    hashes: Words


def mix(x: Words) -> Words:
    """rules.mix"""
    x = x ^ x >> _16
    x *= _M1
    x ^= x >> _15
    x *= _M2
    x ^= x >> _16
    return x


def gram(before: Words, token: Words) -> Words:
    """rules.gram"""
    return mix(before * _SEED ^ token)


def read(values: rules.Codes, offsets: Ints) -> Tokens:
    """The tokens of texts that stand in one array: `values` are entries of the table, without GONE;
    text i is `offsets[i]` to `offsets[i + 1]`."""
    kinds = (values >> np.uint32(CLASS_SHIFT)).astype(np.int8)
    plain = values & rules.PLAIN
    fresh = np.zeros(len(values) + 1, bool)
    fresh[offsets] = True
    words = _runs(kinds == LATIN, fresh)
    numbers = _runs(kinds == DIGIT, fresh)
    ids = _words(plain, *words)
    links, in_link = _links(kinds, plain, fresh, words, ids)

    for mask, token in zip(_MASK_WORDS, _MASK_TOKENS, strict=True):
        if len(at := (ids == mask).nonzero()[0]):
            ids[at] = token

    alone = (kinds == ALONE).nonzero()[0]
    starts = np.concatenate([alone, words[0], numbers[0], links[0]])
    ends = np.concatenate([alone + 1, words[1], numbers[1], links[1]])
    tokens = np.concatenate(
        [
            mix(plain[alone] + _SEED),
            ids,
            np.full(len(numbers[0]), SHORT_NUMBER, np.uint32),
            np.full(len(links[0]), rules.LINK, np.uint32),
        ]
    )
    kept = tokens != 0
    if len(links[0]):
        kept &= ~in_link[starts]
        # A link itself stands where its letters do not count.
        kept[len(starts) - len(links[0]) :] = True
    order = kept.nonzero()[0]
    order = order[np.argsort(starts[order], kind="stable")]
    return _joined(kinds, offsets, tokens[order], starts[order], ends[order])


def _runs(member: NDArray[np.bool_], fresh: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Beginnings and ends of the runs of `member`, which no text shares with the next."""
    if not member.any():
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    first, last = fresh[:-1].copy(), fresh[1:].copy()
    first[1:] |= ~member[:-1]
    last[:-1] |= ~member[1:]
    return (member & first).nonzero()[0], (member & last).nonzero()[0] + 1


def _words(plain: Words, starts: Ints, ends: Ints) -> Words:
    """The token of each Latin word."""
    if not len(starts):
        return np.zeros(0, np.uint32)
    lengths = ends - starts
    powers = np.ones(int(lengths.max()) + 1, np.uint32)
    np.multiply.accumulate(np.full(len(powers) - 1, _STEP), out=powers[1:])
    where = np.repeat(starts - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths)
    at = np.arange(len(where)) + where
    left = np.repeat(ends, lengths) - at - 1
    summed = np.add.reduceat(plain[at] * powers[left], np.cumsum(lengths) - lengths)
    return mix((_SEED * powers[lengths] + summed.astype(np.uint32)).astype(np.uint32))


def _links(
    kinds: NDArray[np.int8],
    plain: Words,
    fresh: NDArray[np.bool_],
    words: tuple[Ints, Ints],
    ids: Words,
) -> tuple[tuple[Ints, Ints], NDArray[np.bool_]]:
    """Beginnings and ends of links, and which characters stand in one."""
    if not len(words[0]) or not ((kinds == DOT) | (plain == ord("/"))).any():
        return (words[0][:0], words[0][:0]), np.zeros(0, bool)
    runs = _runs((kinds >= LATIN) & (kinds <= MARK), fresh)
    starts, ends = words
    of = np.searchsorted(runs[0], starts, "right") - 1  # the run of each word
    run_end = runs[1][of]

    def at(position: Ints) -> Ints:
        """Positions that may lie behind the end of everything."""
        return np.minimum(position, len(kinds) - 1)

    scheme = ((ids == _HTTP[0]) | (ids == _HTTP[1])) & (ends + 2 < run_end)
    scheme &= (plain[at(ends)] == ord(":")) & (plain[at(ends + 1)] == ord("/"))
    www = (ids == _WWW) & (ends + 1 < run_end) & (kinds[at(ends)] == DOT)

    idx = np.arange(len(kinds))
    ended = (kinds == MARK) & (plain != ord("-"))
    names = np.where(ended, idx + 1, 0)
    names[runs[0]] = np.maximum(names[runs[0]], runs[0])
    names = np.maximum.accumulate(names)
    dot = starts - 1
    after_dot = (dot >= runs[0][of]) & (kinds[np.maximum(dot, 0)] == DOT)
    begin = names[np.maximum(dot, 0)]
    suffix = after_dot & (begin < dot) & np.isin(ids, _SUFFIXES)
    suffix &= (ends == run_end) | ((kinds[at(ends)] != DIGIT) & (plain[at(ends)] != ord("-")))
    found = np.flatnonzero(scheme | www | suffix)
    # The first of a run; it was met at its word, a suffix at the dot before it.
    met = np.where(scheme[found] | www[found], starts[found], dot[found])
    order = np.lexsort((met, of[found]))
    found = found[order]
    first = np.concatenate([[True], of[found][1:] != of[found][:-1]]) if len(found) else found > 0
    found = found[first]
    begins = np.where(scheme[found] | www[found], starts[found], begin[found])
    stops = run_end[found]
    edge = np.zeros(len(kinds) + 1, np.int32)
    np.add.at(edge, begins, 1)
    np.add.at(edge, stops, -1)
    return (begins, stops), np.cumsum(edge) > 0


def _joined(kinds: NDArray[np.int8], offsets: Ints, ids: Words, starts: Ints, ends: Ints) -> Tokens:
    """Numbers with one mark between them as one number, and which tokens are whose."""
    number = (ids == SHORT_NUMBER) | (ids == LONG_NUMBER)
    if not number.any():
        return Tokens(ids, starts, ends, np.searchsorted(starts, offsets))
    # What has digits joins the number before it; a mask does not.
    near = number[:-1] & (starts[1:] - ends[:-1] <= 1) & (ids[1:] != rules.LINK)
    joins = (near & (kinds[starts[1:]] == DIGIT)).nonzero()[0] + 1
    of = np.searchsorted(offsets, starts[joins], "right")
    joins = joins[of == np.searchsorted(offsets, starts[joins - 1], "right")]
    if len(joins):
        alone = np.ones(len(ids), bool)
        alone[joins] = False
        head = alone.nonzero()[0]
        ends = ends[np.append(head[1:], len(ids)) - 1]
        ids, starts, number = ids[head], starts[head], number[head]
    # A mask alone says which it is; what has digits is counted.
    which = number.nonzero()[0]
    digits = np.zeros(len(kinds) + 1, np.int64)
    np.cumsum(kinds == DIGIT, out=digits[1:])
    counted = digits[ends[which]] - digits[starts[which]]
    ids[which[counted > 0]] = SHORT_NUMBER
    ids[which[counted >= LONG_FROM]] = LONG_NUMBER
    return Tokens(ids, starts, ends, np.searchsorted(starts, offsets))


def grams(tokens: Tokens) -> Grams:
    """All n-grams of one to four tokens."""
    number = np.diff(tokens.offsets)
    have = np.arange(len(tokens.ids)) - np.repeat(tokens.offsets[:-1], number)
    text = np.repeat(np.arange(len(number)), number)
    hashes, whose = [mix(tokens.ids)], [text]
    before = tokens.ids
    for size in range(1, rules.MOST_GRAMS):
        before = gram(before[:-1], tokens.ids[size:])
        whole = have[size:] >= size
        hashes.append(before[whole])
        whose.append(text[size:][whole])
    order = np.argsort(np.concatenate(whose), kind="stable")
    found: Any = np.concatenate(hashes)[order]
    counts = sum(np.maximum(number - size, 0) for size in range(rules.MOST_GRAMS))
    return Grams(np.concatenate([[0], np.cumsum(counts)]), found)
