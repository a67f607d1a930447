"""Conditions of a signal on one event: read from YAML, and tried on a batch at once."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..events import APP, CALL, LINK, REPORT, SMS, TRANSFER
from ..facts import FACTS, Columns, Fact

# As signals call them.
EVENT_NAMES = {
    "call": CALL, "sms": SMS, "link": LINK, "app": APP, "transfer": TRANSFER, "report": REPORT,
}  # fmt: skip

_COMPARED = re.compile(r"(>=|<=|>|<)\s*(.+)")
_MEASURE = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]*)")
_SECONDS = {"s": 1, "min": 60, "h": 3600, "day": 86400, "days": 86400}
_FEN = {"yuan": 100, "fen": 1}
_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "=": operator.eq,
}  # fmt: skip


class Condition(NamedTuple):
    """`fact` compared with `value`; for words and yes or no, "=" with places or 1 and 0."""

    fact: str
    how: str
    value: float


class OneEvent(NamedTuple):
    """An event of `type` for which all `conditions` hold."""

    type: str
    conditions: tuple[Condition, ...]

    def written(self) -> str:
        """The same text for what means the same."""
        asked = (f"{c.fact} {c.how} {c.value!r}" for c in self.conditions)
        return f"{self.type}: {', '.join(asked)}"

    def among(self, facts: Columns, count: int) -> NDArray[np.bool_]:
        """Which of `count` events of its type it is."""
        held = np.ones(count, bool)
        for fact, how, value in self.conditions:
            known = facts[fact]
            held &= _OPERATORS[how](known, value)
            if how in ("<", "<="):
                held &= known >= 0  # what is not known (nan, -1) must not count as little
        return held


def one_event(raw: Mapping[str, Any], where: str) -> OneEvent:
    """`{call: {seconds: ">= 8 min"}}` read. Raises ValueError that says `where` and what was
    expected."""
    [(name, asked)] = raw.items()
    if name not in EVENT_NAMES:
        raise ValueError(f"{where}: {name!r} is no event; there are {', '.join(EVENT_NAMES)}")
    kind = EVENT_NAMES[name]
    if not isinstance(asked or {}, Mapping):
        raise ValueError(f"{where}: expected facts of {name!r} and conditions, got {asked!r}")
    found = []
    for fact, condition in (asked or {}).items():
        if fact not in FACTS or kind not in FACTS[fact].of:
            there = ", ".join(known for known, about in FACTS.items() if kind in about.of)
            raise ValueError(f"{where}: {name} has no {fact!r}; it has {there}")
        found.append(_condition(fact, FACTS[fact], condition, where))
    return OneEvent(kind, tuple(sorted(found)))


def _condition(name: str, fact: Fact, asked: Any, where: str) -> Condition:
    if fact.words:
        if asked not in fact.words:
            raise ValueError(f"{where}: {name} is one of {', '.join(fact.words)}, got {asked!r}")
        return Condition(name, "=", float(fact.words.index(asked)))
    if fact.yes_or_no:
        if not isinstance(asked, bool):
            raise ValueError(f"{where}: {name} is true or false, got {asked!r}")
        return Condition(name, "=", float(asked))
    compared = _COMPARED.fullmatch(str(asked).strip())
    if compared is None:
        raise ValueError(f"{where}: {name} is compared, such as '>= 3', got {asked!r}")
    value = measure(compared[2], fact.unit, f"{where}: {name}")
    if fact.unit == "share" and value > 1:
        raise ValueError(f"{where}: {name} is a share from 0 to 1, got {asked!r}")
    return Condition(name, compared[1], value)


def measure(written: str, unit: str, where: str) -> float:
    """`8 min` in seconds, `5000 yuan` in fen, `0.6` as it is."""
    found = _MEASURE.fullmatch(str(written).strip())
    units = {"time": _SECONDS, "money": _FEN, "share": {"": 1}, "": {"": 1}}[unit]
    if found is None or found[2] not in units:
        wanted = " or ".join(f"a number of {u}" if u else "a number" for u in units)
        raise ValueError(f"{where}: expected {wanted}, got {written!r}")
    return float(found[1]) * units[found[2]]
