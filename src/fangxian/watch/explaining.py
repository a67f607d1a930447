"""What is behind a warning, in words: signals, the events they are made of, what was known of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from fangxian.detect.kinds import Words, kind_name
from fangxian.numbers.forms import mask

from .alerts import BEIJING
from .events import TYPES
from .facts import FACTS, Known
from .signals import Book

GRADES = {"yellow": Words("黄色", "yellow"), "orange": Words("橙色", "orange"), "red": Words("红色", "red")}  # fmt: skip
STAGES = {
    "contact": Words("已被联系", "contacted"),
    "trust": Words("已经相信", "trusts them"),
    "isolate": Words("被隔离", "kept apart"),
    "pay": Words("将要付款", "about to pay"),
}
TYPE_NAMES = dict(
    zip(
        TYPES,
        (
            Words("通话", "call"), Words("短信", "text"), Words("打开链接", "link opened"),
            Words("安装软件", "app installed"), Words("转账", "transfer"), Words("报告", "report"),
        ),
        strict=True,
    )
)  # fmt: skip
_WORD_NAMES = {
    "mobile": "手机号", "landline": "座机", "virtual": "虚拟运营商号", "overseas": "境外号码",
    "service": "服务号", "forged": "冒用的号码", "bank": "银行", "other": "其他",
    "remote": "共享屏幕或远程控制", "unknown_source": "来路不明", "store": "应用商店",
}  # fmt: skip


def _share(probability: float) -> Words:
    """No machine is ever sure."""
    if probability > 0.99:
        return Words("99%以上", "over 99%")
    share = f"{probability:.0%}"
    return Words(share, share)


def explained(alert: Mapping[str, Any], book: Book, language: str) -> Iterator[str]:
    """Lines about a warning as `Alert.as_dict` wrote it. `language`: zh or en; times are those of
    Beijing, numbers are masked. A signal that the book no longer has is told by its name."""
    signals = {signal.name: signal for signal in book.signals}
    kind = kind_name(alert["kind"]).of(language)
    head = Words("{} {} {}，{}，{}（概率 {}）", "{} {} {}, {}, {} (probability {})")
    yield head.of(language).format(
        alert["id"], masked(alert["resident"]), GRADES[alert["grade"]].of(language),
        STAGES[alert["stage"]].of(language), kind, _share(alert["probability"]).of(language),
    )  # fmt: skip
    for step in alert["raised"]:
        raised = Words("{} 升为{}", "{} became {}").of(language)
        yield "  " + raised.format(_clock(step["at"]), GRADES[step["grade"]].of(language))
    events = {event["id"]: event for event in alert["events"]}
    shown: set[str] = set()
    for told in alert["signals"]:
        known = signals.get(told["name"])
        says = known.says.of(language) if known else told["name"]
        weight = f" {known.weight:+.1f}" if known else ""
        named = Words("{} {}（{} v{}{}）", "{} {} ({} v{}{})").of(language)
        yield named.format(_clock(told["at"]), says, told["name"], told["version"], weight)
        for id_ in told["events"]:
            lines = _of_event(events[id_], language)
            # What was known of it is told once.
            yield from (f"    {line}" for line in (lines if id_ not in shown else islice(lines, 1)))
            shown.add(id_)


def masked(name: str) -> str:
    """A number as it may stand on a screen; of a keyed hash its first eight characters."""
    return mask(name) if name[:1] == "+" or name.isdigit() else name[:8]


def _of_event(event: Mapping[str, Any], language: str) -> Iterator[str]:
    other = f" {masked(event['other'])}" if event["other"] else ""
    yield f"{_clock(event['at'])} {TYPE_NAMES[event['type']].of(language)}{other}  [{event['id']}]"
    separator = Words("；", "; ").of(language)
    known = [(name, event["facts"][name]) for name in FACTS if event["facts"].get(name)]
    facts = [_of_fact(name, value, language) for name, value in known]
    if facts:
        yield f"    {separator.join(facts)}"


def _of_fact(name: str, value: Known, language: str) -> str:
    fact = FACTS[name]
    says = fact.says.of(language)
    if fact.yes_or_no:
        return says
    if isinstance(value, str):
        return f"{says} {_WORD_NAMES[value] if language == 'zh' else value.replace('_', ' ')}"
    if fact.unit == "time":
        return f"{says} {_time(value, language)}"
    if fact.unit == "money":
        return f"{says} " + Words("{:,.2f} 元", "{:,.2f} yuan").of(language).format(value / 100)
    if fact.unit == "share":
        return f"{says} {value:.0%}"
    return f"{says} {value:.3g}"


def _time(seconds: float, language: str) -> str:
    for unit, zh, en in ((86_400, "天", "days"), (3_600, "小时", "hours"), (60, "分钟", "min")):
        if seconds >= unit:
            return f"{seconds / unit:.3g} {zh if language == 'zh' else en}"
    return f"{seconds:.0f} {'秒' if language == 'zh' else 's'}"


def _clock(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")
