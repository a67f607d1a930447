"""Events that wait until their cell is settled: before, another could still come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..laid import Arrays
from .cells import Steps, cells

Columns: TypeAlias = tuple[NDArray[Any], ...]


class Waiting:
    """Columns of the same events, by cell. Cells before `settled` are closed (None: none yet)."""

    def __init__(self) -> None:
        self.settled: int | None = None
        self._cells: dict[int, list[Columns]] = {}

    def add(self, steps: Steps, kept: NDArray[np.bool_], columns: Columns) -> None:
        """Take in those events that are `kept`, each in its cell, in order of cells. Those of cells
        that are settled are left out."""
        if self.settled is not None:
            kept = kept & (steps >= self.settled)
        rows = np.flatnonzero(kept)
        columns = tuple(column[rows] for column in columns)
        for step, own in cells(steps[rows]):
            self._cells.setdefault(step, []).append(tuple(column[own] for column in columns))

    def settle(self, edge: int) -> Iterator[tuple[int, Columns]]:
        """Close all cells before `edge`: each, in order, and its events."""
        self.settled = max(edge, self.settled or edge)
        for step in sorted(step for step in self._cells if step < edge):
            yield step, _joined(self._cells.pop(step))

    def laid_down(self) -> Arrays:
        """All there is: copies, or what never changes."""
        own = [(step, _joined(parts)) for step, parts in sorted(self._cells.items())]
        steps = np.repeat([step for step, _ in own], [len(columns[0]) for _, columns in own])
        joined = enumerate(_joined([columns for _, columns in own]) if own else ())
        settled = np.array([] if self.settled is None else [self.settled], np.int64)
        return {"steps": steps.astype(np.int64), "settled": settled} | {
            f"column_{n}": column for n, column in joined
        }

    def take_up(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """In place of what is there."""
        steps = arrays["steps"]
        columns = tuple(arrays[f"column_{n}"] for n in range(len(arrays) - 2))
        self.settled, self._cells = None, {}
        self.add(steps, np.ones(len(steps), bool), columns)
        self.settled = next(iter(arrays["settled"].tolist()), None)


def _joined(parts: list[Columns]) -> Columns:
    if len(parts) == 1:
        return parts[0]
    return tuple(np.concatenate(columns) for columns in zip(*parts, strict=True))
