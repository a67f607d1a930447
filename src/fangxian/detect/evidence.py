"""What a number, a link or a picture adds to what words say."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from .links import LinkView, links_in, look_at_link
from .model import load_model
from .reasons import Part, Reason
from .telephone import look_at_number
from .verdict import Grade, Verdict

# What is wrong with these is in the address itself, whatever it is called; an ordinary name in a
# text is left to the model of words, which has seen how honest senders write theirs.
_PLAINLY_WRONG = ("lookalike", "ip", "package")


class Evidence(NamedTuple):
    """What one thing that was handed in adds to the log-odds of fraud, and why."""

    weight: float
    reasons: tuple[Reason, ...]


def of_number(number: str) -> Evidence | None:
    """Of a number that rang or sent the text; None for what is no number."""
    seen = look_at_number(number)
    if seen.kind == "not_a_number":
        return None
    return Evidence(seen.weight, _of_part(seen.reasons, "number"))


def of_link(url: str) -> Evidence | None:
    """Of a link; None for what is none."""
    seen = look_at_link(url)
    if seen.kind == "unreadable":
        return None
    return Evidence(seen.weight, _of_part(seen.reasons, "url"))


def of_links_in(text: str) -> Evidence | None:
    """Of the worst link in a text that is plainly wrong; None where there is none."""
    wrong = [link for _, _, link in links_in(text) if _is_plainly_wrong(link)]
    if not wrong:
        return None
    worst = max(wrong, key=lambda link: link.weight)
    return Evidence(worst.weight, worst.reasons)


def nothing_said() -> Verdict:
    """The verdict where no words were handed in: as likely as not."""
    return Verdict(probability=0.5, flagged=False, grade=Grade.UNSURE, nothing=True)


def with_evidence(said: Verdict, found: Sequence[Evidence]) -> Verdict:
    """`said` with what was found added to its log-odds; where nothing was said, to even odds, and
    what is not plainly harmless then is UNSURE.

    Beside words what speaks for a number or a link takes nothing away: whoever lies may show the
    bank's own address, and its number too.
    """
    if not found:
        return said
    if not said.nothing:
        found = [_against_only(each) for each in found]
    before = 0.5 if said.nothing else min(max(said.probability, 1e-9), 1 - 1e-9)
    odds = math.log(before / (1 - before)) + sum(each.weight for each in found)
    probability = 1 / (1 + math.exp(-odds))
    model = load_model()
    steps = model.probability(np.array([model.doubt, model.threshold, model.danger], np.float32))
    reached = int((probability >= steps).sum())
    grades = list(Grade)
    if said.nothing:
        reached = max(reached, int(probability >= before))
    else:
        reached = max(reached, grades.index(said.grade))

    def explain() -> tuple[Reason, ...]:
        more = [reason for each in found for reason in each.reasons]
        return tuple(sorted([*said.reasons, *more], key=lambda reason: -abs(reason.weight)))

    return Verdict(
        probability=probability,
        flagged=said.flagged or bool(probability >= steps[1]),
        grade=grades[reached],
        kind=said.kind,
        genre=said.genre,
        stage=said.stage,
        picture=said.picture,
        _explain=explain,
    )


def _against_only(found: Evidence) -> Evidence:
    if found.weight > 0:
        return found
    return Evidence(0.0, tuple(replace(each, weight=0.0) for each in found.reasons))


def _is_plainly_wrong(link: LinkView) -> bool:
    return link.kind in _PLAINLY_WRONG and link.weight > 0


def _of_part(reasons: tuple[Reason, ...], part: Part) -> tuple[Reason, ...]:
    return tuple(replace(reason, part=part) for reason in reasons)
