"""Writes the pages of the documentation that the program itself knows best: the command line, the
roles, the kinds of fraud, the clocks, the retention table, the events and signals of the watch. A test
checks that they are up to date.

`python tools/reference.py` writes; `python tools/reference.py check` only compares.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import watch_tables
from model_card import calls, disguise, measured, model_card, per_set, speed

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
NOTE = {
    "zh": "<!-- 由 tools/reference.py 生成，不要手改 -->\n\n",
    "en": "<!-- made by tools/reference.py; do not edit -->\n\n",
}


def main() -> None:
    stale = [str(p.relative_to(ROOT)) for p, text in pages() if read(p) != text]
    if sys.argv[1:] == ["check"]:
        sys.exit(f"out of date: {', '.join(stale)}; run tools/reference.py" if stale else 0)
    for path, text in pages():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def pages() -> Iterator[tuple[Path, str]]:
    """(path, text) of every generated page, in both languages."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fangxian.web.settings")
    os.environ.setdefault("FANGXIAN_MODE", "test")
    os.environ.setdefault("FANGXIAN_HOME", str(ROOT / "build" / "reference"))
    django.setup()
    from django.utils import translation

    from fangxian.watch.simulate.tables import tables

    for language, code in (("zh", "zh-hans"), ("en", "en")):
        with translation.override(code):
            for name, make in (
                ("command-line", command_line), ("roles", roles), ("kinds", kinds),
                ("clocks", clocks), ("retention", retention), ("model-card", model_card),
                ("events", events), ("signals", signals),
            ):  # fmt: skip
                path = DOCS / language / "reference" / f"{name}.md"
                yield path, NOTE[language] + "\n".join(make(language)).rstrip() + "\n"
            tutorial = DOCS / language / "tutorial" / "ten-messages.md"
            yield tutorial, filled(read(tutorial), "ten messages", ten_messages(language))
            method = DOCS / language / "explanation" / "detector.md"
            page = filled(read(method), "figures", per_set(language, measured()["evaluate"]))
            page = filled(page, "disguise", disguise(language))
            page = filled(page, "speed", speed(language))
            page = filled(page, "left out", per_set(language, measured()["left_out"]))
            yield method, filled(page, "calls", calls(language))
            watch = DOCS / language / "explanation" / "watch.md"
            page = filled(read(watch), "quality", watch_tables.quality(language))
            page = filled(page, "by kind", watch_tables.by_kind(language))
            page = filled(page, "speed", watch_tables.speed(language))
            yield watch, filled(page, "other weights", watch_tables.drawn(language))
            town = DOCS / language / "explanation" / "simulator.md"
            yield town, filled(read(town), "assumptions", tables(language))


def filled(page: str, name: str, lines: Iterator[str]) -> str:
    """A page with `lines` between the marks of `name`."""
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    before, _, rest = page.partition(begin)
    _, ended, after = rest.partition(end)
    inside = "\n".join(lines).rstrip()
    return f"{before}{begin}\n\n{inside}\n\n{end}{after if ended else rest}"


def ten_messages(language: str) -> Iterator[str]:
    """What the script of the tutorial prints."""
    script = [sys.executable, str(ROOT / "samples" / "ten_messages.py"), language]
    told = subprocess.run(script, check=True, capture_output=True, encoding="utf-8")
    yield "```text"
    yield told.stdout.rstrip()
    yield "```"


def command_line(language: str) -> Iterator[str]:
    import click

    from fangxian.cli import main as program

    yield "# 命令行" if language == "zh" else "# Command line"

    def walk(command: click.Command, name: str) -> Iterator[str]:
        context = click.Context(command, info_name=name, terminal_width=90)
        yield f"\n## `{name}`\n\n```\n{command.get_help(context)}\n```"
        if isinstance(command, click.Group):
            for child in sorted(command.commands):
                yield from walk(command.commands[child], f"{name} {child}")

    yield from walk(program, "fangxian")


def roles(language: str) -> Iterator[str]:
    from fangxian.town.access import ABILITIES, Ability
    from fangxian.town.models import Role

    yield "# 角色和权限\n" if language == "zh" else "# Roles and abilities\n"
    yield (
        "一项职责给出它的角色的全部权限，范围是它的地点和下面的所有地点。权限的值也是接口密钥的范围。\n"
        if language == "zh"
        else "A duty gives the abilities of its role within its place and all below. The values are "
        "also the scopes of API tokens.\n"
    )
    yield "| |" + "|".join(str(r.label) for r in Role) + "|"
    yield "|---|" + "|".join(":-:" for _ in Role) + "|"
    for ability in Ability:
        marks = "|".join("✓" if ability in ABILITIES[r] else "" for r in Role)
        yield f"|`{ability.value}`|{marks}|"


def kinds(language: str) -> Iterator[str]:
    from fangxian.detect.kinds import KINDS

    yield "# 骗局类型\n" if language == "zh" else "# Kinds of fraud\n"
    yield (
        "名称以公安部公布的为准。\n"
        if language == "zh"
        else "Names as published by the Ministry of Public Security.\n"
    )
    for key, kind in KINDS.items():
        yield f"## {kind.name.of(language)} (`{key}`)\n"
        yield kind.summary.of(language) + "\n"
        yield from (f"- {flag.of(language)}" for flag in kind.red_flags)
        yield ""


