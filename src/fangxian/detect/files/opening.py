"""The text of a file, whatever coding it is in, line by line and in bounded memory."""

from __future__ import annotations

import codecs
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# A line (and in a csv a cell) of more characters is no text that somebody sent.
LONGEST_LINE = 16_000_000
# Of what is no text in UTF-8 nearly all that people have is in the national coding (GB 18030).
_UTF8, _NATIONAL, _MIXED = "utf-8-sig", "gb18030", "mixed"
_MARKS = {
    b"\xff\xfe\0\0": "utf-32", b"\0\0\xfe\xff": "utf-32", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16",
}  # fmt: skip
# Control characters no text has but by accident: one in ten bytes of anything compressed is one.
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1a\x1b"))
_FEW, _SHARE = 10, 0.02


class UnreadableFile(ValueError):
    """What is wrong with a file, where, and what was expected."""


def decoded(line: bytes) -> tuple[str, bool]:
    """The text of some bytes, as UTF-8 or in the national coding, and whether all of them could be
    read; what could not is U+FFFD."""
    try:
        return line.decode(), True
    except UnicodeDecodeError as wrong:
        if _is_cut_off(wrong, line):
            return line.decode(errors="replace"), False
    try:
        return line.decode(_NATIONAL), True
    except UnicodeDecodeError:
        tries = [line.decode(coding, "replace") for coding in ("utf-8", _NATIONAL)]
        return min(tries, key=lambda text: text.count("\ufffd")), False


def _is_cut_off(wrong: UnicodeDecodeError, line: bytes) -> bool:
    """Whether it is all UTF-8, more than ASCII, but for the last character."""
    return wrong.end == len(line) and not line[: wrong.start].isascii()


@dataclass
class Lines:
    """The lines of a text file with their ends, one after the other.

    So far: `number` lines, of which `damaged` hold bytes of no coding; `ended` says that there are
    no more. UTF-8, UTF-16 and UTF-32 with their mark, and GB 18030 are told apart by reading the
    whole file; of one that is in none of them each line is read by itself. Raises UnreadableFile for
    what is no text, and for a line of more than LONGEST_LINE characters.
    """

    path: Path
    damaged: int = 0
    number: int = 0
    ended: bool = False

    def __iter__(self) -> Iterator[str]:
        coding = _coding(self.path)
        for line in self._mixed() if coding == _MIXED else self._all_in(coding):
            self.number += 1
            yield line
        self.ended = True

    def _all_in(self, coding: str) -> Iterator[str]:
        with self.path.open(encoding=coding, errors="replace", newline="") as file:
            while line := file.readline(LONGEST_LINE):
                self._refuse_endless(line)
                self.damaged += coding in _MARKS.values() and "\ufffd" in line
                yield line

    def _mixed(self) -> Iterator[str]:
        with self.path.open("rb") as file:
            while raw := file.readline(LONGEST_LINE):
                self._refuse_endless(raw)
                text, whole = decoded(raw if self.number else raw.removeprefix(codecs.BOM_UTF8))
                self.damaged += not whole
                yield from io.StringIO(text, newline="")

    def _refuse_endless(self, line: str | bytes) -> None:
        if len(line) == LONGEST_LINE:
            raise UnreadableFile(
                f"{self.path.name} line {self.number + 1} has more than {LONGEST_LINE:,} "
                "characters; expected one text a line or cell"
            )


def _coding(path: Path) -> str:
    """Raises UnreadableFile for what is no text at all."""
    with path.open("rb") as file:
        start = file.read(4)
    for mark, coding in _MARKS.items():
        if start.startswith(mark):
            return coding
    seen = _lines_seen(path)
    size = path.stat().st_size
    if seen["controls"] > max(_FEW, _SHARE * size):
        raise UnreadableFile(
            f"{path.name} is no text ({seen['controls']:,} control characters in {size:,} bytes); "
            "expected UTF-8, UTF-16 with its mark, or GB 18030. Save a spreadsheet as csv first"
        )
    if not seen["not utf-8"]:
        return _UTF8
    # By chance some lines can be read in both; what most can be read in it is.
    national = not seen["not national"] and 2 * seen["not utf-8"] >= seen["beyond ASCII"]
    return _MIXED if seen["cut off"] or not national else _NATIONAL


def _lines_seen(path: Path) -> Counter[str]:
    """How many lines are more than ASCII, and of these how many are in no UTF-8, not in the
    national coding, or cut off in a character; how many control characters there are."""
    seen: Counter[str] = Counter()
    with path.open("rb") as file:
        while line := file.readline(LONGEST_LINE):
            seen["controls"] += len(line) - len(line.translate(None, _CONTROLS))
            if line.isascii():
                continue
            seen["beyond ASCII"] += 1
            try:
                line.decode()
            except UnicodeDecodeError as wrong:
                seen["not utf-8"] += 1
                seen["cut off"] += _is_cut_off(wrong, line)
            try:
                line.decode(_NATIONAL)
            except UnicodeDecodeError:
                seen["not national"] += 1
    return seen
