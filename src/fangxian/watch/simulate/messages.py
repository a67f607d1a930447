"""Honest text messages, links and apps."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fangxian.detect.kinds import Words as Says

from ..events import APPS, CODES
from . import figures as f
from .numbers import MOBILE, SERVICE, Ints, mixed, mobile, port, turns
from .residents import ELDER, People, Residents
from .rhythm import DAY, HOUR, MINUTE, PEOPLE, PHONES, RHYTHMS, Times
from .rows import APP, LINK, REPORT, SMS, Rows, blank
from .words import Places, Words

BANK, OTHER = range(len(CODES))
REMOTE, UNKNOWN_SOURCE, STORE = range(len(APPS))


class Messages(NamedTuple):
    """One sort of messages: `per_day` for each resident; `genres` of the corpus; `senders` for each
    1,000 residents, 0 for people one knows; `bulk`: sent to many at a time, as a wave; `changes`:
    days until a sender has another number, each on a day of its own, 0 never."""

    key: str
    says: Says
    per_day: float
    genres: tuple[str, ...]
    senders: float
    rhythm: str
    bulk: bool = False
    code: int = -1
    changes: int = 0


MESSAGES = (
    Messages(
        "adverts", Says("广告，群发", "adverts, in bulk"),
        per_day=0.5, genres=("ads", "spam", "insurance_loan_ad", "shopping_group"),
        senders=2, rhythm="office", bulk=True, changes=60,
    ),
    Messages(
        "notices", Says("运营商、政务、物业、学校通知，群发", "notices of carriers, offices, property, schools, in bulk"),
        per_day=0.45, genres=("telecom_notice sms", "government_notice", "property_utility sms", "hospital_school sms", "travel sms"),
        senders=1.5, rhythm="office", bulk=True,
    ),
    Messages(
        "police_notices", Says("反诈提醒（含 12381），引用骗子的话", "warnings about fraud (12381 too) that quote swindlers"),
        per_day=0.03, genres=("police_notice", "fraud_news"),
        senders=0.1, rhythm="office", bulk=True,
    ),
    Messages(
        "parcels", Says("取件、派送", "parcels"),
        per_day=0.3, genres=("courier_shop sms",),
        senders=1, rhythm="shops",
    ),
    Messages(
        "bank", Says("银行、支付动账通知", "banks and payment services: what came in and went out"),
        per_day=0.25, genres=("bank_notice sms", "payment_notice sms"),
        senders=0.3, rhythm="people",
    ),
    Messages(
        "codes", Says("登录、注册验证码", "codes to log in"),
        per_day=0.4, genres=(),
        senders=0.5, rhythm="phones", code=OTHER,
    ),
    Messages(
        "bank_codes", Says("银行验证码，没有前后事", "bank codes, nothing before or after"),
        per_day=0.07, genres=(),
        senders=0.2, rhythm="people", code=BANK,
    ),
    Messages(
        "people", Says("熟人短信", "texts from people one knows"),
        per_day=0.12, genres=("personal_chat", "family_money", "family_warning", "work_chat"),
        senders=0, rhythm="people",
    ),
    Messages(
        "first_timers", Says("头一回发短信来的小店、中介、招聘", "small shops, agents, employers that write for the first time"),
        per_day=0.02, genres=("ads", "courier_shop sms", "work_chat"),
        senders=400, rhythm="shops", changes=1,
    ),
)  # fmt: skip


def messages(
    residents: Residents, words: Words, rng: np.random.Generator, start: int, end: int
) -> list[Rows]:
    """Text messages of all sorts between two moments."""
    made = []
    for sort, each in enumerate(MESSAGES):
        count = rng.poisson(residents.count * each.per_day * RHYTHMS[each.rhythm].days(start, end))
        who = residents.anyone(rng, count)
        at = RHYTHMS[each.rhythm].draw(rng, count, start, end)
        rows = blank(count, SMS)
        rows["time"], rows["resident"] = at, who
        if each.code >= 0:
            rows["code"] = each.code
            places = words.codes(each.code == BANK)
        else:
            places = np.concatenate([words.honest[genre] for genre in each.genres])
        if each.senders:
            senders = max(1, int(each.senders * residents.count / 1000))
            sender = (senders * rng.random(count) ** 2).astype(np.int64)
            turn = turns(start, each.changes * DAY, residents.seed, 100 + sort, sender)
            key = mixed(residents.seed, 300 + sort, turn, sender)
            rows["other"], rows["kind"] = port((key >> np.uint64(1)).astype(np.int64)), SERVICE
        else:
            rows["other"], rows["kind"] = mobile(residents.friend_of(rng, who)), MOBILE
        if each.bulk:  # a few senders share one text a day: the ports of one campaign
            whose = sender // int(f.BULK_PORTS)
            day = mixed(residents.seed, sort, whose, at // DAY) >> np.uint64(1)
            rows["text"] = places[day.astype(np.int64) % len(places)]
            rows["wave"] = np.where(
                rng.random(count) < f.WAVE_KNOWN, day.astype(np.int64) % 2**31, -1
            )
            made.append(reports(rng, rows[rng.random(count) < f.WRONG_TEXT_REPORTS]))
        else:
            rows["text"] = places[rng.integers(0, len(places), count)]
        made.append(without_some_texts(rng, rows))
    return made


def reports(rng: np.random.Generator, texts: Rows) -> Rows:
    """Texts that are reported within hours, with their words."""
    rows = blank(len(texts), REPORT)
    for name in ("resident", "other", "text", "wave"):
        rows[name] = texts[name]
    rows["time"] = texts["time"] + rng.integers(MINUTE, 10 * HOUR, len(texts))
    return rows


def without_some_texts(rng: np.random.Generator, rows: Rows) -> Rows:
    rows["text"] = np.where(rng.random(len(rows)) < f.TEXT_LEFT_OUT, -1, rows["text"])
    return rows


def code(rng: np.random.Generator, words: Words, at: Times, who: People, kind: int = BANK) -> Rows:
    """One-time codes sent to `who`."""
    rows = blank(len(at), SMS)
    places = words.codes(kind == BANK)
    rows["time"], rows["resident"], rows["code"], rows["kind"] = at, who, kind, SERVICE
    rows["other"] = port(who % 40 + 9_000 * (1 + kind))
    rows["text"] = places[rng.integers(0, len(places), len(at))]
    return without_some_texts(rng, rows)


def visit(at: Times, who: People, word: Places | int) -> Rows:
    """Links visited."""
    rows = blank(len(at), LINK)
    rows["time"], rows["resident"], rows["word"] = at, who, word
    return rows


def install(at: Times, who: People, kind: int, word: Places | int) -> Rows:
    """Apps installed."""
    rows = blank(len(at), APP)
    rows["time"], rows["resident"], rows["app"], rows["word"] = at, who, kind, word
    return rows


def online(
    residents: Residents, words: Words, rng: np.random.Generator, start: int, end: int
) -> list[Rows]:
    """Links visited and apps installed of nobody's asking. Elders do half as much of it."""
    days = PHONES.days(start, end)
    made = []
    for per_day, kind, places, unheard_of in (
        (f.LINKS, -1, words.links, f.LINKS_UNHEARD_OF),
        (f.APPS_STORE, STORE, words.store, 0.0),
        (f.APPS_UNKNOWN, UNKNOWN_SOURCE, words.elsewhere, f.APPS_UNHEARD_OF),
        (f.APPS_REMOTE, REMOTE, words.remote, 0.0),
    ):
        rhythm = PEOPLE if kind == REMOTE else PHONES
        who = residents.anyone(rng, rng.poisson(residents.count * per_day * days))
        who = who[(residents.age[who] != ELDER) | (rng.random(len(who)) < 0.5)]
        at = rhythm.draw(rng, len(who), start, end)
        word = places[(len(places) * rng.random(len(who)) ** 1.5).astype(np.int64)]
        rows = visit(at, who, word) if kind < 0 else install(at, who, kind, word)
        new = np.flatnonzero(rng.random(len(who)) < unheard_of)
        rows["word"][new] = -1
        rows["other"][new] = _unheard_of(residents, rng, at[new], kind)
        made.append(rows)
    return made


def _unheard_of(residents: Residents, rng: np.random.Generator, at: Times, kind: int) -> Ints:
    """Small sites and apps, found by a few people each within some days."""
    about = residents.count // (10 if kind < 0 else 1_000) + 1  # visited twice, installed ten times
    name = mixed(residents.seed, kind, at // (10 * DAY), rng.integers(0, about, len(at)))
    return (name % np.uint64(1_000_000_000)).astype(np.int64)
