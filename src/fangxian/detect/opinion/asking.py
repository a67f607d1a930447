"""Asking another model about one text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..kinds.words import Words
from .endpoint import Endpoint
from .masked import masked
from .question import Says, question
from .refusals import NothingToAsk

if TYPE_CHECKING:
    from ..verdict import Verdict


@dataclass(frozen=True)
class Opinion:
    """What another model says, to be shown beside our verdict and never in its place.

    `kind`: one of ours, "" for none; `words`: its reason, the model's own words; `agrees` with the
    verdict: None where there is none to compare or either is unsure; `model` as it was asked for;
    `sent`: the masked text, exactly as it left this machine.
    """

    says: Says
    kind: str
    words: Words
    agrees: bool | None
    model: str
    sent: str


def second_opinion(
    text: str, verdict: Verdict | None = None, *, endpoint: Endpoint | None = None
) -> Opinion:
    """What the model at `endpoint`, else the one named in the environment, says of `text`.

    Only `masked(text)` leaves, the verdict never does: whoever is asked for a second opinion should
    not know the first. Raises OpinionNotConfigured (nothing is opened then), NothingToAsk,
    OpinionUnreachable, OpinionUnusable, each a NoOpinion; TypeError for what is no text.
    """
    if not isinstance(text, str):
        raise TypeError(f"文本应为文字（str），实际是 {type(text).__name__}")
    endpoint = endpoint or Endpoint.required()
    sent = masked(text).text
    if not any(c.isalnum() for c in sent):
        raise NothingToAsk("没有可以判断的内容。", "there is nothing to judge")
    from .posting import post
    from .reply import read_reply

    reply = read_reply(post(endpoint, question(endpoint.model, sent)))
    return Opinion(
        says=reply.says,
        kind=reply.kind,
        words=reply.words,
        agrees=_agrees(reply.says, verdict),
        model=endpoint.model,
        sent=sent,
    )


def _agrees(says: str, verdict: Verdict | None) -> bool | None:
    from ..verdict import Grade

    if verdict is None or verdict.nothing or verdict.grade is Grade.UNSURE or says == "unsure":
        return None
    return (says == "fraud") == verdict.flagged
