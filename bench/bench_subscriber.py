"""How well subscribers used for fraud are told from others, and what gives it:
python bench/bench_subscriber.py (needs the extra fangxian[subscriber]; a quarter of an hour)"""

from __future__ import annotations

import argparse
import lzma
import time
from collections.abc import Collection
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from fangxian.detect.subscriber import Subscribers, evaluate, read_table, score, train
from fangxian.detect.subscriber.evaluation import macro_f1
from fangxian.detect.subscriber.features import GROUPS, features
from fangxian.detect.subscriber.learning import ExtraMissing, folds, one_thread, parts

TABLE = Path(__file__).parents[2] / "shared" / "data" / "sichuan_cdr.csv.xz"
Figures = dict[str, float]
# Best published for this table, and plain gradient boosting on its columns.
PUBLISHED, PLAIN = 0.9208, 0.917


def ablation(table: Subscribers, repeats: int) -> Figures:
    """Macro-F1 at one half: each part alone; then the boosted trees with fewer features."""
    made = parts()
    figures = {f"{name} alone": held_out(table, name, (), repeats) for name in made}
    every = set(GROUPS)
    figures["boosted, columns only"] = held_out(table, "boosted", every - {"columns"}, repeats)
    for group in GROUPS:
        figures[f"boosted, without {group}"] = held_out(table, "boosted", {group}, repeats)
    return figures


def held_out(table: Subscribers, part: str, without: Collection[str], repeats: int) -> float:
    """Mean macro-F1 over five folds, `repeats` times, of one part as it is."""
    values, truth = features(table.values, without)[1], table.is_fraud
    assert truth is not None  # noqa: S101
    found = []
    for repeat in range(repeats):
        for rest, left_out in folds(truth, 5, 1_000 * (repeat + 1)):
            with one_thread():
                learner = parts()[part](repeat).fit(values[rest], truth[rest])
                called = np.asarray(learner.predict(values[left_out]), bool)
            found.append(macro_f1(truth[left_out], called))
    return float(np.mean(found))


def main() -> Figures:
    """Measure, print a table, and return {figure: value}; empty where data or extra are missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    try:
        parts()
    except ExtraMissing as missing:
        print(missing)
        return {}
    if not TABLE.exists():
        print("../shared/data/sichuan_cdr.csv.xz is not here: nothing to measure")
        return {}
    start = time.perf_counter()
    table = read_table(lzma.decompress(TABLE.read_bytes()), labelled=True)
    figures: Figures = {"read s": time.perf_counter() - start, "rows": len(table)}
    start = time.perf_counter()
    model = train(table)
    figures["train s"] = time.perf_counter() - start
    start = time.perf_counter()
    score(model, table.rows(np.arange(500)))
    figures["score, ms a row with reasons"] = time.perf_counter() - start
    figures["score, ms a row with reasons"] *= 2
    # Other folds than those on which parts and features were chosen.
    found = evaluate(table, repeats=repeats, seed=77)
    figures |= {
        f"macro-F1, {repeats} times 5 folds": found.mean,
        "95 % from": found.interval[0],
        "95 % to": found.interval[1],
        "published best": PUBLISHED,
        "plain boosting": PLAIN,
        "frauds found": found.right_frauds,
        "frauds missed": found.missed,
        "false alarms": found.false_alarms,
        "others let be": found.right_others,
        "recall": found.recall,
        "false alarms in 1,000 others": found.false_alarms_in_1000,
        "right of those flagged, 1 fraud in 100": found.precision_where(0.01),
        "right of those flagged, 1 fraud in 1,000": found.precision_where(0.001),
    }
    figures |= ablation(table, min(repeats, 3))
    shown = Table("subscriber", "")
    for name, value in figures.items():
        shown.add_row(name, f"{value:,.0f}" if value >= 100 else f"{value:,.4f}")
    Console().print(shown)
    return figures


if __name__ == "__main__":
    main()
