"""What the driver notes after each batch: how far the clock is, and what was counted.

    ledger/000012.json      after batch 12; with "finished" after the end of all events

Batch 12 begins from the note of batch 11, so that doing it again counts nothing twice.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fangxian.detect.kinds import Words

from .. import on_disk, state
from ..local.metrics import counter, gauge
from ..local.say import CannotRun
from .shares import Torn, size_of
from .tasks import earliest

FORMAT = f"fangxian-spark-1, {state.FORMAT}"
_KEPT = 10


@dataclass
class Note:
    """`newest`, `began`: the times of the newest event so far and of the first with another side
    (microseconds; None: none yet). `events` by what became of them, `wrong` by reason, `alerts` told by
    grade."""

    newest: int = 0
    began: int | None = None
    events: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    alerts: Counter[str] = field(default_factory=Counter)
    finished: bool = False

    def add(self, tally: dict[str, Any]) -> None:
        """What a task counted."""
        self.newest = max(self.newest, tally.get("newest", 0))
        self.began = earliest([self.began, tally.get("began")])
        self.events.update(tally.get("events", {}))
        self.wrong.update(tally.get("wrong", {}))


class Ledger:
    """The notes in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._notes = folder, folder / "ledger"

    @property
    def last(self) -> int:
        """The number of the last batch that was done, -1 before the first."""
        return max(on_disk.numbered(self._notes, ".json"), default=-1)

    def after(self, batch: int) -> Note:
        """Raises Torn where it is not there."""
        if batch < 0:
            return Note()
        path = self._notes / on_disk.named(batch, ".json")
        try:
            note = json.loads(path.read_bytes())
        except (OSError, ValueError) as torn:
            raise Torn(path, torn) from torn
        events, wrong, alerts = (Counter(note[name]) for name in ("events", "wrong", "alerts"))
        return Note(note["newest"], note["began"], events, wrong, alerts, note["finished"])

    def put(self, batch: int, note: Note) -> None:
        """Safe on the disk when it returns."""
        self._notes.mkdir(parents=True, exist_ok=True)
        content = json.dumps(vars(note)).encode()
        _write(self._notes / on_disk.named(batch, ".json"), content)
        for number, old in on_disk.numbered(self._notes, ".json").items():
            if number <= batch - _KEPT:
                old.unlink()
        _write(self._folder / "metrics.prom", self._metrics(batch, note).encode())

    def _metrics(self, batch: int, note: Note) -> str:
        states = size_of(self._folder, batch)
        return (
            counter("fangxian_events", "Events by what became of them.", "as", note.events)
            + counter("fangxian_events_wrong", "What could not be read.", "reason", note.wrong)
            + counter("fangxian_alerts", "Warnings told, again each time they change.", "grade", note.alerts)
            + gauge("fangxian_state_bytes", "State after the last batch.", sum(states.values()))
        )  # fmt: skip


def settled(folder: Path, wanted: dict[str, int]) -> None:
    """What can never change in a state, noted at its first start. Raises CannotRun where it was otherwise."""
    path = folder / "about.json"
    about = {"format": FORMAT, **wanted}
    if not path.exists():
        _write(path, json.dumps(about).encode())
        return
    was = json.loads(path.read_bytes())
    if was != about:
        says = Words(
            f"{folder} 建立时是 {was}，现在要 {about}：不能改；要改就换一个文件夹，从头再看一遍",
            f"{folder} was begun with {was}, now {about} is wanted: begin anew in another folder",
        )
        raise CannotRun(says)


def _write(path: Path, content: bytes) -> None:
    def write(file: Any) -> None:
        file.write(content)

    on_disk.put(path, write)
