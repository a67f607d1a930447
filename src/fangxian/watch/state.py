"""A watch laid down and taken up again: what a checkpoint holds. Each half can be laid down alone.

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
from .residents import Kept, Residents
from .sight import Counts, Sight
from .signals import Book, Firing, Seen
from .watching import Watch

FORMAT = "fangxian-watch-2"  # another one when FACTS change: rows of them are kept
Arrays = dict[str, NDArray[Any]]


def laid_down(watch: Watch) -> Arrays:
    """Copies: the watch may go on while they are written."""
    return {**sight_laid_down(watch.sight), **residents_laid_down(watch.residents)}


def taken_up(arrays: Mapping[str, NDArray[Any]], book: Book) -> Watch:
    """Raises ValueError for what was not laid down by `laid_down`."""
    sight = sight_taken_up(arrays, book)
    watch = Watch(book, sight.lateness)
    watch.sight, watch.residents = sight, residents_taken_up(arrays, book)
    return watch


def sight_laid_down(sight: Sight) -> Arrays:
    """Copies, like `laid_down`."""
    arrays = {f"callers_{name}": array for name, array in sight.callers.laid_down().items()}
    acquainted = sight.acquaintances.laid_down()
    arrays |= {f"acquainted_{name}": array for name, array in acquainted.items()}
    arrays |= {f"met_{name}": array for name, array in sight.met.laid_down().items()}
    about = {
        "format": FORMAT,
        "lateness": sight.lateness,
        "newest": sight.newest,
        "counts": vars(sight.counts),
    }
    return arrays | {"sight": _text(about)}


def sight_taken_up(arrays: Mapping[str, NDArray[Any]], book: Book) -> Sight:
    """Raises ValueError for what was not laid down by `sight_laid_down`."""
    about = _about(arrays, "sight")
    sight = Sight(book, about["lateness"])
    sight.newest, sight.counts = about["newest"], Counts(**about["counts"])
    sight.callers.take_up(_part(arrays, "callers_"))
    sight.acquaintances.take_up(_part(arrays, "acquainted_"))
    sight.met.take_up(_part(arrays, "met_"))
    return sight


def residents_laid_down(residents: Residents) -> Arrays:
    """Copies, like `laid_down`."""
    behind = residents.followers.everything().laid_down()
    about = {
        "format": FORMAT,
        "events": [event.written() for event in residents.book.events],
        "residents": [_written(name, kept) for name, kept in residents.laid_down()],
    }
    arrays = {f"followers_{name}": array for name, array in behind.items()}
    return arrays | {"residents": _text(about)}


def residents_taken_up(arrays: Mapping[str, NDArray[Any]], book: Book) -> Residents:
    """Raises ValueError for what was not laid down by `residents_laid_down`."""
    about = _about(arrays, "residents")
    residents = Residents(book)
    now = {event.written(): bit for bit, event in enumerate(book.events)}
    bits = [now.get(event) for event in about["events"]]
    followers = _part(arrays, "followers_")
    marks = np.array([_marks(m, bits) for m in followers["marks"].tolist()], np.uint64)
    residents.followers.add(Marked.taken_up(followers, marks))
    residents.take_up(
        kept for row in about["residents"] if (kept := _read(row, book, bits)) is not None
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


def _part(arrays: Mapping[str, NDArray[Any]], prefix: str) -> Arrays:
    return {n.removeprefix(prefix): a for n, a in arrays.items() if n.startswith(prefix)}


def _written(name: str, kept: Kept) -> list[Any]:
    held = [[f.signal.name, f.time, f.events] for f in kept.held]
    return [
        name,
        kept.settled,
        kept.due,
        kept.seen,
        held,
        [a.as_tuple() for a in kept.said.values()],
    ]


def _read(row: list[Any], book: Book, bits: list[int | None]) -> tuple[str, Kept]:
    name, settled, due, seen, held, said = row
    signals = {signal.name: signal for signal in book.signals}
    firings = [
        Firing(signals[signal], time, tuple(_seen(e, bits) for e in events))
        for signal, time, events in held
        if signal in signals
    ]
    kept = Kept([_seen(e, bits) for e in seen], settled=settled, held=firings, due=due)
    kept.said = {alert.id: alert for alert in map(Alert.of_tuple, said)}
    return name, kept


def _seen(row: list[Any], bits: list[int | None]) -> Seen:
    time, id_, source, marks, kind, other, facts = row
    return Seen(time, id_, source, _marks(marks, bits), kind, other, tuple(facts))


def _marks(marks: int, bits: list[int | None]) -> int:
    """Marks of the book that was, as those of the book that is."""
    return sum(1 << now for was, now in enumerate(bits) if now is not None and marks >> was & 1)
