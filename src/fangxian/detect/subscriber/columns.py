"""The columns of a subscriber's row, by aspect, from columns.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import inf
from pathlib import Path

from ..kinds.words import Words, read_yaml, words

# What a value may be: the least, the most, and how an error says it.
_SORTS: dict[str, tuple[float, float, str]] = {
    "count": (0, inf, "不小于 0 的数"),
    "share": (0, 1, "0 到 1 之间的数"),
    "hour": (0, 23, "0 到 23 的钟点"),
    "day": (1, 31, "1 到 31 的日子"),
    "number": (-inf, inf, "数"),
}


@dataclass(frozen=True)
class Column:
    """One column: the `aspect` it belongs to, what it is called, and its least and most value."""

    key: str
    aspect: str
    name: Words
    least: float
    most: float
    expects: str

    @property
    def is_amount(self) -> bool:
        """Whether more or less of it means anything: not so for an hour or a day of the month."""
        return self.most not in (23, 31)


@cache
def columns() -> tuple[Column, ...]:
    """All 55, in the order of the file; a column of `Subscribers.values` has its place here."""
    return tuple(
        Column(key, aspect, words({"zh": zh, "en": en}, f"columns.yaml {key}"), *_SORTS[sort])
        for aspect, told in _raw().items()
        for key, (sort, zh, en) in told["columns"].items()
    )


@cache
def aspects() -> dict[str, Words]:
    """The aspects: `contacts`, `durations`, … and what they are about."""
    return {
        key: words({"zh": told["zh"], "en": told["en"]}, f"columns.yaml {key}")
        for key, told in _raw().items()
    }


@cache
def place() -> dict[str, int]:
    """Of each column, its place."""
    return {column.key: at for at, column in enumerate(columns())}


@cache
def _raw() -> dict[str, dict[str, dict[str, tuple[str, str, str]]]]:
    return read_yaml(Path(__file__).with_name("columns.yaml"))
