"""Hints: what every disguise shows in passing.

Undoing a text takes a tenth of a millisecond, and of honest messages few need it. A text without a
hint has the same tokens whether it was undone or not, so the fast path undoes only those that have
one.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..undo import NUMERALS, latin_words, odd_characters, odd_pairs, odd_spellings
from . import rules

SINGLE, FIRST, NUMERAL = 1, 2, 4


class Hints(NamedTuple):
    """`marks`: for the low 16 bits of a character whether it is a hint by itself (SINGLE), begins a
    pair that is one (FIRST), or is a numeral; other characters may share them, which only costs
    time. `pairs`: two letters next to each other, whatever marks stand between, sorted; `gapped`:
    the same with a mark between."""

    marks: NDArray[np.uint8]
    pairs: NDArray[np.uint64]
    gapped: NDArray[np.uint64]


@cache
def hints() -> Hints:
    """The hints of all spellings that undo knows."""
    marks = np.zeros(1 << 16, np.uint8)
    pairs = []
    for spelling, word in odd_spellings().items():
        letters = [c for c in spelling if is_letter(c)]
        if len(letters) < 2 or letters[0] != spelling[0]:
            # A mark that belongs to the spelling (+v) is lost between letters.
            lost = next((c for c in spelling if not is_letter(c)), spelling[0])
            marks[ord(lost) & 0xFFFF] |= SINGLE
        else:
            pairs.append(rarest(letters, word))
    for pair in odd_pairs():
        one, other = pair[0], pair[1]
        if is_letter(one) and is_letter(other):
            pairs.append((one, other))
        else:
            marks[ord(other if is_letter(one) else one) & 0xFFFF] |= SINGLE
    gapped = [(word[0], word[1]) for word in latin_words()]
    for one, _ in pairs + gapped:
        marks[ord(one) & 0xFFFF] |= FIRST
    for numeral in NUMERALS:
        marks[ord(numeral)] |= NUMERAL
    for strange in odd_characters():
        marks[ord(strange)] |= SINGLE
    return Hints(marks, _numbers(pairs), _numbers(gapped))


def _numbers(pairs: list[tuple[str, str]]) -> NDArray[np.uint64]:
    return np.array(sorted({ord(one) << 32 | ord(other) for one, other in pairs}), np.uint64)


@cache
def is_letter(char: str) -> bool:
    """Whether a folded character is part of a token."""
    return rules.class_of(char) in (rules.ALONE, rules.LATIN, rules.DIGIT)


def rarest(letters: list[str], word: str) -> tuple[str, str]:
    """Of the pairs of a spelling the one that honest texts have least: a Chinese character beside a
    Latin letter where there is one, and letters that the word itself has not."""

    def rare(pair: tuple[str, str]) -> tuple[bool, int]:
        return pair[0].isascii() != pair[1].isascii(), sum(c not in word for c in pair)

    return max(reversed(list(pairwise(letters))), key=rare)
