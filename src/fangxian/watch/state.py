"""A watch laid down and taken up again: what a checkpoint holds. Each half can be laid down alone.

Arrays by name for numbers and ids, one JSON text for residents. Taken up with another book of signals
(new ones, changed ones) events keep the marks that mean the same in both.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .alerts import Alert
from .laid import Arrays, part, under
from .marked import Marked
from .residents import Kept, Residents
from .sight import Counts, Sight
from .signals import Book, Seen
from .watching import Watch

FORMAT = "fangxian-watch-5"  # another one when FACTS change: rows of them are kept


def laid_down(watch: Watch) -> Arrays:
    """Copies, or what never changes: the watch may go on while they are written."""
    return {**sight_laid_down(watch.sight), **residents_laid_down(watch.residents)}


def taken_up(arrays: Mapping[str, NDArray[Any]], book: Book) -> Watch:
    """Raises ValueError for what was not laid down by `laid_down`."""
    sight = sight_taken_up(arrays, book)
    watch = Watch(book, sight.lateness)
    watch.sight, watch.residents = sight, residents_taken_up(arrays, book)
    return watch


def sight_laid_down(sight: Sight) -> Arrays:
    """To be written while it goes on, like `laid_down`."""
    about = {
        "format": FORMAT,
        "lateness": sight.lateness,
        "newest": sight.newest,
        "counts": vars(sight.counts),
    }
    return {
        **under("others_", sight.others.laid_down()),
        **under("met_", sight.met.laid_down()),
        "sight": _text(about),
    }


def sight_taken_up(arrays: Mapping[str, NDArray[Any]], book: Book) -> Sight:
    """Raises ValueError for what was not laid down by `sight_laid_down`."""
    about = _about(arrays, "sight")
    sight = Sight(book, about["lateness"])
    sight.newest, sight.counts = about["newest"], Counts(**about["counts"])
    sight.others.take_up(part(arrays, "others_"))
    sight.met.take_up(part(arrays, "met_"))
    return sight


def residents_laid_down(residents: Residents) -> Arrays:
    """To be written while it goes on, like `laid_down`."""
    about = {
        "format": FORMAT,
        "events": [event.written() for event in residents.book.events],
        "settled": residents.settled,
        "residents": [_written(name, kept) for name, kept in residents.laid_down()],
    }
    arrays: Arrays = {"residents": _text(about)}
    for number, events in enumerate(residents.lately.parts()):
        arrays |= under(f"lately_{number}_", events.laid_down())
    return arrays


def residents_taken_up(arrays: Mapping[str, NDArray[Any]], book: Book) -> Residents:
    """Raises ValueError for what was not laid down by `residents_laid_down`."""
    about = _about(arrays, "residents")
    residents = Residents(book)
    now = {event.written(): bit for bit, event in enumerate(book.events)}
    bits = [now.get(event) for event in about["events"]]
    lately: dict[int, Arrays] = defaultdict(dict)
    for name, array in part(arrays, "lately_").items():
        number, _, own = name.partition("_")
        lately[int(number)][own] = array
    known = (_read(row, bits) for row in about["residents"])
    residents.take_up(
        (_marked(own, bits) for _, own in sorted(lately.items())), known, about["settled"]
    )
    return residents


def _text(about: dict[str, Any]) -> NDArray[Any]:
    return np.frombuffer(json.dumps(about, ensure_ascii=False).encode(), np.uint8)


def _about(arrays: Mapping[str, NDArray[Any]], half: str) -> dict[str, Any]:
    try:
        about: dict[str, Any] = json.loads(bytes(arrays[half]))
    except (KeyError, ValueError) as wrong:
        raise ValueError(f"no state of a watch: {wrong}") from wrong
    if about.get("format") != FORMAT:
        raise ValueError(f"state of format {about.get('format')!r}, expected {FORMAT!r}")
    return about


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


def _marked(arrays: Arrays, bits: list[int | None]) -> Marked:
    was, which = np.unique(arrays["marks"], return_inverse=True)
    now = np.array([_marks(marks, bits) for marks in was.tolist()], np.uint64)
    return Marked.taken_up(arrays, now[which])


def _marks(marks: int, bits: list[int | None]) -> int:
    """Marks of the book that was, as those of the book that is."""
    return sum(1 << now for was, now in enumerate(bits) if now is not None and marks >> was & 1)
