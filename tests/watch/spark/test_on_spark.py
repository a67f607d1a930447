"""On Spark itself: the program as it is started, in processes of its own.

Equality is shown on SPARK_EVENTS events (60,000; `SPARK_EVENTS=1000000 pytest …` is the long one) in
local-cluster mode: a master, two executors and the driver are processes apart, as on many machines.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fangxian.watch.sight import LATENESS
from fangxian.watch.simulate import shuffled, simulate
from fangxian.watch.watching import Watch

pytest.importorskip("pyspark", reason="without pyspark: make spark")
if not shutil.which("java"):
    pytest.skip("without Java 17 there is no Spark", allow_module_level=True)

pytestmark = pytest.mark.slow

COUNT = int(os.environ.get("SPARK_EVENTS", "60000"))
FILES = 4


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated town, its events out of order and some twice, and two files that are none."""
    folder = tmp_path_factory.mktemp("town")
    # More than a week: before, nobody is called new.
    residents = COUNT // 120
    simulate(folder / "town", residents=residents, days=14, seed=9, events=COUNT, intensity=1000)
    parts = [pq.read_table(path) for path in sorted((folder / "town" / "events").iterdir())]
    table = pa.concat_tables(parts).unify_dictionaries()
    arrived = shuffled(table, timedelta(microseconds=LATENESS), 2, 5)
    place = folder / "events"
    place.mkdir()
    size = len(arrived) // FILES + 1
    for n in range(FILES):
        put(place / f"{n}.parquet", n, lambda path, n=n: pq.write_table(arrived.slice(n * size, size), path))  # fmt: skip
    whole = (place / "0.parquet").read_bytes()
    put(place / "4.parquet", 4, lambda path: path.write_bytes(whole[: len(whole) // 2]))
    put(place / "5.jsonl", 5, lambda path: path.write_text('{"specversion": "1.0", "id": \n'))
    return place


def put(path: Path, second: int, write: Callable[[Path], object]) -> None:
    """A file that was changed a second after the one before: Spark takes them in that order."""
    write(path)
    os.utime(path, (1_700_000_000 + second,) * 2)


@pytest.fixture(scope="module")
def wanted(events: Path) -> dict[str, str]:
    """What one watch says."""
    watch, told = Watch(), dict[str, str]()
    for n in range(FILES):
        answer = watch.take(pq.read_table(events / f"{n}.parquet"))
        assert not len(answer.late)
        told |= {alert.id: alert.written() for alert in answer.alerts}
    assert watch.counts.taken == COUNT
    assert watch.counts.repeated > COUNT / 3
    told |= {alert.id: alert.written() for alert in watch.finish()}
    assert len(told) > 20
    return told


def started(events: Path, place: Path, master: str, files: int) -> subprocess.Popen[bytes]:
    command = [
        sys.executable, "-m", "fangxian.cli", "watch", "spark", "--once", "--events", events,
        "--state", place / "state", "--out", place / "out", "--master", master, "--shares", 2,
        "--files", files, "--language", "en",
    ]  # fmt: skip
    # A session of its own: Python and its JVM are killed together.
    return subprocess.Popen(list(map(str, command)), start_new_session=True, env=environment())


def environment() -> dict[str, str]:
    """Processes of Spark find the watch where this one does."""
    import fangxian

    source = str(Path(fangxian.__file__).parents[1])
    # Half a minute of Java is not worth compiling well.
    quick = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
    own = {"PYTHONPATH": source, "FANGXIAN_MODE": "test", "JAVA_TOOL_OPTIONS": quick}
    return {**os.environ, **own}


def wait_for_first_batch(process: subprocess.Popen[bytes], place: Path) -> None:
    while not (place / "state" / "ledger" / "000000.json").exists():
        assert process.poll() is None
        time.sleep(0.01)


def executors_of(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    found = []
    for one in psutil.Process(process.pid).children(recursive=True):
        # Others come and go meanwhile.
        with suppress(psutil.Error):
            if any("CoarseGrainedExecutor" in word for word in one.cmdline()):
                found.append(one)
    return found


def told_in(place: Path) -> dict[str, str]:
    """The last line of each warning."""
    told = {}
    for path in sorted((place / "out").iterdir()):
        for line in path.read_text(encoding="utf-8").splitlines():
            told[json.loads(line)["id"]] = line
    return told


def test_two_executors_say_what_one_watch_says_even_if_one_of_them_dies(
    events: Path, wanted: dict[str, str], tmp_path: Path
) -> None:
    process = started(events, tmp_path, "local-cluster[2,1,1024]", 3)
    wait_for_first_batch(process, tmp_path)
    executors = executors_of(process)
    assert len(executors) == 2
    executors[0].kill()
    assert process.wait() == 0
    assert told_in(tmp_path) == wanted
    aside = sorted((tmp_path / "state" / "aside").glob("*/*.jsonl"))
    reasons = [json.loads(line)["reason"] for path in aside for line in path.open()]
    assert sorted(reasons) == ["bad_file", "not_json"]


def test_killed_in_the_middle_and_started_again_it_says_the_same(
    events: Path, wanted: dict[str, str], tmp_path: Path
) -> None:
    process = started(events, tmp_path, "local[1]", 2)
    wait_for_first_batch(process, tmp_path)
    # In the midst of the second batch of three.
    time.sleep(0.2)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    done = sorted(path.stem for path in (tmp_path / "state" / "ledger").glob("*.json"))
    assert started(events, tmp_path, "local[1]", 2).wait() == 0
    assert done in (["000000"], ["000000", "000001"])
    assert told_in(tmp_path) == wanted
