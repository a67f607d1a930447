"""Rows as a table in the schema of the watch's events."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ..events import APPS, CODES, OTHER_KINDS, SCHEMA, TYPES
from .numbers import UNKNOWN, Ints
from .rows import APP, LINK, TRANSFER, Rows
from .words import Words

SOURCES = (
    "//carrier.example/calls", "//carrier.example/texts", "//phone.example/links",
    "//phone.example/apps", "//bank.example/transfers", "//town.example/reports",
)  # fmt: skip


def ids(events: Ints) -> pa.Array:
    """The id of each event by its place among all, null for those below 0."""
    number = pa.array(events, mask=events < 0).cast(pa.string())
    return pc.binary_join_element_wise(pa.scalar("e"), number, "")


def phones(numbers: Ints) -> pa.Array:
    """Numbers as text: E.164, or the bare digits of a service number; null for UNKNOWN."""
    sign = pa.array(["", "+"], pa.string()).take(pa.array((numbers > 0).astype(np.int8)))
    return pc.binary_join_element_wise(
        sign, pa.array(np.abs(numbers), mask=numbers == UNKNOWN).cast(pa.string()), ""
    )


class Columns:
    """Makes tables of rows; `residents`: the number of each resident."""

    def __init__(self, words: Words, residents: Ints) -> None:
        self._words = words
        self._residents = phones(residents)
        self._known = 0
        self._vocabulary: tuple[pa.Array, pa.Array, pa.Array] = words.as_arrow()

    def table(self, rows: Rows, first: int) -> pa.Table:
        """`rows`, in the order they are in; the id of the first is that of event `first`."""
        if self._known != len(self._words.said):  # gangs bring links of their own
            self._vocabulary = self._words.as_arrow()
            self._known = len(self._words.said)
        texts, others, urls = self._vocabulary
        kind = rows["type"]
        word = _places(rows["word"])
        columns = {
            "id": ids(np.arange(first, first + len(rows))),
            "source": _word(kind, SOURCES),
            "type": _word(kind, TYPES),
            "time": pa.array(rows["time"]).cast(SCHEMA.field("time").type),
            "resident": self._residents.take(pa.array(rows["resident"])),
            "other": self._other(rows, others),
            "other_kind": _word(rows["kind"], OTHER_KINDS),
            "family": _flag(rows["family"]),
            "outgoing": _flag(rows["outgoing"]),
            "seconds": _places(rows["seconds"]),
            "rings": _places(rows["rings"].astype(np.int32)),
            "text": texts.take(_places(rows["text"])),
            "text_score": pa.nulls(len(rows), pa.float32()),
            "code": _word(rows["code"], CODES),
            "url": self._urls(rows, urls.take(word)),
            "link_score": pa.nulls(len(rows), pa.float32()),
            "app": _word(rows["app"], APPS),
            "amount": pa.array(rows["amount"], mask=rows["amount"] < 0),
            "new_payee": _flag(rows["new_payee"]),
            "campaign": _waves(rows["wave"]),
        }
        return pa.Table.from_arrays([columns[name] for name in SCHEMA.names], schema=SCHEMA)

    def _other(self, rows: Rows, others: pa.Array) -> pa.Array:
        kind, number = rows["type"], rows["other"]
        said = others.take(_places(rows["word"]))
        numbers = phones(number)
        unheard_of = _unheard_of(rows)
        if unheard_of.any():
            site, app = (np.where(unheard_of & (kind == of), number, -1) for of in (LINK, APP))
            numbers = pc.coalesce(_named("s", site, ".example"), _named("package-n", app), numbers)
        if (kind == TRANSFER).any():
            account = np.where(kind == TRANSFER, number, -1)
            numbers = pc.coalesce(_named("account-", account), numbers)
        return pc.coalesce(said, numbers)

    def _urls(self, rows: Rows, said: pa.Array) -> pa.Array:
        site = np.where(_unheard_of(rows) & (rows["type"] == LINK), rows["other"], -1)
        return (
            said if (site < 0).all() else pc.coalesce(said, _named("http://s", site, ".example/"))
        )


def _unheard_of(rows: Rows) -> NDArray[np.bool_]:
    """Sites and apps that have no word of their own."""
    online = (rows["type"] == LINK) | (rows["type"] == APP)
    return np.asarray(online & (rows["word"] < 0) & (rows["other"] >= 0))


def _named(before: str, numbers: Ints, behind: str = "") -> pa.Array:
    """Names made of numbers, null for those below 0."""
    digits = pa.array(numbers, mask=numbers < 0).cast(pa.string())
    return pc.binary_join_element_wise(pa.scalar(before), digits, pa.scalar(behind), "")


def _places(places: NDArray[np.int32]) -> pa.Array:
    return pa.array(places, mask=places < 0)


def _word(places: NDArray[np.integer], words: Sequence[str]) -> pa.Array:
    indices = pa.array(places.astype(np.int32), mask=places < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(words, pa.string()))


def _flag(values: NDArray[np.int8]) -> pa.Array:
    return pa.array(values > 0, mask=values < 0)


def _waves(waves: NDArray[np.int32]) -> pa.Array:
    known, place = np.unique(waves, return_inverse=True)
    unknown = int(known[0] < 0) if len(known) else 0
    return _word(place - unknown, [f"wave-{wave}" for wave in known[unknown:]])
