"""Fits the weights of the shipped signals on simulated towns, and judges them on others.

    python tools/watch_weights.py fit FOLDER      # writes them into shipped.yaml; prints base and grades
    python tools/watch_weights.py judge FOLDER    # writes docs/figures_watch.json

Towns are simulated into FOLDER where they are not there yet: 1.3 GB, ten minutes on two cores. A town
has many times as many attempts as life; in what is fitted and counted each weighs as often as such are
in life, so that the load is that of a real town.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from multiprocessing import Pool
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scipy.optimize import brentq, minimize

from fangxian.watch.alerts import DAY, GRADES, MEMORY, Alert, moments, raised_in, runs
from fangxian.watch.arrivals import Arrivals
from fangxian.watch.backtest import ABOUT, Attempt, attempts_of, judged
from fangxian.watch.sight import LATENESS, Sight
from fangxian.watch.signals import SHIPPED, Firing, Seen, Signal, firings, shipped_book
from fangxian.watch.simulate import simulate
from fangxian.watch.watching import END
from watch_tables import book_judged, written

FITTED, JUDGED = range(11, 17), range(21, 24)
RESIDENTS, DAYS, LEARNING, INTENSITY = 40_000, 28, 14, 30.0
# Warnings a day and 1,000 residents at each grade.
LOADS = {"yellow": 0.5, "orange": 0.2, "red": 0.05}
# Signals that did not help there stay for what a simulator does not show, with a little weight; those
# that never held, with what was held likely.
LEAST = 0.2
# Choosing moments and fitting to them, again and again.
ROUNDS = 6
DRAWS, SPREAD = 10, 0.25
Floats = NDArray[np.float64]


@dataclass
class Town:
    """All firings of each resident, and what really happened."""

    fired: dict[str, list[Firing]]
    attempts: list[Attempt]
    begin: int

    @property
    def resident_days(self) -> float:
        return float(RESIDENTS * (DAYS - LEARNING))


def town(where: tuple[Path, int]) -> Town:
    """One town, simulated if it is not there."""
    root, seed = where
    folder = root / f"{seed}"
    if not (folder / "about.json").exists():
        simulate(folder, residents=RESIDENTS, days=DAYS, seed=seed, intensity=INTENSITY)
    book, seen, first = shipped_book(), defaultdict(list), 0
    sight = Sight(book)
    for table in batches(folder):
        first = first or table["time"][0].cast(pa.int64()).as_py()
        marked = sight.take(Arrivals.of(table)).marked
        names = [marked.names[name].to_pylist() for name in ("resident", "id", "other", "leads")]
        times, marks = marked.times.tolist(), marked.marks.tolist()
        for who, id_, other, leads, time, mark in zip(*names, times, marks, strict=True):
            seen[who].append(Seen(time, id_, "", mark, "", other or "", (), leads or ""))
    begin = first // DAY * DAY + LEARNING * DAY
    fired = {who: list(firings(book, sorted(own), END)) for who, own in seen.items()}
    truth = pq.read_table(folder / "truth.parquet")
    return Town(fired, list(attempts_of(truth, begin, INTENSITY)), begin)


def batches(folder: Path) -> Iterator[pa.Table]:
    for path in sorted((folder / "events").glob("*.parquet")):
        for batch in pq.ParquetFile(path).iter_batches(200_000):
            yield pa.Table.from_batches([batch])


@dataclass
class Rows:
    """Moments at which something held: whose (a number) and when; `held` by signal; `victim`: of one
    who pays later; `serious`: of one who trusts them; `weight`: as often as in life."""

    who: NDArray[np.int64]
    time: NDArray[np.int64]
    held: NDArray[np.bool_]
    victim: NDArray[np.bool_]
    serious: NDArray[np.bool_]
    weight: Floats


def rows(where: tuple[Path, int]) -> Rows:
    """What there is to learn from a town."""
    made, names = town(where), [signal.name for signal in shipped_book().signals]
    place = {name: at for at, name in enumerate(names)}
    tried: dict[str, list[Attempt]] = defaultdict(list)
    for attempt in made.attempts:
        tried[attempt.resident].append(attempt)
    when, held, about = [], [], []
    for number, (who, found) in enumerate(made.fired.items()):
        last = np.full(len(names), -END)
        order = sorted((firing.time, place[firing.signal.name]) for firing in found)
        for at, (time, which) in enumerate(order):
            last[which] = time
            if time >= made.begin and order[at + 1 : at + 2] != [(time, which)]:
                when.append((number, time))
                held.append(last > time - MEMORY)
                about.append(_about(tried.get(who, []), time))
    victim, serious, weight = (np.array(column) for column in zip(*about, strict=True))
    return Rows(*np.array(when).T, np.array(held), victim, serious, weight)


def _about(tried: list[Attempt], time: int) -> tuple[bool, bool, float]:
    """(of a victim, of one who trusts them, how often in life)."""
    own = [
        a for a in tried if a.contact - LATENESS <= time <= (a.paid or a.contact) + ABOUT
    ]  # fmt: skip
    often = min(1.0, sum(1 / a.often for a in own)) if own else 1.0
    victim = any(a.paid and time <= a.paid for a in own)
    return victim, any(a.often == INTENSITY for a in own), often


def fitted(learnt: list[Rows]) -> tuple[dict[str, float], float, dict[str, float]]:
    """(weights, base, grades): victims against everybody else, no weight below nought.

    What counts of a person is the moment at which they stand out most, so each counts with that one:
    with all moments, who is long on the telephone would count a hundred times. Which moment it is
    hangs on the weights: they are fitted, and fitted again to the moments they choose."""
    held = np.vstack([r.held for r in learnt]).astype(float)
    victim, serious, often = (
        np.concatenate([getattr(r, name) for r in learnt]) for name in ("victim", "serious", "weight")
    )  # fmt: skip
    bag = _bags(learnt, victim)
    # Who trusts them and does not pay, or has paid, is neither one nor the other.
    some = np.flatnonzero(victim | ~serious)
    best = np.zeros(held.shape[1] + 1)
    for _ in range(ROUNDS):
        top = some[_tops(bag[some], (held @ best[:-1])[some])]
        # Each victim counts in full, or there would be too few to learn from.
        best = _least(held[top], victim[top], np.where(victim, 1.0, often)[top])
    own = np.array([signal.weight for signal in shipped_book().signals])
    weights = np.where(held.any(0), np.maximum(np.round(best[:-1], 2), LEAST), own)
    score = held @ weights
    steps = {name: step(learnt, weights, load) for name, load in LOADS.items()}
    # The base is such that the probability is that of being in earnest contact, in life: of those who
    # are warned, at the moment at which they stand out most.
    top = _tops(bag, score)
    warned = top[score[top] >= steps["yellow"]]
    share = (often * serious)[warned].sum() / often[warned].sum()
    base = brentq(
        lambda b: (often / (1 + np.exp(-score - b)))[warned].sum() / often[warned].sum() - share,
        -30,
        5,
    )
    names = [signal.name for signal in shipped_book().signals]
    grades = {name: round(base + least, 2) for name, least in steps.items()}
    return dict(zip(names, weights.tolist(), strict=True)), round(base, 2), grades


def _bags(learnt: list[Rows], victim: NDArray[np.bool_]) -> NDArray[np.int64]:
    """A number for each victim's moments, and for those of others without a quiet day between."""
    who = np.concatenate([each.who + (n << 32) for n, each in enumerate(learnt)])
    time = np.concatenate([each.time for each in learnt])
    new = np.append(True, (np.diff(who) != 0) | (np.diff(time) > 2 * DAY))
    return np.where(victim, -1 - who, np.cumsum(new))


