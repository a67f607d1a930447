"""`fangxian watch spark`: the watch on many machines."""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .watch_options import BOOK

if TYPE_CHECKING:
    from fangxian.watch.spark import Files, Kafka

SUBMIT = "PYSPARK_SUBMIT_ARGS"
_FOLDER = click.Path(path_type=Path, file_okay=False)


def _a_master(_context: click.Context, given: click.Parameter, master: str | None) -> str | None:
    """Raises BadParameter for what Spark would answer with a page of Java."""
    if master and not re.match(
        r"local(\[.+\])?$|local-cluster\[.+\]$|(spark|k8s)://.|yarn$", master
    ):
        expected = "local[2], local-cluster[2,1,1024], spark://…, k8s://…, yarn"
        raise click.BadParameter(f"{master!r}，应如 (expected) {expected}", param=given)
    return master


@click.command()
@click.option("--events", type=click.Path(path_type=Path, exists=True, file_okay=False),
              help="A folder of files: Parquet, CSV, JSON lines.")  # fmt: skip
@click.option("--kafka", metavar="KEY=VALUE", multiple=True,
              help="Options of Spark's Kafka source: kafka.bootstrap.servers=…, subscribe=… and others.")  # fmt: skip
@click.option("--state", type=_FOLDER, required=True,
              help="A folder that all machines see; killed and started again, the watch goes on.")  # fmt: skip
@click.option("--out", type=_FOLDER, required=True,
              help="A folder for warnings: a file of JSON lines for each batch.")  # fmt: skip
@click.option(
    "--master",
    callback=_a_master,
    help=f"Where Spark runs, such as local[2]; left out where {SUBMIT} says it.",
)
@click.option("--shares", type=click.IntRange(min=1), default=8, show_default=True,
              help="Into how many numbers and residents are split: two or three for each core. It cannot be changed later.")  # fmt: skip
@click.option(
    "--files",
    type=click.IntRange(min=1),
    default=16,
    show_default=True,
    help="How many files make a batch, at most.",
)
@click.option(
    "--once", is_flag=True, help="What is there now is all: its end is the end of all events."
)
@click.option("--signals", type=BOOK,
              help="A book of your own, beside the shipped one.")  # fmt: skip
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True,
              help="Language of the messages.")  # fmt: skip
def spark(
    events: Path | None, kafka: tuple[str, ...], state: Path, out: Path, master: str | None,
    shares: int, files: int, once: bool, signals: Path | None, language: str,
) -> None:  # fmt: skip
    """Watch with Apache Spark: the same warnings as `watch run` gives, by many machines."""
    from fangxian.detect.kinds import Words
    from fangxian.watch.local.say import CannotRun
    from fangxian.watch.signals import SHIPPED, read_book
    from fangxian.watch.spark import LinesFolder, run, session

    def say(words: Words) -> None:
        click.echo(words.of(language), err=True)

    if not master and not os.environ.get(SUBMIT):
        raise click.UsageError(
            f"请用 --master 或 {SUBMIT} 说明 Spark 在哪里运行 (say where Spark runs, by --master or {SUBMIT})"
        )
    stop = threading.Event()
    for asked in (signal.SIGTERM, signal.SIGINT):
        signal.signal(asked, lambda *_: stop.set())
    source = _source(events, kafka, files)
    try:
        book = read_book(SHIPPED, *([signals] if signals else []))
        one = session(master)
        ended = run(
            one,
            state,
            source,
            [LinesFolder(out)],
            book,
            shares=shares,
            once=once,
            say=say,
            stop=stop,
        )
    except CannotRun as cannot:
        raise click.ClickException(cannot.says.of(language)) from cannot
    except (ValueError, OSError) as wrong:
        raise click.ClickException(str(wrong)) from wrong
    sys.exit(0 if ended or not once else 3)


def _source(events: Path | None, kafka: tuple[str, ...], files: int) -> Files | Kafka:
    from fangxian.watch.spark import Files, Kafka

    if (events is None) == (not kafka):
        raise click.UsageError("请给 --events 或 --kafka 之一 (give one of --events, --kafka)")
    if events is not None:
        return Files(events, files)
    pairs = [option.partition("=") for option in kafka]
    if not all(sign for _, sign, _ in pairs):
        wrong = next(option for option, pair in zip(kafka, pairs, strict=True) if not pair[1])
        raise click.UsageError(f"--kafka {wrong!r}，应如 (expected) KEY=VALUE")
    return Kafka({name: value for name, _, value in pairs})
