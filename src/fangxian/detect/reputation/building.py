"""Making a table from reports, in bounded memory.

Reports are hashed, sorted and summed up a million at a time into runs on disk; the runs are merged
range of keys by range of keys, for hashes lie evenly. The table takes the place of the old one in
one step: who has the old one open reads on in it until the journal says that there is a new one.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from .form import HALF_LIFE, HEADER_SIZE, MOST_COUNT, Header, ReputationError, Secret, day_number
from .journal import Tail, append, journal_path, read, writing
from .reports import Reports, row_type, rows_of
from .table import map_table, value_type

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_RUN = 1_000_000
# What is left of one report after ten half-lives is forgotten: nothing is kept longer than it counts.
_FORGOTTEN = 2.0**-10


def build(
    path: Path | str, reports: Reports, key: bytes, today: date, half_life: float = HALF_LIFE
) -> int:
    """Make the table at `path` from `reports` alone; returns how many numbers it holds.

    `reports` is an iterable of `Report` or of `Columns`, or an Arrow table or reader with columns
    number, day and perhaps weight. `half_life` is in days and stays the table's own. Numbers cleared
    before, by the journal beside the table, stay cleared. Raises ValueError for a report that cannot
    be used, and then leaves everything as it was.
    """
    if not 0 < half_life < 36_500:
        raise ValueError(f"半衰期应大于 0 天，实际是 {half_life}")
    path, secret = Path(path), Secret(key)
    with _alone(path):
        with writing(journal_path(path), secret, create=True) as file:
            tail = read(file, 0, journal_path(path), secret)
        return _make(
            path, iter(()), rows_of(reports, secret, today), secret, today, half_life, tail
        )


def merge(path: Path | str, reports: Reports, key: bytes, today: date) -> int:
    """Add `reports` to the table at `path`, take in what was cleared, forget what no longer counts;
    returns how many numbers it holds. Raises as `build`, and ReputationError if there is no table."""
    path, secret = Path(path), Secret(key)
    with _alone(path):
        with writing(journal_path(path), secret) as file:
            tail = read(file, 0, journal_path(path), secret)
        header = map_table(path, secret).header
        hidden = {e.key for e in tail.entries if e.what == "clear" and e.at >= header.journal}
        old = _old_rows(path, header.entries, hidden)
        fresh = rows_of(reports, secret, today)
        return _make(path, old, fresh, secret, today, header.half_life, tail)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One builder at a time. `clear` does not wait for it."""
    with path.with_name(path.name + ".lock").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ReputationError(f"{path.name}：另一个进程正在重建，请稍后再试") from None
        for left in path.parent.iterdir():
            # Of a builder that was killed.
            if left.name.startswith(f".{path.name}.making-"):
                shutil.rmtree(left)
        yield


def _make(
    path: Path, old: Iterator[NDArray[np.void]], fresh: Iterator[NDArray[np.void]],
    secret: Secret, today: date, half_life: float, tail: Tail,
) -> int:  # fmt: skip
    cleared = {e.key: e.day for e in sorted(tail.entries, key=lambda e: e.day) if e.what == "clear"}
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.making-") as folder:
        runs = list(_runs(old, Path(folder), "old", half_life))
        runs += _runs((_uncleared(rows, cleared) for rows in fresh), Path(folder), "new", half_life)
        made = Path(folder) / "table"
        count = _write(made, runs, secret, today, half_life, tail.end)
        made.replace(path)
    folder_file = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder_file)
    finally:
        os.close(folder_file)
    with writing(journal_path(path), secret) as file:
        append(file, "built", count, today)
    return count


def _old_rows(path: Path, entries: int, hidden: set[int]) -> Iterator[NDArray[np.void]]:
    """What the table holds, but for what was cleared since. Read, not mapped: a mapped page counts
    as memory until somebody else wants it."""
    import numpy as np

    gone = np.array(sorted(hidden), dtype="<u8")
    for start in range(0, entries, _RUN):
        length = min(_RUN, entries - start)
        keys = np.fromfile(path, "<u8", length, offset=HEADER_SIZE + 8 * start)
        beside = HEADER_SIZE + 8 * entries + value_type().itemsize * start
        values = np.fromfile(path, value_type(), length, offset=beside)
        rows = np.zeros(length, dtype=row_type())
        rows["key"] = keys
        for name in ("score", "day", "count"):
            rows[name] = values[name]
        yield rows[~np.isin(keys, gone)]