def _tops(bag: NDArray[np.int64], score: Floats) -> NDArray[np.int64]:
    """The place of the highest score of each bag."""
    order = np.lexsort((score, bag))
    return order[np.append(np.diff(bag[order]) != 0, True)]


def _least(held: Floats, victim: NDArray[np.bool_], weight: Floats) -> Floats:
    """Weights of signals, and the base, by which it is least surprising who was a victim."""

    def loss(found: Floats) -> tuple[float, Floats]:
        odds = held @ found[:-1] + found[-1]
        miss = weight * (1 / (1 + np.exp(-odds)) - victim)
        value = (weight * (np.logaddexp(0, odds) - victim * odds)).sum() + (found[:-1] ** 2).sum()
        return value, np.append(held.T @ miss + 2 * found[:-1], miss.sum())

    bounds = [(0.0, None)] * held.shape[1] + [(None, None)]
    start = np.append(np.zeros(held.shape[1]), -7)
    found: Floats = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    return found


def step(learnt: list[Rows], weights: Floats, wanted: float) -> float:
    """The sum of weights at which so many are warned of a day and 1,000 residents."""

    def load(least: float) -> float:
        warned = 0.0
        for each in learnt:
            high = np.flatnonzero(each.held @ weights >= least)
            who, time = each.who[high], each.time[high]
            # One warning for moments without a quiet day between.
            new = np.append(True, (np.diff(who) != 0) | (np.diff(time) > 2 * DAY))
            if len(high):
                warned += float(np.maximum.reduceat(each.weight[high], np.flatnonzero(new)).sum())
        return 1000 * warned / (len(learnt) * RESIDENTS * (DAYS - LEARNING))

    return next(least for least in np.arange(0, 20, 0.02).tolist() if load(least) <= wanted)


