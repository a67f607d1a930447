"""The process that the kill test kills: python killed.py STATE EVENTS OUT SECONDS COUNT."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from plain_reading import ByNumber, ToFile, files_in_pieces

from fangxian.watch.alerts import Alert
from fangxian.watch.local import Pace, run
from fangxian.watch.local.sources.folder import Folder


class Slow(ToFile):
    """So slow that at nearly every checkpoint some warnings wait: they have to be in it."""

    def send(self, alerts: Sequence[Alert]) -> None:
        time.sleep(0.1)
        super().send(alerts)


def main() -> None:
    state, events, out = map(Path, sys.argv[1:4])
    seconds, count = float(sys.argv[4]), int(sys.argv[5])
    sinks = [Slow(out / "told.jsonl"), ByNumber(out)]
    ended = run(
        state, Folder(events, files_in_pieces(200)), sinks, pace=Pace(seconds=seconds, events=count)
    )
    sys.exit(0 if ended else 3)


if __name__ == "__main__":
    main()
