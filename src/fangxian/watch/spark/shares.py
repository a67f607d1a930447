"""The state of shares, on a disk that all machines see: a file for each share and batch.

    shares/sight-0003/000012        what share 3 of the other sides knew after batch 12
    shares/residents-0003/000012    what share 3 of the residents did

Batch 12 begins from the files of batch 11, as often as it has to be done; so the last two are kept.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from fangxian.detect.kinds import Words

from .. import on_disk
from ..local.checkpoints import Checkpoint, read, write
from ..local.say import CannotRun

SIGHT, RESIDENTS = "sight", "residents"
_KEPT = 2


class Torn(CannotRun):
    """What was written is not there, or is not whole."""

    def __init__(self, what: Path | str, why: object) -> None:
        super().__init__(
            Words(
                f"{what} 不完整，或不是这里写下的：{why}",
                f"{what} is not whole, or was not written here: {why}",
            )
        )


class Share:
    """One share of a half."""

    def __init__(self, folder: Path, half: str, number: int) -> None:
        self._folder = folder / "shares" / f"{half}-{number:04d}"

    def after(self, batch: int) -> Mapping[str, NDArray[Any]] | None:
        """What was put after that batch, None before the first (-1). Raises Torn."""
        if batch < 0:
            return None
        path = self._folder / on_disk.named(batch)
        try:
            return read(path, batch).state
        except (OSError, ValueError) as wrong:
            raise Torn(path, wrong) from wrong

    def put(self, batch: int, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Safe on the disk when it returns; those before the last are dropped."""
        self._folder.mkdir(parents=True, exist_ok=True)
        # A task that was given up may still be writing the same elsewhere.
        own = self._folder / f".{batch}-{uuid.uuid4().hex}"
        on_disk.put(own, lambda file: write(file, Checkpoint(batch, arrays, {})))
        own.replace(self._folder / on_disk.named(batch))
        on_disk.keep_names(self._folder)
        for number, old in on_disk.numbered(self._folder).items():
            if number <= batch - _KEPT:
                old.unlink(missing_ok=True)


def size_of(folder: Path, batch: int) -> dict[str, int]:
    """Bytes of state after a batch, by half."""
    return {
        half: sum(
            path.stat().st_size
            for path in (folder / "shares").glob(f"{half}-*/{on_disk.named(batch)}")
        )
        for half in (SIGHT, RESIDENTS)
    }
