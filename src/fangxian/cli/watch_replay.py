"""`fangxian watch replay` and `compare`: what a state told, held against what would be told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .watch_history import History
from .watch_options import BOOK, LANGUAGE, OUT, TOKEN, new_file, web_address

if TYPE_CHECKING:
    from fangxian.detect.kinds import Words
    from fangxian.watch.alerts import Alert

_STATE = click.Path(path_type=Path, exists=True, file_okay=False)
# Warnings that are listed one by one.
SHOWN = 20


@click.command()
@click.argument("state", type=_STATE)
@LANGUAGE
def compare(state: Path, language: str) -> None:
    """What the shadow's book of STATE (watch run --shadow-signals) would have told more and less than
    the live one, while it ran."""
    from fangxian.watch.backtest import compared
    from fangxian.watch.local.checkpoints import Checkpoints
    from fangxian.watch.local.recorded import last_lines, read_again

    last = Checkpoints(state / "checkpoints").newest(_said(language))
    since = last.about.get("shadow_since") if last else None
    if since is None:
        said = {"zh": "{} 里没有影子信号册：请用 watch run --shadow-signals 运行", "en": "{} has no shadow: run watch run --shadow-signals"}  # fmt: skip
        raise click.ClickException(said[language].format(state))
    until = last.about.get("shadow_until") if last else None
    live = read_again(last_lines(state / "warnings", since, until))
    shadow = read_again(last_lines(state / "shadow", since, until))
    told = compared(live, shadow, 1, 1)
    # A warning is known by its resident and first day: where a book sees an earlier day, it is another.
    both = {shadow[id_].resident for id_ in told.gained} & {live[id_].resident for id_ in told.lost}
    gained = [shadow[id_] for id_ in told.gained if shadow[id_].resident not in both]
    lost = [live[id_] for id_ in told.lost if live[id_].resident not in both]
    said = {
        "zh": "现用的 {} 条，影子 {} 条：多出 {}，少了 {}，起始日不同 {}，升级 {}，降级 {}；早 {:.0f} 秒（中位数）",
        "en": "live {}, shadow {}: {} gained, {} lost, {} of another first day, {} raised, {} lowered; "
        "{:.0f} s earlier (median)",
    }
    click.echo(
        said[language].format(
            len(live), len(shadow), len(gained), len(lost), len(both), told.raised, told.lowered,
            told.earlier,
        )
    )  # fmt: skip
    other = [id_ for id_ in live if id_ in shadow and live[id_].grade != shadow[id_].grade]
    _list("+", gained, language)
    _list("-", lost, language)
    _list("~", [shadow[id_] for id_ in sorted(other)], language)


@click.command()
@click.argument("state", type=_STATE)
@click.option("--events", required=True, type=click.Path(path_type=Path, exists=True),
              help="The history: a folder or file of Parquet, CSV, JSON lines.")  # fmt: skip
@click.option("--from", "begin", type=click.DateTime(["%Y-%m-%d"]),
              help="Leave alone warnings that began before this day (Beijing): the history may lack what "
              "led to them.")  # fmt: skip
@click.option("--signals", type=BOOK,
              help="The book of your own that the runner has, beside the shipped one.")  # fmt: skip
@click.option("--out", type=OUT, callback=new_file,
              help="Append what is new or changed to this file; - for standard output.")  # fmt: skip
@click.option(
    "--webhook", metavar="URL", callback=web_address, help="Post it there as CloudEvents."
)
@click.option("--first-line", metavar="URL", callback=web_address,
              help=f"Hand it to the first line there; its key in {TOKEN}.")  # fmt: skip
@click.option("--sender", default="watch", show_default=True, help="As whom, at the first line.")
@LANGUAGE
def replay(
    state: Path, events: Path, begin: datetime | None, signals: Path | None, out: Path | None,
    webhook: str | None, first_line: str | None, sender: str, language: str,
) -> None:  # fmt: skip
    """Run history through the watch again, as after a mistake was mended. Warnings that are new or
    changed against those of STATE are sent, and kept in STATE/replayed: a second replay sends
    nothing. Without --out, --webhook and --first-line they are only listed, and nothing is kept."""
    from fangxian.watch.local.replaying import replay as again
    from fangxian.watch.local.say import CannotRun
    from fangxian.watch.signals import SHIPPED, read_book
    from fangxian.watch.sinks import Unavailable

    from .watch_run import sinks_of

    first_day = None if begin is None else (begin.date() - date(1970, 1, 1)).days
    try:
        book = read_book(SHIPPED, *([signals] if signals else []))
        sinks = sinks_of(state, signals, out, webhook, first_line, sender)
        history = History(events)
        done = again(state, history.batches(), book, sinks, _said(language), first_day)
    except CannotRun as wrong:
        raise click.ClickException(wrong.says.of(language)) from wrong
    except Unavailable as away:
        said = {"zh": "没有全部送出（{}）。再运行一次，已送的不会再送。", "en": "not all were sent ({}). Run it again: what was sent is not sent twice."}  # fmt: skip
        raise click.ClickException(said[language].format(away)) from away
    except (ValueError, OSError) as wrong:
        raise click.ClickException(str(wrong)) from wrong
    history.say_what_is_wrong(language)
    history.say_what_was_left_out(done.outcome, language)
    said = {
        "zh": "与原来相同 {} 条；新增 {} 条、有变化 {} 条，{}；当时报过、现在不会再报的 {} 条",
        "en": "{} as they were; {} new and {} changed, {}; {} were told and would not be told now",
    }
    sent = {
        "zh": "已送出" if sinks else "没有送（没给 --out、--webhook 或 --first-line）",
        "en": "sent" if sinks else "not sent (no --out, --webhook or --first-line)",
    }[language]
    same, new, changed, gone = (len(ids) for ids in (done.same, done.new, done.changed, done.gone))
    # What is told must not stand among the warnings.
    tell = partial(click.echo, err=str(out) == "-")
    tell(said[language].format(same, new, changed, sent, gone))
    for sign, ids in (("+", done.new), ("~", done.changed), ("-", done.gone)):
        for id_ in ids[:SHOWN]:
            tell(f"  {sign} {id_}")
        if len(ids) > SHOWN:
            tell(f"  {sign} … {len(ids) - SHOWN}")


def _said(language: str) -> Any:
    def say(words: Words) -> None:
        click.echo(words.of(language), err=True)

    return say


def _list(sign: str, alerts: Sequence[Alert], language: str) -> None:
    from fangxian.watch.explaining import GRADES, STAGES, masked

    for alert in alerts[:SHOWN]:
        grade, stage = GRADES[alert.grade].of(language), STAGES[alert.stage].of(language)
        click.echo(f"  {sign} {alert.id}  {masked(alert.resident)}  {grade}  {stage}")
    if len(alerts) > SHOWN:
        click.echo(f"  {sign} … {len(alerts) - SHOWN}")
