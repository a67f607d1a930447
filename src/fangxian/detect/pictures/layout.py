"""Lines put together as a person reads them: bubbles and paragraphs, from top to bottom."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .box import Box, Strip
from .opening import Picture
from .reading import Found
from .sides import Block, Side, same_paper, sides_of

# In heights of a line: the largest gap inside a paragraph, how far its left edge may stray, and how
# far its first line may be set in (two characters, as Chinese paragraphs are).
_GAP, _STRAY, _INDENT = 0.9, 0.8, 2.6
# How much taller a line may be than the next of its paragraph.
_TALLER = 1.5
# A line is wrapped where it is full, and no column of text is narrower: shorter ones are of tables.
_SHORTEST = 5
_FIRST_WORD = re.compile(r"[!-~]+|.", re.DOTALL)
# A link or a long number at the end of a full line goes on in the next without a space.
_GOES_ON = re.compile(r"(?:\S*(?://|www\.|[a-z]\.[a-z])\S*|\d{6,}|\S[-/_=&?@])$", re.IGNORECASE)
# What the telephone writes itself and nobody said: the time of a bubble, single signs and icons …
_DAY = (
    r"(?:今天|昨天|前天|星期[一二三四五六日天]|周[一二三四五六日]|(?:\d{4}年)?\d{1,2}月\d{1,2}日"
    r"|(?:\d{4}[-/.])?\d{1,2}[-/.]\d{1,2}|today|yesterday)"
)
_HOUR = r"(?:凌晨|早上|上午|中午|下午|傍晚|晚上)?\s*\d{1,2}[:：]\d{2}(?:[:：]\d{2})?\s*(?:[ap]m)?"
_TIME_OR_SIGN = re.compile(rf"{_DAY}?\s*{_HOUR}|[!-~]|[.…·]+", re.IGNORECASE)
# … and in its topmost row, that far down in widths of the picture, network and battery.
_STATUS = re.compile(
    r"\d{1,3}\s?%?|[2-6]G\S{0,3}|HD|LTE|Wi-?Fi|\d+(?:\.\d+)?\s?[KM]B?/s", re.IGNORECASE
)
_STATUS_ROW = 0.1


@dataclass(frozen=True)
class Line:
    """One line of the picture: its box in the picture as shown, its place in the joined text, and
    in a conversation whose bubble it is in: the "right" is the telephone's owner."""

    text: str
    box: Box
    side: Side
    start: int
    end: int
    _place: Strip = field(repr=False, compare=False)
    # Not the picture: a verdict that is kept must not keep what somebody sent.
    _scale: float = field(repr=False, compare=False)
    _size: tuple[int, int] = field(repr=False, compare=False)

    def part(self, start: int, end: int) -> Box:
        """Where characters `start` to `end` of the joined text stand, as far as they are its."""
        part = self._place.part(
            self.text, max(start, self.start) - self.start, min(end, self.end) - self.start
        )
        return part.box(self._scale, self._size)


def lay_out(found: list[Found], picture: Picture) -> tuple[str, tuple[Line, ...]]:
    """The text of a picture and its lines in reading order; a line that was only wrapped is joined
    with the next. Clocks, battery and other signs of the telephone are left out."""
    wide = picture.pixels.width
    said = [line for line in found if not _of_the_telephone(line, wide)]
    blocks = _in_order(_blocks(said))
    text, lines = "", []
    for block, side, edge in zip(blocks, sides_of(blocks, wide), _edges(blocks), strict=True):
        text += "\n" if text else ""
        for before, line in zip([None, *block], block, strict=False):
            text += _between(before, line, edge) if before else ""
            start, text = len(text), text + line.text
            seen = (picture.scale, picture.size)
            box = line.place.box(*seen)
            lines.append(Line(line.text, box, side, start, len(text), line.place, *seen))
    return text, tuple(lines)


def _of_the_telephone(line: Found, wide: int) -> bool:
    if _TIME_OR_SIGN.fullmatch(line.text):
        return True
    return line.place.bottom < _STATUS_ROW * wide and bool(_STATUS.fullmatch(line.text))


def _blocks(found: list[Found]) -> list[Block]:
    blocks: list[Block] = []
    for line in sorted(found, key=lambda each: (each.place.top, each.place.left)):
        home = next((block for block in reversed(blocks) if _continues(block, line)), None)
        if home is None:
            blocks.append([line])
        else:
            home.append(line)
    return blocks


def _continues(block: Block, line: Found) -> bool:
    """Whether a line stands under the last one of a block, as its next."""
    above, here = block[-1].place, line.place
    high = min(above.height, here.height)
    if max(above.height, here.height) > _TALLER * high:
        return False
    if above.right - above.left < _SHORTEST * high:
        return False
    if not -0.5 * high <= here.top - above.bottom <= _GAP * high:
        return False
    indent = _INDENT if len(block) == 1 else _STRAY
    if not -indent * high <= here.left - above.left <= _STRAY * high:
        return False
    return same_paper(block[-1].paper, line.paper)


def _in_order(blocks: list[Block]) -> list[Block]:
    """From top to bottom; what begins in one row, from left to right."""
    rows: list[list[Block]] = []
    for block in sorted(blocks, key=lambda each: each[0].place.top):
        first = block[0].place
        row = rows[-1][0][0].place if rows else None
        if row and first.top < row.bottom - row.height / 2 and first.height < 2 * row.height:
            rows[-1].append(block)
        else:
            rows.append([block])
    return [block for row in rows for block in sorted(row, key=lambda each: each[0].place.left)]


def _edges(blocks: list[Block]) -> list[float]:
    """How far to the right the lines of each block may go: as far as any of those that begin
    where its own do, on the same paper."""
    spans = [
        (min(line.place.left for line in block), max(line.place.right for line in block))
        for block in blocks
    ]
    return [
        max(
            right
            for (left, right), other in zip(spans, blocks, strict=True)
            if abs(left - begin) <= block[0].place.height
            and same_paper(block[0].paper, other[0].paper)
        )
        for block, (begin, _) in zip(blocks, spans, strict=True)
    ]


def _between(before: Found, line: Found, edge: float) -> str:
    """What stands between two lines of a block whose right edge is `edge`: a new line where the
    next word would have fitted, else a space between words, or nothing."""
    word = _FIRST_WORD.match(line.text)
    first = len(word[0]) if word and word[0].isascii() else 1
    width = first * (line.place.right - line.place.left) / max(len(line.text), 1)
    if before.place.right + width < edge - 0.5 * line.place.height:
        return "\n"
    if not (before.text[-1].isascii() and line.text[0].isascii()):
        return ""
    return "" if _GOES_ON.search(before.text) else " "
