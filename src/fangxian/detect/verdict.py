"""What the detector says of something, and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from .kinds import Words, kind
from .reasons import Reason

if TYPE_CHECKING:
    from .pictures import PictureVerdict


class Grade(StrEnum):
    """How sure the detector is, from harmless to certain."""

    CLEAR = "clear"
    UNSURE = "unsure"
    RISK = "risk"
    DANGER = "danger"

    @property
    def label(self) -> Words:
        """The grade in the words a resident reads."""
        return _LABELS[self]


_LABELS = {
    Grade.CLEAR: Words("没看出诈骗", "no sign of fraud"),
    Grade.UNSURE: Words("说不准，先问一问", "not sure: ask somebody first"),
    Grade.RISK: Words("很可能是诈骗", "very likely fraud"),
    Grade.DANGER: Words("是诈骗，不要照做", "fraud: do not do what it says"),
}
# Said whatever the grade: no detector sees everything, and none has looked at who sent it.
_CLEAR_ADVICE = (
    Words(
        "没看出问题，不等于没问题。要转账、给验证码之前，先打对方的官方电话或家里人的电话问一声。",
        "Nothing was found, which proves nothing. Before you send money or a code, ring the official "
        "number or somebody of your family.",
    ),
)
_UNSURE_ADVICE = (
    Words(
        "先别转账、别点链接、别给验证码，问家里人或社区民警，也可以打96110。",
        "Send no money, follow no link, give no code yet: ask your family or the community officer, "
        "or ring 96110.",
    ),
)


@dataclass(frozen=True)
class Verdict:
    """What was found. `probability` is calibrated for a mix of which half is fraud; `flagged`: at or
    above the model's one threshold. `kind` is a kind of fraud, "" unless the grade is RISK, DANGER or
    UNSURE; `genre` what an honest text of this sort would be; `stage` how far a fraud has got
    (contact, trust, isolate, pay, fee), "" where there is none. Nothing to judge: `probability` is
    that of nothing at all and `nothing` is true. `picture` is what was read from an image, and where
    it stands there."""

    probability: float
    flagged: bool
    grade: Grade
    kind: str = ""
    genre: str = ""
    stage: str = ""
    nothing: bool = False
    picture: PictureVerdict | None = field(default=None, repr=False, compare=False)
    _explain: Callable[[], tuple[Reason, ...]] = field(default=tuple, repr=False, compare=False)

    @cached_property
    def reasons(self) -> tuple[Reason, ...]:
        """Why, the weightiest first; worked out when first asked for."""
        return self._explain()

    @property
    def advice(self) -> tuple[Words, ...]:
        """What to do, in words that can be read aloud."""
        if self.grade is Grade.CLEAR:
            return _CLEAR_ADVICE
        if self.grade is Grade.UNSURE or not self.kind:
            return _UNSURE_ADVICE
        return kind(self.kind).advice
