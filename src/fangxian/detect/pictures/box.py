"""Places in a picture, in pixels from its upper left corner."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import NamedTuple

# Lines this much taller than wide are written from top to bottom.
_UPRIGHT = 1.5
Point = tuple[float, float]


class Box(NamedTuple):
    """A rectangle in pixels; `right` and `bottom` are just outside."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top


@dataclass(frozen=True)
class Strip:
    """Where a line stands, slanted where the picture is: its corners (x, y) from the upper left one
    on, clockwise as it is read."""

    corners: tuple[Point, Point, Point, Point]

    @property
    def left(self) -> float:
        return self.corners[0][0]

    @property
    def top(self) -> float:
        return self.corners[0][1]

    @property
    def right(self) -> float:
        return self.corners[1][0]

    @property
    def bottom(self) -> float:
        """Where its left edge ends: the next line of a slanted picture begins below that."""
        return self.corners[3][1]

    @property
    def height(self) -> float:
        return max(self.bottom - self.top, 1.0)

    def box(self, scale: float, size: tuple[int, int]) -> Box:
        """The rectangle around it in a picture `scale` times as large, inside its `size` (width,
        height)."""
        across = [x * scale for x, _ in self.corners]
        down = [y * scale for _, y in self.corners]
        left, top = _inside(min(across), size[0] - 1), _inside(min(down), size[1] - 1)
        right, bottom = _inside(max(across) + 0.99, size[0]), _inside(max(down) + 0.99, size[1])
        return Box(left, top, max(right, left + 1), max(bottom, top + 1))

    def part(self, text: str, start: int, end: int) -> Strip:
        """Where characters `start` to `end` of its `text` stand, by the width of characters: a
        Chinese one is as wide as two Latin ones."""
        widths = [2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text]
        whole = max(sum(widths), 1)
        first, last = sum(widths[:start]) / whole, sum(widths[:end]) / whole
        a, b, c, d = self.corners
        if len(text) > 1 and abs(d[1] - a[1]) > _UPRIGHT * abs(b[0] - a[0]):
            parts = (_at(a, d, first), _at(b, c, first), _at(b, c, last), _at(a, d, last))
        else:
            parts = (_at(a, b, first), _at(a, b, last), _at(d, c, last), _at(d, c, first))
        return Strip(parts)


def _at(one: Point, other: Point, share: float) -> Point:
    return one[0] + share * (other[0] - one[0]), one[1] + share * (other[1] - one[1])


def _inside(value: float, most: int) -> int:
    return min(max(int(value), 0), most)
