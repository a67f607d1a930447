"""Messages a second of the detector, beside what else could be used, on one core in one run.

`python -m bench detect`: `check_many` whole (look-up, disguise, tokens, n-grams, calibration); the
bare kernel, which hashes and adds the same n-grams of code points that are ready and does nothing
else; scikit-learn's HashingVectorizer with SGDClassifier, and fastText, where they are installed.
Each in turn, three times; the best counts. Messages: cut to 60 characters, and at their own length,
honest and fraud as in life (one in two hundred) and as in the corpus. Also one message at a time, the
first check of a new process, and memory. Figures go to build/bench/detect.json.
"""

from __future__ import annotations

import json
import subprocess
import sys
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
from fangxian.detect.tokens.reading import looked_up

OUT = Path(__file__).parents[1] / "build" / "bench"
MESSAGES = 100_000
SLOW_MESSAGES = 5_000  # for what takes minutes otherwise


def main() -> dict[str, Any]:
    """Run all, print the table, write the JSON. Returns the figures."""
    mixes = _mixes()
    check_many(next(iter(mixes.values()))[:1000])
    figures: dict[str, Any] = {"messages_per_s": {}}
    for mix, texts in mixes.items():
        rates = {"check_many": _rate(lambda t=texts: check_many(t), len(texts))}
        bare = _bare(texts)
        rates["bare kernel"] = _rate(bare, len(texts))
        for name, other in (("scikit-learn", _scikit), ("fastText", _fasttext)):
            run = other(texts[:SLOW_MESSAGES])
            if run is None:
                print(f"{name} is not installed: not compared")
            else:
                rates[name] = _rate(run, SLOW_MESSAGES)
        figures["messages_per_s"][mix] = rates
    figures |= _one_by_one(mixes["own length, as in life"][:2000])
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


def _rate(run: Callable[[], Any], messages: int) -> float:
    best = float("inf")
    for _ in range(3):
        begin = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - begin)
    return messages / best


def _bare(texts: list[str]) -> Callable[[], Any]:
    """Hash and add the 1- to 4-grams of code points, nothing else."""
    from numba import njit, uint32

    @njit  # type: ignore[untyped-decorator]
    def bare(codes: Any, offsets: Any, weights: Any) -> Any:
        mask = uint32(len(weights) - 1)
        out = np.empty(len(offsets) - 1, np.int64)
        for i in range(len(out)):
            total = 0
            a = b = c = uint32(0)
            for at in range(offsets[i], offsets[i + 1]):
                x = uint32(codes[at] * uint32(0x9E3779B1))
                d = uint32(c * uint32(31) ^ x)
                c = uint32(b * uint32(31) ^ x)
                b = uint32(a * uint32(31) ^ x)
                a = x
                total += weights[(a >> uint32(7)) & mask] + weights[(b >> uint32(7)) & mask]
                total += weights[(c >> uint32(7)) & mask] + weights[(d >> uint32(7)) & mask]
            out[i] = total
        return out

    codes, offsets = looked_up(texts)
    weights = load_model().weights
    bare(codes[:100], offsets[:2], weights)
    return lambda: bare(codes, offsets, weights)


def _scikit(texts: list[str]) -> Callable[[], Any] | None:
    try:
        from sklearn.feature_extraction.text import HashingVectorizer
        from sklearn.linear_model import SGDClassifier
    except ImportError:
        return None
    vectors = HashingVectorizer(analyzer="char", ngram_range=(1, 4), n_features=2**20)
    examples = read_corpus()[::10]
    model = SGDClassifier(loss="log_loss", random_state=0)
    model.fit(vectors.transform([e.text for e in examples]), [e.is_fraud for e in examples])
    return lambda: model.predict_proba(vectors.transform(texts))


def _fasttext(texts: list[str]) -> Callable[[], Any] | None:
    try:
        import fasttext
    except ImportError:
        return None
    import tempfile

    spaced = [" ".join(text.replace("\n", " ")) for text in texts]
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        for e in read_corpus()[::10]:
            file.write(f"__label__{int(e.is_fraud)} {' '.join(e.text.replace(chr(10), ' '))}\n")
        file.flush()
        model = fasttext.train_supervised(file.name, wordNgrams=4, epoch=1, verbose=0, thread=1)
    return lambda: model.predict(spaced)


def _one_by_one(texts: list[str]) -> dict[str, Any]:
    """Single checks, warm; the first of a new process; memory of the model."""
    times = []
    for text in texts:
        begin = time.perf_counter()
        check(text)
        times.append((time.perf_counter() - begin) * 1e6)
    code = "from fangxian.detect import check; check('您的积分即将过期，请点击兑换')"
    starts = []
    for _ in range(5):
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        starts.append(time.perf_counter() - begin)
    return {
        "one_us": {"p50": median(times), "p99": quantiles(times, n=100)[-1]},
        "first_check_of_a_process_s": min(starts),
        "model_mib": _memory_of_the_model(),
    }


def _memory_of_the_model() -> float:
    code = (
        "import psutil, numpy; p = psutil.Process(); a = p.memory_info().rss;"
        "from fangxian.detect import check; check('您的积分'); print(p.memory_info().rss - a)"
    )
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return int(told.stdout) / 2**20


def _print(figures: dict[str, Any]) -> None:
    console = Console(width=110)
    grid = Table(title=f"messages a second ({psutil.cpu_count()} cores, one used)")
    rows = figures["messages_per_s"]
    names = list(next(iter(rows.values())))
    for name in ("messages", *names, *(f"check_many / {n}" for n in names[1:])):
        grid.add_column(name, justify="left" if name == "messages" else "right")
    for mix, rates in rows.items():
        ours = rates["check_many"]
        grid.add_row(
            mix,
            *(f"{rates[n]:,.0f}" for n in names),
            *(f"{ours / rates[n]:.2f}" for n in names[1:]),
        )
    console.print(grid)
    one = figures["one_us"]
    console.print(
        f"one message: p50 {one['p50']:.0f} µs, p99 {one['p99']:.0f} µs; first check of a new "
        f"process {figures['first_check_of_a_process_s']:.2f} s; model {figures['model_mib']:.0f} MiB"
    )


if __name__ == "__main__":
    main()
