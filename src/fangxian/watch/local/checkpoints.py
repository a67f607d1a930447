"""Checkpoints on the disk: a folder for each number, the last two of them.

Arrays stand in an Arrow file as they are in memory, each with its checksum. (Measured, 210 MiB:
written in 0.5 s like numpy's npz, read in 0.2 s where npz takes 2.)
"""

from __future__ import annotations

import json
import shutil
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from fangxian.detect.kinds import Words

from . import files
from .say import Say

FORMAT = "fangxian-local-1"
KEPT = 2
Arrays = Mapping[str, NDArray[Any]]
_FILE = "state.arrow"
_SCHEMA = pa.schema(
    [
        ("name", pa.string()),
        ("kind", pa.string()),
        ("shape", pa.list_(pa.int64())),
        ("checksum", pa.uint32()),
        ("octets", pa.large_binary()),
    ],
    metadata={"format": FORMAT},
)


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
        folder = self._folder / files.named(checkpoint.number)
        folder.mkdir(parents=True, exist_ok=True)
        files.put(folder / _FILE, lambda file: _write(file, checkpoint))
        files.keep_names(self._folder)
        for _, old in list(files.numbered(self._folder).items())[:-KEPT]:
            shutil.rmtree(old)

    def newest(self, say: Say) -> Checkpoint | None:
        """The newest whole one. One that is torn or of another make is passed over, and said; one
        without a file was being written when the power went."""
        for number, folder in reversed(files.numbered(self._folder).items()):
            path = folder / _FILE
            if path.is_file():
                try:
                    return _read(path, number)
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
        for later, folder in files.numbered(self._folder).items():
            if later > number:
                shutil.rmtree(folder)


def _write(file: BinaryIO, checkpoint: Checkpoint) -> None:
    about = json.dumps(checkpoint.about, ensure_ascii=False).encode()
    arrays = {"local": np.frombuffer(about, np.uint8), **checkpoint.state}
    with pa.ipc.new_file(file, _SCHEMA) as out:
        for name, array in arrays.items():
            octets = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
            ends = pa.py_buffer(np.array([0, len(octets)], np.int64))
            raw = pa.LargeBinaryArray.from_buffers(
                pa.large_binary(), 1, [None, ends, pa.py_buffer(octets)]
            )
            row = [[name], [array.dtype.str], [array.shape], [zlib.crc32(octets.data)]]
            columns = [
                pa.array(value, of) for value, of in zip(row, _SCHEMA.types[:4], strict=True)
            ]
            out.write_batch(pa.record_batch([*columns, raw], _SCHEMA))


def _read(path: Path, number: int) -> Checkpoint:
    """Raises ValueError for what `_write` did not write whole."""
    state = {}
    try:
        with pa.memory_map(str(path)) as file, pa.ipc.open_file(file) as batches:
            if (batches.schema.metadata or {}).get(b"format") != FORMAT.encode():
                raise ValueError(f"no {FORMAT}")
            for n in range(batches.num_record_batches):
                row = batches.get_batch(n)
                name, kind, shape, checksum = (row.column(c)[0].as_py() for c in range(4))
                octets = np.frombuffer(row.column(4)[0].as_buffer(), np.uint8)
                if zlib.crc32(octets.data) != checksum:
                    raise ValueError(f"{name}: checksum")
                state[name] = octets.view(kind).reshape(shape).copy()
        about = json.loads(bytes(state.pop("local")))
    # Octets that were turned over may be anything to Arrow and NumPy.
    except (OSError, KeyError, TypeError, IndexError, AttributeError, pa.ArrowException) as torn:
        raise ValueError(f"{type(torn).__name__}: {torn}") from torn
    return Checkpoint(number, state, about)
