"""What one character is written for: the table from code point to plain code point.

Full width, circled and mathematical forms (NFKC), traditional to simplified, letters of other
scripts that look like Latin ones, accents, capitals; what cannot be seen is taken out. One
character becomes none, one, or a few; which is what `origin` of undo.py keeps.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

# Letters of Cyrillic, Greek and other scripts that are drawn like Latin ones.
_LOOKALIKES = str.maketrans(
    "аеорсухіјѕԁһԛԝɡɑАВЕНКМОРСТХУІЈЅαοορντυικΑΒΕΖΗΙΚΜΝΟΡΤΥΧցօսոհ"
    "гдклмнптгьвѵѡіҝɢєғҳӏҮүɩʋɪʟʏʙʜɴʀεκηωρσχγωβδ",
    "aeopcyxijsdhqwgaABEHKMOPCTXYIJSaooPvtuikABEZHIKMNOPTYXgouhh".replace("P", "p", 1)
    + "rdklmhntrbbvwikgefxlyyiuilybhnrekhwpoxywbd",
)
# Letters drawn small, in squares, upside down: of these no standard says what they are.
_DRAWN = {
    ord(char): chr(97 + i)
    for alphabet in ("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡ", "ɐqɔpǝɟƃɥᴉɾʞןɯuodbɹsʇnʌʍxʎz")
    for i, char in enumerate(alphabet)
    if not char.isascii()
} | {
    first + i: chr(97 + i)
    for first in (0x1F150, 0x1F170)
    for i in range(26)
} | {0x1F10B: "0", 0x1F10C: "0"}  # fmt: skip
# Seen by nobody: between characters they only break words apart for a filter.
_INVISIBLE = {0x00AD, 0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180E, 0x2800, 0x3164, 0xFFA0}
_MARKS = ((0x0300, 0x036F), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF),
          (0xFE00, 0xFE0F), (0xFE20, 0xFE2F), (0xE0100, 0xE01EF))  # fmt: skip
# Marks that Chinese texts use in two widths, and dashes of many lengths.
_PUNCTUATION = str.maketrans("【】「」『』《》〈〉“”‘’—–−‐‑～·•・", '[]""""<><>""\'\'-----~···')


class Folds(dict[int, str]):
    """Code point -> plain form, worked out when a character is first met: nothing at start-up.

    A table for `str.translate`: "" where a character is not seen, itself where it is plain.
    """

    def __missing__(self, point: int) -> str:
        plain = _plain(chr(point))
        while (again := "".join(_plain(c) for c in plain)) != plain:
            plain = again
        self[point] = plain
        return plain


FOLDS = Folds()


def _plain(char: str) -> str:
    point, simple = ord(char), _traditional()
    if 0xD800 <= point < 0xE000:
        return "\ufffd"
    if point in _INVISIBLE or any(a <= point <= b for a, b in _MARKS):
        return ""
    kind = unicodedata.category(char)
    if kind in ("Cf", "Cc") and char not in "\n\t\r":
        return ""
    if kind in ("Zs", "Zl", "Zp") or char in "\t\r":
        return "\n" if kind in ("Zl", "Zp") else " "
    if point in _DRAWN:
        return _DRAWN[point]
    if (digit := unicodedata.digit(char, None)) is not None:
        # ①, ❶, ⑴, ３, ๓: whatever script, it is a digit.
        return str(digit)
    if char in "…‥":
        # A pause, not the dots of an address.
        return "·"
    wide = unicodedata.normalize("NFKC", char).translate(_LOOKALIKES).translate(_PUNCTUATION)
    wide = "".join(_without_accent(c) for c in wide)
    # Some fold into a space and a mark that stands above nothing: what is drawn is the mark.
    return "".join(simple.get(c, c) for c in wide.strip() or wide[:1]).lower()


def _without_accent(char: str) -> str:
    """ǎ -> a, é -> e; marks of their own are not seen above a letter that is gone."""
    parts = unicodedata.normalize("NFKD", char)
    if parts[:1].isascii() and parts[:1].isalpha():
        return parts[0]
    return (
        "" if len(char) == 1 and unicodedata.category(char) == "Mn" and ord(char) < 0x370 else char
    )


@cache
def _traditional() -> dict[str, str]:
    """Traditional characters, and forms of no standard here (variants.txt: halves of characters,
    Japanese ones, those of the net), with the simplified one. Rare characters, which nobody needs
    for a message, stand for one that sounds the same (rare.txt, its first of a line): 噔录, 琏接."""
    folder = Path(__file__).parent
    texts = (folder / name for name in ("variants.txt", "traditional.txt"))
    pairs = "".join("".join(text.read_text(encoding="utf-8").split()) for text in texts)
    lines = (folder / "rare.txt").read_text(encoding="utf-8").split()
    rare = {char: line[0] for line in lines for char in line[1:]}
    return {**rare, **dict(zip(pairs[::2], pairs[1::2], strict=True))}
