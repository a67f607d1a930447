"""Reports a second, memory, and how campaigns agree with those that others found:
python bench/bench_campaigns.py (--reports 1000000 for the memory of a million)"""

from __future__ import annotations

import argparse
import json
import lzma
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import psutil
from rich.console import Console
from rich.table import Table

from fangxian.detect.campaigns import Campaigns, Report, load, masked, save, waves
from fangxian.detect.corpus import read_corpus

FBS = Path(__file__).parents[2] / "shared" / "data" / "fbs_sms.jsonl.xz"
START = datetime(2026, 1, 1, tzinfo=UTC)
Figures = dict[str, float]
# What the collectors of that set wrote in place of what was filled in.
SHOWN = {"DIGIT": "5", "CELLPHONE": "12000000000", "PHONE": "023-00000000",
         "URL": "http://x.example/a", "PLACE": "", "NAME": ""}  # fmt: skip


def reports(count: int, rng: Random) -> Iterator[Report]:
    """Nine in ten are a text of our corpus, seven in ten of these one of 200; half have another end,
    one in five a character more. The rest is like nothing else."""
    texts = [e.text[:150] for e in read_corpus()]
    common = rng.sample(texts, 200)
    for number in range(count):
        text = rng.choice(common if rng.random() < 0.7 else texts)
        if rng.random() < 0.5:
            text += rng.choice(("谢谢", "收到请回", "退订回T", "请尽快办理", "详询客服"))
        if rng.random() < 0.1:
            text = "".join(chr(rng.randrange(0x4E00, 0x9000)) for _ in range(40))
        if rng.random() < 0.2:
            cut = rng.randrange(1, len(text))
            text = text[:cut] + rng.choice("的了吧啊您请") + text[cut:]
        yield Report(f"R{number:08d}", text, START + timedelta(seconds=30 * number))


def speed_and_memory(count: int) -> Figures:
    """`count` reports, a thousand at a time; then the file."""
    given = list(reports(count, Random(1)))  # noqa: S311
    start = time.perf_counter()
    for report in given[:2_000]:
        masked(report.text)
    figures: Figures = {"masks a second": 2_000 / (time.perf_counter() - start)}
    campaigns, held = Campaigns(), psutil.Process().memory_info().rss
    start = time.perf_counter()
    for at in range(0, count, 1_000):
        campaigns.add_all(given[at : at + 1_000])
    took = time.perf_counter() - start
    figures |= {
        "reports": count,
        "wordings": len(campaigns.wordings.texts),
        "campaigns": len({campaigns.name(row) for row in range(count)}),
        "reports a second, 1,000 at a time": count / took,
        "bytes a report": (psutil.Process().memory_info().rss - held) / count,
    }
    start = time.perf_counter()
    for number, report in enumerate(reports(1_000, Random(2))):  # noqa: S311
        campaigns.add(Report(f"one-{number}", report.text, report.at))
    figures["reports a second, one at a time"] = 1_000 / (time.perf_counter() - start)
    start = time.perf_counter()
    found = waves(campaigns, START + timedelta(seconds=30 * count))
    figures |= {"waves": len(found), "waves s": time.perf_counter() - start}
    with tempfile.TemporaryDirectory() as folder:
        path, start = Path(folder) / "campaigns.npz", time.perf_counter()
        save(campaigns, path)
        figures |= {"save s": time.perf_counter() - start, "file MiB": path.stat().st_size / 2**20}
        start = time.perf_counter()
        load(path)
        figures["load s"] = time.perf_counter() - start
    start = time.perf_counter()
    campaigns.forget(START + timedelta(seconds=15 * count))
    return figures | {"forget half s": time.perf_counter() - start}


def agreement(mine: Sequence[object], theirs: Sequence[object]) -> Figures:
    """B-cubed and pairwise precision and recall (Amigó and others, 2009)."""
    both, of_mine, of_theirs = (
        Counter(zip(mine, theirs, strict=True)), Counter(mine), Counter(theirs),
    )  # fmt: skip
    pairs = {
        name: sum(n * (n - 1) // 2 for n in counts.values())
        for name, counts in (("both", both), ("mine", of_mine), ("theirs", of_theirs))
    }
    return {
        "B3 precision": sum(n * n / of_mine[a] for (a, _), n in both.items()) / len(mine),
        "B3 recall": sum(n * n / of_theirs[b] for (_, b), n in both.items()) / len(mine),
        "pair precision": pairs["both"] / pairs["mine"],
        "pair recall": pairs["both"] / pairs["theirs"],
        "campaigns": len(of_mine),
        "theirs": len(of_theirs),
    }


def against_others(split: str) -> Figures:
    """Real messages of fake base stations in chance order, an hour apart; ../shared/data."""
    with lzma.open(FBS, "rt", encoding="utf-8") as file:
        rows = [row for row in map(json.loads, file) if row["split"] == split]
    Random(1).shuffle(rows)  # noqa: S311
    campaigns = Campaigns()
    theirs = [row["cluster"] for row in rows]
    came: dict[object, int] = defaultdict(int)
    largest: dict[object, Counter[str]] = defaultdict(Counter)
    seen: dict[object, int] = {}
    sizes = Counter(theirs)
    for number, row in enumerate(rows):
        text = " ".join(SHOWN.get(word, word) for word in row["text"].split()) or "空"
        campaigns.add(Report(row["id"], text, START + timedelta(hours=number)))
        came[row["cluster"]] += 1
        counted = largest[row["cluster"]]
        counted[str(campaigns.of(row["id"]))] += 1
        # Joined campaigns have one name now; three reports of theirs in one of ours is a wave.
        now = Counter(str(campaigns.of(name)) for name in counted.elements())
        largest[row["cluster"]] = now
        if row["cluster"] not in seen and max(now.values()) >= 3:
            seen[row["cluster"]] = came[row["cluster"]]
    figures = agreement([str(campaigns.of(row["id"])) for row in rows], theirs)
    waited = [seen.get(cluster, 10**9) for cluster, size in sizes.items() if size >= 5]
    figures["their campaigns of 5 and more"] = len(waited)
    for after in (3, 4, 5):
        figures[f"seen after {after} reports, share"] = sum(w <= after for w in waited) / len(
            waited
        )
    figures["never seen"] = sum(w == 10**9 for w in waited)
    return figures


def main() -> Figures:
    """Measure, print a table, and return {figure: value}."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=30_000)
    figures = speed_and_memory(parser.parse_args().reports)
    if FBS.exists():
        for split in ("train", "dev"):
            figures |= {f"FBS {split}: {name}": v for name, v in against_others(split).items()}
    else:
        print("../shared/data/fbs_sms.jsonl.xz is not here: no comparison with others")
    table = Table("campaigns", "")
    for name, value in figures.items():
        table.add_row(name, f"{value:,.0f}" if value >= 100 else f"{value:,.3f}")
    Console().print(table)
    return figures


if __name__ == "__main__":
    main()
