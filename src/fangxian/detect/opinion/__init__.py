"""What does another model say of this text? Off by default, asked with personal data masked, and
only ever shown beside our own verdict: it changes no grade and decides nothing."""

from .asking import Opinion, second_opinion
from .endpoint import Endpoint
from .masked import KINDS, Masked, masked
from .question import SAYS
from .refusals import (
    NoOpinion,
    NothingToAsk,
    OpinionNotConfigured,
    OpinionUnreachable,
    OpinionUnusable,
)

__all__ = [
    "KINDS",
    "SAYS",
    "Endpoint",
    "Masked",
    "NoOpinion",
    "NothingToAsk",
    "Opinion",
    "OpinionNotConfigured",
    "OpinionUnreachable",
    "OpinionUnusable",
    "masked",
    "second_opinion",
]
