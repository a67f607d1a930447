"""A second book beside the live one: the same events, its own warnings, and nothing of it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..alerts import Alert
from ..arrivals import Arrivals
from ..laid import Arrays, part, under
from ..state import laid_down, taken_up
from ..watching import Watch
from .book import LiveBook
from .say import Say

# In a checkpoint, before the names of what it is laid down as.
_MARK = "shadow_"


class Shadow:
    """A watch with the book at `path` (beside the shipped one), read again when it changes.

    `state`: of the last checkpoint; where that has no shadow it begins with what the live watch knows
    (`live`) of numbers and residents, in checkpoint number `next_`; else it began in number `since`.
    """

    def __init__(
        self,
        path: Path,
        live: Watch,
        state: Mapping[str, Any],
        next_: int,
        since: int | None,
        say: Say,
    ) -> None:
        self._book = LiveBook(path, say)
        own = part(state, _MARK)
        self._watch = taken_up(own or laid_down(live), self._book.now)
        self.since = since if own and since else next_

    def take(self, arrived: Arrivals) -> list[Alert]:
        """Warnings that are new or changed."""
        if self._book.changed():
            self._watch = taken_up(laid_down(self._watch), self._book.now)
        return self._watch.take_in(arrived).alerts

    def finish(self) -> list[Alert]:
        """The end of all events."""
        return self._watch.finish()

    def laid_down(self) -> Arrays:
        """For the checkpoint."""
        return under(_MARK, laid_down(self._watch))
