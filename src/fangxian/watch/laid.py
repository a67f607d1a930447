"""What is laid down: arrays by name. A part of a whole has its own names behind a prefix."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from numpy.typing import NDArray

Arrays: TypeAlias = dict[str, NDArray[Any]]


def under(prefix: str, arrays: Mapping[str, NDArray[Any]]) -> Arrays:
    """What a part was laid down as, with a prefix."""
    return {prefix + name: array for name, array in arrays.items()}


def part(arrays: Mapping[str, NDArray[Any]], prefix: str) -> Arrays:
    """Of the whole what has a prefix, without it: the reverse of `under`."""
    return {n.removeprefix(prefix): a for n, a in arrays.items() if n.startswith(prefix)}
