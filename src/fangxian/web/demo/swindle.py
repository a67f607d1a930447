"""A swindle as the watch would see it: what the gang's number did before, and the steps of one resident.

Written by hand after the gangs of the simulator (watch/simulate). Nobody in it exists.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pyarrow as pa

from fangxian.detect.kinds import Words
from fangxian.watch.alerts import BEIJING
from fangxian.watch.events import APP, CALL, SCHEMA, SMS, TRANSFER

SOURCE = "urn:fangxian:demo"
# 100 is no operator's.
CALLER = "+8610000007788"
# Who watches for less than a week calls nobody new (callers/since.py): one quiet call so long ago.
LONG_AGO = timedelta(days=8)
# What the gang's number did before the resident's first call: so long, to one resident each time.
BEFORE, EVERY = timedelta(minutes=100), timedelta(minutes=1.5)
# An event that comes so close behind the cut of the day is told up to ten minutes later (decision 19).
CUT, AFTER_CUT = timedelta(hours=4), timedelta(minutes=15)


class Step(NamedTuple):
    """One event: what happens, in words, and its columns."""

    says: Words
    columns: Mapping[str, Any]


def _by(caller: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": CALL, "other": CALLER, "other_kind": "virtual", **caller}


STEPS = (
    Step(
        Words("一个陌生号码打来，自称购物平台客服，说了一分半钟",
              "a number nobody knows rings, says it is a shop's service, talks for a minute and a half"),
        _by({"seconds": 95, "rings": 4}),
    ),
    Step(
        Words("同一号码又打来，谈了 12 分 40 秒：说误开了会员，要帮忙取消",
              "it rings again and talks for 12 min 40 s: a membership must be cancelled"),
        _by({"seconds": 760, "rings": 6}),
    ),
    Step(
        Words("居民按对方的话装了对方发来的“客服”软件，不是应用商店里的",
              "the resident installs the app they send, from no shop"),
        {"type": APP, "app": "unknown_source", "other": "com.example.helper"},
    ),
    Step(
        Words("居民收到银行验证码", "the bank sends a one-time code"),
        {"type": SMS, "other": "95588", "code": "bank"},
    ),
    Step(
        Words("居民要向一个新账户转账 49,800 元", "49,800 yuan are to go to an account never paid before"),
        {"type": TRANSFER, "other": "payee-1", "amount": 4_980_000, "new_payee": True},
    ),
)  # fmt: skip


def now() -> datetime:
    """The clock of the scene: this moment, or, while the watch waits for the day before to settle, a
    quarter of an hour earlier."""
    at = datetime.now(UTC)
    local = at.astimezone(BEIJING)
    since_cut = local - (local.replace(hour=0, minute=0, second=0, microsecond=0) + CUT)
    near = -timedelta(minutes=2) < since_cut < AFTER_CUT
    return at - (AFTER_CUT + timedelta(minutes=5)) if near else at


def history(play: str, at: datetime) -> pa.Table:
    """A call of long ago, and how the gang's number rang one resident after the other until `at`: few
    answer, nobody stays."""
    count = int(BEFORE / EVERY)
    first = {
        "id": f"{play}-first", "time": at - LONG_AGO, "resident": "+8612099000000", "type": CALL,
        "other": "+8612099000001", "family": True, "seconds": 60,
    }  # fmt: skip
    rung = (
        {
            "id": f"{play}-before-{n}", "time": at - BEFORE + n * EVERY,
            "resident": f"+861209900{n:04d}", "seconds": 12 if n % 4 == 0 else 0,
            "rings": 2 if n % 3 else 15, **_by({}),
        }
        for n in range(count)
    )  # fmt: skip
    return _table([first, *rung])


def ring(play: str, n: int, at: datetime) -> pa.Table:
    """One more of its calls, while nobody watches: a number that falls silent is soon forgotten."""
    row = {"id": f"{play}-between-{n}", "time": at, "resident": f"+861209901{n % 10_000:04d}"}
    return _table([row | _by({"seconds": 0, "rings": 2})])


def event(play: str, step: int, resident: str, at: datetime) -> pa.Table:
    """The event of STEPS[step]."""
    row = {"id": f"{play}-{step}", "time": at, "resident": resident}
    return _table([row | dict(STEPS[step].columns)])


def _table(rows: Any) -> pa.Table:
    return pa.Table.from_pylist([{"source": SOURCE, **row} for row in rows], SCHEMA)
