"""A text with its addresses written plainly: www。ａｂ[.]com -> www.ab.com, with the way back.

Unlike `undo`, which says what a reader reads, letters of other scripts stay what they are: that
somebody wrote a Cyrillic а is what `look_at_link` wants to see.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_INVISIBLE = {0x00AD, 0x034F, 0x180E, 0x2800, 0x3164, 0xFE0E, 0xFE0F, 0xFEFF, 0xFFA0}
# The ideographic full stop, and what else browsers take for the dot of a host (UTS 46).
_DOTS = "。．｡․"
_SLASHES = "／⁄∕"


class _Plain(dict[int, str]):
    """Code point -> how it stands in an address: "" where it is not seen."""

    def __missing__(self, point: int) -> str:
        self[point] = plain = _plain(chr(point))
        return plain


def _plain(char: str) -> str:
    point = ord(char)
    if char in _DOTS:
        return "."
    if char in _SLASHES:
        return "/"
    if point in _INVISIBLE or (unicodedata.category(char) == "Cf"):
        return ""
    if 0xD800 <= point < 0xE000 or point == 0:
        return " "
    # Marks that end a Chinese sentence or clause end an address as well; they stay wide.
    if char in "，！？；（）、":
        return char
    same = unicodedata.normalize("NFKC", char)
    return same if len(same) == 1 and same.isascii() else char


_PLAIN = _Plain()
_CHANGES = re.compile(
    "[^\x01-\x7e\u00c0-\u024f\u0370-\u052f\u3001\u3400-\u9fff，！？；（）、]|\u00ad"
)


@dataclass
class Line:
    """`text` written plainly; character i of it stands for `starts[i]` to `ends[i]` of the original."""

    text: str
    starts: range | list[int]
    ends: range | list[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where `text[start:end]` (not empty) stands in the original."""
        return self.starts[start], self.ends[end - 1]

    def replace(self, pieces: Iterator[tuple[int, int, str]]) -> None:
        """Put words in place of pieces, in order and not overlapping."""
        out: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        at = 0
        for a, b, word in pieces:
            out += (self.text[at:a], word)
            starts += [*self.starts[at:a], *[self.starts[a]] * len(word)]
            ends += [*self.ends[at:a], *[self.ends[b - 1]] * len(word)]
            at = b
        if at:
            self.text = "".join(out) + self.text[at:]
            self.starts = [*starts, *self.starts[at:]]
            self.ends = [*ends, *self.ends[at:]]


def plain_line(text: str) -> Line:
    """`text` with its addresses written plainly. Any text at all; time is linear in its length."""
    if _CHANGES.search(text):
        pieces = [_PLAIN[ord(c)] for c in text]
        starts = [i for i, piece in enumerate(pieces) if piece]
        line = Line("".join(pieces), starts, [i + 1 for i in starts])
    else:
        line = Line(text, range(len(text)), range(1, len(text) + 1))
    if not _MAY_BE_DISGUISED.search(line.text):
        return line
    for step in (_spelled_out, _bracketed, _spoken, _schemes):
        line.replace(step(line.text))
    return line


# What every step below needs at least: a clean link is through at once.
_MAY_BE_DISGUISED = re.compile(r"[ \[({【（〔<点點*+\\]|h[^t]|:(?!//)", re.IGNORECASE)

Pieces = Iterator[tuple[int, int, str]]


def _spelled_out(text: str) -> Pieces:
    """w w w . a b . c o m -> www.ab.com: six single characters or more in a row, with a dot."""
    for found in _ALONE.finditer(text):
        if "." in found[0]:
            yield *found.span(), found[0].replace(" ", "")


_ALONE = re.compile(r"(?<![A-Za-z0-9.])(?:[A-Za-z0-9.:/-] ){5,200}[A-Za-z0-9/](?![A-Za-z0-9])")


def _bracketed(text: str) -> Pieces:
    """ab[.]com, ab(dot)com, ab【点】com, ab dot com -> ab.com; ab . com, www. ab.com as well."""
    for found in _DOT.finditer(text):
        yield *found.span(), "."


_DOT = re.compile(
    r"(?<=[A-Za-z0-9])(?: ?[\[({【（〔<] ?(?:\.|dot|点|點) ?[\])}】）〕>] ?| dot | \. ?(?=[A-Za-z])"
    r"|(?<=www)\. |\. (?=(?:com|cn|net|org|top|vip|xyz|cc)(?![A-Za-z0-9])))(?=[A-Za-z0-9])",
    re.IGNORECASE,
)


def _spoken(text: str) -> Pieces:
    """三w点ab点com -> www.ab.com."""
    for found in _SAID.finditer(text):
        yield *found.span(), re.sub("三[wW]", "www", re.sub(" ?[点點] ?", ".", found[0]))


_SAID = re.compile(
    r"(?:三[wW]|(?<![A-Za-z0-9-])(?=[0-9-]{0,62}[A-Za-z])[A-Za-z0-9-]{1,63})"
    r"(?: ?[点點] ?(?:[A-Za-z0-9-]{1,63})(?![A-Za-z0-9-])){1,6}"
)


def _schemes(text: str) -> Pieces:
    """hxxp://, h**p:/, http: // -> http://."""
    for found in _SCHEME.finditer(text):
        yield *found.span(), f"http{(found[1] or '').lower()}://"


_SCHEME = re.compile(
    r"(?<![A-Za-z0-9])h(?:tt|xx|\*\*|\+\+)p(s?) ?(?:\[:\]|:) ?(?:/ ?/|\\\\|/)(?!/) ?", re.IGNORECASE
)
