"""Files that are there whole or not at all, whatever happens meanwhile."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO


def put(path: Path, write: Callable[[BinaryIO], None]) -> None:
    """`write` into a file that is then `path`, safe on the disk when this returns. Raises OSError, and
    leaves what was there as it was."""
    new = path.with_name(path.name + ".new")
    try:
        with new.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    keep_names(path.parent)


def keep_names(folder: Path) -> None:
    """The names in a folder, safe on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def numbered(folder: Path, ending: str = "") -> dict[int, Path]:
    """Files or folders called by a number of six digits or more and `ending`, in order."""
    found = {}
    for path in folder.iterdir() if folder.is_dir() else ():
        stem = path.name.removesuffix(ending)
        if path.name == stem + ending and len(stem) >= 6 and stem.isdigit():
            found[int(stem)] = path
    return dict(sorted(found.items()))


def named(number: int, ending: str = "") -> str:
    """As `numbered` finds it."""
    return f"{number:06d}{ending}"
