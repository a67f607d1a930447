"""`fangxian watch run --view`: how the watch stands, in the terminal."""

from __future__ import annotations

import time
from collections import deque
from datetime import datetime
from types import TracebackType

from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from fangxian.detect.kinds import Words, kind_name
from fangxian.watch.alerts import BEIJING, Alert
from fangxian.watch.explaining import GRADES, STAGES, masked
from fangxian.watch.local.now import Now

# Seconds between two pictures, and between two lines where there is no terminal; those that the rate
# is of.
PICTURE, LINE, OF_RATE = 0.5, 10.0, 5.0
# Characters of the name of a fraud.
KIND = 24
_COLOURS = {"red": "bold red", "orange": "dark_orange", "yellow": "yellow"}


class View:
    """A picture that is drawn anew twice a second; a line every ten seconds where the console is no
    terminal. What is said meanwhile stands above it."""

    def __init__(self, language: str, console: Console | None = None) -> None:
        self._language = language
        self._console = console or Console(stderr=True)
        self._live = Live(console=self._console, auto_refresh=False, transient=False)
        self._drawn = 0.0
        self._taken: deque[tuple[float, int]] = deque()

    def __enter__(self) -> View:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, wrong: BaseException | None, trace: TracebackType | None
    ) -> None:  # fmt: skip
        self._live.stop()

    def say(self, words: Words) -> None:
        """A line of text."""
        self._console.print(Text(words.of(self._language)), soft_wrap=True)

    def show(self, now: Now) -> None:
        """Draws, or writes a line, when it is time to."""
        at, drawn = time.monotonic(), self._drawn
        if at - drawn < (PICTURE if self._console.is_terminal else LINE):
            return
        self._drawn = at
        rate = self._rate(at, now.taken)
        if self._console.is_terminal:
            self._live.update(self._picture(now, rate), refresh=True)
        else:
            self._console.print(Text(self._line(now, rate)), soft_wrap=True)

    def _rate(self, at: float, taken: int) -> float:
        """Events a second."""
        self._taken.append((at, taken))
        while len(self._taken) > 2 and at - self._taken[0][0] > OF_RATE:
            self._taken.popleft()
        begun, before = self._taken[0]
        return (taken - before) / (at - begun) if at > begun else 0.0

    def _figures(self, now: Now, rate: float) -> list[tuple[Words, str]]:
        dash = "—"
        return [
            (Words("每秒事件", "events a second"), f"{rate:,.0f}"),
            (Words("事件", "events"), f"{now.taken:,}"),
            (Words("重复", "repeated"), f"{now.repeated:,}"),
            (Words("放在一边", "set aside"), f"{now.wrong + now.late:,}"),
            (Words("落后", "lag"), dash if now.lag is None else _time(now.lag, self._language)),
            (Words("在记的来电号码", "callers in memory"), f"{now.callers:,}"),
            (Words("留意的居民", "residents followed"), f"{now.residents:,}"),
            (Words("状态", "state"), f"{now.state / 1e6:,.1f} MB"),
            (
                Words("检查点", "checkpoint"),
                dash if now.age is None else _ago(now.age, self._language),
            ),
            (Words("等待送出", "waiting to be sent"), f"{now.unsent:,}"),
        ]

    def _line(self, now: Now, rate: float) -> str:
        parts = [f"{says.of(self._language)} {value}" for says, value in self._figures(now, rate)]
        parts += [f"{GRADES[g].of(self._language)} {now.alerts.get(g, 0):,}" for g in GRADES]
        return ("，" if self._language == "zh" else ", ").join(parts)

    def _picture(self, now: Now, rate: float) -> Panel:
        figures = Table.grid(padding=(0, 2))
        row: list[str | Text] = []
        for says, value in self._figures(now, rate):
            row += [Text(says.of(self._language), "dim"), Text(value, justify="right")]
            if len(row) == 4:
                figures.add_row(*row)
                row = []
        grades = Text("  ").join(
            Text(f"{GRADES[g].of(self._language)} {now.alerts.get(g, 0):,}", _COLOURS[g])
            for g in reversed(GRADES)
        )
        title = Words("监测", "the watch").of(self._language)
        return Panel(Group(figures, Text(), grades, self._last(now)), title=title, expand=False)

    def _last(self, now: Now) -> Table:
        table = Table(box=None, padding=(0, 1))
        for head in (Words("时刻", "when"), Words("居民", "resident"), Words("等级", "grade"),
                     Words("走到", "how far"), Words("编号", "id")):  # fmt: skip
            table.add_column(head.of(self._language), header_style="dim", no_wrap=True)
        kind = Words("骗局", "fraud").of(self._language)
        table.add_column(kind, header_style="dim", no_wrap=True, max_width=KIND)
        for alert in reversed(now.last):
            table.add_row(*self._row(alert), style=_COLOURS[alert.grade])
        return table

    def _row(self, alert: Alert) -> tuple[str, ...]:
        language = self._language
        at = datetime.fromtimestamp(alert.at / 1e6, BEIJING)
        return (
            f"{at:%m-%d %H:%M:%S}", masked(alert.resident), GRADES[alert.grade].of(language),
            STAGES[alert.stage].of(language), alert.id[:10], kind_name(alert.kind).of(language),
        )  # fmt: skip


def _time(seconds: float, language: str) -> str:
    for unit, zh, en in ((86_400, "天", "days"), (3_600, "小时", "h"), (60, "分钟", "min")):
        if seconds >= unit:
            return f"{seconds / unit:.1f} {zh if language == 'zh' else en}"
    return f"{seconds:.1f} {'秒' if language == 'zh' else 's'}"


def _ago(seconds: float, language: str) -> str:
    return Words("{}前", "{} ago").of(language).format(_time(seconds, language))
