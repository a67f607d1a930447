"""`fangxian watch run`: events from files, standard input, HTTP or a broker; warnings to where they
are wanted."""

from __future__ import annotations

import json
import os
import re
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .watch_history import unread
from .watch_options import BOOK, OUT, TOKEN, new_file, web_address

if TYPE_CHECKING:
    from fangxian.watch.local import Source
    from fangxian.watch.local.say import Say
    from fangxian.watch.sinks import Refused


@click.command()
@click.argument("state", type=click.Path(path_type=Path, file_okay=False))
@click.option("--events", type=click.Path(path_type=Path, exists=True),
              help="A folder or file: Parquet, CSV, JSON lines. Its end is the end.")  # fmt: skip
@click.option("--follow", is_flag=True,
              help="Of a folder: read files that come later as well, in the order of their names, each "
              "once it has not changed for two seconds.")  # fmt: skip
@click.option("--http", type=click.IntRange(0, 65_535), metavar="PORT",
              help="Take events at http://127.0.0.1:PORT/events.")  # fmt: skip
@click.option("--nats", metavar="SERVER/STREAM", help="A JetStream, as nats://host:4222/stream.")
@click.option("--stdin", is_flag=True, help="One CloudEvent a line.")
@click.option("--signals", type=BOOK,
              help="A book of your own, beside the shipped one; read again when it changes.")  # fmt: skip
@click.option("--out", type=OUT, callback=new_file,
              help="Append warnings to this file, one JSON a line; - for standard output.")  # fmt: skip
@click.option("--parquet", type=click.Path(path_type=Path, file_okay=False),
              help="Write warnings into this folder, a Parquet file for each checkpoint.")  # fmt: skip
@click.option(
    "--webhook", metavar="URL", callback=web_address, help="Post warnings there as CloudEvents."
)
@click.option("--first-line", metavar="URL", callback=web_address,
              help=f"Hand warnings to the first line there; its key in {TOKEN}.")  # fmt: skip
@click.option("--shadow", is_flag=True,
              help="Send nothing anywhere: warnings are only kept in STATE/warnings.")  # fmt: skip
@click.option("--shadow-signals", type=BOOK,
              help="A second book on trial: its warnings are kept in STATE/shadow, and `watch compare` "
              "holds them against the live ones.")  # fmt: skip
@click.option("--view", is_flag=True,
              help="Show in the terminal how it stands: rate, lag, memory, the last warnings.")  # fmt: skip
@click.option("--sender", default="watch", show_default=True, help="As whom, at the first line.")
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True,
              help="Language of the messages.")  # fmt: skip
def run(
    state: Path, events: Path | None, follow: bool, http: int | None, nats: str | None, stdin: bool,
    signals: Path | None, out: Path | None, parquet: Path | None, webhook: str | None,
    first_line: str | None, shadow: bool, shadow_signals: Path | None, view: bool, sender: str, language: str,
) -> None:  # fmt: skip
    """Watch, with everything safe in the folder STATE: killed and started again, it goes on.

    Warnings are kept in STATE/warnings, what cannot be used in STATE/aside, figures in
    STATE/metrics.prom.
    """
    from fangxian.detect.kinds import Words
    from fangxian.watch.local import run as watch_on
    from fangxian.watch.local.say import CannotRun
    from fangxian.watch.sinks import ParquetFolder

    from .watch_view import View

    given = {"--events": events is not None, "--http": http is not None, "--nats": nats is not None, "--stdin": stdin}  # fmt: skip
    if sum(given.values()) != 1:
        named = ", ".join(option for option, is_given in given.items() if is_given) or "none"
        raise click.UsageError(
            f"请给出一个来源，而且只给一个 (give one of --events, --http, --nats, --stdin; given: {named})"
        )
    if follow and not (events and events.is_dir()):
        raise click.UsageError(
            "--follow 要 --events 给一个文件夹 (--follow: --events has to name a folder)"
        )
    looking = View(language) if view else None

    def say(words: Words) -> None:
        if looking:
            looking.say(words)
        else:
            click.echo(words.of(language), err=True)

    state.mkdir(parents=True, exist_ok=True)
    try:
        source = _source(state, events, follow, http, nats, say)
        sinks = [] if shadow else sinks_of(state, signals, out, webhook, first_line, sender)
        if parquet and not shadow:
            sinks.append(ParquetFolder(parquet))
        with looking or nullcontext():
            ended = watch_on(
                state, source, sinks, signals, say, shadow_path=shadow_signals,
                show=looking.show if looking else None,
            )  # fmt: skip
    except CannotRun as wrong:
        raise click.ClickException(wrong.says.of(language)) from wrong
    except (ValueError, OSError) as wrong:
        raise click.ClickException(str(wrong)) from wrong
    sys.exit(0 if ended or not events or follow else 3)


def _source(
    state: Path, events: Path | None, follow: bool, http: int | None, nats: str | None, say: Say
) -> Source:
    from fangxian.detect.kinds import Words
    from fangxian.watch.local.door import Address
    from fangxian.watch.local.sources.bodies import Reading
    from fangxian.watch.local.sources.folder import Folder
    from fangxian.watch.local.sources.http import Http
    from fangxian.watch.local.sources.nats import Nats, Stream
    from fangxian.watch.local.sources.stdin import Stdin
    from fangxian.watch.reading import Place, of_batch, of_lines, read_files

    reading = Reading(of_lines, of_batch)
    if events is not None:
        says = {"zh": f"在读 {events}{unread(events, 'zh')}", "en": f"reading {events}{unread(events, 'en')}"}  # fmt: skip
        if follow:
            says |= {
                "zh": says["zh"] + "，并等后来的文件",
                "en": says["en"] + ", and files that come later",
            }
        say(Words(says["zh"], says["en"]))
        return Folder(
            events,
            lambda paths, start: read_files(paths, start=Place(*start) if start else None),
            follow,
        )
    if http is not None:
        return Http(Address(port=http), state, reading, say)
    if nats is not None:
        server, _, stream = nats.rpartition("/")
        if not re.fullmatch(r"(nats|tls|ws|wss)://[^/]+", server) or not stream:
            raise click.BadParameter(
                f"{nats!r}，应如 (expected) nats://host:4222/stream", param_hint="--nats"
            )
        return Nats(Stream(server, stream), reading, say)
    return Stdin(sys.stdin.buffer, state, reading, say)


def sinks_of(
    state: Path, signals: Path | None, out: Path | None, webhook: str | None,
    first_line: str | None, sender: str,
) -> list[Any]:  # fmt: skip
    """Where warnings go. What a sink refuses for good is kept in STATE/refused.jsonl."""
    from fangxian.watch.signals import SHIPPED, read_book
    from fangxian.watch.sinks import FirstLine, JsonLines, Out, Webhook

    def aside(refused: Refused) -> None:
        told = {"id": refused.alert.id, "key": refused.key, "says": refused.says.zh, "answer": refused.answer}  # fmt: skip
        with (state / "refused.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(told, ensure_ascii=False) + "\n")

    sinks: list[Any] = []
    if out:
        sinks.append(Out(sys.stdout) if str(out) == "-" else JsonLines(out))
    if webhook:
        sinks.append(Webhook(webhook, "urn:fangxian:watch", aside))
    if first_line:
        token = os.environ.get(TOKEN)
        if not token:
            raise click.UsageError(f"--first-line: {TOKEN} holds no key")
        book = read_book(SHIPPED, *([signals] if signals else []))
        sinks.append(FirstLine(first_line, token, sender, book, aside))
    return sinks
