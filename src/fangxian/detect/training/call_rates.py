"""How early and how often calls are seen through: `python -m fangxian.detect.training.call_rates`.

Three sets, none of which the weights have met: the public dialogues by a model that learned without
them, our own calls by models that never met their author, and the calls of authors held back by the
shipped model. Alarms are counted by the call, not by the turn: a call that is flagged once has been
flagged. Takes some minutes.
"""

from __future__ import annotations

import argparse
import json
import lzma
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from ..calls.ears import Ears, Floats, Who, load_ears
from ..model import Model, load_model
from . import fitting
from .calls import Dialogue, fit_ears, odds_after_turns, own_calls, text_model, unmet
from .evaluating import _recall_at
from .learning import counted
from .sources import MEASURE_ONLY, Labelled, own_texts, public_sets, training_examples

AFTER = (1, 2, 3, 1000)
_PUBLIC = "teleantifraud_dialogues.jsonl.xz"


@dataclass(frozen=True)
class CallRates:
    """One set of calls. `at_one`: recall at 1 % false alarms after 1, 2, 3 and all turns of the
    caller (a shorter call counts as it ended); the rest is at the ears' own threshold. `ever`: shares
    of calls flagged at any turn; `first`: the caller's turn, counted from 1, at which half of the
    flagged frauds had been flagged; `lowered`: of the calls once flagged, those that are not at
    their end."""

    source: str
    calls: tuple[int, int]
    at_one: tuple[float, ...]
    ever_honest: float
    ever_fraud: float
    first: float
    lowered_honest: float
    lowered_fraud: float


def rates(source: str, calls: Sequence[Dialogue], odds: Sequence[Floats], ears: Ears) -> CallRates:
    """The figures of a set, from the log-odds after each turn of each call."""
    threshold = ears.threshold
    fraud = np.array([call.fraud for call in calls])
    ever = np.array([o.max() >= threshold for o in odds])
    calm = np.array([not _alarmed_at_end(o, ears) for o in odds])
    first = [
        call.turns[: int((o >= threshold).argmax()) + 1]
        for call, o in zip(calls, odds, strict=True)
        if call.fraud and o.max() >= threshold
    ]
    spoken = [sum(who == "caller" for who, _ in turns) for turns in first]

    def share(which: np.ndarray[tuple[int], np.dtype[np.bool_]], of: Floats) -> float:
        return float(of[which].mean()) if which.any() else 0.0

    return CallRates(
        source=source,
        calls=(int((~fraud).sum()), int(fraud.sum())),
        at_one=tuple(_recall_at(_after(calls, odds, turns), fraud, 0.01) for turns in AFTER),
        ever_honest=share(~fraud, ever),
        ever_fraud=share(fraud, ever),
        first=float(np.median(spoken)) if spoken else 0.0,
        lowered_honest=share(~fraud & ever, calm),
        lowered_fraud=share(fraud & ever, calm),
    )


def _alarmed_at_end(odds: Floats, ears: Ears) -> bool:
    alarmed = False
    for each in odds:
        alarmed = ears.alarmed(float(each), alarmed)
    return alarmed


def _after(calls: Sequence[Dialogue], odds: Sequence[Floats], turns: int) -> Floats:
    """Log-odds when so many turns of the caller were said and answered."""
    found = []
    for call, each in zip(calls, odds, strict=True):
        callers = [i for i, (who, _) in enumerate(call.turns) if who == "caller"]
        found.append(each[callers[turns] - 1 if turns < len(callers) else -1])
    return np.array(found)


def one_sided(calls: Sequence[Dialogue]) -> list[Dialogue]:
    """The same calls as heard where only the caller is."""
    return [
        Dialogue(kept, call.fraud, call.what, call.group)
        for call in calls
        if (kept := tuple(turn for turn in call.turns if turn[0] == "caller"))
    ]


def public_dialogues(folder: Path) -> list[Dialogue]:
    """The public dialogues in `folder`, the caller first; none where the file is not there."""
    path = folder / _PUBLIC
    if not path.exists():
        return []
    with lzma.open(path, "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    return [
        Dialogue(_turns(row), bool(row["is_fraud"]), str(row["label"]), str(row["label"]))
        for row in rows
    ]


def _turns(row: dict[str, str]) -> tuple[tuple[Who, str], ...]:
    sides = [row["left"].split("\n"), row["right"].split("\n")]
    names: tuple[Who, Who] = ("caller", "callee")
    return tuple(
        (who, text)
        for both in zip_longest(*sides, fillvalue="")
        for who, text in zip(names, both, strict=True)
        if text.strip()
    )


def measure(data: Path, seed: int = 0, say: fitting.Say = lambda _: None) -> list[CallRates]:
    """All sets that are there, heard from both sides and from the caller's alone."""
    sets = {"own": [row for row in own_texts() if row.source == "own"]}
    sets |= {k: v for k, v in public_sets(data).items() if k not in MEASURE_ONLY}
    found: list[CallRates] = []
    if public := public_dialogues(data):
        others = {name: rows for name, rows in sets.items() if name != "teleantifraud"}
        model, ears = _learned(others, seed, say)
        found += _both("teleantifraud", public, model, ears)
    found += _own(sets, seed, say)
    found += _both("held", own_calls(held=True), load_model(), load_ears())
    return found


def _own(sets: dict[str, list[Labelled]], seed: int, say: fitting.Say) -> list[CallRates]:
    heard: dict[str, tuple[list[Dialogue], list[Floats]]] = {}
    for mine, model, ears in unmet(sets, seed, say):
        for sides, calls in _sides(mine):
            known = heard.setdefault(f"own, {sides}", ([], []))
            known[0].extend(calls)
            known[1].extend(odds_after_turns(calls, model, ears))
    return [rates(name, *calls_and_odds, load_ears()) for name, calls_and_odds in heard.items()]


def _learned(sets: dict[str, list[Labelled]], seed: int, say: fitting.Say) -> tuple[Model, Ears]:
    ears = fit_ears(sets, seed, say)
    rows = training_examples(sets.values())
    seen = counted([row.text for row in rows], fitting.BITS)
    return text_model(rows, seen, np.arange(len(rows)), seed), ears


def _both(source: str, calls: list[Dialogue], model: Model, ears: Ears) -> list[CallRates]:
    return [
        rates(f"{source}, {sides}", heard, odds_after_turns(heard, model, ears), ears)
        for sides, heard in _sides(calls)
    ]


def _sides(calls: list[Dialogue]) -> list[tuple[str, list[Dialogue]]]:
    return [("both sides", calls), ("caller only", one_sided(calls))]


def table(found: list[CallRates]) -> Table:
    """For a terminal."""
    grid = Table(
        title="calls: recall at 1 % false alarms after turns of the caller; the rest at the threshold"
    )
    names = ("1", "2", "3", "all", "honest ever", "fraud ever", "first", "lowered: honest", "fraud")
    for name in ("set", "honest/fraud", *names):
        grid.add_column(name, justify="left" if name == "set" else "right")
    for row in found:
        grid.add_row(
            row.source,
            f"{row.calls[0]:,}/{row.calls[1]:,}",
            *(f"{x:.3f}" for x in (*row.at_one, row.ever_honest, row.ever_fraud)),
            f"{row.first:.0f}",
            f"{row.lowered_honest:.2f}",
            f"{row.lowered_fraud:.2f}",
        )
    return grid


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    Console(width=150).print(table(measure(parser.parse_args().data, say=print)))


if __name__ == "__main__":
    main()
