"""Looking at one picture."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from ..checking import check
from ..evidence import Evidence, with_evidence
from ..reasons import Reason
from ..verdict import Verdict
from .box import Box
from .codes import Code, codes_in
from .layout import Line, lay_out
from .opening import open_picture
from .reading import lines_in


class PictureReason(NamedTuple):
    """A reason, the words it points at, and where they stand in the picture: one box a line."""

    reason: Reason
    quoted: str
    boxes: tuple[Box, ...]


@dataclass(frozen=True)
class PictureVerdict:
    """What was found in a picture of `size` (width, height in pixels, as shown: turned by its
    EXIF; all boxes are places in that).

    `text` is what was read, in reading order, one bubble or paragraph a line; `lines` its lines as
    they stand; `codes` the QR codes; `verdict` is of the text with the worst code added. `whole` is
    false where the picture is so long or full that a part of it was not read.
    """

    size: tuple[int, int]
    text: str
    lines: tuple[Line, ...]
    codes: tuple[Code, ...]
    verdict: Verdict
    whole: bool

    @cached_property
    def reasons(self) -> tuple[PictureReason, ...]:
        """Why, the weightiest first: what the text says and what the codes are."""
        found = [
            PictureReason(reason, self.text[reason.start : reason.end], self.boxes(reason))
            for reason in self.verdict.reasons
        ]
        for code in self.codes:
            for reason in code.reasons:
                quoted = code.content[reason.start : reason.end]
                found.append(PictureReason(reason, quoted, (code.box,)))
        return tuple(sorted(found, key=lambda each: -abs(each.reason.weight)))

    def boxes(self, reason: Reason) -> tuple[Box, ...]:
        """Where a reason of `verdict` stands in the picture, one box for each line it touches."""
        return tuple(
            line.part(reason.start, reason.end)
            for line in self.lines
            if line.start < reason.end and reason.start < line.end
        )

    def as_verdict(self) -> Verdict:
        """`verdict` with what the codes say among its reasons, and this picture in it."""

        def explain() -> tuple[Reason, ...]:
            # A code's reason is a place in its content, which is no place in the text.
            of_codes = [
                replace(reason, start=0, end=0) for code in self.codes for reason in code.reasons
            ]
            found = [replace(r, part="image") for r in (*self.verdict.reasons, *of_codes)]
            return tuple(sorted(found, key=lambda reason: -abs(reason.weight)))

        return replace(self.verdict, picture=self, _explain=explain)


def check_picture(image: bytes | Path) -> PictureVerdict:
    """What is on a picture (a screenshot, a photograph of a letter or a poster).

    `image`: a PNG, JPEG, WebP, BMP or GIF file or its bytes. Takes a second or two for a screen of
    text; nothing is written to disk or fetched. Raises UnreadablePicture with what is wrong and
    what to do, TypeError for another type, PicturesNotInstalled without `fangxian[pictures]`.
    """
    picture = open_picture(image)
    codes = codes_in(picture)
    found, whole = lines_in(picture.pixels)
    text, lines = lay_out(found, picture)
    return PictureVerdict(picture.size, text, lines, codes, _together(check(text), codes), whole)


def _together(verdict: Verdict, codes: tuple[Code, ...]) -> Verdict:
    """The verdict of the text with what the worst code adds. A harmless code takes nothing away."""
    worst = max((code.weight for code in codes), default=0.0)
    if worst > 0:
        return replace(with_evidence(verdict, [Evidence(worst, ())]), _explain=verdict._explain)
    return replace(verdict, nothing=verdict.nothing and not codes)
