"""Undoing disguise: what a text says to a reader, with the way back to what was written.

`undo(text)` gives the plain text, for every character of it where it stood, and what was disguised:
a disguise is a reason. Four kinds are undone, in this order:

- characters: full width, circled, look-alike, invisible, traditional (folds.py);
- the converter's artefact, a character with its pinyin in brackets: 網(wǎng)絡(luò) -> 网络;
- gaps: spaces between Chinese characters, marks between the characters of a word filters look for;
- words: 薇信 -> 微信 (spellings.yaml), 车专账, zhuan账, 专账 -> 转账 (guarded.py), long spelled-out
  numbers: 一三八零零… -> 13800….

Applied to its own result it changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from . import guarded
from .folds import FOLDS
from .guarded import Pieces
from .syllables import SYLLABLES

DisguiseKind = Literal["characters", "converter", "gaps", "word", "number"]


@dataclass(frozen=True)
class Disguise:
    """Something written so that a filter misses it: `start` to `end` of the original, and what it
    says (`plain`)."""

    kind: DisguiseKind
    start: int
    end: int
    plain: str


@dataclass(frozen=True)
class Undone:
    """A text and what it says. `starts[i]` and `ends[i]`: which part of `original` character i of
    `text` stands for, in characters."""

    original: str
    text: str
    starts: range | list[int]
    ends: range | list[int]
    disguises: tuple[Disguise, ...] = ()

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where `text[start:end]` (not empty) stands in the original."""
        return self.starts[start], max(self.ends[start:end])


