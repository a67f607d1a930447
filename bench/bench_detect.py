"""Messages a second of the detector, beside what else could be used, on one core in one run.

`python -m bench detect` compares:

- `check_many` whole: from str (or Arrow) over disguise, tokens and n-grams to calibrated verdicts;
- the bare kernel: n-grams of one to four code points that lie ready in memory, hashed as the model's
  are (rules.gram, rules.mix), each looked up once in the model's own table and added: one plain
  compiled loop, no look-up of characters, no disguise, no tokens, no calibration, no str;
- the same in blocks, as our kernel does it: hashed in vectors, then gathered;
- scikit-learn's HashingVectorizer with SGDClassifier, and fastText, where they are installed, with
  n-grams of one to four characters.

All in turn, several rounds; of each the best round counts. Messages: cut to 60 characters, and at
their own length, honest and fraud as in life (one in two hundred) and half and half. Also one message
at a time (without reasons), a new process's first check, the command line, and memory. Figures go to
build/bench/detect.json.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from statistics import median, quantiles
from typing import Any

import numpy as np
import psutil
from rich.console import Console
from rich.table import Table

from fangxian.detect import check, check_many
from fangxian.detect.corpus import read_corpus
from fangxian.detect.model import load_model
from fangxian.detect.tokens.bulk import code_points

OUT = Path(__file__).parents[1] / "build" / "bench"
MESSAGES = 100_000
SLOW_MESSAGES = 3_000  # for what takes minutes otherwise
ROUNDS = 7

Run = Callable[[], Any]


def main() -> dict[str, Any]:
    """Run all, print the table, write the JSON. Returns the figures."""
    mixes = _mixes()
    check_many(next(iter(mixes.values()))[:1000])
    # Single messages first: a process that checks many reads single ones no faster, but is larger.
    figures: dict[str, Any] = _one_by_one(mixes["own length, as in life"][:2000])
    others = {"scikit-learn": _scikit(), "fastText": _fasttext()}
    for name, other in others.items():
        if other is None:
            print(f"{name} is not installed: not compared")
    figures["messages_per_s"] = {
        mix: _rates(texts, {n: o for n, o in others.items() if o is not None})
        for mix, texts in mixes.items()
    }
    _print(figures)
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "detect.json").write_text(json.dumps(figures, indent=1))
    return figures


def _mixes() -> dict[str, list[str]]:
    rng = Random(7)  # noqa: S311
    honest = [e.text for e in read_corpus() if not e.is_fraud and e.channel in ("sms", "chat")]
    fraud = [e.text for e in read_corpus() if e.is_fraud and e.channel in ("sms", "chat")]
    life = [rng.choice(fraud if rng.random() < 0.005 else honest) for _ in range(MESSAGES)]
    joined = "".join(life[:20_000]).replace("\n", "")
    pieces = [joined[i : i + 60] for i in range(0, len(joined) - 60, 60)]
    return {
        "60 characters": (pieces * (MESSAGES // len(pieces) + 1))[:MESSAGES],
        "own length, as in life": life,
        "own length, half fraud": [
            rng.choice(rng.choice((fraud, honest))) for _ in range(MESSAGES)
        ],
    }


def _rates(texts: list[str], others: dict[str, Callable[[list[str]], Run]]) -> dict[str, float]:
    """Messages a second of each; the rounds go over all of them in turn."""
    few = texts[:SLOW_MESSAGES]
    runs: dict[str, tuple[Run, int]] = {"check_many": (lambda: check_many(texts), len(texts))}
    try:
        import pyarrow as pa
    except ImportError:
        pass
    else:
        array = pa.array(texts)
        runs["from Arrow"] = (lambda: check_many(array), len(texts))
    runs |= {name: (run, len(texts)) for name, run in _bare(texts).items()}
    runs |= {name: (other(few), len(few)) for name, other in others.items()}
    best = dict.fromkeys(runs, float("inf"))
    for round_ in range(ROUNDS):
        for name, (run, count) in runs.items():
            if count < len(texts) and round_ > 1:
                continue
            begin = time.perf_counter()
            run()
            best[name] = min(best[name], (time.perf_counter() - begin) / count)
    return {name: 1 / seconds for name, seconds in best.items()}


def _bare(texts: list[str]) -> dict[str, Run]:
    """The bare kernels of this file's first lines."""
    from numba import njit, uint32

    from fangxian.detect.tokens.hashing import gram, mix, places, total

    @njit  # type: ignore[untyped-decorator]
    def bare(codes: Any, offsets: Any, weights: Any) -> Any:
        mask = uint32(len(weights) - 1)
        out = np.empty(len(offsets) - 1, np.int64)
        for i in range(len(out)):
            summed = 0
            g1 = g2 = g3 = uint32(0)
            for at in range(offsets[i], offsets[i + 1]):
                t = codes[at]
                g4, g3, g2, g1 = gram(g3, t), gram(g2, t), gram(g1, t), t
                summed += weights[mix(t) & mask]
                if at - offsets[i] >= 3:
                    summed += weights[g2 & mask] + weights[g3 & mask] + weights[g4 & mask]
                elif at - offsets[i] == 2:
                    summed += weights[g2 & mask] + weights[g3 & mask]
                elif at - offsets[i] == 1:
                    summed += weights[g2 & mask]
            out[i] = summed
        return out

    @njit  # type: ignore[untyped-decorator]
    def in_blocks(codes: Any, offsets: Any, weights: Any) -> Any:
        n = len(offsets) - 1
        out = np.empty(n, np.int64)
        longest = 0
        for i in range(n):
            longest = max(longest, offsets[i + 1] - offsets[i])
        h1, h2 = np.empty(longest + 8192, np.uint32), np.empty(longest + 8192, np.uint32)
        h3, h4 = np.empty(longest + 8192, np.uint32), np.empty(longest + 8192, np.uint32)
        first = 0
        while first < n:
            last, begin = first, offsets[first]
            while last < n and offsets[last] - begin < 8192:
                last += 1
            size = offsets[last] - begin
            h1[:size] = codes[begin : begin + size]
            places(h1, size, h2, h3, h4)
            for i in range(first, last):
                have = offsets[i + 1] - offsets[i]
                out[i] = total(h1, h2, h3, h4, offsets[i] - begin, have, weights)
            first = last
        return out

    codes, offsets = code_points(texts)
    weights = load_model().weights
    same = bare(codes, offsets, weights) == in_blocks(codes, offsets, weights)
    assert same.all()  # noqa: S101  the two count the same
    return {
        "bare kernel": lambda: bare(codes, offsets, weights),
        "bare, blocks": lambda: in_blocks(codes, offsets, weights),
    }


