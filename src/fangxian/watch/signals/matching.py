"""Which signals a resident's events are: a function of the events alone, not of how they came."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..facts import Known
from .book import Book, Signal, Step


class Seen(NamedTuple):
    """An event that some signal asks for, as it is kept. Sorted by time, then id and source, so that
    there is one order. `marks`: bit i for Book.events[i]; `time` in microseconds; `facts`: what was
    known of it, by name, for whoever asks why."""

    time: int
    id: str
    source: str
    marks: int
    type: str
    other: str
    facts: tuple[tuple[str, Known], ...] = ()


class Firing(NamedTuple):
    """A signal held: at `time` (of its last event, or when the time for `unless` was up), by
    `events`."""

    signal: Signal
    time: int
    events: tuple[Seen, ...]


def firings(book: Book, seen: Sequence[Seen], settled: int) -> Iterator[Firing]:
    """All firings of one resident's events, which are in order. Absences are judged when the time is
    `settled` (microseconds): before that something may still come."""
    every = 0
    for event in seen:
        every |= event.marks
    for signal in book.signals:
        if all(every >> step.event & 1 for step in signal.steps):
            yield from _of_signal(signal, seen, settled)


def _of_signal(signal: Signal, seen: Sequence[Seen], settled: int) -> Iterator[Firing]:
    chains: list[tuple[Seen, ...]] = []
    for number, step in enumerate(signal.steps):
        own = _step(step, seen)
        chains = [(*c, e) for e in own if (c := _before(chains, e, step)) is not None] if number else [(e,) for e in own]  # fmt: skip
        if not chains:
            return
    if signal.unless is None:
        for chain in chains:
            yield Firing(signal, chain[-1].time, chain)
        return
    bit, within = 1 << signal.unless.event, signal.unless.within
    against = [event.time for event in seen if event.marks & bit]
    for chain in chains:
        end = chain[-1].time + within
        at = bisect_right(against, chain[-1].time)
        if end < settled and (at == len(against) or against[at] > end):
            yield Firing(signal, end, chain)


def _step(step: Step, seen: Sequence[Seen]) -> list[Seen]:
    """The events at which a step holds."""
    bit = 1 << step.event
    own = [event for event in seen if event.marks & bit]
    if step.times == 1:
        return own
    held, first = [], 0
    for last, event in enumerate(own):
        while own[first].time <= event.time - step.over:
            first += 1
        among = own[first : last + 1]
        number = len({e.other for e in among}) if step.different else len(among)
        if number >= step.times:
            held.append(event)
    return held


def _before(chains: list[tuple[Seen, ...]], event: Seen, step: Step) -> tuple[Seen, ...] | None:
    """The latest chain that ends before an event and near enough."""
    for chain in reversed(chains):
        last = chain[-1]
        if last >= event:
            continue
        if event.time - last.time > step.within:
            return None
        if not step.same or last.other == event.other:
            return chain
    return None
