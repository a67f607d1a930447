"""Why there is no second opinion, in a sentence that says what to do.

No sentence holds the key, the text that was asked about, or anything that a server said.
"""

from __future__ import annotations

from ..kinds.words import Words


class NoOpinion(Exception):
    """There is no second opinion; `says` why and what to do, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} ({en})")
        self.says = Words(zh, en)


class OpinionNotConfigured(NoOpinion):
    """No endpoint is set, or what is set cannot be one."""


class NothingToAsk(NoOpinion):
    """The text holds nothing to judge."""


class OpinionUnreachable(NoOpinion):
    """The endpoint did not answer, not in time, or with an error."""


class OpinionUnusable(NoOpinion):
    """The endpoint answered something that is no opinion."""
