"""What a registered name is like, in numbers: the same for training and for use.

Three sorts: how it is shaped (length, digits, vowels, pinyin), which English words it is made of,
and which pieces of three to six characters it has in common with names that were reported and with
common ones.
"""

from __future__ import annotations

import itertools
import math
import re
import zlib
from collections.abc import Collection

from ..undo.syllables import SYLLABLES

SIZES = (3, 4, 5, 6)  # characters of a piece; the ends of a name count as ^ and $
LONGEST = 63  # characters of a name (RFC 1035); more are not looked at
HASH_MASK = 0xFFFFFF
UNSEEN = -128  # in place of a piece's log-odds, in sixteenths
_SCALE = 16

_DIGITS, _CONSONANTS, _VOWELS = re.compile("[0-9]+"), re.compile("[b-df-hj-np-tv-z]+"), re.compile("[aeiou]+")  # fmt: skip
_LETTERS = re.compile("[a-z]+")


def shape(name: str) -> list[float]:
    """Length, digits, vowels, runs, repetition, entropy, pinyin of `name` (not empty)."""
    length = len(name)
    digits, consonants, vowels = (p.findall(name) for p in (_DIGITS, _CONSONANTS, _VOWELS))
    n_digits, n_cons, n_vowels = (sum(map(len, found)) for found in (digits, consonants, vowels))
    letters = max(1, n_cons + n_vowels)
    counts = [name.count(c) for c in set(name)]
    covered, syllables = pinyin(name)
    return [
        length,
        n_digits,
        n_digits / length,
        max(map(len, digits), default=0),
        len(digits),
        name[0].isdigit(),
        name[-1].isdigit(),
        name.count("-"),
        n_vowels / letters,
        max(map(len, consonants), default=0),
        max(map(len, vowels), default=0),
        n_cons / max(1, len(consonants)),
        -sum(n / length * math.log2(n / length) for n in counts),
        len(counts) / length,
        sum(a == b for a, b in itertools.pairwise(name)),
        covered / letters,
        syllables,
        letters - covered,
        sum(map(name.count, "qxzjvkw")) / letters,
        (len(consonants) + len(vowels)) / length,
    ]


def pinyin(name: str) -> tuple[int, int]:
    """How many characters of `name` can be read as pinyin syllables of two letters or more, and as
    how few syllables."""
    best = [(0, 0)]
    for end in range(1, len(name) + 1):
        top = best[-1]
        for size in range(2, min(6, end) + 1):
            if name[end - size : end] in SYLLABLES:
                covered, minus = best[end - size]
                top = max(top, (covered + size, minus - 1))
        best.append(top)
    return best[-1][0], -best[-1][1]


def word_shape(name: str, words: Collection[int]) -> list[float]:
    """How `name` is made of English words: what share, how many, the longest, what is left over
    before and behind. `words` holds `piece_hash` of each, of three letters or more."""
    raw = name.encode("ascii", "replace")
    length = len(raw)
    best, cut = [0], [0]
    for end in range(1, length + 1):
        top, at = best[-1], 0
        for size in range(3, min(13, end) + 1):
            if zlib.crc32(raw[end - size : end]) & HASH_MASK in words:
                worth = best[end - size] + size * size
                if worth > top:
                    top, at = worth, size
        best.append(top)
        cut.append(at)
    ends, sizes, end = [], [], length
    while end > 0:
        if cut[end]:
            ends.append(end)
            sizes.append(cut[end])
        end -= cut[end] or 1
    covered = sum(sizes)
    return [
        covered / length,
        len(sizes),
        max(sizes, default=0),
        length - (ends[0] if ends else 0),
        ends[-1] - sizes[-1] if ends else length,
        length - covered,
    ]


def piece_hash(piece: str) -> int:
    """24 bits that stand for a piece or a word: of 200,000 pieces one in eighty shares them."""
    return zlib.crc32(piece.encode("utf-8", "replace")) & HASH_MASK


def pieces(name: str) -> list[list[int]]:
    """The hashes of the pieces of `name` for each of SIZES, in the order they stand."""
    raw = f"^{name}$".encode("ascii", "replace")
    crc = zlib.crc32
    return [[crc(raw[i : i + k]) & HASH_MASK for i in range(len(raw) - k + 1)] for k in SIZES]


def piece_shape(odds: list[list[int]]) -> list[float]:
    """What is known of the pieces: `odds[s]` holds their log-odds in sixteenths, UNSEEN for none."""
    told: list[float] = []
    for row in odds:
        seen = [value / _SCALE for value in row if value != UNSEEN]
        total = sum(seen)
        told += (
            total,
            total / max(1, len(row)),
            max(seen, default=0.0),
            min(seen, default=0.0),
            1 - len(seen) / max(1, len(row)),
            row[-1] / _SCALE if row and row[-1] != UNSEEN else 0.0,
            row[0] / _SCALE if row and row[0] != UNSEEN else 0.0,
        )
    return told
