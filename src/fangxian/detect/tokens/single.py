"""One text into tokens, in plain Python: for a single message both the compiler and arrays cost more
than they save. The same rules as arrays.py; tests hold them to the same answers.
"""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np

from . import rules
from .arrays import Grams, Tokens, gram, mix
from .rules import LONG_FROM, STANDS

_PLAIN = int(rules.PLAIN)
# Stirred together when all are there; until then tokens are as before.
_SHORT, _LONG, _LINK, _NOTHING = (
    rules.unmix(x) for x in (rules.SHORT_NUMBER, rules.LONG_NUMBER, rules.LINK, 0)
)
_MASKS = {word: rules.unmix(token) for word, token in rules.MASK_WORDS.items()}
_RUN = re.compile("[!-~]+")
_PART = re.compile("[a-z]+|[0-9*]+")
_LINK_BEGINS = re.compile(
    rf"(?<![a-z])https?:/(?=.)|(?<![a-z])www\.(?=.)|\.(?:{'|'.join(rules.SUFFIXES)})(?![a-z0-9*-])"
)
_OF_A_NAME = "abcdefghijklmnopqrstuvwxyz0123456789*.-"


class _Alone(dict[str, int]):
    """Character -> the token that it is by itself, or 0; worked out when it is first met."""

    def __missing__(self, char: str) -> int:
        entry = rules.entry(ord(char))
        alone = ((entry & _PLAIN) + rules.SEED) & 0xFFFFFFFF if entry & STANDS else 0
        self[char] = alone
        return alone


_ALONE = _Alone()


def read(text: str) -> Tokens:
    """The tokens of a text that was undone."""
    tokens, starts, ends = _tokens(text)
    return Tokens(
        mix(np.array(tokens, np.uint32)),
        np.array(starts, np.int64),
        np.array(ends, np.int64),
        np.array([0, len(tokens)]),
    )


def _tokens(text: str) -> tuple[list[int], list[int], list[int]]:
    """Tokens, not stirred yet, and where they begin and end."""
    tokens: list[int] = []
    starts: list[int] = []
    ends: list[int] = []
    at = digits = 0  # digits: of the last token, where it is a number
    for begin, stop in [*(run.span() for run in _RUN.finditer(text)), (len(text), len(text))]:
        for i in range(at, begin):
            if token := _ALONE[text[i]]:
                tokens.append(token)
                starts.append(i)
                ends.append(i + 1)
        at = stop
        link = _link_in(text[begin:stop])
        words = stop if link < 0 else begin + link
        for part in _PART.finditer(text, begin, words):
            (first, last), letters = part.span(), part[0]
            if letters[0].isalpha():
                token, digits = _word(letters), 0
                if token == _NOTHING:
                    continue
            else:
                # 1,000.00 and 138 0000 0000 are one number.
                if tokens and tokens[-1] in (_SHORT, _LONG) and first - ends[-1] <= 1:
                    first = starts.pop()
                    del tokens[-1], ends[-1]
                else:
                    digits = 0
                digits += len(letters)
                token = _LONG if digits >= LONG_FROM else _SHORT
            tokens.append(token)
            starts.append(first)
            ends.append(last)
        if link >= 0:
            tokens.append(_LINK)
            starts.append(words)
            ends.append(stop)
    return tokens, starts, ends


@lru_cache(maxsize=4096)
def _word(letters: str) -> int:
    return _MASKS.get(letters, rules.letters(letters))


def _link_in(run: str) -> int:
    """Where in a run of ASCII a link begins, or -1."""
    if "." not in run and "/" not in run:
        return -1
    at = 0
    while found := _LINK_BEGINS.search(run, at):
        at = found.start()
        if run[at] != ".":
            return at
        begin = len(run[:at].rstrip(_OF_A_NAME))
        if begin < at:
            return begin
        at += 1
    return -1


def grams(text: str) -> Grams:
    """The n-grams of a text that was undone."""
    ids = mix(np.array(_tokens(text)[0], np.uint32))
    both = mix(np.concatenate([ids, ids[:-1] * _SEED ^ ids[1:]]))
    hashes, before = [both], both[len(ids) :]
    for size in range(2, min(rules.MOST_GRAMS, len(ids))):
        before = gram(before[:-1], ids[size:])
        hashes.append(before)
    found = np.concatenate(hashes)
    return Grams(np.array([0, len(found)]), found)


_SEED = np.uint32(rules.SEED)
