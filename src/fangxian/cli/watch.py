"""`fangxian watch …`: who is in danger now, at the terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .watch_feedback import fetched, line_of, lines
from .watch_replay import compare, replay
from .watch_run import TOKEN, run
from .watch_spark import spark

if TYPE_CHECKING:
    import pyarrow as pa

    from fangxian.watch.signals import Book

_LANGUAGE = click.option(
    "--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True,
    help="Language of the answer.",
)  # fmt: skip
_FOLDER = click.Path(path_type=Path, exists=True)


@click.group()
def watch() -> None:
    """Events in, warnings out: run, replay, compare, simulate, back-test, explain."""
    try:
        import numba  # noqa: F401
        import pyarrow  # noqa: F401 - whether both are there
    except ImportError as missing:
        said = f"这里缺 {missing.name}：请在项目目录里运行 pip install '.[watch]' / needs {missing.name}"
        raise click.ClickException(said) from missing


@watch.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--residents", default=10_000, show_default=True, help="How many live there.")
@click.option("--days", default=7, show_default=True)
@click.option("--seed", default=1, show_default=True, help="The same seed writes the same bytes.")
@click.option("--events", type=int, help="Stop at so many events.")
@click.option("--intensity", default=1.0, show_default=True,
              help="So many times as many victims, for a small town that is to have some.")  # fmt: skip
def simulate(
    folder: Path, residents: int, days: int, seed: int, events: int | None, intensity: float
) -> None:
    """Write an invented town's events, with swindles woven in, and the truth about them."""
    from fangxian.watch.simulate import simulate as live

    try:
        made = live(
            folder, residents=residents, days=days, seed=seed, events=events, intensity=intensity,
            say=click.echo,
        )  # fmt: skip
    except (ValueError, FileExistsError) as wrong:
        raise click.ClickException(str(wrong)) from wrong
    click.echo(f"{made.events:,} events, {made.attempts:,} attempts, {made.victims:,} victims")


@watch.command()
@click.argument("events", type=_FOLDER)
@click.option("--signals", type=_FOLDER, help="A book of your own, beside the shipped one.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False),
              help="Write the warnings there, one JSON a line.")  # fmt: skip
@click.option("--from", "begin", type=click.DateTime(["%Y-%m-%d"]), help="First day (Beijing).")
@click.option("--to", "end", type=click.DateTime(["%Y-%m-%d"]), help="Last day (Beijing).")
@click.option("--officers", default=1, show_default=True, help="Who share the warnings.")
@click.option("--truth", type=_FOLDER, help="truth.parquet of a simulated town.")
@click.option("--learning", default=0, show_default=True, metavar="DAYS",
              help="Days at first in which the watch learns who is known; not held against the truth.")  # fmt: skip
@_LANGUAGE
def backtest(
    events: Path, signals: Path | None, out: Path | None, begin: datetime | None, end: datetime | None, officers: int,
    truth: Path | None, learning: int, language: str,
) -> None:  # fmt: skip
    """What a book of signals would have told of EVENTS, a folder or file of Parquet, CSV or JSON
    lines; with --signals, beside the shipped book."""
    from fangxian.watch.backtest import compared, replayed
    from fangxian.watch.signals import shipped_book

    days: set[int] = set()
    old = replayed(_batches(events, begin, end, days, language), shipped_book())
    books = {"shipped": old}
    if signals:
        new = replayed(_batches(events, begin, end, set(), language), _book(signals))
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

    about = json.loads((truth.parent / "about.json").read_text(encoding="utf-8"))
    made = about["arguments"]
    begin = int(datetime.fromisoformat(made["start"]).timestamp() * 1e6) + learning * DAY
    attempts = list(attempts_of(pq.read_table(truth), begin, made["intensity"]))
    days = about["made"]["resident_days"] - learning * made["residents"]
    if days <= 0:
        raise click.UsageError(
            f"--learning: the town lived {made['days']} days, all would be learning"
        )
    said = {
        "zh": "{} {}以上：{} 名受害人中 {} 名在首次付款前得到预警（看得见迹象的 {} 名），中位提前 {} 分钟；"
              "每千人每天 {:.3f} 条，其中 {:.0%} 与诈骗无关",
        "en": "{} {} and more: of {} victims {} were warned before the first payment ({} could be seen), "
              "{} minutes before in the middle; {:.3f} a day and 1,000 residents, {:.0%} of them about no "
              "swindle",
    }[language]  # fmt: skip
    for grade, _ in GRADES:
        j = judged(warnings, attempts, days, grade, begin)
        lead = "-" if j.lead is None else f"{j.lead:.0f}"
        share = j.false / j.load if j.load else 0.0
        shown = GRADE_NAMES[grade].of(language)
        click.echo(
            said.format(name, shown, len(j.victims), len(j.warned), j.visible, lead, j.a_day, share)
        )


