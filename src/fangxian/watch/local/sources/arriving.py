"""Files that come into a folder while the watch runs, each once it is whole."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

# Seconds in which neither size nor time of change moved: the file is taken to be whole. Whoever wants
# to be sure writes under a hidden name and renames.
STILL = 2.0
Seen = tuple[int, int]


class Arriving:
    """Files in the order of their names, after the one called `after` ("" for all). One that is not
    whole yet holds up those behind it: order is kept."""

    def __init__(self, list_files: Callable[[], Sequence[Path]], after: str) -> None:
        self._list = list_files
        self._after = after
        self._passed = {str(path) for path in list_files() if str(path) <= after}
        self._since: dict[str, tuple[Seen, float]] = {}

    def look(self) -> tuple[Path | None, list[Path]]:
        """The next file, once it is whole; and files that came with names before one that was read
        already, each told once."""
        files = sorted(self._list(), key=str)
        behind = [p for p in files if str(p) <= self._after and str(p) not in self._passed]
        self._passed |= {str(path) for path in behind}
        ahead = [path for path in files if str(path) > self._after]
        if not ahead or not self._is_still(ahead[0]):
            return None, behind
        return ahead[0], behind

    def read(self, path: Path) -> None:
        """It was: those after it are next."""
        self._after = str(path)
        self._passed.add(self._after)
        self._since.pop(self._after, None)

    def _is_still(self, path: Path) -> bool:
        try:
            about = path.stat()
        except FileNotFoundError:
            return False
        now, seen = time.monotonic(), (about.st_size, about.st_mtime_ns)
        before, since = self._since.get(str(path), (None, now))
        if seen != before:
            self._since[str(path)] = (seen, now)
            return False
        return now - since >= STILL