def clocks(language: str) -> Iterator[str]:
    from fangxian.warn.clock import CLIMB, DEFAULTS, RETRY

    zh = language == "zh"
    yield "# 时限\n" if zh else "# Clocks\n"
    yield (
        "默认值，镇里可以在设置页更改。\n"
        if zh
        else "Defaults; a town changes them on the settings page.\n"
    )
    head = (
        ("等级", "电话（分）", "上门（分）", "再打（分）", "每级上报（分）", "只计工作时间")
        if zh
        else (
            "grade",
            "call (min)",
            "door (min)",
            "retry (min)",
            "climbs every (min)",
            "working hours only",
        )
    )
    yield "|" + "|".join(head) + "|"
    yield "|---|" + "|".join("---:" for _ in head[1:]) + "|"
    for grade, (call, door, working) in DEFAULTS.items():
        mark = ("是" if zh else "yes") if working else ""
        yield f"|{grade.label}|{call}|{door}|{RETRY[grade]}|{CLIMB[grade]}|{mark}|"


def retention(language: str) -> Iterator[str]:
    from fangxian.town.retention import rules

    zh = language == "zh"
    yield "# 留存期限\n" if zh else "# Retention\n"
    yield (
        "|内容|天|到期后|依据|\n|---|---:|---|---|"
        if zh
        else "|what|days|then|why|\n|---|---:|---|---|"
    )
    for rule in rules():
        yield f"|{rule.what}|{rule.keeps.days}|{rule.does}|{rule.why}|"


def events(language: str) -> Iterator[str]:
    from fangxian.watch.local.door.app import ANSWERS
    from fangxian.watch.reading import schema_page

    yield from schema_page(language).splitlines()
    zh = language == "zh"
    yield "\n## 用 HTTP 送\n" if zh else "\n## By HTTP\n"
    yield (
        "`fangxian watch run 状态 --http 端口` 在 `POST /events` 接收，写法见上；设了 `FANGXIAN_WATCH_TOKEN` 时要带 "
        "`Authorization: Bearer …`。只有 202 表示收下了，其余都请按说明再送；同一事件送两次只算一次。\n"
        if zh
        else "`fangxian watch run STATE --http PORT` takes them at `POST /events`, written as above, with "
        "`Authorization: Bearer …` where `FANGXIAN_WATCH_TOKEN` is set. Only 202 says that they were taken; after "
        "anything else send them again as it says. The same event twice counts once.\n"
    )
    yield "|答复|意思|\n|---|---|" if zh else "|answer|means|\n|---|---|"
    yield from (f"|{status}|{says.of(language)}|" for status, says in ANSWERS.items())


def signals(language: str) -> Iterator[str]:
    import yaml

    from fangxian.detect.kinds.words import read_yaml
    from fangxian.watch.explaining import STAGES
    from fangxian.watch.facts import FACTS
    from fangxian.watch.signals import SHIPPED, shipped_book
    from fangxian.watch.signals.conditions import EVENT_NAMES

    zh = language == "zh"
    named = {type_: name for name, type_ in EVENT_NAMES.items()}
    yield "# 信号与事实\n" if zh else "# Signals and facts\n"
    yield (
        "信号怎么写、怎么算，见[值守](../explanation/watch.md)。\n\n## 事实\n\n条件里可以问的内容。不知道的，任何条件都不成立；号码不忙时，次数是 0，比例不知道。\n"
        if zh
        else "How a signal is written and counted: [The watch](../explanation/watch.md).\n\n## Facts\n\n"
        "What a condition may ask. What is not known fails every condition; of a number that is not busy\n"
        "counts are 0 and shares are not known.\n"
    )
    yield "|事实|哪些事件|写法|含义|\n|---|---|---|---|" if zh else "|fact|events|written|what it is|\n|---|---|---|---|"  # fmt: skip
    for name, fact in FACTS.items():
        of = ", ".join(named[type_] for type_ in fact.of)
        yield f"|`{name}`|{of}|{_asked(fact)}|{fact.says.of(language)}|"
    yield "\n## 自带的信号\n" if zh else "\n## Shipped signals\n"
    raw = read_yaml(SHIPPED)
    for signal in shipped_book().signals:
        asked = {
            key: raw[signal.name][key] for key in ("when", "unless") if key in raw[signal.name]
        }
        written = yaml.safe_dump(asked, default_flow_style=None, sort_keys=False, width=80)
        weight = f"权重 {signal.weight}" if zh else f"weight {signal.weight}"
        stage = STAGES[signal.stage].of(language)
        yield f"### `{signal.name}`\n"
        about = f"（{stage}，{weight}）" if zh else f" ({stage}, {weight})"
        yield signal.says.of(language) + about + "\n"
        yield f"```yaml\n{written}```\n"
        yield f"{'依据' if zh else 'Source'}: {signal.source}\n"


def _asked(fact: Any) -> str:
    """How a condition on it is written."""
    if fact.words:
        return ", ".join(f"`{word}`" for word in fact.words)
    if fact.yes_or_no:
        return "`true`, `false`"
    return {"time": '`">= 8 min"` (s, min, h, days)', "money": '`">= 5000 yuan"` (yuan, fen)', "share": '`">= 0.5"`', "": '`">= 3"`'}[fact.unit]  # fmt: skip


if __name__ == "__main__":
    main()
