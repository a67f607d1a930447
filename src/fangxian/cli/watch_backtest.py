"""`fangxian watch backtest`: what books of signals would have told of history."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .watch_history import History
from .watch_options import BOOK, LANGUAGE, new_file

if TYPE_CHECKING:
    import pyarrow as pa

    from fangxian.watch.signals import Book

_FOLDER = click.Path(path_type=Path, exists=True)


@click.command()
@click.argument("events", type=_FOLDER)
@click.option("--signals", type=BOOK, help="A book of your own, beside the shipped one.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), callback=new_file,
              help="Write the warnings there, one JSON a line.")  # fmt: skip
@click.option("--from", "begin", type=click.DateTime(["%Y-%m-%d"]), help="First day (Beijing).")
@click.option("--to", "end", type=click.DateTime(["%Y-%m-%d"]), help="Last day (Beijing).")
@click.option(
    "--officers",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Who share the warnings.",
)
@click.option("--truth", type=_FOLDER, help="truth.parquet of a simulated town.")
@click.option("--learning", type=click.IntRange(min=0), default=0, show_default=True, metavar="DAYS",
              help="Days at first in which the watch learns who is known; not held against the truth.")  # fmt: skip
@LANGUAGE
def backtest(
    events: Path, signals: Path | None, out: Path | None, begin: datetime | None, end: datetime | None, officers: int,
    truth: Path | None, learning: int, language: str,
) -> None:  # fmt: skip
    """What a book of signals would have told of EVENTS, a folder or file of Parquet, CSV or JSON
    lines; with --signals, beside the shipped book."""
    from fangxian.watch.backtest import compared, replayed
    from fangxian.watch.signals import shipped_book

    own = book_of(signals) if signals else None
    history, period = History(events), _Period(begin, end)
    shipped = replayed(period.of(history.batches()), shipped_book())
    old = shipped.warnings
    history.say_what_is_wrong(language)
    history.say_what_was_left_out(shipped, language)
    period.say_where_it_is_empty(language)
    days = period.days
    books = {{"zh": "自带的信号", "en": "shipped"}[language]: old}
    if own and signals:
        new = replayed(period.of(history.batches()), own).warnings
        books[signals.name] = new
        told = compared(old, new, max(1, len(days)), officers)
        said = {
            "zh": "多出 {} 条，少了 {} 条；升级 {}，降级 {}；提前 {:.0f} 秒（中位数）",
            "en": "{} gained, {} lost; {} raised, {} lowered; {:.0f} s earlier (median)",
        }[language]
        click.echo(
            said.format(len(told.gained), len(told.lost), told.raised, told.lowered, told.earlier)
        )
    load = {
        "zh": "{}：{} 条预警，每人每天 {:.1f} 条",
        "en": "{}: {} warnings, {:.1f} a day and officer",
    }
    for name, warnings in books.items():
        a_day = len(warnings) / max(1, len(days)) / officers
        click.echo(load[language].format(name, len(warnings), a_day))
    if truth:
        for name, warnings in books.items():
            _judge(name, warnings, truth, learning, language)
    if out:
        last = list(books.values())[-1]
        lines = (last[id_].written() + "\n" for id_ in sorted(last))
        out.write_text("".join(lines), encoding="utf-8")


def _judge(name: str, warnings: Any, truth: Path, learning: int, language: str) -> None:
    import pyarrow.parquet as pq

    from fangxian.watch.alerts import DAY, GRADES
    from fangxian.watch.backtest import attempts_of, judged
    from fangxian.watch.explaining import GRADES as GRADE_NAMES

    try:
        about = json.loads((truth.parent / "about.json").read_text(encoding="utf-8"))
        made = about["arguments"]
        begin = int(datetime.fromisoformat(made["start"]).timestamp() * 1e6) + learning * DAY
        attempts = list(attempts_of(pq.read_table(truth), begin, made["intensity"]))
    except (OSError, ValueError, KeyError) as wrong:
        expected = {
            "zh": "--truth {}：应为 watch simulate 写的 truth.parquet，旁边有它的 about.json",
            "en": "--truth {}: expected truth.parquet as watch simulate wrote it, with its about.json beside it",
        }  # fmt: skip
        raise click.ClickException(expected[language].format(truth)) from wrong
    days = about["made"]["resident_days"] - learning * made["residents"]
    if days <= 0:
        raise click.UsageError(
            f"--learning: the town lived {made['days']} days, all would be learning"
        )
    said = {
        "zh": "{} {}以上：{} 名受害人（看得见迹象的 {} 名）中 {} 名在首次付款前得到预警{}；每千人每天 {:.3f} 条，"
              "其中 {:.0%} 与诈骗无关",
        "en": "{} {} and more: of {} victims ({} could be seen) {} were warned before the first payment{}; "
              "{:.3f} a day and 1,000 residents, {:.0%} of them about no swindle",
    }[language]  # fmt: skip
    early = {"zh": "，中位提前 {:.0f} 分钟", "en": ", {:.0f} minutes before in the middle"}[
        language
    ]
    for grade, _ in GRADES:
        j = judged(warnings, attempts, days, grade, begin)
        lead = "" if j.lead is None else early.format(j.lead)
        share = j.false / j.load if j.load else 0.0
        shown = GRADE_NAMES[grade].of(language)
        click.echo(
            said.format(name, shown, len(j.victims), j.visible, len(j.warned), lead, j.a_day, share)
        )


class _Period:
    """From the first day on until the last (Beijing), each open where it is None. `days`: those that
    had events, and those between."""

    def __init__(self, begin: datetime | None, end: datetime | None) -> None:
        from fangxian.watch.alerts import start_of

        self._first = -(1 << 62) if begin is None else start_of(_day(begin))
        self._last = 1 << 62 if end is None else start_of(_day(end) + 1)
        self.days: set[int] = set()
        self._seen: list[int] = []

    def of(self, batches: Iterable[pa.Table]) -> Iterator[pa.Table]:
        """The events in it."""
        import numpy as np
        import pyarrow as pa

        from fangxian.watch.alerts import day_of

        for events in batches:
            times = np.asarray(events["time"].cast(pa.int64()).to_numpy())
            if len(times):
                self._seen += [int(times.min()), int(times.max())]
            kept = (times >= self._first) & (times < self._last)
            if kept.any():
                ends = times[kept]
                self.days.update(range(day_of(int(ends.min())), day_of(int(ends.max())) + 1))
            yield events if kept.all() else events.filter(pa.array(kept))

    def say_where_it_is_empty(self, language: str) -> None:
        """On standard error, with the days that there are."""
        if self.days:
            return
        said = {"zh": "这些天里没有事件；事件从 {} 到 {}", "en": "no event in these days; there are some from {} to {}"}  # fmt: skip
        from fangxian.watch.alerts import BEIJING

        ends = [
            datetime.fromtimestamp(at / 1e6, UTC).astimezone(BEIJING).date()
            for at in (min(self._seen), max(self._seen))
        ]
        click.echo(said[language].format(*ends), err=True)


def _day(given: datetime) -> int:
    return (given.date() - date(1970, 1, 1)).days


def book_of(own: Path | None) -> Book:
    """The shipped signals and those of a book of one's own. Raises ClickException with the place of
    a mistake."""
    from fangxian.watch.signals import SHIPPED, read_book

    try:
        return read_book(SHIPPED, *([own] if own else []))
    except ValueError as wrong:
        raise click.ClickException(str(wrong)) from wrong
