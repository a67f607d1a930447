"""Honest callers whom a resident does not know, a sort a row: most look like a fraud in some way."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fangxian.detect.kinds import Words

from . import figures as f
from .numbers import (
    FORGED,
    LANDLINE,
    MOBILE,
    OFFICIAL_WARNING,
    OVERSEAS,
    SERVICE,
    VIRTUAL,
    Ints,
    line,
    mixed,
    turns,
)  # fmt: skip
from .residents import People, Residents
from .rhythm import DAY, RHYTHMS
from .rows import Rows
from .talks import calls

_OWN = 0.0  # `lines`: every resident has one of their own


class Callers(NamedTuple):
    """One sort of callers.

    `per_day`: calls a day for each resident whom they ring; `among`: the share of residents whom
    they ring, others each `changes` days. `lines`: numbers for each 1,000 residents. `mix`: shares
    of mobile, landline, virtual, overseas and service numbers. `changes`: days until a line has another
    number, each on a day of its own, 0 never: call centres' numbers are blocked too, couriers come and go. `answered`: a share; `seconds`: the
    median talk, with the `spread` of its logarithm.
    """

    key: str
    says: Words
    per_day: float
    lines: float
    mix: tuple[float, float, float, float, float]
    rhythm: str
    answered: float
    seconds: float
    spread: float
    changes: int = 0
    among: float = 1.0


CALLERS = (
    Callers(
        "couriers", Words("快递员：每天几十个短电话，对象各不相同", "couriers: dozens of short calls a day to different people"),
        per_day=0.26, lines=5, mix=(0.75, 0, 0.25, 0, 0), rhythm="shops",
        answered=0.78, seconds=17, spread=0.7, changes=180,
    ),
    Callers(
        "riders", Words("外卖骑手", "food riders"),
        per_day=0.14, lines=4, mix=(0.6, 0, 0.4, 0, 0), rhythm="people",
        answered=0.85, seconds=12, spread=0.6, changes=120,
    ),
    Callers(
        "call_centres", Words("推销呼叫中心：每天几百个电话，多数不接", "call centres: hundreds of calls a day, most not answered"),
        per_day=0.2, lines=0.5, mix=(0.15, 0.35, 0.5, 0, 0), rhythm="office",
        answered=0.38, seconds=14, spread=1.0, changes=20,
    ),
    Callers(
        "insurance_loans", Words("正规保险、贷款推销", "lawful insurance and loan marketing"),
        per_day=0.06, lines=0.8, mix=(0.35, 0.2, 0.35, 0, 0.1), rhythm="office",
        answered=0.4, seconds=26, spread=1.2, changes=30,
    ),
    Callers(
        "market_research", Words("市场和满意度调查", "market research and satisfaction surveys"),
        per_day=0.03, lines=0.1, mix=(0, 0.6, 0.2, 0, 0.2), rhythm="office",
        answered=0.35, seconds=60, spread=1.1,
    ),
    Callers(
        "estate_agents", Words("房产中介、装修", "estate agents, decorators"),
        per_day=0.025, lines=0.5, mix=(0.9, 0.1, 0, 0, 0), rhythm="shops",
        answered=0.5, seconds=45, spread=1.1, changes=60,
    ),
    Callers(
        "school_clinic", Words("学校、医院", "schools and clinics"),
        per_day=0.03, lines=0.6, mix=(0.25, 0.75, 0, 0, 0), rhythm="office",
        answered=0.85, seconds=70, spread=0.8,
    ),
    Callers(
        "village_office", Words("村社区、政务回访", "the village office, public service call-backs"),
        per_day=0.025, lines=0.5, mix=(0.5, 0.4, 0, 0, 0.1), rhythm="office",
        answered=0.82, seconds=75, spread=0.9,
    ),
    Callers(
        "debt_collection", Words("催收：反复打给同一个人", "debt collection: the same person again and again"),
        per_day=1.4, lines=0.2, mix=(0.3, 0.3, 0.4, 0, 0), rhythm="office",
        answered=0.3, seconds=45, spread=1.0, changes=15, among=0.012,
    ),
    Callers(
        "customer_service", Words("真客服，什么都不要", "real customer service that asks for nothing"),
        per_day=0.025, lines=_OWN, mix=(0, 0.1, 0, 0, 0.9), rhythm="office",
        answered=0.72, seconds=110, spread=0.8,
    ),
    Callers(
        "banks", Words("银行、保险公司真来电", "real calls of banks and insurers"),
        per_day=0.012, lines=_OWN, mix=(0, 0.1, 0, 0, 0.9), rhythm="office",
        answered=0.7, seconds=100, spread=0.9,
    ),
    Callers(
        "official_warning", Words("96110 官方劝阻（含误报）", "96110, official dissuasion (false alarms too)"),
        per_day=0.0015, lines=_OWN, mix=(0, 0, 0, 0, 1), rhythm="people",
        answered=0.7, seconds=150, spread=0.7,
    ),
    Callers(
        "new_colleagues", Words("同事、客户的新号码", "new numbers of colleagues and clients"),
        per_day=0.03, lines=60, mix=(0.9, 0, 0.1, 0, 0), rhythm="office",
        answered=0.75, seconds=95, spread=1.2, changes=7,
    ),
    Callers(
        "first_timers", Words("客户、面试、司机、新朋友等头一回打来的人", "clients, interviews, drivers, new friends who ring for the first time"),
        per_day=0.05, lines=400, mix=(0.85, 0.1, 0.05, 0, 0), rhythm="people",
        answered=0.7, seconds=70, spread=1.2, changes=1,
    ),
    Callers(
        "wrong_numbers", Words("打错的", "wrong numbers"),
        per_day=0.012, lines=400, mix=(0.9, 0.1, 0, 0, 0), rhythm="people",
        answered=0.6, seconds=8, spread=0.6, changes=1,
    ),
    Callers(
        "relatives_abroad", Words("海外亲人，长聊", "relatives abroad, long talks"),
        per_day=0.22, lines=_OWN, mix=(0, 0, 0, 1, 0), rhythm="evening",
        answered=0.88, seconds=800, spread=0.9, among=0.02,
    ),
)  # fmt: skip


def strangers(residents: Residents, rng: np.random.Generator, start: int, end: int) -> list[Rows]:
    """Calls of all sorts between two moments."""
    made = []
    for sort, callers in enumerate(CALLERS):
        days = RHYTHMS[callers.rhythm].days(start, end)
        if callers.among < 1:
            period = start // (max(1, callers.changes or 10_000) * DAY)
            group = residents.some(callers.among, 100 + sort, period)
            count = rng.poisson(len(group) * callers.per_day * days)
            who = group[rng.integers(0, max(1, len(group)), count)] if len(group) else group
        else:
            count = rng.poisson(residents.count * callers.per_day * days)
            who = residents.anyone(rng, count)
        if not len(who):
            continue
        number, kind = numbers_of(callers, sort, residents, rng, who, start)
        at = RHYTHMS[callers.rhythm].draw(rng, len(who), start, end)
        answered = rng.random(len(who)) < callers.answered
        talked = rng.lognormal(np.log(callers.seconds), callers.spread, len(who))
        number, kind = _as_shown(rng, number, kind)
        made.append(calls(rng, at, who, number, kind, np.where(answered, talked, 0)))
    return made


def _as_shown(rng: np.random.Generator, number: Ints, kind: Ints) -> tuple[Ints, Ints]:
    """Some exchanges put 86 before a service number: then it looks forged, and is not."""
    wrong = (kind == SERVICE) & (rng.random(len(kind)) < f.SHOWN_WRONG)
    digits = -number[wrong]
    number, kind = number.copy(), kind.copy()
    number[wrong] = 86 * 10 ** (np.floor(np.log10(digits)).astype(np.int64) + 1) + digits
    kind[wrong] = FORGED
    return number, kind


def numbers_of(
    callers: Callers,
    sort: int,
    residents: Residents,
    rng: np.random.Generator,
    who: People,
    now: int,
) -> tuple[Ints, Ints]:
    """The number that rings each of `who`, and its kind."""
    if callers.key == "official_warning":
        return np.full(len(who), OFFICIAL_WARNING), np.full(len(who), SERVICE)
    if callers.lines == _OWN:
        places = who
    else:
        lines = max(1, int(callers.lines * residents.count / 1000))
        # The busiest lines make several times the calls of the idlest.
        places = (lines * rng.random(len(who)) ** 1.5).astype(np.int64)
    turn = turns(now, callers.changes * DAY, residents.seed, sort, places)
    key = mixed(residents.seed, 200 + sort, turn, places)
    kind = np.searchsorted(np.cumsum(callers.mix), (key & np.uint64(0xFFFF)).astype(float) / 65536)
    kinds = np.array([MOBILE, LANDLINE, VIRTUAL, OVERSEAS, SERVICE])[np.minimum(kind, 4)]
    return line(kinds, mixed(4, key.astype(np.int64)), bank=callers.key == "banks"), kinds
