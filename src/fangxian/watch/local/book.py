"""The analyst's file of signals, read again when it changes."""

from __future__ import annotations

import time
from pathlib import Path

from fangxian.detect.kinds import Words

from ..signals import SHIPPED, Book, read_book, shipped_book
from .say import Say

# Seconds between looks at the file.
LOOK = 1.0


class LiveBook:
    """The shipped signals and those of `path`, where one is given. Raises ValueError or OSError for a
    first file that cannot be read."""

    def __init__(self, path: Path | None, say: Say) -> None:
        self._path, self._say = path, say
        self._looked, self._seen = time.monotonic(), self._look()
        self.now: Book = shipped_book() if path is None else _read(path)

    def changed(self) -> bool:
        """`now` is another book than at the last call. A file that is wrong is said once, and the old
        book stays."""
        if self._path is None or time.monotonic() - self._looked < LOOK:
            return False
        self._looked, seen = time.monotonic(), self._look()
        if seen == self._seen or seen is None:
            return False
        self._seen = seen
        try:
            book = _read(self._path)
        # Whatever YAML and people can do to a file: the watch goes on with the book it has.
        except Exception as wrong:
            self._say(
                Words(
                    f"信号文件有错，仍用原来的：{wrong}",
                    f"the file of signals is wrong, the old ones stay: {wrong}",
                )
            )
            return False
        if book == self.now:
            return False
        self.now = book
        self._say(
            Words(
                f"已换用新的信号文件，共 {len(book.signals)} 个信号",
                f"the new file of signals holds, {len(book.signals)} signals",
            )
        )
        return True

    def _look(self) -> tuple[int, int] | None:
        """When it was changed and how long it is; None where it is not there (being replaced)."""
        try:
            stat = self._path.stat() if self._path else None
        except OSError:
            return None
        return (stat.st_mtime_ns, stat.st_size) if stat else None


def _read(path: Path) -> Book:
    return read_book(SHIPPED, path)
