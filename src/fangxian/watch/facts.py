"""What is known of each event when it comes: the columns that signals ask about.

The columns of the event itself, filled in where they can be worked out (the score of a text, the sort
of a number), and what the other side did (callers/). A fact that is not known fails every condition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from fangxian.detect import check_many
from fangxian.detect.kinds import Words
from fangxian.detect.links import look_at_link
from fangxian.numbers.forms import VIRTUAL
from fangxian.numbers.short_codes import short_code_of

from .callers import Profiles
from .events import (
    APP,
    APPS,
    CALL,
    CODES,
    LINK,
    OTHER_KINDS,
    REPORT,
    SMS,
    TRANSFER,
    places_of,
    whole,
)
from .risk import caller_risk

# The number of the national centre that rings whoever seems to be in danger.
DISSUADER = "96110"
# A text whose probability is so high reads like fraud.
BAD_TEXT = 0.9


class Fact(NamedTuple):
    """`of`: which types of event have it; `words`: what it may be, where it is a word; `unit`: of a
    number: time (in seconds), money (in fen), share (0 to 1), "" for none."""

    of: tuple[str, ...]
    says: Words
    words: tuple[str, ...] = ()
    unit: str = ""
    yes_or_no: bool = False


FACTS: dict[str, Fact] = {
    "outgoing": Fact((CALL,), Words("居民打出的", "the resident rang"), yes_or_no=True),
    "family": Fact(
        (CALL, TRANSFER),
        Words("对方是居民指定的家人", "with somebody the resident named"),
        yes_or_no=True,
    ),
    "seconds": Fact((CALL,), Words("通话", "talked"), unit="time"),
    "known_for": Fact(
        (CALL, SMS, LINK, APP, TRANSFER),
        Words("对方在本地出现至今", "the other side has been seen here for"),
        unit="time",
    ),
    "reach": Fact(
        (CALL, SMS, LINK, APP, TRANSFER),
        Words(
            "对方联系过几组居民（共八组）",
            "groups of residents (of eight) the other side has had to do with",
        ),
    ),
    "reports": Fact(
        (CALL, SMS, LINK, APP, TRANSFER),
        Words("举报过对方的居民", "residents who reported the other side"),
    ),
    "campaign_senders": Fact(
        (SMS,),
        Words(
            "同一波短信来自几组号码（共八组）",
            "groups of senders (of eight) that its campaign came from",
        ),
    ),
    "campaign_reports": Fact(
        (SMS,), Words("举报过同一波短信的居民", "residents who reported its campaign")
    ),
    "rings": Fact((CALL,), Words("振铃", "rang"), unit="time"),
    "dissuader": Fact((CALL,), Words("96110 劝阻电话", "96110, that dissuades"), yes_or_no=True),
    "other_kind": Fact((CALL, SMS), Words("对方号码", "the other's number is"), OTHER_KINDS),
    "text_score": Fact(
        (SMS, REPORT), Words("文字是诈骗的概率", "probability of fraud by the words"), unit="share"
    ),
    "code": Fact((SMS,), Words("验证码", "a one-time code"), CODES),
    "link_score": Fact(
        (LINK,), Words("链接是诈骗的概率", "probability of fraud by the address"), unit="share"
    ),
    "app": Fact((APP,), Words("安装的软件", "what was installed"), APPS),
    "amount": Fact((TRANSFER,), Words("金额", "how much"), unit="money"),
    "new_payee": Fact(
        (TRANSFER,), Words("对方是新收款人", "nothing was sent there before"), yes_or_no=True
    ),
    "caller_risk": Fact(
        (CALL, SMS), Words("对方号码的行为风险", "risk by how the number behaves"), unit="share"
    ),
    "calls": Fact((CALL, SMS), Words("对方一小时内去电", "calls by the number in the hour")),
    "callees": Fact(
        (CALL, SMS), Words("对方一小时内联系的居民", "residents it rang or wrote to in the hour")
    ),
    "answered_share": Fact(
        (CALL, SMS), Words("对方一小时内去电的接通率", "of its calls, answered"), unit="share"
    ),
    "short_share": Fact(
        (CALL, SMS), Words("接通的不到 20 秒", "of its talks, under 20 s"), unit="share"
    ),
    "dropped_share": Fact(
        (CALL, SMS),
        Words("其中没接通、振铃不超过 3 秒", "of its calls, not answered and rang 3 s or less"),
        unit="share",
    ),
    "texts": Fact((CALL, SMS), Words("对方一小时内短信", "texts by the number in the hour")),
    "bad_share": Fact(
        (CALL, SMS), Words("其中像诈骗", "of its texts, read like fraud"), unit="share"
    ),
    "calls_day": Fact((CALL, SMS), Words("对方一天内去电", "calls by the number in the day")),
    "callees_day": Fact(
        (CALL, SMS), Words("对方一天内联系的居民", "residents it reached in the day")
    ),
    "answered_share_day": Fact(
        (CALL, SMS),
        Words("对方一天内去电的接通率", "of its calls in the day, answered"),
        unit="share",
    ),
    "busy_hours": Fact(
        (CALL, SMS), Words("对方号码开始频繁联系至今（小时）", "hours since it began to be busy")
    ),
}


# In a row of facts, in place of what is not known: no fact is less than nought.
UNKNOWN = -1.0

# A number, yes or no, or a word.
Known = float | bool | str
# What is told of each of some values.
Told = Callable[[pa.Array], NDArray[Any]]


class Columns(dict[str, Any]):
    """Facts of a batch by name: numbers as float64 (nan: not known), words as their place in
    `Fact.words` (-1: not known)."""

    def among(self, rows: NDArray[np.int64], names: Iterable[str]) -> Columns:
        """Some facts of some events."""
        return Columns({name: self[name][rows] for name in names})


def event_facts(events: pa.Table) -> Columns:
    """The facts that an event carries or that its text and number tell. Texts must be strings."""
    return Columns(
        outgoing=_numbers(pc.fill_null(events["outgoing"], False)),
        family=_numbers(events["family"]),
        seconds=_numbers(events["seconds"]),
        rings=_numbers(events["rings"]),
        dissuader=_numbers(pc.fill_null(pc.equal(events["other"], DISSUADER), False)),
        other_kind=_other_kinds(events["other_kind"], events["other"]),
        text_score=_text_scores(events["text_score"], events["text"]),
        code=_codes(events["code"], events["text"]),
        link_score=_link_scores(events["link_score"], events["url"]),
        app=_words(events["app"], APPS),
        amount=_numbers(events["amount"]),
        new_payee=_numbers(events["new_payee"]),
    )


def readable_facts(type_: str, row: Sequence[float]) -> tuple[tuple[str, Known], ...]:
    """What is known of one event, by name, in the order of FACTS: words as words, numbers with four
    digits behind the point. What a number did is left out where it did nothing."""
    known = dict(zip(FACTS, row, strict=True))
    busy = known["calls"] + known["texts"] > 0
    return tuple(
        (name, _readable(fact, known[name]))
        for name, fact in FACTS.items()
        if type_ in fact.of and known[name] >= 0 and (busy or name not in Profiles._fields)
    )


def _readable(fact: Fact, value: float) -> Known:
    if fact.words:
        return fact.words[int(value)]
    return bool(value) if fact.yes_or_no else round(value, 4)


def add_profiles(facts: Columns, known: Profiles, places: NDArray[np.int64]) -> None:
    """The facts of the other side: of each event that at its place in `known`."""
    for name, column in known._asdict().items():
        facts[name] = column.astype(np.float64)[places]
    facts["caller_risk"] = caller_risk(known, places, facts["other_kind"])


def of_distinct(column: pa.ChunkedArray, rows: NDArray[np.int64], told: Told) -> NDArray[Any]:
    """What is told of the values in some rows, each distinct one (null is one) asked for once."""
    own = whole(column.take(pa.array(rows))).dictionary_encode("encode")
    of_each: NDArray[Any] = told(own.dictionary)[own.indices.to_numpy()]
    return of_each


def _numbers(column: pa.ChunkedArray) -> NDArray[np.float64]:
    if column.null_count == len(column):
        return np.full(len(column), np.nan)
    plain = column.cast(pa.int8()) if pa.types.is_boolean(column.type) else column
    return np.asarray(plain.cast(pa.float64()).to_numpy(), np.float64)


def _words(column: pa.ChunkedArray, words: tuple[str, ...]) -> NDArray[np.float64]:
    return places_of(column, words).astype(np.float64)


def _other_kinds(given: pa.ChunkedArray, other: pa.ChunkedArray) -> NDArray[np.float64]:
    """As given; else by the form of the number. A keyed hash has no form."""
    kinds = _words(given, OTHER_KINDS)
    lacking = np.flatnonzero(kinds < 0)
    if len(lacking):
        kinds[lacking] = of_distinct(other, lacking, _kinds_of)
    return kinds


def _kinds_of(numbers: pa.Array) -> NDArray[np.float64]:
    return np.array([_kind_of(number or "") for number in numbers.to_pylist()], np.float64)


def _kind_of(number: str) -> int:
    if number.startswith("+86"):
        national = number[3:]
        if short_code_of(national):
            return OTHER_KINDS.index("forged")  # no short number is rung with a country's code
        if VIRTUAL.match(national):
            return OTHER_KINDS.index("virtual")
        return OTHER_KINDS.index("mobile" if national[:1] == "1" else "landline")
    if number[:1] == "+" and number[1:].isdigit():
        return OTHER_KINDS.index("overseas")
    if number.isdigit() and short_code_of(number):
        return OTHER_KINDS.index("service")
    return -1


def _text_scores(given: pa.ChunkedArray, texts: pa.ChunkedArray) -> NDArray[np.float64]:
    scores = _numbers(given)
    has = np.flatnonzero(np.isnan(scores) & pc.is_valid(texts).to_numpy())
    if len(has):
        scores[has] = of_distinct(texts, has, lambda own: check_many(own).probability)
    return scores


_A_CODE = r"(?i)验证码|校验码|动态码|动态密码|短信口令|verification code|passcode|one-time|otp\b"
_OF_A_BANK = (
    r"(?i)银行|信用社|信用卡|储蓄卡|借记卡|支付|转账|付款|尾号|云闪付|bank|payment|transfer"
)


def _codes(given: pa.ChunkedArray, texts: pa.ChunkedArray) -> NDArray[np.float64]:
    """As given; else by the words. A coarse reading: it says that a code came, not that it is
    real."""
    codes = _words(given, CODES)
    has = np.flatnonzero((codes < 0) & pc.is_valid(texts).to_numpy())
    if len(has):
        codes[has] = of_distinct(texts, has, _codes_of)
    return codes


def _codes_of(texts: pa.Array) -> NDArray[np.float64]:
    codes = np.full(len(texts), -1.0)
    found = np.flatnonzero(pc.match_substring_regex(texts, _A_CODE).to_numpy(zero_copy_only=False))
    bank = pc.match_substring_regex(texts.take(pa.array(found)), _OF_A_BANK)
    codes[found] = np.where(bank, CODES.index("bank"), CODES.index("other"))
    return codes


def _link_scores(given: pa.ChunkedArray, urls: pa.ChunkedArray) -> NDArray[np.float64]:
    scores = _numbers(given)
    has = np.flatnonzero(np.isnan(scores) & pc.is_valid(urls).to_numpy())
    if len(has):
        scores[has] = of_distinct(urls, has, _link_scores_of)
    return scores


def _link_scores_of(urls: pa.Array) -> NDArray[np.float64]:
    return np.array([_link_score(url) for url in urls.to_pylist()])


@lru_cache(maxsize=1 << 16)
def _link_score(url: str) -> float:
    return look_at_link(url).probability
