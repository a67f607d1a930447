"""What the runner tells whoever runs it: one line at a time, in both languages."""

from __future__ import annotations

import sys
from collections.abc import Callable

from fangxian.detect.kinds import Words

Say = Callable[[Words], None]


class CannotRun(Exception):
    """Why the runner does not begin, in words that say what to do."""

    def __init__(self, says: Words) -> None:
        super().__init__(says)
        self.says = says

    def __str__(self) -> str:
        return self.says.en


def to_stderr(said: Words) -> None:
    """In Chinese, a line on standard error."""
    sys.stderr.write(said.zh + "\n")
    sys.stderr.flush()
