"""Finding the header of a list: under title rows, over two rows, or not there at all."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from .cells import Cell, Row, cell_text, is_blank
from .characters import one_line, tidy
from .fields import bare, is_serial, word_match
from .grid import Grid, column_letters

_SEARCHED_ROWS = 40
_LONGEST_LABEL = 40
_LONGEST_GROUP = 12
# What stands in data and not above it: a number of five digits or more, a date, a masked number.
_VALUE = re.compile(
    r"\d{5,}|\d{4}\s*[年/.-]\s*\d{1,2}\s*[月/.-]|\d{1,2}\s*月\s*\d{1,2}\s*日|\d\*{3,}"
)
_WORD_COUNTS = 0.7
# Nobody is called so: a row with such a cell is a header whatever else it says.
_NO_NAME = ("姓名", "名字", "name")


@dataclass(frozen=True)
class Header:
    """Labels for each column, the grid row at which data begins, and the lines above.

    `found` is False where the list has none: labels are then 列A, 列B …
    `words` is how many labels are known words.
    """

    labels: list[str]
    first_data: int
    title: list[str]
    found: bool
    words: int = 0

    @cached_property
    def serial(self) -> frozenset[int]:
        """The columns that only count rows."""
        return frozenset(i for i, label in enumerate(self.labels) if is_serial(label))


def find_header(grid: Grid) -> Header:
    """Look for the header in the first rows of `grid`."""
    top = _by_words(grid)
    if top is None:
        top = _by_shape(grid)
    if top is None:
        return _without_header(grid)
    if top and _groups_columns(grid, top - 1):
        top -= 1
    labels, last = _labels(grid, top)
    known = sum(1 for label in labels if word_match(label)[1] >= _WORD_COUNTS)
    return Header(labels, last + 1, _lines(grid, top), found=True, words=known)


def _by_words(grid: Grid) -> int | None:
    """The row with the most known words, if it has enough and no values; the first of equals."""
    best, most = None, 0
    for index, row in enumerate(grid.rows[:_SEARCHED_ROWS]):
        texts = _texts(row)
        if not texts or any(_is_value(cell) for cell in row):
            continue
        known = sum(
            1 for t in texts if len(t) <= _LONGEST_LABEL and word_match(t)[1] >= _WORD_COUNTS
        )
        enough = (
            known >= 2
            or (known == len(texts) == 1 and grid.width <= 2)
            or any(word_match(t)[1] == 1.0 and bare(t).endswith(_NO_NAME) for t in texts)
        )
        if enough and known > most:
            best, most = index, known
    return best


def _by_shape(grid: Grid) -> int | None:
    """A row of short different texts above columns of numbers or dates, in words we do not know."""
    fullest = max((len(_texts(row)) for row in grid.rows[:_SEARCHED_ROWS]), default=0)
    for index, row in enumerate(grid.rows[:_SEARCHED_ROWS]):
        texts = _texts(row)
        if len(texts) < max(2, fullest / 2):
            continue
        below = grid.rows[index + 1 : index + 6]
        if (
            any(not isinstance(c, str) or _is_value(c) or len(c) > 20 for c in row)
            or len(set(texts)) < len(texts)
            or not below
        ):
            return None
        has_values = any(
            sum(_is_value(r[c]) for r in below) * 2 > len(below) for c in range(grid.width)
        )
        return index if has_values else None
    return None


def _without_header(grid: Grid) -> Header:
    """Lines with one cell at most, above fuller ones, are a title all the same."""
    fullest = max((len(_texts(row)) for row in grid.rows[:_SEARCHED_ROWS]), default=0)
    first = 0
    while fullest > 2 and first < len(grid.rows) - 1 and len(_texts(grid.rows[first])) <= 1:
        if any(_is_value(cell) for cell in grid.rows[first]):
            break
        first += 1
    labels = [f"列{column_letters(grid.first_column + c)}" for c in range(grid.width)]
    return Header(labels, first, _lines(grid, first), found=False)


def _labels(grid: Grid, top: int) -> tuple[list[str], int]:
    """The labels, and the last row they take: two where sub-headers stand under the first row."""
    upper = _spread(grid, top)
    if not _has_second_row(grid, top, upper):
        return [tidy(cell_text(cell)) for cell in grid.rows[top]], top
    labels = []
    for above, below in zip(upper, grid.rows[top + 1], strict=True):
        texts = [tidy(cell_text(above)), tidy(cell_text(below))]
        labels.append(" ".join(dict.fromkeys(filter(None, texts))))
    return labels, top + 1


def _spread(grid: Grid, top: int) -> Row:
    """The header row with each merged text repeated over its columns."""
    row = list(grid.rows[top])
    for merged in grid.merged:
        if merged.top <= top <= merged.bottom and merged.left < len(row):
            value = grid.rows[merged.top][merged.left]
            for column in range(merged.left, min(merged.right + 1, len(row))):
                row[column] = value
    return row


def _groups_columns(grid: Grid, index: int) -> bool:
    """Whether the row above the labels groups them (受害人 | 嫌疑人), which a title does not.

    Without the groups, the phone of a suspect and that of the victim would have the same label.
    """
    texts = _texts(grid.rows[index])
    return (
        len(set(texts)) >= 2
        and all(len(text) <= _LONGEST_GROUP and not re.search("[:：]", text) for text in texts)
        and not any(_is_value(cell) for cell in grid.rows[index])
        and _has_second_row(grid, index, _spread(grid, index))
    )


def _has_second_row(grid: Grid, top: int, upper: Row) -> bool:
    """Whether the next row only refines this one: known words under blank or merged cells."""
    if top + 2 >= len(grid.rows):
        return False
    lower, original = grid.rows[top + 1], grid.rows[top]
    wide = {
        column
        for m in grid.merged
        if m.top == top and m.right > m.left
        for column in range(m.left, m.right + 1)
    }
    refined = 0
    for column, cell in enumerate(lower):
        if is_blank(cell):
            continue
        if _is_value(cell) or not isinstance(cell, str) or len(cell) > _LONGEST_LABEL:
            return False
        known = word_match(cell)[1] >= _WORD_COUNTS
        may_refine = column in wide or is_blank(original[column])
        same = one_line(cell) == one_line(cell_text(upper[column]))
        if not may_refine and not same and not known:
            return False
        refined += may_refine and known
    return refined >= 1


def _lines(grid: Grid, end: int) -> list[str]:
    return [line for row in grid.rows[:end] if (line := " ".join(dict.fromkeys(_texts(row))))]


def _texts(row: Row) -> list[str]:
    return [text for cell in row if (text := tidy(cell_text(cell)))]


def _is_value(cell: Cell) -> bool:
    if isinstance(cell, str):
        return bool(_VALUE.search(one_line(cell)))
    return not isinstance(cell, bool)


# --- rows that are no data ----------------------------------------------------------------------

_TOTAL = re.compile(
    r"(?:合\s*计|总\s*计|小\s*计|共\s*计|总数|本页|(?:sub)?-?total|sum)(?:$|[\s:：\d(（]|人|条)"
    r"|(?:以上)?共\s*\d+"
    r"|(?:注|备注|说明|以上|填表人?|制表人?|填报人?|审核人?|签字|打印|负责人|经办人)(?:单位|日期|时间)?\s*[:：]",
    re.I,
)
_LONG_NUMBER = re.compile(r"\d{7,}")


def no_data(row: Row, header: Header, wide: bool = False) -> str:
    """Why a row below the header is not data: "blank", "total", "header", or "" if it is data.

    `wide` says that its first text is merged over three columns or more, as footnotes are. A row
    whose only content is its serial number is blank: templates come numbered to 500.
    """
    filled = [i for i, cell in enumerate(row) if not is_blank(cell)]
    if not filled:
        return "blank"
    first = tidy(cell_text(row[filled[0]]))
    if header.found:
        if header.serial.issuperset(filled) and all(_text(row, i).isdigit() for i in filled):
            return "blank"
        repeated = len(filled) > 1 and first == header.labels[filled[0]]
        if repeated and all(_text(row, i) == header.labels[i] for i in filled):
            return "header"
    if _TOTAL.match(first) and not any(_LONG_NUMBER.search(_text(row, i)) for i in filled[1:]):
        return "total"
    if wide and len(filled) == 1 and not _LONG_NUMBER.search(first):
        return "total"
    return ""


def _text(row: Row, column: int) -> str:
    return tidy(cell_text(row[column]))
