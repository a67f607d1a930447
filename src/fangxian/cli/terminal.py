"""What comes in from a terminal, in whatever coding, and what may be shown there."""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterator
from typing import IO

# A line that is longer is handed on in pieces.
_LONGEST_LINE = 4_000_000
# What would command the terminal, or turn the order of what is shown; and halves of characters.
_UNSHOWN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def lines(file: IO[bytes]) -> Iterator[str]:
    """The lines of a file or of standard input, without their ends."""
    from fangxian.detect.files import decoded

    mark = "\ufeff"
    while line := file.readline(_LONGEST_LINE):
        yield decoded(line)[0].removeprefix(mark).rstrip("\r\n")
        mark = ""


def as_typed(text: str) -> str:
    """An argument that is no UTF-8 comes in with its bytes as halves of characters (PEP 383)."""
    from fangxian.detect.files import decoded

    try:
        return text if text.isascii() else decoded(os.fsencode(text))[0]
    except UnicodeEncodeError:
        return text


def shown(text: str, most: int) -> str:
    """A text as a terminal may show it, cut to `most` characters."""
    plain = _UNSHOWN.sub("\ufffd", text[: most + 1])
    return plain if len(plain) <= most else plain[:most] + "…"


def show_what_it_can() -> None:
    """A terminal that has no sign for a character shows a ? in its place from now on."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
