"""What a number did in the last hour and day, as it was settled when an event needs it."""

from .cells import STEP, edge_of
from .profile import Counted, Profiles
from .since import Since
from .windows import BUSY, Callers, Done

__all__ = ["BUSY", "STEP", "Callers", "Counted", "Done", "Profiles", "Since", "edge_of"]
