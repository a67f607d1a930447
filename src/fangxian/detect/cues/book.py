"""The book of cues, and finding them in a text that was undone.

Words are written shortly: `转{账,钱}` is 转账 and 转钱; `{,再}转` is 转 and 再转. A longer word wins
over a shorter one that begins at the same place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from ..kinds import Words
from ..kinds.words import read_yaml, words
from ..undo import said

# What a cue is told by when two begin at the same place and are as long: the first file wins.
_FILES = ("asks", "promises", "happened", "who", "about", "safety")


@dataclass(frozen=True)
class Cue:
    """`says`: the sentence for a resident. `calm`: it speaks against fraud where it counts at all."""

    key: str
    says: Words
    calm: bool


class Hit(NamedTuple):
    """A cue, and where it stands in the text that was searched."""

    cue: Cue
    start: int
    end: int


def cues_in(text: str) -> list[Hit]:
    """The cues of an undone text, in order, not overlapping."""
    known, longest = _words()
    found: list[Hit] = []
    at = 0
    while at < len(text):
        for length in range(min(longest.get(text[at], 0), len(text) - at), 0, -1):
            cue = known.get(text[at : at + length])
            if cue and _whole(text, at, at + length):
                found.append(Hit(cue, at, at + length))
                at += length
                break
        else:
            at += 1
    return found


def _whole(text: str, start: int, end: int) -> bool:
    """Whether Latin letters do not go on ("bet" is not in "better"), nor the digits of a number
    (12345 is not in 12001234567, nor 5% in 15%); in 回复1 and 一单5 more may follow."""
    before, behind = text[start - 1 : start], text[end : end + 1]
    first, last = text[start], text[end - 1]
    if (_latin(first) and _latin(before)) or (_latin(last) and _latin(behind)):
        return False
    return not ((_digit(first) and _digit(before)) or (_digit(behind) and _digit(text[start:end])))


def _latin(char: str) -> bool:
    return char.isascii() and char.isalpha()


def _digit(chars: str) -> bool:
    return chars.isascii() and chars.isdigit()


@cache
def _words() -> tuple[dict[str, Cue], dict[str, int]]:
    """Each word with its cue, and the longest word that begins with a character."""
    known: dict[str, Cue] = {}
    for name in _FILES:
        path = Path(__file__).with_name(f"{name}.yaml")
        for key, raw in read_yaml(path).items():
            cue = Cue(key, words(raw["says"], f"{path.name} {key}"), bool(raw.get("calm")))
            # Undone all at once, which is four times faster: no disguise goes from line to line.
            for word in said("\n".join(_listed(str(raw["words"])))).split("\n"):
                known.setdefault(word, cue)
            for word in raw.get("english", ()):
                known.setdefault(str(word).lower(), cue)
    known.pop("", None)
    longest: dict[str, int] = {}
    for word in known:
        longest[word[0]] = max(longest.get(word[0], 0), len(word))
    return known, longest


def _listed(written: str) -> Iterator[str]:
    """`{a,b}c d` -> ac, bc, d."""
    for part in re.findall(r"(?:\{[^{}]*\}|[^\s{}])+", written):
        yield from _spelled(part)


def _spelled(part: str) -> Iterator[str]:
    choice = re.search(r"\{([^{}]*)\}", part)
    if choice is None:
        yield part
        return
    for one in choice[1].split(","):
        yield from _spelled(part[: choice.start()] + one + part[choice.end() :])
