"""Writing messages in disguise, as swindlers do so that a filter misses them.

For measuring what disguise costs (disguise_loss.py). What it writes with is in disguises.yaml, apart
from the tables of `undo`, though by the same hand: what it measures are known ways, not those that
nobody foresaw. Some ways are set apart, should texts in disguise ever train: those never would.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from random import Random
from typing import Any

from ..kinds.words import read_yaml


@dataclass(frozen=True)
class Disguised:
    """A message in disguise. `ways`: those that changed something, in the order they were used."""

    text: str
    ways: tuple[str, ...]


def disguise(text: str, rng: Random, how: Sequence[str] | None = None) -> Disguised:
    """`text` written so that a filter misses it; the same state of `rng` gives the same.

    `how`: names of ways, all of them used; None: `pick` chooses. Some of the words are disguised,
    or all. Raises KeyError for a way that is not known.
    """
    chosen = pick(rng) if how is None else [WAYS[name].name for name in how]
    used = []
    for name in (name for name in WAYS if name in chosen):
        changed = WAYS[name].write(text, rng, rng.choice(_SHARES))
        if changed != text:
            used.append(name)
        text = changed
    return Disguised(text, tuple(used))


def pick(rng: Random, among: Sequence[str] | None = None) -> list[str]:
    """One to three ways (mostly one) of `among`; None: of those that may train."""
    names = TRAINING if among is None else among
    return rng.sample(list(names), min(len(names), rng.choice((1, 1, 1, 2, 2, 3))))


# How much of what could be disguised is: hurried swindlers change a word or two.
_SHARES = (0.3, 0.6, 1.0)
# A way: the text, where chance comes from, the share of places to be changed.
Write = Callable[[str, Random, float], str]
_HAN = "[\u3400-\u9fff]"


@cache
def _book() -> dict[str, Any]:
    """disguises.yaml; what is written as words in a row there, as a list."""
    raw = read_yaml(Path(__file__).with_name("disguises.yaml"))
    return {part: told.split() if isinstance(told, str) else told for part, told in raw.items()}


@cache
def _hidden() -> re.Pattern[str]:
    """The words filters look for, longest first."""
    words = sorted(_book()["hidden"], key=lambda w: (-len(w), w))
    latin = "|".join(_book()["hidden_latin"])
    return re.compile(f"{'|'.join(words)}|(?<![a-z])(?:{latin})(?![a-z])", re.IGNORECASE)


@cache
def _char_table(part: str) -> dict[str, str]:
    """The first character of each entry with the others."""
    return {entry[0]: entry[1:] for entry in _book()[part]}


def _some(found: list[Any], rng: Random, share: float) -> list[Any]:
    """So many of them, one at least, in their order."""
    count = min(len(found), max(1, round(len(found) * share)))
    return [found[i] for i in sorted(rng.sample(range(len(found)), count))]


def _edited(text: str, places: list[tuple[int, int]], edit: Callable[[str], str]) -> str:
    out, at = [], 0
    for start, end in places:
        if start >= at:
            out += [text[at:start], edit(text[start:end])]
            at = end
    return "".join(out) + text[at:]


def _on_words(edit: Callable[[str, Random], str], *, anywhere: bool = False) -> Write:
    """A way that changes hidden words; `anywhere`: other pairs of characters as well, where there
    are few of these."""

    def write(text: str, rng: Random, share: float) -> str:
        places = [m.span() for m in _hidden().finditer(text) if edit(m[0], Random(0)) != m[0]]  # noqa: S311
        if anywhere and len(places) < 3:
            pairs = [m.span() for m in re.finditer(_HAN + "{2}", text)]
            places = sorted([*places, *_some(pairs, rng, 0.15)])
        return _edited(text, _some(places, rng, share), lambda word: edit(word, rng))

    return write


def _between(marks: str, most: int = 1) -> Write:
    """A mark between the characters of a word."""

    def edit(word: str, rng: Random) -> str:
        mark = rng.choice(marks) * rng.randint(1, most)
        return mark.join(word)

    return _on_words(edit, anywhere=True)


def _on_matches(pattern: str, edit: Callable[[str, Random], str]) -> Write:
    def write(text: str, rng: Random, share: float) -> str:
        places = [m.span() for m in re.finditer(pattern, text, re.IGNORECASE)]
        return _edited(text, _some(places, rng, share), lambda piece: edit(piece, rng))

    return write


def _by_table(part: str) -> Write:
    """Characters of hidden words, one of a word at least, by a table of characters."""

    def edit(word: str, rng: Random) -> str:
        table = _char_table(part)
        can = [i for i, char in enumerate(word) if char in table]
        chars = list(word)
        for i in _some(can, rng, rng.choice((0.5, 1.0))):
            options = table[chars[i]]
            chars[i] = options if part == "split" else rng.choice(options)
        return "".join(chars)

    return _on_words(edit)


def _listed(part: str, word: str, rng: Random) -> str | None:
    known = _book()[part].get(word)
    return rng.choice(known) if known else None


def _tone_gone(read: str) -> str:
    parts = unicodedata.normalize("NFD", read.replace("ü", "v"))
    return "".join(c for c in parts if not unicodedata.combining(c))


def _homophone(word: str, rng: Random) -> str:
    listed = _listed("homophones", word, rng)
    if listed and rng.random() < 0.6:
        return listed
    sounds = dict(entry.split(":") for entry in _book()["sounds"])
    chars = list(word)
    for i in _some(list(range(len(word))), rng, 0.5):
        options = sounds.get(_tone_gone(_char_table("read").get(word[i], "")), word[i])
        chars[i] = rng.choice(options)
    return "".join(chars)


def _pinyin(word: str, rng: Random) -> str:
    short = _listed("abbreviations", word, rng)
    if short and rng.random() < 0.4:
        return short
    chars = [_tone_gone(_char_table("read").get(c, c)) for c in word]
    if rng.random() < 0.5:
        # A part of it: zhuan账, 银hang卡.
        kept = rng.randrange(len(word))
        chars[kept] = word[kept]
    written = rng.choice(("", "", " ")).join(chars)
    return rng.choice((str.lower, str.lower, str.upper, str.title))(written)


def _emoji(word: str, rng: Random) -> str:
    whole = _listed("emoji", word, rng)
    if whole and rng.random() < 0.5:
        return whole
    can = [i for i, char in enumerate(word) if char in _book()["emoji"]]
    chars = list(word)
    for i in _some(can, rng, 0.5):
        chars[i] = rng.choice(_book()["emoji"][chars[i]])
    return "".join(chars)


def _traditional(text: str, rng: Random, share: float) -> str:
    table = _char_table("traditional")
    every = rng.random() < 0.6
    return "".join(
        table[c][0] if c in table and (every or rng.random() < share) else c for c in text
    )


def _with_pinyin(text: str, rng: Random, share: float) -> str:
    """What a converter leaves: 網(wǎng)絡(luò)."""
    table = _char_table("traditional")
    left, right = rng.choice(("()", "（）"))
    return "".join(
        f"{table[c][0]}{left}{table[c][1:]}{right}"
        if c in table and rng.random() < max(share, 0.6)
        else c
        for c in text
    )


def _apart(text: str, rng: Random, share: float) -> str:
    """Spaces between all characters, or inside words."""
    if rng.random() < 0.4:
        return re.sub(f"(?<={_HAN})(?={_HAN})", " " * rng.randint(1, 2), text)
    return _between(" \u3000\u2009", 2)(text, rng, share)


def _wide(piece: str, _rng: Random) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in piece)


def _digits(number: str, rng: Random) -> str:
    keycaps = [f"{digit}\ufe0f\u20e3" for digit in "0123456789"]
    drawn: Sequence[str] = rng.choice([*_book()["digits"], keycaps])
    return "".join(drawn[int(d)] for d in number)


def _relettered(part: str, word: str, rng: Random) -> str:
    table = _char_table(part)
    chars = list(word)
    can = [i for i, c in enumerate(word) if c.lower() in table]
    for i in _some(can, rng, rng.choice((0.4, 1.0))):
        chars[i] = rng.choice(table[chars[i].lower()])
    return "".join(chars)


def _styled(word: str, rng: Random) -> str:
    drawn = rng.choice(_book()["styled"])
    return "".join(drawn[ord(c.lower()) - 97] for c in word)


def _struck(word: str, rng: Random) -> str:
    """A stroke or a ring over every character."""
    mark = rng.choice("\u0336\u0337\u0332\u0305\u0323\u0489\u20dd\u20de")
    return "".join(c + mark for c in word)


def _bracketed(word: str, rng: Random) -> str:
    left, right = rng.choice(("【】", "()", "（）", "「」", "[]", "“”", "<>", "《》"))
    return "".join(f"{left}{c}{right}" for c in word)


def _stuffed(word: str, rng: Random) -> str:
    return str(rng.choice(_book()["stuffing"])).join(word)


def _amount(unit: str, rng: Random) -> str:
    options: list[str] = _book()["amounts"][unit]
    return rng.choice(options)


@dataclass(frozen=True)
class Way:
    """`measure`: for measuring only."""

    name: str
    write: Write
    measure: bool = False


_NUMBER = r"(?<![\w./:@\-])\d+(?![\w/:@\-])|(?<=[\u3400-\u9fff])\d+(?![\w/:@\-]|\.\w)"
_UNIT = "(?<=[0-9一二三四五六七八九十两几])(?:万|元|千|百|块|美金)"
_LATIN = r"(?<![\w./:@\-])[a-z]+(?![\w/:@\-]|\.\w)"
# Words are changed first, what stands between characters last: so ways can be put together.
WAYS = {
    way.name: way
    for way in (
        Way("amounts", _on_matches(_UNIT, _amount), True),
        Way("homophones", _on_words(_homophone)),
        Way("pinyin", _on_words(_pinyin)),
        Way("emoji", _on_words(_emoji)),
        Way("split", _by_table("split")),
        Way("alike", _by_table("alike"), True),
        Way("variants", _by_table("variants"), True),
        Way("brackets", _on_words(_bracketed), True),
        Way("stuffing", _on_words(_stuffed), True),
        Way("digits", _on_matches(_NUMBER, _digits)),
        Way("leet", _on_matches(_LATIN, partial(_relettered, "leet"))),
        Way("letters_alike", _on_matches(_LATIN, partial(_relettered, "letters_alike"))),
        Way("styled", _on_matches(_LATIN, _styled), True),
        Way("wide", _on_matches(r"[!-~]+", _wide)),
        Way("converter", _with_pinyin),
        Way("traditional", _traditional),
        Way("apart", _apart),
        Way("marks", _between(".*|~-_/·、,+^'♥❤★ ", 2)),
        Way("lines", _between("\n")),
        Way("struck", _on_words(_struck, anywhere=True)),
        Way("unseen", _between("\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f", 3)),
    )
}  # fmt: skip
TRAINING = tuple(name for name, way in WAYS.items() if not way.measure)
MEASURED = tuple(name for name, way in WAYS.items() if way.measure)
