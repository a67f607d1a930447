"""What the watch sees: events of six types, as columns.

One table holds all types; a column that a type does not have is null. The same columns stand in
Parquet, in CSV and in the `data` of a CloudEvent (reading/). Version 1: a column may be added, none
changes its meaning.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from fangxian.detect.kinds import Words

VERSION = 1

CALL, SMS, LINK, APP, TRANSFER, REPORT = TYPES = (
    "call.ended",
    "sms.received",
    "link.visited",
    "app.installed",
    "transfer.requested",
    "report.filed",
)
# What is known of a number without the number: whoever sends keyed hashes in place of numbers says
# which it is. `service`: a number of the short-code list; `forged`: one that no network gives.
OTHER_KINDS = ("mobile", "landline", "virtual", "overseas", "service", "forged")
# `bank`: a one-time code from a bank or a payment service; `other`: any other one.
CODES = ("bank", "other")
# `remote`: shares the screen or lets another steer; `unknown_source`: from no shop; `store`: any other.
APPS = ("remote", "unknown_source", "store")


class Column(NamedTuple):
    """`of`: the types of event that have it; the others leave it null. `needed`: without it an event
    of these types cannot be used."""

    name: str
    type: pa.DataType
    of: tuple[str, ...]
    needed: bool
    says: Words


WORD = pa.dictionary(pa.int32(), pa.string())


def _one_of(zh: str, en: str, listed: tuple[str, ...]) -> Words:
    quoted = [f"`{word}`" for word in listed]
    return Words(f"{zh}：{'、'.join(quoted)}之一", f"{en}: one of {', '.join(quoted)}")


COLUMNS = (
    Column("id", pa.string(), TYPES, True, Words(
        "与 `source` 合起来不重复：同样的来两次只算一次", "unique with `source`: twice the same is once")),
    Column("source", WORD, TYPES, True, Words(
        "谁看到的，URI 引用", "who saw it, as a URI reference")),
    Column("type", WORD, TYPES, True, Words("六种之一", "one of the six")),
    Column("time", pa.timestamp("us", "UTC"), TYPES, True, Words(
        "结束或发生的时刻", "when it ended or happened")),
    Column("resident", pa.string(), TYPES, True, Words(
        "所守护的人：号码（E.164）或加密钥的散列值",
        "who is watched over: a number (E.164) or a keyed hash")),
    Column("other", pa.string(), TYPES, False, Words(
        "另一方：主叫或被叫、发件人、链接的主机名、应用、收款人、被举报的号码",
        "the other side: caller or called, sender, host of a link, app, payee, number reported")),
    Column("other_kind", WORD, (CALL, SMS), False, _one_of(
        "另一方号码的种类", "kind of the other's number", OTHER_KINDS)),
    Column("family", pa.bool_(), (CALL, TRANSFER), False, Words(
        "另一方是本人登记过的亲友", "the other side is one the resident named")),
    Column("outgoing", pa.bool_(), (CALL,), False, Words(
        "本人拨出；空：对方打来", "the resident rang; null: the other side did")),
    Column("seconds", pa.int32(), (CALL,), True, Words(
        "通话秒数；0：未接", "seconds talked; 0: not answered")),
    Column("rings", pa.int32(), (CALL,), False, Words("响铃秒数", "seconds it rang")),
    Column("text", pa.large_string(), (SMS, REPORT), False, Words(
        "内容；可以不给", "what was written; may be left out")),
    Column("text_score", pa.float32(), (SMS, REPORT), False, Words(
        "0 到 1，由发送方自己的 `fangxian check` 给出，原文留在发送方",
        "0 to 1 by the sender's own `fangxian check`, where the text stays at home")),
    Column("code", WORD, (SMS,), False, _one_of("验证码", "a one-time code", CODES)),
    Column("url", pa.string(), (LINK,), False, Words("网址", "the address")),
    Column("link_score", pa.float32(), (LINK,), False, Words(
        "0 到 1，网址留在发送方时给出", "0 to 1, where the address stays at home")),
    Column("app", WORD, (APP,), True, _one_of("装的是什么", "what was installed", APPS)),
    Column("amount", pa.int64(), (TRANSFER,), True, Words("金额，分", "fen")),
    Column("new_payee", pa.bool_(), (TRANSFER,), False, Words(
        "以前没有向它转过账", "nothing was sent there before")),
    Column("campaign", WORD, (SMS, REPORT), False, Words(
        "属于哪一波，知道时给出", "the wave it belongs to, where that is known")),
)  # fmt: skip

SCHEMA = pa.schema(
    [pa.field(c.name, c.type, nullable=not (c.needed and c.of == TYPES)) for c in COLUMNS],
    metadata={"fangxian.events": str(VERSION)},
)


def whole(column: pa.ChunkedArray) -> pa.Array:
    """In one piece; not copied where it is one."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def types_of(column: pa.ChunkedArray) -> NDArray[np.int8]:
    """The place of each type in TYPES, -1 for another."""
    return places_of(column, TYPES)


def places_of(column: pa.ChunkedArray, words: tuple[str, ...]) -> NDArray[np.int8]:
    """The place of each word in `words`, -1 for another and for null."""
    if column.null_count == len(column):
        return np.full(len(column), -1, np.int8)
    given = whole(column)
    if not pa.types.is_dictionary(given.type):
        given = given.dictionary_encode()
    own = [words.index(word) if word in words else -1 for word in given.dictionary.to_pylist()]
    indices = given.indices.fill_null(-1) if given.null_count else given.indices
    places: NDArray[np.int8] = np.array([*own, -1], np.int8)[indices.to_numpy()]
    return places
