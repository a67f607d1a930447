"""How precise each signal of the watch was found, in the area one answers for.

A warning counts in the quarter in which its episode opened, once for each signal it rests on, however
often it was raised while the episode ran. One that came after the episode was closed reopened it and
has a finding of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from django.db.models import Count, QuerySet

import fangxian
from fangxian.detect.kinds import Words
from fangxian.detect.kinds.words import read_yaml, words
from fangxian.measure.feedback import Counted, Finding, SignalFound, Tally, precision_by_signal
from fangxian.measure.periods import Period, period_of
from fangxian.town.access import Ability, access_of
from fangxian.warn.models import Basis
from fangxian.warn.queries.findings import finding

from .board import Who, midnight, which_of

# The quarter that runs and the four before it: a year and what came of it since.
QUARTERS_SHOWN = 5
_JUDGED = (Finding.GOING_ON, Finding.TRIED, Finding.NOTHING)


def quarters(today: date) -> list[Period]:
    """Those that are shown, oldest first."""
    shown = [period_of(today, "quarter")]
    while len(shown) < QUARTERS_SHOWN:
        shown.insert(0, shown[0].previous())
    return shown


def _bases(who: Who, since: date) -> QuerySet[Any]:
    rows = Basis.objects.filter(signal__episode__opened_at__gte=midnight(since))
    rows = access_of(who).within(rows, Ability.SEE_BOARD, "signal__episode__place")
    return rows.annotate(finding=finding("signal__")).order_by()


def found_by_signal(who: Who, today: date) -> list[SignalFound]:
    """What was found of each version of each signal. One query."""
    firsts = [quarter.start for quarter in quarters(today)]
    rows = _bases(who, firsts[0]).annotate(which=which_of("signal__episode__opened_at", firsts))
    grouped = rows.values_list("name", "version", "which", "finding")
    return precision_by_signal(
        Counted(name, version, firsts[which], Finding(found), n)
        for name, version, which, found, n in grouped.annotate(
            n=Count("signal__episode", distinct=True)
        )
    )


def found_in_all(who: Who, today: date) -> Tally:
    """What was found of the warnings that rest on any signal. One query."""
    rows = _bases(who, quarters(today)[0].start).values_list("finding")
    counted = dict(rows.annotate(n=Count("signal__episode", distinct=True)))
    return Tally(**counted)


@dataclass(frozen=True)
class Together:
    """Judged warnings that rest on exactly these signals (name and version, by name)."""

    signals: tuple[tuple[str, int], ...]
    judged: int
    right: int


def found_together(who: Who, today: date) -> list[Together]:
    """What was found of each set of signals: what the whole book said of a warning is the sum of the
    weights in it. Read row by row in the order of warnings. One query."""
    rows = _bases(who, quarters(today)[0].start).filter(finding__in=_JUDGED)
    ordered = rows.order_by("signal__episode", "finding", "name", "version")
    listed = ordered.values_list("signal__episode", "finding", "name", "version").distinct()
    judged: Counter[tuple[tuple[str, int], ...]] = Counter()
    right: Counter[tuple[tuple[str, int], ...]] = Counter()
    for found, signals in _sets(listed.iterator()):
        judged[signals] += 1
        right[signals] += found != Finding.NOTHING
    return [Together(signals, judged[signals], right[signals]) for signals in sorted(judged)]


def _sets(
    rows: Iterator[tuple[int, str, str, int]],
) -> Iterator[tuple[str, tuple[tuple[str, int], ...]]]:
    for (_episode, found), same in groupby(rows, itemgetter(0, 1)):
        yield found, tuple((name, version) for _e, _f, name, version in same)


@cache
def shipped_words() -> dict[str, Words]:
    """What the shipped signals say, by name. The watch's own reader of books needs Arrow, which a
    town's server need not have."""
    book = read_yaml(Path(fangxian.__file__).parent / "watch" / "signals" / "shipped.yaml")
    return {name: words(signal["says"], name) for name, signal in book.items()}
