"""What is written: the schema, the order, the same bytes, memory that does not grow."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fangxian.watch.events import COLUMNS, OTHER_KINDS, SCHEMA, TYPES
from fangxian.watch.simulate import START, simulate
from fangxian.watch.simulate.assumptions import assumptions
from fangxian.watch.simulate.rhythm import HOUR
from fangxian.watch.simulate.rows import SMS, Pending, blank
from fangxian.watch.simulate.town import AT_A_TIME, PART, window_of

from .conftest import SEED


def _bytes(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(f.relative_to(folder)): sha256(f.read_bytes()).hexdigest() for f in files}


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed in (("one", 3), ("again", 3), ("other", 4)):
        simulate(tmp_path / name, residents=300, days=2, seed=seed, intensity=20)
    one, again, other = (_bytes(tmp_path / name) for name in ("one", "again", "other"))
    assert one == again
    assert len(one) == 3
    assert set(one.values()).isdisjoint(other.values())


def test_events_are_in_the_schema_and_hold_what_their_type_has(town) -> None:
    for part in (town.folder / "events").iterdir():
        assert pq.read_schema(part).equals(SCHEMA, check_metadata=True)
    types = np.array(town.events["type"].to_pylist())
    assert set(types) == set(TYPES)
    for column in COLUMNS:
        null = np.asarray(town.events[column.name].is_null())
        assert null[~np.isin(types, column.of)].all(), column.name
        if column.needed:
            assert not null[np.isin(types, column.of)].any(), column.name


def test_events_are_in_order_of_time_and_each_has_an_id_of_its_own(town) -> None:
    times = np.asarray(town.events["time"].cast(pa.int64()))
    assert (np.diff(times) >= 0).all()
    begin = int(START.timestamp() * 1e6)
    assert begin <= times[0]
    assert times[-1] < begin + timedelta(days=6) // timedelta(microseconds=1)
    assert len(set(town.events["id"].to_pylist())) == town.made.events == town.events.num_rows


def test_it_stops_at_so_many_events(tmp_path: Path) -> None:
    made = simulate(tmp_path, residents=300, days=30, seed=3, events=4000, intensity=50)
    assert made.events == 4000
    assert made.resident_days < 300 * 3
    truth = pq.read_table(tmp_path / "truth.parquet")
    last = pq.read_table(tmp_path / "events/part-00000.parquet")["time"][-1].as_py()
    assert all(at <= last for at in truth["contact"].to_pylist())


def test_about_json_says_how_it_was_made(town) -> None:
    about = json.loads((town.folder / "about.json").read_text(encoding="utf-8"))
    assert about["arguments"]["seed"] == SEED
    assert about["made"]["events"] == town.made.events
    assert about["assumptions"] == json.loads(json.dumps(assumptions()))


@pytest.mark.parametrize("residents", [10, 10_000, 300_000, 2_000_000, 15_000_000])
def test_no_more_than_a_window_is_held_however_large_the_province(residents: int) -> None:
    # Nobody has more than 0.9 events an hour at the busiest time of day, and 12 hours' worth a day.
    window = window_of(residents)
    assert residents * 0.9 * min(window / HOUR, 12) <= AT_A_TIME
    assert (24 * HOUR) % window == 0
    assert AT_A_TIME <= PART


def test_what_is_pending_goes_when_its_time_has_come() -> None:
    pending, rows = Pending(), blank(4, SMS)
    rows["time"] = [30, 10, 20, 40]
    pending.add(rows)
    assert pending.until(25)["time"].tolist() == [10, 20]
    assert pending.until(25)["time"].tolist() == []
    assert pending.until(99)["time"].tolist() == [30, 40]


def test_parts_are_told_of_and_a_folder_is_not_written_over(tmp_path: Path) -> None:
    told: list[str] = []
    simulate(tmp_path, residents=50, days=1, seed=3, say=told.append)
    assert len(told) == 1
    with pytest.raises(FileExistsError, match="换一个文件夹"):
        simulate(tmp_path, residents=50, days=1, seed=3)


@pytest.mark.parametrize(
    "wrong",
    [
        {"residents": 5},
        {"days": 0},
        {"seed": -1},
        {"events": 0},
        {"intensity": 0.0},
        {"start": datetime(2026, 3, 2)},  # noqa: DTZ001
    ],
)
def test_arguments_out_of_range_are_refused_before_anything_is_written(
    tmp_path: Path, wrong: dict
) -> None:
    with pytest.raises(ValueError, match="实际是"):
        simulate(tmp_path / "none", **wrong)
    assert not (tmp_path / "none").exists()


def test_numbers_are_such_as_nobody_has(town) -> None:
    rows = town.events.select(["other", "other_kind", "resident"]).to_pydict()
    assert all(each.startswith("+8612") and len(each) == 14 for each in rows["resident"])
    form = {
        "mobile": r"\+8612[0-8]\d{8}", "virtual": r"\+86129\d{8}",
        "landline": r"\+86(10|23|755|571)0\d{7}", "overseas": r"\+(852|1|61|44|65|81|95|63|855|60)0\d{8}",
        "service": r"\d{3,12}", "forged": r"\+86\d+",
    }  # fmt: skip
    seen = set()
    for number, kind in set(zip(rows["other"], rows["other_kind"], strict=True)):
        if kind is not None:
            seen.add(kind)
            assert re.fullmatch(form[kind], number), (kind, number)
    assert seen == set(OTHER_KINDS)
