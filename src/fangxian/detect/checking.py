"""Looking at one text, or at many."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from .model import load_model
from .reasons import Reason
from .tokens import LONGEST, grams_of_one, shortened
from .verdict import Grade, Verdict

if TYPE_CHECKING:
    from .calls import Who

AReason = TypeVar("AReason", bound=Reason)
# A dot in one of its ways between letters or digits that are not Chinese: most texts have none.
_MAY_BE_LINK = re.compile(r"[^\W\u3400-\u9fff][\s\[(]{0,3}[.。．点][\s\])]{0,3}[^\W\u3400-\u9fff]")


def check(
    text: str = "",
    *,
    number: str = "",
    url: str = "",
    turns: Iterable[str | tuple[Who, str]] = (),
    image: bytes | Path | None = None,
) -> Verdict:
    """What this is: a text, the number that sent it or rang, a link, the turns of a call, a
    picture; one of them, or several that belong together.

    Of words (text, turns, image) the worst count; a number or a link adds to them. So does a link
    in the text that imitates another's, is a bare IP address or brings a program: more than
    `check_many` sees. `reasons` point into what their `part` names. Any text at all may come; raises
    TypeError for what is no text, and what `check_turns` and `check_picture` raise.
    """
    if not isinstance(text, str):
        raise TypeError(f"check() looks at a text, got {type(text).__name__}")
    if not (number or url or turns or image is not None):
        return _of_text(text)
    from .evidence import nothing_said, of_link, of_number, with_evidence

    said = [_of_text(text)] if text else []
    if turns:
        from .calls import check_turns

        said += check_turns(turns)[-1:]
    if image is not None:
        from .pictures import check_picture

        said.append(check_picture(image).as_verdict())
    worst = max(said, key=lambda each: each.probability, default=nothing_said())
    found = [of_number(number) if number else None, of_link(url) if url else None]
    return with_evidence(worst, [each for each in found if each])


def _of_text(text: str) -> Verdict:
    said, judged = of_words(text), shortened(text)
    if not _MAY_BE_LINK.search(judged):
        return said
    from .evidence import of_links_in, with_evidence

    found = of_links_in(judged)
    if found is None:
        return said
    placed = tuple(in_whole(reason, text) for reason in found.reasons)
    return with_evidence(said, [found._replace(reasons=placed)])


def of_words(text: str) -> Verdict:
    """The verdict of a text's words alone, without a look at its links."""
    model, judged = load_model(), shortened(text)
    read = grams_of_one(judged)
    odds = model.log_odds(read)
    grade = _grade(odds[0])
    kind = genre = stage = ""
    nothing = not len(read.hashes)
    if not nothing:
        names = model.heads.best(read)
        genre = names["genre"]
        if grade is not Grade.CLEAR:
            kind, stage = names["kind"], names["stage"]

    def explain() -> tuple[Reason, ...]:
        from .explaining import reasons_of

        return tuple(in_whole(reason, text) for reason in reasons_of(judged))

    return Verdict(
        probability=float(model.probability(odds)[0]),
        flagged=bool(odds[0] >= np.float32(model.threshold)),
        grade=Grade.CLEAR if nothing else grade,
        kind=kind,
        genre=genre,
        stage=stage,
        nothing=nothing,
        _explain=tuple if nothing else explain,
    )


class Many(NamedTuple):
    """The verdicts of many texts as columns, in the order of the texts."""

    probability: NDArray[np.float32]
    flagged: NDArray[np.bool_]
    grade: NDArray[np.str_]


def check_many(texts: Sequence[str]) -> Many:
    """`check` for many texts at once, without kinds and reasons: the fast path.

    `texts`: any sequence of str, or an Arrow array of strings; None counts as an empty text.
    Raises TypeError for one that is no text, and for one text in place of many.
    """
    if isinstance(texts, str | bytes):
        raise TypeError("check_many() looks at a list of texts, got one text")
    model = load_model()
    try:
        odds = model.log_odds_of(texts)
    except (TypeError, AttributeError) as wrong:
        raise TypeError(_no_text(texts)) from wrong
    steps = np.array([model.doubt, model.threshold, model.danger], np.float32)
    grades = np.array([grade.value for grade in Grade])
    return Many(
        model.probability(odds),
        odds >= np.float32(model.threshold),
        grades[np.searchsorted(steps, odds, "right")],
    )


def _no_text(texts: Sequence[object]) -> str:
    """What is wrong with the first of `texts` that is no text."""
    plain = texts.to_pylist() if hasattr(texts, "to_pylist") else texts
    for number, text in enumerate(plain):
        if text is not None and not isinstance(text, str):
            return f"text {number} is neither a text nor None, got {type(text).__name__}"
    return "check_many() looks at a list of texts"


def in_whole(reason: AReason, text: str) -> AReason:
    """A reason for the part of `text` that is judged, at its place in all of it."""
    left_out = max(0, len(text) - LONGEST - 1)
    if not left_out or reason.end <= LONGEST // 2:
        return reason
    return replace(reason, start=reason.start + left_out, end=reason.end + left_out)


def _grade(odds: float) -> Grade:
    model = load_model()
    # In 32 bits, as for many.
    return _GRADES[
        sum(bool(odds >= np.float32(s)) for s in (model.doubt, model.threshold, model.danger))
    ]


_GRADES = tuple(Grade)
