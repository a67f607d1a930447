"""A figure that says what it is and where it comes from, and can be counted with."""

from __future__ import annotations

from fangxian.detect.kinds import Words

GUESS = Words("估计", "a guess")


class Assumed(float):
    """A number with the words of its row in the documentation. `basis`: where it comes from."""

    says: Words
    basis: Words

    def __new__(cls, value: float, zh: str, en: str, basis: Words = GUESS) -> Assumed:
        made = super().__new__(cls, value)
        made.says, made.basis = Words(zh, en), basis
        return made
