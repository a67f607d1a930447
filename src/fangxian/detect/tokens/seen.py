"""What the kernel knows of a character and of its neighbours: the table it looks texts up in, and
the spellings that make sure of a hint.

A hint (hints.py) is a pair of letters, and of five texts with one four show nothing when undone. The
kernel therefore compares the whole spelling before it sends a text to be undone. What it cannot
explain it sends there: that only costs time.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..undo import latin_words, odd_pairs, odd_spellings, said
from ..undo.guarded import sounds
from . import rules
from .hints import NUMERAL, SINGLE, hints, is_letter, rarest

# Marks in an entry, beside the plain form and the class that rules.py put there. SPELLS: a numeral; ASIDE: its neighbours
# say whether it is a disguise; ODD: it is one; LETTER: part of a token; KNOWN: looked up.
SPELLS, ASIDE, ODD, LETTER, KNOWN = (1 << b for b in (23, 28, 29, 30, 31))
# What keeps a spelling from being one: a Latin letter before it or behind it, no mark in it, a mark
# in it that is no space, or one of these behind it.
AFTER_LATIN, BEFORE_LATIN, WITHOUT_GAP, WITH_MARK = 1, 2, 4, 8
FOLLOWERS = "信薇亻"
FIRST_FOLLOWER = 16
# Letters from the commonest in English to the rarest: pairs of rare ones are a better hint.
_BY_RARITY = "etaoinshrdlcumwfgypbvkjxqz"
BUCKETS = 4096
OTHER = 0x7204E52D  # beside rules.SEED, of the hash of a pair: commonest pairs are few of its hits
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
    """20 bits of two letters: the upper twelve are the bucket of the spellings they hint at."""
    return ((ord(one) * rules.SEED + ord(other) * OTHER) & 0xFFFFFFFF) >> 12


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
    letters: list[str] = []
    marks: list[str] = []
    for spelling in odd_spellings():
        own = [c for c in spelling if is_letter(c)]
        (marks if len(own) < 2 or own[0] != spelling[0] else letters).append(spelling)
    return letters, marks


@cache
def _marks_of_spellings() -> frozenset[int]:
    """Marks that are a disguise beside one of some characters only."""
    alone: set[int] = set()
    beside: set[int] = set()
    for spelling in _by_marks()[1]:
        lost = next((c for c in spelling if not is_letter(c)), spelling[0])
        (beside if len(spelling) > 1 else alone).add(ord(lost))
    return frozenset(beside - alone)


class _Spelling(NamedTuple):
    """A spelling by its letters; `hint`: two of them, one behind the other, that hints.py knows;
    `word`: what it stands for, "" where it is not known where in a text it begins and ends."""

    letters: tuple[str, ...]
    hint: tuple[str, str]
    barred: int
    word: str = ""

    @property
    def pair(self) -> tuple[str, str]:
        """The two by which it is looked for."""
        if not all("a" <= c <= "z" for c in self.letters):
            return self.hint
        return max(pairwise(self.letters), key=lambda p: sum(map(_BY_RARITY.index, p)))

    @property
    def at(self) -> int:
        """Which of the letters begins the pair."""
        return list(pairwise(self.letters)).index(self.pair)


def _spellings() -> list[_Spelling]:
    """Those of `undo`, and all other pairs that are hints."""
    found = []
    for spelling in _by_marks()[0]:
        letters = tuple(c for c in spelling if is_letter(c))
        word = odd_spellings()[spelling]
        pair = rarest(list(letters), word)
        barred, alone = _tried(spelling)
        mended = word if alone and len(letters) == len(spelling) <= LONGEST_SPELLING else ""
        found.append(_Spelling(letters, pair, barred, mended))
    gapped = [_Spelling(tuple(w), (w[0], w[1]), WITHOUT_GAP) for w in latin_words()]
    # Nothing but spaces is taken out between letters, or else both are of these.
    joined = {*sounds(), *(a + b for w in latin_words() for a, b in pairwise(w))}
    for pairs, own in ((hints().pairs, found), (hints().gapped, gapped)):
        # A pair that is a disguise by itself needs no more than its two letters.
        explained = {_number(*spelling.hint) for spelling in own}
        explained -= {_number(*pair) for pair in odd_pairs()}
        for pair in sorted(set(pairs.tolist()) - explained):
            two = (chr(pair >> 32), chr(pair & 0xFFFFFFFF))
            own.append(_Spelling(two, two, WITHOUT_GAP if own is gapped else 0))
    whole = [
        s._replace(barred=s.barred | WITH_MARK)
        if joined.isdisjoint(a + b for a, b in pairwise(s.letters))
        else s
        for s in map(_cut, found + gapped)
    ]
    return sorted(whole, key=lambda s: pair_hash(*s.pair))


def _cut(spelling: _Spelling) -> _Spelling:
    """Of one that is too long the part around the pair, which is a hint still."""
    if len(spelling.letters) <= LONGEST_SPELLING:
        return spelling
    first = max(list(pairwise(spelling.letters)).index(spelling.hint) + 2 - LONGEST_SPELLING, 0)
    part = spelling.letters[first:][:LONGEST_SPELLING]
    return _Spelling(part, spelling.hint, spelling.barred & WITHOUT_GAP)


def _sure() -> tuple[Sure, list[str]]:
    """The spellings, and the word that each stands for, or ""."""
    spellings = _spellings()
    hashes = [pair_hash(*spelling.pair) for spelling in spellings]
    bits = np.zeros(1 << 20, np.uint32)
    bits[hashes] = 1
    letters = np.zeros((len(spellings), LONGEST_SPELLING), np.uint32)
    for i, spelling in enumerate(spellings):
        letters[i, : len(spelling.letters)] = [ord(c) for c in spelling.letters]
    marked = (*_by_marks()[1], *odd_pairs())
    beside = (pair for spelling in marked for pair in pairwise(spelling))
    words = {*odd_spellings().values(), *latin_words()}
    sure = Sure(
        np.bitwise_or.reduce(bits.reshape(-1, 32) << np.arange(32, dtype=np.uint32), axis=1),
        np.searchsorted([h >> 8 for h in hashes], np.arange(BUCKETS + 1)).astype(np.int32),
        letters,
        np.array([(len(s.letters), s.at, s.barred, bool(s.word)) for s in spellings], np.int64),
        _numbers(pair for pair in beside if not all(map(is_letter, pair))),
        _numbers(pair for word in words for pair in pairwise(word)),
    )
    return sure, [spelling.word for spelling in spellings]


def _numbers(pairs: Iterable[tuple[str, str]]) -> NDArray[np.uint64]:
    return np.array(sorted({_number(*pair) for pair in pairs}), np.uint64)


def _tried(spelling: str) -> tuple[int, bool]:
    """What beside it keeps `undo` from reading a spelling as another word, and whether nothing else
    does: tried out, so that it is known in one place only."""
    latin, marks = "aqz", "./@:_-0 *"
    beside = [(c, "") for c in latin + marks] + [("", c) for c in latin + marks + FOLLOWERS]
    # Each a line, for no disguise goes from line to line; and with Chinese, else nothing is undone.
    lines = "\n".join(f"{before}{spelling}{after}" for before, after in beside) + "\n中"
    plain = said(lines).split("\n")
    stays = {b: one == two for b, one, two in zip(beside, lines.split("\n"), plain, strict=False)}
    # Another spelling may go on with some letter: one that stays tells that all would.
    barred = AFTER_LATIN if any(stays[c, ""] for c in latin) else 0
    barred |= BEFORE_LATIN if any(stays["", c] for c in latin) else 0
    for i, follower in enumerate(FOLLOWERS):
        if stays["", follower]:
            barred |= FIRST_FOLLOWER << i
    return barred, not any(stays[c, ""] or stays["", c] for c in marks)
