"""The assumptions as tables for the documentation."""

from __future__ import annotations

from collections.abc import Iterator

from .callers import CALLERS
from .figures import figures
from .messages import MESSAGES
from .swindles import SWINDLES

_HEADS = {
    "figures": (("名字", "name"), ("是什么", "what it is"), ("数", "figure"), ("出处", "from")),
    "callers": (
        ("谁", "who"), ("每人每天", "a day each"), ("每千人号码数", "lines per 1,000"),
        ("手机/座机/虚拟/境外/服务", "mobile/landline/virtual/overseas/service"),
        ("接通", "answered"), ("秒，中位", "seconds, median"), ("换号天数", "new numbers after days"),
        ("对多少人", "share rung"),
    ),
    "messages": (
        ("什么", "what"), ("每人每天", "a day each"), ("每千人发送方", "senders per 1,000"),
        ("换号天数", "new numbers after days"), ("群发", "in bulk"), ("语料", "genres"),
    ),
    "swindles": (
        ("种类", "kind"), ("每千人每天", "a day per 1,000"), ("谈上", "serious"), ("隔开", "isolated"),
        ("要钱", "asked"), ("付", "paid"), ("电话/短信开头", "opens by call/text"),
        ("一伙一天", "a gang a day"),
        ("手机/座机/虚拟/境外/端口/冒号", "mobile/landline/virtual/overseas/port/forged"),
        ("少/青/中/老", "minor/young/middle/elder"), ("损失，元，中位", "loss, yuan, median"),
        ("验证码", "coded"), ("看不见地付", "paid unseen"), ("天", "days"),
    ),
}  # fmt: skip


def tables(language: str) -> Iterator[str]:
    """The four tables in Markdown, line by line."""
    titles = {
        "figures": ("单个的数", "Single figures"), "callers": ("正当的陌生来电", "Honest strangers who ring"),
        "messages": ("正当的短信", "Honest text messages"), "swindles": ("诈骗", "Swindles"),
    }  # fmt: skip
    english = language == "en"
    for name, rows in (
        ("figures", _figures(language)), ("callers", _callers(language)),
        ("messages", _messages(language)), ("swindles", _swindles(language)),
    ):  # fmt: skip
        heads = [head[english] for head in _HEADS[name]]
        yield from (f"### {titles[name][english]}", "", _row(heads), _row(["---"] * len(heads)))
        yield from (*(_row(row) for row in rows), "")


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _figures(language: str) -> Iterator[list[str]]:
    for name, each in figures().items():
        yield [f"`{name}`", each.says.of(language), f"{float(each):g}", each.basis.of(language)]


def _callers(language: str) -> Iterator[list[str]]:
    own = "每人一个" if language == "zh" else "one each"
    for c in CALLERS:
        lines = f"{c.lines:g}" if c.lines else own
        mix = "/".join(f"{share:g}" for share in c.mix)
        yield [
            f"`{c.key}` {c.says.of(language)}", f"{c.per_day:g}", lines, mix, f"{c.answered:g}",
            f"{c.seconds:g}", f"{c.changes or '-'}", f"{c.among:g}",
        ]  # fmt: skip


def _messages(language: str) -> Iterator[list[str]]:
    known = "熟人" if language == "zh" else "people known"
    for m in MESSAGES:
        genres = "、".join(m.genres) if language == "zh" else ", ".join(m.genres)
        senders = f"{m.senders:g}" if m.senders else known
        told = f"`{m.key}` {m.says.of(language)}"
        yield [
            told,
            f"{m.per_day:g}",
            senders,
            f"{m.changes or '-'}",
            "✓" if m.bulk else "",
            genres,
        ]


def _swindles(language: str) -> Iterator[list[str]]:
    for s in SWINDLES:
        yield [
            f"`{s.kind}` {s.says.of(language)}",
            *(f"{x:g}" for x in (s.attempts, s.serious, s.isolated, s.asked, s.paid)),
            f"{s.calls:g}/{s.texts:g}", f"{s.quota:g}",
            "/".join(f"{x:g}" for x in s.numbers), "/".join(f"{x:g}" for x in s.ages),
            f"{s.loss:,.0f}", f"{s.coded:g}", f"{s.cash:g}", str(s.days),
        ]  # fmt: skip
