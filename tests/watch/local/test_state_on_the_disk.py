"""Checkpoints and the journal: torn, foreign, on a full disk."""

from __future__ import annotations

import errno
import io
import os
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from in_memory import Running, Table, until
from living import busy_days
from plain_reading import as_lines, last_by_id, lines_of, of_batch, of_lines

from fangxian.watch import on_disk
from fangxian.watch.local import Pace
from fangxian.watch.local.alone import Taken, alone_in
from fangxian.watch.local.checkpoints import Checkpoint, Checkpoints
from fangxian.watch.local.journal import Journal, Reader, drop_before
from fangxian.watch.local.sources.bodies import Reading
from fangxian.watch.local.sources.stdin import Stdin
from fangxian.watch.watching import Watch

EVENTS = busy_days(6, 600, 12)


def wanted() -> dict[str, str]:
    """The warnings of EVENTS at the end."""
    watch = Watch()
    alerts = [*watch.take(EVENTS).alerts, *watch.finish()]
    return {alert.id: alert.written() for alert in alerts}


def a_checkpoint(number: int) -> Checkpoint:
    arrays = {
        "a": np.arange(12).reshape(3, 4),
        "none": np.zeros(0, np.uint64),
        "b": np.ones(5, bool),
    }
    return Checkpoint(number, arrays, {"position": [str(number), 7], "名": "值"})


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    for number in (1, 2, 3):
        checkpoints.write(a_checkpoint(number))
    found = checkpoints.newest(pytest.fail)
    assert found is not None
    assert (found.number, found.about) == (3, {"position": ["3", 7], "名": "值"})
    for name, array in a_checkpoint(3).state.items():
        assert found.state[name].dtype == array.dtype
        np.testing.assert_array_equal(found.state[name], array)
    assert list(on_disk.numbered(tmp_path)) == [2, 3]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_torn_or_altered_checkpoint_is_passed_over(data: st.DataObject) -> None:
    folder = Path(tempfile.mkdtemp())
    checkpoints = Checkpoints(folder)
    checkpoints.write(a_checkpoint(1))
    checkpoints.write(a_checkpoint(2))
    path = folder / "000002" / "state"
    octets = bytearray(path.read_bytes())
    if data.draw(st.booleans()):
        del octets[data.draw(st.integers(0, len(octets) - 1)) :]
        path.write_bytes(octets)
        said: list[str] = []
        found = checkpoints.newest(lambda words: said.append(words.en))
        assert found is not None
        assert found.number == 1
        assert len(said) == 1
    else:
        octets[data.draw(st.integers(0, len(octets) - 1))] ^= 1 << data.draw(st.integers(0, 7))
        path.write_bytes(octets)
        found = checkpoints.newest(lambda words: None)
        assert found is not None
        assert found.number == 1
    shutil.rmtree(folder)


def test_from_the_checkpoint_before_a_torn_one_nothing_is_lost(tmp_path: Path) -> None:
    source = Table(EVENTS, 20, lives=True)
    with Running(tmp_path, source, pace=Pace(3600, 100)) as running:
        until(lambda: source.read == 600)
    *_, newest = on_disk.numbered(tmp_path / "checkpoints").values()
    (newest / "state").write_bytes(b"FANGXIAN-LOCAL-1 but no more")
    again = Running(tmp_path, Table(EVENTS, 20)).to_its_end()
    assert again.ended
    assert again.heard("going back to the one before")
    assert last_by_id(lines_of(tmp_path / "warnings")) == wanted()
    assert running.told.by_id | again.told.by_id == wanted()


def test_a_source_forgets_only_what_the_checkpoint_before_holds(tmp_path: Path) -> None:
    source = Table(EVENTS, 20, lives=True)
    with Running(tmp_path, source, pace=Pace(3600, 100)):
        until(lambda: source.done_to > 0)
        positions = [
            found.about["position"]
            for number in on_disk.numbered(tmp_path / "checkpoints")
            if (found := Checkpoints(tmp_path / "checkpoints").newest(pytest.fail))
        ]
        assert source.done_to <= max(positions)
    assert source.done_to < 600


def test_a_full_disk_is_said_and_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, full = os.fsync, True

    def fsync(handle: int) -> None:
        if full:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(handle)

    monkeypatch.setattr("fangxian.watch.on_disk.os.fsync", fsync)
    source = Table(EVENTS, 20)
    with Running(tmp_path, source, pace=Pace(3600, 100)) as running:
        until(lambda: running.heard("No space left on device"))
        # What waits is bounded: two checkpoints' events at most.
        assert source.read <= 220
        assert source.done_to == 0
        full = False
        running.thread.join(60)
    assert running.ended
    assert running.heard("is written")
    assert running.told.by_id == last_by_id(lines_of(tmp_path / "warnings")) == wanted()


