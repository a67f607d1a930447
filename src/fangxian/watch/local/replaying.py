"""History run through again, as after a mistake in the program or in a book was mended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from fangxian.detect.kinds import Words

from .. import on_disk
from ..alerts import Alert
from ..backtest import Outcome, replayed
from ..signals import Book
from ..sinks import Sink
from .alone import alone_in
from .checkpoints import Checkpoints
from .recorded import last_lines, read_again
from .say import CannotRun, Say

# What replays told more or otherwise than the runner, in a state.
FOLDER = "replayed"
# Warnings handed over at once.
AT_ONCE = 200


@dataclass(frozen=True)
class Replayed:
    """Ids of warnings: `same` as they were told, `new`, `changed`; `gone`: told once, and would not be
    told now. `outcome`: of the history run through."""

    same: tuple[str, ...]
    new: tuple[str, ...]
    changed: tuple[str, ...]
    gone: tuple[str, ...]
    outcome: Outcome


def replay(
    state: Path, batches: Iterable[pa.Table], book: Book, sinks: Sequence[Sink], say: Say,
    first_day: int | None = None,
) -> Replayed:  # fmt: skip
    """Warnings of `batches` that the state does not hold as they are go to the sinks and into
    STATE/replayed, so that a second replay sends nothing. Without sinks it is only looked, and nothing
    kept.

    `first_day`: warnings whose run began before it (days since 1970) are left alone: of these the
    history may lack the beginning. What waits for time to pass is told only where the runner of the
    state came to its end. Raises CannotRun where `state` is none or another replay is at work, sinks.Unavailable where a
    sink does not take them: what it took before is in STATE/replayed, and the same may be run again.
    """
    # A folder called by mistake has told nothing: all of history would be sent again.
    if not (state / "checkpoints").is_dir():
        raise CannotRun(
            Words(
                f"{state} 不是监测的状态文件夹（watch run 用的那个）",
                f"{state} is no state of a watch: expected the folder that watch run was given",
            )
        )
    last = Checkpoints(state / "checkpoints").newest(say)
    ends = bool(last and last.about["finished"])
    outcome = replayed(batches, book, ends=ends)
    found = _from(outcome.warnings, first_day)
    with alone_in(state / FOLDER):
        live, again = last_lines(state / "warnings"), last_lines(state / FOLDER)
        known = _from(read_again(live | again), first_day)
        news = [
            alert
            for id_, alert in sorted(found.items())
            if alert.written() not in (live.get(id_), again.get(id_))
        ]
        for at in range(0, len(news) if sinks else 0, AT_ONCE):
            _hand_over(state / FOLDER, news[at : at + AT_ONCE], sinks)
    return Replayed(
        same=tuple(sorted(found.keys() - {alert.id for alert in news})),
        new=tuple(alert.id for alert in news if alert.id not in known),
        changed=tuple(alert.id for alert in news if alert.id in known),
        gone=tuple(sorted(known.keys() - found.keys())),
        outcome=outcome,
    )


def _from(alerts: dict[str, Alert], first_day: int | None) -> dict[str, Alert]:
    return {i: a for i, a in alerts.items() if first_day is None or a.day >= first_day}


def _hand_over(folder: Path, alerts: Sequence[Alert], sinks: Sequence[Sink]) -> None:
    """To all sinks, then into a file of its own."""
    for sink in sinks:
        sink.send(alerts)
    content = "".join(alert.written() + "\n" for alert in alerts).encode()
    number = max(on_disk.numbered(folder, ".jsonl"), default=0) + 1

    def write(file: BinaryIO) -> None:
        file.write(content)

    on_disk.put(folder / on_disk.named(number, ".jsonl"), write)
