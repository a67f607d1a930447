"""What the other side did, and the campaign of a text, as it was settled when an event needs it."""

from .campaigns import Campaigns
from .cells import STEP, cells, edge_of
from .profile import Counted, Profiles
from .reported import Reported
from .since import Since
from .windows import BUSY, Callers, Done

__all__ = [
    "BUSY",
    "STEP",
    "Callers",
    "Campaigns",
    "Counted",
    "Done",
    "Profiles",
    "Reported",
    "Since",
    "cells",
    "edge_of",
]
