"""Patterns of many words, in a form that `re` searches fast."""

from __future__ import annotations

import re
from collections.abc import Iterable


def any_of(words: Iterable[str], before: str = "") -> str:
    """A pattern for the longest of `words` that stands somewhere, not behind `before`. By first
    character, for which `re` then only looks where one of them is."""
    by_first: dict[str, list[str]] = {}
    for word in sorted(words, key=lambda odd: (-len(odd), odd)):
        by_first.setdefault(word[0], []).append(re.escape(word[1:]))
    return "|".join(
        f"{re.escape(c)}{before and f'(?<!{before}{re.escape(c)})'}(?:{'|'.join(rest)})"
        for c, rest in by_first.items()
    )
