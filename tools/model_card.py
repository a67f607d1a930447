"""The model card and the tables of figures, in both languages, from docs/figures.json."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

FIGURES = Path(__file__).resolve().parents[1] / "docs" / "figures.json"

# Every set by its name in fangxian.detect.training: what it is, and whether it may train.
SETS = {
    "own": ("自己的语料", "our own corpus"),
    "nus": ("个人短信（NUS）", "personal SMS (NUS)"),
    "teleantifraud": ("生成的通话（TeleAntiFraud）", "generated dialogues (TeleAntiFraud)"),
    "english": ("英文短信（Mendeley）", "English SMS (Mendeley)"),
    "fbs": ("真实伪基站短信，只测量", "real fake-base-station SMS, measure only"),
    "telecom5": ("生成的新型短信，只测量", "generated modern SMS, measure only"),
    "held": ("留出的作者，只测量", "author held back, measure only"),
}
LEFT = ("，没有学过", ", not learned from")


@cache
def measured() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FIGURES.read_text(encoding="utf-8"))
    return found


def named(source: str, language: str) -> str:
    name, left, _ = source.partition(", not learned from")
    at = 0 if language == "zh" else 1
    return SETS[name][at] + (LEFT[at] if left else "")


def rate(row: dict[str, Any] | None) -> str:
    if row is None:
        return ""
    low, high = row["interval"]
    return f"{row['rate']:.3f} [{low:.3f}, {high:.3f}]"


def per_set(language: str, rows: list[dict[str, Any]]) -> Iterator[str]:
    """One line a set: at the threshold, and what needs both sides."""
    head = (
        ("数据", "条数", "查出率", "误报率", "AUC", "误报 1 % 时查出率", "ECE")
        if language == "zh"
        else ("set", "texts", "recall", "false alarms", "AUC", "recall at 1 %", "ECE")
    )
    yield "| " + " | ".join(head) + " |"
    yield "| --- |" + " ---: |" * (len(head) - 1)
    by = {(row["source"], row["genre"]): row for row in rows}
    for source in dict.fromkeys(row["source"] for row in rows):
        fraud, honest = by.get((source, "fraud")), by.get((source, "honest"))
        whole = by.get((source, ""), {})
        texts = sum(side["texts"] for side in (fraud, honest) if side)
        more = (f"{whole[key]:.3f}" if key in whole else "" for key in ("auc", "at_one", "ece"))
        cells = (named(source, language), f"{texts:,}", rate(fraud), rate(honest), *more)
        yield "| " + " | ".join(cells) + " |"


def per_genre(language: str, source: str) -> Iterator[str]:
    """Every genre of one set: how much of it is flagged."""
    from fangxian.detect.kinds.names import kind_name, known_keys

    zh = language == "zh"
    sides = {True: ("诈骗", "fraud"), False: ("不是", "honest")}
    yield "| 类型 | | 条数 | 判为诈骗 |" if zh else "| genre | | texts | flagged |"
    yield "| --- | --- | ---: | ---: |"
    for row in measured()["evaluate"]:
        if row["source"] == source and row["genre"] not in ("", "fraud", "honest"):
            name = row["genre"]
            if row["fraud"] and name in known_keys():
                name = kind_name(name).of(language)
            side = sides[row["fraud"]][0 if zh else 1]
            yield f"| {name} | {side} | {row['texts']:,} | {rate(row)} |"


def calls(language: str) -> Iterator[str]:
    zh = language == "zh"
    yield (
        "| 通话 | 正常/诈骗 | 对方说 1 句后 | 2 句 | 3 句 | 全部 | 正常通话曾被判 |"
        if zh
        else "| calls | honest / fraud | after 1 caller turn | 2 | 3 | all | honest ever flagged |"
    )
    yield "| --- |" + " ---: |" * 6
    heard = {"both sides": "", "caller only": "，只听对方" if zh else ", caller only"}
    for row in measured()["calls"]:
        source, _, sides = row["source"].partition(", ")
        left = LEFT[0 if zh else 1] if source in ("own", "teleantifraud") else ""
        honest, fraud = row["calls"]
        cells = [f"{SETS[source][0 if zh else 1]}{left}{heard[sides]}", f"{honest:,}/{fraud:,}"]
        cells += [f"{each:.3f}" for each in (*row["at_one"], row["ever_honest"])]
        yield "| " + " | ".join(cells) + " |"


def disguise(language: str) -> Iterator[str]:
    """What disguise costs, in all ways together; the model card has no more of it."""
    zh = language == "zh"
    ways = {
        "any": ("任意，一到三种一起", "any, one to three at once"),
        "never trained": ("另放的六种", "the six set apart"),
    }
    yield (
        "| 数据 | 写法 | 查出率：原样 → 伪装 | 少了 | 误报率：原样 → 伪装 |"
        if zh
        else "| set | ways | recall, as written → disguised | lost | false alarms |"
    )
    yield "| --- | --- | --- | ---: | --- |"
    for row in measured()["disguise"]:
        if row["way"] in ways and row["fraud"] and row["source"] != "teleantifraud":
            before, after = row["recall"]
            cells = (
                named(row["source"], language),
                ways[row["way"]][0 if zh else 1],
                f"{before:.3f} → {after:.3f}",
                f"{before - after:.3f}",
                "{:.3f} → {:.3f}".format(*row["alarms"]),
            )
            yield "| " + " | ".join(cells) + " |"


MIXES = {
    "60 characters": "60 个字",
    "own length, as in life": "原长，和生活里一样",
    "own length, half fraud": "原长，一半诈骗",
}


def speed(language: str) -> Iterator[str]:
    """Messages a second of `check_many`, and how many times as fast as what else there is."""
    zh = language == "zh"
    found = measured()["speed"]
    others = [n for n in next(iter(found["messages_per_s"].values())) if n != "check_many"]
    named_others = {
        "from Arrow": "从 Arrow 读",
        "bare kernel": "光查表的核",
        "bare, in blocks": "光查表，分块",
    }
    first = ("短信", "`check_many`，每秒条数") if zh else ("messages", "`check_many`, a second")
    heads = [named_others.get(n, n) if zh else n for n in others]
    yield "| " + " | ".join((*first, *(f"÷ {head}" for head in heads))) + " |"
    yield "| --- |" + " ---: |" * (len(heads) + 1)
    for mix, rates in found["messages_per_s"].items():
        cells = [MIXES.get(mix, mix) if zh else mix, f"{rates['check_many']:,.0f}"]
        cells += [f"{rates['check_many'] / rates[n]:.2f}" for n in others]
        yield "| " + " | ".join(cells) + " |"
    yield ""
    one = found["one_us"]
    yield (
        f"一条一条看：中位数 {one['p50']:.0f} µs，p99 {one['p99']:.0f} µs（不算理由）。新进程看第一条 "
        f"{found['first_check_of_a_process_s']:.2f} s，命令行连理由 {found['command_line_s']:.2f} s。"
        f"模型占内存 {found['model_mib']:.0f} MiB。"
        if zh
        else f"One at a time: p50 {one['p50']:.0f} µs, p99 {one['p99']:.0f} µs, without reasons. First "
        f"check of a new process {found['first_check_of_a_process_s']:.2f} s; the command line, with "
        f"reasons, {found['command_line_s']:.2f} s. The model takes {found['model_mib']:.0f} MiB."
    )


def learned(language: str) -> Iterator[str]:
    yield "| 数据 | 正常 | 诈骗 |" if language == "zh" else "| set | honest | fraud |"
    yield "| --- | ---: | ---: |"
    for source, count in measured()["learned"].items():
        yield f"| {named(source, language)} | {count['honest']:,} | {count['fraud']:,} |"


def model_card(language: str) -> Iterator[str]:
    """The page, in the order that Mitchell et al., Model Cards for Model Reporting (2019), gave."""
    text = TEXT[language]
    yield text["head"].format(digest=measured()["model"][:16])
    yield from learned(language)
    yield text["measured"]
    yield from per_set(language, measured()["evaluate"])
    yield text["left_out"]
    yield from per_set(language, measured()["left_out"])
    yield text["calls"]
    yield from calls(language)
    for source in ("held", "telecom5", "fbs"):
        yield f"\n### {named(source, language)}\n"
        yield from per_genre(language, source)
    yield text["end"]


TEXT = {
    "zh": {
        "head": """# 模型卡：文字模型

