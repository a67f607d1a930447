"""Case (e): ten rules over ready features, by engines that judge one event at a time and by columns:
python -m bench watch_rules

The features are made beforehand and the same for all; each engine says which rules hold of which events,
and all must say the same. durable-rules had its last release in 2020 and is in no lock: `pip install
durable_rules` (it is compiled then) to see it too. An engine that is not there is named and left out.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from functools import reduce
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from fangxian.watch.events import CALL
from fangxian.watch.facts import Columns
from fangxian.watch.signals.conditions import Condition, OneEvent

COLUMNS, EACH = 2_000_000, 20_000
# Each rule: facts and what they are compared with.
RULES: tuple[tuple[tuple[str, str, float], ...], ...] = (
    (("seconds", ">=", 180), ("known_for", "<", 259_200)),
    (("seconds", ">=", 1200), ("known_for", "<", 259_200)),
    (("caller_risk", ">=", 0.4), ("seconds", ">=", 20)),
    (("caller_risk", ">=", 0.2), ("seconds", ">=", 120)),
    (("callees_day", ">=", 3), ("known_for", "<", 259_200), ("seconds", ">=", 30)),
    (("callees_day", ">=", 5), ("seconds", ">=", 90)),
    (("callees", ">=", 8), ("answered_share", "<", 0.4)),
    (("callees", ">=", 20),),
    (("dropped_share", ">=", 0.3), ("calls", ">=", 8)),
    (("short_share", ">=", 0.6), ("calls", ">=", 8)),
)
Held = NDArray[np.bool_]  # events x rules


def features(count: int) -> Columns:
    """Of calls, some of them a gang's."""
    rng = np.random.default_rng(3)
    return Columns(
        seconds=np.floor(rng.exponential(90, count)),
        known_for=np.floor(rng.exponential(1_000_000, count)),
        caller_risk=rng.beta(0.5, 8, count),
        callees_day=np.floor(rng.pareto(1.2, count)),
        callees=np.floor(rng.pareto(1.5, count)),
        calls=np.floor(rng.pareto(1.4, count)),
        answered_share=rng.random(count),
        dropped_share=rng.beta(1, 5, count),
        short_share=rng.random(count),
    )


def by_columns(facts: Columns) -> Held:
    count = len(facts["seconds"])
    rules = [OneEvent(CALL, tuple(Condition(*one) for one in rule)) for rule in RULES]
    return np.column_stack([rule.among(facts, count) for rule in rules])


def by_zen_engine(events: list[dict[str, Any]]) -> Held:
    import zen

    names = sorted({name for rule in RULES for name, _, _ in rule})
    rows = []
    for number, rule in enumerate(RULES):
        row = {f"i-{name}": f"{how} {value}" for name, how, value in rule}
        rows.append({"_id": f"r{number}", "o": f"{number}"} | row)
    table = {
        "hitPolicy": "collect",
        "inputs": [{"id": f"i-{name}", "name": name, "field": name} for name in names],
        "outputs": [{"id": "o", "name": "rule", "field": "rule"}],
        "rules": rows,
    }
    place = {"position": {"x": 0, "y": 0}}
    graph = {
        "contentType": "application/vnd.gorules.decision",
        "nodes": [
            {"id": "in", "name": "in", "type": "inputNode", **place},
            {"id": "all", "name": "all", "type": "decisionTableNode", "content": table, **place},
            {"id": "out", "name": "out", "type": "outputNode", **place},
        ],
        "edges": [
            {"id": "1", "sourceId": "in", "targetId": "all", "type": "edge"},
            {"id": "2", "sourceId": "all", "targetId": "out", "type": "edge"},
        ],
    }
    decision = zen.ZenEngine().create_decision(json.dumps(graph))
    held = np.zeros((len(events), len(RULES)), bool)
    for at, event in enumerate(events):
        for hit in decision.evaluate(event)["result"]:
            held[at, hit["rule"]] = True
    return held


def by_rule_engine(events: list[dict[str, Any]]) -> Held:
    import rule_engine

    rules = [
        rule_engine.Rule(" and ".join(f"{name} {how} {value}" for name, how, value in rule))
        for rule in RULES
    ]
    return np.array([[rule.matches(event) for rule in rules] for event in events])


def _noting(held: Held) -> Callable[[Any], None]:
    # Of one argument: a second one would be taken for "call me when you are done".
    def holds(c: Any) -> None:
        held[c.m.n] = True

    return holds


def by_durable_rules(events: list[dict[str, Any]]) -> Held:
    from durable import engine
    from durable.lang import assert_fact, m, ruleset, when_all

    compare: dict[str, Callable[[Any, float], Any]] = {
        ">=": lambda fact, value: fact >= value, "<": lambda fact, value: fact < value,
    }  # fmt: skip
    held = np.zeros((len(events), len(RULES)), bool)
    with ruleset("rules"):
        for number, rule in enumerate(RULES):
            asked = [compare[how](getattr(m, fact), value) for fact, how, value in rule]
            when_all(reduce(lambda whole, one: whole & one, asked))(_noting(held[:, number]))
    for at, event in enumerate(events):
        # A message would be used up by the first rule that it fits; a fact is there for all of them.
        with suppress(engine.MessageNotHandledException):
            assert_fact("rules", {"id": at, "n": at, **event})
    return held


def main() -> dict[str, float]:
    """A table, and its figures for the file."""
    facts = features(COLUMNS)
    by_columns(facts)
    begin = time.perf_counter()
    wanted = by_columns(facts)
    figures = {"columns, events a second": COLUMNS / (time.perf_counter() - begin)}
    some = {name: column[:EACH].tolist() for name, column in facts.items()}
    events = [dict(zip(some, row, strict=True)) for row in zip(*some.values(), strict=True)]
    for name, module, engine in (
        ("zen-engine", "zen", by_zen_engine),
        ("rule-engine", "rule_engine", by_rule_engine),
        ("durable-rules", "durable.lang", by_durable_rules),
    ):
        try:
            import_module(module)
        except ImportError as wrong:
            print(f"bench watch_rules: {name} is not installed, not measured ({wrong})")
            continue
        begin = time.perf_counter()
        held = engine(events)
        figures[f"{name}, events a second"] = EACH / (time.perf_counter() - begin)
        if not np.array_equal(held, wanted[:EACH]):
            raise AssertionError(f"{name} says otherwise of {(held != wanted[:EACH]).sum()} cases")
    table = Table("ten rules over ready features", "")
    for name, value in figures.items():
        table.add_row(name, f"{value:,.0f}")
    Console().print(table)
    return figures


if __name__ == "__main__":
    main()
