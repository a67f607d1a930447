"""What several commands of the watch ask for, checked before any work is done."""

from __future__ import annotations

import re
from pathlib import Path

import click

TOKEN = "FANGXIAN_FIRST_LINE_TOKEN"  # noqa: S105 - the name of a variable

# A file of warnings; - is standard output.
OUT = click.Path(path_type=Path, dir_okay=False, allow_dash=True)
# A book of signals of one's own.
BOOK = click.Path(path_type=Path, exists=True, dir_okay=False)
LANGUAGE = click.option(
    "--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True,
    help="Language of the answer.",
)  # fmt: skip


def web_address(_context: click.Context, given: click.Parameter, url: str | None) -> str | None:
    """Raises BadParameter for what cannot be posted to."""
    if url and not re.match(r"https?://[^/\s]+", url):
        raise click.BadParameter(
            f"{url!r} 不是网址 (no address): http://… or https://…", param=given
        )
    return url


def new_file(_context: click.Context, given: click.Parameter, path: Path | None) -> Path | None:
    """Raises BadParameter for a file in a folder that is not there."""
    if path and not path.parent.is_dir():
        raise click.BadParameter(f"没有文件夹 (no folder) {path.parent}", param=given)
    return path
