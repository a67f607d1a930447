"""A town or province that lives for some days, written as the events a watch would see."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ..events import SCHEMA, VERSION
from .assumptions import assumptions
from .attempts import Attempts
from .callers import strangers
from .columns import Columns
from .messages import messages, online
from .money import chains, everyday
from .residents import Residents
from .rhythm import DAY, MINUTE
from .rows import SILENT, Pending, Rows
from .talks import acquaintances
from .truth import SIGNS, Truth
from .words import Words

CHINA = timezone(timedelta(hours=8))
START = datetime(2026, 3, 2, tzinfo=CHINA)  # a Monday
PART = 1_000_000
_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Lengths of a window in minutes, each a whole part of a day; rows made at a time, at the most; events
# a resident and hour at the busiest time of day.
_WINDOWS = (1440, 720, 480, 360, 240, 120, 60, 30, 15, 10, 5, 2, 1)
AT_A_TIME = 250_000
_BUSIEST = 0.9


@dataclass(frozen=True)
class Made:
    """What was written. `victims` first pay within the time simulated; `unseen`: those of whom no
    event tells anything before they pay; `faint`: those of whom short calls, plain texts or codes
    do."""

    events: int
    parts: int
    resident_days: float
    attempts: int
    victims: int
    unseen: int
    faint: int


def simulate(
    folder: Path,
    *,
    residents: int = 10_000,
    days: int = 7,
    seed: int = 1,
    events: int | None = None,
    start: datetime = START,
    intensity: float = 1.0,
    say: Callable[[str], None] | None = None,
) -> Made:
    """Write `events/part-*.parquet` (in order of time), `truth.parquet` and `about.json` to `folder`.

    It ends after `days`, or earlier at so many `events`. `start` has a time zone. `intensity`: so
    many times as many victims (attempts.py). `say` is told of every part. The same arguments give the
    same bytes, by the same versions of NumPy and Arrow. Memory does not grow with `days`, but for
    about 100 bytes an attempt; see docs/en/explanation/simulator.md for figures.

    Raises ValueError for arguments out of range, FileExistsError if `folder` already holds events.
    """
    _check(residents, days, seed, events, start, intensity)
    parts = _Parts(folder, say)
    begin = (start.astimezone(UTC) - _EPOCH) // _MICROSECOND
    town = _Town(residents, seed, intensity, begin)
    columns = Columns(town.words, town.residents.number)
    end = begin + days * DAY
    for rows in town.live(end):
        if events is not None and parts.events + len(rows) >= events:
            rows = rows[: events - parts.events]
            end = int(rows["time"][-1]) + 1 if len(rows) else end
        town.truth.take(rows, parts.events + np.arange(len(rows)))
        parts.write(columns, rows)
        if parts.events == events:
            break
    parts.close()
    truth = town.truth.write(folder / "truth.parquet", town.residents, begin, end)
    # Who had paid before it began could no longer be warned in time.
    paid = np.asarray(truth["first_payment"].cast(pa.int64()).fill_null(-1)) >= begin
    signs = np.asarray(truth["signs"].to_pylist())[paid]
    made = Made(
        events=parts.events,
        parts=parts.count,
        resident_days=residents * (end - begin) / DAY,
        attempts=truth.num_rows,
        victims=int(paid.sum()),
        unseen=int((signs == SIGNS[0]).sum()),
        faint=int((signs == SIGNS[1]).sum()),
    )
    about = {
        "made": vars(made),
        "arguments": {
            "residents": residents, "days": days, "seed": seed, "events": events,
            "start": start.isoformat(), "intensity": intensity,
        },
        "schema": VERSION,
        "assumptions": assumptions(),
    }  # fmt: skip
    text = json.dumps(about, ensure_ascii=False, indent=1)
    (folder / "about.json").write_text(text + "\n", encoding="utf-8")
    return made


def window_of(residents: int) -> int:
    """How long a time is lived at once, in microseconds: as long as memory allows."""
    an_hour = residents * _BUSIEST
    fits = [m for m in _WINDOWS if an_hour * min(m / 60, 12) <= AT_A_TIME]
    return (fits[0] if fits else _WINDOWS[-1]) * MINUTE


class _Town:
    """Residents and gangs, and what they have begun that is not over yet."""

    def __init__(self, residents: int, seed: int, intensity: float, begin: int) -> None:
        self.residents, self.words = Residents(residents, seed), Words(seed)
        self.truth = Truth(self.words)
        self._attempts = Attempts(self.residents, self.words, self.truth, seed, intensity)
        self._seed, self._begin = seed, begin

    def live(self, end: int) -> Iterator[Rows]:
        """Everything that is seen, window by window, in order of time."""
        pending = Pending()
        pending.add(*self._attempts.before(self._begin))
        past = pending.until(self._begin)
        self.truth.take(past, np.full(len(past), -1))
        window = window_of(self.residents.count)
        for number, start in enumerate(range(self._begin, end, window)):
            until = min(start + window, end)
            if (start - self._begin) % DAY == 0:
                pending.add(*self._attempts.between(start, min(start + DAY, end)))
            rng = np.random.default_rng((self._seed, 17, number))
            pending.add(*self._honest(rng, start, until))
            rows = pending.until(until)
            seen = rows["type"] != SILENT
            silent = rows[~seen]
            self.truth.take(silent, np.full(len(silent), -1))
            yield rows[seen]

    def _honest(self, rng: np.random.Generator, start: int, end: int) -> Iterator[Rows]:
        yield from acquaintances(self.residents, rng, start, end)
        yield from strangers(self.residents, rng, start, end)
        yield from messages(self.residents, self.words, rng, start, end)
        yield from online(self.residents, self.words, rng, start, end)
        yield from everyday(self.residents, self.words, rng, start, end)
        yield from chains(self.residents, self.words, rng, start, end)


class _Parts:
    """Files of events, each a stretch of time; the rows of a window are one row group of a file."""

    def __init__(self, folder: Path, say: Callable[[str], None] | None) -> None:
        self._folder, self._say = folder / "events", say
        self._file: pq.ParquetWriter | None = None
        self.events = self.count = self._in_file = 0
        if self._folder.exists() and any(self._folder.iterdir()):
            raise FileExistsError(
                f"{self._folder} 里已有事件；请换一个文件夹，或先清空它 "
                "(holds events already: take another folder, or empty it)"
            )
        self._folder.mkdir(parents=True, exist_ok=True)

    def write(self, columns: Columns, rows: Rows) -> None:
        for first in range(0, len(rows), AT_A_TIME):
            some = rows[first : first + AT_A_TIME]
            if self._in_file + len(some) > PART:
                self.close()
            if self._file is None:
                path = self._folder / f"part-{self.count:05}.parquet"
                # Ids are all different: a dictionary of them would only cost time.
                words = [name for name in SCHEMA.names if name != "id"]
                self._file = pq.ParquetWriter(
                    path, SCHEMA, compression="zstd", use_dictionary=words
                )
            self._file.write_table(columns.table(some, self.events))
            self.events += len(some)
            self._in_file += len(some)

    def close(self) -> None:
        """The file is whole; the next rows begin another."""
        if self._file is not None:
            self._file.close()
            self._file, self._in_file = None, 0
            self.count += 1
            if self._say:
                self._say(f"part-{self.count - 1:05}.parquet: {self.events:,}")


def _check(
    residents: int, days: int, seed: int, events: int | None, start: datetime, intensity: float
) -> None:
    for right, name, zh, en, given in (
        (
            10 <= residents <= 100_000_000,
            "residents",
            " 10 到 1 亿",
            "10 to 100 million",
            residents,
        ),
        (days >= 1, "days", "至少 1", "at least 1", days),
        (events is None or events >= 1, "events", "至少 1", "at least 1", events),
        (0 <= seed < 2**40, "seed", " 0 到 2⁴⁰", "0 to 2⁴⁰", seed),
        (
            0 < intensity <= 1000,
            "intensity",
            "大于 0、不超过 1000",
            "above 0, up to 1000",
            intensity,
        ),
    ):
        if not right:
            raise ValueError(f"{name} 应为{zh}，实际是 {given} (expected {en}, got {given})")
    if start.tzinfo is None:
        raise ValueError(f"start 应带时区，实际是 {start.isoformat()}")
