"""Tables of how well the watch warns and how fast it is, from docs/figures_watch.json.

python tools/watch_weights.py judge FOLDER    # how well
python -m bench watch watch_live watch_spark watch_rules watch_growth
python tools/watch_tables.py                  # keeps how fast, from build/bench/
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FIGURES, BENCH = ROOT / "docs" / "figures_watch.json", ROOT / "build" / "bench"


def book_judged() -> str:
    """A hash of the signals, weights and grades as they are: figures of others are out of date."""
    from fangxian.watch.alerts import BASE, GRADES, MEMORY
    from fangxian.watch.signals import shipped_book

    said = repr((shipped_book(), BASE, GRADES, MEMORY))
    return sha256(said.encode()).hexdigest()[:16]


def judged() -> dict[str, Any]:
    """What was measured."""
    found: dict[str, Any] = json.loads(FIGURES.read_text("utf-8"))
    return found


# What of the benchmarks stands in the documentation: where it comes from, what it is, the aim.
SPEED = (
    ("watch", "windows, events a second", "（甲）只算窗口，一百万个号码，一核：每秒事件",
     "(a) windows alone, a million numbers, one core: events/s", "3,000,000"),
    ("watch", "dicts, events a second", "（丁）同样的窗口，用纯 Python 字典循环：每秒事件",
     "(d) the same windows in a loop over dicts: events/s", ""),
    ("watch", "watch in memory, events a second", "全部信号，内存中，一核：每秒事件",
     "all signals, in memory, one core: events/s", ""),
    ("watch", "durable runner, events a second", "（乙）持久运行器，全部信号，有检查点：每秒事件",
     "(b) the durable runner, all signals, checkpoints on: events/s", "300,000"),
    ("watch_spark", "Spark, events a second, after the first batch", "（丙）Spark，同样的事，第一批之后：每秒事件",
     "(c) the same on Spark, after the first batch: events/s", ""),
    ("watch_rules", "columns, events a second", "（戊）十条规则，我们的列式判断：每秒事件",
     "(e) ten rules over ready features, our columns: events/s", ""),
    ("watch_rules", "zen-engine, events a second", "（戊）zen-engine：每秒事件", "(e) zen-engine: events/s", ""),
    ("watch_rules", "rule-engine, events a second", "（戊）rule-engine：每秒事件", "(e) rule-engine: events/s", ""),
    ("watch_rules", "durable-rules, events a second", "（戊）durable-rules：每秒事件", "(e) durable-rules: events/s", ""),
    ("watch_growth", "replay, events a second", "重放，与实时逐字节相同：每秒事件",
     "replay, byte for byte as live: events/s", "1,000,000"),
    ("watch_live", "a server that does nothing at 1,000/s, ms, p99", "什么都不做的服务器，每秒一千次 HTTP，p99：毫秒",
     "a server that does nothing, 1,000/s by HTTP, p99: ms", ""),
    ("watch_live", "one event by HTTP at 1,000/s, ms, p99", "每秒一千次 HTTP、每次一个事件，p99：毫秒",
     "one event by HTTP at 1,000/s, p99: ms", "5"),
    ("watch_live", "event to warning at 20,000 events/s, ms, p99", "每秒两万事件，事件到预警，p99：毫秒",
     "event to warning at 20,000 events/s, p99: ms", "500"),
    ("watch_growth", "1 M: durable runner, events a second", "持久运行器，一百万事件：每秒事件",
     "the durable runner on 1 M events: events/s", ""),
    ("watch_growth", "10 M: durable runner, events a second", "同样，一千万事件、十倍居民：每秒事件",
     "the same on 10 M events of ten times the residents: events/s", ""),
    ("watch_growth", "30 M: durable runner, events a second", "同样，三千万事件、三十倍居民：每秒事件",
     "the same on 30 M events of thirty times the residents: events/s", ""),
    ("watch_growth", "30 M: durable runner, peak memory, MB", "同样，内存峰值：MB", "the same, peak memory: MB", ""),
    ("watch_growth", "sustained, seconds", "每秒八万事件（全国平均），持续：秒",
     "80,000 events/s, a nation's mean, held for: seconds", "600"),
    ("watch_growth", "sustained, p99 behind, ms", "同样，落后 p99：毫秒", "the same, p99 behind: ms", ""),
    ("watch_growth", "sustained, peak memory, MB", "同样，内存峰值：MB", "the same, peak memory: MB", "8,000"),
    ("watch_growth", "10 M by days: state by resident, bytes", "第三十天时每位居民的状态：字节",
     "state of a resident on the thirtieth day: bytes", ""),
    ("watch", "windows, bytes an active number", "每个活跃号码的窗口状态：字节", "state of an active number's windows: bytes", "300"),
    ("watch", "bytes a number seen", "每个见过的号码、网站、软件：字节", "a number, site or app that was seen: bytes", ""),
)  # fmt: skip


def speed(language: str) -> Iterator[str]:
    """A row for each figure that was measured."""
    zh = language == "zh"
    yield "| 量的是什么 | 量得 | 目标 |" if zh else "| What | Measured | Aim |"
    yield "| --- | ---: | ---: |"
    kept = judged().get("speed", {})
    for bench, name, chinese, english, aim in SPEED:
        if name in kept.get(bench, {}):
            value = kept[bench][name]
            shown = f"{value:,.1f}" if value < 100 else f"{value:,.0f}"
            yield f"| {chinese if zh else english} | {shown} | {aim} |"


def keep() -> None:
    """Lay what the benchmarks measured last beside how well the watch warns."""
    found = judged()
    for bench in sorted({row[0] for row in SPEED}):
        path = BENCH / f"{bench}.json"
        if path.exists():
            found.setdefault("speed", {})[bench] = json.loads(path.read_text("utf-8"))
    written(found)


def written(found: dict[str, Any]) -> None:
    """To the file, what was there and is not in `found` too."""
    text = json.dumps(judged() | found, ensure_ascii=False, indent=1)
    FIGURES.write_text(text + "\n", "utf-8")


def quality(language: str) -> Iterator[str]:
    """A row for each grade: all towns together."""
    towns = judged()["towns"]
    victims = sum(town["victims"] for town in towns)
    visible = sum(town["visible"] for town in towns)
    head = {
        "zh": "| 等级至少 | 首次付款前得到预警的受害人 | 看得见迹象的里面 | 提前（中位数） | 每千人每天预警 | 与任何诈骗无关 |",
        "en": "| Grade at least | Victims warned before the first payment | Of those who could be seen | Minutes before, median | Warnings a day and 1,000 residents | About no swindle |",
    }  # fmt: skip
    names = {"yellow": ("黄色", "yellow"), "orange": ("橙色", "orange"), "red": ("红色", "red")}
    yield head[language]
    yield "| --- | --- | --- | --- | --- | --- |"
    for grade, (zh, en) in names.items():
        own = [town[grade] for town in towns]
        warned = sum(one["warned"] for one in own)
        load = sum(one["a_day"] for one in own) / len(own)
        false = sum(one["false"] * one["a_day"] for one in own) / max(1e-9, load * len(own))
        lead = median(one["lead"] for one in own)
        yield (
            f"| {zh if language == 'zh' else en} | {warned} / {victims} = {warned / victims:.0%} | "
            f"{warned / visible:.0%} | {lead:.0f} | {load:.2f} | {false:.0%} |"
        )


def by_kind(language: str) -> Iterator[str]:
    """A row for each kind of fraud, those warned most often first."""
    from fangxian.detect.kinds import kind_name

    yield {
        "zh": "| 类型 | 受害人 | 看得见迹象 | 首次付款前得到预警 |",
        "en": "| Kind | Victims | Could be seen | Warned before the first payment |",
    }[language]
    yield "| --- | --- | --- | --- |"
    kinds = judged()["kinds"].items()
    for kind, (victims, seen, warned) in sorted(kinds, key=lambda k: (-k[1][2] / k[1][0], k[0])):
        yield f"| {kind_name(kind).of(language)} | {victims} | {seen} | {warned} |"


def drawn(language: str) -> Iterator[str]:
    """What other weights would have done, in one line."""
    towns = judged()["towns"]
    shares = [
        warned / town["victims"]
        for town, rows in zip(towns, judged()["drawn"], strict=True)
        for warned, _ in rows
    ]
    loads = [load for rows in judged()["drawn"] for _, load in rows]
    said = {
        "zh": "每个权重各乘以 exp(N(0, 0.25))，随机抽 {} 次，黄色以上：得到预警的受害人占 {:.0%} 到 {:.0%}（中位 {:.0%}），"
              "每千人每天 {:.2f} 到 {:.2f} 条（中位 {:.2f}）。",
        "en": "With every weight multiplied by exp(N(0, 0.25)), drawn {} times, from yellow on: {:.0%} to {:.0%} of the "
              "victims warned (median {:.0%}), {:.2f} to {:.2f} warnings a day and 1,000 residents (median {:.2f}).",
    }[language]  # fmt: skip
    yield said.format(
        len(shares), min(shares), max(shares), median(shares), min(loads), max(loads), median(loads)
    )


if __name__ == "__main__":
    keep()
