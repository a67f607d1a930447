"""Tables of how well the watch warns, from docs/figures_watch.json (tools/watch_weights.py)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import Any

FIGURES = Path(__file__).resolve().parents[1] / "docs" / "figures_watch.json"


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