`fangxian/detect/model/text.model`，SHA-256 开头 `{digest}`。本页的数字都由 `tools/figures.py` 测得、由
`tools/reference.py` 写入；换了模型而没有重测，测试会失败。

## 是什么

- 散列字符 n 元组上的线性模型，三个附带的分类头（骗局类型、正常体裁、骗到哪一步）；做法见[检测器](../explanation/detector.md)。
- 进：一段文字（短信、聊天、帖子、通知、通话转写），中文为主，也看英文。出：一半是诈骗时的概率，一个固定的线，理由。
- 许可 Apache-2.0，和本项目相同。

## 给谁用，不给谁用

- 给居民、社区民警、村社干部、网格员：看一条消息要不要当心；给有权处理这些数据的单位：从大量消息里先看哪些。
- **不能**凭它自动停机、冻结、处罚、拒绝服务，也不能凭它断定谁是骗子：它只看文字，不知道谁发的。
- 不用来读别人的私信。没有法律授权，拿不到的数据就不该拿来判。

## 学过什么

自己的语料是一条一条写的，作者是各有任务书的语言模型，没有真人的消息；公开数据见
[检测器](../explanation/detector.md)。“只测量”的数据不能进训练，测试会试着放进去。
""",
        "measured": """
## 测得怎样

