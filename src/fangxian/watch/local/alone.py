"""One runner to a folder."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fangxian.detect.kinds import Words

from .say import CannotRun


class Taken(CannotRun):
    """Another runner works in the folder."""


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Until it is left (or the process dies) nobody else may. Raises Taken."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            by = os.read(handle, 40).decode(errors="replace").strip()
            says = Words(
                f"{folder}：已有另一个进程（{by}）在用这个文件夹，请先停掉它，或换一个文件夹",
                f"{folder}: another process ({by}) works in this folder; stop it first, or take another folder",
            )
            raise Taken(says) from None
        os.ftruncate(handle, 0)
        os.write(handle, f"pid {os.getpid()}\n".encode())
        yield
    finally:
        os.close(handle)
