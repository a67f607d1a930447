"""What the runner measures, as OpenMetrics in `metrics.prom`: for the HTTP door, or for a collector
that reads files."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from fangxian.detect.kinds import Words

from ..watching import END, Watch

NAME = "metrics.prom"
# Seconds between writings.
EVERY = 1.0


class Measures:
    """Counted since the state began, but for seconds and bytes, which are those of the last time."""

    def __init__(self, folder: Path, wrong: Counter[str], alerts: Counter[str]) -> None:
        self.wrong, self.alerts = wrong, alerts
        self.pause, self.state = 0.0, 0
        self._folder, self._written = folder, 0.0

    def write(self, watch: Watch, checkpoint: float, now: bool = False) -> None:
        """Once a second at most. Where it cannot be written (a full disk) the old one stays."""
        if not now and time.monotonic() - self._written < EVERY:
            return
        self._written = time.monotonic()
        new = self._folder / (NAME + ".new")
        try:
            new.write_text(self._text(watch, checkpoint), "utf-8")
            new.replace(self._folder / NAME)
        except OSError:
            return

    def told(self, watch: Watch, unsent: int) -> Words:
        """The sums in one line. `unsent`: warnings that some sink has not taken yet."""
        counts, aside = watch.counts, sum(self.wrong.values())
        alerts, aside = sum(self.alerts.values()), aside + counts.late
        where = self._folder / "aside"
        return Words(
            f"至今：事件 {counts.taken:,} 条，重复 {counts.repeated:,}，放在一边 {aside:,}"
            f"（太迟 {counts.late:,}）；预警 {alerts:,} 次（变化也算）"
            + (f"。放在一边的和原因：{where}" if aside else "")
            + (f"。还有 {unsent:,} 条预警没有送到，下次启动接着送" if unsent else ""),
            f"so far: {counts.taken:,} events, {counts.repeated:,} repeated, {aside:,} set aside"
            f" ({counts.late:,} too late); {alerts:,} times a warning was told or changed"
            + (f". What was set aside, and why: {where}" if aside else "")
            + (
                f". {unsent:,} warnings are not delivered yet; the next start goes on sending them"
                if unsent
                else ""
            ),
        )

    def _text(self, watch: Watch, checkpoint: float) -> str:
        counts = watch.counts
        lag = 0.0 if watch.newest in (0, END) else max(0.0, time.time() - watch.newest / 1e6)
        return (
            counter("fangxian_events", "Events by what became of them.", "as", {
                "taken": counts.taken, "repeated": counts.repeated, "late": counts.late,
                "crowded": counts.crowded,
            })
            + counter("fangxian_events_wrong", "What could not be read.", "reason", self.wrong)
            + counter("fangxian_alerts", "Warnings told, again each time they change.", "grade", self.alerts)
            + gauge("fangxian_lag_seconds", "Now less the time of the newest event.", lag)
            + gauge("fangxian_state_bytes", "State in the last checkpoint.", self.state)
            + gauge("fangxian_checkpoint_pause_seconds", "How long the watch stood still for the last checkpoint.", self.pause)
            + gauge("fangxian_checkpoint_seconds", "How long the last checkpoint took to write.", checkpoint)
        )  # fmt: skip


def counter(name: str, says: str, label: str, of_each: Mapping[str, int]) -> str:
    """A counter by one label, whose values are words of ours."""
    rows = "".join(f'{name}_total{{{label}="{k}"}} {v}\n' for k, v in sorted(of_each.items()))
    return f"# TYPE {name} counter\n# HELP {name} {says}\n{rows}"


def gauge(name: str, says: str, value: float) -> str:
    """A value of now."""
    return f"# TYPE {name} gauge\n# HELP {name} {says}\n{name} {value:g}\n"
