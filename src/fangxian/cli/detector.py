"""`fangxian check`, `train`, `evaluate`: the detector at the terminal."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from fangxian.detect import Verdict

_COLOURS = {"clear": "green", "unsure": "yellow", "risk": "red", "danger": "red"}
_LANGUAGE = click.option(
    "--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True,
    help="Language of the answer.",
)  # fmt: skip
_DATA = click.option(
    "--data", type=click.Path(file_okay=False, path_type=Path), default=Path("../shared/data"),
    show_default=True, help="Folder of the public sets; what is not there is left out.",
)  # fmt: skip


@click.command()
@click.argument("texts", nargs=-1)
@click.option("--file", "path", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="csv, jsonl or parquet; verdict columns are written beside it.")  # fmt: skip
@click.option("--column", default="text", show_default=True, help="Column of FILE with the text.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path),
              help="Where to write; NAME.checked.ending where not given.")  # fmt: skip
@_LANGUAGE
def check(
    texts: tuple[str, ...], path: Path | None, column: str, out: Path | None, language: str
) -> None:
    """Is this fraud? TEXTS one by one, lines of standard input, or a whole FILE."""
    if path is not None:
        from fangxian.detect.files import UnreadableFile, check_file

        try:
            told = check_file(path, out, column, progress=sys.stderr.isatty())
        except UnreadableFile as wrong:
            raise click.ClickException(str(wrong)) from wrong
        click.echo(f"{told.out}: {told.rows} / {told.flagged}")
        return
    from fangxian.detect import check as look

    for text in texts or (line.rstrip("\n") for line in sys.stdin):
        _show(text, look(text), language)


def _show(text: str, verdict: Verdict, language: str) -> None:
    """One verdict: the grade, the text with what was seen marked, why, and what to do."""
    from fangxian.detect.kinds import kind_name

    if verdict.nothing:
        click.echo("没有可以判断的内容。" if language == "zh" else "There is nothing to judge.")
        return
    head = f"{verdict.grade.label.of(language)} · {verdict.probability:.0%}"
    if verdict.kind:
        head += f" · {kind_name(verdict.kind).of(language)}"
    click.secho(head, fg=_COLOURS[verdict.grade.value], bold=True)
    click.echo(f"  {text}")
    for reason in verdict.reasons:
        line = f"  {reason.weight:+.2f}  {reason.says.of(language)}"
        if reason.end:
            line += ("：" if language == "zh" else ": ") + f"“{text[reason.start : reason.end]}”"
        click.echo(line)
    for words in verdict.advice:
        click.echo(f"  → {words.of(language)}")


@click.command()
@click.option("--add", type=click.Path(exists=True, dir_okay=False, path_type=Path), multiple=True,
              help="csv of your own reports: columns text, fraud (1 or 0), kind.")  # fmt: skip
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True,
              help="The model's file.")  # fmt: skip
@click.option("--seed", default=0, show_default=True)
@_DATA
def train(add: tuple[Path, ...], out: Path, seed: int, data: Path) -> None:
    """Make a text model: from our own corpus, the public sets in DATA, and reports of your own.

    The same texts and seed give the same file, byte for byte.
    """
    from fangxian.detect.model import write_model
    from fangxian.detect.training import fitting, sources

    sets = {"own": [row for row in sources.own_texts() if row.source == "own"]}
    sets |= {k: v for k, v in sources.public_sets(data).items() if k not in sources.MEASURE_ONLY}
    click.echo(f"own texts: {len(sets['own'])}; public sets: {', '.join(list(sets)[1:]) or 'none'}")
    try:
        for path in add:
            sets[str(path)] = sources.added_texts(path)
    except ValueError as wrong:
        raise click.ClickException(str(wrong)) from wrong
    write_model(fitting.fit(sets, seed, say=click.echo), out)
    click.echo(f"{out}: {out.stat().st_size:,} bytes")


@click.command()
@click.option("--model", "path", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="A model's file; the one that is shipped where not given.")  # fmt: skip
@click.option(
    "--leave-out",
    is_flag=True,
    help="Also train without each public set in turn and test on it (minutes each).",
)
@_DATA
def evaluate(path: Path | None, leave_out: bool, data: Path) -> None:
    """Print how a model does on each set and genre it has not learned from."""
    from rich.console import Console

    from fangxian.detect.model import load_model, read_model
    from fangxian.detect.training import disguise_loss, evaluating

    try:
        model = read_model(path) if path else load_model()
    except ValueError as wrong:
        raise click.ClickException(str(wrong)) from wrong
    rows = evaluating.evaluate(model, data)
    if leave_out:
        rows += evaluating.left_out(data, say=click.echo)
    console = Console(width=100)
    console.print(evaluating.table(rows))
    console.print(disguise_loss.table(disguise_loss.disguised_sets(model, data)))
