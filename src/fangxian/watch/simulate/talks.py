"""Calls: who rings whom for how long, among people who know each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from . import figures as f
from .numbers import HELP, LANDLINE, MOBILE, SERVICE, Ints, line, mixed, mobile
from .residents import ELDER, People, Residents
from .rhythm import OFFICE, PEOPLE, SECOND, SHOPS, Times
from .rows import CALL, Rows, blank

_LONGEST = 4 * 3600
_LONG_TALK = 22 * 60


def calls(
    rng: np.random.Generator,
    at: Times,
    who: People,
    number: Ints,
    kind: Ints | int,
    talked: NDArray[np.floating],
    *,
    outgoing: bool = False,
    family: NDArray[np.bool_] | None = None,
) -> Rows:
    """Calls that begin at `at`; `talked`: seconds, 0 for those that nobody answered."""
    rows = blank(len(at), CALL)
    seconds = np.minimum(talked, _LONGEST).astype(np.int32)
    answered = seconds > 0
    rings = np.where(answered, rng.integers(2, 20, len(at)), rng.integers(8, 46, len(at)))
    rows["seconds"], rows["rings"] = seconds, rings
    rows["time"] = at + (seconds + rings).astype(np.int64) * SECOND
    rows["resident"], rows["other"], rows["kind"] = who, number, kind
    rows["family"] = 0 if family is None else family
    if outgoing:
        rows["outgoing"] = 1
    return rows


def talk(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    """Seconds of talks between people who know each other."""
    seconds = rng.lognormal(np.log(f.PERSONAL_SECONDS), 1.0, count)
    long = rng.random(count) < f.LONG_TALKS
    return np.where(long, rng.lognormal(np.log(_LONG_TALK), 0.6, count), seconds) + 1


def acquaintances(
    residents: Residents, rng: np.random.Generator, start: int, end: int
) -> list[Rows]:
    """Calls with family and friends, at work, and to shops, between two moments."""
    days, who = PEOPLE.days(start, end), residents.active
    made = []
    mine = who(rng, rng.poisson(residents.count * f.PERSONAL_CALLS * days))
    made += _rings(residents, rng, mine, _acquaintance(residents, rng, mine), start, end)
    theirs = who(rng, rng.poisson(residents.count * f.FROM_OUTSIDE * days))
    person = _acquaintance(residents, rng, theirs)
    inside = person < residents.count  # whose calls are made above: here somebody outside rings
    outside = np.where(inside, residents.count + person % residents.outside, person)
    made.append(
        _incoming(residents, rng, theirs, outside, PEOPLE.draw(rng, len(theirs), start, end))
    )
    made += _work(residents, rng, start, end)
    out = who(rng, rng.poisson(residents.count * f.OUT_TO_SHOPS * SHOPS.days(start, end)))
    made.append(_shops(residents, rng, out, start, end))
    in_need = who(rng, rng.poisson(residents.count * f.RINGS_FOR_HELP * days))
    talked = rng.lognormal(np.log(120), 0.7, len(in_need))
    at, number = PEOPLE.draw(rng, len(in_need), start, end), rng.choice(HELP, len(in_need))
    made.append(calls(rng, at, in_need, number, SERVICE, talked, outgoing=True))
    return made


def _acquaintance(residents: Residents, rng: np.random.Generator, who: People) -> People:
    share = np.where(residents.age[who] == ELDER, f.ELDER_TO_FAMILY, f.TO_FAMILY)
    family = rng.random(len(who)) < share
    return np.where(family, residents.relative_of(rng, who), residents.friend_of(rng, who))


def _rings(
    residents: Residents, rng: np.random.Generator, who: People, whom: People, start: int, end: int
) -> list[Rows]:
    """`who` rings `whom`; a call within the town is seen from both ends."""
    at = PEOPLE.draw(rng, len(who), start, end)
    talked = np.where(rng.random(len(who)) < f.PERSONAL_ANSWERED, talk(rng, len(who)), 0)
    family = residents.is_family(who, whom)
    rows = calls(rng, at, who, mobile(whom), MOBILE, talked, outgoing=True, family=family)
    inside = np.flatnonzero(whom < residents.count)
    mirror = rows[inside].copy()
    mirror["resident"], mirror["other"] = whom[inside], residents.number[who[inside]]
    mirror["outgoing"] = -1
    mirror["family"] = residents.is_family(whom[inside], who[inside])
    return [rows, mirror]


def _incoming(
    residents: Residents, rng: np.random.Generator, who: People, whose: People, at: Times
) -> Rows:
    talked = np.where(rng.random(len(who)) < f.PERSONAL_ANSWERED, talk(rng, len(who)), 0)
    family = residents.is_family(who, whose)
    return calls(rng, at, who, mobile(whose), MOBILE, talked, family=family)


def _work(residents: Residents, rng: np.random.Generator, start: int, end: int) -> list[Rows]:
    workers = residents.workers
    if not len(workers):
        return []
    count = rng.poisson(len(workers) * f.WORK_CALLS * OFFICE.days(start, end))
    who = workers[rng.integers(0, len(workers), count)]
    colleague = residents.count + residents.friend_of(rng, who) % residents.outside
    at = OFFICE.draw(rng, count, start, end)
    talked = np.where(rng.random(count) < 0.8, rng.lognormal(np.log(75), 1.0, count), 0)
    half = count // 2
    return [
        calls(rng, at[:half], who[:half], mobile(colleague[:half]), MOBILE, talked[:half]),
        calls(
            rng,
            at[half:],
            who[half:],
            mobile(colleague[half:]),
            MOBILE,
            talked[half:],
            outgoing=True,
        ),
    ]


def _shops(
    residents: Residents, rng: np.random.Generator, who: People, start: int, end: int
) -> Rows:
    place = (max(3, residents.count // 40) * rng.random(len(who)) ** 2).astype(np.int64)
    key = mixed(residents.seed, 5, place)
    kind = np.array([MOBILE, LANDLINE, SERVICE, LANDLINE])[(key & np.uint64(3)).astype(np.int64)]
    talked = np.where(rng.random(len(who)) < 0.85, rng.lognormal(np.log(50), 0.9, len(who)), 0)
    at = SHOPS.draw(rng, len(who), start, end)
    return calls(
        rng, at, who, line(kind, mixed(6, key.astype(np.int64))), kind, talked, outgoing=True
    )
