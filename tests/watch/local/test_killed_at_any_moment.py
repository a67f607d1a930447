"""SIGKILL at any moment, and again: nothing is lost, nothing doubled.

KILLS says how often (6); `KILLS=60 pytest …` is the long one.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from living import SECOND, busy_days
from plain_reading import last_by_id, lines_of

from fangxian.watch.events import SCHEMA

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("KILLS", "6"))
COUNT = 12_000
# A checkpoint at so many events; there are a dozen in all.
EVERY = 1_000
# Events that come again within minutes: so many that at any moment some are between the two times.
AGAIN = COUNT // 4


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some days of many residents, three files; some events twice and then otherwise, some late, some of nobody."""
    rng = np.random.default_rng(5)
    table = busy_days(3, COUNT, 60, residents=900, numbers=150)
    times = np.asarray(table["time"].cast(pa.int64()).to_numpy())
    rows = np.concatenate([np.arange(COUNT), rng.integers(0, COUNT, AGAIN)])
    arrive = times[rows] + rng.integers(0, 300 * SECOND, len(rows))
    arrive[rng.integers(0, COUNT, 60)] += 3600 * SECOND
    order = np.argsort(arrive, kind="stable")
    table = table.take(pa.array(rows[order]))
    # Those that come again do so with another length of the call, where it is one.
    seconds = pc.add(table["seconds"], pa.array((order >= COUNT).astype(np.int32)))
    place = table.schema.get_field_index("seconds")
    table = table.set_column(place, SCHEMA.field("seconds"), seconds)
    nobody = np.zeros(len(table), bool)
    nobody[rng.integers(0, len(table), 50)] = True
    names = pc.if_else(pa.array(nobody), "nobody", table["resident"])
    table = table.set_column(
        table.schema.get_field_index("resident"), SCHEMA.field("resident"), names
    )
    folder = tmp_path_factory.mktemp("events")
    for n in range(3):
        third = len(table) // 3 + 1
        pq.write_table(table.slice(n * third, third), folder / f"{n}.parquet")
    return folder


def started(state: Path, events: Path, out: Path, seconds: float, count: int) -> subprocess.Popen:
    out.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, str(Path(__file__).with_name("killed.py"))]
    arguments = [str(state), str(events), str(out), str(seconds), str(count)]
    return subprocess.Popen([*command, *arguments])


@pytest.fixture(scope="module")
def unbroken(events: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What comes out where nobody kills."""
    place = tmp_path_factory.mktemp("unbroken")
    assert started(place / "state", events, place / "out", 3600, EVERY).wait() == 0
    return place


def last_checkpoint(place: Path) -> int:
    return max((int(p.parent.name) for p in place.glob("state/checkpoints/*/state")), default=0)


def wait_for_a_moment(process: subprocess.Popen, place: Path, rng: np.random.Generator) -> None:
    """Until some checkpoints more are made and a little longer, or into the start where it is to be
    none: on a slow machine it takes longer and is no other moment. Not beyond the end."""
    more = rng.integers(0, 5)
    wanted = last_checkpoint(place) + more
    while process.poll() is None and last_checkpoint(place) < wanted:
        time.sleep(0.001)
    until = time.monotonic() + (rng.uniform(0, 0.3) if more else rng.uniform(0.2, 2))
    while process.poll() is None and time.monotonic() < until:
        time.sleep(0.001)


def killed_until_it_ends(
    place: Path, events: Path, seconds: float, count: int, rng: np.random.Generator, kills: int
) -> int:
    """Killed so often at most and started again, until it comes to its end; how often it was killed
    where there was a checkpoint already."""
    killed = in_the_middle = 0
    while killed < kills:
        process = started(place / "state", events, place / "out", seconds, count)
        wait_for_a_moment(process, place, rng)
        if process.poll() is not None:
            assert process.returncode == 0
            return in_the_middle
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        killed += 1
        in_the_middle += bool(list((place / "state").glob("checkpoints/*/state")))
    assert started(place / "state", events, place / "out", seconds, count).wait() == 0
    return in_the_middle


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_killed_and_started_again_it_writes_the_same_files(
    events: Path, unbroken: Path, tmp_path: Path
) -> None:
    rng, killed = np.random.default_rng(1), 0
    for turn in range(KILLS):
        place = tmp_path / str(turn)
        place.mkdir()
        killed += killed_until_it_ends(place, events, 3600, EVERY, rng, KILLS - killed)
        for name in ("warnings", "aside"):
            wanted = files_of(unbroken / "state" / name)
            assert len(wanted) > 3
            assert files_of(place / "state" / name) == wanted
        assert by_number(place) == by_number(unbroken)
        told = last_by_id(lines_of(unbroken / "state" / "warnings"))
        sent = (place / "out" / "told.jsonl").read_text(errors="replace").splitlines()
        assert last_by_id(sent) == told
        if killed >= KILLS // 2:
            break
    print(f"killed {killed} times in the middle, {turn + 1} runs")
    assert killed >= KILLS // 2


def test_checkpoints_at_other_moments_say_the_same_in_the_end(
    events: Path, unbroken: Path, tmp_path: Path
) -> None:
    killed_until_it_ends(tmp_path, events, 0.1, 1_000_000, np.random.default_rng(2), KILLS // 2)
    wanted = lines_of(unbroken / "state" / "aside")
    assert len(wanted) > 60
    assert sum('"other_content"' in line for line in wanted) > 60
    assert lines_of(tmp_path / "state" / "aside") == wanted
    told = last_by_id(lines_of(unbroken / "state" / "warnings"))
    assert len(told) > 100
    assert last_by_id(lines_of(tmp_path / "state" / "warnings")) == told


def by_number(place: Path) -> dict[str, bytes]:
    return {n: c for n, c in files_of(place / "out").items() if n != "told.jsonl"}
