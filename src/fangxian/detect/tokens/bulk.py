"""Many texts at once: from str or Arrow to code points to log-odds, with no Python per character.

Piece by piece, so that memory does not grow with the number of texts and all on the way stays near
the processor. Few texts need a second look (undone), and are collected for it.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..undo import said
from ..undo.folds import FOLDS
from .arrays import Ints
from .rules import Codes
from .seen import learn, seen, stand_ins

PIECE = 1000
# Longer texts are judged by their beginning and end: a message is never so long, and whoever pads
# one must not hide in the middle of it.
LONGEST = 20_000

Floats = NDArray[np.float32]
States = NDArray[np.uint8]


class Piece(NamedTuple):
    """Texts as code points, one behind the other: text i is `offsets[i]` to `offsets[i + 1]`."""

    codes: Codes
    offsets: Ints

    def text(self, i: int) -> str:
        """Text i."""
        own = self.codes[self.offsets[i] : self.offsets[i + 1]]
        return codecs.utf_32_le_decode(own.data, "surrogatepass")[0]


def shortened(text: str) -> str:
    """The part of a very long text that is judged."""
    if len(text) <= LONGEST:
        return text
    return text[: LONGEST // 2] + "\n" + text[-LONGEST // 2 :]


def code_points(texts: Sequence[str], shorten: bool = False) -> Piece:
    """Texts of one piece. Lone surrogates are code points like others. Raises TypeError for what is
    no str."""
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    if shorten and lengths.max(initial=0) > LONGEST:
        return code_points([shortened(text) for text in texts])
    offsets = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    # An array of one string is copied as it lies in memory; encoding looks at each character.
    codes = np.array("".join(texts)).reshape(1).view(np.uint32)[: offsets[-1]]
    return Piece(codes, offsets)


def pieces(texts: Any) -> Iterator[Piece]:
    """Any sequence of str, or an Arrow array of strings, piece by piece; None is an empty text."""
    if hasattr(texts, "chunks"):
        for chunk in texts.chunks:
            yield from pieces(chunk)
    elif hasattr(texts, "buffers"):
        for at in range(0, len(texts), PIECE):
            yield _decoded(texts[at : at + PIECE])
    else:
        rest = iter(texts)
        while piece := list(islice(rest, PIECE)):
            try:
                yield code_points(piece, shorten=True)
            except TypeError:
                yield code_points(["" if t is None else t for t in piece], shorten=True)


def _decoded(array: Any) -> Piece:
    """An Arrow array, from its own memory. Raises TypeError for one that holds no strings, ValueError
    for one whose strings are not UTF-8."""
    from .looking import decoded

    kind = str(array.type)
    if kind not in ("string", "large_string"):
        values = kind.removeprefix("dictionary<values=").split(",")[0]
        if values not in ("string", "large_string", "string_view", "null"):
            raise TypeError(f"expected an array of strings, got one of {kind}")
        array = array.cast("large_string")
    if array.null_count:
        array = array.fill_null("")
    _, raw, data = array.buffers()
    size = np.int32 if str(array.type) == "string" else np.int64
    offsets = np.frombuffer(raw, size)[array.offset : array.offset + len(array) + 1]
    octets = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
    sizes = np.diff(offsets)
    if sizes.min() >= 0 and sizes.max() <= LONGEST and offsets[-1] <= len(octets):
        codes, places, whole = decoded(octets, offsets.astype(np.int64))
        if whole:
            return Piece(codes, places)
    try:
        array.validate(full=True)
    except ValueError as wrong:
        raise ValueError(f"an Arrow array is not utf-8: {wrong}") from wrong
    return code_points([shortened(scalar.as_py()) for scalar in array])


def log_odds(texts: Any, weights: NDArray[np.int8], scale: float, bias: float) -> Floats:
    """Log-odds of each text, undone where that makes a difference. Needs numba."""
    from .looking import READ, TO_FOLD, TO_MEND

    judge = partial(_judged, weights=weights, scale=scale, bias=bias)
    found: list[Floats] = []
    # Texts that need more than the kernel, by their place. They are worked on at the end, together.
    mended: dict[int, str] = {}
    odd: dict[int, str] = {}
    count = 0
    for piece in pieces(texts):
        odds, states, spelled = judge(piece)
        for i in np.flatnonzero(states).tolist():
            odd[count + i] = text = piece.text(i)
            if states[i] == TO_FOLD:
                mended[count + i] = text.translate(FOLDS)
            elif states[i] == TO_MEND:
                mended[count + i] = _mended(text, *spelled[i].tolist())
        found.append(odds)
        count += len(odds)
    whole = np.concatenate(found) if found else np.zeros(0, np.float32)
    for places, own in _in_pieces(mended):
        whole[places], states, _ = judge(code_points(own))
        for i in np.flatnonzero(states == READ).tolist():
            del odd[places[i]]
    for places, own in _in_pieces(odd):
        whole[places], _, _ = judge(code_points([said(text) for text in own]), undone=True)
    return whole


def _mended(text: str, spelling: int, at: int) -> str:
    """The text with the word in place of the spelling that stands at a character."""
    _, sure, words = seen()
    return text[:at] + words[spelling] + text[at + int(sure.shape[spelling, 0]) :]


def _in_pieces(texts: dict[int, str]) -> Iterator[tuple[list[int], list[str]]]:
    rest = iter(texts.items())
    while piece := dict(islice(rest, PIECE)):
        yield list(piece), list(piece.values())


def _judged(
    piece: Piece, weights: NDArray[np.int8], scale: float, bias: float, undone: bool = False
) -> tuple[Floats, States, Ints]:
    from . import kernel

    values, states, spelled = _looked_at(piece, undone)
    odds = kernel.log_odds(values, piece.offsets, states, weights, scale, bias)
    return odds, states, spelled


def _looked_at(piece: Piece, undone: bool = False) -> tuple[Codes, States, Ints]:
    from .looking import UNKNOWN, look

    known, sure, _ = seen()
    found: tuple[Codes, States, Ints] = look(*piece, undone, known, *sure)
    if (found[1] == UNKNOWN).any():
        learn(piece.codes)
        found = look(*piece, undone, known, *sure)
    return found


def are_odd(texts: Sequence[str]) -> NDArray[np.bool_]:
    """Which texts must be undone before they are read. Needs numba."""
    piece = code_points(texts)
    states = _looked_at(piece)[1]
    # What seen.py looks up as another character is read as itself by others.
    stands_for = np.flatnonzero(np.isin(piece.codes, list(stand_ins())))
    states[np.searchsorted(piece.offsets, stands_for, "right") - 1] = 1
    return states > 0