def _uncleared(rows: NDArray[np.void], cleared: dict[int, int]) -> NDArray[np.void]:
    """Without reports of the day of the number's clearing, or before."""
    import numpy as np

    if not cleared:
        return rows
    keys = np.array(sorted(cleared), dtype="<u8")
    days = np.array([cleared[int(key)] for key in keys])
    at = np.minimum(np.searchsorted(keys, rows["key"]), len(keys) - 1)
    counts: NDArray[np.bool_] = (keys[at] != rows["key"]) | (rows["day"] > days[at])
    return rows[counts]


def _runs(
    parts: Iterator[NDArray[np.void]], folder: Path, name: str, half_life: float
) -> Iterator[Path]:
    """Sorted, summed-up files of at most a million rows."""
    import numpy as np

    held: list[NDArray[np.void]] = []
    number = 0
    for rows in parts:
        held.append(rows)
        if sum(map(len, held)) >= _RUN:
            yield _run(np.concatenate(held), folder / f"{name}-{number}", half_life)
            held, number = [], number + 1
    if held:
        yield _run(np.concatenate(held), folder / f"{name}-{number}", half_life)


def _run(rows: NDArray[np.void], file: Path, half_life: float) -> Path:
    summed_up(rows, half_life).tofile(file)
    return file


def summed_up(rows: NDArray[np.void], half_life: float) -> NDArray[np.void]:
    """One row a key, in order of keys: the scores decayed to the key's last day and added."""
    import numpy as np

    if not len(rows):
        return rows
    rows = rows[np.argsort(rows["key"], kind="stable")]
    starts = np.flatnonzero(np.concatenate(([True], rows["key"][1:] != rows["key"][:-1])))
    if len(starts) == len(rows):
        return rows
    lengths = np.diff(np.append(starts, len(rows)))
    out = rows[starts]
    out["day"] = np.maximum.reduceat(rows["day"], starts)
    age = np.repeat(out["day"], lengths).astype(float) - rows["day"]
    out["score"] = np.add.reduceat(rows["score"] * np.exp2(-age / half_life), starts)
    out["count"] = np.minimum(np.add.reduceat(rows["count"], starts, dtype=np.int64), MOST_COUNT)
    return out


def _write(
    made: Path, runs: list[Path], secret: Secret, today: date, half_life: float, journal: int
) -> int:
    """The table: keys into the file, values into one beside it, then behind the keys."""
    now, count = day_number(today), 0
    beside = made.with_suffix(".values")
    with made.open("wb") as file, beside.open("w+b") as values:
        file.seek(HEADER_SIZE)
        for rows in _ranges(runs, half_life):
            kept = _remembered(rows, now, half_life)
            kept["key"].astype("<u8").tofile(file)
            _values(kept).tofile(values)
            count += len(kept)
        values.seek(0)
        file.seek(0, os.SEEK_END)
        if not count:
            file.truncate(HEADER_SIZE)
        shutil.copyfileobj(values, file, 1 << 20)
        file.seek(0)
        file.write(Header(count, half_life, secret.check, journal, now).pack())
        file.flush()
        os.fsync(file.fileno())
    return count


def _values(rows: NDArray[np.void]) -> NDArray[np.void]:
    import numpy as np

    values = np.zeros(len(rows), dtype=value_type())
    values["score"], values["day"] = rows["score"], rows["day"]
    values["count"] = np.minimum(rows["count"], MOST_COUNT)
    return values


def _remembered(rows: NDArray[np.void], now: int, half_life: float) -> NDArray[np.void]:
    import numpy as np

    age = now - rows["day"].astype(float)
    return rows[rows["score"] * np.exp2(-age / half_life) >= _FORGOTTEN]


def _ranges(runs: list[Path], half_life: float) -> Iterator[NDArray[np.void]]:
    """All runs merged, a range of keys at a time: about a million rows, for keys lie evenly."""
    import numpy as np

    sizes = [run.stat().st_size // row_type().itemsize for run in runs]
    pieces = max(1, -(-sum(sizes) // _RUN))
    edges = np.array([(1 << 64) * piece // pieces for piece in range(1, pieces)], dtype="<u8")
    cuts = []
    for run, size in zip(runs, sizes, strict=True):
        keys = np.fromfile(run, dtype=row_type())["key"].copy() if size else np.zeros(0, "<u8")
        cuts.append([0, *np.searchsorted(keys, edges).tolist(), size])
    for piece in range(pieces):
        parts = [
            np.fromfile(
                run,
                row_type(),
                cut[piece + 1] - cut[piece],
                offset=cut[piece] * row_type().itemsize,
            )
            for run, cut in zip(runs, cuts, strict=True)
        ]
        if parts:
            yield summed_up(np.concatenate(parts), half_life)
