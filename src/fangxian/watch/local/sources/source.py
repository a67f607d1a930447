"""What every source of events can do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Protocol

import pyarrow as pa

from ...reading import Wrong

# Whatever a source needs to go on from there, as JSON has it; None: from the beginning.
Position = Any


class Batch(NamedTuple):
    """`events` in columns of events.SCHEMA, in the order they came; `position` after them."""

    events: pa.Table
    wrong: Sequence[Wrong]
    position: Position


class Source(Protocol):
    """Events that can be had again from a position until it is `done`."""

    def batches(self, start: Position) -> Iterator[Batch]:
        """Batches after `start`, of 100,000 events at most. A source that lives gives an empty batch
        when nothing came for a while, and ends never; the end of the others is the end of all events.
        What is broken for a while (a broker gone) the source says and waits for."""
        ...

    def done(self, position: Position) -> None:
        """What came up to `position` is safe in a checkpoint and need not be had again. Called from
        another thread than that which reads."""
        ...

    def close(self) -> None:
        """Give back what is held. May be called twice."""
        ...
