"""Time and memory of an input are bounded by its length, whatever is in it.

Each call has so much processor time and memory as is plenty where every step is linear (a tenth of
it is used), and too little where one is not; a process of its own ends where that is used up.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[2]
CHARACTERS = 8_000
SECONDS, BYTES = 1, 4 << 30
# Each door with every piece, over and over; the last one said is the one it came to.
TRIED = f"""
import resource, signal
resource.setrlimit(resource.RLIMIT_AS, ({BYTES}, {BYTES}))
from detect.fuzz.nasty import PIECES
from fangxian.detect import check
from fangxian.detect.campaigns import masked
from fangxian.detect.links import links_in, look_at_link
from fangxian.detect.telephone import numbers_in
from fangxian.detect.undo import undo
doors = dict(check=lambda text: check(text).reasons, masked=masked, links=links_in,
             link=look_at_link, numbers=numbers_in, undo=undo)
for name, door in doors.items():
    door("")
    for piece in PIECES:
        print(name, ascii(piece), flush=True)
        signal.setitimer(signal.ITIMER_VIRTUAL, {SECONDS})
        door((piece * {CHARACTERS})[:{CHARACTERS}])
signal.setitimer(signal.ITIMER_VIRTUAL, 0)
print("all")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a process has no such limits there")
def test_nothing_repeated_takes_long() -> None:
    env = {"PYTHONPATH": f"{TESTS}:{TESTS.parent / 'src'}", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", TRIED], capture_output=True, text=True, env=env, check=False
    )
    last = done.stdout.splitlines()[-1:]
    assert last == ["all"], f"it came to {last}: {done.stderr[-2000:]}"
