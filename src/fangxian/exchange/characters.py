"""The same character written in several ways: full-width digits, exotic spaces and dashes.

Lists typed in Chinese input methods mix `１２０` with `120`, `（` with `(`, and carry zero-width
marks from web pages. Everything that reads a cell compares it in the plain form given here;
the cell itself is kept as it was written.
"""

from __future__ import annotations

import re

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_SPACES = dict.fromkeys(map(ord, "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"), " ")
_SPACES |= dict.fromkeys(map(ord, "\u2008\u2009\u200a\u202f\u205f\u3000"), " ")
_MARKS = dict.fromkeys(
    map(ord, "\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2060\ufeff")
)
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u30fc\ufe63"), "-")
_FULL_LETTERS = {c: n for c, n in _FULL_WIDTH.items() if chr(n).isalnum()}
_TIDY: dict[int, int | str | None] = {**_FULL_LETTERS, **_SPACES, **_MARKS}
_PLAIN: dict[int, int | str | None] = {**_FULL_WIDTH, **_SPACES, **_MARKS, **_DASHES}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# Most cells hold none of the characters above; looking for one is faster than translating.
_TO_PLAIN = re.compile("[" + re.escape("".join(map(chr, _PLAIN))) + "]")


def plain(text: str) -> str:
    """`text` with full-width ASCII, exotic spaces and dashes in their ASCII form, marks dropped.

    `＋８６　１２０` -> `+86 120`. Chinese characters and Chinese marks without an ASCII twin
    (、 。) stay.
    """
    if text.isascii() or not _TO_PLAIN.search(text):
        return text
    return text.translate(_PLAIN)


def one_line(text: str) -> str:
    """`plain` with every run of white space, line breaks too, as one space; none at the ends."""
    return " ".join(plain(text).split())


def tidy(text: str) -> str:
    """`text` to keep: as written, but digits and letters half-width, and single spaces.

    Chinese punctuation stays Chinese, which `plain` would turn into ASCII.
    """
    if not text.isascii() and _TO_PLAIN.search(text):
        text = text.translate(_TIDY)
    return " ".join(text.split())


def without_control(text: str) -> str:
    """`text` without control characters other than tab and line breaks."""
    return _CONTROL.sub("", text)


def has_lone_surrogate(text: str) -> bool:
    """Whether `text` cannot be encoded: half of a pair, left by a broken copy or a bad decoder."""
    return any("\ud800" <= c <= "\udfff" for c in text) if not text.isascii() else False
