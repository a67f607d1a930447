"""Honest money, and the honest chains of events that look like a fraud."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from . import figures as f
from .callers import CALLERS, numbers_of
from .messages import OTHER, REMOTE, STORE, code, install
from .numbers import LANDLINE, MOBILE, SERVICE, Ints, line, mixed, mobile
from .residents import ELDER, MIDDLE, YOUNG, People, Residents, account
from .rhythm import DAY, EVENING, MINUTE, OFFICE, PEOPLE, SECOND, SHOPS, Rhythm, Times
from .rows import REPORT, TRANSFER, Rows, blank
from .talks import calls, talk
from .words import Words

Random = np.random.Generator
# Payees: people by their place in the list, merchants and strangers far behind them.
_MERCHANTS, STRANGERS, STRANGE = 5_000_000_000, 20_000_000_000, 1_000_000_000


def transfer(
    at: Times,
    who: People,
    payee: Ints,
    fen: NDArray[np.floating],
    *,
    new: NDArray[np.bool_] | bool,
    family: NDArray[np.bool_] | bool = False,
) -> Rows:
    """Transfers of `fen` to a payee."""
    rows = blank(len(at), TRANSFER)
    rows["time"], rows["resident"], rows["other"] = at, who, payee
    rows["amount"], rows["new_payee"], rows["family"] = np.maximum(100, fen), new, family
    return rows


def yuan(rng: Random, count: int, median: float, spread: float = 1.0) -> NDArray[np.float64]:
    """Sums in fen."""
    return rounded(rng, rng.lognormal(np.log(median * 100), spread, count))


def rounded(rng: Random, fen: NDArray[np.float64]) -> NDArray[np.float64]:
    """People like round sums, swindlers too: half are whole hundreds of yuan."""
    round_ones = (rng.random(len(fen)) < 0.5) & (fen > 20_000)
    return np.where(round_ones, np.ceil(fen / 10_000) * 10_000, np.floor(fen))


def everyday(residents: Residents, words: Words, rng: Random, start: int, end: int) -> list[Rows]:
    """Transfers to people one knows, and shopping on-line, between two moments."""
    who = residents.active(
        rng, rng.poisson(residents.count * f.TRANSFERS * PEOPLE.days(start, end))
    )
    kin = rng.random(len(who)) < f.TO_FAMILY
    payee = np.where(kin, residents.relative_of(rng, who), residents.friend_of(rng, who))
    at = PEOPLE.draw(rng, len(who), start, end)
    known = transfer(
        at, who, account(payee), yuan(rng, len(who), 600, 1.2),
        new=rng.random(len(who)) < 0.06, family=residents.is_family(who, payee),
    )  # fmt: skip
    who = residents.anyone(rng, rng.poisson(residents.count * f.SHOPPING * PEOPLE.days(start, end)))
    who = who[(residents.age[who] != ELDER) | (rng.random(len(who)) < 0.3)]
    at = PEOPLE.draw(rng, len(who), start, end)
    paid = at + rng.integers(20 * SECOND, 3 * MINUTE, len(who))
    merchant = _MERCHANTS + rng.integers(0, 1_000_000, len(who))
    new = rng.random(len(who)) < f.SHOP_IS_NEW
    shop = transfer(paid, who, merchant, yuan(rng, len(who), 160, 1.0), new=new)
    return [known, code(rng, words, at, who), shop]


def chains(residents: Residents, words: Words, rng: Random, start: int, end: int) -> list[Rows]:
    """What honest people do that looks like a fraud; later links of a chain may lie after `end`."""
    made: list[Rows] = []
    for per_day, rhythm, ages, story in _CHAINS:
        group = residents.aged(ages)
        count = rng.poisson(len(group) * per_day * rhythm.days(start, end))
        if count:
            who = group[rng.integers(0, len(group), count)]
            made += story(residents, words, rng, rhythm.draw(rng, len(who), start, end), who)
    made += _courting(residents, rng, start, end)
    return made


def _rung(
    rng: Random,
    at: Times,
    who: People,
    kind: int,
    minutes: tuple[float, float],
    *,
    bank: bool = False,
) -> tuple[Rows, Times]:
    """A stranger of `kind` rings and talks so many minutes; the call, and when it ended."""
    key = mixed(rng.integers(0, 2**40, len(at)))
    kinds = np.full(len(at), kind)
    rows = calls(
        rng, at, who, line(kinds, key, bank=bank), kinds, rng.uniform(*minutes, len(at)) * 60
    )
    return rows, rows["time"].copy()


def _after(rng: Random, at: Times, minutes: tuple[float, float]) -> Times:
    return at + (rng.uniform(*minutes, len(at)) * MINUTE).astype(np.int64)


def _within(rng: Random, call: Rows) -> Times:
    """A moment of each call."""
    return call["time"] - (call["seconds"] * rng.uniform(0.2, 0.9, len(call)) * SECOND).astype(
        np.int64
    )


def _stranger(rng: Random, count: int) -> Ints:
    return STRANGERS + rng.integers(0, STRANGE, count)


def _bank_then_code(
    residents: Residents, words: Words, rng: Random, at: Times, who: People
) -> list[Rows]:
    call, ended = _rung(rng, at, who, SERVICE, (1.5, 7), bank=True)
    sent = _after(rng, ended, (-1, 12))
    pays = rng.random(len(who)) < 0.2
    paid = _after(rng, sent[pays], (0.5, 6))
    sums = yuan(rng, len(paid), 3000)
    return [
        call,
        code(rng, words, sent, who),
        transfer(paid, who[pays], _stranger(rng, len(paid)), sums, new=True),
    ]


def _emergency(
    residents: Residents, words: Words, rng: Random, at: Times, who: People
) -> list[Rows]:
    kin = residents.relative_of(rng, who)
    family = residents.is_family(who, kin)
    rows, last = [], at
    for go in range(3):
        some = rng.random(len(who)) < (1.0, 0.7, 0.4)[go]
        call = calls(
            rng, last[some], who[some], mobile(kin[some]), MOBILE,
            rng.uniform(30, 400, int(some.sum())), family=family[some], outgoing=go == 1,
        )  # fmt: skip
        rows.append(call)
        last = _after(rng, last, (7, 15))
    hospital = rng.random(len(who)) < 0.3
    coded = rng.random(len(who)) < 0.5
    rows.append(code(rng, words, _after(rng, last[coded], (-2, 0)), who[coded]))
    payee = np.where(hospital, _stranger(rng, len(who)), account(kin))
    paid = transfer(
        _after(rng, last, (1, 40)), who, payee, yuan(rng, len(who), 6000, 0.9),
        new=hospital, family=family & ~hospital,
    )  # fmt: skip
    return [*rows, paid]


def _helpdesk(
    residents: Residents, words: Words, rng: Random, at: Times, who: People
) -> list[Rows]:
    call, ended = _rung(rng, at, who, LANDLINE, (5, 28))
    app = install(_within(rng, call), who, REMOTE, words.remote[rng.integers(0, 6, len(who))])
    coded = rng.random(len(who)) < 0.3
    return [call, app, code(rng, words, ended[coded], who[coded], OTHER)]


def _child_helps(
    residents: Residents, words: Words, rng: Random, at: Times, who: People
) -> list[Rows]:
    kin = residents.relative_of(rng, who)
    call = calls(
        rng, at, who, mobile(kin), MOBILE, rng.uniform(400, 2400, len(who)),
        family=residents.is_family(who, kin),
    )  # fmt: skip
    app = install(_within(rng, call), who, REMOTE, words.remote[rng.integers(0, 6, len(who))])
    coded = rng.random(len(who)) < 0.4
    return [call, app, code(rng, words, _within(rng, call[coded]), who[coded])]


def _deposit(residents: Residents, words: Words, rng: Random, at: Times, who: People) -> list[Rows]:
    call, ended = _rung(rng, at, who, MOBILE, (2, 14))
    paid = _after(rng, ended, (5, 120))
    coded = rng.random(len(who)) < 0.6
    return [
        call,
        code(rng, words, paid[coded] - MINUTE, who[coded]),
        transfer(paid, who, _stranger(rng, len(who)), yuan(rng, len(who), 4000, 1.1), new=True),
    ]


def _trade(residents: Residents, words: Words, rng: Random, at: Times, who: People) -> list[Rows]:
    call, ended = _rung(rng, at, who, MOBILE, (0.5, 6))
    sums = yuan(rng, len(who), 300, 1.1)
    paid = _after(rng, ended, (2, 90))
    return [call, transfer(paid, who, _stranger(rng, len(who)), sums, new=True)]


def _lending(residents: Residents, words: Words, rng: Random, at: Times, who: People) -> list[Rows]:
    friend = residents.friend_of(rng, who)
    call = calls(rng, at, who, mobile(friend), MOBILE, rng.uniform(600, 3000, len(who)))
    paid = _after(rng, call["time"], (3, 240))
    return [
        call,
        code(rng, words, paid - MINUTE, who),
        transfer(paid, who, account(friend), yuan(rng, len(who), 5000), new=True),
    ]


def _bank_app(
    residents: Residents, words: Words, rng: Random, at: Times, who: People
) -> list[Rows]:
    call, ended = _rung(rng, at, who, SERVICE, (3, 12), bank=True)
    app = install(_within(rng, call), who, STORE, words.store[rng.integers(0, 20, len(who))])
    return [call, app, code(rng, words, _after(rng, ended, (-1, 3)), who)]


def _wrong_report(
    residents: Residents, words: Words, rng: Random, at: Times, who: People
) -> list[Rows]:
    sort = next(n for n, callers in enumerate(CALLERS) if callers.key == "call_centres")
    number, kind = numbers_of(CALLERS[sort], sort, residents, rng, who, int(at[0]))
    call = calls(rng, at, who, number, kind, rng.uniform(0, 40, len(who)))
    rows = blank(len(who), REPORT)
    rows["time"], rows["resident"], rows["other"] = _after(rng, call["time"], (1, 60)), who, number
    places = np.concatenate([words.honest["spam"], words.honest["insurance_loan_ad"]])
    text = places[rng.integers(0, len(places), len(who))]
    rows["text"] = np.where(rng.random(len(who)) < 0.5, text, -1)
    return [call, rows]


def _courting(residents: Residents, rng: Random, start: int, end: int) -> list[Rows]:
    """Long evening talks with somebody new, now and then a gift: a romance that is none."""
    fortnight = start // (14 * DAY)
    group = residents.some(f.COURTING, 7, fortnight)
    if not len(group):
        return []
    days = EVENING.days(start, end)
    who = group[rng.integers(0, len(group), rng.poisson(len(group) * f.COURTING_CALLS * days))]
    key = mixed(residents.seed, 8, fortnight, who)
    number = line(np.full(len(who), MOBILE), key)
    talked = np.where(rng.random(len(who)) < 0.85, 10 * talk(rng, len(who)), 0)
    talks = calls(rng, EVENING.draw(rng, len(who), start, end), who, number, MOBILE, talked)
    gives = group[rng.integers(0, len(group), rng.poisson(len(group) * f.COURTING_GIFTS * days))]
    key = mixed(residents.seed, 8, fortnight, gives)
    payee = STRANGERS + (key >> np.uint64(1)).astype(np.int64) % STRANGE
    at = EVENING.draw(rng, len(gives), start, end)
    gifts = transfer(at, gives, payee, yuan(rng, len(gives), 500), new=rng.random(len(gives)) < 0.5)
    return [talks, gifts]


Story = Callable[[Residents, Words, Random, Times, People], list[Rows]]
_GROWN, _WORKING = (YOUNG, MIDDLE, ELDER), (YOUNG, MIDDLE)
_CHAINS: tuple[tuple[float, Rhythm, tuple[int, ...], Story], ...] = (
    (f.BANK_THEN_CODE, OFFICE, _GROWN, _bank_then_code),
    (f.EMERGENCIES, PEOPLE, _GROWN, _emergency),
    (f.HELPDESK, OFFICE, _WORKING, _helpdesk),
    (f.CHILD_HELPS, EVENING, (ELDER,), _child_helps),
    (f.DEPOSITS, SHOPS, _WORKING, _deposit),
    (f.TRADES, PEOPLE, _GROWN, _trade),
    (f.LENDING, EVENING, _GROWN, _lending),
    (f.BANK_APP, OFFICE, _GROWN, _bank_app),
    (f.WRONG_REPORTS, PEOPLE, _GROWN, _wrong_report),
)
