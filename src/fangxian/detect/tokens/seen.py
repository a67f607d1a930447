"""What the kernel knows of a character and of its neighbours: the table it looks texts up in, and
the spellings that make sure of a hint.

A hint (hints.py) is a pair of letters, and of five texts with one four show nothing when undone. The
kernel therefore compares the whole spelling before it sends a text to be undone. What it cannot
explain it sends there: that only costs time.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..undo import latin_words, odd_spellings, said
from . import rules
from .hints import NUMERAL, SINGLE, Hints, hints, is_letter, rarest

# Marks in an entry, beside the plain form and the class that rules.py put there. SPELLS: a numeral; ASIDE: its neighbours
# say whether it is a disguise; ODD: it is one; LETTER: part of a token; KNOWN: looked up.
SPELLS, ASIDE, ODD, LETTER, KNOWN = (1 << b for b in (23, 28, 29, 30, 31))
# What keeps a spelling from being one: a Latin letter before it or behind it, or one of these.
AFTER_LATIN, BEFORE_LATIN, WITHOUT_GAP = 1, 2, 4
FOLLOWERS = "信薇亻"
FIRST_FOLLOWER = 8
BUCKETS = 4096
OTHER = 0x7FEB352D  # beside rules.SEED, of the hash of a pair
LONGEST_SPELLING = 16


class Sure(NamedTuple):
    """Spellings by a hash of the pair of letters that hints at each. `bits`: for which hashes there
    are any, 32 in a word; those of bucket b are `buckets[b]` to `buckets[b + 1]`. `letters`: one a row, zeros behind; `shape`: how many letters,
    which of them begins the pair, what keeps it from being one, whether it is known what it is for. `aside`: a mark and a character
    next to it that are one together; `inside`: letters that a * between them takes apart; both
    as first << 32 | second, sorted."""

    bits: NDArray[np.uint32]
    buckets: NDArray[np.int32]
    letters: NDArray[np.uint32]
    shape: NDArray[np.int64]
    aside: NDArray[np.uint64]
    inside: NDArray[np.uint64]


class Seen(NamedTuple):
    """The table by code point, worked out for the characters that were met, and what goes with it."""

    entries: rules.Codes
    sure: Sure
    words: list[str]


@cache
def seen() -> Seen:
    """The one table there is."""
    return Seen(np.zeros(0x110000, np.uint32), *_sure())


def learn(codes: rules.Codes) -> None:
    """Work out the characters that were not met before."""
    entries = seen().entries
    points = np.unique(codes[entries[codes] == 0])
    # A character that always stands for another one is looked up as that.
    plain = np.array([stand_ins().get(p, p) for p in points.tolist()], np.uint32)
    marks = np.array([_marks(p) for p in plain.tolist()], np.uint32)
    marks[plain != points] |= np.uint32(ASIDE)
    entries[points] = rules.look_up(plain) | marks


def pair_hash(one: str, other: str) -> int:
    """17 bits of two letters: the upper twelve are the bucket of the spellings they hint at."""
    return ((ord(one) * rules.SEED + ord(other) * OTHER) & 0xFFFFFFFF) >> 15


def _marks(point: int) -> int:
    entry = int(rules.look_up(np.array([point], np.uint32))[0])
    plain, kind = entry & int(rules.PLAIN), entry >> rules.CLASS_SHIFT
    if kind in (rules.GONE, rules.SEVERAL):
        return KNOWN | ODD
    hinted = int(hints().marks[plain & 0xFFFF])
    marks = KNOWN
    if rules.ALONE <= kind <= rules.DIGIT:
        marks |= LETTER
    if hinted & SINGLE:
        marks |= ASIDE if plain in _marks_of_spellings() else ODD
    if chr(plain) in "(*":
        marks |= ASIDE
    if hinted & NUMERAL:
        marks |= SPELLS
    return marks


@cache
def stand_ins() -> dict[int, int]:
    """Characters that by themselves are a spelling of another one: ➕ is 加."""
    spellings = odd_spellings()
    return {
        ord(odd): ord(word)
        for odd, word in spellings.items()
        if len(odd) == len(word) == 1 and sum(odd in other for other in spellings) == 1
    }


def _number(one: str, other: str) -> int:
    return ord(one) << 32 | ord(other)


def _by_marks() -> tuple[list[str], list[str]]:
    """The spellings that letters hint at, and those that a mark does."""
    letters, marks = [], []
    for spelling in odd_spellings():
        own = [c for c in spelling if is_letter(c)]
        (marks if len(own) < 2 or own[0] != spelling[0] else letters).append(spelling)
    return letters, marks


@cache
def _marks_of_spellings() -> frozenset[int]:
    """Marks that are a disguise beside one of some characters only."""
    alone, beside = set(), set()
    for spelling in _by_marks()[1]:
        lost = next((c for c in spelling if not is_letter(c)), spelling[0])
        (beside if len(spelling) > 1 else alone).add(ord(lost))
    return frozenset(beside - alone)


def _sure() -> tuple[Sure, list[str]]:
    """The spellings, and the word that each stands for, or ""."""
    known: Hints = hints()
    spelled: list[tuple[int, list[str], tuple[str, str], int, str]] = []

    def add(letters: list[str], pair: tuple[str, str], barred: int, word: str = "") -> None:
        at = list(pairwise(letters)).index(pair)
        row = letters[max(at + 2 - LONGEST_SPELLING, 0) :][:LONGEST_SPELLING]
        if len(row) < len(letters):
            barred &= WITHOUT_GAP
        spelled.append((pair_hash(*pair), row, pair, barred, word if row == letters else ""))

    for spelling in _by_marks()[0]:
        letters = [c for c in spelling if is_letter(c)]
        word = odd_spellings()[spelling]
        # Marks in it are no letters, so that nobody knows then how long it is.
        plain = word if len(letters) == len(spelling) else ""
        add(letters, rarest(letters, word), _barred(spelling), plain)
    explained = {_number(*pair) for _, _, pair, *_ in spelled}
    for word in latin_words():
        add(list(word), (word[0], word[1]), WITHOUT_GAP)
    explained_gaps = {_number(w[0], w[1]) for w in latin_words()}
    for pairs, own, barred in (
        (known.pairs, explained, 0),
        (known.gapped, explained_gaps, WITHOUT_GAP),
    ):
        for pair in set(pairs.tolist()) - own:
            two = (chr(pair >> 32), chr(pair & 0xFFFFFFFF))
            add([*two], two, barred)
    spelled.sort()
    letters = np.zeros((len(spelled), LONGEST_SPELLING), np.uint32)
    for i, (_, row, *_) in enumerate(spelled):
        letters[i, : len(row)] = [ord(c) for c in row]
    shape = [
        (len(row), list(pairwise(row)).index(pair), bars, bool(word))
        for _, row, pair, bars, word in spelled
    ]
    aside = {
        _number(*pair)
        for s in _by_marks()[1]
        for pair in pairwise(s)
        if not all(map(is_letter, pair))
    }
    words = {*odd_spellings().values(), *latin_words()}
    inside = {_number(*pair) for word in words for pair in pairwise(word)}
    bits = np.zeros(1 << 17, np.uint32)
    bits[[h for h, *_ in spelled]] = 1
    sure = Sure(
        np.bitwise_or.reduce(bits.reshape(-1, 32) << np.arange(32, dtype=np.uint32), axis=1),
        np.searchsorted([h >> 5 for h, *_ in spelled], np.arange(BUCKETS + 1)).astype(np.int32),
        letters,
        np.array(shape, np.int64),
        np.array(sorted(aside), np.uint64),
        np.array(sorted(inside), np.uint64),
    )
    return sure, [word for *_, word in spelled]


def _barred(spelling: str) -> int:
    """What beside it keeps `undo` from reading a spelling as another word."""

    def stays(text: str) -> bool:
        # In a text without Chinese nothing is undone.
        text = f"中\n{text}\n"
        return said(text) == text

    barred = AFTER_LATIN if all(stays(c + spelling) for c in "aqz") else 0
    barred |= BEFORE_LATIN if all(stays(spelling + c) for c in "aqz") else 0
    for i, follower in enumerate(FOLLOWERS):
        if stays(spelling + follower):
            barred |= FIRST_FOLLOWER << i
    return barred
