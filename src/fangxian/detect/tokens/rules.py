"""What a character is to the model, and how tokens and n-grams are numbered.

A token is a Chinese character, a Latin word, a number (short or long), or a link: what a masked
text and the original have in common. Spaces and marks are no tokens: a word taken apart by them
reads the same. N-grams of one to four tokens are hashed to 32 bits.

The rules are used twice, compiled (kernel.py) and by NumPy alone (arrays.py).
"""

from __future__ import annotations

import unicodedata
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ..undo.folds import FOLDS

Codes = NDArray[np.uint32]

# Classes of characters, in the high byte of the table; 0: never met. GONE is not seen at all,
# SEVERAL stands for several characters (both are gone when a text was undone), BREAK ends a word.
GONE, BREAK, ALONE, LATIN, DIGIT, DOT, MARK, SEVERAL = range(1, 9)
PLAIN = np.uint32((1 << 21) - 1)
CLASS_SHIFT = 24
# Beside the class: what a word, a number or a link may begin with, and what is a token by itself.
RUNS, STANDS = 1 << 21, 1 << 22

MOST_GRAMS = 4
SEED = 0x9E3779B1
STEP = 0x01000193

# Tokens of no single spelling.
SHORT_NUMBER, LONG_NUMBER, LINK = 0x11111111, 0x22222222, 0x33333333
# A number of more digits than an amount or a code has: of a telephone, a card, an order.
LONG_FROM = 7
# Shared data is often masked: a mask counts as what it stands for, or not at all.
MASK_WORDS = {"digit": SHORT_NUMBER, "cellphone": LONG_NUMBER, "url": LINK, "name": 0, "place": 0}
# Enough to tell an address from a full stop without a space; the public suffix list is in links/.
SUFFIXES = ["com", "cn", "net", "org", "top", "xyz", "vip", "cc", "info", "biz", "club", "shop", "site", "online", "me", "io", "app", "live", "co", "hk", "tw", "uk", "us", "ru", "tk", "ml", "ga", "cf", "gq", "ly", "gl", "gd", "to", "pw", "icu", "link", "work", "store", "fun", "ltd", "wang", "tech", "asia", "mobi", "tv", "im", "la", "pro", "win", "bid", "edu", "gov", "mil", "test", "example", "invalid", "cloud", "space", "website", "press", "host", "group", "life", "world", "today", "in", "at", "sg", "jp", "kr", "my", "th", "vn", "ph", "id", "au", "ca", "de", "fr", "nz", "eu", "xin", "ren", "art", "kim", "pub", "red", "loan", "men", "date", "download"]  # fmt: skip


def look_up(codes: Codes) -> Codes:
    """For every code point its class and plain form. Characters are worked out when first met."""
    known = _table()
    found = known[codes]
    if len(found) and not found.min():
        for point in np.unique(codes[found == 0]).tolist():
            known[point] = entry(point)
        found = known[codes]
    return found


@cache
def _table() -> Codes:
    return np.zeros(0x110000, np.uint32)


def entry(point: int) -> int:
    """Class and plain form of one character."""
    plain = FOLDS[point]
    if not plain:
        return GONE << CLASS_SHIFT
    if len(plain) > 1:
        return SEVERAL << CLASS_SHIFT
    kind = class_of(plain)
    begins = kind in (LATIN, DIGIT, DOT) or plain == "-"
    return kind << CLASS_SHIFT | begins * RUNS | (kind == ALONE) * STANDS | ord(plain)


def class_of(plain: str) -> int:
    """The class of a folded character."""
    if "a" <= plain <= "z":
        return LATIN
    if (plain.isdigit() and plain.isascii()) or plain == "*":
        # 138****0000 is a number, and so is a *** that stands for one.
        return DIGIT
    if plain == ".":
        return DOT
    if "!" <= plain <= "~":
        return MARK
    return ALONE if unicodedata.category(plain) in _ALONE else BREAK


_ALONE = {"Lo", "Ll", "Lu", "Lt", "Lm", "Nl", "No"}


def mix(x: int) -> int:
    """32 bits well stirred (the finaliser `lowbias32`, found by search: C. Wellons, 2018)."""
    x &= 0xFFFFFFFF
    x ^= x >> 16
    x = x * 0x7FEB352D & 0xFFFFFFFF
    x ^= x >> 15
    x = x * 0x846CA68B & 0xFFFFFFFF
    return x ^ x >> 16


def unmix(x: int) -> int:
    """What becomes `x` when mixed."""
    x ^= x >> 16
    x = x * pow(0x846CA68B, -1, 1 << 32) & 0xFFFFFFFF
    x ^= x >> 15 ^ x >> 30
    x = x * pow(0x7FEB352D, -1, 1 << 32) & 0xFFFFFFFF
    return x ^ x >> 16


def letters(of_word: str) -> int:
    """A Latin word, in small letters, as a number."""
    x = SEED
    for letter in of_word:
        x = (x * STEP + ord(letter)) & 0xFFFFFFFF
    return x


def word(of_letters: str) -> int:
    """The token of a Latin word, in small letters."""
    return mix(letters(of_letters))


def gram(before: int, token: int) -> int:
    """The n-gram that `before`, one token shorter, becomes with `token` behind it."""
    return mix(before * SEED ^ token)
