"""The book of signals: YAML in, checked; a mistake names the file, the signal and what was expected.

    bank_code_without_family:
      says: {zh: 与新号码长谈后收到银行验证码, en: "long talk with a number new here, then a bank code"}
      source: interviews at three stations, 2026
      when:
        - {call: {known_for: "< 3 days", seconds: ">= 8 min"}}
        - {sms: {code: bank}, within: 30 min}
      unless: {call: {family: true}, within: 30 min}
      stage: pay
      weight: 2.5

Steps follow one another in time, each `within` so long of the one before. A step may ask for more:
`times: 3, over: 1 day` (three such events), `different: true` (with three others), `same: true`
(with the other side of the step before), `linked: true` (the site that the text of the step before
leads to). `unless`: no such event within that time, a day at most, after the last step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from fangxian.detect.kinds import Words
from fangxian.detect.kinds.words import read_yaml, words

from .conditions import EVENT_NAMES, OneEvent, measure, one_event

SHIPPED = Path(__file__).with_name("shipped.yaml")
STAGES = ("contact", "trust", "isolate", "pay")
SECOND = 1_000_000
MOST_EVENTS = 64  # different conditions on one event: an event's marks are one number
_NEEDED = {"says", "source", "when", "stage", "weight"}
_SIGNAL = _NEEDED | {"unless", "version", "kind"}
_STEP = {"within", "times", "over", "different", "same", "linked"}
_DAY = 86_400 * SECOND


@dataclass(frozen=True)
class Step:
    """`event`: its place in Book.events. Times in microseconds; `within` is that after the step
    before, `over` that in which it happens `times` times."""

    event: int
    within: int = 0
    times: int = 1
    over: int = 0
    different: bool = False
    same: bool = False
    linked: bool = False


@dataclass(frozen=True)
class Signal:
    """`source`: why it is believed; `weight`: what it adds to the log-odds; `kind` of fraud it
    speaks for, or "". A changed signal gets another `version`."""

    name: str
    says: Words
    source: str
    steps: tuple[Step, ...]
    unless: Step | None
    stage: str
    weight: float
    version: int
    kind: str

    @cached_property
    def needs(self) -> int:
        """The marks without which it cannot hold."""
        return sum(1 << event for event in {step.event for step in self.steps})

    @cached_property
    def span(self) -> int:
        """How long before it fires its first event may lie, in microseconds."""
        return sum(max(step.within, 0) + step.over for step in self.steps)


@dataclass(frozen=True)
class Book:
    """All signals, and the events they ask for: an event is marked by those it is (bit i: events[i])."""

    signals: tuple[Signal, ...]
    events: tuple[OneEvent, ...]

    @cached_property
    def span(self) -> int:
        """For how long before a firing events matter."""
        return max((signal.span + _after(signal) for signal in self.signals), default=0)

    def named(self, name: str) -> Signal:
        """Raises KeyError."""
        return {signal.name: signal for signal in self.signals}[name]


def _after(signal: Signal) -> int:
    return signal.unless.within if signal.unless else 0


@cache
def shipped_book() -> Book:
    """The signals that come with Fangxian."""
    return read_book(SHIPPED)


def read_book(*paths: Path) -> Book:
    """The signals of files; a later file's signal replaces one of the same name. Raises ValueError."""
    raw: dict[str, tuple[str, Any]] = {}
    for path in paths:
        for name, signal in read_yaml(path).items():
            if not isinstance(name, str):
                # YAML makes a number of 1, and yes or no of on.
                raise ValueError(f"{path.name}, {name}: a signal's name is a word")
            raw[name] = f"{path.name}, {name}", signal
    events: dict[OneEvent, int] = {}
    signals = tuple(_signal(name, *raw[name], events) for name in sorted(raw))
    if len(events) > MOST_EVENTS:
        names = ", ".join(path.name for path in paths)
        raise ValueError(f"{names}: {len(events)} different events, at most {MOST_EVENTS} may be")
    return Book(signals, tuple(events))


def _signal(name: str, where: str, raw: Any, events: dict[OneEvent, int]) -> Signal:
    if not isinstance(raw, Mapping) or not set(raw) >= _NEEDED:
        raise ValueError(f"{where}: a signal has {', '.join(sorted(_NEEDED))}")
    if extra := set(raw) - _SIGNAL:
        raise ValueError(f"{where}: no such key: {', '.join(sorted(extra))}")
    if raw["stage"] not in STAGES:
        raise ValueError(f"{where}: stage is one of {', '.join(STAGES)}, got {raw['stage']!r}")
    if not isinstance(raw["weight"], int | float) or raw["weight"] < 0:
        # One that took away could take back what was told (decision 19).
        raise ValueError(f"{where}: weight is a number from 0 on, got {raw['weight']!r}")
    steps = raw["when"] if isinstance(raw["when"], list) else [raw["when"]]
    if not steps:
        raise ValueError(f"{where}: when has no step")
    unless = _step(raw["unless"], where, len(steps), events) if "unless" in raw else None
    if unless and unless.within > _DAY:
        raise ValueError(
            f"{where}: unless looks within a day at most, got {raw['unless']['within']}"
        )
    return Signal(
        name=name,
        says=words(raw["says"], where),
        source=str(raw["source"]),
        steps=tuple(_step(step, where, n, events) for n, step in enumerate(steps)),
        unless=unless,
        stage=raw["stage"],
        weight=float(raw["weight"]),
        version=int(raw.get("version", 1)),
        kind=str(raw.get("kind", "")),
    )


def _step(raw: Any, where: str, number: int, events: dict[OneEvent, int]) -> Step:
    where = f"{where}, step {number + 1}"
    if not isinstance(raw, Mapping):
        raise ValueError(f"{where}: expected an event and its conditions, got {raw!r}")
    named = {key: value for key, value in raw.items() if key not in _STEP}
    if len(named) != 1:
        raise ValueError(f"{where}: names one of {', '.join(EVENT_NAMES)}, got {sorted(named)}")
    event = one_event(named, where)
    within = _time(raw.get("within"), f"{where}, within")
    if number and not within:
        raise ValueError(f"{where}: says within what time of the step before, such as '30 min'")
    times = raw.get("times", 1)
    over = _time(raw.get("over"), f"{where}, over")
    if not isinstance(times, int) or times < 1 or (times > 1) != bool(over):
        raise ValueError(f"{where}: times is a number above 1 with over, such as '1 day'")
    return Step(
        event=events.setdefault(event, len(events)),
        within=within,
        times=times,
        over=over,
        different=bool(raw.get("different", False)),
        same=bool(raw.get("same", False)),
        linked=bool(raw.get("linked", False)),
    )


def _time(written: Any, where: str) -> int:
    return int(measure(written, "time", where) * SECOND) if written is not None else 0
