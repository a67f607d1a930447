"""Names made to be taken for a known one: 1cbc, icbc-vip, icbc.com.cn.ab.top, bimance."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Literal

from ..undo.folds import FOLDS
from .official import Owner, book
from .suffix import Parts

How = Literal["script", "domain_below", "brand_below", "drawn_alike", "ending", "with_words", "inside", "spelled_alike"]  # fmt: skip


@dataclass(frozen=True)
class Likeness:
    """How a name is like one of `owner`'s, and the `word` of theirs that it is like."""

    how: How
    word: str
    owner: Owner


# What is drawn alike in the fonts of a telephone.
_DRAWN = str.maketrans({"0": "o", "1": "l", "i": "l", "|": "l", "5": "s", "3": "e", "4": "a", "8": "b", "9": "g", "2": "z", "7": "t"})  # fmt: skip
_WHOLE_FROM = 4  # a brand of fewer letters stands in too many names to say anything
_INSIDE_FROM = 6
_ALIKE_FROM = 6
_TWO_SLIPS_FROM = 9


def drawn(name: str) -> str:
    """`name` as it looks at a glance: digits as the letters they resemble, rn as m, vv as w."""
    return name.translate(_DRAWN).replace("rn", "m").replace("vv", "w").replace("cl", "d")


def likeness_of(host: str, parts: Parts) -> Likeness | None:
    """What `host`, which is nobody's who is known, is made to be taken for; None if nothing."""
    latin = host.translate(FOLDS) if not host.isascii() else host
    if latin != host and latin.isascii():
        name = latin[: -len(parts.suffix) - 1].rpartition(".")[2]
        if name in book().watched:
            return Likeness("script", name, book().watched[name])
        found = _below(latin, parts) or _name(name)
        return Likeness("script", found.word, found.owner) if found else None
    return _below(host, parts) or _name(parts.name)


def _below(host: str, parts: Parts) -> Likeness | None:
    """icbc.com.cn.ab.top, icbc.ab.top, icbc-com-cn.ab.top."""
    if not parts.below:
        return None
    known = book()
    labels = re.split(r"[.-]", parts.below)
    for size in (3, 2):
        for at in range(len(labels) - size + 1):
            domain = ".".join(labels[at : at + size])
            if domain in known.owners:
                return Likeness("domain_below", domain, known.owners[domain])
    for label in labels:
        if label in known.watched and len(label) >= _WHOLE_FROM and label not in known.common:
            return Likeness("brand_below", label, known.watched[label])
    return None


def _name(name: str) -> Likeness | None:
    known = book()
    flat = name.replace("-", "")
    if not 2 < len(flat) < 64:
        return None
    words = _inner_words()
    if flat in words:
        return Likeness("ending", flat, known.watched[flat])
    if found := _with_words(name.split("-")):
        return Likeness("with_words", found, known.watched[found])
    for piece in dict.fromkeys((flat, *name.split("-"))):
        found = _drawn_words().get(drawn(piece))
        if found and found != piece and not piece.isdigit():
            return Likeness("drawn_alike", found, known.watched[found])
    if found := _inside(flat):
        return Likeness("inside", found, known.watched[found])
    if found := _spelled_alike(flat):
        return Likeness("spelled_alike", found, known.watched[found])
    return None


def _with_words(pieces: list[str]) -> str | None:
    """icbc-abc, apple-id: a brand among words; one that is a word itself only among lures."""
    watched, lures, words = book().watched, book().lures, _inner_words()
    for piece in pieces if len(pieces) > 1 else ():
        if piece in words:
            return piece
        if (
            piece in watched
            and piece not in lures
            and all(p == piece or p in lures for p in pieces)
        ):
            return piece
    return None


def _inside(flat: str) -> str | None:
    """A brand with lures about it (icbcvip, binancetrade), or anywhere if it is long."""
    begins, common, lures = _by_beginning(), book().common, book().lures
    for at in range(len(flat) - _WHOLE_FROM + 1):
        for word in begins.get(flat[at : at + _WHOLE_FROM], ()):
            end = at + len(word)
            if flat[at:end] != word or word == flat:
                continue
            before, after = flat[:at], flat[end:]
            if word.isdigit():
                if word not in common and not before[-1:].isdigit() and not after[:1].isdigit():
                    return word
            elif word not in common:
                if len(word) >= _INSIDE_FROM or (_is_lure(before) and _is_lure(after)):
                    return word
            elif {before, after} - {""} <= lures:
                return word
    return None


def _is_lure(side: str) -> bool:
    return not (bare := side.strip("0123456789")) or bare in book().lures


def _spelled_alike(flat: str) -> str | None:
    """The brand that is one letter more, less, other or swapped; of long names, two."""
    if not flat.isascii() or flat.isdigit() or len(flat) < _ALIKE_FROM - 1:
        return None
    # One slip leaves the beginning or the end of a name whole; of two, most do.
    for word in _by_edge().get(flat[:3], ()) + _by_edge().get(f"{flat[-3:]}$", ()):
        slips = 2 if min(len(word), len(flat)) >= _TWO_SLIPS_FROM else 1
        # Swindlers keep the first letter, by which a name is read.
        if (
            word[0] == flat[0]
            and abs(len(word) - len(flat)) <= slips
            and 0 < slips_between(flat, word) <= slips
        ):
            return word
    return None


def slips_between(a: str, b: str) -> int:
    """Letters put in, left out, changed or swapped with their neighbour to make `b` of `a`
    (optimal string alignment)."""
    rows = [list(range(len(b) + 1))]
    for i, letter in enumerate(a, 1):
        above, row = rows[-1], [i]
        for j, other in enumerate(b, 1):
            best = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == b[j - 2] and a[i - 2] == other:
                best = min(best, rows[-2][j - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]


@cache
def _by_edge() -> dict[str, tuple[str, ...]]:
    """Brands by their first three letters, and by their last three with $ behind."""
    edges: dict[str, tuple[str, ...]] = {}
    for word in sorted(_inner_words()):
        if len(word) >= _ALIKE_FROM and word.isalpha() and not word.startswith("china"):
            for edge in (word[:3], f"{word[-3:]}$"):
                edges[edge] = (*edges.get(edge, ()), word)
    return edges


@cache
def _inner_words() -> frozenset[str]:
    known = book()
    return frozenset(w for w in known.watched if len(w) >= _WHOLE_FROM and w not in known.common)


@cache
def _drawn_words() -> dict[str, str]:
    longer = (word for word in book().watched if len(word) >= _WHOLE_FROM and word.isalpha())
    return {drawn(word): word for word in sorted(longer)}


@cache
def _by_beginning() -> dict[str, tuple[str, ...]]:
    """Brands by their first letters, the longest first."""
    begins: dict[str, tuple[str, ...]] = {}
    for word in sorted(book().watched, key=len, reverse=True):
        if len(word) >= _WHOLE_FROM:
            begins[word[:_WHOLE_FROM]] = (*begins.get(word[:_WHOLE_FROM], ()), word)
    return begins


def scripts_of(label: str) -> frozenset[str]:
    """The scripts whose letters stand in `label`: LATIN, CYRILLIC, GREEK, CJK …"""
    return frozenset(
        unicodedata.name(c, "UNKNOWN").split(" ")[0].replace("-", " ").split(" ")[0]
        for c in label
        if c.isalpha()
    )
