"""How threads of one process take turns."""

from __future__ import annotations

import sys


def short_turns() -> None:
    """Let a waiting thread in after 0.2 ms instead of Python's 5.

    Every row that SQLite hands over lets another thread in, and getting back takes a turn. Beside a
    thread that read a list of 20,000 rows the clock needed 7 s to fire one alarm; with short turns
    0.4 s at the most, and the list took no longer (`python -m bench site`).
    """
    sys.setswitchinterval(0.0002)
