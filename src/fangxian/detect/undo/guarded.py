"""The words that filters look for, pair of characters by pair, and what else a pair is written with.

Pairs, for a disguise changes a character and leaves its neighbour: 专账, 车专账 and zhuan账 are all
转账. What sounds alike is in sounds.txt (the characters of GB/T 2312 by their commonest reading; the
readings here and in rare.txt were looked up with pypinyin), what looks alike in alike.txt, what a
character is made of in parts.txt. Pairs that only look like a disguise and stand in honest texts
(印行, 首款: our corpus, words of dictionaries) are in otherwise.txt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from operator import add
from pathlib import Path
from typing import Any

from ..kinds.words import read_yaml

Pieces = Iterator[tuple[int, int, str]]
# Halves of characters that are no character by themselves.
_HALVES = frozenset("亻讠钅扌氵纟礻衤忄彳犭饣冫阝宀辶刂攵咅彡")

# The commonest characters of all: where one of these stands before a character, it is no disguise.
_EVERYWHERE = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作"
    "里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从"
    "想实日月者意无力它与长把机十第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应向头文"
    "请先老钱给打四六八"
)


@cache
def _read(name: str) -> list[str]:
    return Path(__file__).with_name(name).read_text(encoding="utf-8").split()


def spellings(part: str) -> dict[str, Any]:
    """A part of spellings.yaml."""
    return _spellings()[part]  # type: ignore[no-any-return]


@cache
def _spellings() -> dict[str, Any]:
    return read_yaml(Path(__file__).with_name("spellings.yaml"))


@cache
def sounds() -> dict[str, tuple[str, str]]:
    """Each pair of a guarded word with its two syllables."""
    return {
        f"{a}{b}": (x, y)
        for word, told in spellings("guarded").items()
        for (a, b), (x, y) in zip(pairwise(str(word)), pairwise(str(told).split()), strict=True)
    }


@cache
def parts() -> dict[str, str]:
    """What a character is taken apart into, two signs or three, with the character. Two that may
    stand side by side (石马, 门口) only where the character is one of a guarded word."""
    guarded = set("".join(sounds()))
    return {
        taken: char for taken, char in _parts() if char in guarded or not _HALVES.isdisjoint(taken)
    }


@cache
def _parts() -> list[tuple[str, str]]:
    lines = zip(_read("parts.txt")[::2], _read("parts.txt")[1::2], strict=True)
    return [
        (head + rest, char)
        for head, told in lines
        for rest, char in zip(told[::2], told[1::2], strict=True)
    ]


@cache
def heard() -> dict[str, str]:
    """A pair of which one half is in pinyin (zhuan账, 转zhang), with the pair."""
    found = {}
    for pair, (one, other) in sounds().items():
        found[one + pair[1]] = found[pair[0] + other] = pair
    return found


@cache
def spoken() -> dict[str, str]:
    """A whole guarded word in pinyin (zhuanzhang), with the word. Not where two could be meant."""
    found: dict[str, str] = {}
    for word, told in spellings("guarded").items():
        written = str(told).replace(" ", "")
        found[written] = "" if written in found else str(word)
    return {written: word for written, word in found.items() if word}


@cache
def likenesses() -> dict[str, str]:
    """A pair of which one character only sounds or looks like it should, with the pair. Not where
    two pairs could be meant."""
    syllable = dict(zip(_read("sounds.txt")[::2], _read("sounds.txt")[1::2], strict=True))
    looks = _looks()
    meant: dict[str, str] = dict.fromkeys((*sounds(), *_read("otherwise.txt")), "")
    for pair, (one, other) in sounds().items():
        a, b = pair[0], pair[1]
        written = [c + b for c in {*syllable.get(one, ""), *looks.get(a, "")} - _EVERYWHERE]
        written += [a + c for c in {*syllable.get(other, ""), *looks.get(b, "")}]
        for odd in written:
            meant[odd] = pair if meant.get(odd, pair) == pair else ""
    return {odd: pair for odd, pair in sorted(meant.items()) if pair}


def _looks() -> dict[str, set[str]]:
    """Characters that are drawn alike: listed ones, and those with the same half (银, 很, 根)."""
    same: dict[str, set[str]] = {}
    for taken, char in _parts():
        same.setdefault(taken[-1], set()).add(char)
    found: dict[str, set[str]] = {}
    for group in (*map(set, _read("alike.txt")), *same.values()):
        for char in group:
            found.setdefault(char, set()).update(group - {char})
    return found


# What is put between the characters of a word: no mark that ends or joins sentences, no bracket and
# no quote; or letters of a script that no Chinese word has inside.
MARK = r"[^\w\s,;:!?。、\"'()<>\[\]{}]|_"
FOREIGN = "\u3040-\u30ff\u3105-\u312f\u1100-\u11ff\uac00-\ud7af\u0e00-\u0e7f\u10a0-\u10ff丶丿灬乂"
_GAP = re.compile(rf"(?<=[\u3400-\u9fff])(?:{MARK}|[{FOREIGN}]){{1,2}}(?=[\u3400-\u9fff])")


def odd_pairs() -> set[str]:
    """Two characters, with marks between them or none, by which the fast path knows that one of a
    guarded pair is another character, or in parts."""
    return {*likenesses(), *(taken[:2] for taken in parts())}


def odd_characters() -> list[str]:
    """Characters by which the fast path knows the same."""
    return re.findall(f"[{FOREIGN}]", "".join(map(chr, range(1 << 16))))


def gaps(text: str) -> Pieces:
    """转*账, 转の账 -> 转账."""
    known = sounds()
    for found in _GAP.finditer(text):
        start, end = found.span()
        if text[start - 1] + text[end] in known:
            yield start, end, ""


def taken_apart(text: str) -> Pieces:
    """车专账 -> 转账, 微亻言 -> 微信."""
    known, whole = parts(), sounds()
    at = done = 0
    char = ""
    while found := _taken().search(text, at):
        start, end = found.span()
        before = char if start == done else text[start - 1 : start]
        whole_char, after = known[found[0]], text[end : end + 1]
        joined = known.get(text[end : end + 2], after)
        if _HALVES.isdisjoint(found[0]) and whole.keys().isdisjoint(
            (before + whole_char, whole_char + after, whole_char + joined)
        ):
            at = start + 1
        else:
            yield start, end, whole_char
            char, at, done = whole_char, end, end


@cache
def _taken() -> re.Pattern[str]:
    by_first: dict[str, list[str]] = {}
    for taken in sorted(parts(), key=lambda taken: (-len(taken), taken)):
        by_first.setdefault(taken[0], []).append(taken[1:])
    return re.compile("|".join(f"{c}(?:{'|'.join(rest)})" for c, rest in by_first.items()))


def pinyin(text: str) -> Pieces:
    """zhuan账, 转 zhang -> 转账: a part of a word in pinyin, standing by itself."""
    known, done = heard(), 0
    for found in _SYLLABLE.finditer(text):
        start, end = found.span()
        first = len(text[:start].rstrip(" ")) - 1 if text[start - 1 : start] == " " else start - 1
        last = end
        while text[last : last + 1] == " ":
            last += 1
        if first >= done and (pair := known.get(text[first] + found[0])):
            start, done = first, end
        elif start >= done and (pair := known.get(found[0] + text[last : last + 1])):
            done = last + 1
        else:
            continue
        yield start, done, pair


def all_pinyin(text: str) -> Pieces:
    """zhuanzhang, zhuan zhang -> 转账."""
    known = spoken()
    for found in _LATIN_WORDS.finditer(text):
        words = [(m.start(), m[0]) for m in _LATIN_WORD.finditer(text, *found.span())]
        at = 0
        while at < len(words):
            for size in range(min(4, len(words) - at), 0, -1):
                if word := known.get("".join(w for _, w in words[at : at + size])):
                    last, letters = words[at + size - 1]
                    yield words[at][0], last + len(letters), word
                    at += size - 1
                    break
            at += 1


# A letter comes first, for which `re` can look quickly; then whether something stands before it.
_ALONE = "[a-z](?<![a-z0-9./@:_-][a-z])"
_NO_MORE = "(?![a-z0-9./@:_-])"
_SYLLABLE = re.compile(f"{_ALONE}[a-z]{{0,5}}{_NO_MORE}")
_LATIN_WORD = re.compile("[a-z]+")
_LATIN_WORDS = re.compile(f"{_ALONE}[a-z]*(?: {{1,2}}[a-z]+)*{_NO_MORE}")


def alike(text: str) -> Pieces:
    """专账, 转丈 -> 转账. A character that is right with its other neighbour stays: so what was put
    right is never changed again."""
    known, whole = likenesses(), sounds()
    if known.keys().isdisjoint(map(add, text, text[1:])):
        return
    chars = list(text)
    start = end = -1
    for at in range(len(chars) - 1):
        pair = known.get(chars[at] + chars[at + 1])
        if pair is None:
            continue
        if pair[0] != chars[at]:
            right = at > 0 and chars[at - 1] + chars[at] in whole
        else:
            right = chars[at + 1] + "".join(chars[at + 2 : at + 3]) in whole
        if right:
            continue
        if at >= end:
            if start >= 0:
                yield start, end, "".join(chars[start:end])
            start = at
        chars[at : at + 2] = pair
        end = at + 2
    if start >= 0:
        yield start, end, "".join(chars[start:end])
