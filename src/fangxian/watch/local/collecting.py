"""Python's search for cycles, kept off what lives long."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# Young objects are looked through as before, a little less often; all of them never: with 77,000
# residents in memory that took 0.1 to 0.5 s, again and again, and found nothing (the state has no
# cycles).
_SELDOM = (20_000, 5, 1_000_000)


@contextmanager
def seldom_collected() -> Iterator[None]:
    """For a process that is the watch's own."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*_SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
