"""Rows of a file judged piece by piece, so that memory does not grow with the file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ..checking import Many, check_many
from ..kinds import Words
from .opening import UnreadableFile

# A piece ends at so many rows or characters, whichever comes first.
PIECE, PIECE_CHARACTERS = 20_000, 16_000_000
ADDED = ("fraud_probability", "fraud_flagged", "fraud_grade")
# What a column of texts is called where nobody said so: the first of these that is there.
_USUAL = ("text", "短信内容", "消息内容", "内容", "正文", "文本", "短信", "消息",
          "message", "content", "sms", "body")  # fmt: skip
_SHOWN, _SHOWN_CHARACTERS = 8, 20

Row = TypeVar("Row")
Say = Callable[[int], None]


@dataclass
class Counted:
    """How many rows were written, how many are flagged, and what the reader should know of how the
    file was read."""

    rows: int = 0
    flagged: int = 0
    notes: list[Words] = field(default_factory=list)


def judged(
    rows: Iterable[tuple[Row, str, int]], counted: Counted, say: Say
) -> Iterator[tuple[Row, tuple[Any, ...]]]:
    """Each row with its verdict columns. A row comes with its text and its length in characters."""
    kept: list[Row] = []
    texts: list[str] = []
    characters = 0
    for row, text, length in rows:
        kept.append(row)
        texts.append(text)
        characters += length
        if len(kept) >= PIECE or characters >= PIECE_CHARACTERS:
            yield from zip(kept, _columns(check_many(texts), counted, say), strict=True)
            kept, texts, characters = [], [], 0
    if kept:
        yield from zip(kept, _columns(check_many(texts), counted, say), strict=True)


def _columns(found: Many, counted: Counted, say: Say) -> Iterator[tuple[Any, ...]]:
    counted.rows += len(found.flagged)
    counted.flagged += int(found.flagged.sum())
    say(len(found.flagged))
    probabilities = [round(p, 4) for p in found.probability.tolist()]
    flags = found.flagged.astype(int).tolist()
    yield from zip(probabilities, flags, found.grade.tolist(), strict=True)


def place_of(names: Sequence[str], column: str | None) -> int | None:
    """Where the column stands, or the usual one where none is named; None if it is not there."""
    plain = [name.strip().casefold() for name in names]
    for wanted in _USUAL if column is None else (column,):
        if wanted in names:
            return names.index(wanted)
        if wanted.strip().casefold() in plain:
            return plain.index(wanted.strip().casefold())
    return None


def refuse_checked(names: Iterable[str], where: str) -> None:
    """Verdicts of an earlier run are not written over."""
    there = sorted(set(ADDED).intersection(names))
    if there:
        raise UnreadableFile(
            f"{where} already has {', '.join(there)}: it was checked before. "
            "Take the file it was made from, or rename the column"
        )


def listed(names: Sequence[str]) -> str:
    """Some names for a sentence, each cut to a length that can be read."""
    short = [n if len(n) <= _SHOWN_CHARACTERS else n[:_SHOWN_CHARACTERS] + "…" for n in names]
    return ", ".join(short[:_SHOWN]) + (", …" if len(short) > _SHOWN else "")
