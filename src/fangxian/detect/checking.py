"""Looking at one text, or at many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .model import load_model
from .reasons import Reason
from .tokens import LONGEST, grams_of_one, shortened
from .verdict import Grade, Verdict


def check(text: str) -> Verdict:
    """What this text is. Any text at all may come; raises TypeError for what is no text.

    The verdict's `reasons` point into `text` as it was handed in.
    """
    if not isinstance(text, str):
        raise TypeError(f"check() looks at a text, got {type(text).__name__}")
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

        # Of a text that was shortened the first part is explained: places stay true.
        return reasons_of(text if judged == text else text[: LONGEST // 2])

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
    """
    model = load_model()
    odds = model.log_odds_of(texts)
    steps = np.array([model.doubt, model.threshold, model.danger], np.float32)
    grades = np.array([grade.value for grade in Grade])
    return Many(
        model.probability(odds),
        odds >= np.float32(model.threshold),
        grades[np.searchsorted(steps, odds, "right")],
    )


def _grade(odds: float) -> Grade:
    model = load_model()
    # In 32 bits, as for many.
    return _GRADES[
        sum(bool(odds >= np.float32(s)) for s in (model.doubt, model.threshold, model.danger))
    ]


_GRADES = tuple(Grade)
