"""From texts to n-grams: undone, looked up in the table, read by the kernel or by NumPy alone."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cache
from types import ModuleType
from typing import NamedTuple

import numpy as np

from ..undo import Undone, said, undo
from . import arrays, rules, single
from .arrays import Grams, Ints, Tokens, Words
from .bulk import are_odd

# Starting the compiler takes longer than reading so many texts without it.
_FEW = 200


class Batch(NamedTuple):
    """Many texts as entries of the table, one behind the other: text i is `offsets[i]` to
    `offsets[i + 1]`."""

    values: rules.Codes
    offsets: Ints


class Reading(NamedTuple):
    """One text as the model sees it: what it says, its tokens and where each stands in that."""

    undone: Undone
    ids: Words
    starts: Ints
    ends: Ints


def batch(texts: Sequence[str]) -> Batch:
    """The texts looked up, undone where that makes a difference."""
    kernel = compiled(len(texts))
    if kernel is None:
        return looked_up([said(text) for text in texts])
    plain = list(texts)
    for i in np.flatnonzero(are_odd(plain)).tolist():
        plain[i] = said(plain[i])
    return looked_up(plain)


def looked_up(plain: Sequence[str]) -> Batch:
    """Texts as they are, each character looked up."""
    offsets = np.zeros(len(plain) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, plain), np.int64, len(plain)), out=offsets[1:])
    codes = np.frombuffer("".join(plain).encode("utf-32-le", "surrogatepass"), np.uint32)
    return Batch(rules.look_up(codes), offsets)


def grams(texts: Batch) -> Grams:
    """The n-grams of one to four tokens."""
    kernel = compiled(len(texts.offsets) - 1)
    if kernel is None:
        return arrays.grams(arrays.read(*texts))
    return Grams(*kernel.grams(*texts))


def grams_of_one(text: str) -> Grams:
    """The n-grams of one text."""
    return single.grams(said(text))


def read_one(text: str) -> Reading:
    """One text, with the way back to what was written."""
    undone = undo(text)
    tokens: Tokens = single.read(undone.text)
    return Reading(undone, tokens.ids, tokens.starts, tokens.ends)


def compiled(texts: int) -> ModuleType | None:
    """The kernel, where numba is installed and worth starting for so many texts."""
    if texts < _FEW and "fangxian.detect.tokens.kernel" not in sys.modules:
        return None
    return _kernel()


@cache
def _kernel() -> ModuleType | None:
    try:
        from . import kernel
    except ImportError:
        return None
    return kernel
