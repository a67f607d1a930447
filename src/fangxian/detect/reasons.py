"""Why a verdict is what it is: one reason, in words that a resident understands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .kinds import Words

# What was handed in, or read from it: an image's place is one in the text that was read there.
Part = Literal["text", "number", "url", "turns", "image"]


@dataclass(frozen=True)
class Reason:
    """One thing that was seen, where, and how much it counts.

    `key` names it for machines (`asks_secret`, `link_lookalike`); `weight` is what it adds to the
    log-odds that this is fraud, negative for what speaks against it. `start` to `end` is its place
    in the `part` that was handed in, in characters; both 0 where it has none.
    """

    key: str
    says: Words
    weight: float
    start: int = 0
    end: int = 0
    part: Part = "text"
