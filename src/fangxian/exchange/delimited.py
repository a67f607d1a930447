"""Text tables: which encoding, which delimiter, and the rows."""

from __future__ import annotations

import codecs
import re
from collections import Counter

from .cells import Cell
from .characters import has_lone_surrogate, without_control
from .grid import Grid, squared
from .problems import Problem, UnreadableTable
from .records import read_records

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DELIMITERS = ("\t", ",", ";", "，", "；", "|")
_SAMPLE_ROWS = 60
_NAMED_ROWS = 10
_LOOKED_AT = 20_000
_LEAST_EVIDENCE = 8
# The two-byte codes of the commonest characters of each encoding.
_LEVEL_1 = {"gb18030": (b"\xb0\xa1", b"\xd7\xf9"), "big5hkscs": (b"\xa4\x40", b"\xc6\x7e")}
_MARKS = frozenset("，。、；：？！（）《》〈〉【】〔〕「」…　＋－／")
_CONTROL_LIKE = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\ufffe\uffff]")


def read_delimited(data: bytes) -> Grid:
    """A csv file. Raises UnreadableTable where it is not text or not a table."""
    text, encoding = decode(data)
    return _grid(text, encoding, may_be_spaces=False)


def read_text(text: str) -> Grid:
    """Text from the clipboard: tabs from a spreadsheet, or commas, or columns set with spaces."""
    _refuse_garbage(text)
    return _grid(text, "", may_be_spaces=True)


def decode(data: bytes) -> tuple[str, str]:
    """The text of a file and its encoding: a byte-order mark, else UTF-8, else GB18030 or Big5.

    GB18030 contains GBK and GB2312, in which Chinese spreadsheets save csv by default. It gives
    almost any bytes some character, so its reading must look like Chinese people write.
    Raises UnreadableTable where no reading does.
    """
    candidates = [name for mark, name in _BOMS if data.startswith(mark)]
    candidates = candidates or _utf16_without_mark(data[:4000])
    for encoding in candidates or ["utf-8", "gb18030", "big5hkscs"]:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        _refuse_garbage(text)
        if encoding in _LEVEL_1 and not _plausible(text, encoding):
            continue
        return text, encoding
    raise UnreadableTable("file_encoding")


def _plausible(text: str, encoding: str) -> bool:
    """Whether most characters are of the commonest of the encoding (its "level 1").

    Nine in ten characters of names and addresses are; of a text read in the wrong encoding, fewer
    than half. Sources: GB/T 2312-1980 (3755 characters), Big5 (5401 characters).
    """
    chinese = [c for c in text[:_LOOKED_AT] if c >= "\u2e80"]
    first, last = _LEVEL_1[encoding]
    usual = sum(first <= c.encode(encoding, "replace") <= last or c in _MARKS for c in chinese)
    # A handful of characters may all be rare: one name is no evidence.
    return len(chinese) < _LEAST_EVIDENCE or usual >= 0.7 * len(chinese)


def _utf16_without_mark(head: bytes) -> list[str]:
    """Digits, commas and line ends of UTF-16 have a zero byte each, always on the same side."""
    zeros = head[0::2].count(0), head[1::2].count(0)
    if min(zeros) or max(zeros) * 10 < len(head):
        return []
    return ["utf-16-le" if zeros[1] else "utf-16-be"]


def _refuse_garbage(text: str) -> None:
    if has_lone_surrogate(text) or _CONTROL_LIKE.search(text):
        raise UnreadableTable("file_binary")


def _grid(text: str, encoding: str, may_be_spaces: bool) -> Grid:
    first_line, _, after = text.partition("\n")
    said = re.fullmatch(r"\ufeff?sep=([,;|\t])\r?", first_line)
    if said:
        text = after
    delimiter, width = _delimiter(text, may_be_spaces, said.group(1) if said else "")
    records = read_records(text, delimiter, width)
    cells: list[list[Cell]] = [[without_control(cell) for cell in row] for row in records.rows]
    square = squared(cells)
    return Grid(
        rows=square,
        numbers=list(range(1, len(square) + 1)),
        encoding=encoding,
        delimiter=delimiter,
        warnings=[_open_quotes(records.open_quotes)] if records.open_quotes else [],
    )


def _open_quotes(numbers: list[int]) -> Problem:
    named = "、".join(map(str, numbers[:_NAMED_ROWS]))
    more = "…" if len(numbers) > _NAMED_ROWS else ""
    return Problem("file_open_quote", params={"rows": named + more, "count": len(numbers)})


def _delimiter(text: str, may_be_spaces: bool, said: str) -> tuple[str, int]:
    """The delimiter that cuts the most rows into the same number of cells, two at least; and that
    number (0 where no row has two cells). `said` is the delimiter the file itself names, or "".

    A comma inside one address must not win over the semicolon of every row: agreement between
    rows counts first, the number of columns second.
    """
    sample = "\n".join(text.splitlines()[: _SAMPLE_ROWS * 2])
    best, best_score, best_width = said or ",", (0.0, 0), 0
    for delimiter in said or (*_DELIMITERS, *([" "] if may_be_spaces else [])):
        rows = [row for row in read_records(sample, delimiter).rows if any(row)]
        widths = Counter(len(row) for row in rows[:_SAMPLE_ROWS] if len(row) > 1)
        if not widths:
            continue
        width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
        score = (round(count / min(len(rows), _SAMPLE_ROWS), 1), width)
        # Spaces also stand inside names and times: they part columns only if nothing else does.
        if score > best_score and not (delimiter == " " and best_score[0] >= 0.5):
            best, best_score, best_width = delimiter, score, width
    return best, best_width