@dataclass
class _Line:
    """The text on its way, with the way back; each step replaces pieces of it."""

    text: str
    starts: range | list[int]
    ends: range | list[int]

    def replace(self, pieces: Iterator[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
        """Put words in place of pieces, in order and not overlapping. Returns the pieces with their
        places in the original."""
        out: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        done: list[tuple[int, int, str]] = []
        at = 0
        for a, b, word in pieces:
            out += (self.text[at:a], word)
            first, last = self.starts[a], max(self.ends[a:b])
            starts += [*self.starts[at:a], *[first] * len(word)]
            ends += [*self.ends[at:a], *[last] * len(word)]
            done.append((first, last, word))
            at = b
        if done:
            self.text = "".join(out) + self.text[at:]
            self.starts = [*starts, *self.starts[at:]]
            self.ends = [*ends, *self.ends[at:]]
        return done


def undo(text: str) -> Undone:
    """What `text` says to a reader. Any text at all may come; time is linear in its length."""
    line, disguises = _folded(text)
    for _pass in range(_PASSES):
        before = line.text
        if before.isascii():
            # No Chinese, so no Chinese word in disguise: in English +v is what it says.
            break
        for kind, step in _STEPS:
            for start, end, plain in line.replace(step(line.text)):
                if kind is not None:
                    disguises.append(Disguise(kind, start, end, plain))
        if line.text == before:
            break
    disguises.sort(key=lambda d: (d.start, d.end))
    return Undone(text, line.text, line.starts, line.ends, tuple(disguises))


def said(text: str) -> str:
    """`undo(text).text`, where the way back is not wanted: in a third of the time."""
    text = text.translate(FOLDS)
    for _pass in range(_PASSES):
        before = text
        if before.isascii():
            break
        for _, step in _STEPS:
            out: list[str] = []
            at = 0
            for start, end, plain in step(text):
                out += (text[at:start], plain)
                at = end
            if out:
                text = "".join(out) + text[at:]
        if text == before:
            break
    return text


# Undoing one disguise may show another (薇 亻 言); honest texts need one pass, with nothing to do.
_PASSES = 6
_HAN = "\u3400-\u4dbf\u4e00-\u9fff〇"
# Of these the folded form is not as long as what was written, or may not be.
_CHANGES_LENGTH = re.compile(
    "[^\n\t\r\\x20-\\x7e\u2013\u2014\u2018-\u201d\u3001\u3002\u3008-\u3011\u3400-\u9fff\uff01-\uff5e]"
)
# Characters nobody types who wants to be read: invisible ones, look-alikes, drawn letters and digits.
_ODD = re.compile(
    "[\u00ad\u034f\u115f\u1160\u180e\u200b-\u200f\u2060-\u2064\u2800\u3164\ufeff\uffa0"
    "\u0370-\u03ff\u0400-\u052f\u0531-\u058f\u0250-\u02af"
    "\u2460-\u249b\u24b6-\u24ff\u2776-\u2793\u3220-\u3229\u3280-\u3289"
    "\U0001d400-\U0001d7ff\U0001f100-\U0001f1ac]+"
)


def _folded(text: str) -> tuple[_Line, list[Disguise]]:
    """The text character by character, and the odd characters in it."""
    if any(len(FOLDS[ord(c)]) != 1 for c in _CHANGES_LENGTH.findall(text)):
        folded = [FOLDS[ord(c)] for c in text]
        starts = [i for i, piece in enumerate(folded) for _ in piece]
        line = _Line("".join(folded), starts, [i + 1 for i in starts])
    else:
        line = _Line(text.translate(FOLDS), range(len(text)), range(1, len(text) + 1))
    odd = [Disguise("characters", *m.span(), m[0].translate(FOLDS)) for m in _ODD.finditer(text)]
    return line, odd


def _converter(text: str) -> Pieces:
    """网(wang)络(luo) -> 网络."""
    if "(" not in text:
        return
    for found in _WITH_PINYIN.finditer(text):
        if all(s in SYLLABLES for s in _INSIDE.findall(found[2])):
            yield *found.span(), found[1]


_WITH_PINYIN = re.compile(rf"([{_HAN}])((?:\([a-z]{{1,6}}\))+)")
_INSIDE = re.compile("[a-z]+")


def _spelled_out(text: str) -> Pieces:
    """加 微 信 领 -> 加微信领: four characters or more that stand alone in a row."""
    if " " not in text:
        return
    for found in _ALONE.finditer(text):
        yield *found.span(), found[0].replace(" ", "")


_ALONE = re.compile(rf"(?<![{_HAN}])[{_HAN}](?: {{1,3}}[{_HAN}]){{3,}}(?![{_HAN}])")


def _spaces(text: str) -> Pieces:
    """Chinese needs none: they are a matter of taste, and of word segmenters."""
    if " " not in text:
        return
    for found in _SPACES.finditer(text):
        yield *found.span(), ""


_SPACES = re.compile(rf"(?<=[{_HAN}]) +(?=[{_HAN}])")


def _gaps(text: str) -> Pieces:
    """q.q -> qq: marks inside a word with Latin letters."""
    for found in _gapped().finditer(text):
        plain = _MARK.sub("", found[0])
        if len(plain) < len(found[0]):
            yield *found.span(), plain


_MARK = re.compile(guarded.MARK)


@cache
def _gapped() -> re.Pattern[str]:
    words = sorted(latin_words(), key=lambda w: (-len(w), w))
    between = f"(?:{_MARK.pattern}){{0,2}}"
    return re.compile("|".join(between.join(map(re.escape, w)) for w in words))


def _numbers(text: str) -> Pieces:
    """一三八零零一三八零零零 -> 13800138000: seven digits or more of which some are numerals."""
    for found in _DIGIT_RUN.finditer(text):
        if len(_NUMERAL.findall(found[0])) >= _SPELLED_OUT:
            yield *found.span(), re.sub("[ -]", "", found[0].translate(_DIGITS))


NUMERALS = "零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖"
_NUMERAL = re.compile(f"[{NUMERALS}]")
_DIGIT_RUN = re.compile(f"(?:{_NUMERAL.pattern}|[0-9])(?:[ -]?(?:{_NUMERAL.pattern}|[0-9])){{6,}}")
_DIGITS = str.maketrans("零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖", "001234567891123456789")
_SPELLED_OUT = 3


def _words(text: str) -> Pieces:
    """薇信 -> 微信."""
    return _spelled(text, "words", "")


def _short(text: str) -> Pieces:
    """加薇 -> 加微信, but not in 加薇薇: a name goes on."""
    return _spelled(text, "short", r"(?![信薇亻a-z])")


def _spelled(text: str, part: str, then: str) -> Pieces:
    known, pattern = _known(part, then)
    for found in pattern.finditer(text):
        yield *found.span(), known[found[0]]


@cache
def _known(part: str, then: str) -> tuple[dict[str, str], re.Pattern[str]]:
    """Each odd spelling with its word, and a pattern that finds any, longest first, by first
    character, for which `re` then only looks where one of them is."""
    known = {odd: word for word, odds in _spellings(part).items() for odd in odds}
    by_first: dict[str, list[str]] = {}
    for odd in sorted(known, key=lambda odd: (-len(odd), odd)):
        # Latin letters at the ends of a spelling are no part of a longer word.
        stop = "(?![a-z])" if "a" <= odd[-1] <= "z" else ""
        by_first.setdefault(odd[0], []).append(re.escape(odd[1:]) + stop)
    found = "|".join(
        f"{re.escape(c)}{f'(?<![a-z]{c})' if 'a' <= c <= 'z' else ''}(?:{'|'.join(rest)})"
        for c, rest in by_first.items()
    )
    return known, re.compile(f"(?:{found}){then}")


@cache
def _spellings(part: str) -> dict[str, list[str]]:
    return {
        str(word): sorted({str(odd).translate(FOLDS) for odd in odds} - {str(word)})
        for word, odds in guarded.spellings(part).items()
    }


def odd_spellings() -> dict[str, str]:
    """All that `undo` reads as another word, in folded form, with that word: what is listed, and
    guarded words in pinyin. Not guarded pairs (guarded.odd_pairs)."""
    listed = (_spellings("words"), _spellings("short"))
    odd = {o: word for spellings in listed for word, odds in spellings.items() for o in odds}
    return {**guarded.spoken(), **guarded.heard(), **odd}


def latin_words() -> list[str]:
    """Words with Latin letters that are found with marks between these: q.q is qq."""
    return sorted(w for w in _spellings("words") if len(w) > 1 and re.search("[a-z]", w))


_STEPS: tuple[tuple[DisguiseKind | None, Callable[[str], Pieces]], ...] = (
    ("converter", _converter),
    ("gaps", _spelled_out),
    (None, _spaces),
    ("gaps", guarded.gaps),
    ("gaps", _gaps),
    ("number", _numbers),
    ("word", guarded.all_pinyin),
    ("word", guarded.pinyin),
    ("word", _words),
    ("word", guarded.taken_apart),
    ("word", guarded.alike),
    ("word", _short),
)
