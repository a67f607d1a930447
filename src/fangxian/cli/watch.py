"""`fangxian watch …`: who is in danger now, at the terminal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from fangxian.extras import how_to_get

from .watch_backtest import backtest, book_of
from .watch_feedback import fetched, line_of, lines
from .watch_options import BOOK, LANGUAGE, TOKEN
from .watch_replay import compare, replay
from .watch_run import run
from .watch_spark import spark

_FOLDER = click.Path(path_type=Path, exists=True)
# Ids that are listed where more than one fits.
SHOWN = 10


@click.group()
def watch() -> None:
    """Events in, warnings out: run, replay, compare, simulate, back-test, explain."""
    try:
        import numba  # noqa: F401
        import pyarrow  # noqa: F401 - whether both are there
    except ImportError as missing:
        how = how_to_get("watch")
        said = f"这里缺 {missing.name}：请运行 {how} ({missing.name} is missing: run {how})"
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
@click.argument("alert")
@click.option("--warnings", "where", type=_FOLDER, required=True,
              help="A file of warnings, one JSON a line, or a folder of such files.")  # fmt: skip
@click.option("--signals", type=BOOK, help="The book of your own that was used.")
@LANGUAGE
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
        some = "".join(f"\n  {id_}" for id_ in [*sorted(found)[:SHOWN], *(["…"] if len(found) > SHOWN else [])])  # fmt: skip
        raise click.ClickException(said[language].format(where, len(found), alert) + some)
    [one] = found.values()
    click.echo("\n".join(explained(one, book_of(signals), language)))


@watch.command()
@click.option("--signals", "own", type=BOOK, help="A book of your own, beside the shipped one.")
@click.option("--feedback", "where", metavar="FILE_OR_URL",
              help=f"Beside each weight, what officers found: what the first line's "
              f"/api/v1/signals/feedback tells, as a file or from its address (key in {TOKEN}).")  # fmt: skip
@LANGUAGE
def signals(own: Path | None, where: str | None, language: str) -> None:
    """The signals there are. A mistake in a book is told with its place."""
    book = book_of(own)
    told = (
        lines(book, fetched(where), language)
        if where
        else (line_of(s, language) for s in book.signals)
    )
    for line in told:
        click.echo(line)


for _command in (run, replay, compare, backtest, spark):
    watch.add_command(_command)