def told(made: Town, changed: dict[str, Signal], resident: str) -> Iterator[Alert]:
    """The warnings of one resident, without what is behind them."""
    found = [f._replace(signal=changed.get(f.signal.name, f.signal)) for f in made.fired[resident]]
    for run in runs(moments(found)):
        id_ = f"{resident}-{run[0].time}"
        score = max(moment.score for moment in run)
        yield Alert(id_, resident, 0, "", score, "", "", (), (), raised_in(run))


def measured(made: Town, changed: dict[str, Signal], grade: str = "yellow") -> Any:
    """How a book whose signals have other weights would have done."""
    warnings = {alert.id: alert for who in made.fired for alert in told(made, changed, who)}
    return judged(warnings, made.attempts, made.resident_days, grade, made.begin)


def fit(root: Path) -> None:
    with Pool(2) as pool:
        learnt = pool.map(rows, [(root, seed) for seed in FITTED], chunksize=1)
    weights, base, grades = fitted(learnt)
    lines = SHIPPED.read_text("utf-8").split("\n")
    name = ""
    for at, line in enumerate(lines):
        if found := re.fullmatch(r"(\w+):", line):
            name = found[1]
        if line.startswith("  weight:"):
            lines[at] = f"  weight: {weights[name]}"
    SHIPPED.write_text("\n".join(lines), "utf-8")
    for name, weight in sorted(weights.items(), key=lambda pair: -pair[1]):
        print(f"{weight:5.1f} {name}")
    print("alerts.py should say: BASE =", base, "GRADES =", grades)


def judge(root: Path) -> None:
    with Pool(2) as pool:
        towns = pool.map(judgement, [(root, seed) for seed in JUDGED], chunksize=1)
    told = {
        "book": book_judged(),
        "towns": [t["town"] for t in towns],
        "kinds": {
            kind: [sum(t["kinds"].get(kind, [0, 0, 0])[n] for t in towns) for n in range(3)]
            for kind in sorted({kind for t in towns for kind in t["kinds"]})
        },
        "drawn": [t["drawn"] for t in towns],
    }
    written(told)
    print(json.dumps(told, indent=1))


def judgement(where: tuple[Path, int]) -> dict[str, Any]:
    """Everything that is told of one town that nothing was fitted on."""
    made, (_, seed) = town(where), where
    own = {grade: measured(made, {}, grade) for grade, _ in GRADES}
    every, caught = (
        Counter(a.kind for a in side) for side in (own["yellow"].victims, own["yellow"].warned)
    )
    seen = Counter(a.kind for a in own["yellow"].victims if a.visible)
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(DRAWS):
        changed = {
            signal.name: replace(
                signal, weight=float(signal.weight * np.exp(rng.normal(0, SPREAD)))
            )
            for signal in shipped_book().signals
        }
        other = measured(made, changed)
        drawn.append([len(other.warned), round(other.a_day, 3)])
    return {
        "town": {"seed": seed, "victims": len(own["yellow"].victims), "visible": own["yellow"].visible}
        | {
            grade: {
                "warned": len(j.warned), "lead": j.lead, "a_day": round(j.a_day, 3),
                "false": round(j.false / j.load, 3) if j.load else 0.0,
            }
            for grade, j in own.items()
        },
        "kinds": {kind: [every[kind], seen[kind], caught[kind]] for kind in sorted(every)},
        "drawn": drawn,
    }  # fmt: skip


if __name__ == "__main__":
    {"fit": fit, "judge": judge}[sys.argv[1]](Path(sys.argv[2]))
