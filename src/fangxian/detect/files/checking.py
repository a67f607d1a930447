"""One door for files of texts: the same file again, with what was found behind each text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..kinds import Words
from .objects import check_jsonl
from .opening import UnreadableFile
from .parquet import check_parquet
from .pieces import Counted, Say
from .tables import check_csv


@dataclass(frozen=True)
class Told:
    """Where the answer is, how many rows it has and how many are flagged; `notes` say how the file
    was read where that is not plain (no header, bytes of no coding)."""

    out: Path
    rows: int
    flagged: int
    notes: tuple[Words, ...] = ()


def check_file(
    path: Path, out: Path | None = None, column: str | None = None, progress: bool = False
) -> Told:
    """Write `path` again with three more columns: fraud_probability, fraud_flagged, fraud_grade.

    `column` names the texts; without it that is the column `text`, 短信内容, 内容, message or the
    like. A csv may be in UTF-8, UTF-16 or GB 18030, with commas, tabs or semicolons. It may lack a
    header: then one column is the texts, of several the one with the longest cells, or the one
    whose place (1, 2 …) is handed in as `column`; `notes` say which was taken.
    Raises UnreadableFile with the place and what was expected; then no file is left behind.
    """
    out = out or path.with_name(f"{path.stem}.checked{path.suffix}")
    kind = _KINDS.get(path.suffix.lower())
    if kind is None:
        known = ", ".join(_KINDS)
        raise UnreadableFile(f"{path.name}: cannot read {path.suffix or 'this'}; expected {known}")
    if out.suffix.lower() != path.suffix.lower():
        raise UnreadableFile(f"{out.name}: {path.name} is written as {path.suffix}, name it so")
    partial = out.with_name(out.name + ".part")
    try:
        if out.resolve() == path.resolve():
            raise UnreadableFile(f"{out} is the file to be read; choose another name with --out")
        try:
            with _bar(progress) as say:
                counted = kind(path, partial, column, say)
            partial.replace(out)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as wrong:
        raise UnreadableFile(f"{wrong.filename or path}: {wrong.strerror or wrong}") from wrong
    return Told(out, counted.rows, counted.flagged, tuple(counted.notes))


class _bar:  # noqa: N801  used as a function
    """A progress bar on a terminal, nothing elsewhere."""

    def __init__(self, shown: bool) -> None:
        self.shown = shown

    def __enter__(self) -> Say:
        if not self.shown:
            return lambda _rows: None
        from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TimeElapsedColumn

        self.progress = Progress(SpinnerColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self.progress.start()
        task = self.progress.add_task("", total=None)
        return lambda rows: self.progress.update(task, advance=rows)

    def __exit__(self, *_: object) -> None:
        if self.shown:
            self.progress.stop()


_KINDS: dict[str, Callable[[Path, Path, str | None, Say], Counted]] = {
    ".csv": check_csv, ".jsonl": check_jsonl, ".parquet": check_parquet,
}  # fmt: skip
