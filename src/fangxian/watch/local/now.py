"""How the runner stands at a moment: for whoever looks on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ..alerts import Alert


@dataclass(frozen=True)
class Now:
    """Events so far (`taken`, `repeated`, `late`, and `wrong` that could not be used); `lag`: seconds from
    the newest event to now, None before the first; `callers` and `residents` in memory; `state`: bytes
    of the last checkpoint, and `age`: seconds since it was made (None: there is none yet); `unsent`:
    warnings that wait for a sink; `alerts`: how often one was told, by grade, and the `last` ones."""

    taken: int
    repeated: int
    late: int
    wrong: int
    lag: float | None
    callers: int
    residents: int
    state: int
    age: float | None
    unsent: int
    alerts: Mapping[str, int]
    last: Sequence[Alert]


# Called between two batches, often.
Show = Callable[[Now], None]
