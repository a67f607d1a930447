"""One small town, made once; and what is read of it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fangxian.watch.simulate import Made, simulate

RESIDENTS, DAYS, INTENSITY, SEED = 3000, 6, 150.0, 45


class Town(NamedTuple):
    folder: Path
    made: Made
    events: pa.Table
    truth: pa.Table

    def by_id(self) -> dict[str, dict]:
        """The events of attempts, by their ids."""
        place = {each: row for row, each in enumerate(self.events["id"].to_pylist())}
        wanted = [each for some in self.truth["events"].to_pylist() for each in some]
        rows = self.events.take([place[each] for each in wanted]).to_pylist()
        return {row["id"]: row for row in rows}

    def honest(self) -> pa.Table:
        """Events that belong to no attempt."""
        mine = {each for some in self.truth["events"].to_pylist() for each in some}
        return self.events.filter(
            pa.array([each not in mine for each in self.events["id"].to_pylist()])
        )


def read(folder: Path) -> pa.Table:
    parts = sorted((folder / "events").glob("part-*.parquet"))
    return pa.concat_tables([pq.read_table(part) for part in parts])


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    folder = tmp_path_factory.mktemp("town")
    made = simulate(folder, residents=RESIDENTS, days=DAYS, seed=SEED, intensity=INTENSITY)
    return Town(folder, made, read(folder), pq.read_table(folder / "truth.parquet"))


@pytest.fixture(scope="session")
def honest(town: Town) -> pa.Table:
    return town.honest()