def _batches(
    folder: Path, begin: datetime | None, end: datetime | None, days: set[int], language: str
) -> Iterator[pa.Table]:
    """The events of those days; `days` learns which there are."""
    import numpy as np
    import pyarrow as pa

    from fangxian.watch.alerts import day_of, start_of
    from fangxian.watch.reading import read_files

    first = -(1 << 62) if begin is None else start_of(_day(begin))
    last = 1 << 62 if end is None else start_of(_day(end) + 1)
    aside = 0
    for read in read_files([folder]):
        aside += len(read.wrong)
        times = np.asarray(read.events["time"].cast(pa.int64()).to_numpy())
        kept = (times >= first) & (times < last)
        days.update(range(day_of(int(times[kept].min())), day_of(int(times[kept].max())) + 1) if kept.any() else ())  # fmt: skip
        yield read.events if kept.all() else read.events.filter(pa.array(kept))
    if aside:
        said = {"zh": "{} 条事件不能用，已放在一边", "en": "{} events could not be used and were set aside"}  # fmt: skip
        click.echo(said[language].format(f"{aside:,}"), err=True)


def _day(given: datetime) -> int:
    return (given.date() - date(1970, 1, 1)).days


def _book(own: Path | None) -> Book:
    from fangxian.watch.signals import SHIPPED, read_book

    try:
        return read_book(SHIPPED, *([own] if own else []))
    except ValueError as wrong:
        raise click.ClickException(str(wrong)) from wrong


@watch.command()
@click.argument("alert")
@click.option("--warnings", "where", type=_FOLDER, required=True,
              help="A file of warnings, one JSON a line, or a folder of such files.")  # fmt: skip
@click.option("--signals", type=_FOLDER, help="The book of your own that was used.")
@_LANGUAGE
def explain(alert: str, where: Path, signals: Path | None, language: str) -> None:
    """The events, windows and signals behind the warning ALERT (its id, or how it begins)."""
    from fangxian.watch.explaining import explained

    files = sorted(where.glob("*.jsonl")) if where.is_dir() else [where]
    found: dict[str, Any] = {}
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines():
            if alert in line:
                one = json.loads(line)
                if one["id"].startswith(alert):
                    found[one["id"]] = one  # the last said of it holds
    if len(found) != 1:
        said = {"zh": "{} 里有 {} 条编号以 {} 开头的预警", "en": "{} has {} warnings whose id begins with {}"}  # fmt: skip
        raise click.ClickException(said[language].format(where, len(found), alert))
    [one] = found.values()
    click.echo("\n".join(explained(one, _book(signals), language)))


@watch.command()
@click.option("--signals", "own", type=_FOLDER, help="A book of your own, beside the shipped one.")
@click.option("--feedback", "where", metavar="FILE_OR_URL",
              help=f"Beside each weight, what officers found: what the first line's "
              f"/api/v1/signals/feedback tells, as a file or from its address (key in {TOKEN}).")  # fmt: skip
@_LANGUAGE
def signals(own: Path | None, where: str | None, language: str) -> None:
    """The signals there are. A mistake in a book is told with its place."""
    book = _book(own)
    told = (
        lines(book, fetched(where), language)
        if where
        else (line_of(s, language) for s in book.signals)
    )
    for line in told:
        click.echo(line)


for _command in (run, replay, compare, spark):
    watch.add_command(_command)