def _scikit() -> Callable[[list[str]], Run] | None:
    try:
        from sklearn.feature_extraction.text import HashingVectorizer
        from sklearn.linear_model import SGDClassifier
    except ImportError:
        return None
    vectors = HashingVectorizer(analyzer="char", ngram_range=(1, 4), n_features=2**20)
    examples = read_corpus()[::10]
    model = SGDClassifier(loss="log_loss", random_state=0)
    model.fit(vectors.transform([e.text for e in examples]), [e.is_fraud for e in examples])
    return lambda texts: lambda: model.predict_proba(vectors.transform(texts))


def _fasttext() -> Callable[[list[str]], Run] | None:
    try:
        import fasttext
    except ImportError:
        return None

    def spaced(text: str) -> str:
        return " ".join(text.replace("\n", " "))

    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        for e in read_corpus()[::10]:
            file.write(f"__label__{int(e.is_fraud)} {spaced(e.text)}\n")
        file.flush()
        model = fasttext.train_supervised(
            file.name, wordNgrams=4, epoch=1, dim=16, bucket=2**20, verbose=0, thread=1
        )

    def prepared(texts: list[str]) -> Run:
        # Its words are what spaces part: that this takes time, too, is not counted.
        lines = [spaced(text) for text in texts]
        return lambda: model.predict(lines)

    return prepared


def _one_by_one(texts: list[str]) -> dict[str, Any]:
    """Single checks, warm; the first of a new process; memory of the model."""
    times = []
    for text in texts:
        begin = time.perf_counter()
        check(text)
        times.append((time.perf_counter() - begin) * 1e6)
    text = "您的积分即将过期，请点击兑换"
    return {
        "one_us": {"p50": median(times), "p99": quantiles(times, n=100)[-1]},
        "first_check_of_a_process_s": _process(
            f"from fangxian.detect import check; check('{text}')"
        ),
        "command_line_s": _process(
            f"import sys; sys.argv = ['fangxian', 'check', '{text}'];"
            "from fangxian.cli import main; main()"
        ),
        "model_mib": _memory_of_the_model(),
    }


def _process(code: str) -> float:
    """Seconds of a whole process, the best of five."""
    best = float("inf")
    for _ in range(5):
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
        best = min(best, time.perf_counter() - begin)
    return best


def _memory_of_the_model() -> float:
    code = (
        "import psutil, numpy; p = psutil.Process(); a = p.memory_info().rss;"
        "from fangxian.detect import check; check('您的积分'); print(p.memory_info().rss - a)"
    )
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return int(told.stdout) / 2**20


def _print(figures: dict[str, Any]) -> None:
    console = Console(width=130)
    grid = Table(title=f"messages a second ({psutil.cpu_count()} cores, one used)")
    rows = figures["messages_per_s"]
    names = list(next(iter(rows.values())))
    others = [n for n in names if n not in ("check_many", "from Arrow")]
    for name in ("messages", *names):
        grid.add_column(name, justify="left" if name == "messages" else "right")
    for mix, rates in rows.items():
        grid.add_row(mix, *(f"{rates[n]:,.0f}" for n in names))
        times = [f"{rates['check_many'] / rates[n]:.2f}" if n in others else "" for n in names]
        grid.add_row("  check_many is so many times as fast", *times, end_section=True)
    console.print(grid)
    one = figures["one_us"]
    console.print(
        f"one message: p50 {one['p50']:.0f} µs, p99 {one['p99']:.0f} µs; first check of a new "
        f"process {figures['first_check_of_a_process_s']:.2f} s, command line with reasons "
        f"{figures['command_line_s']:.2f} s; model {figures['model_mib']:.0f} MiB"
    )


if __name__ == "__main__":
    main()
