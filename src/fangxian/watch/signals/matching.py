"""Which signals a resident's events are: a function of the events alone, not of how they came."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from .book import Book, Signal, Step


class Seen(NamedTuple):
    """An event that some signal asks for, as it is kept. Sorted by time, then id and source, so that
    there is one order. `marks`: bit i for Book.events[i]; `time` in microseconds; `facts`: what was
    known of it, a row of FACTS, for whoever asks why; `leads`: the host of the first link in a text,
    or ""."""

    time: int
    id: str
    source: str
    marks: int
    type: str
    other: str
    facts: tuple[float, ...] = ()
    leads: str = ""


# Events that a signal is made of, in the order of its steps.
Chain = tuple[Seen, ...]


class Firing(NamedTuple):
    """A signal held: at `time` (of its last event, or when the time for `unless` was up), by
    `events`."""

    signal: Signal
    time: int
    events: Chain


def firings(book: Book, seen: Sequence[Seen], settled: int) -> Iterator[Firing]:
    """All firings of one resident's events, which are in order. Absences are judged when the time is
    `settled` (microseconds): before that something may still come."""
    marks = all_marks(seen)
    for signal in book.signals:
        if marks & signal.needs == signal.needs:
            yield from _of_signal(signal, seen, settled)


def all_marks(seen: Iterable[Seen]) -> int:
    """The marks that some event has."""
    marks = 0
    for event in seen:
        marks |= event.marks
    return marks


def _of_signal(signal: Signal, seen: Sequence[Seen], settled: int) -> Iterator[Firing]:
    chains: list[Chain] = []
    for number, step in enumerate(signal.steps):
        groups = _step(step, seen)
        chains = _going_on(chains, groups, step) if number else groups
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


def _step(step: Step, seen: Sequence[Seen]) -> list[Chain]:
    """Where a step holds: the events it is made of, of several the latest, in order of the last."""
    bit = 1 << step.event
    own = [event for event in seen if event.marks & bit]
    if step.times == 1:
        return [(event,) for event in own]
    held = (_several(step, own, last) for last in range(len(own)))
    return [group for group in held if group]


def _several(step: Step, own: list[Seen], last: int) -> Chain:
    """The latest `times` events up to `own[last]` and no older than `over`, or none."""
    group: dict[object, Seen] = {}
    for at in range(last, -1, -1):
        event = own[at]
        if event.time <= own[last].time - step.over:
            break
        group.setdefault(event.other if step.different else at, event)
        if len(group) == step.times:
            return tuple(sorted(group.values()))
    return ()


def _going_on(chains: list[Chain], groups: list[Chain], step: Step) -> list[Chain]:
    """Each group behind the latest chain that ends before it, near enough and tied to it."""
    ends: dict[str, list[Seen]] = {}
    of: dict[Seen, Chain] = {}
    for chain in chains:
        tie = chain[-1].leads or None if step.linked else chain[-1].other if step.same else ""
        if tie is not None:
            ends.setdefault(tie, []).append(chain[-1])
            of[chain[-1]] = chain
    found = []
    for group in groups:
        before = ends.get(group[-1].other if step.same or step.linked else "", [])
        at = bisect_left(before, group[-1])
        if at and group[-1].time - before[at - 1].time <= step.within:
            found.append((*of[before[at - 1]], *group))
    return found