def test_stopped_on_a_full_disk_it_goes_on_from_the_last_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("fangxian.watch.local.running.PATIENCE", 0.2)
    with monkeypatch.context() as full:
        full.setattr("fangxian.watch.on_disk.put", no_room)
        with Running(tmp_path, Table(EVENTS, 20, lives=True)) as running:
            until(lambda: running.heard("No space left"))
    assert running.ended is False
    assert Running(tmp_path, Table(EVENTS, 20)).to_its_end().told.by_id == wanted()


def test_a_second_runner_in_the_folder_is_refused(tmp_path: Path) -> None:
    with (
        alone_in(tmp_path),
        pytest.raises(Taken, match=f"another process \\(pid {os.getpid()}\\) works in this folder"),
        alone_in(tmp_path),
    ):
        pass
    with alone_in(tmp_path):
        pass


def test_a_journal_without_its_end_gives_the_rest_and_goes_on(tmp_path: Path) -> None:
    for left in range(30):
        folder = tmp_path / str(left)
        journal = Journal(folder)
        journal.append([(0, b"first"), (1, b"second")])
        journal.close()
        [path] = on_disk.numbered(folder, ".log").values()
        octets = path.read_bytes()
        path.write_bytes(octets[: len(octets) - left])
        again = Journal(folder)
        again.append([(0, b"third")])
        reader = Reader(folder, None, pytest.fail)
        bodies = []
        while records := reader.read():
            bodies += [record.body for record in records]
        whole = [b"first", b"second"][: 2 - (left > 0) - (left > 15)]
        assert bodies == [*whole, b"third"]
        again.close()


def test_a_journal_damaged_in_the_middle_is_said_and_passed_over(tmp_path: Path) -> None:
    for body in (b"first", b"second"):
        journal = Journal(tmp_path)
        journal.append([(0, body)])
        journal.close()
    path = tmp_path / "000001.log"
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    said: list[str] = []
    reader = Reader(tmp_path, None, lambda words: said.append(words.en))
    assert [record.body for record in reader.read()] == [b"second"]
    assert said == ["journal 000001.log is damaged from byte 0: 14 bytes passed over"]


def test_what_could_not_be_written_into_the_journal_is_not_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(tmp_path)
    journal.append([(0, b"kept")])
    with monkeypatch.context() as full:
        real = os.write
        full.setattr(
            "fangxian.watch.local.journal.os.write", lambda file, octets: real(file, octets[:9])
        )

        def no_room(_: int) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        full.setattr("fangxian.watch.local.journal.os.fdatasync", no_room)
        with pytest.raises(OSError, match="No space left"):
            journal.append([(0, b"not promised")])
    journal.append([(0, b"after")])
    reader = Reader(tmp_path, None, pytest.fail)
    assert [r.body for r in reader.read() + reader.read()] == [b"kept", b"after"]


def test_files_of_the_journal_before_a_checkpoint_are_dropped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fangxian.watch.local.journal.SEGMENT", 20)
    journal = Journal(tmp_path)
    for n in range(6):
        journal.append([(0, b"%d" % n * 10)])
    reader = Reader(tmp_path, None, pytest.fail)
    for _ in range(2):
        reader.read()
    drop_before(tmp_path, reader.place)
    assert min(on_disk.numbered(tmp_path, ".log")) == reader.place[0] > 1
    assert reader.read()


def test_standard_input_is_read_to_its_end(tmp_path: Path) -> None:
    lines = io.BufferedReader(io.BytesIO(b"\n".join(as_lines(EVENTS)) + b"\n{half"))  # type: ignore[arg-type]
    source = Stdin(lines, tmp_path / "journal", Reading(of_lines, of_batch), pytest.fail)
    running = Running(tmp_path, source).to_its_end()
    assert running.ended
    assert running.told.by_id == wanted()
    [aside] = lines_of(tmp_path / "aside")
    assert "not_json" in aside
    assert "{half" in aside


def test_a_line_that_never_ends_is_set_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fangxian.watch.local.sources.stdin.LONGEST", 50_000)
    monkeypatch.setattr("fangxian.watch.local.sources.stdin.AT_ONCE", 20_000)
    long = b'{"text": "' + b"x" * 200_000 + b'"}\n'
    lines = io.BufferedReader(io.BytesIO(long + b"\n".join(as_lines(EVENTS))))  # type: ignore[arg-type]
    source = Stdin(lines, tmp_path / "journal", Reading(of_lines, of_batch), pytest.fail)
    running = Running(tmp_path, source).to_its_end()
    assert running.told.by_id == wanted()
    assert all("not_json" in line for line in lines_of(tmp_path / "aside"))
