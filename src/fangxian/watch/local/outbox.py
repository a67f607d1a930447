"""Warnings on their way to a sink, in a thread of its own: a slow sink holds up nobody, and one that
is away for a while gets everything later."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

from fangxian.detect.kinds import Words

from ..alerts import Alert
from ..sinks import Sink
from .say import Say

# Warnings that wait for a sink before the watch waits too.
ROOM = 10_000
# How many are handed over at once.
AT_ONCE = 500
# Seconds between tries: the first and the longest.
SOON, LATE = 0.2, 30.0


@runtime_checkable
class NumberedSink(Protocol):
    """Takes the warnings of each checkpoint under its number: files that are then the same however
    often the runner was killed."""

    def numbered(self, number: int) -> Sink:
        """Where those of a checkpoint go, in place of what went there before."""
        ...


class Outbox:
    """What a sink has yet to get. Of a warning that worsens while it waits only the last is sent:
    it holds the earlier grades."""

    def __init__(self, name: str, sink: Sink, waiting: Sequence[Alert], say: Say) -> None:
        self.name = name
        self._sink, self._say = sink, say
        self._waiting = {alert.id: alert for alert in waiting}
        self._changed = threading.Condition()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._send_all, name=f"to {name}", daemon=True)
        self._thread.start()

    def put(self, alerts: Sequence[Alert]) -> None:
        """To be sent. Returns at once."""
        with self._changed:
            self._waiting |= {alert.id: alert for alert in alerts}
            self._changed.notify_all()

    def waiting(self) -> list[Alert]:
        """Those it is not sure of that the sink has."""
        with self._changed:
            return list(self._waiting.values())

    @property
    def full(self) -> bool:
        """So much waits that the watch should."""
        return len(self._waiting) >= ROOM

    def close(self, patience: float) -> None:
        """Try for `patience` seconds more, then stop; what is left is still `waiting`."""
        with self._changed:
            self._changed.wait_for(lambda: not self._waiting, patience)
            self._closed.set()
            self._changed.notify_all()
        self._thread.join(patience)

    def _send_all(self) -> None:
        pause, gone = SOON, False
        while not self._closed.is_set():
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed.is_set())
                now = list(self._waiting.values())[:AT_ONCE]
            if not now or self._closed.is_set():
                continue
            try:
                self._sink.send(now)
            # Whatever a sink does must not end the watch: it is said, and tried again.
            except Exception as away:
                if not gone:
                    self._say_away(away)
                gone = True
                self._closed.wait(pause)
                pause = min(2 * pause, LATE)
                continue
            if gone:
                self._say(Words(f"{self.name} 恢复了", f"{self.name} is back"))
            pause, gone = SOON, False
            with self._changed:
                for alert in now:
                    if self._waiting.get(alert.id) == alert:
                        del self._waiting[alert.id]
                self._changed.notify_all()

    def _say_away(self, away: Exception) -> None:
        self._say(
            Words(
                f"{self.name} 暂时送不出去（{away}），稍后再试，预警不会丢",
                f"{self.name} cannot be reached now ({away}); trying again, no warning is lost",
            )
        )


def boxes_of(
    sinks: Sequence[Sink | NumberedSink], unsent: dict[str, list[Any]], say: Say
) -> list[Outbox]:
    """A box for each sink, with what it had yet to get (`unsent`, from the checkpoint). Sinks that take
    warnings by number have none."""
    names = Counter[str]()
    boxes = []
    for sink in sinks:
        kind = type(sink).__name__
        names[kind] += 1
        name = f"{kind} {names[kind]}"
        waiting = [Alert.of_tuple(row) for row in unsent.pop(name, [])]
        if not isinstance(sink, NumberedSink):
            boxes.append(Outbox(name, sink, waiting, say))
    for name, rows in unsent.items():
        if rows:
            say(
                Words(
                    f"{len(rows)} 条预警原要送往 {name}，现在没有这个出口；它们仍在 warnings/ 里",
                    f"{len(rows)} warnings were to go to {name}, which is not given now; they stay in warnings/",
                )
            )
    return boxes
