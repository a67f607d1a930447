"""A watch laid down and taken up again: what a checkpoint holds.

Arrays by name for numbers and ids, one JSON text for residents. Taken up with another book of signals
(new ones, changed ones) events keep the marks that mean the same in both.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .alerts import Alert
from .marked import Marked
from .residents import Kept
from .signals import Book, Seen
from .watching import Counts, Watch

FORMAT = "fangxian-watch-2"  # another one when FACTS change: rows of them are kept
Arrays = dict[str, NDArray[Any]]


def laid_down(watch: Watch) -> Arrays:
    """Copies: the watch may go on while they are written."""
    arrays = {f"callers_{name}": array for name, array in watch.callers.laid_down().items()}
    arrays |= {f"since_{name}": array for name, array in watch.since.laid_down().items()}
    lately = watch.residents.lately.everything().laid_down()
    arrays |= {f"lately_{name}": array for name, array in lately.items()}
    arrays |= {f"met_{name}": array for name, array in watch.met.laid_down().items()}
    about = {
        "format": FORMAT,
        "lateness": watch.lateness,
        "newest": watch.newest,
        "counts": vars(watch.counts),
        "events": [event.written() for event in watch.book.events],
        "residents": [_written(name, kept) for name, kept in watch.residents.laid_down()],
    }
    arrays["about"] = np.frombuffer(json.dumps(about, ensure_ascii=False).encode(), np.uint8)
    return arrays


def taken_up(arrays: Mapping[str, NDArray[Any]], book: Book) -> Watch:
    """Raises ValueError for what was not laid down by `laid_down`."""
    try:
        about = json.loads(bytes(arrays["about"]))
    except (KeyError, ValueError) as wrong:
        raise ValueError(f"no state of a watch: {wrong}") from wrong
    if about.get("format") != FORMAT:
        raise ValueError(f"state of format {about.get('format')!r}, expected {FORMAT!r}")
    watch = Watch(book, about["lateness"])
    watch.newest, watch.counts = about["newest"], Counts(**about["counts"])
    watch.callers.take_up(_part(arrays, "callers_"))
    watch.since.take_up(_part(arrays, "since_"))
    watch.met.take_up(_part(arrays, "met_"))
    now = {event.written(): bit for bit, event in enumerate(book.events)}
    bits = [now.get(event) for event in about["events"]]
    lately = _part(arrays, "lately_")
    marks = np.array([_marks(m, bits) for m in lately["marks"].tolist()], np.uint64)
    known = (_read(row, bits) for row in about["residents"])
    watch.residents.take_up(Marked.taken_up(lately, marks), known, watch.settled)
    return watch


def _part(arrays: Mapping[str, NDArray[Any]], prefix: str) -> Arrays:
    return {n.removeprefix(prefix): a for n, a in arrays.items() if n.startswith(prefix)}


def _written(name: str, kept: Kept) -> list[Any]:
    said = [alert.as_tuple() for alert in kept.said.values()]
    return [name, kept.seen, kept.since, said, kept.due]


def _read(row: list[Any], bits: list[int | None]) -> tuple[str, Kept]:
    name, seen, since, said, due = row
    told = {alert.id: alert for alert in map(Alert.of_tuple, said)}
    return name, Kept([_seen(event, bits) for event in seen], since, told, due)


def _seen(row: list[Any], bits: list[int | None]) -> Seen:
    time, id_, source, marks, kind, other, facts, leads = row
    return Seen(time, id_, source, _marks(marks, bits), kind, other, tuple(facts), leads)


def _marks(marks: int, bits: list[int | None]) -> int:
    """Marks of the book that was, as those of the book that is."""
    return sum(1 << now for was, now in enumerate(bits) if now is not None and marks >> was & 1)
