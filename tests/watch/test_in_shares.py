"""The watch in shares, each half in several places, says what it says in one."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from living import busy_days
from test_any_order import shuffled, watched

from fangxian.watch.arrivals import Arrivals
from fangxian.watch.keyed import hashed
from fangxian.watch.marked import Marked
from fangxian.watch.others import SIDES
from fangxian.watch.residents import Residents
from fangxian.watch.sight import LATENESS, Sight
from fangxian.watch.signals import shipped_book
from fangxian.watch.state import (
    residents_laid_down,
    residents_taken_up,
    sight_laid_down,
    sight_taken_up,
)
from fangxian.watch.watching import END

SHARES = np.uint64(4)


def in_shares(events: pa.Table, size: int) -> dict[str, str]:
    """Shares of numbers and of residents, each with a clock that is a batch behind, and each laid
    down after every batch."""
    book = shipped_book()
    sights = [sight_laid_down(Sight(book)) for _ in range(int(SHARES))]
    homes = [residents_laid_down(Residents(book)) for _ in range(int(SHARES))]
    told: dict[str, str] = {}
    newest = 0
    begin = int(np.min(events["time"].slice(0, size).cast(pa.int64()).to_numpy()))
    for at in range(0, len(events), size):
        batch = events.slice(at, size)
        of_number = hashed(batch["other"].fill_null("")) % SHARES
        marked = []
        for share in range(int(SHARES)):
            sight = sight_taken_up(sights[share], book)
            sight.newest = max(sight.newest, newest)
            sight.others.begin(begin)
            sight.hear(batch.filter(pc.is_valid(batch["campaign"])).select(SIDES))
            own = batch.filter(pa.array(of_number == share))
            # Who brings a batch together does not know in which order it came.
            seen = sight.take(
                Arrivals.of(own.sort_by([("time", "ascending"), ("id", "descending")]))
            )
            assert not len(seen.late)
            marked.append(seen.marked)
            sights[share] = sight_laid_down(sight)
        every = Marked.joined(marked)
        for share in range(int(SHARES)):
            home = residents_taken_up(homes[share], book)
            for alert in home.take(every.among(every.keys % SHARES == share), newest - LATENESS):
                told[alert.id] = alert.written()
            homes[share] = residents_laid_down(home)
        newest = max(newest, int(np.max(batch["time"].cast(pa.int64()).to_numpy())))
    for home in homes:
        for alert in residents_taken_up(home, book).take(every.among(np.zeros(0, np.int64)), END):
            told[alert.id] = alert.written()
    return told


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("hours", [3, 30, 200])
def test_many_shares_of_each_half_say_what_one_watch_says(seed: int, hours: float) -> None:
    events = busy_days(seed, 600, hours, residents=12, numbers=9)
    wanted = watched(events, [len(events)])
    assert wanted
    assert in_shares(shuffled(events, seed + 1, 4), 150) == wanted
