"""What a number did in the last hour and day, as it was settled when an event needs it."""

from .cells import STEP, cells, edge_of
from .profile import Counted, Profiles
from .reported import Reported
from .since import Since
from .windows import BUSY, Callers, Done

__all__ = [
    "BUSY",
    "STEP",
    "Callers",
    "Counted",
    "Done",
    "Profiles",
    "Reported",
    "Since",
    "cells",
    "edge_of",
]
