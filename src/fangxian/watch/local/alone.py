"""One runner to a folder."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fangxian.detect.kinds import Words


class Taken(Exception):
    """Another runner works in the folder; `says` in words."""

    def __init__(self, folder: Path, by: str) -> None:
        self.says = Words(
            f"{folder}：已有另一个进程（{by}）在用这个文件夹，请先停掉它，或换一个文件夹",
            f"{folder}: another process ({by}) works in this folder; stop it first, or take another folder",
        )
        super().__init__(self.says.en)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Until it is left (or the process dies) nobody else may. Raises Taken."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Taken(folder, os.read(handle, 40).decode(errors="replace").strip()) from None
        os.ftruncate(handle, 0)
        os.write(handle, f"pid {os.getpid()}\n".encode())
        yield
    finally:
        os.close(handle)
