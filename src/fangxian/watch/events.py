"""What the watch sees: events of six types, as columns.

One table holds all types; a column that a type does not have is null. The same columns stand in
Parquet, in CSV and in the `data` of a CloudEvent (cloud.py). Version 1: a column may be added, none
changes its meaning.
"""

from __future__ import annotations

from typing import NamedTuple

import pyarrow as pa

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
    says: str


WORD = pa.dictionary(pa.int32(), pa.string())

COLUMNS = (
    Column("id", pa.string(), TYPES, True, "unique with `source`: twice the same is once"),
    Column("source", WORD, TYPES, True, "who saw it, as a URI reference"),
    Column("type", WORD, TYPES, True, "one of the six"),
    Column("time", pa.timestamp("us", "UTC"), TYPES, True, "when it ended or happened"),
    Column(
        "resident", pa.string(), TYPES, True, "who is watched over: a number (E.164) or a keyed hash"
    ),
    Column(
        "other", pa.string(), TYPES, False,
        "the other side: caller or called, sender, host of a link, app, payee, number reported",
    ),
    Column("other_kind", WORD, (CALL, SMS), False, f"one of {', '.join(OTHER_KINDS)}"),
    Column("family", pa.bool_(), (CALL, TRANSFER), False, "the other side is one the resident named"),
    Column("outgoing", pa.bool_(), (CALL,), False, "the resident rang; null: the other side did"),
    Column("seconds", pa.int32(), (CALL,), True, "seconds talked; 0: not answered"),
    Column("rings", pa.int32(), (CALL,), False, "seconds it rang"),
    Column("text", pa.large_string(), (SMS, REPORT), False, "what was written; may be left out"),
    Column(
        "text_score", pa.float32(), (SMS, REPORT), False,
        "0 to 1 by the sender's own `fangxian check`, where the text stays at home",
    ),
    Column("code", WORD, (SMS,), False, f"a one-time code: one of {', '.join(CODES)}"),
    Column("url", pa.string(), (LINK,), False, "the address"),
    Column("link_score", pa.float32(), (LINK,), False, "0 to 1, where the address stays at home"),
    Column("app", WORD, (APP,), True, f"one of {', '.join(APPS)}"),
    Column("amount", pa.int64(), (TRANSFER,), True, "fen"),
    Column("new_payee", pa.bool_(), (TRANSFER,), False, "nothing was sent there before"),
    Column("campaign", WORD, (SMS, REPORT), False, "the wave it belongs to, where that is known"),
)  # fmt: skip

SCHEMA = pa.schema(
    [pa.field(c.name, c.type, nullable=not (c.needed and c.of == TYPES)) for c in COLUMNS],
    metadata={"fangxian.events": str(VERSION)},
)
