"""Checkpoints on the disk: a folder for each number, the last two of them.

    magic, length and checksum of the head, head (JSON: name, kind, shape, checksum), the arrays

Plain, because numpy's npz takes ten times as long to read (210 MiB: 2.1 s, this 0.2 s; both are
written in 0.5 s), and Arrow ends the process at a file whose octets were turned over.
"""

from __future__ import annotations

import json
import shutil
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from fangxian.detect.kinds import Words

from .. import on_disk
from .say import Say

MAGIC = b"FANGXIAN-LOCAL-1"
KEPT = 2
Arrays = Mapping[str, NDArray[Any]]
_FILE = "state"
_HEAD = struct.Struct("<16sII")


@dataclass(frozen=True)
class Checkpoint:
    """`state` as the watch was laid down; `about`: what the runner needs besides, as JSON has it."""

    number: int
    state: Arrays
    about: dict[str, Any]


class Checkpoints:
    """Those in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, checkpoint: Checkpoint) -> None:
        """Safe on the disk when this returns; older ones are then dropped. Raises OSError, and leaves
        the older ones as they were."""
        folder = self._folder / on_disk.named(checkpoint.number)
        folder.mkdir(parents=True, exist_ok=True)
        on_disk.put(folder / _FILE, lambda file: write(file, checkpoint))
        on_disk.keep_names(self._folder)
        for _, old in list(on_disk.numbered(self._folder).items())[:-KEPT]:
            shutil.rmtree(old)

    def newest(self, say: Say) -> Checkpoint | None:
        """The newest whole one. One that is torn or of another make is passed over, and said; one
        without a file was being written when the power went."""
        for number, folder in reversed(on_disk.numbered(self._folder).items()):
            path = folder / _FILE
            if path.is_file():
                try:
                    return read(path, number)
                except ValueError as wrong:
                    say(
                        Words(
                            f"检查点 {folder.name} 读不出来（{wrong}），改用前一个",
                            f"checkpoint {folder.name} cannot be read ({wrong}); going back to the one before",
                        )
                    )
        return None

    def forget_after(self, number: int) -> None:
        """Drop those that were passed over, or their numbers would count as newer."""
        for later, folder in on_disk.numbered(self._folder).items():
            if later > number:
                shutil.rmtree(folder)


def write(file: BinaryIO, checkpoint: Checkpoint) -> None:
    """Into an open file, for `read`."""
    about = json.dumps(checkpoint.about, ensure_ascii=False).encode()
    arrays = {"local": np.frombuffer(about, np.uint8), **checkpoint.state}
    index, parts = [], []
    for name, array in arrays.items():
        octets = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
        index.append([name, array.dtype.str, array.shape, len(octets), zlib.crc32(octets.data)])
        parts.append(octets)
    head = json.dumps(index).encode()
    file.write(_HEAD.pack(MAGIC, len(head), zlib.crc32(head)) + head)
    for octets in parts:
        file.write(octets.data)


def read(path: Path, number: int) -> Checkpoint:
    """Raises ValueError for what `write` did not write whole."""
    state = {}
    with path.open("rb") as file:
        start = file.read(_HEAD.size)
        if len(start) < _HEAD.size or not start.startswith(MAGIC):
            raise ValueError(f"no {MAGIC.decode()}")
        _, length, checksum = _HEAD.unpack(start)
        head = file.read(min(length, path.stat().st_size))
        if zlib.crc32(head) != checksum:
            raise ValueError("head: checksum")
        for name, kind, shape, size, checksum in json.loads(head):
            octets = np.fromfile(file, np.uint8, size)
            if len(octets) != size or zlib.crc32(octets.data) != checksum:
                raise ValueError(f"{name}: checksum")
            state[name] = octets.view(kind).reshape(shape)
    about = json.loads(bytes(state.pop("local")))
    return Checkpoint(number, state, about)
