"""`fangxian check`, `train`, `evaluate`: the detector at the terminal."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from . import terminal

if TYPE_CHECKING:
    from fangxian.detect import Verdict
    from fangxian.detect.opinion import Endpoint

_NOTHING = {"zh": "没有可以判断的内容。", "en": "There is nothing to judge."}
_COLOURS = {"clear": "green", "unsure": "yellow", "risk": "red", "danger": "red"}
_NUMBER = re.compile(r"\s*\+?[\d\s()-]{3,24}\s*")
_LINK = re.compile(r"\s*[^\s\u3000-\u9fff]+\.[^\s\u3000-\u9fff]+\s*")
# Longer ones are no number and no link, and the patterns would take long over them.
_LONGEST_ALONE = 2_000
# Of a text, and of a quotation from it, so much is shown.
_SHOWN, _QUOTED = 2_000, 200
_TURN = re.compile(r"(?:(?P<me>(?:我|me)\s*[:：])|(?:对方|caller)\s*[:：])?\s*(?P<said>.+)")
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
@click.option("--number", default="", help="The number that rang or sent the text.")
@click.option("--url", default="", help="A link that belongs to it.")
@click.option("--call", "turns", type=click.File("rb"),
              help="A call, one turn a line; lines that begin with “我：” or “me:” are the reader's.")  # fmt: skip
@click.option("--picture", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="A screenshot or photograph (needs the extra `pictures`).")  # fmt: skip
@click.option("--file", "path", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="csv, jsonl or parquet; verdict columns are written beside it.")  # fmt: skip
@click.option("--column", default=None, help="Column of FILE with the texts: its name or, in a csv "
              "without a header, its place (1, 2 …). Left out: the column text, 短信内容, 内容 or the "
              "like; without a header the one with the longest cells.")  # fmt: skip
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path),
              help="Where to write; NAME.checked.ending where not given.")  # fmt: skip
@click.option("--opinion", is_flag=True,
              help="Ask the model of FANGXIAN_OPINION_URL as well; personal data is masked.")  # fmt: skip
@_LANGUAGE
def check(
    texts: tuple[str, ...],
    number: str,
    url: str,
    turns: IO[bytes] | None,
    picture: Path | None,
    path: Path | None,
    column: str | None,
    out: Path | None,
    opinion: bool,
    language: str,
) -> None:
    """Is this fraud? TEXTS one by one (a message, a number or a link), lines of standard input, or a
    whole FILE. A number, a link, a call and a picture may be handed in together with one text.

    Texts may be in UTF-8 or GB 18030, each line by itself."""
    terminal.show_what_it_can()
    if path is not None:
        if opinion:
            raise click.UsageError("--opinion asks about single texts, not about a --file")
        _check_file(path, out, column, language)
        return
    endpoint = _endpoint(language) if opinion else None
    texts = tuple(terminal.as_typed(text) for text in texts)
    more = {
        "number": terminal.as_typed(number),
        "url": terminal.as_typed(url),
        "turns": _turns_in(turns) if turns else [],
        "image": picture,
    }
    if any(more.values()):
        if len(texts) > 1:
            raise click.UsageError("one text at a time with --number, --url, --call, --picture")
        _look({"text": "".join(texts), **more}, language, endpoint)
        return
    nothing = True
    for text in texts or terminal.lines(sys.stdin.buffer):
        _look(_alone(text), language, endpoint)
        nothing = False
    if nothing:
        click.echo(_NOTHING[language])


def _check_file(path: Path, out: Path | None, column: str | None, language: str) -> None:
    from fangxian.detect.files import UnreadableFile, check_file

    try:
        told = check_file(path, out, column, progress=sys.stderr.isatty())
    except UnreadableFile as wrong:
        raise click.ClickException(str(wrong)) from wrong
    for note in told.notes:
        click.echo(f"{path.name}: {note.of(language)}", err=True)
    click.echo(f"{told.out}: {told.rows} / {told.flagged}")


def _alone(text: str) -> dict[str, Any]:
    """A text that is nothing but a number or a link is looked at as such."""
    if len(text) > _LONGEST_ALONE:
        return {"text": text}
    if _NUMBER.fullmatch(text):
        return {"number": text}
    if _LINK.fullmatch(text):
        from fangxian.detect.links import look_at_link

        if look_at_link(text).kind != "unreadable":
            return {"url": text}
    return {"text": text}


def _turns_in(file: IO[bytes]) -> list[tuple[str, str]]:
    found = [_TURN.fullmatch(line.strip()) for line in terminal.lines(file)]
    return [("callee" if turn["me"] else "caller", turn["said"]) for turn in found if turn]


def _look(handed_in: dict[str, Any], language: str, endpoint: Endpoint | None) -> None:
    """Show the verdict and, where one is asked for, the second opinion."""
    verdict = _verdict(handed_in)
    _show(handed_in, verdict, language)
    said = "\n".join(_pieces(handed_in, verdict))
    if endpoint is not None and said:
        _show_opinion(said, verdict, endpoint, language)


def _verdict(handed_in: dict[str, Any]) -> Verdict:
    from fangxian.detect import check as look

    if handed_in.get("image") is None:
        return look(**handed_in)
    from fangxian.detect.pictures import PicturesNotInstalled, UnreadablePicture

    try:
        return look(**handed_in)
    except (PicturesNotInstalled, UnreadablePicture) as wrong:
        raise click.ClickException(str(wrong)) from wrong


def _pieces(handed_in: dict[str, Any], verdict: Verdict) -> list[str]:
    """All that was handed in or read, piece by piece."""
    read = verdict.picture.text if verdict.picture else ""
    turns = [said for _who, said in handed_in.get("turns", ())]
    pieces = (handed_in.get("text"), *turns, read, handed_in.get("number"), handed_in.get("url"))
    return [piece for piece in pieces if piece and piece.strip()]


def _endpoint(language: str) -> Endpoint:
    """Where a second opinion is asked. Raises ClickException where nothing is set up."""
    from fangxian.detect.opinion import Endpoint, NoOpinion

    try:
        return Endpoint.required()
    except NoOpinion as none:
        raise click.ClickException(none.says.of(language)) from none


def _show_opinion(text: str, verdict: Verdict, endpoint: Endpoint, language: str) -> None:
    """What leaves, then what came back; without an answer the verdict stands as it is."""
    from fangxian.detect.kinds import kind_name
    from fangxian.detect.opinion import SAYS, NoOpinion, masked, second_opinion

    zh = language == "zh"
    click.echo(f"  {'发给' if zh else 'sent to'} {endpoint.model} ({endpoint.host})")
    sent = masked(text).text
    click.echo(f"    {terminal.shown(sent, len(sent))}")
    try:
        told = second_opinion(text, verdict, endpoint=endpoint)
    except NoOpinion as none:
        click.secho(f"  {none.says.of(language)}", err=True, fg="yellow")
        return
    head = SAYS[told.says].of(language)
    if told.kind:
        head += f" · {kind_name(told.kind).of(language)}"
    if told.agrees is not None:
        same = ("与上面一致", "不一致") if zh else ("agrees", "does not agree")
        head += f" · {same[0] if told.agrees else same[1]}"
    click.echo(f"  第二意见：{head}" if zh else f"  second opinion: {head}")
    click.echo(f"    {terminal.shown(told.words.of(language), _SHOWN)}")


def _show(handed_in: dict[str, Any], verdict: Verdict, language: str) -> None:
    """One verdict: the grade, what was looked at, why, and what to do."""
    from fangxian.detect.kinds import kind_name

    if verdict.nothing:
        click.echo(_NOTHING[language])
        return
    head = f"{verdict.grade.label.of(language)} · {verdict.probability:.0%}"
    if verdict.kind:
        head += f" · {kind_name(verdict.kind).of(language)}"
    click.secho(head, fg=_COLOURS[verdict.grade.value], bold=True)
    for said in _pieces(handed_in, verdict):
        for line in terminal.shown(said, _SHOWN).splitlines():
            click.echo(f"  {line}")
    read = verdict.picture.text if verdict.picture else ""
    for reason in verdict.reasons:
        line = f"  {reason.weight:+.2f}  {reason.says.of(language)}"
        if reason.end and reason.part not in ("number", "url"):
            place = {"text": handed_in.get("text", ""), "image": read}.get(reason.part)
            if place is None:
                _who, place = handed_in["turns"][getattr(reason, "turn", 0)]
            quoted = terminal.shown(place[reason.start : reason.end], _QUOTED)
            line += ("：" if language == "zh" else ": ") + f"“{quoted}”"
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