在模型自己的那条线上；方括号里是 95 % 区间，按作者、活动、文件成组重抽，不按条抽。公开数据只用没有训练过的部分。
""",
        "left_out": """
### 拿走一份数据再学，用它来考

一份数据考它自己说明不了什么：它的两边常常是不同的人写的。这张表里每一行，都是另学一个没有见过那份数据的模型：
""",
        "calls": "\n### 通话\n",
        "end": """
## 会在哪里出错

- 像家常话的诈骗，一条消息看不出来；提醒别上当的话和骗人的话用词相同，短的两种都会看错。
- 语料多半由语言模型写成，方言少，2014 年以前的少；英文最弱。
- 赌博广告有一成多会被当成诈骗；股票群广告会漏掉（上面的表里 `IL:Gambling`、`FR:Financial`）。
- 概率按“一半是诈骗”校准。手机里真正的诈骗少得多：0.95 的消息在二百里有一条诈骗时，一百条里约九条真是诈骗。

## 对人的影响

误报让人白担心，漏报让人丢钱，两样都写在每一页的建议里：没看出问题，不等于没问题。谁被标记，谁都可以申诉；
结论由人下。语料里的人和号码都是编的，号码谁也不会有。
""",
    },
    "en": {
        "head": """# Model card: the text model

`fangxian/detect/model/text.model`, SHA-256 begins `{digest}`. Every figure on this page was measured by
`tools/figures.py` and written here by `tools/reference.py`; a model that was changed and not measured
again fails a test.

## What it is

- A linear model on hashed character n-grams with three heads (kind of fraud, genre of an honest text,
  stage reached); the method is in [The detector](../explanation/detector.md).
- In: a text (SMS, chat, post, notice, a call put down in words), Chinese first, English too. Out: the
  probability where half of all texts are fraud, one fixed threshold, reasons.
- Licence: Apache-2.0, like the project.

## Who it is for, and who not

- Residents, community officers, village staff, grid workers: is this message one to beware of? Bodies
  with the legal power to hold such data: which of many messages to look at first.
- **Not** for switching off, freezing, punishing or refusing anybody without a person's decision, and
  not for saying who is a swindler: it reads words and does not know who sent them.
- Not for reading other people's messages. What the law does not let one hold must not be judged.

## What it has learned from

Our own corpus was written one by one by language models, each with a brief of its own; it holds no
message of a real person. The public sets are described in [The detector](../explanation/detector.md).
What is for measuring only cannot get into training; a test tries.
""",
        "measured": """
## What was measured

At the model's own threshold; in brackets 95 % intervals, redrawn by author, campaign or file, not by
text. Of public sets only what did not train.
""",
        "left_out": """
### A set left out, and tried on it

What a set says about itself proves little: its two sides often have different writers. Each line is
another model, one that never met that set:
""",
        "calls": "\n### Calls\n",
        "end": """
## Where it errs

- A fraud that sounds like everyday life is not seen in one message. Warnings use the swindlers' own
  words: of short ones it gets both sides wrong.
- Most of the corpus was written by language models; dialects and texts older than 2014 are few. English
  is weakest.
- More than one in ten gambling adverts is taken for fraud, and adverts of stock groups are missed
  (`IL:Gambling` and `FR:Financial` above).
- The probability is calibrated where half of all texts are fraud. On a telephone far fewer are: where
  one in two hundred is, a text given 0.95 is fraud in about nine of a hundred cases.

## What it does to people

A false alarm worries somebody for nothing, a miss costs money; the advice says both every time. Whoever
is flagged can appeal, and a person decides. People and numbers in the corpus are invented, and nobody
can have the numbers.
""",
    },
}
